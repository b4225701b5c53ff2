# What `fenchel new` writes: a source, a test and an example for each kind, and what all have. The sources are compiled like every plugin, so
# that they cannot rot; a module of these is never installed. The rpath makes it a shared object.
templatedir = $(pkgdatadir)/template
dist_template_DATA = plugins/template/plugin.mk plugins/template/plugin.md \
	plugins/template/layer.c plugins/template/layer.test.yaml plugins/template/layer.example.yaml \
	plugins/template/divergence.c plugins/template/divergence.test.yaml plugins/template/divergence.example.yaml \
	plugins/template/sampler.c plugins/template/sampler.test.yaml plugins/template/sampler.example.yaml \
	plugins/template/optimizer.c plugins/template/optimizer.test.yaml plugins/template/optimizer.example.yaml \
	plugins/template/metric.c plugins/template/metric.test.yaml plugins/template/metric.example.yaml \
	plugins/template/op.c plugins/template/op.test.yaml plugins/template/op.example.yaml \
	plugins/template/source.c plugins/template/source.test.yaml plugins/template/source.example.yaml \
	plugins/template/driver.c plugins/template/driver.test.yaml plugins/template/driver.example.yaml

noinst_LTLIBRARIES += plugins/template/layer.la plugins/template/divergence.la plugins/template/sampler.la plugins/template/optimizer.la \
	plugins/template/metric.la plugins/template/op.la plugins/template/source.la plugins/template/driver.la
plugins_template_layer_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
plugins_template_divergence_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
plugins_template_sampler_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
plugins_template_optimizer_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
plugins_template_metric_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
plugins_template_op_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
plugins_template_source_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
plugins_template_driver_la_LDFLAGS = $(AM_LDFLAGS) -rpath /nowhere
