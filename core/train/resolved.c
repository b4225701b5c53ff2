/* resolved.c: RUN/resolved.yaml, the whole experiment in one text (DECISIONS 12): paths absolute, numbers in full, the defaults of plugins
 * written out, and under `files` a copy of each file that `use` names, so that nothing outside can change what the run is. */
#include "train/train.h"
#include "language/attribute.h"
#include <string.h>

/* ---- paths ---- */
static void make_absolute(fenp_run *r, fenp_item *root, fenp_item *text) {
    fenp_arena *m = &r->experiment->memory;
    if (text->sort != FENP_TEXT || text->text[0] == '/') return;
    const char *end = strncmp(text->text, "${", 2) == 0 ? strchr(text->text, '}') : NULL;
    if (end) { /* a path in a parameter: the parameter's text becomes absolute */
        fenp_item *p = fenp_item_get(fenp_item_get(root, "parameters"), fenp_arena_copy(m, text->text + 2, (size_t)(end - text->text - 2)));
        if (p) make_absolute(r, root, p);
        return;
    }
    const char *hash = strchr(text->text, '#');
    if (!hash) {
        text->text = fenp_path_beside(m, text->at.file, text->text);
        return;
    }
    const char *path = fenp_arena_copy(m, text->text, (size_t)(hash - text->text));
    if (*path) text->text = fenp_arena_text(m, "%s%s", fenp_path_beside(m, text->at.file, path), hash);
}
static void attribute_paths(fenp_run *r, fenp_item *root, fenp_item *body, const char *function) {
    const fen_function *f = fenp_function_find(function, NULL);
    for (int i = 0; f && body->sort == FENP_MAPPING && i < body->n; i++) {
        const fen_attribute *a = fenp_attribute(f, body->key[i], NULL);
        if (a && a->type == FEN_ATTR_PATH) make_absolute(r, root, body->item[i]);
    }
}
/* `use: ${where}`: the parameter has the path, or a name of this file. */
static bool names_path(fenp_run *r, fenp_item *root, const char *text) {
    const char *end = strncmp(text, "${", 2) == 0 ? strchr(text, '}') : NULL;
    fenp_arena *m = &r->experiment->memory;
    const fenp_item *p = end ? fenp_item_get(fenp_item_get(root, "parameters"), fenp_arena_copy(m, text + 2, (size_t)(end - text - 2))) : NULL;
    return strchr(text, '#') || (p && p->text && strchr(p->text, '#'));
}
static void absolute(fenp_run *r, fenp_item *root, fenp_item *item, const char *key) {
    if (key && strcmp(key, "use") == 0 && item->text && names_path(r, root, item->text)) make_absolute(r, root, item);
    if (key && item->sort == FENP_MAPPING) attribute_paths(r, root, item, key);
    for (int i = 0; i < item->n; i++) absolute(r, root, item->item[i], item->sort == FENP_MAPPING ? item->key[i] : NULL);
}

/* ---- defaults ---- */
typedef struct filler {
    fenp_experiment *experiment;
    const fenp_item *networks, *defaults; /* names that hide functions; of the network around: they fill what is not written */
} filler;
static void fill_form(filler *f, fenp_item *form);
static void fill_list(filler *f, fenp_item *list) {
    if (!list || list->sort != FENP_LIST) return;
    for (int i = 0; i < list->n; i++) {
        fenp_item *layer = list->item[i];
        const fen_function *function = layer->sort == FENP_TEXT ? fenp_function_find(layer->text, NULL) : NULL;
        if (function && fenp_attributes(function->attributes) && !fenp_item_get(f->networks, layer->text)) { /* `relu` becomes `relu: {..}` */
            fenp_item *m = fenp_item_new(&f->experiment->memory, FENP_MAPPING, layer->at);
            fenp_item_set(&f->experiment->memory, m, layer->text, fenp_item_new(&f->experiment->memory, FENP_MAPPING, layer->at), layer->at);
            list->item[i] = layer = m;
        }
        if (layer->sort == FENP_MAPPING) fill_form(f, layer);
    }
}
static bool is_form(const fen_attribute *a) { return a->type == FEN_ATTR_FUNCTION || a->type == FEN_ATTR_SAMPLER; }
static void fill_body(filler *f, const fen_function *function, fenp_item *body) {
    fenp_arena *m = &f->experiment->memory;
    const fenp_item *hidden = fenp_item_get(f->defaults, function->name);
    for (int i = 0; i < fenp_attributes(function->attributes); i++) {
        const fen_attribute *a = &function->attributes[i];
        fenp_item *value = fenp_item_get(body, a->name);
        /* what nobody says may be what others say: a draw without shape has that of its inputs; paths and records have no default */
        bool plain = a->type != FEN_ATTR_PATH && a->type != FEN_ATTR_RECORDS && a->type != FEN_ATTR_SHAPE;
        if (!value && a->initial && *a->initial && plain && !fenp_item_get(hidden, a->name))
            fenp_item_set(m, body, a->name, fenp_item_copy(m, fenp_initial_item(f->experiment, a->initial, body->at)), body->at);
        if (value && value->sort == FENP_MAPPING && is_form(a)) fill_form(f, value);
        if (value && a->type == FEN_ATTR_LAYERS) fill_list(f, value);
    }
}
/* {function: {..}, in, as, ..}; `repeat` and `residual` hold layers. */
static void fill_form(filler *f, fenp_item *form) {
    static const char *const reserved[] = {"in", "as", "axes", "draw", "mode", "with", "use", "copy", NULL};
    for (int i = 0; form->sort == FENP_MAPPING && i < form->n; i++) {
        bool word = false;
        for (int k = 0; reserved[k]; k++) word |= strcmp(reserved[k], form->key[i]) == 0;
        if (word || fenp_item_get(f->networks, form->key[i])) continue;
        const fen_function *function = fenp_function_find(form->key[i], NULL);
        bool holds = strcmp(form->key[i], "repeat") == 0 || strcmp(form->key[i], "residual") == 0;
        if (holds) fill_list(f, fenp_item_get(form->item[i], "layers"));
        else if (function && fenp_attributes(function->attributes)) {
            if (form->item[i]->sort == FENP_NULL) form->item[i] = fenp_item_new(&f->experiment->memory, FENP_MAPPING, form->item[i]->at);
            if (form->item[i]->sort == FENP_MAPPING) fill_body(f, function, form->item[i]);
        }
    }
}
static void fill_each(filler *f, const fenp_item *section) {
    for (int i = 0; section && section->sort == FENP_MAPPING && i < section->n; i++)
        if (section->item[i]->sort == FENP_MAPPING) fill_form(f, section->item[i]);
}
static void fill_file(fenp_experiment *x, fenp_item *root) {
    filler f = {.experiment = x, .networks = fenp_item_get(root, "networks")};
    const fenp_item *train = fenp_item_get(root, "train");
    fill_each(&f, fenp_item_get(root, "samplers"));
    fill_each(&f, fenp_item_get(root, "graph"));
    for (int i = 0; f.networks && i < f.networks->n; i++) {
        f.defaults = fenp_item_get(f.networks->item[i], "defaults");
        fill_list(&f, fenp_item_get(f.networks->item[i], "layers"));
    }
    f.defaults = NULL;
    for (int i = 0; train && train->sort == FENP_LIST && i < train->n; i++) {
        const fenp_item *players = fenp_item_get(train->item[i], "players");
        for (int k = 0; players && players->sort == FENP_LIST && k < players->n; k++) {
            fenp_item *player = players->item[k], *optimizer = fenp_item_get(player, "optimizer");
            if (optimizer && optimizer->sort == FENP_MAPPING) fill_form(&f, optimizer);
        }
    }
}
static void fill_top(fenp_experiment *x, fenp_item *root) {
    if (!fenp_item_get(root, "seed")) fenp_item_set(&x->memory, root, "seed", fenp_item_number(&x->memory, (double)x->seed, root->at), root->at);
    if (!fenp_item_get(root, "precision"))
        fenp_item_set(&x->memory, root, "precision", fenp_item_text(&x->memory, x->doubles ? "double" : "single", root->at), root->at);
}

/* ---- all ---- */
static fenp_item *one_file(fenp_run *r, const fenp_item *root) {
    fenp_item *copy = fenp_item_copy(&r->experiment->memory, root);
    fenp_item_set(&r->experiment->memory, copy, "extends", NULL, copy->at);
    fenp_item *plugins = fenp_item_get(copy, "plugins");
    for (int i = 0; plugins && i < plugins->n; i++) make_absolute(r, copy, plugins->item[i]);
    absolute(r, copy, copy, NULL);
    fill_file(r->experiment, copy);
    return copy;
}
const char *fenp_resolved(fenp_run *r, fenp_item *root) {
    fenp_experiment *x = r->experiment;
    static const char *const unread[] = {"train", "evaluate", "log", "sweep", "checkpoint", NULL}; /* `use` takes definitions only */
    fenp_item *copy = one_file(r, root), *files = fenp_item_get(copy, "files");
    fill_top(x, copy);
    for (int i = 0; i < x->files.n; i++) {
        if (!files) {
            files = fenp_item_new(&x->memory, FENP_MAPPING, copy->at);
            fenp_item_set(&x->memory, copy, "files", files, copy->at);
        }
        if (fenp_item_get(files, x->files.key[i])) continue;
        fenp_item *file = one_file(r, x->files.value[i]);
        for (int k = 0; unread[k]; k++) fenp_item_set(&x->memory, file, unread[k], NULL, file->at);
        fenp_item_set(&x->memory, files, x->files.key[i], file, copy->at);
    }
    fenp_text t = {0};
    fenp_document_write(copy, &t);
    const char *text = fenp_arena_copy(&x->memory, t.at, t.n);
    fenp_text_free(&t);
    return text;
}
