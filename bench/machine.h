/* bench/machine.h: what the machine can do at most. */
#ifndef FENCHEL_BENCH_MACHINE_H
#define FENCHEL_BENCH_MACHINE_H
double bench_peak(void);                      /* 1e9 floating-point operations a second: fused multiply-adds in registers, one thread; 0: not known */
double bench_bandwidth(void);                 /* 1e9 bytes a second: a = b + 2 c over 3 x 96 MB, bytes read and written, all threads of the pool */
#endif
