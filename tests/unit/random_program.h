/* tests/unit/random_program.h: random programs with everything that can go wrong in a plan: second-order gradients, states, views, noise,
 * slices, concats, sorting, integers, broadcasts of every kind, writes of swapped and of sliced values, additions, a guard. */
#ifndef FENCHEL_TESTS_RANDOM_PROGRAM_H
#define FENCHEL_TESTS_RANDOM_PROGRAM_H
#include "ops/ops.h"
#include "program/program.h"
#include <stdlib.h>
#include <string.h>

enum { VALUES = 96, TARGETS = 48 };
typedef struct made {
    fenp_store *store; fen_builder *b; fenp_faults faults;
    int64_t rows, columns;
    fenp_slot *weight, *bias, *state, *other, *total, *count, *flat; fen_node *feed;
    fen_node *x[VALUES]; int n;
    fenp_target target[TARGETS]; int targets;
    uint32_t dice;
} made;

static unsigned roll_dice(made *m, unsigned n) {
    m->dice = m->dice * 1664525u + 1013904223u;
    return (m->dice >> 8) % n;
}
static fen_shape table_shape(const made *m) { return (fen_shape){.leads = 1, .rank = 2, .size = {m->rows, m->columns}}; }
static fen_node *any(made *m) { return m->x[roll_dice(m, (unsigned)m->n)]; }

/* Rows in the order of another value's row sums. */
static fen_node *sorted(made *m, fen_node *p, fen_node *q) {
    fen_node *order = fenp_argsort_at(m->b, fenp_reduce(m->b, FEN_SUM, q, 2), 0);
    return fenp_gather_at(m->b, p, 0, order);
}
static fen_node *cut_and_joined(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    int64_t at = 1 + roll_dice(m, (unsigned)m->columns - 1);
    fen_node *piece[2] = {fen_slice(b, p, 0, 0, 1, at), fen_slice(b, roll_dice(m, 2) ? p : q, 0, at, 1, m->columns - at)};
    return fen_concat(b, piece, 2, 0);
}
static fen_node *turned(made *m, fen_node *p) {
    fen_builder *b = m->b;
    fen_shape other = {.rank = 2, .size = {m->columns, m->rows}};
    fen_node *y = fenp_relabel(b, p, other);
    if (roll_dice(m, 2)) y = fen_tanh(b, fen_scale(b, y, .7));
    y = roll_dice(m, 2) ? fen_transpose(b, y) : y;
    return fenp_relabel(b, y, table_shape(m));
}
/* Rows through one flat vector, whose pieces lie one behind the other. */
static fen_node *packed(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    int64_t n = m->rows * m->columns;
    fen_shape flat = fen_vector(n);
    fen_node *part[2] = {fenp_relabel(b, fen_scale(b, p, .5), flat), fenp_relabel(b, q, flat)}, *whole = fen_concat(b, part, 2, 0);
    if (roll_dice(m, 2)) whole = fen_scale(b, whole, .9);
    return fenp_relabel(b, fen_slice(b, whole, 0, (int64_t)roll_dice(m, (unsigned)n), 1, n), table_shape(m));
}
static fen_node *counted(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    fen_node *rank = fenp_rank_at(b, q, 1), *less = fen_less(b, p, q);
    fen_node *whole = fen_add(b, fen_mul(b, rank, less), fenp_integer(b, (int64_t)roll_dice(m, 3)));
    return fen_mul(b, p, fen_scale(b, fenp_to_real(b, whole), .25));
}
static fen_node *crossed(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    fen_axis k = fen_axis_new(b, m->rows);
    fen_node *other = fen_rename(b, fenp_reduce(b, FEN_SUM, q, 2), FEN_BATCH, k);
    fen_node *pairs = fen_tanh(b, fen_sub(b, p, other));
    return fen_reduce_axis(b, roll_dice(m, 2) ? FEN_MEAN : FEN_SUM, pairs, k);
}
/* One row, which is a view, and all rows beside it: what lies in a group's memory is read for other elements. */
static fen_node *one_row(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    fen_node *row = fenp_slice_at(b, p, 0, (int64_t)roll_dice(m, (unsigned)m->rows), 1, 1);
    row = fenp_relabel(b, row, fen_vector(m->columns));
    return fen_sub(b, roll_dice(m, 2) ? p : q, roll_dice(m, 2) ? fen_tanh(b, row) : row);
}
static fen_node *some_rows(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    int64_t half = (m->rows + 1) / 2;
    fen_node *part[2] = {fen_tanh(b, fenp_slice_at(b, p, 0, 0, 1, half)), fen_scale(b, fenp_slice_at(b, q, 0, half, 1, m->rows - half), .5)};
    return roll_dice(m, 2) ? fenp_concat_at(b, part, 2, 0) : fenp_spread_at(b, part[0], 0, m->rows - half, 1, m->rows);
}
/* Rows of another length in the same elements. */
static fen_node *other_rows(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    fen_shape other = {.rank = 2, .size = {m->columns, m->rows}};
    fen_node *x = fenp_relabel(b, p, other), *y = fenp_reduce(b, FEN_SUM, fenp_relabel(b, q, other), 1);
    fen_node *z = fen_add(b, fenp_relabel(b, fen_sub(b, x, fen_scale(b, y, .1)), table_shape(m)), fenp_slot_read(b, m->bias));
    return roll_dice(m, 2) ? z : fen_mul(b, z, p);
}
/* Three axes turned twice; slices of slices. */
static fen_node *twice(made *m, fen_node *p) {
    fen_builder *b = m->b;
    fen_shape s = {.rank = 3, .size = {m->rows, m->columns, 1}}, first = {.rank = 3}, second = {.rank = 3};
    if (roll_dice(m, 3) == 0) {
        fen_node *odd = fenp_slice_at(b, fenp_slice_at(b, p, 0, 1, 2, m->rows / 2), 0, m->rows / 2 - 1, 1, 1);
        return fen_mul(b, p, fen_tanh(b, fenp_relabel(b, odd, fen_vector(m->columns))));
    }
    if (m->rows % 2 == 0) { s.size[0] /= 2; s.size[2] = 2; }
    else if (m->columns % 2 == 0) { s.size[1] /= 2; s.size[2] = 2; }
    const int turn[3] = {1, 2, 0}, again[3] = {roll_dice(m, 2) ? 1 : 0, 2, 0};
    const int last[3] = {again[0], 2, again[0] == 1 ? 0 : 1};
    for (int i = 0; i < 3; i++) first.size[i] = s.size[turn[i]];
    for (int i = 0; i < 3; i++) second.size[i] = first.size[last[i]];
    fen_node *x = fenp_permute(b, fenp_relabel(b, p, s), turn, first);
    return fenp_relabel(b, fenp_permute(b, x, last, second), table_shape(m));
}
/* A number as a tensor of one entry, among others of one entry: all count one, and no number may be read before it is there. */
static fen_node *one_entry(made *m, fen_node *p, fen_node *q) {
    fen_builder *b = m->b;
    fen_node *number = fen_scale(b, fen_tanh(b, fen_add(b, fen_mean(b, p), fen_scale(b, fen_mean(b, q), .3))), .5);
    fen_node *v = fenp_relabel(b, number, fen_vector(1)), *e = fenp_slice_at(b, fenp_slot_read(b, m->bias), 0, 0, 1, 1);
    return fen_add(b, p, fen_add(b, fen_mul(b, v, e), fen_scale(b, fen_square(b, v), .1)));
}
#include "random_values.h"

static fen_node *random_value(made *m) {
    fen_builder *b = m->b;
    fen_node *p = any(m), *q = any(m), *w = fenp_slot_read(b, m->weight), *c = fenp_slot_read(b, m->bias);
    fen_shape s = table_shape(m);
    switch (roll_dice(m, 50)) {
    case 36: return one_entry(m, p, q);
    case 30: return one_row(m, p, q);
    case 31: return some_rows(m, p, q);
    case 32: return other_rows(m, p, q);
    case 33: return twice(m, p);
    case 34: return fenp_reduce(b, FEN_MAX, p, 1u << roll_dice(m, 2));              /* less than a table: spread where it is wanted */
    case 35: return fen_sum(b, fen_scale(b, p, .01));
    case 0: return fen_add(b, p, q);
    case 1: return fen_sub(b, p, q);
    case 2: return fen_tanh(b, fen_mul(b, p, q));
    case 3: return fen_tanh(b, fen_linear(b, p, w));
    case 4: return fen_add(b, p, fen_scale(b, c, .5));
    case 5: return fen_sub(b, p, fen_scale(b, fenp_reduce(b, FEN_SUM, p, 1u << roll_dice(m, 2)), .2));
    case 6: return fen_leaky_relu(b, p, .2);
    case 7: return turned(m, p);
    case 8: return fen_spread(b, fen_slice(b, p, 0, 1, 1, 2), 0, 1, 1, m->columns);
    case 9: return fen_mul(b, p, fen_sigmoid(b, fen_mean(b, q)));
    case 10: return fen_div(b, p, fen_shift(b, fen_square(b, q), 1));
    case 11: return sorted(m, p, q);
    case 12: return fen_mul(b, fenp_reduce(b, FEN_SUM, p, 2), fen_scale(b, fenp_reduce(b, FEN_SUM, q, 1), .1));
    case 13: return fen_softplus(b, fen_shift(b, fen_scale(b, p, .5), -.1));
    case 14: return cut_and_joined(m, p, q);
    case 15: return fen_where(b, fen_less(b, p, q), p, fen_scale(b, q, .5));
    case 16: return packed(m, p, q);
    case 17: return fen_scale(b, fenp_cumsum_at(b, p, (int)roll_dice(m, 2)), .3);
    case 18: return counted(m, p, q);
    case 19: return crossed(m, p, q);
    case 20: return fen_max(b, fen_min(b, p, q), fenp_number(b, -.5));
    case 21: return fenp_roll_at(b, p, (int)roll_dice(m, 2), 1);
    case 22: return fen_spread(b, fen_slice(b, p, 0, 0, 2, (m->columns + 1) / 2), 0, 0, 2, m->columns);
    case 23: return fen_add(b, fen_mul(b, q, fenp_number(b, 0)), fen_mul(b, p, fenp_number(b, .5)));
    case 24: return fen_sub(b, p, fen_reduce(b, FEN_LOGSUMEXP, q, FEN_CHANNEL));
    case 25: return fen_mul(b, p, fen_tanh(b, fen_sub(b, fen_sum(b, fen_scale(b, q, .01)), fen_mean(b, p))));
    case 26: return fenp_widen(b, fen_tanh(b, fenp_widen(b, p, true)), b->doubles);
    case 27: return fen_mul(b, p, fen_scale(b, fenp_to_real(b, fen_coordinate(b, FEN_BATCH)), .1));
    case 28: return fen_linear(b, fen_tanh(b, p), fen_matmul(b, w, fen_transpose(b, fen_scale(b, w, .3))));
    case 29: return fenp_softmax(b, fen_add(b, p, fen_normal(b, fenp_arena_text(&b->graph.memory, "noise %d", m->n), s)), 2, roll_dice(m, 2));
    default: return rare_value(m, p, q);
    }
}
static void write_to(made *m, fenp_slot *slot, fen_node *x, fenp_how how) { m->target[m->targets++] = (fenp_target){x, slot, how}; }
static void keep(made *m, fen_node *x) { write_to(m, NULL, x, FENP_KEEP); }

/* An update of both tensors: as one vector, one by one, or with a running mean. */
static void add_update(made *m, fen_node **g) {
    fen_builder *b = m->b;
    fen_node *w = fenp_slot_read(b, m->weight), *c = fenp_slot_read(b, m->bias);
    unsigned how = roll_dice(m, 4);
    fen_node *flat = fenp_slot_read(b, m->flat);
    if (how == 0) {
        fen_node *next_w = fen_sub(b, w, fen_scale(b, g[0], .1)), *next_c = fen_sub(b, c, fen_scale(b, g[1], .1));
        write_to(m, m->weight, next_w, FENP_WRITE);
        write_to(m, m->bias, next_c, FENP_WRITE);
        if (roll_dice(m, 2)) keep(m, fen_mul(b, flat, fen_sum(b, next_w)));          /* old and new: reads the block when one is known */
        return;
    }
    fen_node *momentum = fenp_slot_read(b, fenp_store_find(m->store, "momentum"));
    fen_node *part[2] = {fenp_relabel(b, g[0], fen_vector(m->weight->count)), g[1]}, *all = fen_concat(b, part, 2, 0);
    fen_node *next = fen_add(b, fen_scale(b, momentum, .6), fen_scale(b, all, .05)), *after = fen_sub(b, flat, next);
    write_to(m, fenp_store_find(m->store, "momentum"), next, FENP_WRITE);
    if (how == 1) { write_to(m, m->flat, after, FENP_WRITE); return; }
    if (how == 3) {                                                  /* pieces that change places */
        write_to(m, m->bias, fen_slice(b, after, 0, 0, 1, m->bias->count), FENP_WRITE);
        write_to(m, m->weight, fenp_relabel(b, fen_slice(b, after, 0, m->bias->count, 1, m->weight->count), m->weight->shape), FENP_WRITE);
        return;
    }
    fen_node *piece = fenp_relabel(b, fen_slice(b, after, 0, 0, 1, m->weight->count), m->weight->shape);
    write_to(m, m->weight, piece, FENP_WRITE);
    write_to(m, m->bias, fen_slice(b, after, 0, m->weight->count, 1, m->bias->count), FENP_WRITE);
}
static void add_states(made *m) {
    fen_builder *b = m->b;
    fen_node *s = fenp_slot_read(b, m->state), *o = fenp_slot_read(b, m->other);
    unsigned how = roll_dice(m, 5);
    if (how == 4) write_to(m, m->state, roll_dice(m, 2) ? fenp_roll_at(b, s, 0, 1) : fenp_cumsum_at(b, s, 1), FENP_WRITE);
    if (how == 0) {                                                  /* they change places */
        write_to(m, m->state, o, FENP_WRITE);
        write_to(m, m->other, s, FENP_WRITE);
    } else if (how == 1) write_to(m, m->state, fen_tanh(b, any(m)), FENP_WRITE);
    else if (how == 2) {
        write_to(m, m->other, fen_add(b, fen_scale(b, o, .5), fen_scale(b, s, .5)), FENP_WRITE);
        write_to(m, m->state, any(m), FENP_WRITE);
    }
    fen_node *t = fenp_slot_read(b, m->count);
    write_to(m, m->count, fen_shift(b, t, 1), FENP_WRITE);
    write_to(m, m->total, fen_mean(b, any(m)), FENP_ADD);
    keep(m, s);
}
static void declare(made *m) {
    fenp_store *s = m->store;
    fen_shape table = table_shape(m), none = {0};
    m->weight = fenp_store_slot(s, "params/net", "params/net/w", fen_matrix(m->columns, m->columns), FEN_REAL, false, .3);
    m->bias = fenp_store_slot(s, "params/net", "params/net/c", fen_vector(m->columns), FEN_REAL, false, .1);
    m->flat = fenp_block_whole(s, fenp_store_block(s, "params/net"));
    fenp_store_slot(s, "momentum", "momentum", m->flat->shape, FEN_REAL, false, 0);
    m->state = fenp_store_slot(s, "states", "state", table, FEN_REAL, false, .3);
    m->other = fenp_store_slot(s, "states", "other", table, FEN_REAL, false, -.2);
    m->total = fenp_store_slot(s, "numbers", "total", none, FEN_REAL, true, 0);
    m->count = fenp_store_slot(s, "numbers", "count", none, FEN_REAL, true, 0);
    fenp_store_seal(s);
}
__attribute__((unused)) static void made_new(made *m, uint32_t seed, int64_t rows, int64_t columns, bool doubles) {
    memset(m, 0, sizeof *m);
    m->dice = seed;
    m->rows = rows;
    m->columns = columns;
    m->store = fenp_store_new(doubles);
    declare(m);
    fen_builder *b = m->b = fenp_builder_new(m->store, FEN_TRAIN, doubles, &m->faults);
    b->axis[FEN_BATCH].size = rows;
    m->x[m->n++] = m->feed = fenp_feed_new(b, "x", table_shape(m), FEN_REAL, doubles, FENP_ON_DRAW, NULL);
    m->x[m->n++] = fen_uniform(b, "u", table_shape(m));
    m->x[m->n++] = fenp_slot_read(b, m->state);
    m->x[m->n++] = fenp_slot_read(b, m->other);
    m->x[m->n++] = fenp_named(b, "named", m->x[0]);
    for (int length = 5 + (int)roll_dice(m, 40); length--;) {
        fen_node *y = random_value(m);
        m->x[m->n] = fenp_broadcast(b, fenp_widen(b, y, doubles), table_shape(m));
        m->n++;
    }
    fen_node *w[2] = {fenp_slot_read(b, m->weight), fenp_slot_read(b, m->bias)}, *g[2], *loss = fen_mean(b, fen_tanh(b, m->x[m->n - 1]));
    for (int i = 0; i < 3; i++) loss = fen_add(b, loss, fen_mean(b, fen_tanh(b, any(m))));
    fenp_gradients(b, loss, NULL, w, 2, g, (bool[2]){0});
    if (roll_dice(m, 2)) {                                           /* a penalty on a gradient, and its gradient */
        fen_node *h;
        fenp_gradients(b, loss, NULL, &m->x[4], 1, &h, (bool[1]){0});
        loss = fen_add(b, loss, fen_mean(b, fen_square(b, h)));
        fenp_gradients(b, loss, NULL, w, 2, g, (bool[2]){0});
    }
    keep(m, fen_add(b, loss, fen_add(b, fen_sum(b, g[0]), fen_sum(b, g[1]))));       /* the guard */
    add_update(m, g);
    add_states(m);
    for (int i = 0; i < 3; i++) keep(m, any(m));
}
static void made_free(made *m) {
    fenp_builder_free(m->b);
    fenp_store_free(m->store);
    fenp_faults_free(&m->faults);
}
#endif
