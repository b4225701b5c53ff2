# Modules that test_modules and scripts compile themselves, with $(CC): each is wrong in its own way, some cannot be linked like a plugin.
EXTRA_DIST += tests/plugins/aborts.c tests/plugins/alarms.c tests/plugins/bad_op.c tests/plugins/bad_range.c tests/plugins/blocks.c \
	tests/plugins/clash.c tests/plugins/closes.c tests/plugins/crashes.c tests/plugins/exits.c tests/plugins/flushing.c \
	tests/plugins/good.c tests/plugins/handles.c tests/plugins/locale.c tests/plugins/loops.c tests/plugins/moves.c \
	tests/plugins/no_entry.c tests/plugins/no_gradient.c tests/plugins/no_license.c tests/plugins/no_name.c tests/plugins/no_outputs.c \
	tests/plugins/nothing.c tests/plugins/null_host.c tests/plugins/null_names.c tests/plugins/other_mark.c tests/plugins/other_size.c \
	tests/plugins/other_version.c tests/plugins/prints.c tests/plugins/quits.c tests/plugins/rounding.c tests/plugins/shadow.c \
	tests/plugins/small_entry.c tests/plugins/ticks.c tests/plugins/umasks.c tests/plugins/undefined.c tests/plugins/wild.c tests/plugins/word.c
