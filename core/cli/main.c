/* main.c: the program `fenchel`; all of it is in the library. */
#include "cli/cli.h"
int main(int argc, char **argv) { return fenp_main(argc, argv); }
