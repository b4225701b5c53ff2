/* tests/unit/test_registry.c: every op of core/ops/table.c, without a list of exceptions: each has an example, its value is what its
 * definition says in both precisions, and it says truly whether it has a derivative. A failure begins with the op's name. */
#include "test.h"
#include "op_examples.h"

static const fen_op *now;
static int found;
static void look_for(const op_example *x) { found += x->op == now; }
static void look_for_slope(const op_example *x) { found += x->op == now && !(x->flags & WHOLE); }

/* Also one example whose derivatives can be taken: not on a kink. */
static void each_has_an_example(void) {
    for (int i = 0; (now = fenp_ops[i]); i++) {
        found = 0;
        each_example(look_for);
        fen_test_say(found > 0, __LINE__, __FILE__, "%s: has no example in tests/unit/op_examples_*.h", now->name);
        found = 0;
        each_example(look_for_slope);
        fen_test_say(found > 0, __LINE__, __FILE__, "%s: has no example away from kinks", now->name);
    }
    FEN_TRUE(fenp_ops[0] != NULL);
}

/* Whatever ops.h declares is in the table; and the example really builds the op. */
static char *text_of(const char *path) {
    char file[1024];
    snprintf(file, sizeof file, "%s/%s", getenv("FENCHEL_SRCDIR") ? getenv("FENCHEL_SRCDIR") : ".", path);
    FILE *f = fopen(file, "rb");
    fen_test_say(f != NULL, __LINE__, __FILE__, "%s cannot be read", file);
    char *text = calloc(1, 1 << 20);
    if (f) { size_t n = fread(text, 1, (1 << 20) - 1, f); text[n] = 0; fclose(f); }
    return text;
}
static void each_is_in_the_table(void) {
    char *header = text_of("core/ops/ops.h"), *table = text_of("core/ops/table.c");
    int seen = 0, listed = 0;
    for (const char *p = header; (p = strstr(p, "fenp_op_")); ) {
        char name[80], entry[96];
        size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        snprintf(entry, sizeof entry, "&%s,", name);
        fen_test_say(strstr(table, entry) != NULL, __LINE__, __FILE__, "%s: core/ops/ops.h declares it, core/ops/table.c has it not", name);
        seen++;
        p += n;
    }
    while (fenp_ops[listed]) listed++;
    FEN_COUNT(listed, seen);
    free(header);
    free(table);
}
static void builds(const op_example *x) {
    built c;
    build_example(&c, x, true);
    bool has = c.y->op == x->op;
    for (int i = 0; i < c.e.b->graph.n; i++) has |= c.e.b->graph.at[i]->op == x->op;
    fen_test_say(!x->op || has, __LINE__, __FILE__, "%s: its example builds %s and no such op", name_of_example(x), c.y->op->name);
    free_example(&c);
}
static void examples_build_their_op(void) { each_example(builds); }

static void fill_in(built *c) {
    double value[MOST_ELEMENTS];
    c->e.draw = 0x1234567;
    for (int i = 0; i < c->n; i++) {
        for (int k = 0; k < (int)fenp_count(&c->p[i]->shape); k++) value[k] = example_value(c->example, i, k);
        feed(&c->e, c->p[i], value);
    }
    run_all(&c->e);
}
/* Values */
static bool doubles;
static void is_as_defined(const op_example *x) {
    if (!x->op || x->op == &fenp_op_faulty) return;                   /* composed; without a value: see the test of it */
    built c;
    double off = doubles ? x->off > 0 ? x->off : 2e-14 : 2e-6 + x->off;
    build_example(&c, x, doubles);
    fen_test_say(c.faults.n == 0, __LINE__, __FILE__, "%s: %s", name_of_example(x), c.faults.n ? c.faults.at[0].text : "");
    if (!c.faults.n) {
        fill_in(&c);
        fen_test_say(!c.e.outside, __LINE__, __FILE__, "%s: %s writes behind its value", name_of_example(x), c.e.outside ? c.e.outside : "");
        for (int64_t i = 0; i < fenp_count(&c.y->shape); i++) {
            double got = at(&c.e, c.y, i), want = defined_value(&c, i);
            fen_test_say(fabs(got - want) <= off * (1 + fabs(want)) || (got != got && want != want), __LINE__, __FILE__,
                "%s: %s: element %d is %.17g, by definition %.17g", name_of_example(x), doubles ? "double" : "single", (int)i, got, want);
        }
    }
    free_example(&c);
}
static void values_in_double(void) { doubles = true; each_example(is_as_defined); }
static void values_in_single(void) { doubles = false; each_example(is_as_defined); }

/* The one node without a value: verbs pass it on, and nothing more is said. */
static void faulty_is_passed_on(void) {
    built c;
    build_example(&c, &(op_example){.op = &fenp_op_faulty, .shape = {"b3"}, .make = make_faulty}, true);
    fen_builder *b = c.e.b;
    fen_node *x = c.p[0], *g;
    bool reached;
    FEN_TRUE(fenp_is_faulty(b, fen_exp(b, c.y)) && fenp_is_faulty(b, fen_mul(b, x, c.y)) && fenp_is_faulty(b, fen_matmul(b, c.y, x)));
    fenp_gradients(b, c.y, NULL, &x, 1, &g, &reached);
    FEN_TRUE(fenp_is_faulty(b, g) && reached);
    FEN_COUNT(c.faults.n, 0);
    FEN_TRUE(fenp_is_faulty(b, fen_apply(b, &fenp_op_faulty, NULL, 0, NULL)));
    FEN_COUNT(c.faults.n, 1);
    free_example(&c);
}

/* Derivatives as declared. Flat: no vjp, no gradient, and the value stays where an input moves a little (but for a view, which is flat
 * by declaration alone). Not flat, from reals to reals: a vjp, or smaller ops. */
static void says_what_it_is(const op_example *x) {
    if (!x->op || x->op == &fenp_op_faulty) return;
    built c;
    build_example(&c, x, true);
    bool from_reals = false, flat = x->op->flags & FEN_FLAT;
    for (int i = 0; i < c.n; i++) from_reals |= c.p[i]->type == FEN_REAL;
    if (!flat) {
        bool takes = from_reals && x->op->arity, has = x->op->vjp || x->op->expand;
        fen_test_say(c.y->type == FEN_REAL || !takes, __LINE__, __FILE__, "%s: gives integers, and is not declared flat", name_of_example(x));
        fen_test_say(has || !takes, __LINE__, __FILE__, "%s: has no derivative, and is not declared flat", name_of_example(x));
        fen_test_say(!has || x->op->arity, __LINE__, __FILE__, "%s: has a derivative, and no input", name_of_example(x));
    } else {
        fen_test_say(!x->op->vjp && !x->op->expand, __LINE__, __FILE__, "%s: is declared flat, and has a derivative", name_of_example(x));
        fill_in(&c);
        size_t bytes = bytes_of(c.y);
        void *before = malloc(bytes + 1);
        memcpy(before, c.e.data[c.y->id], bytes);
        for (int i = 0; i < c.n && !(x->flags & WHOLE) && !(x->op->flags & FEN_VIEW); i++)
            for (int k = 0; k < (int)fenp_count(&c.p[i]->shape) && c.p[i]->type == FEN_REAL; k++)
                for (int way = -1; way < 2; way += 2) {
                    double here = at(&c.e, c.p[i], k);
                    set(c.p[i], c.e.data[c.p[i]->id], k, here + way * 1e-3);
                    run_all(&c.e);
                    set(c.p[i], c.e.data[c.p[i]->id], k, here);
                    fen_test_say(!memcmp(before, c.e.data[c.y->id], bytes), __LINE__, __FILE__, "%s: is declared flat, and moves with input %d",
                        name_of_example(x), i);
                }
        free(before);
        for (int i = 0; i < c.n && c.y->type == FEN_REAL; i++) {
            fen_node *g;
            bool reached;
            fenp_gradients(c.e.b, c.y, NULL, &c.p[i], 1, &g, &reached);
            fen_test_say(g->op == &fenp_op_fill && g->attrs.real[0] == 0 && reached, __LINE__, __FILE__, "%s: is flat, its gradient is not 0",
                name_of_example(x));
        }
    }
    free_example(&c);
}
static void derivatives_as_declared(void) { each_example(says_what_it_is); }

int main(void) {
    const fen_test tests[] = {
        {"each op has an example", each_has_an_example}, {"each op is in the table", each_is_in_the_table},
        {"examples build their op", examples_build_their_op}, {"values in double", values_in_double}, {"values in single", values_in_single},
        {"faulty is passed on", faulty_is_passed_on}, {"flat, or with a derivative, as declared", derivatives_as_declared}, {NULL, NULL},
    };
    return fen_test_run("registry", tests);
}
