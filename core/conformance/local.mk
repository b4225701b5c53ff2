# conformance: what every plugin is held to.
libfenchel_la_SOURCES += \
	core/conformance/conformance.h \
	core/conformance/bits.c \
	core/conformance/child.c \
	core/conformance/conjugate.c \
	core/conformance/derivative.c \
	core/conformance/driver.c \
	core/conformance/engine.c \
	core/conformance/evaluator.c \
	core/conformance/fold.c \
	core/conformance/gradients.c \
	core/conformance/harvest.c \
	core/conformance/host.h \
	core/conformance/inverse.c \
	core/conformance/law.c \
	core/conformance/law.h \
	core/conformance/op.c \
	core/conformance/op.h \
	core/conformance/optimizer.c \
	core/conformance/quadrature.c \
	core/conformance/samples.c \
	core/conformance/schema.c \
	core/conformance/setup.c \
	core/conformance/shapes.c \
	core/conformance/source.c \
	core/conformance/suite.c \
	core/conformance/trial.c \
	core/conformance/values.c
EXTRA_DIST += core/conformance/README.md
