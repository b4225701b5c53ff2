/* Closes all files of the process and waits: nothing more is heard of it. */
#define _POSIX_C_SOURCE 200809L
#include "fenchel.h"
#include <unistd.h>

__attribute__((constructor)) static void fall_silent(void) {
    for (int fd = 0; fd < 1024; fd++) close(fd);
    for (;;) pause();
}
FEN_PLUGIN(.name = "closes", .version = "1", .license = "MIT");
