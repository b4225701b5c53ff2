/* config/override.c: `train.play.critic.optimizer.adam.rate=1e-4`.
 * The path is followed through the tree, which finds its mistakes, and grows beside it a small tree of the named parts alone;
 * that one is merged like a file that extends the first, so one set of rules says what replaces and what removes. */
#include "config/parts.h"
#include <string.h>

typedef struct walk {
    fenp_arena *memory;
    fenp_faults *faults;
    fenp_place at;
    const char *path;
    char **step;                              /* the parts of the path between its dots */
    int n, done;
    bool flat;                                /* the rest of the path is one key: names with dots stand here */
} walk;

/* -- the steps -- */

static fenp_place step_place(const walk *w) {
    fenp_place at = w->at;
    for (int i = 0; i < w->done; i++) at.column += (int)strlen(w->step[i]) + 1;
    return at;
}

/* The steps from..to as they were written. */
static const char *steps(const walk *w, int from, int to) {
    size_t first = 0, last = 0;
    for (int i = 0; i < to; i++) {
        if (i < from) first += strlen(w->step[i]) + 1;
        last += strlen(w->step[i]) + 1;
    }
    return fenp_arena_copy(w->memory, w->path + first, last > first ? last - first - 1 : 0);
}

static bool cut_steps(walk *w) {
    size_t n = strlen(w->path);
    w->step = fenp_arena_new(w->memory, (n / 2 + 2) * sizeof *w->step);
    const char *from = w->path;
    for (const char *c = from;; c++) {
        if (*c && *c != '.') continue;
        if (c == from) {
            w->at.column += (int)(c - w->path);
            fenp_fail(w->faults, w->at, "a name is missing in the path `%s`", w->path);
            return false;
        }
        if (w->n == FENP_DOCUMENT_DEPTH / 2) {
            fenp_fail(w->faults, w->at, "a path of more than %d steps", FENP_DOCUMENT_DEPTH / 2);
            return false;
        }
        w->step[w->n++] = fenp_arena_copy(w->memory, from, (size_t)(c - from));
        if (!*c) return true;
        from = c + 1;
    }
}

/* -- where a step leads -- */

static const char *const *names_of(fenp_arena *memory, const fenp_item *x, const fenp_item *more) {
    int n = 0;
    const char **names = fenp_arena_new(memory, ((size_t)x->n + (more ? (size_t)more->n : 0) + 1) * sizeof *names);
    for (int i = 0; i < x->n; i++) names[n++] = x->sort == FENP_MAPPING ? x->key[i] : fenp_item_name(x->item[i], NULL);
    for (int i = 0; more && i < more->n; i++) names[n++] = fenp_item_name(more->item[i], NULL);
    return names;
}

static const char *listed(fenp_arena *memory, const char *const *names) {
    const char *text = "";
    for (int i = 0; names[i] && i < 12; i++) text = fenp_arena_text(memory, "%s%s%s", text, i ? ", " : "", names[i]);
    return text;
}

static void fail_name(const walk *w, const char *what, const char *const *names) {
    const char *name = w->step[w->done], *near = fenp_nearest(name, names);
    const char *before = w->done ? fenp_arena_text(w->memory, "`%s`", steps(w, 0, w->done)) : "the file";
    if (near) fenp_fail(w->faults, step_place(w), "%s has no %s `%s`: did you mean `%s`?", before, what, name, near);
    else fenp_fail(w->faults, step_place(w), "%s has no %s `%s`: it has %s", before, what, name, listed(w->memory, names));
}

/* `players` left out: in a phase, a step that is none of its keys is a player. */
static fenp_item *players_of(const fenp_item *x) {
    fenp_item *players = fenp_item_get(x, "players");
    bool phase = fenp_item_index(x, "phase") >= 0 && players && players->sort == FENP_LIST && fenp_list_named(players);
    return phase ? players : NULL;
}

static bool phase_key(const char *key) {
    static const char *const keys[] = {"phase", "steps", "epochs", "epoch_of", "with", "simultaneous", "stop", "players"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], key) == 0) return true;
    return false;
}

/* The longest run of steps that is a key here: keys may have dots in them (`hmm.start`). */
static int steps_of_key(const walk *w, const fenp_item *x) {
    if (w->flat) return w->n - w->done;
    for (int to = w->n; x && to > w->done + 1; to--)
        if (fenp_item_index(x, steps(w, w->done, to)) >= 0) return to - w->done;
    return 1;
}

static fenp_item *overlay(walk *w, const fenp_item *x, fenp_item *value);

static fenp_item *around_key(walk *w, const char *key, const fenp_item *x, fenp_item *value) {
    static const char *const flat[] = {"over", "after", "assign"};
    fenp_place at = step_place(w);
    w->done += steps_of_key(w, x);
    if (!key) key = steps(w, w->done - 1, w->done);
    w->flat = false;
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++) w->flat = w->flat || strcmp(key, flat[i]) == 0;
    fenp_item *inner = overlay(w, x ? fenp_item_get(x, key) : NULL, value);
    if (!inner) return NULL;
    fenp_item *outer = fenp_item_new(w->memory, FENP_MAPPING, at);
    fenp_item_append(w->memory, outer, key, inner, at);
    return outer;
}

static fenp_item *into_list(walk *w, const fenp_item *x, fenp_item *value) {
    const char *key, *here = steps(w, 0, w->done);
    if (!fenp_list_named(x)) {
        fenp_fail(w->faults, step_place(w), "the items of `%s` have no names: give the whole list, %s=[...]", here, here);
        return NULL;
    }
    const fenp_item *found = fenp_list_find(x, w->step[w->done]);
    if (!found) {
        fail_name(w, "item", names_of(w->memory, x, NULL));
        return NULL;
    }
    fenp_item_name(found, &key);
    w->done++;
    fenp_item *inner = overlay(w, found, value), *list = fenp_item_new(w->memory, FENP_LIST, w->at);
    if (!inner) return NULL;
    if (inner->sort != FENP_MAPPING) {
        fenp_fail(w->faults, value->at, "`%s` is a mapping: give it as {...}, and got %s", w->path, fenp_sort_name[inner->sort]);
        return NULL;
    }
    fenp_item_set(w->memory, inner, key, fenp_item_get(found, key), found->key_at[fenp_item_index(found, key)]);
    fenp_item_add(w->memory, list, inner);
    return list;
}

static fenp_item *into_mapping(walk *w, const fenp_item *x, fenp_item *value) {
    const char *name = steps(w, w->done, w->done + steps_of_key(w, x));
    const fenp_item *players = players_of(x);
    if (!players || phase_key(name) || fenp_item_index(x, name) >= 0) return around_key(w, name, x, value);
    if (!fenp_list_find(players, w->step[w->done])) {
        fail_name(w, "player or key", names_of(w->memory, players, x));
        return NULL;
    }
    fenp_place at = step_place(w);
    fenp_item *list = into_list(w, players, value), *outer = fenp_item_new(w->memory, FENP_MAPPING, at);
    if (list) fenp_item_append(w->memory, outer, "players", list, at);
    return list ? outer : NULL;
}

/* What to merge over x so that the rest of the path has the value; x NULL: there is nothing yet. NULL has recorded the fault. */
static fenp_item *overlay(walk *w, const fenp_item *x, fenp_item *value) {
    if (w->done == w->n) return value;
    if (!x || x->sort == FENP_NULL) return around_key(w, NULL, NULL, value);
    if (x->sort == FENP_LIST) return into_list(w, x, value);
    if (x->sort == FENP_MAPPING) return into_mapping(w, x, value);
    fenp_fail(w->faults, step_place(w), "`%s` is %s, and has no part `%s`: give it as a whole, %s=...", steps(w, 0, w->done), fenp_sort_name[x->sort],
              w->step[w->done], steps(w, 0, w->done));
    return NULL;
}

/* `train.fit=null`: an item of a list of named ones goes; true: it was there. Merging has no word for that. */
static bool remove_named(const walk *w, fenp_item *x) {
    for (int i = 0; x && i < w->n; i++) {
        fenp_item *players = x->sort == FENP_MAPPING && !phase_key(w->step[i]) ? players_of(x) : NULL;
        if (players) x = players;
        if (x->sort == FENP_MAPPING) {
            x = fenp_item_get(x, w->step[i]);
            continue;
        }
        int k = 0;
        while (x->sort == FENP_LIST && k < x->n && (!fenp_item_name(x->item[k], NULL) || strcmp(fenp_item_name(x->item[k], NULL), w->step[i]))) k++;
        if (x->sort != FENP_LIST || k == x->n) return false;
        if (i + 1 < w->n) {
            x = x->item[k];
            continue;
        }
        memmove(x->item + k, x->item + k + 1, (size_t)(--x->n - k) * sizeof *x->item);
        return true;
    }
    return false;
}
bool fenp_document_set(fenp_arena *memory, fenp_item *root, const char *path, fenp_item *value, fenp_place at, fenp_faults *faults) {
    int before = faults->n;
    walk w = {.memory = memory, .faults = faults, .at = at, .path = fenp_arena_copy(memory, path, strlen(path))};
    bool parts = cut_steps(&w);
    if (parts && strcmp(w.step[0], "extends") == 0) {
        fenp_fail(faults, at, "extends: what a file extends is read with it, before what is set here; write a file with `extends: FILE` and the changes");
        return false;
    }
    if (parts && value->sort == FENP_NULL && remove_named(&w, root)) {
        if (!root->set) root->set = fenp_item_new(memory, FENP_LIST, root->at);
        return true;
    }
    fenp_item *over = parts ? overlay(&w, root, value) : NULL;
    if (!over) return false;
    fenp_place place = root->at;
    fenp_item *set = root->set ? root->set : fenp_item_new(memory, FENP_LIST, place);
    fenp_item *whole = fenp_document_merge(memory, root, over, faults);
    if (faults->n > before) return false;
    *root = *whole;
    root->at = place;
    root->set = set;
    return true;
}

/* -- the text -- */

/* The assignment as a file's name. No slash: what is written on the command line is relative to the current folder. */
static const char *place_name(fenp_arena *memory, const char *assignment) {
    size_t n = strcspn(assignment, "/");
    return assignment[n] ? fenp_arena_text(memory, "%.*s...", (int)n, assignment) : fenp_arena_copy(memory, assignment, n);
}

/* The value with blanks before it, so that its columns count from the beginning of the assignment. */
static fenp_item *read_value(fenp_arena *memory, const char *name, const char *assignment, size_t from, fenp_faults *faults) {
    int before = faults->n;
    fenp_text text = {0};
    fenp_text_add(&text, "%*s%s", (int)from, "", assignment + from);
    fenp_place at = {name, 1, (int)from + 1};
    fenp_item *value = NULL;
    if (strncmp(assignment + from, "- ", 2) == 0)
        fenp_fail(faults, at, "`%s` would begin a list: quote it, or write it without the space: -%s", assignment + from, assignment + from + 2);
    else value = fenp_document_value(memory, name, text.at, text.n, faults);
    fenp_text_free(&text);
    return faults->n > before ? NULL : value;
}

bool fenp_document_override(fenp_arena *memory, fenp_item *root, const char *assignment, fenp_faults *faults) {
    const char *name = place_name(memory, assignment), *equals = strchr(assignment, '=');
    fenp_place at = {name, 1, 1};
    if (!equals || equals == assignment) {
        fenp_fail(faults, at, "an override is written path=value, such as parameters.beta=4");
        return false;
    }
    if (strlen(assignment) > 65536) {
        fenp_fail(faults, (fenp_place){NULL, 0, 0}, "an override of more than 65536 bytes");
        return false;
    }
    size_t from = (size_t)(equals + 1 - assignment);
    if (!assignment[from + strspn(assignment + from, " ")]) {
        fenp_fail(faults, (fenp_place){name, 1, (int)from + 1}, "a value is missing: write null to remove, '' for an empty text");
        return false;
    }
    const char *path = fenp_arena_copy(memory, assignment, from - 1);
    fenp_item *value = read_value(memory, name, assignment, from, faults);
    if (!value || !fenp_document_set(memory, root, path, value, at, faults)) return false;
    fenp_item_add(memory, root->set, fenp_item_text(memory, name, at));
    return true;
}
