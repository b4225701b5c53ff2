/* kernels/vmath.h: exp, log and their kin as plain C without branches, so that loops over them become vector code. The same source
 * for float and double; no libm (which is not vectorised), no contraction, hence the same bits from every compiler and processor.
 * Largest errors, in units of the last place, are tested in tests/unit/test_vmath.c: 1 to 3. */
#ifndef FENCHEL_KERNELS_VMATH_H
#define FENCHEL_KERNELS_VMATH_H
#include "kernels/clones.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Polynomials in x, lowest coefficient first; x is a variable. */
#define FENP_P1(x, a) ((real)(a))
#define FENP_P2(x, a, ...) ((real)(a) + x * FENP_P1(x, __VA_ARGS__))
#define FENP_P3(x, a, ...) ((real)(a) + x * FENP_P2(x, __VA_ARGS__))
#define FENP_P4(x, a, ...) ((real)(a) + x * FENP_P3(x, __VA_ARGS__))
#define FENP_P5(x, a, ...) ((real)(a) + x * FENP_P4(x, __VA_ARGS__))
#define FENP_P6(x, a, ...) ((real)(a) + x * FENP_P5(x, __VA_ARGS__))
#define FENP_P7(x, a, ...) ((real)(a) + x * FENP_P6(x, __VA_ARGS__))
#define FENP_P8(x, a, ...) ((real)(a) + x * FENP_P7(x, __VA_ARGS__))
#define FENP_P9(x, a, ...) ((real)(a) + x * FENP_P8(x, __VA_ARGS__))
#define FENP_P10(x, a, ...) ((real)(a) + x * FENP_P9(x, __VA_ARGS__))
#define FENP_P11(x, a, ...) ((real)(a) + x * FENP_P10(x, __VA_ARGS__))
#define FENP_P12(x, a, ...) ((real)(a) + x * FENP_P11(x, __VA_ARGS__))
#define FENP_P13(x, a, ...) ((real)(a) + x * FENP_P12(x, __VA_ARGS__))
#define FENP_P14(x, a, ...) ((real)(a) + x * FENP_P13(x, __VA_ARGS__))
#define FENP_P15(x, a, ...) ((real)(a) + x * FENP_P14(x, __VA_ARGS__))

#define FENP_TWICE "kernels/vmath.inc"
#include "kernels/twice.h"
#endif
