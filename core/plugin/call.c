/* The frame of a call: what the verbs about ports and attributes of fenchel/graph.h find behind the builder. Whatever a plugin asks
 * for under a name or type that its tables do not declare is its own fault, and the sentence says so. */
#include "plugin/call.h"
#include "ops/ops.h"
#include "plugin/pattern.h"
#include <string.h>

static const char *name_of(const fenp_call *c) { return c && c->function ? c->function->name : "(none)"; }

static int64_t size_of_attribute(void *context, const char *name) {
    const fenp_call *c = context;
    int i;
    const fen_attribute *a = fenp_attribute(c->function, name, &i);
    return a && c->argument && a->type == FEN_ATTR_INT ? c->argument[i].whole : 0;
}

void fenp_call_match(fenp_call *c) { c->match = (fenp_match){.function = c->function, .attribute = size_of_attribute, .context = c}; }

/* Outputs that build has not given; of a fold they come later. */
static void complain_of_missing(fen_builder *b, const fenp_call *c) {
    const fen_function *f = c->function;
    if (c->inverting) {
        if (!fenp_call_output(c, NULL)) fenp_faulty(b, "plugin %s does not give `%s` when it is inverted", f->name, f->inputs[0].name);
        return;
    }
    for (const fen_port *p = f->fold ? NULL : f->outputs; p && p->name; p++)
        if (strcmp(p->name, "*") != 0 && !p->optional && !fenp_call_output(c, p->name))
            fenp_faulty(b, "plugin %s does not give its output `%s`", f->name, p->name);
}

static bool has_faulty_input(const fen_builder *b, const fenp_call *c) {
    int n = fenp_ports(c->function->inputs) + (c->inverting ? fenp_ports(c->function->outputs) : 0);
    for (int i = 0; c->input && i < n; i++)
        if (c->input[i] && fenp_is_faulty(b, c->input[i])) return true;
    return false;
}

/* Where a verb asked for the shape of a faulty value, what it made with the answer fits nothing: its first fault stands for all. */
fenp_frame fenp_call_enter(fen_builder *b, fenp_call *c) {
    c->up = b->call;
    b->call = c;
    if (!c->match.function) fenp_call_match(c);
    return (fenp_frame){c, b->faults->n, fenp_node_of(b->faulty)->asked};
}
void fenp_call_leave(fen_builder *b, fenp_frame f) {
    b->call = f.call->up;
    if (fenp_node_of(b->faulty)->asked != f.asked && b->faults->n > f.faults) b->faults->n = f.faults + 1;
}

/* What a build complains of with a faulty input follows from that fault, so it is forgotten: no error has children. */
void fenp_call_run(fen_builder *b, fenp_call *c, void (*build)(fen_builder *)) {
    fenp_frame f = fenp_call_enter(b, c);
    build(b);
    complain_of_missing(b, c);
    fenp_call_leave(b, f);
    if (has_faulty_input(b, c)) b->faults->n = f.faults;
}

static fen_node *among(const fenp_output *o, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(o[i].name, name) == 0) return o[i].node;
    return NULL;
}

fen_node *fenp_call_output(const fenp_call *c, const char *name) {
    const fen_port *first = c->inverting ? c->function->inputs : c->function->outputs;
    if (name) return among(c->output, c->outputs, name);
    if (first && first->name && strcmp(first->name, "*") != 0) return among(c->output, c->outputs, first->name);
    return c->outputs ? c->output[0].node : NULL;
}

/* Where the value of a port stands in c->input; -1: not declared. */
static int port_index(const fenp_call *c, const char *port) {
    int i, outputs = c->inverting ? fenp_ports(c->function->outputs) : 0;
    if (c->inverting && fenp_port(c->function->outputs, port, &i)) return i;
    return fenp_port(c->function->inputs, port, &i) ? outputs + i : -1;
}

fen_node *fen_input_or_null(fen_builder *b, const char *port) {
    const fenp_call *c = b->call;
    port = fenp_text_given(port);
    int i = c ? port_index(c, port) : -1;
    if (i < 0) return fenp_faulty(b, "plugin %s asks for input `%s` that it does not declare", name_of(c), port);
    return c->input ? c->input[i] : NULL;
}

fen_node *fen_input(fen_builder *b, const char *port) {
    port = fenp_text_given(port);
    fen_node *x = fen_input_or_null(b, port);
    const fen_port *p = b->call && !x ? fenp_port(b->call->function->inputs, port, NULL) : NULL;
    if (p && p->optional)
        return fenp_faulty(b, "plugin %s asks for input `%s` as if it were always given; use fen_input_or_null", name_of(b->call), port);
    return x ? x : b->faulty;                 /* the language has complained of it */
}

static void append(fen_builder *b, fenp_output **list, int *n, const char *name, fen_node *x) {
    fenp_output *more = fenp_arena_new(&b->graph.memory, (size_t)(*n + 1) * sizeof *more);
    for (int i = 0; i < *n; i++) more[i] = (*list)[i];
    more[*n] = (fenp_output){fenp_arena_text(&b->graph.memory, "%s", name), x};
    *list = more;
    ++*n;
}

/* The port that fen_output means: of an inverse the first input; NULL: not declared. */
static const fen_port *output_port(const fenp_call *c, const char *name) {
    if (c->inverting) return strcmp(c->function->inputs[0].name, name) == 0 ? &c->function->inputs[0] : NULL;
    const fen_port *p = fenp_port(c->function->outputs, name, NULL);
    return p ? p : fenp_port(c->function->outputs, "*", NULL);
}

/* x in the type and shape that the table promises. */
static fen_node *as_promised(fen_builder *b, fenp_call *c, const fen_port *p, const char *name, fen_node *x) {
    char shape[160];
    if (!x) return fenp_faulty(b, "plugin %s gives no value to its output `%s`", name_of(c), name);
    if (p->type == FEN_INTEGER && x->type == FEN_REAL) x = fenp_to_integer(b, x);
    const char *why = fenp_port_refuses(&c->match, p, b, x, &x);
    if (!why) return x;
    fenp_shape_text(b, fen_shape_of(x), shape);
    return fenp_faulty(b, "plugin %s gives `%s` the shape %s; its table promises %s", name_of(c), name, shape, why);
}

void fen_output(fen_builder *b, const char *port, fen_node *x) {
    fenp_call *c = b->call;
    port = fenp_text_given(port);
    const fen_port *p = c && *port ? output_port(c, port) : NULL;
    if (!p) fenp_faulty(b, "plugin %s gives output `%s` that it does not declare", name_of(c), port);
    else if (among(c->output, c->outputs, port)) fenp_faulty(b, "plugin %s gives output `%s` twice", name_of(c), port);
    else append(b, &c->output, &c->outputs, port, as_promised(b, c, p, port, x));
}

void fen_feed(fen_builder *b, const char *name, fen_node *x) {
    fenp_call *c = b->call;
    name = fenp_text_given(name);
    if (!c || !c->function->fold) fenp_faulty(b, "plugin %s feeds `%s` and has no fold", name_of(c), name);
    else if (among(c->feed, c->feeds, name)) fenp_faulty(b, "plugin %s feeds `%s` twice", name_of(c), name);
    else append(b, &c->feed, &c->feeds, name, x ? x : fenp_faulty(b, "plugin %s feeds nothing as `%s`", name_of(c), name));
}

void fen_log_det_add(fen_builder *b, fen_node *x) {
    fenp_call *c = b->call;
    if (!c || !c->function->invert) fenp_faulty(b, "plugin %s adds to log|det| and has no invert", name_of(c));
    else if (!c->inverting) c->log_det = c->log_det ? fen_add(b, c->log_det, x) : fenp_node_given(b, x);
}
