# samplers: one line each.
samplers_LTLIBRARIES += plugins/samplers/normal.la
