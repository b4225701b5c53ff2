# tests: programs of CUnit, one an area, and scripts. Each ends with a line "N passed, N failed"; ./bootstrap check adds these up.
AM_TESTS_ENVIRONMENT = FENCHEL_PLUGIN_PATH='$(abs_builddir)/plugins'; FENCHEL_SRCDIR='$(abs_srcdir)'; \
	FENCHEL_BUILDDIR='$(abs_builddir)'; FENCHEL='$(abs_builddir)/fenchel'; CC='$(CC)'; \
	export FENCHEL_PLUGIN_PATH FENCHEL_SRCDIR FENCHEL_BUILDDIR FENCHEL CC;

# What programs without an LDADD of their own take.
LDADD = libfenchel.la $(CUNIT_LIBS) $(ZLIB_LIBS) -lm

# A program needs no _SOURCES where it is one file of its own name.
if FEN_CUNIT
# -- unit tests: one line each --
check_PROGRAMS += tests/unit/test_base
check_PROGRAMS += tests/unit/test_store
check_PROGRAMS += tests/unit/test_ops
check_PROGRAMS += tests/unit/test_registry
check_PROGRAMS += tests/unit/test_kernels
check_PROGRAMS += tests/unit/test_verbs
check_PROGRAMS += tests/unit/test_derivatives
check_PROGRAMS += tests/unit/test_document
check_PROGRAMS += tests/unit/test_expression
check_PROGRAMS += tests/unit/test_plugin
check_PROGRAMS += tests/unit/test_tables
check_PROGRAMS += tests/unit/test_modules
check_PROGRAMS += tests/unit/test_functions
check_PROGRAMS += tests/unit/test_files
check_PROGRAMS += tests/unit/test_layers
check_PROGRAMS += tests/unit/test_vmath
check_PROGRAMS += tests/unit/test_gemm
check_PROGRAMS += tests/unit/test_builder
check_PROGRAMS += tests/unit/test_gradient
check_PROGRAMS += tests/unit/test_noise
check_PROGRAMS += tests/unit/test_program
check_PROGRAMS += tests/unit/test_log
check_PROGRAMS += tests/unit/test_report
# -- end of unit tests --
endif

# -- scripts: one line each --
check_SCRIPTS += tests/listed
check_SCRIPTS += tests/headers
check_SCRIPTS += tests/outside
check_SCRIPTS += tests/installed
check_SCRIPTS += tests/conformance
check_SCRIPTS += tests/fetch
check_SCRIPTS += tests/docs
check_SCRIPTS += tests/python/test_log.py
check_SCRIPTS += tests/python/test_torch.py
check_SCRIPTS += tests/regress/run
check_SCRIPTS += tests/check-examples
check_SCRIPTS += tests/e2e/bad.py
check_SCRIPTS += tests/e2e/run.py
check_SCRIPTS += tests/e2e/sweep.py
check_SCRIPTS += tests/e2e/same.py
check_SCRIPTS += tests/e2e/log.py
check_SCRIPTS += tests/e2e/verbs.py
check_SCRIPTS += tests/e2e/kills.py
check_SCRIPTS += tests/e2e/faults.py
check_SCRIPTS += tests/e2e/values.py
# -- end of scripts --

# What scripts start: built by make check, no test itself.
EXTRA_PROGRAMS += tests/unit/log_writer tests/unit/torch_graphs
check_DATA = tests/unit/log_writer tests/unit/torch_graphs
CLEANFILES += $(EXTRA_PROGRAMS)

TESTS += $(check_PROGRAMS) $(check_SCRIPTS)
EXTRA_DIST += tests/unit/random_program.h tests/unit/random_values.h tests/unit/op_rules.h tests/unit/op_examples.h
EXTRA_DIST += tests/unit/op_examples_elementwise.h tests/unit/op_examples_structure.h tests/unit/op_examples_matrix.h
EXTRA_DIST += $(check_SCRIPTS) tests/unit/test.h tests/unit/evaluate.h
EXTRA_DIST += tests/unit/function.h tests/unit/host.h
EXTRA_DIST += tests/README.md
EXTRA_DIST += tests/expected-check.txt tests/acceptance
EXTRA_DIST += tests/yaml tests/bad tests/regress
EXTRA_DIST += tests/e2e/README.md tests/e2e/common.py tests/e2e/fail.c tests/python/damaged tests/e2e/yaml
include tests/plugins/local.mk
include tests/wrong/local.mk
include tests/fuzz/local.mk
