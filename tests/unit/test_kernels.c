/* Kernels of every op of the core as those of plugins are tested (core/conformance/op.h): any order of parts, threads, pieces of a tile, in
 * place, old memory, guard bytes around value and scratch, inputs unchanged, single against double. The examples are those of test_registry. */
#include "test.h"
#include "op_examples.h"
#include "conformance/op.h"

static double value_of(void *e, const fen_node *x, int64_t i) { return at(e, x, i); }
static void check_node(const built *c, const fen_node *x) {
    fenp_check check = {.subject = NULL};
    fenp_op_case k;
    if (fenp_op_case_of(&k, c->e.b, x, value_of, (void *)(uintptr_t)&c->e, &check.memory)) fenp_op_kernels(&check, &k);
    for (int i = 0; i < check.findings || i == 0; i++)
        fen_test_say(check.findings == 0, __LINE__, __FILE__, "%s: %s", name_of_example(c->example), check.findings ? check.said[i] : "");
    fenp_arena_free(&check.memory);
}
static int checked;
static void check_example(const op_example *x) {
    built c;
    double value[MOST_ELEMENTS];
    build_example(&c, x, true);
    for (int i = 0; i < c.n; i++) {
        for (int k = 0; k < MOST_ELEMENTS; k++) value[k] = example_value(x, i, k);
        feed(&c.e, c.p[i], value);
    }
    run_all(&c.e);
    for (int i = 0; i < c.e.b->graph.n; i++) {
        const fen_node *node = c.e.b->graph.at[i];
        if (!node->op->tile[0] && !node->op->run[0]) continue; /* memory, views */
        check_node(&c, node);
        checked++;
    }
    free_example(&c);
}
static void kernels(void) {
    each_example(check_example);
    FEN_TRUE(checked > 150);
}

int main(void) {
    static const fen_test tests[] = {{"kernels", kernels}, {NULL, NULL}};
    return fen_test_run("kernels", tests);
}
