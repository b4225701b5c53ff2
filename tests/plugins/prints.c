/* Prints while it is opened, and is else without faults. */
#include "fenchel.h"
#include <stdio.h>

static const fen_port inputs[]  = {{.name = "x", .shape = "[...; ...]", .help = "any value"}, FEN_END};
static const fen_port outputs[] = {{.name = "y", .shape = "[...; ...]", .help = "x"}, FEN_END};
static void build(fen_builder *b) { fen_output(b, "y", fen_input(b, "x")); }
static const fen_function loud = {.name = "loud_of_tests", .summary = "x itself.", .inputs = inputs, .outputs = outputs, .build = build};
__attribute__((constructor)) static void print(void) { puts("here I am"); }
FEN_PLUGIN(.name = "prints", .version = "1", .license = "MIT", .layers = FEN_LIST(&loud));
