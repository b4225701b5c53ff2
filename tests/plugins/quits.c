/* Ends the process while it is opened, at once, as if all were well. */
#define _POSIX_C_SOURCE 200809L
#include "fenchel.h"
#include <unistd.h>

__attribute__((constructor)) static void leave(void) { _exit(0); }
FEN_PLUGIN(.name = "quits", .version = "1", .license = "MIT");
