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
/* `in`: an expression, a list (ports in order), or a mapping (port: expression). */
static bool read_inputs(const fenp_context *c, const fenp_item *in, const fen_port *ports, const fenp_item *names, fenp_value **to, int room,
                        int *n) {
    *n = 0;
    if (!in) return true;
    int count = in->sort == FENP_LIST || in->sort == FENP_MAPPING ? in->n : 1;
    bool good = true;
    for (int k = 0; k < count; k++) {
        const fenp_item *item = in->sort == FENP_LIST || in->sort == FENP_MAPPING ? in->item[k] : in;
        int p = k;
        if (in->sort == FENP_MAPPING && ports && !fenp_port(ports, in->key[k], &p)) {
            const char *list[64] = {0};
            for (int q = 0; q < fenp_ports(ports) && q < 63; q++) list[q] = ports[q].name;
            const char *near = fenp_nearest(in->key[k], list);
            fenp_wrong(c, in->key_at[k], "there is no input `%s`%s%s%s", in->key[k], near ? "; did you mean `" : "", near ? near : "",
                       near ? "`?" : "");
            good = false;
            continue;
        }
        for (int q = 0; in->sort == FENP_MAPPING && names && q < names->n; q++)
            if (names->item[q]->text && strcmp(names->item[q]->text, in->key[k]) == 0) p = q;
        if (p >= room) {
            fenp_wrong(c, item->at, "too many inputs: it takes %d", room);
            return false;
        }
        to[p] = fenp_evaluate_text(c, item);
        good &= !fenp_is_fault(c->build, to[p]);
        if (p + 1 > *n) *n = p + 1;
    }
    return good;
}
static fenp_value *network_node(const fenp_context *c, fenp_definition *d, const fenp_node_form *f) {
    fenp_value *in[16] = {0};
    int n;
    fenp_network *net = fenp_network_of(c, d);
    if (!net) return fenp_faulty_value(c->build);
    const fenp_item *names = net->item ? fenp_item_get(net->item, "inputs") : NULL;
    if (!read_inputs(c, f->in, NULL, names, in, 16, &n)) return fenp_faulty_value(c->build);
    for (int i = 0; i < n; i++)
        if (!in[i]) return fenp_wrong(c, f->at, "network `%s`: input %d is missing", d->name, i + 1);
    return fenp_network_named(c, d, in, n, f->mode, f->at);
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
    int ports = i.function ? fenp_ports(i.function->inputs) : 16, n;
    i.input = fenp_arena_new(&c.build->experiment->memory, ((size_t)ports + 1) * sizeof *i.input);
    bool good = read_inputs(&c, f.in, i.function ? i.function->inputs : NULL, NULL, i.input, ports, &n);
    return i.function && good ? fenp_invoke(&c, &i) : fenp_faulty_value(c.build);
}
