/* Sets the locale of the whole process, as some libraries do. */
#include "fenchel.h"
#include <locale.h>

__attribute__((constructor)) static void set_locale(void) { setlocale(LC_ALL, "C.UTF-8"); }
FEN_PLUGIN(.name = "locale", .version = "1", .license = "MIT");
