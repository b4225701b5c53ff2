# bench: programs and scripts that measure; `make bench` runs all, never a part of the tests.
EXTRA_PROGRAMS += bench/measure bench/gemm
bench_measure_SOURCES = bench/measure.c bench/profile.c bench/profile.h bench/machine.c bench/machine.h
bench_measure_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bench
bench_measure_LDFLAGS =
bench_gemm_SOURCES = bench/gemm.c bench/machine.c bench/machine.h
bench_gemm_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bench
bench_gemm_LDFLAGS =
bench_gemm_LDADD = libfenchel.la $(OPENBLAS_LIBS) -lm
bench_measure_LDADD = libfenchel.la -lm
EXTRA_DIST += bench/README.md bench/run bench/peers/peer.py bench/peers/setup
EXTRA_DIST += bench/models/vae.yaml bench/models/gan1d.yaml bench/models/wgangp.yaml bench/models/realnvp.yaml

bench: all bench/measure bench/gemm
	BUILD=$(abs_builddir) $(srcdir)/bench/run $(BENCH)
.PHONY: bench
