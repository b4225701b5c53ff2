/* node.c: the mapping form of an entry: one function key, and beside it in, as, axes, draw, mode, with. */
#include "language/language.h"
#include "language/attribute.h"
#include <string.h>

static const fenp_item **reserved_field(fenp_node_form *f, const char *key) {
    const struct {
        const char *name;
        const fenp_item **to;
    } fields[] = {{"in", &f->in},     {"as", &f->as},     {"axes", &f->axes}, {"draw", &f->draw},
                  {"mode", &f->mode}, {"with", &f->with}, {"use", &f->use},   {"copy", &f->copy}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, key) == 0) return fields[i].to;
    return NULL;
}
static void two_functions(const fenp_context *c, const char *first, const char *second, fenp_place at) {
    static const char *const words[] = {"in", "as", "axes", "draw", "mode", "with", NULL};
    const char *near = fenp_nearest(second, words);
    if (!near) near = fenp_nearest(first, words);
    fenp_wrong(c, at, "has two function keys, `%s` and `%s`: an entry is one function (beside it only in, as, axes, draw, mode, with)%s%s%s", first,
               second, near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}
bool fenp_node_read(const fenp_context *c, const fenp_item *item, fenp_node_form *f, bool layer) {
    *f = (fenp_node_form){.at = item->at};
    if (item->sort == FENP_TEXT && layer) {
        f->function = fenp_paste(c, item);
        return f->function != NULL;
    }
    if (item->sort != FENP_MAPPING) {
        fenp_wrong(c, item->at,
                   layer ? "given %s; needs a function: NAME, or NAME: {attributes}" : "given %s; needs a function with its attributes: {NAME: {..}}",
                   fenp_sort_name[item->sort]);
        return false;
    }
    for (int i = 0; i < item->n; i++) {
        const fenp_item **field = reserved_field(f, item->key[i]);
        if (field) {
            *field = item->item[i];
            continue;
        }
        const char *name = fenp_paste_text(c, item->key[i], item->key_at[i]);
        if (!name) return false;
        if (f->function) {
            two_functions(c, f->function, name, item->key_at[i]);
            return false;
        }
        f->function = name;
        f->body = item->item[i];
        f->at = item->key_at[i];
    }
    if (f->function && (f->use || f->copy)) {
        fenp_wrong(c, f->at, "`%s` beside `%s`: an entry is one function", f->function, f->use ? "use" : "copy");
        return false;
    }
    if (f->function || f->use || f->copy) return true;
    fenp_wrong(c, item->at, "has no function: write NAME: {attributes} beside in, as, axes, draw, mode, with");
    return false;
}
/* ---- inputs ---- */
static const char *input_name(const fenp_taker *t, int p) {
    if (t->ports) return p < fenp_ports(t->ports) ? t->ports[p].name : NULL;
    return t->names && p < t->names->n ? t->names->item[p]->text : NULL;
}
int fenp_input_named(const fenp_context *c, const fenp_taker *t, const char *name, fenp_place at) {
    const char *list[64] = {0};
    int n = 0;
    for (const char *known; n < 63 && (known = input_name(t, n)); list[n++] = known)
        if (strcmp(known, name) == 0) return n;
    const char *near = fenp_nearest(name, list);
    fenp_wrong(c, at, "%s has no input `%s`%s%s%s", t->who, name, near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    return -1;
}
bool fenp_input_put(const fenp_context *c, fenp_taker *t, int p, fenp_value *v, fenp_place at) {
    if (p < 0) return false;
    const char *name = input_name(t, p);
    if (p >= t->room) fenp_wrong(c, at, "%s takes %d input%s; given more", t->who, t->room, t->room == 1 ? "" : "s");
    else if (t->to[p] && name) fenp_wrong(c, at, "%s: input `%s` is given twice", t->who, name);
    else if (t->to[p]) fenp_wrong(c, at, "%s: input %d is given twice", t->who, p + 1);
    else {
        t->to[p] = v;
        t->n = p + 1 > t->n ? p + 1 : t->n;
        return !fenp_is_fault(c->build, v);
    }
    return false;
}
bool fenp_inputs_full(const fenp_context *c, const fenp_taker *t, fenp_place at) {
    for (int p = 0; p < t->n; p++)
        if (!t->to[p]) {
            const char *name = input_name(t, p);
            if (name) fenp_wrong(c, at, "%s needs input `%s`", t->who, name);
            else fenp_wrong(c, at, "%s: input %d is missing", t->who, p + 1);
            return false;
        }
    return true;
}
/* `in`: an expression, a list (ports in order), or a mapping (port: expression). */
bool fenp_inputs_read(const fenp_context *c, const fenp_item *in, fenp_taker *t) {
    if (!in) return true;
    bool many = in->sort == FENP_LIST || in->sort == FENP_MAPPING, good = true;
    for (int k = 0; k < (many ? in->n : 1); k++) {
        const fenp_item *item = many ? in->item[k] : in;
        int p = in->sort == FENP_MAPPING ? fenp_input_named(c, t, in->key[k], in->key_at[k]) : k;
        good &= p >= 0 && fenp_input_put(c, t, p, fenp_evaluate_text(c, item), item->at);
    }
    return good;
}
const char *fenp_network_title(const fenp_context *c, const char *name) {
    return fenp_arena_text(&c->build->experiment->memory, "network `%s`", name);
}
static fenp_value *network_node(const fenp_context *c, fenp_definition *d, const fenp_node_form *f) {
    fenp_value *in[16] = {0};
    fenp_network *net = fenp_network_of(c, d);
    if (!net) return fenp_faulty_value(c->build);
    fenp_taker t = {.who = fenp_network_title(c, d->name), .names = fenp_item_get(net->item, "inputs"), .to = in, .room = 16};
    if (!fenp_inputs_read(c, f->in, &t) || !fenp_inputs_full(c, &t, f->at)) return fenp_faulty_value(c->build);
    return fenp_network_named(c, d, in, t.n, f->mode, f->at);
}
/* Networks and functions of the language have no attributes, and nothing of theirs is drawn. */
static bool plain_fields(const fenp_context *c, const fenp_node_form *f, bool network) {
    const char *what = network ? "a network" : "a function of the language";
    const fenp_item *wrong = f->axes ? f->axes : f->draw;
    if (wrong) {
        fenp_wrong(c, wrong->at, "`%s` belongs to samplers; `%s` is %s", f->axes ? "axes" : "draw", f->function, what);
        return false;
    }
    if (f->mode && !network) {
        fenp_wrong(c, f->mode->at, "`mode` belongs to layers and networks; `%s` is %s", f->function, what);
        return false;
    }
    const fenp_item *b = f->body;
    if (!b || b->sort == FENP_NULL || (b->sort == FENP_MAPPING && b->n == 0)) return true;
    fenp_wrong(c, b->at, "`%s` is %s: it has no attributes; its inputs stand under `in`", f->function, what);
    return false;
}
/* The functions of the language in this form: their arguments from `in`; it: what a layer without `in` takes. */
fenp_value *fenp_builtin_node(const fenp_context *c, const fenp_node_form *f, const char *it) {
    fenp_experiment *x = c->build->experiment;
    const fenp_item *in = f->in;
    if (!plain_fields(c, f, false)) return fenp_faulty_value(c->build);
    if (in && in->sort == FENP_MAPPING) return fenp_wrong(c, in->at, "%s: its inputs have no names; give them as a list", f->function);
    int n = !in ? 0 : in->sort == FENP_LIST ? in->n : 1;
    const char *text = in ? "" : it;
    for (int k = 0; k < n; k++) {
        const fenp_item *item = in->sort == FENP_LIST ? in->item[k] : in;
        if (!item->text) return fenp_wrong(c, item->at, "given %s; needs an expression", fenp_sort_name[item->sort]);
        text = fenp_arena_text(&x->memory, "%s%s%s", text, k ? ", " : "", item->text);
    }
    text = fenp_arena_text(&x->memory, "%s(%s)", f->function, text);
    fenp_expression *e = fenp_parsed(x, text, f->at);
    return e ? fenp_evaluate(c, e) : fenp_faulty_value(c->build);
}
fenp_value *fenp_node_value(const fenp_context *outer, const fenp_item *item) {
    fenp_node_form f;
    if (!fenp_node_read(outer, item, &f, false)) return fenp_faulty_value(outer->build);
    if (f.use || f.copy)
        return fenp_wrong(outer, item->at, "`%s` makes a network, a sampler or a layer; in the graph, call it by its name", f.use ? "use" : "copy");
    if (f.as) return fenp_wrong(outer, f.as->at, "`as` names a layer's value inside a network; a graph entry has its name already");
    fenp_context c = {outer->build, outer->scope, fenp_world_with(outer->build, outer->world, f.with, outer->scope)};
    fenp_definition *d = fenp_lookup(c.scope, f.function);
    bool builtin = !fenp_function_find(f.function, NULL) && fenp_builtin_find(f.function), network = d && d->meaning == FENP_A_NETWORK;
    if (network) return plain_fields(&c, &f, true) ? network_node(&c, d, &f) : fenp_faulty_value(c.build);
    if (builtin) return fenp_builtin_node(&c, &f, "");
    fenp_invocation i = {.body = f.body, .axes = f.axes, .mode = f.mode, .at = f.at, .when = fenp_draw_word(&c, f.draw)};
    i.function = fenp_function_named(&c, f.function, &i.kind, f.at, false);
    if (!i.function) { /* the errors of what it is given, and their names are used */
        for (int k = 0; f.in && (f.in->sort == FENP_LIST || f.in->sort == FENP_MAPPING) && k < f.in->n; k++) fenp_evaluate_text(&c, f.in->item[k]);
        if (f.in && f.in->sort == FENP_TEXT) fenp_evaluate_text(&c, f.in);
        return fenp_faulty_value(c.build);
    }
    int ports = fenp_ports(i.function->inputs);
    i.input = fenp_arena_new(&c.build->experiment->memory, ((size_t)ports + 1) * sizeof *i.input);
    fenp_taker t = {.who = i.function->name, .ports = i.function->inputs, .to = i.input, .room = ports};
    bool good = fenp_inputs_read(&c, f.in, &t);
    return good ? fenp_invoke(&c, &i) : fenp_faulty_value(c.build);
}
