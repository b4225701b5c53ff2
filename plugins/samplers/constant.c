/* No draw: a number, a table, or any expression. Where axes are said, a table has their sizes first, then the features; as an
 * initialiser it fills the parameter. */
#include "fenchel.h"

static const fen_port inputs[]  = {{.name = "value", .shape = "[...; ...]", .help = "what it is"}, FEN_END};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the value"}, FEN_END};

/* The first features of v are the axes of the draw, and what is left fits the features asked for. */
static bool begins_with_axes(const fen_shape *v, const fen_shape *draw) {
    int n = v->rank - v->leads, axes = draw->leads, asked = draw->rank - draw->leads;
    if (axes == 0 || v->leads > 0 || n < axes || (asked > 0 && n != axes + asked)) return false;
    for (int i = 0; i < axes; i++)
        if (v->size[i] != draw->size[i]) return false;
    return true;
}

static void constant_build(fen_builder *b) {
    fen_node *v = fen_input(b, "value");
    fen_shape s = fen_draw_shape(b, fen_features(0, NULL)), given = fen_shape_of(v);
    if (fen_attr_given(b, "axes") && begins_with_axes(&given, &s))
        for (int i = 0; i < s.leads; i++) v = fen_name(b, v, s.axis[i]);
    fen_output(b, "value", fen_add(b, v, fen_fill(b, fen_draw_shape(b, fen_shape_of(v)), 0)));
}

static const fen_function constant = {
    .name = "constant", .summary = "A number or table.",
    .inputs = inputs, .outputs = outputs, .build = constant_build,
};
FEN_PLUGIN(.name = "constant", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&constant));
