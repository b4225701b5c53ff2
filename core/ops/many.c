/* ops/many.c: many small matrices at once. A block of 16 is laid out element by element, so that each step of the textbook's algorithm is
 * a vector over the block; the lanes behind the last matrix hold it again. Inverse and log |det| need a choice of pivots, and go one
 * by one. */
#include "ops/many.h"
#include "kernels/clones.h"
#include <math.h>
#include <string.h>

enum { SIDE = FENP_MANY_SIDE, LANES = 16 };

#define real float
#define R(name) name##_single
#define M(name) name##f
#include "ops/many.inc"
#undef real
#undef R
#undef M
#define real double
#define R(name) name##_double
#define M(name) name
#include "ops/many.inc"
