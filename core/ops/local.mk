# ops
libfenchel_la_SOURCES += core/ops/blas.c
libfenchel_la_SOURCES += core/ops/blas.h
libfenchel_la_SOURCES += core/ops/blas.inc
libfenchel_la_SOURCES += core/ops/cells.h
libfenchel_la_SOURCES += core/ops/linear.c
libfenchel_la_SOURCES += core/ops/linear.inc
libfenchel_la_SOURCES += core/ops/matrices.c
libfenchel_la_SOURCES += core/ops/ops.h
libfenchel_la_SOURCES += core/ops/position.c
libfenchel_la_SOURCES += core/ops/reduce.c
libfenchel_la_SOURCES += core/ops/reduce.inc
libfenchel_la_SOURCES += core/ops/reduce_real.inc
libfenchel_la_SOURCES += core/ops/structure.c
libfenchel_la_SOURCES += core/ops/verbs.c
