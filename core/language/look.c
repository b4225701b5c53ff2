/* look.c: what a faulty file hides. A network that is called with a faulty value is not run, nor are the layers behind a faulty one; their own
 * mistakes that need no shapes (functions, attributes) are said all the same, so that all of a file's errors come in one run (LANGUAGE 9). */
#include "language/network.h"
#include <string.h>

/* Names that only a run of the layers gives a value: inputs, `as`, loop indices, carried ones. */
typedef struct looker {
    fenp_context context;
    const fenp_item *network;
} looker;
static bool names(const fenp_item *i, const char *name) {
    if (i->sort == FENP_TEXT && strcmp(i->text, name) == 0) return true;
    for (int k = 0; k < i->n; k++)
        if ((i->sort == FENP_LIST && names(i->item[k], name)) || (i->sort == FENP_MAPPING && strcmp(i->key[k], name) == 0)) return true;
    return false;
}
static bool gives(const fenp_item *i, const char *name) {
    static const char *const givers[] = {"inputs", "as", "index", "carry"};
    for (size_t g = 0; g < sizeof givers / sizeof *givers; g++) {
        const fenp_item *given = i->sort == FENP_MAPPING ? fenp_item_get(i, givers[g]) : NULL;
        if (given && names(given, name)) return true;
    }
    for (int k = 0; k < i->n; k++)
        if (gives(i->item[k], name)) return true;
    return false;
}
static bool needs_run(const looker *l, const fenp_item *i) {
    char name[256];
    for (const char *t = i->text; t && *t;) {
        size_t n = strspn(t, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (n && n < sizeof name) {
            memcpy(name, t, n);
            name[n] = 0;
            if (strcmp(name, "it") == 0 || strcmp(name, "out") == 0 || gives(l->network, name)) return true;
        }
        t += n ? n : 1;
    }
    for (int k = 0; k < i->n; k++)
        if (needs_run(l, i->item[k])) return true;
    return false;
}
static void look_at_layers(looker *l, const fenp_item *layers);
static void look_at_function(looker *l, const fenp_node_form *f) {
    fenp_invocation i = {.body = f->body, .at = f->at};
    fenp_call call = {0};
    i.function = call.function = fenp_function_named(&l->context, f->function, &i.kind, f->at, false);
    if (!i.function || !f->body || f->body->sort != FENP_MAPPING) return;
    for (int k = 0; k < fenp_attributes(i.function->attributes); k++) {
        const fen_attribute *a = &i.function->attributes[k];
        const fenp_item *inner = a->type == FEN_ATTR_LAYERS ? fenp_item_get(f->body, a->name) : NULL;
        if (inner && inner->sort == FENP_LIST) look_at_layers(l, inner);
    }
    if (!needs_run(l, f->body)) fenp_bind_attributes(&l->context, &i, &call);
    else
        for (int k = 0; k < f->body->n; k++) fenp_attribute_known(&l->context, &i, f->body->key[k], f->body->key_at[k]);
}
static void look_at_layers(looker *l, const fenp_item *layers) {
    static const char *const forms[] = {"let", "split", "concat", "parameter", NULL};
    for (int i = 0; layers && layers->sort == FENP_LIST && i < layers->n; i++) {
        fenp_node_form f;
        const fenp_item *item = layers->item[i];
        if ((item->text && strstr(item->text, "${")) || !fenp_node_read(&l->context, item, &f, true) || !f.function) continue;
        fenp_definition *d = fenp_lookup(l->context.scope, f.function);
        bool form = false, holds = strcmp(f.function, "repeat") == 0 || strcmp(f.function, "residual") == 0;
        for (int k = 0; forms[k]; k++) form |= strcmp(forms[k], f.function) == 0;
        if (holds && f.body) look_at_layers(l, fenp_item_get(f.body, "layers"));
        else if (!form && !holds && !(d && d->meaning == FENP_A_NETWORK) && (fenp_function_find(f.function, NULL) || !fenp_builtin_find(f.function)))
            look_at_function(l, &f);
    }
}
void fenp_look_at_rest(fenp_build *u) {
    fenp_experiment *x = u->experiment;
    fenp_context c = {u, x->space->scope, u->world};
    for (int i = 0; i < x->space->names.n; i++) {
        fenp_definition *d = x->space->names.value[i];
        if (d->space != x->space || d->used || (d->meaning != FENP_A_SAMPLER && d->meaning != FENP_A_NODE)) continue;
        fenp_entry(u, "%s", d->name);
        fenp_definition_value(&c, d, d->at);
    }
    for (int i = 0; i < x->space->names.n; i++) {
        fenp_definition *d = x->space->names.value[i];
        if (!d->network && (fenp_item_get(d->item, "use") || fenp_item_get(d->item, "copy"))) continue; /* what it names is looked at */
        fenp_network *n = d->meaning == FENP_A_NETWORK && d->space == x->space ? fenp_network_of(&c, d) : NULL;
        if (!n || !n->item || (n->declared && !n->broken)) continue;
        looker l = {{u, n->scope, u->world}, n->item};
        look_at_layers(&l, fenp_item_get(n->item, "layers"));
    }
}
