/* ops/small.c: products that are too small for the library. Every element is one chain over k in its order, a product rounded and then
 * added: so the bits depend neither on which side is the vector, nor on the instruction set. The result is made in panels of 8 or 16
 * columns, four rows at a time; what is narrower is padded, so that there is no loop over single columns. */
#include "ops/small.h"
#include "kernels/clones.h"
#include <string.h>

enum { MOST = 16384, PACKED = 4096 };         /* multiplications; elements of a right side that has to be copied */

#define real float
#define R(name) name##_single
#include "ops/small.inc"
#undef real
#undef R
#define real double
#define R(name) name##_double
#include "ops/small.inc"
