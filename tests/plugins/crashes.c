/* Crashes while it is opened. */
#include "fenchel.h"

static volatile int *nowhere;
__attribute__((constructor)) static void crash(void) { *nowhere = 1; }
FEN_PLUGIN(.name = "crashes", .version = "1", .license = "MIT");
