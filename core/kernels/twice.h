/* kernels/twice.h: includes the file FENP_TWICE once for float and once for double, so that both precisions come from one source.
 * In it `real` is the type, R(name) the name of this precision's function, SINGLE 1 or 0. No guard: it is included once a family.
 * FENP_CLONES before a function: compiled for AVX-512, AVX2 and the baseline, chosen at run time. Values do not depend on the
 * choice: nothing is contracted or reassociated (-ffp-contract=off). */
#include "kernels/clones.h"
#define real float
#define SINGLE 1
#define R(name) name##_single
#include FENP_TWICE
#undef real
#undef SINGLE
#undef R
#define real double
#define SINGLE 0
#define R(name) name##_double
#include FENP_TWICE
#undef real
#undef SINGLE
#undef R
#undef FENP_TWICE
