# plugins: one source file is one module is one line in the local.mk of its kind. A module's source needs no line of its own where it
# is the .c of the same name. Installed into the folder of its kind below $(pkglibdir), where the registry looks.
layersdir = $(pkglibdir)/layers
divergencesdir = $(pkglibdir)/divergences
samplersdir = $(pkglibdir)/samplers
optimizersdir = $(pkglibdir)/optimizers
metricsdir = $(pkglibdir)/metrics
layers_LTLIBRARIES =
divergences_LTLIBRARIES =
samplers_LTLIBRARIES =
optimizers_LTLIBRARIES =
metrics_LTLIBRARIES =

include plugins/layers/local.mk
include plugins/divergences/local.mk
include plugins/samplers/local.mk
include plugins/optimizers/local.mk
include plugins/metrics/local.mk
include plugins/template/local.mk

modules = $(layers_LTLIBRARIES) $(divergences_LTLIBRARIES) $(samplers_LTLIBRARIES) $(optimizers_LTLIBRARIES) $(metrics_LTLIBRARIES)
$(modules) $(noinst_LTLIBRARIES): libfenchel.la

# Installing a module links it again, to the installed library: that one comes first, also with make -j.
install-layersLTLIBRARIES install-divergencesLTLIBRARIES install-samplersLTLIBRARIES: install-libLTLIBRARIES
install-optimizersLTLIBRARIES install-metricsLTLIBRARIES: install-libLTLIBRARIES

dist_pkgdata_DATA = plugins/fenchel-plugin.mk
EXTRA_DIST += plugins/README.md
