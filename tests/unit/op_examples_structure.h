/* tests/unit/op_examples_structure.h: examples of ops that move, reduce and pick elements, and of verbs that are several of them. */

static fen_node *integers_of(situation *s, const char *shape, const double *value) {
    return fenp_table(s->b, example_shape(s, shape), FEN_INTEGER, value);
}
/* Structure */
static fen_node *make_number(situation *s) { return fenp_relabel(s->b, s->x[0], (fen_shape){0}); }
static fen_node *make_permute(situation *s) { return fenp_permute(s->b, s->x[0], (const int[]){2, 0, 1}, example_shape(s, "423")); }
static fen_node *make_unnamed(situation *s) { return fen_unname(s->b, s->x[0], FEN_BATCH); }
static fen_node *make_renamed(situation *s) { return fen_mul(s->b, s->x[0], fen_rename(s->b, s->x[0], FEN_BATCH, s->m)); }
/* Reductions by verbs */
static fen_node *make_mean(situation *s) { return fen_reduce(s->b, FEN_MEAN, s->x[0], FEN_LEADS); }
static fen_node *make_sum_apart(situation *s) { return fenp_reduce(s->b, FEN_SUM, s->x[0], 5); }
static fen_node *make_max_apart(situation *s) { return fenp_reduce(s->b, FEN_MAX, s->x[0], 5); }
static fen_node *make_softmax(situation *s) { return fenp_softmax(s->b, s->x[0], 4, false); }
static fen_node *make_log_softmax(situation *s) { return fenp_softmax(s->b, s->x[0], 2, true); }
static fen_node *make_norm(situation *s) { return fenp_norm(s->b, s->x[0], 6); }
/* Entries */
static fen_node *pick_feature(situation *s) { return fen_pick(s->b, s->x[0], 0, integers_of(s, "4", (const double[]){2, 0, 2, 1})); }
static fen_node *pick_each(situation *s) { return fen_pick(s->b, s->x[0], -1, integers_of(s, "b", (const double[]){3, 1})); }
static fen_node *pick_one(situation *s) { return fen_pick(s->b, s->x[0], 0, integers_of(s, "", (const double[]){2})); }
static fen_node *gather_kept(situation *s) {
    return fen_gather(s->b, s->x[0], FEN_BATCH, integers_of(s, "bk", (const double[]){1, 0, 1, 0, 0, 1}));
}
static fen_node *gather_gone(situation *s) { return fen_gather(s->b, s->x[0], FEN_BATCH, integers_of(s, "22", (const double[]){1, 0, 1, 1})); }
static fen_node *gather_names(situation *s) { return fen_gather(s->b, s->x[0], s->k, integers_of(s, "bm", (const double[]){1, 0, 2, 1})); }
static fen_node *scatter(situation *s, int p, fen_node *index, const char *to) {
    fen_attrs a = {.whole = {p}, .shape = example_shape(s, to)};
    return fen_apply(s->b, &fenp_op_scatter_add, (fen_node *[]){s->x[0], index}, 2, &a);
}
static fen_node *scatter_feature(situation *s) { return scatter(s, 1, integers_of(s, "4", (const double[]){2, 0, 2, 1}), "b32"); }
static fen_node *scatter_rows(situation *s) { return scatter(s, 0, integers_of(s, "22", (const double[]){1, 0, 1, 1}), "bk2"); }
static fen_node *scatter_number(situation *s) { return scatter(s, 0, integers_of(s, "", (const double[]){2}), "4"); }
static fen_node *make_sorted(situation *s) { return fen_gather(s->b, s->x[0], FEN_BATCH, fen_argsort(s->b, s->x[0], FEN_BATCH)); }
static fen_node *make_sorted_lines(situation *s) { return fenp_sort_at(s->b, s->x[0], 1); }

#define BITS(p) .attrs = {.whole = {p}}
static const op_example structure_examples[] = {
    {.op = &fenp_op_broadcast, .shape = {"k13"}, .to = "bk43", .rule = broadcast_rule},
    {.op = &fenp_op_broadcast, .what = "of a number", .shape = {""}, .to = "b23", .rule = broadcast_rule},
    {.op = &fenp_op_broadcast, .what = "of integers", .shape = {"ik"}, .to = "bk2", .in = {{-9, 9}}, .rule = broadcast_rule},
    {.op = &fenp_op_reshape, .shape = {"b34"}, .to = "k24", .rule = same_order_rule},
    {.op = &fenp_op_number, .shape = {"1"}, .make = make_number, .rule = same_order_rule},
    {.op = &fenp_op_permute, .shape = {"234"}, .make = make_permute, .rule = permute_rule},
    {.op = &fenp_op_slice, .shape = {"b43"}, .attrs = {.whole = {1, 1, 2, 2}}, .rule = slice_rule},
    {.op = &fenp_op_slice, .what = "of the first position", .shape = {"k43"}, .attrs = {.whole = {0, 1, 1, 2}}, .rule = slice_rule},
    {.op = &fenp_op_spread, .shape = {"b32"}, .attrs = {.whole = {1, 1, 3, 9}}, .rule = spread_rule},
    {.op = &fenp_op_spread, .what = "in one piece", .shape = {"b32"}, .attrs = {.whole = {1, 2, 1, 6}}, .rule = spread_rule},
    {.op = &fenp_op_concat, .shape = {"b3", "b2", "b1"}, BITS(1), .rule = concat_rule},
    {.op = &fenp_op_concat, .what = "of the first position", .shape = {"23", "43"}, BITS(0), .rule = concat_rule},
    {.what = "unnamed", .shape = {"bk2"}, .make = make_unnamed}, {.what = "renamed", .shape = {"bk2"}, .make = make_renamed},

    {.op = &fenp_op_reduce_sum, .shape = {"b34"}, BITS(2), .rule = sum_rule},
    {.op = &fenp_op_reduce_sum, .what = "of rows", .shape = {"b34"}, BITS(4), .rule = sum_rule},
    {.op = &fenp_op_reduce_sum, .what = "of all", .shape = {"b34"}, BITS(7), .rule = sum_rule},
    {.op = &fenp_op_reduce_sum, .what = "of integers", .shape = {"ib34"}, BITS(2), .in = {{-9, 9}}, .rule = sum_rule},
    {.op = &fenp_op_reduce_max, .what = "reduction", .shape = {"b34"}, BITS(4), .flags = ROUGH, .rule = max_rule},
    {.op = &fenp_op_reduce_max, .what = "reduction of columns", .shape = {"b34"}, BITS(3), .flags = ROUGH, .rule = max_rule},
    {.op = &fenp_op_reduce_max, .what = "reduction of integers", .shape = {"ib34"}, BITS(2), .in = {{-9, 9}}, .rule = max_rule},
    {.op = &fenp_op_reduce_min, .what = "reduction", .shape = {"b34"}, BITS(2), .flags = ROUGH, .rule = min_rule},
    {.op = &fenp_op_reduce_min, .what = "reduction to a number", .shape = {"b34"}, BITS(7), .flags = ROUGH, .rule = min_rule},
    {.op = &fenp_op_reduce_argmax, .shape = {"b34"}, BITS(2), .rule = argmax_rule},
    {.op = &fenp_op_reduce_argmax, .what = "of equals", .shape = {"b34"}, BITS(6), .flags = WHOLE, .rule = argmax_rule},
    {.op = &fenp_op_reduce_argmin, .shape = {"b34"}, BITS(4), .rule = argmin_rule},
    {.op = &fenp_op_reduce_logsumexp, .shape = {"b34"}, BITS(4), .rule = logsumexp_rule},
    {.op = &fenp_op_reduce_logsumexp, .what = "of columns", .shape = {"bk4"}, BITS(3), .rule = logsumexp_rule},
    {.op = &fenp_op_reduce_logsumexp, .what = "of all", .shape = {"b5"}, BITS(3), .rule = logsumexp_rule},
    {.what = "mean", .shape = {"bk2"}, .make = make_mean}, {.what = "sum apart", .shape = {"234"}, .make = make_sum_apart},
    {.what = "max apart", .shape = {"234"}, .make = make_max_apart, .flags = ROUGH},
    {.what = "softmax", .shape = {"b34"}, .make = make_softmax}, {.what = "log softmax", .shape = {"b34"}, .make = make_log_softmax},
    {.what = "norm", .shape = {"b34"}, .make = make_norm},

    {.op = &fenp_op_gather, .what = "of a feature", .shape = {"b32"}, .make = pick_feature, .rule = gather_rule},
    {.op = &fenp_op_gather, .what = "of each row", .shape = {"bk4"}, .make = pick_each, .rule = gather_rule},
    {.op = &fenp_op_gather, .what = "to a number", .shape = {"4"}, .make = pick_one, .rule = gather_rule},
    {.op = &fenp_op_gather, .what = "axis kept", .shape = {"b32"}, .make = gather_kept, .rule = gather_rule},
    {.op = &fenp_op_gather, .what = "axis gone", .shape = {"bk2"}, .make = gather_gone, .rule = gather_rule},
    {.op = &fenp_op_gather, .what = "by names", .shape = {"bk2"}, .make = gather_names, .rule = gather_rule},
    {.op = &fenp_op_scatter_add, .what = "to a feature", .shape = {"b42"}, .make = scatter_feature, .rule = scatter_rule},
    {.op = &fenp_op_scatter_add, .what = "to rows", .shape = {"k222"}, .make = scatter_rows, .rule = scatter_rule},
    {.op = &fenp_op_scatter_add, .what = "of a number", .shape = {""}, .make = scatter_number, .rule = scatter_rule},
    {.op = &fenp_op_argsort, .shape = {"b43"}, BITS(1), .rule = argsort_rule},
    {.op = &fenp_op_argsort, .what = "of equals", .shape = {"b43"}, BITS(1), .flags = WHOLE, .rule = argsort_rule},
    {.op = &fenp_op_rank, .shape = {"b43"}, BITS(2), .rule = rank_rule},
    {.op = &fenp_op_rank, .what = "of equals", .shape = {"b43"}, BITS(1), .flags = WHOLE, .rule = rank_rule},
    {.op = &fenp_op_cumsum, .shape = {"b43"}, BITS(1), .rule = cumsum_rule},
    {.op = &fenp_op_cumsum, .what = "from the end", .shape = {"b43"}, .attrs = {.whole = {2, 1}}, .rule = cumsum_rule},
    {.op = &fenp_op_cumsum, .what = "of integers", .shape = {"ib43"}, BITS(1), .in = {{-9, 9}}, .rule = cumsum_rule},
    {.op = &fenp_op_roll, .shape = {"b52"}, .attrs = {.whole = {1, 2}}, .rule = roll_rule},
    {.what = "sort", .shape = {"b"}, .make = make_sorted, .flags = ROUGH}, {.what = "sort lines", .shape = {"b32"}, .make = make_sorted_lines, .flags = ROUGH},
};
#undef BITS
