# FEN_LIBRARIES: what the core links: yaml, HDF5, OpenBLAS with its LAPACK, libpng, zlib, libm, libdl; and CUnit for the tests, which
# without it are not built. Debian: libyaml-dev libhdf5-dev libopenblas-dev libpng-dev zlib1g-dev libcunit1-dev.
AC_DEFUN([FEN_LIBRARIES], [
AC_SEARCH_LIBS([lgamma], [m], [], [AC_MSG_ERROR([no mathematical library])])
PKG_CHECK_MODULES([YAML], [yaml-0.1])
PKG_CHECK_MODULES([HDF5], [hdf5-serial], [], [PKG_CHECK_MODULES([HDF5], [hdf5 >= 1.10])])
fen_libs="$LIBS"
LIBS="$HDF5_LIBS $LIBS"
AC_CHECK_LIB([hdf5_hl], [H5DSset_scale], [HDF5_LIBS="`echo $HDF5_LIBS | sed 's/-lhdf5/-lhdf5_hl -lhdf5/'`"],
  [AC_MSG_ERROR([no hdf5_hl, the part of HDF5 with dimension scales])])
LIBS="$fen_libs"
PKG_CHECK_MODULES([PNG], [libpng])
PKG_CHECK_MODULES([ZLIB], [zlib])
PKG_CHECK_MODULES([OPENBLAS], [openblas])
fen_libs="$LIBS"
LIBS="$OPENBLAS_LIBS $LIBS"
AC_CHECK_FUNC([dpotrf_], [], [PKG_CHECK_MODULES([LAPACK], [lapack])])
LIBS="$fen_libs"
AC_SEARCH_LIBS([dlopen], [dl], [AS_IF([test "x$ac_cv_search_dlopen" != "xnone required"], [DL_LIBS=-ldl])])
LIBS="$fen_libs"
AC_SUBST([DL_LIBS])
PKG_CHECK_MODULES([CUNIT], [cunit], [fen_cunit=yes], [fen_cunit="no (CUnit is missing)"])
AM_CONDITIONAL([FEN_CUNIT], [test "x$fen_cunit" = xyes])
])
