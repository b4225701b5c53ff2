# graph: values, verbs, gradients.
libfenchel_la_SOURCES += \
	core/graph/builder.h \
	core/graph/shape.c \
	core/graph/builder.c \
	core/graph/verbs.c \
	core/graph/noise.c \
	core/graph/gradient.c
EXTRA_DIST += core/graph/README.md
