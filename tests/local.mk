# tests: programs of CUnit, one an area, and scripts. Each ends with a line "N passed, N failed"; ./bootstrap check adds these up.
AM_TESTS_ENVIRONMENT = FENCHEL_PLUGIN_PATH='$(abs_builddir)/plugins'; FENCHEL_SRCDIR='$(abs_srcdir)'; \
	FENCHEL_BUILDDIR='$(abs_builddir)'; FENCHEL='$(abs_builddir)/fenchel'; CC='$(CC)'; \
	export FENCHEL_PLUGIN_PATH FENCHEL_SRCDIR FENCHEL_BUILDDIR FENCHEL CC;

# What programs without an LDADD of their own take.
LDADD = libfenchel.la $(CUNIT_LIBS) -lm

# A program needs no _SOURCES where it is one file of its own name.
if FEN_CUNIT
# -- unit tests: one line each --
check_PROGRAMS += tests/unit/test_base
check_PROGRAMS += tests/unit/test_store
# -- end of unit tests --
endif

# -- scripts: one line each --
check_SCRIPTS += tests/listed
check_SCRIPTS += tests/headers
# -- end of scripts --

TESTS += $(check_PROGRAMS) $(check_SCRIPTS)
EXTRA_DIST += $(check_SCRIPTS) tests/unit/test.h
