/* kernels/isa.c: which of the clones of clones.h this machine runs. */
#include "kernels/isa.h"
#include "kernels/clones.h"

const char *fenp_isa(void) {
#ifdef FENP_CLONED
    if (__builtin_cpu_supports("x86-64-v4")) return "AVX-512";
    if (__builtin_cpu_supports("x86-64-v3")) return "AVX2";
#endif
    return "baseline";
}
