# Fuzz targets (see README.md): each is a program that plays its corpus, so what was found stays found without clang.
FUZZ_TARGETS = tests/fuzz/replay_document tests/fuzz/replay_expression tests/fuzz/replay_experiment tests/fuzz/replay_idx tests/fuzz/replay_npy \
	tests/fuzz/replay_csv
check_PROGRAMS += $(FUZZ_TARGETS)
tests_fuzz_replay_document_SOURCES = tests/fuzz/fuzz_document.c tests/fuzz/replay.c
tests_fuzz_replay_expression_SOURCES = tests/fuzz/fuzz_expression.c tests/fuzz/replay.c
tests_fuzz_replay_experiment_SOURCES = tests/fuzz/fuzz_experiment.c tests/fuzz/limited.h tests/fuzz/replay.c
tests_fuzz_replay_idx_SOURCES = tests/fuzz/fuzz_idx.c tests/fuzz/reader.h tests/fuzz/replay.c
tests_fuzz_replay_npy_SOURCES = tests/fuzz/fuzz_npy.c tests/fuzz/reader.h tests/fuzz/replay.c
tests_fuzz_replay_csv_SOURCES = tests/fuzz/fuzz_csv.c tests/fuzz/reader.h tests/fuzz/replay.c
EXTRA_DIST += tests/fuzz/README.md tests/fuzz/run tests/fuzz/fuzz.mk tests/fuzz/dictionary tests/fuzz/corpus

# FUZZ_SECONDS (600) for each target, two at a time; needs clang.
fuzz:
	PACKAGE_CFLAGS='$(YAML_CFLAGS) $(HDF5_CFLAGS) $(PNG_CFLAGS) $(ZLIB_CFLAGS) $(OPENBLAS_CFLAGS) $(LAPACK_CFLAGS)' \
	PACKAGE_LIBS='$(libfenchel_la_LIBADD) $(LIBS)' $(srcdir)/tests/fuzz/run $(abs_builddir)/build-fuzz
.PHONY: fuzz
