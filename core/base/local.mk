# base: memory, faults, randomness, files, threads.
libfenchel_la_SOURCES += \
	core/base/memory.c core/base/memory.h core/base/left.c \
	core/base/fault.c core/base/fault.h \
	core/base/random.c core/base/sha256.c core/base/sha256.h core/base/random.h core/base/draw.c \
	core/base/io.c core/base/io.h \
	core/base/pool.c core/base/pool.h core/base/cores.c
EXTRA_DIST += core/base/README.md
