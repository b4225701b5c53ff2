/* graph/builder.c: nodes. fen_apply is the only place where one is made, so that all rules about nodes stand here: a faulty input
 * gives a faulty node silently, equal calls stay two nodes, and the width of a value (single or double) follows from its shape and
 * from what it depends on; casts are put in where the two widths meet. */
#include "graph/builder.h"
#include "ops/ops.h"
#include <string.h>

fen_builder *fenp_builder_new(fenp_store *store, fen_mode mode, bool doubles, fenp_faults *faults) {
    fen_builder *b = fenp_new(sizeof *b);
    b->store = store;
    b->faults = faults;
    b->mode = mode;
    b->doubles = doubles;
    b->site = "";
    b->axis[FEN_BATCH] = (fenp_axis){.name = "batch", .size = 1, .counted = true};
    b->axes = 1;
    fenp_node *faulty = fenp_arena_new(&b->graph.memory, sizeof *faulty);
    faulty->node.id = -1;
    faulty->node.op = &fenp_op_faulty;
    faulty->node.wide = true;
    faulty->site = "";
    b->faulty = &faulty->node;
    return b;
}

void fenp_builder_free(fen_builder *b) {
    if (!b) return;
    fenp_map_free(&b->current);
    fenp_map_free(&b->leaves);
    for (int i = 0; i < b->settings; i++) fenp_delete(b->setting[i].value);
    fenp_delete(b->setting);
    fenp_delete(b->start);
    fenp_delete(b->feed);
    fenp_delete(b->noise);
    fenp_delete(b->graph.at);
    fenp_arena_free(&b->graph.memory);
    fenp_delete(b);
}

fen_mode fen_mode_of(const fen_builder *b) { return b->mode; }

fen_node *fenp_faulty(fen_builder *b, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    fenp_vfail(b->faults, b->place, format, ap);
    va_end(ap);
    return b->faulty;
}

fen_node *fen_fault(fen_builder *b, const char *format, ...) {
    va_list ap;
    if (!format) return fenp_faulty(b, "a plugin reports a fault without words (fen_fault with NULL)");
    va_start(ap, format);
    fenp_vfail(b->faults, b->place, format, ap);
    va_end(ap);
    return b->faulty;
}

static fen_node *misfit(fen_builder *b, const fen_op *op, fen_node *const *in, int n, const char *what) {
    fenp_text given = {0};
    char shape[160];
    for (int i = 0; i < n && i < 4; i++) fenp_text_add(&given, "%s%s", i ? " and " : "; given ", fenp_shape_text(b, in[i]->shape, shape));
    fenp_faulty(b, "%s: %s%s", op->name, what, n ? given.at : "");
    fenp_text_free(&given);
    return b->faulty;
}

fen_node *fenp_node_given(fen_builder *b, fen_node *x) {
    return x ? x : fenp_faulty(b, "a verb is given no value (NULL): what fen_input_or_null gives must be tested before it is used");
}
/* NULL, or why op is none: ops of plugins are not looked at before they are applied. */
static const char *wrong_op(const fen_op *op, int n) {
    if (!op || !op->name || !op->shape) return "it has no name, or no shape rule";
    bool runs = (op->tile[0] && op->tile[1]) || (op->run[0] && op->run[1]) || op->flags & FEN_VIEW;
    return n && !runs ? "it has no kernel in both precisions" : NULL;
}
/* Everybody multiplies sizes afterwards: no product may overflow. */
const char *fenp_shape_refuses(const fen_shape *s) {
    int64_t n = 1;
    if (s->rank > FEN_MAX_RANK || s->leads > s->rank) return "its value would have more than 8 axes";
    for (int i = 0; i < s->rank; i++) {
        if (s->size[i] < 0) return "its value would have an axis of negative size, or more than 8 axes";
        if (__builtin_mul_overflow(n, s->size[i] ? s->size[i] : 1, &n) || n > FENP_MAX_ELEMENTS) return "its value would have more than 2^40 elements";
    }
    return NULL;
}
/* NULL, or what makes these inputs no inputs of a node of b. `faulty` is set where one of them is poisoned. */
static const char *wrong_inputs(const fen_builder *b, const fen_op *op, fen_node *const *in, int n, bool *faulty) {
    *faulty = false;
    if (n && !in) return "an input is missing";
    if (op->arity >= 0 && op->arity != n) return "has another number of inputs";
    for (int i = 0; i < n; i++) {
        if (!in[i]) return "an input is missing";
        if (fenp_is_faulty(b, in[i])) *faulty = true;
        else if (in[i]->id < 0 || in[i]->id >= b->graph.n || b->graph.at[in[i]->id] != in[i]) return "an input belongs to another graph";
    }
    return NULL;
}

static unsigned depends_on(const fen_builder *b, const fen_op *op, fen_node *const *in, int n) {
    unsigned depends = 0;
    if (op == &fenp_op_slot) depends = FENP_ON_STORE;
    if (op == &fenp_op_uniform || op == &fenp_op_normal || op == &fenp_op_permutation) depends = b->noise_depends ? b->noise_depends : FENP_ON_DRAW;
    if (op == &fenp_op_feed) depends = FENP_ON_DRAW;       /* fenp_feed_new knows better */
    for (int i = 0; i < n; i++) depends |= fenp_node_of(in[i])->depends;
    return depends;
}

/* Numbers and constants are double. A slot that is kept in single but read as a double is converted where it is read. */
static bool is_wide(const fen_builder *b, const fen_node *x, unsigned depends) {
    if (x->op == &fenp_op_cast) return x->attrs.whole[0];
    if (x->op == &fenp_op_feed) return b->feed[x->attrs.whole[0]].wide;
    if (x->op == &fenp_op_slot && ((const fenp_slot *)(intptr_t)x->attrs.whole[0])->block->wide) return true;
    return !x->shape.rank || b->doubles || !depends;
}

/* Where single and double meet in a tensor, the input takes the width of the result. Numbers are read as they are. */
static fen_node *fitted(fen_builder *b, const fen_node *y, fen_node *x) {
    bool differ = x->type == FEN_REAL && x->wide != y->wide && x->shape.rank && y->shape.rank;
    return differ && y->op != &fenp_op_cast ? fenp_widen(b, x, y->wide) : x;
}

/* Attributes and shapes are compared as bytes, so nothing that has no meaning is copied. */
static void copy_shape(fen_shape *to, const fen_shape *s) {
    to->leads = s->leads;
    to->rank = s->rank;
    memcpy(to->axis, s->axis, s->leads);
    memcpy(to->size, s->size, s->rank * sizeof *s->size);
}
static void copy_attrs(fen_attrs *to, const fen_attrs *a) {
    memcpy(to->real, a->real, sizeof a->real);
    memcpy(to->whole, a->whole, sizeof a->whole);
    copy_shape(&to->shape, &a->shape);
}

static const char *site_of(fen_builder *b) {
    const char *last = b->graph.n ? fenp_node_of(b->graph.at[b->graph.n - 1])->site : "", *site = b->site ? b->site : "";
    return strcmp(last, site) ? fenp_arena_copy(&b->graph.memory, site, strlen(site)) : last;
}

static bool room_left(fen_builder *b) {
    if (b->graph.n < FENP_MAX_NODES) return true;
    if (!b->full) fenp_faulty(b, "the graph has more than %d values; repeat less, or cut the experiment", FENP_MAX_NODES);
    b->full = true;
    return false;
}

static fen_node *append(fen_builder *b, const fenp_node *made, fen_node *const *in) {
    fenp_graph *g = &b->graph;
    fenp_node *x = fenp_arena_new(&g->memory, sizeof *x);
    memcpy(x, made, sizeof *x);
    x->site = site_of(b);
    x->at = b->place;
    fen_node **copy = x->node.n ? fenp_arena_new(&g->memory, (size_t)x->node.n * sizeof *copy) : NULL;
    for (int i = 0; i < x->node.n; i++) copy[i] = fitted(b, &made->node, in[i]);
    x->node.in = copy;
    for (int i = 0; i < x->node.n; i++) if (fenp_is_faulty(b, copy[i])) return b->faulty;
    g->at = fenp_more(g->at, g->n, sizeof *g->at);
    x->node.id = g->n;
    return g->at[g->n++] = &x->node;
}

fen_node *fen_apply(fen_builder *b, const fen_op *op, fen_node *const *in, int n, const fen_attrs *a) {
    bool faulty;
    const char *wrong = wrong_op(op, n);
    if (!wrong && a) wrong = fenp_shape_refuses(&a->shape);
    if (!wrong) wrong = wrong_inputs(b, op, in, n, &faulty);
    if (wrong) return fenp_faulty(b, "%s: %s", op && op->name ? op->name : "an op", wrong);
    if (++b->verbs == b->fail_at) return fenp_faulty(b, "injected failure");
    if (faulty || !room_left(b)) return b->faulty;
    fenp_node made;
    memset(&made, 0, sizeof made);
    if (a) copy_attrs(&made.node.attrs, a);
    made.node.op = op;
    made.node.n = n;
    fen_shape shape = {0};
    if (n) shape = in[0]->shape;
    wrong = op->shape(in, n, &made.node.attrs, &shape, &made.node.type);
    if (!wrong) wrong = fenp_shape_refuses(&shape);
    if (wrong) return misfit(b, op, in, n, wrong);
    copy_shape(&made.node.shape, &shape);
    made.depends = depends_on(b, op, in, n);
    made.node.wide = is_wide(b, &made.node, made.depends);
    return append(b, &made, in);
}

/* Leaves */
fen_node *fenp_feed_new(fen_builder *b, const char *name, fen_shape shape, fen_type type, bool wide, unsigned depends, void *owner) {
    b->feed = fenp_more(b->feed, b->feeds, sizeof *b->feed);
    fenp_feed *f = &b->feed[b->feeds++];
    *f = (fenp_feed){.name = fenp_arena_copy(&b->graph.memory, name, strlen(name)), .type = type, .wide = wide || !shape.rank, .owner = owner};
    copy_shape(&f->shape, &shape);
    fen_attrs a = {.whole = {b->feeds - 1, type}};
    copy_shape(&a.shape, &shape);
    fen_node *x = fen_apply(b, &fenp_op_feed, NULL, 0, &a);
    if (!fenp_is_faulty(b, x)) ((fenp_node *)x)->depends = depends;
    return b->feed[b->feeds - 1].node = x;
}

fen_node *fenp_slot_read(fen_builder *b, fenp_slot *slot) {
    fen_node *now = fenp_map_get(&b->current, slot->name);
    if (!now) now = fenp_map_get(&b->leaves, slot->name);
    if (now) return now;
    fen_attrs a = {.whole = {(int64_t)(intptr_t)slot}};
    now = fen_apply(b, &fenp_op_slot, NULL, 0, &a);
    if (!fenp_is_faulty(b, now)) fenp_map_set(&b->leaves, slot->name, now);
    return now;
}

void fenp_slot_assign(fen_builder *b, fenp_slot *slot, fen_node *value) {
    char is[160], was[160];
    if (!fenp_is_faulty(b, value) && !fenp_same(&slot->shape, &value->shape))
        value = fenp_faulty(b, "%s: its new value has shape %s, it has %s", slot->name, fenp_shape_text(b, value->shape, is),
                            fenp_shape_text(b, slot->shape, was));
    fenp_map_set(&b->current, slot->name, value);
}

static fen_node *filled(fen_builder *b, fen_type type, double value) {
    fen_attrs a = {.real = {value}, .whole = {type}};
    return fen_apply(b, &fenp_op_fill, NULL, 0, &a);
}
fen_node *fenp_number(fen_builder *b, double value) { return filled(b, FEN_REAL, value); }
fen_node *fenp_integer(fen_builder *b, int64_t value) { return filled(b, FEN_INTEGER, (double)value); }

fen_node *fenp_table(fen_builder *b, fen_shape shape, fen_type type, const double *value) {
    size_t bytes = fenp_product((size_t)fenp_count(&shape), sizeof *value);
    double *copy = fenp_arena_new(&b->graph.memory, bytes ? bytes : 1);
    if (bytes) memcpy(copy, value, bytes);
    fen_attrs a = {.whole = {(int64_t)(intptr_t)copy, type}};
    copy_shape(&a.shape, &shape);
    return fen_apply(b, &fenp_op_table, NULL, 0, &a);
}

fen_node *fenp_named(fen_builder *b, const char *name, fen_node *x) {
    if (fenp_is_faulty(b, x)) return x;
    fen_attrs a = {.whole = {(int64_t)(intptr_t)fenp_arena_copy(&b->graph.memory, name, strlen(name))}};
    return fen_apply(b, &fenp_op_name, &x, 1, &a);
}
