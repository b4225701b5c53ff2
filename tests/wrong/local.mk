# Modules that tests/conformance compiles itself, with $(CC): what is wrong with each must be found.
EXTRA_DIST += tests/wrong/README.md tests/wrong/expected tests/wrong/wrong.h
EXTRA_DIST += tests/wrong/conjugates.c tests/wrong/falling.c tests/wrong/hanging.c tests/wrong/helpless.c tests/wrong/hosts.c tests/wrong/laws.c \
	tests/wrong/layers.c tests/wrong/ops.c tests/wrong/optimizers.c
