/* Blocks a signal of the whole process. */
#define _POSIX_C_SOURCE 200809L
#include "fenchel.h"
#include <signal.h>

__attribute__((constructor)) static void block(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
}
FEN_PLUGIN(.name = "blocks", .version = "1", .license = "MIT");
