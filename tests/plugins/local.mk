# Modules that test_plugin compiles itself, with $(CC): each is wrong in its own way, some cannot be linked like a plugin.
EXTRA_DIST += tests/plugins/bad_range.c tests/plugins/clash.c tests/plugins/flushing.c tests/plugins/good.c tests/plugins/locale.c \
	tests/plugins/no_entry.c tests/plugins/no_license.c tests/plugins/no_name.c tests/plugins/no_outputs.c tests/plugins/other_mark.c \
	tests/plugins/other_size.c tests/plugins/other_version.c tests/plugins/rounding.c tests/plugins/shadow.c tests/plugins/small_entry.c tests/plugins/undefined.c \
	tests/plugins/ticks.c
