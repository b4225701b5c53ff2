/* use.c: `use: NAME`, `FILE#NAME`, `RUN#NAME`: finding the definition, and giving it its own parameters. */
#include "language/network.h"
#include <string.h>
#include <sys/stat.h>

static bool missing(const fenp_context *c, const char *path, fenp_place at, const char *format) {
    fenp_experiment *x = c->build->experiment;
    const char *key = fenp_arena_text(&x->memory, "path %s", path);
    if (fenp_map_get(&x->missing, key)) return false;
    fenp_map_set(&x->missing, key, x);
    fenp_fail(x->faults, at, format, path);
    return false;
}
static bool is_folder(const char *path) { struct stat s; return stat(path, &s) == 0 && S_ISDIR(s.st_mode); }
static bool is_file(const char *path) { struct stat s; return stat(path, &s) == 0 && S_ISREG(s.st_mode); }
static bool ends_in_yaml(const char *path) { size_t n = strlen(path); return (n > 5 && strcmp(path + n - 5, ".yaml") == 0) || (n > 4 && strcmp(path + n - 4, ".yml") == 0); }

/* A private copy of the names of a file: every use has its own. */
static fenp_space *space_of(const fenp_context *c, const char *path, fenp_place at) {
    fenp_experiment *x = c->build->experiment;
    int before = x->faults->n;
    fenp_item *root = fenp_document_load(&x->memory, path, x->faults, at);
    if (!root || x->faults->n != before) {
        fenp_map_set(&x->missing, fenp_arena_text(&x->memory, "path %s", path), x);
        return NULL;
    }
    return fenp_space_new(x, root, path);
}
/* Parameters of the file itself that `with` names are overridden in this private copy. */
static const fenp_item *override(const fenp_context *c, fenp_space *s, const fenp_item *own, const fenp_item *with) {
    fenp_experiment *x = c->build->experiment;
    fenp_item *rest = NULL;
    for (int i = 0; with && i < with->n; i++) {
        fenp_definition *d = fenp_map_get(&s->names, with->key[i]);
        bool private = d && d->space == s && d->meaning == FENP_A_PARAMETER && !(own && fenp_item_get(fenp_item_get(own, "parameters"), with->key[i]));
        if (private) { d->text = (fenp_thunk){with->item[i], c->scope, NULL}; continue; }
        if (!rest) rest = fenp_item_new(&x->memory, FENP_MAPPING, with->at);
        fenp_item_set(&x->memory, rest, with->key[i], with->item[i], with->key_at[i]);
    }
    return rest;
}
static bool from_space(const fenp_context *c, fenp_space *s, const char *name, fenp_meaning meaning, fenp_place at, fenp_used *to) {
    fenp_definition *d = fenp_map_get(&s->names, name);
    if (d && d->meaning == meaning) {
        d->used = true;
        to->definition = d;
        to->item = d->item;
        to->scope = s->scope;
        return true;
    }
    const char *list[256] = {0};
    int n = 0;
    for (int i = 0; i < s->names.n && n < 255; i++) if (((fenp_definition *)s->names.value[i])->meaning == meaning) list[n++] = s->names.key[i];
    const char *near = fenp_nearest(name, list);
    if (d) fenp_wrong(c, at, "`%s` is a %s; needs a %s", name, fenp_meaning_name[d->meaning], fenp_meaning_name[meaning]);
    else fenp_wrong(c, at, "there is no %s `%s` in %s%s%s%s", fenp_meaning_name[meaning], name, s->file, near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    return false;
}
static bool from_path(const fenp_context *c, const char *text, const char *hash, fenp_meaning meaning, const fenp_item *use, fenp_used *to) {
    fenp_experiment *x = c->build->experiment;
    size_t n = (size_t)(hash - text);
    to->best = n > 5 && strncmp(hash - 5, "@best", 5) == 0;
    const char *given = fenp_arena_copy(&x->memory, text, to->best ? n - 5 : n), *path = fenp_path_beside(&x->memory, fenp_path_file(c, use), given);
    if (!ends_in_yaml(path)) {                /* the folder of a run */
        const char *resolved = fenp_arena_text(&x->memory, "%s/resolved.yaml", path);
        if (!is_folder(path) || !is_file(resolved)) return missing(c, given, use->at, "no such run: `%s` (run the experiment whose `name` is the folder's last part, `fenchel run NAME.yaml`, or give another folder)");
        to->run = path;
        to->name = hash + 1;
        path = resolved;
    } else if (!is_file(path)) return missing(c, given, use->at, "no such file: `%s`");
    fenp_space *s = space_of(c, path, use->at);
    if (!s || !from_space(c, s, hash + 1, meaning, use->at, to)) return false;
    to->with = override(c, s, to->item, to->with);
    return true;
}
bool fenp_use(const fenp_context *c, const fenp_item *use, const fenp_item *with, fenp_meaning meaning, fenp_used *to) {
    *to = (fenp_used){.with = with, .with_scope = c->scope, .at = use->at};
    const char *text = use->text ? fenp_paste(c, use) : NULL;
    if (!text) { if (!use->text) fenp_wrong(c, use->at, "use: given %s; needs NAME, FILE#NAME or RUN#NAME", fenp_sort_name[use->sort]); return false; }
    if (with && with->sort != FENP_MAPPING && with->sort != FENP_NULL) { fenp_wrong(c, with->at, "with: given %s; needs a mapping {name: value}", fenp_sort_name[with->sort]); return false; }
    const char *hash = strchr(text, '#');
    if (hash) return from_path(c, text, hash, meaning, use, to);
    const fenp_scope *s = c->scope;
    while (!s->space) s = s->up;
    return from_space(c, s->space, text, meaning, use->at, to);
}

/* ---- own parameters, axes, defaults ---- */
static fenp_scope *with_axes(const fenp_context *c, const fenp_item *axes, fenp_scope *up) {
    fenp_experiment *x = c->build->experiment;
    const fenp_scope *s = up;
    while (!s->space) s = s->up;
    fenp_item *root = fenp_item_new(&x->memory, FENP_MAPPING, axes->at);
    fenp_item_set(&x->memory, root, "axes", (fenp_item *)axes, axes->at);
    fenp_space *own = fenp_space_new(x, root, s->space->file);
    for (int i = 0; i < s->space->names.n; i++)
        if (!fenp_map_get(&own->names, s->space->names.key[i])) fenp_map_set(&own->names, s->space->names.key[i], s->space->names.value[i]);
    fenp_context there = {c->build, own->scope, c->world};
    for (int i = 0; i < axes->n; i++) {
        fenp_definition *d = fenp_map_get(&own->names, axes->key[i]);
        if (d && d->space == own) { int64_t size = fenp_axis_size(&there, d); c->build->b->axis[d->axis] = (fenp_axis){d->name, size, d->from, d->to, d->counted}; }
    }
    c->build->b->axes = x->axes;
    return own->scope;
}
fenp_scope *fenp_network_scope(const fenp_context *c, const fenp_item *item, fenp_scope *up, const fenp_item *with, fenp_scope *with_scope, const fenp_item **rest) {
    fenp_experiment *x = c->build->experiment;
    const fenp_item *axes = fenp_item_get(item, "axes"), *own = fenp_item_get(item, "parameters"), *defaults = fenp_item_get(item, "defaults");
    if (axes && axes->sort == FENP_MAPPING) up = with_axes(c, axes, up);
    fenp_scope *s = fenp_scope_new(x, up, true);
    fenp_item *left = NULL;
    s->defaults = defaults && defaults->sort == FENP_MAPPING ? defaults : NULL;
    for (int i = 0; own && i < own->n; i++) {
        fenp_local *l = fenp_local_add(x, s, own->key[i]);
        l->at = own->key_at[i];
        const fenp_item *given = with ? fenp_item_get(with, own->key[i]) : NULL;
        l->text = given ? (fenp_thunk){given, with_scope, NULL} : (fenp_thunk){own->item[i], s, NULL};
    }
    for (int i = 0; with && i < with->n; i++) {
        if (own && fenp_item_get(own, with->key[i])) continue;
        if (!left) left = fenp_item_new(&x->memory, FENP_MAPPING, with->at);
        fenp_item_set(&x->memory, left, with->key[i], with->item[i], with->key_at[i]);
    }
    *rest = left;
    return s;
}
