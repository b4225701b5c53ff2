libfenchel_la_SOURCES += \
	core/train/accumulate.c \
	core/train/aim.c \
	core/train/aim.h \
	core/train/chain.c \
	core/train/checkpoint.c \
	core/train/draws.c \
	core/train/evaluate.c \
	core/train/evaluate.h \
	core/train/expect.c \
	core/train/folder.c \
	core/train/folder.h \
	core/train/game.c \
	core/train/measure.c \
	core/train/memory.c \
	core/train/picture.c \
	core/train/play.c \
	core/train/player.c \
	core/train/resolved.c \
	core/train/run.c \
	core/train/schema.c \
	core/train/schema.h \
	core/train/start.c \
	core/train/sweep.c \
	core/train/train.h
EXTRA_DIST += core/train/README.md
