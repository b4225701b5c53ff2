/* Sets the alarm of the whole process, which ends it later. */
#define _POSIX_C_SOURCE 200809L
#include "fenchel.h"
#include <unistd.h>

__attribute__((constructor)) static void set_alarm(void) { alarm(1); }
FEN_PLUGIN(.name = "alarms", .version = "1", .license = "MIT");
