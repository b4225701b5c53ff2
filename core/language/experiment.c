/* experiment.c: the spaces of names that a file declares, the experiment that holds them, and builds. */
#include "language/language.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const fenp_meaning_name[] = {"parameter", "axis", "sampler", "network", "graph entry"};

/* ---- names of a file ---- */
/* What is no definition, and that was said: who reads the name gets a faulty value and says nothing. */
static fenp_definition *refuse(fenp_experiment *x, const char *name) {
    fenp_map_set(&x->missing, fenp_arena_text(&x->memory, "name %s", name), x);
    fenp_map_set(&x->missing, fenp_arena_text(&x->memory, "function %s", name), x);
    return NULL;
}
bool fenp_is_refused(const fenp_experiment *x, const char *name) {
    char key[96];
    return x->faults->n && (size_t)snprintf(key, sizeof key, "name %s", name) < sizeof key && fenp_map_get(&x->missing, key);
}
static fenp_definition *define(fenp_space *s, const char *name, fenp_meaning meaning, fenp_item *item, fenp_place at) {
    fenp_experiment *x = s->experiment;
    static const char *const reserved[] = {"it", "step", "epoch", "pi", "over", "features", "channel", "places", "all", "draws", NULL};
    if (!fenp_is_name(name)) {
        fenp_fail(x->faults, at, "`%s` is no name: names are [a-z][a-z0-9_]*", name);
        return refuse(x, name);
    }
    for (int i = 0; reserved[i]; i++)
        if (strcmp(reserved[i], name) == 0) {
            fenp_fail(x->faults, at, "`%s` is a reserved name", name);
            return refuse(x, name);
        }
    fenp_definition *old = fenp_map_get(&s->names, name);
    if (old) {
        if (strcmp(name, "batch") == 0) {
            fenp_fail(x->faults, at, "`batch` is the axis of the examples; its size is the top key `batch`");
            fenp_map_set(&x->missing, "function batch", x);
        } else fenp_fail(x->faults, at, "`%s` is defined twice: it is a %s at line %d already", name, fenp_meaning_name[old->meaning], old->at.line);
        return NULL;
    }
    fenp_definition *d = fenp_arena_new(&x->memory, sizeof *d);
    *d = (fenp_definition){.name = name, .meaning = meaning, .space = s, .item = item, .at = at, .text = {item, s->scope, NULL}};
    fenp_map_set(&s->names, name, d);
    return d;
}
static fen_axis axis_id(fenp_experiment *x, fenp_definition *d) {
    if (x->axes == FENP_MAX_AXES) {
        fenp_fail(x->faults, d->at, "more than %d axes", FENP_MAX_AXES);
        return 0;
    }
    x->axis[x->axes] = d;
    return (fen_axis)x->axes++;
}
static fenp_item *section(fenp_space *s, const char *key) {
    fenp_item *m = fenp_item_get(s->root, key);
    if (!m || m->sort == FENP_NULL) return NULL;
    if (m->sort == FENP_MAPPING) return m;
    fenp_fail(s->experiment->faults, m->at, "`%s` is %s; needs a mapping from names", key, fenp_sort_name[m->sort]);
    return NULL;
}
static void define_section(fenp_space *s, const char *key, fenp_meaning meaning) {
    fenp_item *m = section(s, key);
    for (int i = 0; m && i < m->n; i++) {
        fenp_definition *d = define(s, m->key[i], meaning, m->item[i], m->key_at[i]);
        if (d && meaning == FENP_AN_AXIS) d->axis = axis_id(s->experiment, d);
    }
}
static void free_names(void *map) { fenp_map_free(map); }
fenp_space *fenp_space_new(fenp_experiment *x, fenp_item *root, const char *file) {
    fenp_space *s = fenp_arena_new(&x->memory, sizeof *s);
    *s = (fenp_space){.experiment = x, .root = root, .file = file};
    s->scope = fenp_arena_new(&x->memory, sizeof *s->scope);
    s->scope->space = s;
    fenp_owns(x, &s->names, free_names);
    if (x->batch) fenp_map_set(&s->names, "batch", x->batch);
    else {
        fenp_item *size = fenp_item_get(root, "batch");
        x->batch = define(s, "batch", FENP_AN_AXIS, size ? size : fenp_item_number(&x->memory, 1, root->at), size ? size->at : root->at);
        x->batch->axis = axis_id(x, x->batch);
        x->batch->used = true;
    }
    define_section(s, "parameters", FENP_A_PARAMETER);
    define_section(s, "axes", FENP_AN_AXIS);
    define_section(s, "samplers", FENP_A_SAMPLER);
    define_section(s, "networks", FENP_A_NETWORK);
    define_section(s, "graph", FENP_A_NODE);
    return s;
}
bool fenp_check_keys(fenp_experiment *x, const fenp_item *m, const char *what, const char *const *known) {
    bool good = true;
    for (int i = 0; m && m->sort == FENP_MAPPING && i < m->n; i++) {
        int k = 0;
        while (known[k] && strcmp(known[k], m->key[i])) k++;
        if (known[k]) continue;
        good = false;
        const char *near = fenp_nearest(m->key[i], known);
        fenp_text list = {0};
        for (k = 0; known[k]; k++) fenp_text_add(&list, "%s%s", k ? ", " : "", known[k]);
        if (near) {
            fenp_fail(x->faults, m->key_at[i], "%s has no key `%s`; did you mean `%s`?", what, m->key[i], near);
            if (fenp_item_index(m, near) < 0) ((const char **)m->key)[i] = near; /* read as what it meant, so that nothing else seems to be missing */
        }
        else fenp_fail(x->faults, m->key_at[i], "%s has no key `%s`; it has %s", what, m->key[i], list.at);
        fenp_text_free(&list);
    }
    return good;
}

/* ---- the experiment ---- */
static const char *text_of(fenp_experiment *x, const char *key, const char *otherwise) {
    fenp_item *i = fenp_item_get(x->root, key);
    if (!i || i->sort == FENP_NULL) return otherwise;
    if (i->sort == FENP_MAPPING || i->sort == FENP_LIST) {
        fenp_fail(x->faults, i->at, "`%s` is %s; needs a text", key, fenp_sort_name[i->sort]);
        return otherwise;
    }
    return i->text;
}
static const char *name_of_file(fenp_experiment *x, const char *file) {
    const char *base = strrchr(file, '/');
    base = base ? base + 1 : file;
    size_t n = strcspn(base, ".");
    return fenp_arena_copy(&x->memory, base, n);
}
static void read_name(fenp_experiment *x) {
    x->name = text_of(x, "name", name_of_file(x, x->file));
    bool good = (*x->name >= 'a' && *x->name <= 'z') || (*x->name >= 'A' && *x->name <= 'Z') || (*x->name >= '0' && *x->name <= '9');
    size_t n = strspn(x->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    if (good && !x->name[n] && n < 64) return;
    fenp_item *i = fenp_item_get(x->root, "name");
    fenp_fail(x->faults, i ? i->at : x->root->at,
              "name: given `%s`; needs letters, digits, `.`, `_`, `-`, at most 63, the first a letter or digit (it names the run's folder)", x->name);
    x->name = "run";
}
static void read_numbers(fenp_experiment *x) {
    const char *precision = text_of(x, "precision", "single");
    x->doubles = strcmp(precision, "double") == 0;
    if (!x->doubles && strcmp(precision, "single"))
        fenp_fail(x->faults, fenp_item_get(x->root, "precision")->at, "precision: given `%s`; needs single or double", precision);
    fenp_item *seed = fenp_item_get(x->root, "seed");
    x->seed = 1;
    if (!seed || seed->sort == FENP_NULL) return;
    if (seed->sort != FENP_NUMBER || !seed->whole || seed->number < 0 || seed->number > 9007199254740992.0)
        fenp_fail(x->faults, seed->at, "seed: given `%s`; needs a whole number from 0 to 2^53", seed->text ? seed->text : fenp_sort_name[seed->sort]);
    else x->seed = (uint64_t)seed->number;
}
fenp_experiment *fenp_experiment_new(fenp_item *root, const char *file, fenp_faults *faults) {
    static const char *const keys[] = {"name",     "about",    "seed",  "precision", "batch",    "axes", "parameters", "plugins", "extends",
                                       "samplers", "networks", "graph", "train",     "evaluate", "log",  "checkpoint", "sweep",   "files", NULL};
    fenp_experiment *x = fenp_new(sizeof *x);
    *x = (fenp_experiment){.faults = faults, .root = root, .file = file};
    fenp_check_keys(x, root, "an experiment", keys);
    read_name(x);
    text_of(x, "about", NULL);
    read_numbers(x);
    x->store = fenp_store_new(x->doubles);
    x->space = fenp_space_new(x, root, file);
    return x;
}
void *fenp_owns(fenp_experiment *x, void *p, void (*free)(void *p)) {
    x->owned = fenp_arena_more(&x->memory, x->owned, x->n_owned, sizeof *x->owned);
    x->owned[x->n_owned++] = (struct fenp_owned){p, free};
    return p;
}
static void free_builder(void *b) { fenp_builder_free(b); }
static void free_build(void *u) { fenp_build_free(u); }
fen_builder *fenp_finishing(fenp_experiment *x) { return fenp_owns(x, fenp_builder_new(x->store, FEN_EVALUATE, true, x->faults), free_builder); }
void fenp_experiment_free(fenp_experiment *x) {
    while (x->n_owned-- > 0)
        if (x->owned[x->n_owned].p) x->owned[x->n_owned].free(x->owned[x->n_owned].p);
    fenp_map_free(&x->expressions);
    fenp_map_free(&x->weight_functions);
    fenp_map_free(&x->streams);
    fenp_map_free(&x->sources);
    fenp_map_free(&x->missing);
    fenp_map_free(&x->files);
    fenp_map_free(&x->reads);
    fenp_map_free(&x->spaces);
    fenp_store_free(x->store);
    fenp_arena_free(&x->memory);
    fenp_delete(x);
}

/* ---- builds ---- */
fenp_build *fenp_build_new(fenp_experiment *x, fen_mode mode, bool doubles) {
    fenp_build *u = fenp_arena_new(&x->memory, sizeof *u);
    u->experiment = x;
    fenp_owns(x, u, free_build);
    u->b = fenp_builder_new(x->store, mode, doubles, x->faults);
    u->b->language = u;
    u->world = fenp_arena_new(&x->memory, sizeof *u->world);
    u->world->build = u;
    u->b->axes = x->axes;
    fenp_context c = {u, x->space->scope, u->world};
    for (int i = 0; i < x->axes; i++) {
        fenp_definition *d = x->axis[i];
        int64_t size = fenp_axis_size(&c, d);
        u->b->axis[i] = (fenp_axis){d->name, size, d->from, d->to, d->counted};
    }
    static fenp_origin step = {.kind = FENP_FROM_STEP}, epoch = {.kind = FENP_FROM_EPOCH};
    u->step = fenp_feed_new(u->b, "step", fen_features(0, NULL), FEN_REAL, true, FENP_ON_LIVE, &step);
    u->epoch = fenp_feed_new(u->b, "epoch", fen_features(0, NULL), FEN_REAL, true, FENP_ON_LIVE, &epoch);
    return u;
}
void fenp_build_free(fenp_build *u) {
    if (!u || !u->b) return;
    fenp_map_free(&u->calls);
    fenp_map_free(&u->places);
    fenp_builder_free(u->b);
    u->b = NULL;
}
void fenp_entry(fenp_build *u, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    u->entry = fenp_arena_vtext(&u->experiment->memory, format, ap);
    va_end(ap);
    u->b->site = u->entry;
    u->b->owner = u->b->block = NULL;
}
const char *fenp_site_next(fenp_build *u, const char *base, const char *name) {
    char *key = fenp_arena_text(&u->experiment->memory, "%s/%s", base, name);
    int *n = fenp_map_get(&u->places, key);
    if (!n) {
        n = fenp_arena_new(&u->experiment->memory, sizeof *n);
        fenp_map_set(&u->places, key, n);
    }
    return ++*n == 1 ? key : fenp_arena_text(&u->experiment->memory, "%s_%d", key, *n);
}

/* ---- names that nobody read ---- */
static void mentioned(fenp_space *s, const fenp_item *i);
static void mention_text(fenp_space *s, const char *t) {
    char name[256];
    while (*t) {
        size_t n = strspn(t, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (n && n < sizeof name) {
            memcpy(name, t, n);
            name[n] = 0;
            fenp_definition *d = fenp_map_get(&s->names, name);
            if (d && !d->used) {
                d->used = true;
                mentioned(s, d->item);
            }
        }
        t += n ? n : 1;
    }
}
static void mentioned(fenp_space *s, const fenp_item *i) {
    if (i->text) mention_text(s, i->text);
    for (int k = 0; k < i->n; k++) {
        if (i->sort == FENP_MAPPING) mention_text(s, i->key[k]);
        mentioned(s, i->item[k]);
    }
}
/* What an override, or a file that extends this one, took the use from is left out of resolved.yaml instead; not what an override defines. */
static bool excused(const fenp_experiment *x, const fenp_definition *d) {
    const fenp_item *set = x->root->set;
    for (int i = 0; set && i < set->n; i++)
        if (d->at.file && strcmp(d->at.file, set->item[i]->text) == 0) return false;
    return set || !d->at.file || strcmp(d->at.file, x->root->at.file) != 0;
}
/* Said only of a file without other faults: what is faulty, or was left out, may have been the use (LANGUAGE 9: none caused by another). */
void fenp_unused(fenp_experiment *x) {
    static const char *const section[] = {"parameters", "axes", "samplers", "networks", "graph"}; /* by meaning */
    fenp_item *evaluate = fenp_item_get(x->root, "evaluate"), *sweep = fenp_item_get(x->root, "sweep");
    if (x->faults->n || (!evaluate && !fenp_item_get(x->root, "train"))) return; /* without either it is a library */
    fenp_item *expect = evaluate ? fenp_item_get(evaluate, "expect") : NULL;     /* conditions are read at the end only */
    if (expect) mentioned(x->space, expect);
    if (sweep) mentioned(x->space, sweep);
    for (int i = 0; i < x->space->names.n; i++) {
        fenp_definition *d = x->space->names.value[i];
        if (d->used || d->space != x->space) continue;
        if (excused(x, d)) fenp_item_set(&x->memory, fenp_item_get(x->root, section[d->meaning]), d->name, NULL, d->at);
        else fenp_fail(x->faults, d->at, "%s `%s` is never used", fenp_meaning_name[d->meaning], d->name);
    }
}
