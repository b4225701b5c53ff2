/* kernels/clones.h: FENP_CLONES compiles a function for several instruction sets, chosen when the library is loaded. What such a
 * function calls must be FENP_INLINE to be compiled with it. */
#ifndef FENCHEL_KERNELS_CLONES_H
#define FENCHEL_KERNELS_CLONES_H
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FENP_CLONED
#define FENP_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FENP_CLONES
#endif
/* Loops whose output may be one of the inputs, element by element. */
#ifdef __clang__
#define FENP_IVDEP _Pragma("clang loop vectorize(assume_safety)")
#else
#define FENP_IVDEP _Pragma("GCC ivdep")
#endif
#define FENP_INLINE static inline __attribute__((always_inline, unused))
#endif
