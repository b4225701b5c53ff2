# The template is compiled like every plugin, so that it cannot rot, and is never installed. The rpath makes it a shared object.
noinst_LTLIBRARIES += plugins/template/template.la
plugins_template_template_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
