/* graph/gradient.c: reverse mode as a transform of the graph. Ids grow and inputs have smaller ids, so going down the ids is going
 * backwards; nothing recurses over the graph. Only nodes on a way from a wanted node to y are entered. An op without vjp is replaced
 * by its expansion, which is differentiated down to the op's inputs and no further: they may depend on each other. */
#include "ops/ops.h"
#include <string.h>

/* One sweep. Places 0 .. top - from - 1 are the nodes from .. top - 1; behind them, where the sweep ends at its wanted nodes
 * (`ends`), stand those wanted nodes that are older than `from`. All other old nodes are constants there. */
typedef struct sweep {
    fen_builder *b;
    fen_node *const *x; int n;                /* wanted */
    int from, top;
    bool ends;
    bool *wanted, *need, *above;              /* is a wanted node; depends on one; y depends on it */
    fen_node **grad;
    bool *need_in; fen_node **gx; int room;   /* of the node at hand */
} sweep;

static int place_of(const sweep *s, const fen_node *x) {
    if (x->id >= s->from) return x->id < s->top ? x->id - s->from : -1;
    for (int i = 0; s->ends && i < s->n; i++) if (s->x[i] == x) return s->top - s->from + i;
    return -1;
}

static bool has_slope(const fen_node *x) { return x->type == FEN_REAL && !(x->op->flags & FEN_FLAT); }

/* Up the ids: what depends on a wanted node by differentiable ops. */
static void mark_needed(sweep *s) {
    for (int i = 0; i < s->n; i++) {
        int p = place_of(s, s->x[i]);
        if (p >= 0) s->wanted[p] = s->need[p] = true;
    }
    for (int id = s->from; id < s->top; id++) {
        const fen_node *x = s->b->graph.at[id];
        bool *need = &s->need[id - s->from];
        for (int i = 0; i < x->n && !*need && has_slope(x); i++) {
            int p = place_of(s, x->in[i]);
            *need = p >= 0 && s->need[p];
        }
    }
}

/* Down the ids: on what y depends, through flat ops too. */
static void mark_above(sweep *s, const fen_node *y) {
    int p = place_of(s, y);
    if (p >= 0) s->above[p] = true;
    for (int id = s->top - 1; id >= s->from; id--) {
        const fen_node *x = s->b->graph.at[id];
        for (int i = 0; i < x->n && s->above[id - s->from]; i++) {
            p = place_of(s, x->in[i]);
            if (p >= 0) s->above[p] = true;
        }
    }
}

static void make_room(sweep *s, int n) {
    if (n > s->room) {
        fenp_delete(s->need_in);
        fenp_delete(s->gx);
        s->need_in = fenp_new((size_t)n * sizeof *s->need_in);
        s->gx = fenp_new((size_t)n * sizeof *s->gx);
        s->room = n;
    }
    for (int i = 0; i < n; i++) { s->need_in[i] = false; s->gx[i] = NULL; }
}

static void run_sweep(fen_builder *b, fen_node *y, fen_node *gy, fen_node *const *x, int n, int from, bool ends, fen_node **out, bool *reached);

/* The expansion, differentiated by the inputs; an input that stands twice gets its derivative once. */
static void through_expansion(fen_builder *b, fen_node *x, fen_node *gy, fen_node **gx) {
    fenp_node *node = (fenp_node *)x;
    if (!node->expansion) {
        node->expanded_from = b->graph.n;
        node->expansion = x->op->expand(b, x);
        if (!node->expansion) node->expansion = fenp_faulty(b, "%s: its expansion is NULL", x->op->name);
        if (node->expansion->op == x->op) node->expansion = fenp_faulty(b, "%s: its expansion is the op itself; needs smaller ones", x->op->name);
    }
    if (fenp_is_faulty(b, node->expansion)) return;
    if (!fenp_same(&node->expansion->shape, &x->shape)) { fenp_faulty(b, "%s: its expansion has another shape", x->op->name); return; }
    run_sweep(b, node->expansion, gy, x->in, x->n, node->expanded_from, true, gx, NULL);
    for (int i = 1; i < x->n; i++) for (int j = 0; j < i; j++) if (x->in[i] == x->in[j]) gx[i] = NULL;
}

static void accumulate(sweep *s, fen_node *x, int i) {
    fen_node *g = s->gx[i];
    if (!g || !s->need_in[i]) return;
    char is[160], want[160];
    if (!fenp_is_faulty(s->b, g) && !fenp_same(&g->shape, &x->in[i]->shape))
        g = fenp_faulty(s->b, "%s: its derivative by input %d has shape %s, the input has %s", x->op->name, i,
                        fenp_shape_text(s->b, g->shape, is), fenp_shape_text(s->b, x->in[i]->shape, want));
    fen_node **sum = &s->grad[place_of(s, x->in[i])];
    *sum = *sum ? fen_add(s->b, *sum, g) : g;
}

static void no_gradient(fen_builder *b, const fen_node *x) {
    const char *site = fenp_node_of(x)->site;
    fenp_faulty(b, "%s%s%s has no gradient, but one through it is needed", x->op->name, *site ? " at " : "", site);
}

static void enter(sweep *s, fen_node *x, fen_node *gy) {
    bool any = false;
    make_room(s, x->n);
    for (int i = 0; i < x->n; i++) {
        int p = place_of(s, x->in[i]);
        s->need_in[i] = p >= 0 && s->need[p];
        any |= s->need_in[i];
    }
    if (!any) return;
    fenp_place place = s->b->place;
    s->b->place = fenp_node_of(x)->at;        /* what fails in it is told at the line of the op itself */
    if (x->op->vjp) x->op->vjp(s->b, x, gy, s->need_in, s->gx);
    else if (x->op->expand) through_expansion(s->b, x, gy, s->gx);
    else no_gradient(s->b, x);
    for (int i = 0; i < x->n; i++) accumulate(s, x, i);
    s->b->place = place;
}

static void run_sweep(fen_builder *b, fen_node *y, fen_node *gy, fen_node *const *x, int n, int from, bool ends, fen_node **out, bool *reached) {
    int top = y->id + 1 > from ? y->id + 1 : from;
    size_t places = (size_t)(top - from + n);
    sweep s = {.b = b, .x = x, .n = n, .from = from, .top = top, .ends = ends};
    bool *marks = fenp_new(3 * places);
    s.wanted = marks;
    s.need = marks + places;
    s.above = marks + 2 * places;
    s.grad = fenp_new(places * sizeof *s.grad);
    mark_needed(&s);
    if (reached) mark_above(&s, y);
    int start = place_of(&s, y);
    if (start >= 0 && y->type == FEN_REAL) s.grad[start] = gy;
    for (int id = top - 1; id >= from; id--) {
        int p = id - from;
        fen_node *node = b->graph.at[id];
        if (s.grad[p] && s.need[p] && has_slope(node) && !(ends && s.wanted[p])) enter(&s, node, s.grad[p]);
    }
    for (int i = 0; i < n; i++) {
        int p = place_of(&s, x[i]);
        out[i] = p >= 0 ? s.grad[p] : NULL;
        if (reached) reached[i] = p >= 0 && s.above[p];
    }
    fenp_delete(s.need_in);
    fenp_delete(s.gx);
    fenp_delete(s.grad);
    fenp_delete(marks);
}

void fenp_gradients(fen_builder *b, fen_node *y, fen_node *gy, fen_node *const *x, int n, fen_node **out, bool *reached) {
    int lowest = y->id, sound = 0, before = b->faults->n;
    fen_node **wanted = fenp_new((size_t)(n ? n : 1) * sizeof *wanted);
    for (int i = 0; i < n; i++) if (!fenp_is_faulty(b, x[i])) wanted[sound++] = x[i];
    for (int i = 0; i < sound; i++) if (wanted[i]->id < lowest) lowest = wanted[i]->id;
    bool faulty = fenp_is_faulty(b, y) || (gy && fenp_is_faulty(b, gy));
    fen_node **found = fenp_new((size_t)(n ? n : 1) * sizeof *found);
    bool *way = fenp_new((size_t)(n ? n : 1));
    if (!faulty && sound) run_sweep(b, y, gy ? gy : fen_fill(b, y->shape, 1), wanted, sound, lowest, false, found, way);
    faulty = faulty || b->faults->n > before;
    for (int i = 0, j = 0; i < n; i++) {
        bool bad = faulty || fenp_is_faulty(b, x[i]), here = !fenp_is_faulty(b, x[i]);
        reached[i] = bad || way[j];
        out[i] = bad ? b->faulty : found[j] ? found[j] : fen_fill(b, x[i]->shape, 0);
        j += here;
    }
    fenp_delete(wanted);
    fenp_delete(found);
    fenp_delete(way);
}

/* What a value is, whatever it is called and however it is cut. */
static const fen_node *bare(const fen_node *x) {
    while (x->op == &fenp_op_name || x->op == &fenp_op_reshape) x = x->in[0];
    return x;
}
static const char *name_of(const fen_node *x) { return x->op == &fenp_op_name ? (const char *)(intptr_t)x->attrs.whole[0] : NULL; }

/* Nodes that would be merged (same op, attributes and inputs, names dropped) have one number. In the path of an error only, so plainly. */
enum { MERGED_AT_MOST = 20000 };
static bool same_node(const fen_node *a, const fen_node *b, const int *merged) {
    if (a->op != b->op || a->n != b->n || a->type != b->type || !fenp_same(&a->shape, &b->shape) || memcmp(&a->attrs, &b->attrs, sizeof a->attrs)) return false;
    for (int i = 0; i < a->n; i++) if (merged[a->in[i]->id] != merged[b->in[i]->id]) return false;
    return true;
}
static int *merge(const fen_builder *b, int n) {
    int *merged = fenp_new((size_t)n * sizeof *merged);
    for (int id = 0; id < n; id++) {
        const fen_node *node = b->graph.at[id];
        merged[id] = node->op == &fenp_op_name ? merged[node->in[0]->id] : id;
        for (int k = 0; merged[id] == id && k < id && n <= MERGED_AT_MOST; k++)
            if (merged[k] == k && same_node(node, b->graph.at[k], merged)) merged[id] = k;
    }
    return merged;
}
/* Names that have x's value and on which y depends, as text. */
static char *others(fen_builder *b, fen_node *y, const fen_node *x) {
    fenp_text text = {0};
    int n = 0, nodes = (y->id > x->id ? y->id : x->id) + 1;
    bool *above = fenp_new((size_t)y->id + 1);
    int *merged = merge(b, nodes);
    above[y->id] = true;
    for (int id = y->id; id >= 0; id--) {
        const fen_node *node = b->graph.at[id];
        for (int i = 0; i < node->n && above[id]; i++) above[node->in[i]->id] = true;
        if (!above[id] || !name_of(node) || merged[bare(node)->id] != merged[bare(x)->id] || strcmp(name_of(node), "it") == 0) continue;
        if (n++ < 5) fenp_text_add(&text, "%s`%s`", n > 1 ? ", " : "", name_of(node));
    }
    fenp_delete(above);
    fenp_delete(merged);
    if (n == 1) fenp_text_add(&text, " has the same value: differentiate by that name");
    if (n > 1) fenp_text_add(&text, " have the same value: differentiate by one of these names");
    return text.at;
}

fen_node *fen_gradient(fen_builder *b, fen_node *y, fen_node *x) {
    fen_node *g;
    bool reached;
    y = fenp_node_given(b, y);
    x = fenp_node_given(b, x);
    if (fenp_is_faulty(b, y) || fenp_is_faulty(b, x)) return b->faulty;
    const char *name = name_of(x);
    if (x->type == FEN_INTEGER)
        return fenp_faulty(b, "gradient: by %s%s%s, an integer, by which nothing has a derivative; needs a real value (3.0, not 3)", name ? "`" : "",
                           name ? name : "it", name ? "`" : "");
    fenp_gradients(b, y, NULL, &x, 1, &g, &reached);
    if (reached) return g;
    char *same = others(b, y, x);
    fenp_faulty(b, "gradient: no path from %s%s%s to the value; %s", name ? "`" : "", name ? name : "it", name ? "`" : "",
                same ? same : "it does not depend on it");
    fenp_delete(same);
    return b->faulty;
}
