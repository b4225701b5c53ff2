# kernels
libfenchel_la_SOURCES += core/kernels/clones.h
libfenchel_la_SOURCES += core/kernels/elementwise.inc
libfenchel_la_SOURCES += core/kernels/isa.c
libfenchel_la_SOURCES += core/kernels/isa.h
libfenchel_la_SOURCES += core/kernels/power.inc
libfenchel_la_SOURCES += core/kernels/special.c
libfenchel_la_SOURCES += core/kernels/special.h
libfenchel_la_SOURCES += core/kernels/strided.c
libfenchel_la_SOURCES += core/kernels/strided.h
libfenchel_la_SOURCES += core/kernels/strided.inc
libfenchel_la_SOURCES += core/kernels/twice.h
libfenchel_la_SOURCES += core/kernels/vmath.h
libfenchel_la_SOURCES += core/kernels/vmath.inc
libfenchel_la_SOURCES += core/kernels/noise.c
libfenchel_la_SOURCES += core/kernels/noise.h
EXTRA_DIST += core/kernels/README.md
