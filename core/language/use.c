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
static bool is_folder(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}
static bool is_file(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode);
}
static bool ends_in_yaml(const char *path) {
    size_t n = strlen(path);
    return (n > 5 && strcmp(path + n - 5, ".yaml") == 0) || (n > 4 && strcmp(path + n - 4, ".yml") == 0);
}

/* The copy of a file that resolved.yaml holds, in this file or in the one at the root; NULL: none. */
static fenp_item *held(const fenp_context *c, const char *path) {
    const fenp_scope *s = c->scope;
    while (!s->space) s = s->up;
    fenp_item *here = fenp_item_get(fenp_item_get(s->space->root, "files"), path);
    return here ? here : fenp_item_get(fenp_item_get(c->build->experiment->root, "files"), path);
}
/* A private copy of the names of a file: every use has its own, made once. */
static fenp_space *space_of(const fenp_context *c, const char *path, const char *owner, fenp_place at) {
    fenp_experiment *x = c->build->experiment;
    const char *key = fenp_arena_text(&x->memory, "%s|%s", owner, path);
    fenp_space *s = fenp_map_get(&x->spaces, key);
    int before = x->faults->n;
    if (s || fenp_map_get(&x->missing, fenp_arena_text(&x->memory, "path %s", path))) return s;
    fenp_item *root = held(c, path);
    if (!root) root = fenp_document_load(&x->memory, path, x->faults, at);
    if (!root || x->faults->n != before) {
        fenp_map_set(&x->missing, fenp_arena_text(&x->memory, "path %s", path), x);
        return NULL;
    }
    if (!fenp_map_get(&x->files, path)) fenp_map_set(&x->files, path, root);
    s = fenp_space_new(x, root, path);
    fenp_map_set(&x->spaces, key, s);
    return s;
}
/* What `with` says of names of the file itself: parameters are overridden in this private copy, the rest is bound there. */
static void override(fenp_space *s, const fenp_item *own, fenp_with *with) {
    int n = 0;
    for (int i = 0; i < with->n; i++) {
        fenp_said *said = &with->said[i];
        fenp_definition *d = said->of ? NULL : fenp_map_get(&s->names, said->name);
        bool private = d && d->space == s && !(own && fenp_item_get(fenp_item_get(own, "parameters"), said->name));
        if (private && d->meaning == FENP_A_PARAMETER) {
            d->text = (fenp_thunk){said->item, said->scope, NULL};
            continue;
        }
        if (private) said->of = d;
        with->said[n++] = *said;
    }
    with->n = n;
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
    for (int i = 0; i < s->names.n && n < 255; i++)
        if (((fenp_definition *)s->names.value[i])->meaning == meaning) list[n++] = s->names.key[i];
    const char *near = fenp_nearest(name, list);
    if (d) fenp_wrong(c, at, "`%s` is a %s; needs a %s", name, fenp_meaning_name[d->meaning], fenp_meaning_name[meaning]);
    else
        fenp_wrong(c, at, "there is no %s `%s` in %s%s%s%s", fenp_meaning_name[meaning], name, s->file, near ? "; did you mean `" : "",
                   near ? near : "", near ? "`?" : "");
    return false;
}
/* The size of a new axis, for the rest of this build: builds that begin later know all axes. */
static void measure(const fenp_context *c, fenp_definition *d, fenp_scope *scope) {
    fenp_build *u = c->build;
    if (d->meaning != FENP_AN_AXIS || d == u->experiment->batch) return;
    d->text.scope = scope;
    fenp_context there = {u, scope, u->entered ? u->entered : u->world};
    int64_t size = fenp_axis_size(&there, d);
    u->b->axis[d->axis] = (fenp_axis){d->name, size, d->from, d->to, d->counted};
    u->b->axes = u->experiment->axes;
}
static bool from_path(const fenp_context *c, const char *text, const char *hash, fenp_meaning meaning, const fenp_item *use, const char *owner,
                      fenp_used *to) {
    fenp_experiment *x = c->build->experiment;
    size_t n = (size_t)(hash - text);
    bool best = n > 5 && strncmp(hash - 5, "@best", 5) == 0;
    const char *given = fenp_arena_copy(&x->memory, text, best ? n - 5 : n), *path = fenp_path_beside(&x->memory, fenp_path_file(c, use), given),
               *run = NULL;
    if (!ends_in_yaml(path)) { /* the folder of a run */
        const char *resolved = fenp_arena_text(&x->memory, "%s/resolved.yaml", path);
        if (!held(c, resolved) && (!is_folder(path) || !is_file(resolved)))
            return missing(
                c, given, use->at,
                "no such run: `%s` (run the experiment whose `name` is the folder's last part, `fenchel run NAME.yaml`, or give another folder)");
        run = path;
        path = resolved;
    } else if (!held(c, path) && !is_file(path)) return missing(c, given, use->at, "no such file: `%s`");
    fenp_space *s = space_of(c, path, owner, use->at);
    if (!s || !from_space(c, s, hash + 1, meaning, use->at, to)) return false;
    if (run) {
        s->run = to->run = run;
        s->best = to->best = best;
        to->name = to->state = hash + 1;
    }
    override(s, to->item, &to->with);
    for (int i = 0; i < s->names.n; i++) measure(c, s->names.value[i], s->scope);
    return true;
}
bool fenp_use(const fenp_context *c, const fenp_item *use, fenp_meaning meaning, const char *owner, fenp_used *to) {
    const char *text = use->text ? fenp_paste(c, use) : NULL;
    if (!text) {
        if (!use->text) fenp_wrong(c, use->at, "use: given %s; needs NAME, FILE#NAME or RUN#NAME", fenp_sort_name[use->sort]);
        return false;
    }
    const char *hash = strchr(text, '#');
    if (hash) return from_path(c, text, hash, meaning, use, owner, to);
    const fenp_scope *s = c->scope;
    while (!s->space) s = s->up;
    return from_space(c, s->space, text, meaning, use->at, to);
}
/* A fresh copy of a copy has the layers of the original; of a run, its values are those of the copy, its states those that the copy read. */
static bool original(const fenp_context *c, fenp_used *to) {
    for (const fenp_item *copy; (copy = fenp_item_get(to->item, "copy"));) {
        fenp_used next = *to;
        fenp_context there = {c->build, to->scope, c->world};
        if (!copy->text || fenp_item_get(to->item, "use")) return true;
        if (!from_space(&there, to->definition->space, copy->text, FENP_A_NETWORK, copy->at, &next) || next.definition == to->definition)
            return false;
        *to = next;
        to->state = copy->text;
    }
    return true;
}
bool fenp_use_network(const fenp_context *c, const fenp_item *use, const fenp_item *with, const char *owner, fenp_used *to) {
    static const char *const keys[] = {"use", "with", NULL};
    fenp_context here = *c;
    *to = (fenp_used){0};
    for (int depth = 0; depth < 32; depth++) {
        fenp_with_add(c->build->experiment, &to->with, with, here.scope);
        if (!fenp_use(&here, use, FENP_A_NETWORK, owner, to) || !original(c, to)) return false;
        if (!(use = fenp_item_get(to->item, "use"))) return true;
        fenp_check_keys(c->build->experiment, to->item, "`use`", keys);
        with = fenp_item_get(to->item, "with");
        here.scope = to->scope;
    }
    fenp_wrong(c, use->at, "`use` leads in a circle");
    return false;
}

/* ---- own parameters, axes, defaults ---- */
/* Axes of its own: a space over that of the file, made once; their sizes may use the network's parameters. */
static fenp_scope *with_axes(const fenp_context *c, const fenp_item *axes, fenp_scope *up, const char *owner) {
    fenp_experiment *x = c->build->experiment;
    const char *key = fenp_arena_text(&x->memory, "%s|axes", owner);
    fenp_space *own = fenp_map_get(&x->spaces, key);
    if (own) return own->scope;
    const fenp_scope *s = up;
    while (!s->space) s = s->up;
    fenp_item *root = fenp_item_new(&x->memory, FENP_MAPPING, axes->at);
    fenp_item_set(&x->memory, root, "axes", (fenp_item *)axes, axes->at);
    own = fenp_space_new(x, root, s->space->file);
    for (int i = 0; i < s->space->names.n; i++)
        if (!fenp_map_get(&own->names, s->space->names.key[i])) fenp_map_set(&own->names, s->space->names.key[i], s->space->names.value[i]);
    fenp_map_set(&x->spaces, key, own);
    return own->scope;
}
static void measure_axes(const fenp_context *c, const fenp_item *axes, fenp_scope *s) {
    for (int i = 0; i < axes->n; i++) {
        fenp_definition *d = fenp_lookup(s, axes->key[i]);
        if (d && d->item == axes->item[i]) measure(c, d, s);
    }
}
static void no_such_name(fenp_experiment *x, const fenp_scope *s, const fenp_said *said) {
    const char *near = fenp_nearest(said->name, fenp_names_in(x, s));
    if (!near) near = fenp_nearest(said->name, fenp_names_in(x, said->scope));
    fenp_fail(x->faults, said->at, "with: there is no name `%s` here%s%s%s", said->name, near ? "; did you mean `" : "", near ? near : "",
              near ? "`?" : "");
}
fenp_scope *fenp_network_scope(const fenp_context *c, const fenp_item *item, fenp_scope *up, fenp_with *with, const char *owner) {
    fenp_experiment *x = c->build->experiment;
    const fenp_item *axes = fenp_item_get(item, "axes"), *own = fenp_item_get(item, "parameters"), *defaults = fenp_item_get(item, "defaults");
    bool has_axes = axes && axes->sort == FENP_MAPPING;
    if (has_axes) up = with_axes(c, axes, up, owner);
    fenp_scope *s = fenp_scope_new(x, up, true);
    s->defaults = defaults && defaults->sort == FENP_MAPPING ? defaults : NULL;
    for (int i = 0; own && i < own->n; i++) {
        fenp_local *l = fenp_local_add(x, s, own->key[i]);
        l->at = own->key_at[i];
        l->text = (fenp_thunk){own->item[i], s, NULL};
    }
    int left = 0;
    for (int i = 0; i < with->n; i++) {
        fenp_said *said = &with->said[i];
        int k = own && !said->of ? fenp_item_index(own, said->name) : -1;
        if (k >= 0) {
            s->local[k]->text = (fenp_thunk){said->item, said->scope, NULL};
            continue;
        }
        if (has_axes && !said->of && fenp_item_index(axes, said->name) >= 0) said->of = fenp_lookup(s, said->name);
        if (said->of || fenp_lookup(said->scope, said->name)) with->said[left++] = *said;
        else no_such_name(x, s, said);
    }
    with->n = left;
    if (has_axes) measure_axes(c, axes, s);
    return s;
}
