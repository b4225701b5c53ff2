libfenchel_la_SOURCES += \
	core/cli/cli.h \
	core/cli/commands.c core/cli/log.c core/cli/new.c \
	core/cli/plugin.c
fenchel_SOURCES += core/cli/main.c
EXTRA_DIST += core/cli/README.md
