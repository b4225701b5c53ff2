# log: HDF5 files: checkpoints, users' tables, the log of a run.
libfenchel_la_SOURCES += \
	core/log/hdf5.h core/log/hdf5_file.h core/log/hdf5.c \
	core/log/arrays.c core/log/table.c \
	core/log/log.h core/log/schema.h core/log/schema.c core/log/log.c core/log/relay.c \
	core/log/live.h core/log/live.c core/log/read.c core/log/show.c \
	core/log/snapshot.h core/log/snapshot.c core/log/repair.c \
	core/log/zip.h core/log/zip.c core/log/npz.c core/log/csv.c
EXTRA_DIST += core/log/README.md
