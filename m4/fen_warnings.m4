# FEN_WARNINGS: FEN_WARNING_FLAGS for the compiler. They are errors where the sources are a git checkout; a tarball's user, whose compiler
# may know new ones, only reads them. Not with the sanitizers: of the code that they insert gcc says things that are not so.
AC_DEFUN([FEN_WARNINGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors (default: in a git checkout)])], [],
  [AS_IF([test -e "$srcdir/.git" && test "x$enable_asan$enable_ubsan" = x], [enable_werror=yes], [enable_werror=no])])
FEN_WARNING_FLAGS="-Wall -Wextra -Wconversion"
AS_IF([test "x$enable_werror" = xyes], [FEN_WARNING_FLAGS="$FEN_WARNING_FLAGS -Werror"])
AC_SUBST([FEN_WARNING_FLAGS])
])
