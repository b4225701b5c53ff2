# divergences: one line each.
divergences_LTLIBRARIES += plugins/divergences/gan_qp.la
