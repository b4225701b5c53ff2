/* Ends the process while it is opened, by way of everybody's atexit. */
#include "fenchel.h"
#include <stdlib.h>

__attribute__((constructor)) static void leave(void) { exit(3); }
FEN_PLUGIN(.name = "exits", .version = "1", .license = "MIT");
