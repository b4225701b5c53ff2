/* Gives up while it is opened, as a failed assertion does. */
#include "fenchel.h"
#include <stdlib.h>

__attribute__((constructor)) static void give_up(void) { abort(); }
FEN_PLUGIN(.name = "aborts", .version = "1", .license = "MIT");
