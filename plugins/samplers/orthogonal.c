/* Start of weights with orthonormal columns (rows, where there are fewer rows), times gain; features before the last count as rows.
 * A normal matrix A is made orthonormal by Q = A L^-T, L L' = A'A, three times: first with a small shift of A'A, so that single
 * precision cannot make it singular, then twice without, each of which squares what is missing.
 * Source: Saxe, McClelland, Ganguli 2014, arXiv 1312.6120; Fukaya et al. 2020, arXiv 1809.11085. */
#include "fan.h"

static const fen_attribute attributes[] = {
    {.name = "gain", .type = FEN_ATTR_REAL, .initial = "1", .range = "(0, inf)", .help = "length of the columns"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "the draw, in the shape of the parameter"}, FEN_END};

static fen_node *unit_matrix(fen_builder *b, int64_t n) {
    fen_node *zero = fen_fill(b, fen_matrix(n, n), 0);
    return fen_add(b, zero, fen_equal(b, fen_feature_coordinate(b, zero, 0), fen_feature_coordinate(b, zero, 1)));
}

/* at: [m, n], the transpose of a tall A. */
static fen_node *orthonormal(fen_builder *b, fen_node *at, double shift) {
    fen_node *gram = fen_matmul(b, at, fen_transpose(b, at));
    if (shift > 0) gram = fen_add(b, gram, fen_scale(b, unit_matrix(b, fen_feature(at, 0)), shift));
    return fen_solve_lower(b, fen_cholesky(b, gram), at);
}

static void orthogonal_build(fen_builder *b) {
    fen_shape s = fen_draw_shape(b, fen_features(0, NULL)), flat = s;
    int64_t rows = (int64_t)fan_in_of(&s), columns = fen_row_size(&s) / rows;
    bool tall = rows >= columns;
    flat.rank = (uint8_t)(s.leads + 2);
    flat.size[s.leads] = tall ? columns : rows;
    flat.size[s.leads + 1] = tall ? rows : columns;
    for (int i = flat.rank; i < FEN_MAX_RANK; i++) flat.size[i] = 0;
    fen_node *at = orthonormal(b, fen_normal(b, "noise", flat), 1e-4 * (double)(rows > columns ? rows : columns));
    at = orthonormal(b, orthonormal(b, at, 0), 0);
    if (tall) at = fen_transpose(b, at);
    fen_output(b, "value", fen_scale(b, fen_reshape(b, at, fen_features(s.rank - s.leads, s.size + s.leads)), fen_attr_real(b, "gain")));
}

static const fen_function orthogonal = {
    .name = "orthogonal", .summary = "Start of weights with orthonormal columns.", .source = "Saxe, McClelland, Ganguli 2014, arXiv 1312.6120",
    .attributes = attributes, .outputs = outputs, .build = orthogonal_build,
};
FEN_PLUGIN(.name = "orthogonal", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&orthogonal));
