/* A descriptor without a name. */
#include "fenchel.h"

FEN_PLUGIN(.version = "1", .license = "MIT");
