/* Changes the working folder of the whole process. */
#define _POSIX_C_SOURCE 200809L
#include "fenchel.h"
#include <unistd.h>

__attribute__((constructor)) static void move(void) { if (chdir("/") != 0) _exit(1); }
FEN_PLUGIN(.name = "moves", .version = "1", .license = "MIT");
