# FEN_SANITIZERS: FEN_INSTRUMENT holds the flags of --enable-asan, --enable-ubsan and --enable-coverage, for compiling and linking.
# FEN_DEFS_FLAG refuses modules with undefined symbols when they are linked; clang's ASan leaves its own to the program, so there it is off.
AC_DEFUN([FEN_SANITIZERS], [
AC_ARG_ENABLE([asan], [AS_HELP_STRING([--enable-asan], [find faulty memory accesses and leaks (AddressSanitizer)])])
AC_ARG_ENABLE([ubsan], [AS_HELP_STRING([--enable-ubsan], [find undefined behaviour (UndefinedBehaviorSanitizer)])])
AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [record which lines run (gcov)])])
FEN_INSTRUMENT= FEN_DEFS_FLAG=-Wl,-z,defs
AS_IF([test "x$enable_asan" = xyes], [FEN_INSTRUMENT="-fsanitize=address -fno-omit-frame-pointer"])
AS_IF([test "x$enable_ubsan" = xyes], [FEN_INSTRUMENT="$FEN_INSTRUMENT -fsanitize=undefined -fno-sanitize-recover=undefined"])
AS_IF([test "x$enable_coverage" = xyes], [FEN_INSTRUMENT="$FEN_INSTRUMENT --coverage -fprofile-update=atomic"])
AC_PREPROC_IFELSE([AC_LANG_SOURCE([
#ifndef __clang__
#error another compiler
#endif
])], [AS_IF([test "x$enable_asan$enable_ubsan" != x], [FEN_DEFS_FLAG=])])
fen_flags="$CFLAGS"
CFLAGS="$CFLAGS $FEN_INSTRUMENT"
AC_LINK_IFELSE([AC_LANG_PROGRAM()], [], [AC_MSG_ERROR([the compiler does not know $FEN_INSTRUMENT])])
CFLAGS="$fen_flags"
AC_SUBST([FEN_INSTRUMENT])
AC_SUBST([FEN_DEFS_FLAG])
])
