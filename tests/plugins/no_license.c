/* A descriptor without a licence. */
#include "fenchel.h"

FEN_PLUGIN(.name = "no_license", .version = "1");
