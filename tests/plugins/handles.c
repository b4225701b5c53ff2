/* Handles a signal of the whole process. */
#define _POSIX_C_SOURCE 200809L
#include "fenchel.h"
#include <signal.h>

static void ignore(int number) { (void)number; }
__attribute__((constructor)) static void handle(void) { signal(SIGTERM, ignore); }
FEN_PLUGIN(.name = "handles", .version = "1", .license = "MIT");
