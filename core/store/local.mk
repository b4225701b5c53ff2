# store: persistent tensors by name.
libfenchel_la_SOURCES += core/store/store.c core/store/store.h
EXTRA_DIST += core/store/README.md
