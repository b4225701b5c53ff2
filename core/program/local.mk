# core/program: from a graph to steps in a row.
libfenchel_la_SOURCES += core/program/program.h core/program/plan.h core/program/run.h \
    core/program/simplify.c core/program/rules.c core/program/fold.c core/program/aims.c core/program/reading.c \
    core/program/fuse.c core/program/order.c core/program/commit.c core/program/place.c \
    core/program/emit.c core/program/group.c core/program/combine.c core/program/combine.inc core/program/tile.c core/program/move.c core/program/run.c
EXTRA_DIST += core/program/README.md
