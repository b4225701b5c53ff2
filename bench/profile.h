/* bench/profile.h: what a compiled program is made of. */
#ifndef FENCHEL_BENCH_PROFILE_H
#define FENCHEL_BENCH_PROFILE_H
#include "program/program.h"

double bench_flops(const fenp_program *p);    /* multiplications and additions of its products */
double bench_traffic(const fenp_program *p);  /* bytes of what it writes to the store, once read and once written */
double bench_products(fenp_program *p);       /* seconds that its products take by themselves, least of thirty */
double bench_overhead(fenp_program *p);       /* seconds of a run whose kernels do nothing */
void   bench_profile(fenp_program *p);        /* each step alone, hot, again and again: to stderr */
#endif
