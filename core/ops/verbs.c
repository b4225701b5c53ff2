/* ops/verbs.c: reductions, features and leading axes of fenchel/graph.h, in terms of positions. A value without features counts as
 * [1] where a feature is named. Texts of faults: who, what was given, what is needed. */
#include "ops/cells.h"

static int features_of(const fen_node *x) { return x->shape.rank - x->shape.leads; }
static const char *axis_name(const fen_builder *b, fen_axis axis) { return b->axis[axis].name ? b->axis[axis].name : "?"; }

fen_node *fenp_channelled(fen_builder *b, fen_node *x) {
    x = fenp_node_given(b, x);
    bool needed = !fenp_is_faulty(b, x) && !features_of(x);
    if (needed && x->shape.rank == FEN_MAX_RANK) return fenp_faulty(b, "a value has %d axes and no room for a feature", FEN_MAX_RANK);
    return needed ? fenp_relabel(b, x, fenp_append(x->shape, 1)) : x;
}
/* The position of feature k; -1 and a fault: there is none. */
static int feature_at(fen_builder *b, const char *who, const fen_node *x, int k) {
    char text[160];
    int n = features_of(x), i = k < 0 ? n + k : k;
    if (i >= 0 && i < n) return x->shape.leads + i;
    fenp_faulty(b, "%s: given feature %d of %s, which has %d", who, k, fenp_shape_text(b, x->shape, text), n);
    return -1;
}
static int lead_at(fen_builder *b, const char *who, const fen_node *x, fen_axis axis) {
    char text[160];
    int p = fenp_lead_of(&x->shape, axis);
    if (p < 0) fenp_faulty(b, "%s: given %s, needs the leading axis %s", who, fenp_shape_text(b, x->shape, text), axis_name(b, axis));
    return p;
}

/* Reductions */

static unsigned mask_of(const fen_shape *s, fen_over over) {
    unsigned all = (1u << s->rank) - 1, leads = (1u << s->leads) - 1, channel = s->rank > s->leads ? 1u << (s->rank - 1) : 0;
    const unsigned mask[] = {[FEN_ALL] = all, [FEN_LEADS] = leads, [FEN_FEATURES] = all & ~leads, [FEN_CHANNEL] = channel,
                             [FEN_PLACES] = all & ~leads & ~channel, [FEN_ALL_BUT_CHANNEL] = all & ~channel};
    return mask[over];
}
fen_node *fen_reduce(fen_builder *b, fen_reduction how, fen_node *x, fen_over over) {
    x = fenp_node_given(b, x);
    bool known = (unsigned)how <= FEN_ARGMIN && (unsigned)over <= FEN_ALL_BUT_CHANNEL;
    return known ? fenp_reduce(b, how, x, mask_of(&x->shape, over)) : fenp_faulty(b, "reduction: given %d over %d; there is none", (int)how, (int)over);
}
fen_node *fen_sum(fen_builder *b, fen_node *x)                                      { return fen_reduce(b, FEN_SUM, x, FEN_ALL); }
fen_node *fen_mean(fen_builder *b, fen_node *x)                                     { return fen_reduce(b, FEN_MEAN, x, FEN_ALL); }
fen_node *fen_sum_features(fen_builder *b, fen_node *x)                             { return fen_reduce(b, FEN_SUM, x, FEN_FEATURES); }
fen_node *fen_mean_features(fen_builder *b, fen_node *x)                            { return fen_reduce(b, FEN_MEAN, x, FEN_FEATURES); }
fen_node *fen_reduce_axis(fen_builder *b, fen_reduction how, fen_node *x, fen_axis axis) {
    x = fenp_node_given(b, x);
    int p = fenp_is_faulty(b, x) ? -1 : lead_at(b, "reduction", x, axis);
    if ((unsigned)how > FEN_ARGMIN) return fenp_faulty(b, "reduction: given %d; there is none", (int)how);
    return p < 0 ? b->faulty : fenp_reduce(b, how, x, 1u << p);
}

/* Features */

fen_node *fen_reshape(fen_builder *b, fen_node *x, fen_shape features) {
    char given[160], needed[160];
    x = fenp_node_given(b, x);
    if (fenp_is_faulty(b, x)) return x;
    fen_shape to = fenp_without(x->shape, mask_of(&x->shape, FEN_FEATURES));
    features = fenp_without(features, mask_of(&features, FEN_LEADS));
    if (fen_row_size(&x->shape) != fen_row_size(&features) || to.rank + features.rank > FEN_MAX_RANK)
        return fenp_faulty(b, "reshape: given %s with %lld entries in a row, needs as many as %s, %lld, and at most %d axes in all",
                           fenp_shape_text(b, x->shape, given), (long long)fen_row_size(&x->shape), fenp_shape_text(b, features, needed),
                           (long long)fen_row_size(&features), FEN_MAX_RANK);
    for (int k = 0; k < features.rank; k++) to = fenp_append(to, features.size[k]);
    return fenp_relabel(b, x, to);
}
fen_node *fen_slice(fen_builder *b, fen_node *x, int k, int64_t first, int64_t step, int64_t count) {
    char text[160];
    x = fenp_channelled(b, x);
    int p = fenp_is_faulty(b, x) ? -1 : feature_at(b, "slice", x, k);
    if (p < 0) return b->faulty;
    int64_t n = x->shape.size[p];
    if (first < 0 || first >= n || step < 1 || count < 1 || count - 1 > (n - 1 - first) / step)
        return fenp_faulty(b, "slice: given %lld entries from %lld on, %lld apart, of feature %d of %s; needs what lies within its %lld entries",
                           (long long)count, (long long)first, (long long)step, k, fenp_shape_text(b, x->shape, text), (long long)n);
    return fenp_slice_at(b, x, p, first, step, count);
}
fen_node *fen_spread(fen_builder *b, fen_node *x, int k, int64_t first, int64_t step, int64_t size) {
    char text[160];
    x = fenp_channelled(b, x);
    int p = fenp_is_faulty(b, x) ? -1 : feature_at(b, "spread", x, k);
    if (p < 0) return b->faulty;
    if (first < 0 || first >= size || step < 1 || x->shape.size[p] - 1 > (size - 1 - first) / step)
        return fenp_faulty(b, "spread: given feature %d of %s, to lie from %lld on, %lld apart; needs more room than %lld entries", k,
                           fenp_shape_text(b, x->shape, text), (long long)first, (long long)step, (long long)size);
    return fenp_spread_at(b, x, p, first, step, size);
}
/* Leads aligned, features padded to n by 1 on the left, with `size` at feature k of n. */
static bool joined_shape(fen_node *const *x, int n, int features, int k, fen_shape *out) {
    *out = (fen_shape){0};
    for (int i = 0; i < n; i++) {
        fen_shape s = x[i]->shape, so_far = *out;
        int p = s.rank - features + k;        /* where feature k of the result stands in s */
        if (p >= s.leads) s.size[p] = 1;
        if (!fenp_align(&so_far, &s, out)) return false;
    }
    return true;
}
fen_node *fen_concat(fen_builder *b, fen_node *const *x, int n, int k) {
    if (n < 1 || !x) return fenp_faulty(b, "concat: given nothing, needs a value");
    fen_node **in = fenp_arena_new(&b->graph.memory, (size_t)n * sizeof *in);
    int features = 1;
    for (int i = 0; i < n; i++) {
        in[i] = fenp_channelled(b, x[i]);
        if (fenp_is_faulty(b, in[i])) return b->faulty;
        if (features_of(in[i]) > features) features = features_of(in[i]);
    }
    char first[160], last[160];
    int at = k < 0 ? features + k : k;
    fen_shape to;
    if (at < 0 || at >= features) return fenp_faulty(b, "concat: given feature %d, needs one of the %d that the values have", k, features);
    if (!joined_shape(in, n, features, at, &to))
        return fenp_faulty(b, "concat: given %s .. %s, needs values that agree in all but feature %d", fenp_shape_text(b, in[0]->shape, first),
                           fenp_shape_text(b, in[n - 1]->shape, last), k);
    fenp_all_real(b, in, n);
    for (int i = 0; i < n; i++) {
        int p = in[i]->shape.rank - features + at;
        to.size[to.leads + at] = p < in[i]->shape.leads ? 1 : in[i]->shape.size[p];
        in[i] = fenp_broadcast(b, in[i], to);
    }
    return fenp_concat_at(b, in, n, to.leads + at);
}
fen_node *fen_pick(fen_builder *b, fen_node *x, int k, fen_node *i) {
    i = fenp_node_given(b, i);
    x = fenp_channelled(b, x);
    int p = fenp_is_faulty(b, x) || fenp_is_faulty(b, i) ? -1 : feature_at(b, "pick", x, k);
    return p < 0 ? b->faulty : fenp_gather_at(b, x, p, i);
}

/* Leading axes */

/* Ids of their own range: a file that is read later in the same build brings axes too. */
fen_axis fen_axis_new(fen_builder *b, int64_t size) {
    if (b->private_axes == FENP_MAX_AXES) {
        fenp_faulty(b, "given more than %d leading axes of plugins", FENP_MAX_AXES);
        return FEN_BATCH;
    }
    int id = FENP_MAX_AXES + b->private_axes++;
    b->axis[id] = (fenp_axis){.name = fenp_arena_text(&b->graph.memory, "axis_%d", b->private_axes), .size = size, .counted = true};
    return (fen_axis)id;
}

/* A shape whose positions come from those of another: its axes are put in one by one. */
typedef struct order { fen_shape shape; int from[FEN_MAX_RANK]; } order;
static void put_at(order *o, int at, int64_t size, int from) {
    if (o->shape.rank == FEN_MAX_RANK) return;                       /* never: as many go in as came out */
    for (int i = o->shape.rank; i > at; i--) { o->shape.size[i] = o->shape.size[i - 1]; o->from[i] = o->from[i - 1]; }
    o->shape.size[at] = size;
    o->from[at] = from;
    o->shape.rank++;
}
static void put_lead(order *o, fen_axis axis, int64_t size, int from) {
    int at = 0;
    if (o->shape.leads == FEN_MAX_RANK) return;
    while (at < o->shape.leads && o->shape.axis[at] < axis) at++;
    for (int i = o->shape.leads; i > at; i--) o->shape.axis[i] = o->shape.axis[i - 1];
    o->shape.axis[at] = axis;
    o->shape.leads++;
    put_at(o, at, size, from);
}
static void put_feature(order *o, int64_t size, int from) { put_at(o, o->shape.rank, size, from); }

static bool lacks(fen_builder *b, const char *who, const fen_node *x, fen_axis axis) {
    char text[160];
    if (fenp_lead_of(&x->shape, axis) < 0) return true;
    fenp_faulty(b, "%s: given %s, needs a value that has not the leading axis %s yet", who, fenp_shape_text(b, x->shape, text), axis_name(b, axis));
    return false;
}
fen_node *fen_name(fen_builder *b, fen_node *x, fen_axis axis) {
    char text[160];
    x = fenp_channelled(b, x);
    if (fenp_is_faulty(b, x) || !lacks(b, "named", x, axis)) return b->faulty;
    const fen_shape *s = &x->shape;
    if (s->size[s->leads] != b->axis[axis].size)
        return fenp_faulty(b, "named: given %s, needs a first feature of size %lld, that of %s", fenp_shape_text(b, *s, text),
                           (long long)b->axis[axis].size, axis_name(b, axis));
    order o = {0};
    for (int p = 0; p < s->leads; p++) put_lead(&o, s->axis[p], s->size[p], p);
    put_lead(&o, axis, s->size[s->leads], s->leads);
    for (int p = s->leads + 1; p < s->rank; p++) put_feature(&o, s->size[p], p);
    return fenp_permute(b, x, o.from, o.shape);
}
fen_node *fen_unname(fen_builder *b, fen_node *x, fen_axis axis) {
    x = fenp_node_given(b, x);
    int at = fenp_is_faulty(b, x) ? -1 : lead_at(b, "unnamed", x, axis);
    if (at < 0) return b->faulty;
    const fen_shape *s = &x->shape;
    order o = {0};
    for (int p = 0; p < s->leads; p++) if (p != at) put_lead(&o, s->axis[p], s->size[p], p);
    put_feature(&o, s->size[at], at);
    for (int p = s->leads; p < s->rank; p++) put_feature(&o, s->size[p], p);
    return fenp_permute(b, x, o.from, o.shape);
}
fen_node *fen_rename(fen_builder *b, fen_node *x, fen_axis from, fen_axis to) {
    char text[160];
    x = fenp_node_given(b, x);
    int at = fenp_is_faulty(b, x) ? -1 : lead_at(b, "renamed", x, from);
    if (at < 0) return b->faulty;
    if (from == to) return x;
    if (!lacks(b, "renamed", x, to)) return b->faulty;
    const fen_shape *s = &x->shape;
    if (s->size[at] != b->axis[to].size)
        return fenp_faulty(b, "renamed: given %s with %lld entries along %s, needs the %lld of %s", fenp_shape_text(b, *s, text),
                           (long long)s->size[at], axis_name(b, from), (long long)b->axis[to].size, axis_name(b, to));
    order o = {0};
    for (int p = 0; p < s->leads; p++) put_lead(&o, p == at ? to : s->axis[p], s->size[p], p);
    for (int p = s->leads; p < s->rank; p++) put_feature(&o, s->size[p], p);
    return fenp_permute(b, x, o.from, o.shape);
}
fen_node *fen_argsort(fen_builder *b, fen_node *x, fen_axis axis) {
    x = fenp_node_given(b, x);
    int p = fenp_is_faulty(b, x) ? -1 : lead_at(b, "argsort", x, axis);
    return p < 0 ? b->faulty : fenp_argsort_at(b, x, p);
}
fen_node *fen_gather(fen_builder *b, fen_node *x, fen_axis axis, fen_node *i) {
    x = fenp_node_given(b, x);
    i = fenp_node_given(b, i);
    int p = fenp_is_faulty(b, x) || fenp_is_faulty(b, i) ? -1 : lead_at(b, "gather", x, axis);
    return p < 0 ? b->faulty : fenp_gather_at(b, x, p, i);
}
