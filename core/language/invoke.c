/* invoke.c: a plugin function called: inputs to ports, attributes bound, its build run in a frame, outputs named. */
#include "language/language.h"
#include "language/attribute.h"
#include "language/metric.h"
#include "ops/ops.h"
#include <string.h>

const fen_function *fenp_function_named(const fenp_context *c, const char *name, fenp_kind *kind, fenp_place at, bool sampler_wanted) {
    fenp_experiment *x = c->build->experiment;
    fenp_kind k;
    const fen_function *f = fenp_function_find(name, &k);
    if (f && (!sampler_wanted || k == FENP_SAMPLER)) {
        if (kind) *kind = k;
        return f;
    }
    const char *key = fenp_arena_text(&x->memory, "function %s", name);
    if (fenp_map_get(&x->missing, key)) return NULL;
    fenp_map_set(&x->missing, key, x);
    if (f) {
        fenp_fail(x->faults, at, "`%s` is a %s; needs a sampler", name, fenp_kind_name[k]);
        return NULL;
    }
    const char *near = fenp_nearest(name, fenp_function_names()), *near_2 = fenp_nearest(name, fenp_builtin_names());
    if (!near) near = near_2 ? near_2 : fenp_nearest(name, fenp_names_in(x, c->scope));
    const char *lacks = fenp_registry_lacks(name, &x->memory);
    fenp_fail(x->faults, at, "unknown function `%s`%s%s%s%s%s", name, near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "",
              lacks ? "; " : "", lacks ? lacks : "");
    return NULL;
}

/* ---- inputs ---- */
static fenp_value *port_value(const fenp_context *c, const fenp_invocation *i, int k) {
    const fen_port *p = &i->function->inputs[k];
    if (i->input[k]) return i->input[k];
    const fenp_item *item = fenp_given(c, i, p->name);
    if (item && item->sort != FENP_NULL) return fenp_evaluate_text(c, item);
    item = fenp_default_of(c->scope, i->function->name, p->name);
    if (item) return fenp_evaluate_text(c, item);
    if (p->initial) {
        fenp_expression *e = fenp_parsed(c->build->experiment, p->initial, i->at);
        return e ? fenp_evaluate(c, e) : fenp_faulty_value(c->build);
    }
    if (!p->optional) return fenp_wrong(c, i->at, "%s needs input `%s`: %s", i->function->name, p->name, p->help ? p->help : "");
    return NULL;
}
static bool inputs(const fenp_context *c, fenp_invocation *i) {
    bool good = true;
    int n = fenp_ports(i->function->inputs);
    for (int k = 0; k < n; k++) {
        i->input[k] = port_value(c, i, k);
        good &= !i->input[k] || !fenp_is_fault(c->build, i->input[k]);
    }
    return good;
}
static int64_t attribute_value(void *context, const char *name) {
    const fenp_call *call = context;
    int k;
    const fen_attribute *a = fenp_attribute(call->function, name, &k);
    return a ? call->argument[k].whole : 1;
}
static bool fit(const fenp_context *c, fenp_invocation *i, fenp_call *call, fen_builder *b) {
    bool good = true;
    int n = fenp_ports(i->function->inputs);
    call->input = fenp_arena_new(&c->build->experiment->memory, ((size_t)n + 1) * sizeof *call->input);
    call->match = (fenp_match){.function = i->function, .attribute = attribute_value, .context = call};
    for (int k = 0; k < n; k++) {
        const fen_port *p = &i->function->inputs[k];
        if (!i->input[k]) continue;
        fen_node *x = i->input[k]->node;
        if (p->type == FEN_INTEGER && x->type != FEN_INTEGER) {
            fenp_wrong(c, i->at, "%s: input `%s` is real; needs integers (labels, indices)", i->function->name, p->name);
            good = false;
            continue;
        }
        if (p->type == FEN_REAL) x = fenp_to_real(b, x);
        const char *needed = fenp_port_refuses(&call->match, p, b, x, &x);
        if (needed)
            fenp_wrong(c, i->at, "%s: input `%s` is %s; needs %s", i->function->name, p->name,
                       fenp_shape_text(b, i->input[k]->node->shape, (char[160]){0}), needed);
        good &= !needed;
        call->input[k] = x;
    }
    return good;
}

/* ---- the frame ---- */
static bool said_before(const fen_axis *id, int n, fen_axis axis) {
    for (int k = 0; k < n; k++)
        if (id[k] == axis) return true;
    return false;
}
/* Axes of a sampler's draw (default: the batch) with their sizes here. */
bool fenp_drawn_axes(const fenp_context *c, const fenp_invocation *i, fen_shape *to) {
    const fenp_item *axes = i->axes;
    fenp_scope *scope = i->axes_scope ? i->axes_scope : c->scope;
    fen_axis id[FEN_MAX_RANK];
    int64_t size[FEN_MAX_RANK];
    int n = 0;
    *to = (fen_shape){0};
    if (!axes || axes->sort == FENP_NULL) {
        id[0] = FEN_BATCH;
        size[n++] = fenp_axis_size(c, c->build->experiment->batch);
        if (c->build->experiment->batch->unsized) return false;
    } else if (axes->sort != FENP_LIST && axes->sort != FENP_TEXT) {
        fenp_wrong(c, axes->at, "axes: given %s; needs a list of axes", fenp_sort_name[axes->sort]);
        return false;
    }
    int count = !axes ? 0 : axes->sort == FENP_TEXT ? 1 : axes->n;
    for (int k = 0; k < count; k++) {
        const fenp_item *item = axes->sort == FENP_TEXT ? axes : axes->item[k];
        fenp_definition *d = item->text ? fenp_lookup(scope, item->text) : NULL;
        if (!d && item->text && fenp_is_refused(c->build->experiment, item->text)) return false;
        if (d && d->meaning == FENP_AN_AXIS && said_before(id, n, d->axis)) {
            fenp_wrong(c, item->at, "axes: `%s` is said twice", item->text);
            return false;
        }
        if (!d || d->meaning != FENP_AN_AXIS || n == FEN_MAX_RANK) {
            fenp_wrong(c, item->at, "axes: `%s` is no axis; declare it under `axes`", item->text ? item->text : fenp_sort_name[item->sort]);
            return false;
        }
        id[n] = d->axis;
        size[n++] = fenp_axis_size(c, d);
        if (d->unsized) return false;
    }
    for (int k = 0; k < n; k++) { /* in order of declaration */
        int least = 0;
        for (int j = 0; j < n; j++)
            if (id[j] < id[least]) least = j;
        to->axis[k] = id[least];
        to->size[k] = size[least];
        id[least] = 255;
    }
    to->leads = to->rank = (uint8_t)n;
    return true;
}

static fen_mode mode_of(const fenp_context *c, const fenp_item *mode) {
    const char *m = mode ? mode->text : NULL;
    bool train = m && strcmp(m, "train") == 0, known = train || (m && strcmp(m, "evaluate") == 0);
    if (mode && !known) fenp_wrong(c, mode->at, "mode: given `%s`; needs train or evaluate", m ? m : fenp_sort_name[mode->sort]);
    if (c->build->b->mode == FEN_INITIALISE || !known) return c->build->b->mode;
    return train ? FEN_TRAIN : FEN_EVALUATE;
}
fen_mode fenp_mode_word(const fenp_context *c, const fenp_item *mode) { return mode_of(c, mode); }

static fenp_value *outputs(const fenp_context *c, const fenp_invocation *i, const fenp_call *call, bool pass) {
    fenp_experiment *x = c->build->experiment;
    fenp_value *r = fenp_value_new(c->build, NULL);
    r->pass = pass;
    r->outs = call->outputs;
    r->name = fenp_arena_new(&x->memory, ((size_t)r->outs + 1) * sizeof *r->name);
    r->out = fenp_arena_new(&x->memory, ((size_t)r->outs + 1) * sizeof *r->out);
    for (int k = 0; k < r->outs; k++) {
        const fen_port *p = fenp_port(i->function->outputs, call->output[k].name, NULL);
        r->name[k] = call->output[k].name;
        r->out[k] = fenp_value_new(c->build, call->output[k].node);
        r->out[k]->unit = p ? p->unit : NULL;
        r->out[k]->pass = pass;
    }
    if (r->outs == 0) return fenp_wrong(c, i->at, "%s gave no output", i->function->name);
    if (r->outs == 1 || strcmp(r->name[0], "value") == 0) {
        r->node = r->out[0]->node;
        r->unit = r->out[0]->unit;
    }
    r->log_det = call->log_det;
    return r;
}
static fenp_value *run(const fenp_context *c, fenp_invocation *i, fenp_call *call, fen_builder *b, bool pass) {
    const char *site = b->site, *owner = b->owner;
    fen_mode mode = b->mode;
    b->site = i->site ? i->site : fenp_site_next(c->build, b->site ? b->site : "", i->function->name);
    b->owner = i->owner;
    b->mode = mode_of(c, i->mode);
    b->place = i->at;
    call->scope = (void *)c;
    unsigned noise = b->noise_depends;
    fenp_draw_keep(c->build->experiment, b->site, i->when);
    if (i->when == FENP_ONCE) b->noise_depends = FENP_ON_STORE;
    fenp_world *entered = fenp_enter(c->build, c->world);
    fenp_call_run(b, call, i->function->build);
    fenp_enter(c->build, entered);
    b->site = site;
    b->owner = owner;
    b->mode = mode;
    b->noise_depends = noise;
    fenp_value *r = outputs(c, i, call, pass);
    if (i->kind == FENP_SAMPLER) {
        r->law = fenp_arena_new(&c->build->experiment->memory, sizeof *r->law);
        fen_shape s = r->node ? fen_shape_of(r->node) : (fen_shape){0};
        int64_t *features = s.size + s.leads;
        *r->law =
            (fenp_law_use){.function = i->function, .call = *call, .event = fen_features(s.rank - s.leads, features), .site = c->build->b->site};
    }
    return r;
}
fenp_value *fenp_invoke(const fenp_context *c, fenp_invocation *i) {
    fenp_build *u = c->build;
    const fen_function *f = i->function;
    if (i->kind == FENP_METRIC && !u->metrics)
        return fenp_wrong(c, i->at, "%s is a metric: it needs the whole pass; use it under evaluate.metrics", f->name);
    if (i->kind == FENP_METRIC && f->fold) return fenp_metric_fold(c, i);
    if (!f->build)
        return fenp_wrong(c, i->at, "%s cannot be called here: %s", f->name,
                          f->conjugate ? "it names an f-divergence (for f_gan, f_value)" : "it is declared under samplers");
    fenp_call *call = fenp_arena_new(&u->experiment->memory, sizeof *call);
    call->function = f;
    if (!i->input) i->input = fenp_arena_new(&u->experiment->memory, ((size_t)fenp_ports(f->inputs) + 1) * sizeof *i->input);
    bool good = inputs(c, i);
    good &= fenp_bind_attributes(c, i, call);
    if (i->kind == FENP_SAMPLER) {
        good &= fenp_drawn_axes(c, i, &call->drawn);
        call->draws = true;
        call->axes_said = i->axes != NULL;
    } else if (i->axes) {
        fenp_wrong(c, i->axes->at, "`axes` belongs to samplers and parameters; %s is a %s", f->name, fenp_kind_name[i->kind]);
        good = false;
    }
    if (i->kind != FENP_SAMPLER && i->when != FENP_EACH_TURN) {
        fenp_wrong(c, i->at, "`draw` belongs to samplers; %s is a %s", f->name, fenp_kind_name[i->kind]);
        good = false;
    }
    if (!good) return fenp_faulty_value(u);
    int n = fenp_ports(f->inputs);
    fen_builder *b = fenp_join(c, i->input, n, i->at);
    for (int k = 0; k < n; k++) good &= !i->input[k] || !fenp_is_fault(u, i->input[k]);
    if (!good || !fit(c, i, call, b)) return fenp_faulty_value(u);
    return run(c, i, call, b, b != u->b);
}

/* ---- name(..) in an expression ---- */
static fenp_value *network_call(const fenp_context *c, fenp_definition *d, const fenp_expression *e) {
    fenp_network *n = fenp_network_of(c, d);
    int room = e->n > 16 ? e->n : 16;
    fenp_taker t = {.who = fenp_network_title(c, d->name), .names = n ? fenp_item_get(n->item, "inputs") : NULL, .room = room};
    t.to = fenp_arena_new(&c->build->experiment->memory, (size_t)room * sizeof *t.to);
    if (e->overs) return fenp_wrong(c, e->at, "%s does not run over axes: remove `over`", t.who);
    bool good = n != NULL;
    for (int i = 0; i < e->n; i++) {
        fenp_value *v = fenp_evaluate(c, e->arg[i]);
        int p = n && e->arg_name[i] ? fenp_input_named(c, &t, e->arg_name[i], e->arg[i]->at) : i;
        good &= n && fenp_input_put(c, &t, p, v, e->arg[i]->at);
    }
    if (!good || !fenp_inputs_full(c, &t, e->at)) return fenp_faulty_value(c->build);
    return fenp_network_named(c, d, t.to, t.n, NULL, e->at);
}
static fenp_value *plugin_call(const fenp_context *c, const fenp_expression *e) {
    fenp_experiment *x = c->build->experiment;
    fenp_invocation i = {.at = e->at};
    i.function = fenp_function_named(c, e->name, &i.kind, e->at, false);
    if (!i.function) {
        for (int k = 0; k < e->n; k++) fenp_evaluate(c, e->arg[k]); /* their own errors, and their names are used */
        return fenp_faulty_value(c->build);
    }
    int ports = fenp_ports(i.function->inputs), next = 0;
    i.input = fenp_arena_new(&x->memory, ((size_t)ports + 1) * sizeof *i.input);
    i.attr_name = fenp_arena_new(&x->memory, ((size_t)e->n + 1) * sizeof *i.attr_name);
    i.attr = fenp_arena_new(&x->memory, ((size_t)e->n + 1) * sizeof *i.attr);
    fenp_taker t = {.who = e->name, .ports = i.function->inputs, .to = i.input, .room = ports};
    bool good = true;
    for (int k = 0; k < e->n; k++) {
        int p = next;
        if (e->arg_name[k] && !fenp_port(i.function->inputs, e->arg_name[k], &p)) {
            i.attr_name[i.attrs] = e->arg_name[k];
            i.attr[i.attrs++] = e->arg[k];
            continue;
        }
        if (!e->arg_name[k]) next++;
        if (p >= ports)
            return fenp_wrong(c, e->arg[k]->at, "%s takes %d input%s; given %d (attributes are written name=value)", e->name, ports,
                              ports == 1 ? "" : "s", k + 1);
        if (!fenp_input_put(c, &t, p, fenp_evaluate(c, e->arg[k]), e->arg[k]->at)) good = false;
    }
    if (!good) return fenp_faulty_value(c->build);
    if (e->overs) return fenp_wrong(c, e->at, "%s does not run over axes: remove `over`", e->name);
    return fenp_invoke(c, &i);
}
fenp_value *fenp_call_expression(const fenp_context *c, const fenp_expression *e) {
    fenp_value *special = c->build->called ? c->build->called(c, e) : NULL;
    if (special) return special;
    fenp_definition *d = fenp_lookup(c->scope, e->name);
    if (d && d->meaning == FENP_A_NETWORK) return network_call(c, d, e);
    const fenp_builtin *f = fenp_builtin_find(e->name);
    return f ? fenp_builtin_call(c, f, e) : plugin_call(c, e);
}

/* ---- a function given as an attribute: initialiser or weight function ---- */
fen_node *fenp_function_applied(const fenp_context *c, const fenp_item *function, const char *site, const char *owner, fen_shape *draw, fen_node *x) {
    fenp_build *u = c->build;
    fenp_node_form form;
    if (!fenp_node_read(c, function, &form, true) || !form.function) return u->b->faulty;
    fenp_invocation i = {.at = form.at, .body = form.body, .site = site, .owner = owner};
    i.function = fenp_function_named(c, form.function, &i.kind, form.at, draw != NULL);
    if (!i.function) return u->b->faulty;
    if (!i.function->build) return fenp_wrong(c, form.at, "%s cannot fill a parameter", form.function)->node;
    fenp_call call = {.function = i.function};
    i.input = fenp_arena_new(&u->experiment->memory, ((size_t)fenp_ports(i.function->inputs) + 1) * sizeof *i.input);
    if (x && fenp_ports(i.function->inputs)) i.input[0] = fenp_value_new(u, x);
    bool good = inputs(c, &i);
    good &= fenp_bind_attributes(c, &i, &call);
    if (draw) {
        call.drawn = *draw;
        call.draws = call.axes_said = true;
    }
    if (!good || !fit(c, &i, &call, u->b)) return u->b->faulty;
    fenp_value *v = run(c, &i, &call, u->b, false);
    return v->node ? v->node : v->outs ? v->out[0]->node : u->b->faulty;
}
