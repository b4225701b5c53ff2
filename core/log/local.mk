# log
libfenchel_la_SOURCES += core/log/hdf5.h
libfenchel_la_SOURCES += core/log/log.h
