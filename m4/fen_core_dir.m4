# FEN_CORE_DIR: configure runs "rm -f core" after each probe, for the crash dumps of old systems. Here core is the source folder:
# in its place that prints errors, and ends distcheck. This rm leaves core alone. To be called before AM_INIT_AUTOMAKE.
AC_DEFUN([FEN_CORE_DIR], [m4_divert_text([SHELL_FN],
[rm ()      # 'core' is a source folder here, not a crash dump
{
  fen_n=$[#]
  while test $fen_n -gt 0; do
    if test "x$[1]" != xcore; then set x "$[@]" "$[1]"; shift; fi
    shift; fen_n=`expr $fen_n - 1`
  done
  command rm "$[@]"
}])])
