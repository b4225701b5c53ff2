/* Never returns from being opened. */
#include "fenchel.h"

static volatile int waits = 1;
__attribute__((constructor)) static void wait_for_ever(void) { while (waits) {} }
FEN_PLUGIN(.name = "loops", .version = "1", .license = "MIT");
