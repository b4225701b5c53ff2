# fenchel-plugin.mk: builds one plugin outside of fenchel's own tree. A Makefile of two lines:
#
#   PLUGIN = huber
#   include $(shell pkg-config --variable=pluginmk fenchel)
#
# SRCS: its sources (default: $(PLUGIN).c; also .cc, .cpp). EXPERIMENTS: files that `make check` runs into runs/; each must meet its `expect`.
# Targets: all, check (fenchel plugin check, then EXPERIMENTS), install (to the user's plugins; for all users:
# PLUGINDIR=$(pkg-config --variable=plugindir fenchel)), uninstall, clean. CFLAGS, CXXFLAGS, CPPFLAGS, LDFLAGS and LDLIBS are yours.

SRCS ?= $(PLUGIN).c
CFLAGS ?= -g -O3
CXXFLAGS ?= -g -O3
PKG_CONFIG ?= pkg-config
FENCHEL ?= $(shell $(PKG_CONFIG) --variable=program fenchel)
XDG_DATA_HOME ?= $(HOME)/.local/share
PLUGINDIR ?= $(XDG_DATA_HOME)/fenchel/plugins

fen_cppflags := $(shell $(PKG_CONFIG) --cflags fenchel)
fen_libs     := $(shell $(PKG_CONFIG) --libs fenchel)
fen_flags    := -fPIC -fvisibility=hidden -Wall -Wextra -fno-math-errno -fno-trapping-math -ffp-contract=off
fen_objects  := $(addsuffix .o,$(basename $(SRCS)))
fen_linker   := $(if $(filter-out %.c,$(SRCS)),$(CXX),$(CC))

all: $(PLUGIN).so
$(PLUGIN).so: $(fen_objects)
	$(fen_linker) -shared $(LDFLAGS) -Wl,-z,defs,-z,relro,-z,now -o $@ $^ $(fen_libs) $(LDLIBS) -lm
%.o: %.c
	$(CC) -std=c11 $(fen_flags) $(fen_cppflags) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
%.o: %.cc
	$(CXX) -std=c++17 $(fen_flags) $(fen_cppflags) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<
%.o: %.cpp
	$(CXX) -std=c++17 $(fen_flags) $(fen_cppflags) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<
-include $(fen_objects:.o=.d)

check: all
	$(FENCHEL) plugin check --quiet ./$(PLUGIN).so
	@for file in $(EXPERIMENTS); do \
	    echo "$(FENCHEL) run $$file"; \
	    $(FENCHEL) run $$file --plugin ./$(PLUGIN).so --overwrite -o runs/check-$${file%.yaml} || exit; \
	done
install: all
	install -d "$(DESTDIR)$(PLUGINDIR)"
	install -m 755 $(PLUGIN).so "$(DESTDIR)$(PLUGINDIR)/$(PLUGIN).so"
uninstall:
	rm -f "$(DESTDIR)$(PLUGINDIR)/$(PLUGIN).so"
clean:
	rm -f $(PLUGIN).so $(fen_objects) $(fen_objects:.o=.d)
	rm -rf $(EXPERIMENTS:%.yaml=runs/check-%)
.PHONY: all check install uninstall clean
