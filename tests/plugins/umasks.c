/* Changes the umask of the whole process. */
#define _POSIX_C_SOURCE 200809L
#include "fenchel.h"
#include <sys/stat.h>

__attribute__((constructor)) static void open_all(void) { umask(0); }
FEN_PLUGIN(.name = "umasks", .version = "1", .license = "MIT");
