/* combine.c: several elementwise ops as one instruction, where the values between have no other reader: b m + c g of a running mean, v - r (p
 * / q) of an update, g (1 - y^2) behind a tanh; a sum behind a leaky_relu and its derivative; the step of Adam and its kin. An instruction loads and
 * stores a tile; cheap ops cost little else, so that an optimiser's update takes a third of the time. */
#include "kernels/vmath.h"
#include "program/run.h"
#include <math.h>

static inline double number(const fen_attrs *a, int i) { return a->real[i]; }  /* twice.h defines `real` */
#define FENP_TWICE "program/combine.inc"
#include "kernels/twice.h"

typedef enum form { PLAIN, LINE, SQUARE, ROOT } form;                /* v, p v + q, p v^2 + q, p sqrt(v) + q */
#define BOTH(name) {name##_single, name##_double}
#define ROW(name) { \
    {{0, 0}, BOTH(name##_plain_line), BOTH(name##_plain_square), BOTH(name##_plain_root)}, \
    {BOTH(name##_line_plain), BOTH(name##_line_line), BOTH(name##_line_square), BOTH(name##_line_root)}}
static const struct { const fen_op *op; bool commutes; fen_tile run[2][4][2]; } joined[] = {
    {&fenp_op_add, true, ROW(add)}, {&fenp_op_sub, false, ROW(sub)}, {&fenp_op_mul, true, ROW(mul)}, {&fenp_op_div, false, ROW(div)},
};

typedef struct combiner { fenp_emitter *e; const fenp_job *u; int *reads; bool *absorbed; } combiner;
/* An input of an instruction: which form of which value, and what that leaves without a reader. */
typedef struct side { form form; double p, q; int value, without[2], n; } side;

static const fen_node *node_at(const combiner *k, int id) { return &k->e->plan->at[id]->base.node; }
static bool is_inside(const combiner *k, int id) {
    return k->e->plan->role[id] == FENP_TILED && k->e->plan->unit_of[id] == k->e->plan->unit_of[k->u->value[0]];
}
/* A value of this group that nobody else reads, made by op. */
static bool is_between(const combiner *k, int id, const fen_op *op, const fen_node *reader) {
    const fen_node *x = node_at(k, id);
    if (!is_inside(k, id) || x->op != op || x->wide != reader->wide) return false;
    return k->e->plan->spot[id].where == FENP_NOWHERE && k->reads[k->e->position[id]] == 1 && !k->absorbed[k->e->position[id]];
}
static side side_of(const combiner *k, const fen_node *reader, int i, bool simple) {
    int id = fenp_known_as(k->e, reader->in[i]->id);
    side s = {.form = PLAIN, .value = id};
    if (!is_between(k, id, &fenp_op_affine, reader)) return s;
    const fen_node *x = node_at(k, id);
    s = (side){LINE, x->attrs.real[0], x->attrs.real[1], fenp_known_as(k->e, x->in[0]->id), {id, 0}, 1};
    bool square = is_between(k, s.value, &fenp_op_square, reader), root = is_between(k, s.value, &fenp_op_sqrt, reader);
    if (simple || (!square && !root)) return s;
    s.form = square ? SQUARE : ROOT;
    s.without[s.n++] = s.value;
    s.value = fenp_known_as(k->e, node_at(k, s.value)->in[0]->id);
    return s;
}
static fenp_recipe plain_recipe(const combiner *k, const fen_node *x) {
    fenp_recipe r = {.value = x->id, .n = x->n, .run = fenp_tile_of(x), .attrs = &x->attrs};
    for (int i = 0; i < x->n; i++) r.in[i] = fenp_known_as(k->e, x->in[i]->id);
    return r;
}
/* Patterns: what x's recipe is, if x is such a thing. */
static int input(const combiner *k, const fen_node *x, int i) { return fenp_known_as(k->e, x->in[i]->id); }
/* Input i of x, if it is a value between made by op. */
static const fen_node *made_by(const combiner *k, const fen_node *x, int i, const fen_op *op) {
    int id = input(k, x, i);
    return is_between(k, id, op, x) ? node_at(k, id) : NULL;
}
static void absorb(combiner *k, const fen_node *x) { k->absorbed[k->e->position[x->id]] = true; }
static bool bent_sum(combiner *k, const fen_node *x, fenp_recipe *r) {
    const fen_node *sum = x->op == &fenp_op_leaky_relu ? made_by(k, x, 0, &fenp_op_add) : NULL;
    if (!sum) return false;
    absorb(k, sum);
    *r = (fenp_recipe){.value = x->id, .n = 2, .in = {input(k, sum, 0), input(k, sum, 1)}, .run = x->wide ? bent_sum_double : bent_sum_single, .attrs = &x->attrs};
    return true;
}
static bool gate(combiner *k, const fen_node *x, fenp_recipe *r) {
    const fen_node *left = x->op == &fenp_op_mul ? made_by(k, x, 0, &fenp_op_slope) : NULL, *right = NULL;
    if (!left && x->op == &fenp_op_mul) right = made_by(k, x, 1, &fenp_op_slope);
    const fen_node *slope = left ? left : right;
    if (!slope) return false;
    absorb(k, slope);
    *r = (fenp_recipe){.value = x->id, .n = 2, .in = {input(k, x, left != NULL), input(k, slope, 0)}, .run = x->wide ? gate_double : gate_single,
                       .attrs = &slope->attrs};
    return true;
}
static bool scaled_step(combiner *k, const fen_node *x, fenp_recipe *r) {
    const fen_node *ratio = x->op == &fenp_op_sub ? made_by(k, x, 1, &fenp_op_div) : NULL, *way = ratio ? made_by(k, ratio, 0, &fenp_op_mul) : NULL;
    const fen_node *line = way ? made_by(k, ratio, 1, &fenp_op_affine) : NULL, *root = line ? made_by(k, line, 0, &fenp_op_sqrt) : NULL;
    const fen_node *size = root ? made_by(k, root, 0, &fenp_op_mul) : NULL, *all[] = {ratio, way, line, root, size};
    if (!size) return false;
    for (int i = 0; i < 5; i++) absorb(k, all[i]);
    *r = (fenp_recipe){.value = x->id, .n = 5, .in = {input(k, x, 0), input(k, way, 0), input(k, way, 1), input(k, size, 0), input(k, size, 1)},
                       .run = x->wide ? scaled_step_double : scaled_step_single, .attrs = &line->attrs};
    return true;
}
static bool (*const patterns[])(combiner *k, const fen_node *x, fenp_recipe *r) = {bent_sum, gate, scaled_step};

static fenp_recipe recipe_of(combiner *k, const fen_node *x) {
    fenp_recipe r = plain_recipe(k, x);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns && !(k->e->plan->flags & FENP_NAIVE); i++)
        if (patterns[i](k, x, &r)) return r;
    size_t which = 0, all = sizeof joined / sizeof *joined;
    while (which < all && joined[which].op != x->op) which++;
    if (which == all || k->e->plan->flags & FENP_NAIVE) return r;
    side left = side_of(k, x, 0, !joined[which].commutes), right = side_of(k, x, 1, false);
    if (left.form > LINE && right.form > LINE) left = side_of(k, x, 0, true);
    if (left.form > LINE) {
        side other = left;
        left = right;
        right = other;
    }
    if (left.form == PLAIN && right.form == PLAIN) return r;
    fen_attrs *a = fenp_arena_new(&k->e->program->memory, sizeof *a);
    a->real[0] = left.p;
    a->real[1] = left.q;
    a->real[2] = right.p;
    a->real[3] = right.q;
    for (int i = 0; i < left.n; i++) k->absorbed[k->e->position[left.without[i]]] = true;
    for (int i = 0; i < right.n; i++) k->absorbed[k->e->position[right.without[i]]] = true;
    fen_tile run = joined[which].run[left.form][right.form][x->wide];
    return (fenp_recipe){.value = x->id, .n = 2, .in = {left.value, right.value}, .run = run, .attrs = a};
}
int fenp_recipes(fenp_emitter *e, const fenp_job *u, fenp_recipe *to) {
    combiner k = {e, u, fenp_new((size_t)u->n * sizeof *k.reads), fenp_new((size_t)u->n)};
    int n = u->n;
    for (int c = 0; c < u->n; c++) e->position[u->value[c]] = c;
    for (int c = 0; c < u->n; c++) {
        const fen_node *x = node_at(&k, u->value[c]);
        for (int i = 0; i < x->n; i++) {
            int id = fenp_known_as(e, x->in[i]->id);
            if (is_inside(&k, id)) k.reads[e->position[id]]++;
        }
    }
    for (int c = u->n - 1; c >= 0; c--)                              /* readers first: what they took needs no recipe */
        if (!k.absorbed[c]) to[--n] = recipe_of(&k, node_at(&k, u->value[c]));
    fenp_delete(k.reads);
    fenp_delete(k.absorbed);
    return n;
}
