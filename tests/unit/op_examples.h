/* tests/unit/op_examples.h: for every op of core/ops/table.c at least one example: shapes and ranges of its inputs, its attributes, and
 * the value by its definition. test_registry walks the table and misses by name what has none; test_derivatives differentiates all.
 *
 * A shape is text: letters are axes (b batch 2, k 3, m 2), digits features; i in front: integers. Real values are multiples of 2^-12,
 * which a float holds too, and lie away from kinks where derivatives are taken. */
#ifndef FENCHEL_TESTS_OP_EXAMPLES_H
#define FENCHEL_TESTS_OP_EXAMPLES_H
#include "base/random.h"
#include "op_rules.h"

enum { MOST_INPUTS = 3, MOST_ELEMENTS = 128 };
/* The situation in which an example is built: axes of sizes 3 and 2; batch 2. */
typedef struct situation { fen_builder *b; fen_axis k, m; fen_node *x[MOST_INPUTS]; const struct op_example *example; } situation;
typedef struct range { double from, to; } range;
enum {
    ROUGH = 1,                                /* no third order: it has kinks, so that the first two already show everything */
    WHOLE = 2,                                /* values are whole numbers and many are equal: it stands on kinks, no differences */
    NARROW = 4, WIDE = 8,                     /* inputs are single, or double, whatever the program */
};
typedef struct op_example {
    const fen_op *op; const char *what;       /* NULL: composed of several ops; what is special, if anything */
    const char *shape[MOST_INPUTS];
    fen_attrs attrs; const char *to;          /* to: attrs.shape as text */
    range in[MOST_INPUTS];                    /* {0, 0}: (-0.9, 0.9) */
    unsigned flags;
    double (*plain)(const double *x, const fen_attrs *a);            /* elementwise: the value by its definition; else: */
    op_rule rule;
    fen_node *(*make)(situation *s);          /* NULL: the op applied to the inputs */
    double off;                               /* how far double may be from the definition, relative; 0: 2e-14 */
} op_example;

static fen_shape example_shape(const situation *s, const char *text) {
    fen_shape shape = {0};
    if (*text == 'i') text++;
    for (; *text; text++) {
        bool lead = *text >= 'a';
        if (lead) shape.axis[shape.leads++] = *text == 'b' ? FEN_BATCH : *text == 'k' ? s->k : s->m;
        shape.size[shape.rank++] = lead ? (*text == 'k' ? 3 : 2) : *text - '0';
    }
    return shape;
}

/* A number in (-1, 1) for each i, fixed. */
static inline double example_noise(unsigned i) { return 2 * (double)(i * 2654435761u >> 8) / 16777216 - 1; }
static inline double example_value(const op_example *x, int input, int k) {
    range r = x->in[input].from == 0 && x->in[input].to == 0 ? (range){-.9, .9} : x->in[input];
    double u = (example_noise(1000 + 97 * (unsigned)input + (unsigned)k) + 1) / 2, v = r.from + (r.to - r.from) * u;
    return (x->flags & WHOLE) || *x->shape[input] == 'i' ? floor(v + .5) : floor(v * 4096 + .5) / 4096;
}

#include "op_examples_elementwise.h"
#include "op_examples_structure.h"
#include "op_examples_matrix.h"

static const struct { const op_example *at; size_t n; } op_examples[] = {
    {elementwise_examples, sizeof elementwise_examples / sizeof *elementwise_examples},
    {structure_examples, sizeof structure_examples / sizeof *structure_examples},
    {matrix_examples, sizeof matrix_examples / sizeof *matrix_examples},
};
/* Calls `test` for each example. */
static inline void each_example(void (*test)(const op_example *)) {
    for (size_t k = 0; k < sizeof op_examples / sizeof *op_examples; k++)
        for (size_t i = 0; i < op_examples[k].n; i++) test(&op_examples[k].at[i]);
}
/* "max (of two)": by which a failure is told. */
static inline const char *name_of_example(const op_example *x) {
    static char text[4][96];
    static int at;
    char *to = text[at++ % 4];
    snprintf(to, sizeof text[0], x->op && x->what ? "%s (%s)" : "%s", x->op ? x->op->name : x->what, x->what);
    return to;
}

/* An example as a graph: its inputs p, which are feeds, and its value y. */
typedef struct built { const op_example *example; fenp_faults faults; fenp_store *store; evaluator e; fen_node *p[MOST_INPUTS], *y; int n; } built;

static inline void build_example(built *c, const op_example *example, bool doubles) {
    *c = (built){.example = example, .store = fenp_store_new(doubles)};
    fen_builder *b = c->e.b = fenp_builder_new(c->store, FEN_TRAIN, doubles, &c->faults);
    b->axis[0].size = 2;
    situation s = {.b = b, .example = example};
    s.k = fen_axis_new(b, 3);
    s.m = fen_axis_new(b, 2);
    for (; c->n < MOST_INPUTS && example->shape[c->n]; c->n++) {
        const char *text = example->shape[c->n];
        fen_shape shape = example_shape(&s, text);
        fen_type type = *text == 'i' ? FEN_INTEGER : FEN_REAL;
        bool wide = type == FEN_REAL && !(example->flags & NARROW) && (doubles || !shape.rank || (example->flags & WIDE));
        s.x[c->n] = c->p[c->n] = fenp_feed_new(b, "p", shape, type, wide, FENP_ON_DRAW, NULL);
    }
    fen_attrs a = example->attrs;
    if (example->to) a.shape = example_shape(&s, example->to);
    c->y = example->make ? example->make(&s) : fen_apply(b, example->op, s.x, c->n, &a);
    fenp_store_seal(c->store);
}
static inline void free_example(built *c) {
    evaluator_free(&c->e);
    fenp_builder_free(c->e.b);
    fenp_store_free(c->store);
    fenp_faults_free(&c->faults);
}
/* The value of y at element i by its definition. */
static inline double defined_value(const built *c, int64_t i) {
    const op_example *x = c->example;
    int64_t where[8];
    double in[MOST_INPUTS];
    index_of(&c->y->shape, i, where);
    if (x->rule) return x->rule(&c->e, c->y, where);
    for (int k = 0; k < c->y->n; k++) in[k] = at(&c->e, c->y->in[k], i);
    return x->plain(in, &c->y->attrs);
}
#endif
