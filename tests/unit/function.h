/* tests/unit/function.h: calls a function of a plugin as the language would, with attributes as their tables begin, and evaluates it. */
#ifndef FENCHEL_TESTS_FUNCTION_H
#define FENCHEL_TESTS_FUNCTION_H
#include "evaluate.h"
#include "plugin/call.h"
#include "test.h"

static fenp_faults faults;
static fenp_store *store;
static evaluator e;
enum { ROWS = 4000 };                         /* of the batch */

__attribute__((unused)) static fen_builder *begin_as(bool doubles, fen_mode mode) {
    memset(&faults, 0, sizeof faults);
    store = fenp_store_new(doubles);
    e = (evaluator){.b = fenp_builder_new(store, mode, doubles, &faults)};
    e.b->axis[0].size = ROWS;
    e.b->site = "test";
    return e.b;
}
__attribute__((unused)) static fen_builder *begin(void) { return begin_as(true, FEN_TRAIN); }
__attribute__((unused)) static void end(void) {
    fen_test_say(faults.n == 0, __LINE__, __FILE__, "fault: %s", faults.n ? faults.at[0].text : "");
    evaluator_free(&e);
    fenp_builder_free(e.b);
    fenp_store_free(store);
    fenp_faults_free(&faults);
}
__attribute__((unused)) static fenp_call *call_of(const char *name) {
    fenp_arena *m = &e.b->graph.memory;
    fenp_call *c = fenp_arena_new(m, sizeof *c);
    if (!(c->function = fenp_function_find(name, NULL))) { printf("no function %s\n", name); exit(1); }
    const fen_function *f = c->function;
    c->argument = fenp_arena_new(m, (size_t)(fenp_attributes(f->attributes) + 1) * sizeof *c->argument);
    c->input = fenp_arena_new(m, (size_t)(fenp_ports(f->inputs) + fenp_ports(f->outputs) + 1) * sizeof *c->input);
    for (int i = 0; i < fenp_attributes(f->attributes); i++) {
        const char *initial = f->attributes[i].initial;
        c->argument[i].text = initial;
        c->argument[i].real = initial ? strtod(initial, NULL) : 0;
        c->argument[i].whole = initial && strcmp(initial, "true") == 0 ? 1 : (int64_t)c->argument[i].real;
    }
    for (int i = 0; i < fenp_ports(f->inputs); i++)
        if (f->inputs[i].initial) c->input[i] = fenp_number(e.b, strtod(f->inputs[i].initial, NULL));
    fenp_call_match(c);
    return c;
}
__attribute__((unused)) static fenp_argument *argument_of(fenp_call *c, const char *name) {
    int i;
    if (!fenp_attribute(c->function, name, &i)) { printf("no attribute %s\n", name); exit(1); }
    c->argument[i].given = true;
    return &c->argument[i];
}
__attribute__((unused)) static void number(fenp_call *c, const char *name, double x) {
    argument_of(c, name)->real = x;
    argument_of(c, name)->whole = (int64_t)x;
}
__attribute__((unused)) static void word(fenp_call *c, const char *name, const char *text) { argument_of(c, name)->text = text; }
__attribute__((unused)) static void give(fenp_call *c, const char *port, fen_node *x) {
    int i;
    if (!fenp_port(c->function->inputs, port, &i)) { printf("no port %s\n", port); exit(1); }
    const char *why = fenp_port_refuses(&c->match, &c->function->inputs[i], e.b, x, &c->input[i]);
    fen_test_say(!why, __LINE__, __FILE__, "%s, %s: needs %s", c->function->name, port, why ? why : "");
}
__attribute__((unused)) static fen_node *run(fenp_call *c) {
    static int calls;
    e.b->site = fenp_arena_text(&e.b->graph.memory, "test/%s_%d", c->function->name, ++calls);     /* every call draws noise of its own */
    fenp_call_run(e.b, c, c->function->build);
    fen_node *y = fenp_call_output(c, NULL);
    fen_test_say(!fenp_is_faulty(e.b, y) || faults.n, __LINE__, __FILE__, "%s: faulty without a fault", c->function->name);
    return y;
}
/* From y back to x, with the attributes and the input shape of the forward call. */
__attribute__((unused)) static fen_node *run_back(fenp_call *forth, fen_node *const *y, int n) {
    fenp_call *c = call_of(forth->function->name);
    fen_shape *shape = fenp_arena_new(&e.b->graph.memory, sizeof *shape);
    c->argument = forth->argument;
    c->inverting = true;
    *shape = fen_shape_of(forth->input[0]);
    c->forward = shape;
    for (int i = 0; i < n; i++) c->input[i] = y[i];
    fenp_call_run(e.b, c, c->function->invert);
    return fenp_call_output(c, NULL);
}
/* A call that draws, by the batch. */
__attribute__((unused)) static fenp_call *sampler_of(const char *name) {
    fenp_call *c = call_of(name);
    c->drawn = (fen_shape){.leads = 1, .rank = 1, .size = {ROWS}};
    c->draws = true;
    return c;
}
__attribute__((unused)) static void event_of(fenp_call *c, int n, const int64_t *size) { c->event = fen_features(n, size); }
/* A verb of the law in the frame of c. */
__attribute__((unused)) static fen_node *law(fenp_call *c, fen_node *(*verb)(fen_builder *, fen_node *), fen_node *x) {
    c->up = e.b->call;
    e.b->call = c;
    fen_node *y = verb(e.b, x);
    e.b->call = c->up;
    return y;
}
__attribute__((unused)) static fen_node *entropy(fenp_call *c) {
    c->up = e.b->call;
    e.b->call = c;
    fen_node *y = c->function->law->entropy(e.b);
    e.b->call = c->up;
    return y;
}
/* Values that are fed: [batch; n] if rows, else [; n]. */
__attribute__((unused)) static fen_node *values(bool rows, int64_t n, const double *x) {
    fen_shape s = {.leads = rows, .rank = (uint8_t)(rows + (n > 0))};
    if (rows) s.size[0] = e.b->axis[0].size;
    if (n) s.size[rows] = n;
    fen_node *node = fenp_feed_new(e.b, "x", s, FEN_REAL, e.b->doubles, FENP_ON_DRAW, NULL);
    feed(&e, node, x);
    return node;
}
#endif
