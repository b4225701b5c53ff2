# FEN_FLOATING_POINT: FEN_CFLAGS, the flags that numbers hang on. Without the first two no loop with a root or a comparison is vectorised;
# without the third, results depend on where the compiler fuses a * b + c. -ffast-math is refused: guards test for NaN, and a
# module linked with it switches denormal numbers off for the whole process.
AC_DEFUN([FEN_FLOATING_POINT], [
FEN_CFLAGS="-std=c11 -D_GNU_SOURCE -fno-math-errno -fno-trapping-math -ffp-contract=off"
AC_SUBST([FEN_CFLAGS])
AC_MSG_CHECKING([that not-a-number is known as such])
fen_flags="$CFLAGS"
CFLAGS="$FEN_CFLAGS $CFLAGS"
fen_nan='
#include <math.h>
#include <stdlib.h>
#if defined __FAST_MATH__ || __FINITE_MATH_ONLY__
#error flags that drop NaN
#endif'
AC_RUN_IFELSE([AC_LANG_PROGRAM([$fen_nan], [double x = strtod("nan", NULL); return !(isnan(x) && x != x && isinf(strtod("inf", NULL)));])],
  [fen_isnan=yes], [fen_isnan=no], [AC_COMPILE_IFELSE([AC_LANG_PROGRAM([$fen_nan], [])], [fen_isnan=yes], [fen_isnan=no])])
CFLAGS="$fen_flags"
AC_MSG_RESULT([$fen_isnan])
AS_IF([test $fen_isnan = no], [AC_MSG_ERROR([CFLAGS="$CFLAGS" break NaN; leave out -ffast-math, -ffinite-math-only, -Ofast])])
])
