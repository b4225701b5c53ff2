/* kernels/isa.h: the instruction set of our own kernels, for the start line and `--version`. */
#ifndef FENCHEL_KERNELS_ISA_H
#define FENCHEL_KERNELS_ISA_H
const char *fenp_isa(void);   /* "AVX-512", "AVX2" or "baseline" */
#endif
