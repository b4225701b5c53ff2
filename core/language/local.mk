libfenchel_la_SOURCES += \
	core/language/attribute.c \
	core/language/attribute.h \
	core/language/entry.c \
	core/language/evaluate.c \
	core/language/experiment.c \
	core/language/functions.c \
	core/language/inverse.c \
	core/language/invoke.c \
	core/language/language.h \
	core/language/layers.c \
	core/language/look.c \
	core/language/metric.c \
	core/language/metric.h \
	core/language/network.c \
	core/language/network.h \
	core/language/node.c \
	core/language/parameters.c \
	core/language/reduce.c \
	core/language/sampler.c \
	core/language/scope.c \
	core/language/source.c \
	core/language/source.h \
	core/language/use.c
EXTRA_DIST += core/language/README.md
