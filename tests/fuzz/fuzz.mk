# The library, its plugins and the targets with clang's fuzzer, address and undefined-behaviour sanitizers; `make fuzz` starts it by tests/fuzz/run:
#   make -C SOURCE -f tests/fuzz/fuzz.mk OUT=FOLDER
# Its own few lines rather than a second configure: a source tree that is configured cannot be built elsewhere.
# Not looked for: NULL + 0, which clang calls an overflow and later C allows.
OUT     ?= build/fuzz
CLANG   ?= clang
CHECKS   = -fsanitize=address,undefined -fno-sanitize=pointer-overflow -fno-sanitize-recover=undefined
FLAGS    = -g -O1 -fno-omit-frame-pointer -std=c11 -D_GNU_SOURCE -fno-math-errno -fno-trapping-math -ffp-contract=off -pthread \
	-fPIC -Wno-pass-failed -fsanitize=fuzzer-no-link $(CHECKS)
PATHS    = -Icore -Icore/include -DFENP_VERSION='"fuzz"' $(PACKAGE_CFLAGS)
# What configure found; by hand as on Debian.
PACKAGES = yaml-0.1 hdf5-serial libpng zlib openblas lapack
PACKAGE_CFLAGS ?= $(shell pkg-config --cflags $(PACKAGES))
PACKAGE_LIBS   ?= $(shell pkg-config --libs $(PACKAGES)) -lhdf5_serial_hl -ldl -lm
TARGETS  = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

sources  = $(filter-out core/cli/main.c,$(wildcard core/*/*.c))
modules  = $(wildcard plugins/*/*.c)
headers  = tests/fuzz/fuzz.mk $(wildcard core/*/*.h core/*/*.inc core/include/*.h core/include/fenchel/*.h plugins/*/*.h tests/fuzz/*.h tests/unit/host.h)

all: $(TARGETS:%=$(OUT)/fuzz_%) $(modules:%.c=$(OUT)/%.so)

$(OUT)/core/%.o: core/%.c $(headers)
	@mkdir -p $(@D)
	$(CLANG) $(FLAGS) $(PATHS) -c $< -o $@
$(OUT)/libfenchel.so: $(sources:%.c=$(OUT)/%.o)
	$(CLANG) $(FLAGS) -shared $^ $(PACKAGE_LIBS) -o $@
$(OUT)/plugins/%.so: plugins/%.c $(headers) $(OUT)/libfenchel.so
	@mkdir -p $(@D)
	$(CLANG) $(FLAGS) $(PATHS) -shared $< -o $@ -lz -lm
$(OUT)/fuzz_%: tests/fuzz/fuzz_%.c $(headers) $(OUT)/libfenchel.so
	$(CLANG) $(FLAGS) $(PATHS) -fsanitize=fuzzer,address,undefined $< -rdynamic -o $@ -L$(OUT) -Wl,-rpath,$(OUT) -lfenchel $(PACKAGE_LIBS) -lz
