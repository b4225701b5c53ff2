/* trial.c: a function called as a setup says, in an experiment made for it: axes batch and k, networks and samplers for attributes that name
 * them, an entry. First everything is declared (mode initialise), then built in the mode of the setup, as a run does. */
#include "conformance/conformance.h"
#include "language/attribute.h"
#include "language/source.h"
#include "ops/ops.h"
#include <stdlib.h>
#include <string.h>

static const fenp_place nowhere = {.file = "conformance.yaml", .line = 1, .column = 1};

/* ---- the experiment ---- */
static void write_laws(fenp_text *t) {
    const char *const *name = fenp_function_names();
    fenp_kind kind;
    fenp_text_add(t, "samplers: {a_number: {constant: {value: 1}}");
    for (; *name; name++) {
        const fen_function *f = fenp_function_find(*name, &kind);
        if (kind == FENP_SAMPLER && f->law && f->build) fenp_text_add(t, ", a_%s: {%s: {}}", *name, *name);
    }
}
/* A chain is tested under its own name: nodes of its own value move it. */
static void write_chain(fenp_text *t, const fenp_trial *trial) {
    const fen_function *f = trial->function;
    if (!f->moves) return;
    fenp_text_add(t, ", a_plane: {normal: {shape: [2]}}, chain: {%s: {", f->name);
    const char *comma = "";
    for (int i = 0; i < fenp_attributes(f->attributes) && i < FENP_SETUP_ATTRIBUTES; i++) {
        if (!trial->setup.text[i]) continue;
        fenp_text_add(t, "%s%s: %s", comma, f->attributes[i].name, trial->setup.text[i]);
        comma = ", ";
    }
    fenp_text_add(t, "}}");
}
static fenp_item *document(fenp_trial *t) {
    fenp_text text = {0};
    fenp_text_add(&text, "name: conformance\nseed: 1\nbatch: %lld\nprecision: %s\naxes: {k: 2}\n", (long long)t->setup.batch,
                  t->setup.doubles ? "double" : "single");
    write_laws(&text);
    write_chain(&text, t);
    fenp_text_add(&text, "}\n");
    fenp_text_add(&text, "networks:\n"
                         "  net_1: {inputs: [a], layers: [{dense: {units: 3}, in: a}, tanh, dense: {units: 1}]}\n"
                         "  net_2: {inputs: [a, b], layers: [{concat: {}, in: [a, b]}, dense: {units: 3}, tanh, dense: {units: 1}]}\n"
                         "  net_3: {inputs: [a, b, c], layers: [{concat: {}, in: [a, b, c]}, dense: {units: 3}, tanh, dense: {units: 1}]}\n"
                         "graph:\n  entry: 0.5\n");
    if (t->function->moves) fenp_text_add(&text, "  bowl: sum(chain^2 over features) / 2\n  nearer: 0.5 * chain + 0.1\n");
    fenp_item *root = fenp_document_parse(&t->memory, "conformance.yaml", text.at, text.n, &t->faults);
    fenp_text_free(&text);
    return root;
}

/* ---- attributes and inputs ---- */
static const fenp_item *body_of(fenp_trial *t, const fen_function *f) {
    fenp_item *body = fenp_item_new(&t->experiment->memory, FENP_MAPPING, nowhere);
    for (int i = 0; i < fenp_attributes(f->attributes) && i < FENP_SETUP_ATTRIBUTES; i++)
        if (t->setup.text[i])
            fenp_item_set(&t->experiment->memory, body, f->attributes[i].name,
                          (fenp_item *)fenp_initial_item(t->experiment, t->setup.text[i], nowhere), nowhere);
    return body;
}
static int64_t size_of_attribute(void *context, const char *name) {
    const fenp_call *call = context;
    int k;
    return fenp_attribute(call->function, name, &k) ? call->argument[k].whole : 0;
}
bool fenp_trial_bind(fenp_trial *t, const fen_function *f, fenp_call *call) {
    fenp_invocation i = {.function = f, .kind = t->subject->of, .body = body_of(t, f), .at = nowhere};
    *call = (fenp_call){.function = f, .scope = &t->context};
    if (!fenp_bind_attributes(&t->context, &i, call)) return false;
    call->match = (fenp_match){.function = f, .attribute = size_of_attribute, .context = call};
    return true;
}
static fen_node *feed(fenp_trial *t, const fen_port *p) {
    fen_shape s = fenp_setup_shape(&t->setup, t->function, p);
    return fenp_feed_new(t->b, p->name, s, p->type, t->b->doubles, FENP_ON_DRAW, NULL);
}
static fen_node *initial(fenp_trial *t, const fen_port *p) {
    fenp_expression *e = fenp_parsed(t->experiment, p->initial, nowhere);
    fenp_value *v = e ? fenp_evaluate(&t->context, e) : NULL;
    return v && v->node ? v->node : t->b->faulty;
}
static void give_inputs(fenp_trial *t, fenp_call *call) {
    const fen_function *f = t->function;
    int n = fenp_ports(f->inputs);
    call->input = fenp_arena_new(&t->memory, ((size_t)n + (size_t)fenp_ports(f->outputs) + 1) * sizeof *call->input);
    t->inputs = t->variables = 0;
    for (int i = 0; i < n; i++) {
        const fen_port *p = &f->inputs[i];
        bool given = t->setup.given >> i & 1 || (!p->optional && !p->initial);
        if (!given && !p->initial) continue;
        fen_node *x = given ? feed(t, p) : initial(t, p), *fitted = x;
        const char *needed = fenp_port_refuses(&call->match, p, t->b, x, &fitted);
        if (needed) fenp_faulty(t->b, "%s: input `%s` needs %s", f->name, p->name, needed);
        call->input[i] = fitted;
        if (given && t->inputs < 24) t->variable[t->inputs++] = (fenp_variable){.name = p->name, .node = x, .count = fenp_count(&x->shape)};
    }
    t->variables = t->inputs;
}
/* What a sampler is asked for: a draw by axes, or a parameter of some shape. */
static fen_shape drawn(const fenp_trial *t) {
    static const int64_t size[] = {4, 4};
    if (t->setup.draw) return fen_features(t->setup.draw == 1 ? 1 : 2, t->setup.draw == 3 ? (const int64_t[]){3, 4} : size);
    fen_shape s = {.leads = (uint8_t)t->setup.leads, .rank = (uint8_t)t->setup.leads, .axis = {0, 1}, .size = {t->setup.batch, 2}};
    if (s.leads < 2) s.axis[1] = 0, s.size[1] = 0;
    if (s.leads < 1) s.size[0] = 0;
    return s;
}

/* ---- results ---- */
static void add_result(fenp_trial *t, const char *name, fen_node *x) {
    if (x && t->results < (int)(sizeof t->result / sizeof *t->result))
        t->result[t->results++] = (fenp_output){fenp_arena_text(&t->memory, "%s", name), x};
}
static void collect(fenp_trial *t, const fenp_call *call) {
    t->results = 0;
    for (int i = 0; i < call->outputs; i++) add_result(t, call->output[i].name, call->output[i].node);
    for (int i = 0; i < call->feeds; i++) add_result(t, call->feed[i].name, call->feed[i].node);
    add_result(t, "log|det|", call->log_det);
    for (int i = 0; i < t->b->settings; i++)
        for (int k = 0; k < t->b->setting[i].n; k++) add_result(t, t->b->setting[i].slot->name, t->b->setting[i].value[k]);
}

/* ---- a build ---- */
static void enter(fenp_trial *t) {
    fenp_build *u = t->build;
    t->b = u->b;
    t->context = (fenp_context){u, t->experiment->space->scope, u->world};
    fenp_entry(u, "subject");
    u->final = true;
    t->b->owner = "params/subject/it";
    t->b->block = "params/subject";
    u->state = "state/subject";
}
static void call_chain(fenp_trial *t) {
    fenp_value *v = fenp_name_value(&t->context, "chain", nowhere);
    t->results = 0;
    if (fenp_is_fault(t->build, v)) return;
    fenp_chains_build(t->build);
    for (int i = 0; i < v->outs; i++) add_result(t, v->name[i], v->out[i]->node);
}
static void call(fenp_trial *t, fen_mode mode, long fail_at) {
    t->build = fenp_build_new(t->experiment, mode, t->setup.doubles);
    enter(t);
    if (t->function->moves) {
        call_chain(t);
        return;
    }
    t->call = fenp_arena_new(&t->memory, sizeof *t->call);
    if (!fenp_trial_bind(t, t->function, t->call)) return;
    if (t->subject->of == FENP_SAMPLER) {
        t->call->draws = true;
        t->call->drawn = drawn(t);
        t->call->axes_said = t->setup.draw > 0;
    }
    give_inputs(t, t->call);
    if (t->function->draws && !t->faults.n) t->source = fenp_source_open(&t->context, t->function, t->call, nowhere);
    if (t->faults.n) return;
    long before = t->b->verbs;
    t->b->fail_at = fail_at ? before + fail_at : 0;
    if (t->function->build) fenp_call_run(t->b, t->call, t->function->build);
    t->verbs = t->b->verbs - before;
    t->b->fail_at = 0;
    collect(t, t->call);
    for (int i = 0; i < t->results && !t->faults.n; i++)
        if (fenp_is_faulty(t->b, t->result[i].node))
            fenp_faulty(t->b, "plugin %s gives a faulty `%s` and no fault", t->function->name, t->result[i].name);
}
static void add_parameters(fenp_trial *t) {
    const fenp_store *s = t->experiment->store;
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < s->block[i]->n && strncmp(s->block[i]->name, "params/", 7) == 0; k++) {
            fenp_slot *slot = s->block[i]->slot[k];
            fen_node *x = fenp_map_get(&t->b->leaves, slot->name);
            if (x && t->variables < (int)(sizeof t->variable / sizeof *t->variable))
                t->variable[t->variables++] = (fenp_variable){.name = slot->name, .node = x, .slot = slot, .count = slot->count};
        }
}
void fenp_trial_open(fenp_trial *t, const fenp_subject *subject, const fenp_setup *s, long fail_at) {
    *t = (fenp_trial){.function = subject->function, .subject = subject, .setup = *s};
    fenp_item *root = document(t);
    if (t->faults.n) return;
    t->experiment = fenp_experiment_new(root, "conformance.yaml", &t->faults);
    if (t->faults.n) return;
    call(t, FEN_INITIALISE, 0);
    t->declaration = t->build;
    if (t->faults.n) return;
    fenp_store_seal(t->experiment->store);
    call(t, s->mode, fail_at);
    add_parameters(t);
}
void fenp_trial_close(fenp_trial *t) {
    for (int i = 0; i < t->variables; i++) fenp_delete(t->variable[i].value);
    if (t->experiment) fenp_experiment_free(t->experiment);
    fenp_faults_free(&t->faults);
    fenp_arena_free(&t->memory);
}
