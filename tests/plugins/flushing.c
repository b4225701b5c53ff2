/* What linking with -ffast-math does: small numbers are flushed to zero in the whole process. */
#include "fenchel.h"
#include <fenv.h>

__attribute__((constructor)) static void flush(void) {
#if defined(__SSE2__)
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#else
    fesetround(FE_UPWARD);
#endif
}
FEN_PLUGIN(.name = "flushing", .version = "1", .license = "MIT");
