# plugin: modules, what their functions promise, the frame of a call.
libfenchel_la_SOURCES += \
	core/plugin/registry.c core/plugin/registry.h \
	core/plugin/loader.c core/plugin/loader.h core/plugin/trust.c core/plugin/search.c \
	core/plugin/probe.c core/plugin/surroundings.c \
	core/plugin/where.c core/plugin/where.h \
	core/plugin/schema.c core/plugin/schema.h core/plugin/pattern.h core/plugin/ports.c core/plugin/words.c core/plugin/tables.c core/plugin/describe.c \
	core/plugin/call.c core/plugin/call.h core/plugin/attributes.c core/plugin/draws.c core/plugin/values.c
EXTRA_DIST += core/plugin/README.md
