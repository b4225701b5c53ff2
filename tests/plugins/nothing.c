/* A descriptor that gives nothing. */
#include "fenchel.h"

FEN_PLUGIN(.name = "nothing", .version = "1", .license = "MIT");
