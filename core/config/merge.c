/* config/merge.c: a file over the file that it extends (LANGUAGE 6, DECISIONS 11).
 * Mappings merge by key, lists of named items by name, all else is replaced; null removes. An entry that is a function (of samplers, networks,
 * graph, or an optimizer) merges only with the same function. Order: the base's, new keys behind. What both write keeps the place of the
 * file that wrote it last; containers that merged keep the base's place, the whole tree has the place of the upper file. */
#include "base/io.h"
#include "config/parts.h"
#include <stdlib.h>
#include <string.h>

/* What the rules depend on: where in an experiment a value stands. */
typedef enum level { PLAIN, FILE_TOP, SECTION, ENTRY, WORD, ARGUMENTS, DEFAULTS, NETWORK, PHASES, PHASE, PLAYERS, PLAYER } level;

/* From a level by a key to the next; key NULL: any. The first match counts. */
static const struct { level in; const char *key; level to; } ways[] = {
    {FILE_TOP, "samplers", SECTION}, {FILE_TOP, "networks", SECTION}, {FILE_TOP, "graph", SECTION}, {FILE_TOP, "train", PHASES},
    {SECTION, NULL, ENTRY}, {PHASES, NULL, PHASE}, {PHASE, "players", PLAYERS}, {PLAYERS, NULL, PLAYER}, {PLAYER, "optimizer", ENTRY},
    {ENTRY, "defaults", DEFAULTS}, {ENTRY, "layers", PLAIN}, {ENTRY, "parameters", PLAIN}, {ENTRY, "axes", PLAIN}, {ENTRY, "with", PLAIN},
    {ENTRY, "in", PLAIN}, {ENTRY, NULL, ARGUMENTS}, {DEFAULTS, NULL, ARGUMENTS}, {ARGUMENTS, NULL, WORD},
};

static level below(level in, const char *key) {
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (ways[i].in == in && (!ways[i].key || (key && strcmp(ways[i].key, key) == 0))) return ways[i].to;
    return PLAIN;
}

static bool one_of(const char *word, const char *const *words) {
    for (; *words; words++)
        if (strcmp(word, *words) == 0) return true;
    return false;
}

/* -- functions -- */

/* The index of the key that is the function of an entry; -1: it has none (a network's definition, or only reserved words). */
static int function_of(const fenp_item *entry) {
    static const char *const beside[] = {"in", "as", "axes", "draw", "mode", "with", NULL};
    static const char *const definition[] = {"inputs", "parameters", "defaults", "layers", "outputs", NULL};
    int found = -1;
    for (int i = 0; i < entry->n; i++) {
        if (one_of(entry->key[i], definition)) return -1;
        if (found < 0 && !one_of(entry->key[i], beside)) found = i;
    }
    return found;
}

static bool is_definition(const fenp_item *entry) {
    return fenp_item_index(entry, "layers") >= 0 || fenp_item_index(entry, "inputs") >= 0;
}

/* A path in text is relative to the file that wrote it. */
static const char *joined(fenp_arena *memory, const char *file, const char *path) {
    while (path[0] == '.' && path[1] == '/') path += 2;
    const char *slash = file ? strrchr(file, '/') : NULL;
    if (path[0] == '/' || !slash) return path;
    return fenp_arena_text(memory, "%.*s%s", (int)(slash + 1 - file), file, path);
}

static bool same_target(fenp_arena *memory, const fenp_item *a, const fenp_item *b) {
    if (a->sort != FENP_TEXT || b->sort != FENP_TEXT) return a->sort == b->sort;
    if (!strchr(a->text, '#')) return strcmp(a->text, b->text) == 0;
    return strcmp(joined(memory, a->at.file, a->text), joined(memory, b->at.file, b->text)) == 0;
}

/* `use` and `copy` are the function that they name. An entry of reserved words alone goes with any. */
static bool same_function(fenp_arena *memory, const fenp_item *base, const fenp_item *over) {
    int a = function_of(base), b = function_of(over);
    if (b < 0) return is_definition(base) == is_definition(over) || !is_definition(over);
    if (a < 0 || strcmp(base->key[a], over->key[b]) != 0) return false;
    bool named = strcmp(over->key[b], "use") == 0 || strcmp(over->key[b], "copy") == 0;
    return !named || same_target(memory, base->item[a], over->item[b]);
}

/* `init: {normal: {sd: 1}}`: one key over a mapping or nothing. */
static bool is_word_function(const fenp_item *x) {
    return x->n == 1 && (x->item[0]->sort == FENP_MAPPING || x->item[0]->sort == FENP_NULL);
}

static bool replaces(fenp_arena *memory, level in, const fenp_item *base, const fenp_item *over) {
    if (in == ENTRY) return !same_function(memory, base, over);
    if (in == WORD) return is_word_function(base) && is_word_function(over) && strcmp(base->key[0], over->key[0]) != 0;
    return false;
}

/* A function key with nothing behind it says no attributes; it does not remove the function. */
static bool null_stays(level in, const fenp_item *over, int i) {
    return (in == ENTRY && function_of(over) == i) || (in == WORD && is_word_function(over));
}

/* -- named lists -- */

const char *fenp_item_name(const fenp_item *item, const char **key) {
    static const char *const keys[] = {"phase", "name"};
    for (int i = 0; i < 2; i++) {
        const fenp_item *name = fenp_item_get(item, keys[i]);
        if (!name || name->sort != FENP_TEXT) continue;
        if (key) *key = keys[i];
        return name->text;
    }
    return NULL;
}

bool fenp_list_named(const fenp_item *list) {
    for (int i = 0; i < list->n; i++)
        if (!fenp_item_name(list->item[i], NULL)) return false;
    return list->n > 0;
}

static int list_index(const fenp_item *list, const char *name) {
    for (int i = 0; i < list->n; i++) {
        const char *other = fenp_item_name(list->item[i], NULL);
        if (other && strcmp(other, name) == 0) return i;
    }
    return -1;
}

fenp_item *fenp_list_find(const fenp_item *list, const char *name) {
    int i = list_index(list, name);
    return i < 0 ? NULL : list->item[i];
}

/* -- merging -- */

typedef struct merger { fenp_arena *memory; fenp_faults *faults; } merger;
static fenp_item *merge(const merger *m, level in, fenp_item *base, fenp_item *over);

/* A player has one of these; another one over the base's needs the base's removed. */
static void check_aim(const merger *m, const fenp_item *base, const fenp_item *over) {
    static const char *const aims[] = {"minimize", "maximize", "assign"};
    for (int i = 0; i < 9; i++) {
        const char *mine = aims[i / 3], *other = aims[i % 3];
        int new = fenp_item_index(over, mine), old = fenp_item_index(base, other);
        if (mine == other || new < 0 || old < 0 || fenp_item_index(over, other) >= 0) continue;
        if (over->item[new]->sort == FENP_NULL || base->item[old]->sort == FENP_NULL) continue;
        fenp_place at = base->key_at[old];
        fenp_fail(m->faults, over->key_at[new], "`%s` over a base that has `%s` (at %s:%d:%d): write `%s: null` beside it to remove that",
                  mine, other, at.file, at.line, at.column, other);
    }
}

static fenp_item *merge_alone(const merger *m, level in, fenp_item *over);

/* Entry i of `over` goes into `to`, which has no such key: nulls say nothing there, nor does a mapping of nothing but nulls. */
static void add_alone(const merger *m, level in, fenp_item *to, const fenp_item *over, int i) {
    fenp_item *value = over->item[i], *rest;
    bool stays = null_stays(in, over, i);
    if (value->sort == FENP_NULL && !stays) return;
    rest = merge_alone(m, below(in, over->key[i]), value);
    bool emptied = rest->sort == FENP_MAPPING && rest->n == 0 && value->n > 0;
    if (!emptied || stays) fenp_item_append(m->memory, to, over->key[i], rest, over->key_at[i]);
}

/* A value that nothing lies under: only its nulls are dropped. */
static fenp_item *merge_alone(const merger *m, level in, fenp_item *over) {
    if (over->sort != FENP_MAPPING) return over;
    fenp_item *whole = fenp_item_new(m->memory, FENP_MAPPING, over->at);
    for (int i = 0; i < over->n; i++) add_alone(m, in, whole, over, i);
    return whole;
}

static void merge_entry(const merger *m, level in, fenp_item *to, const fenp_item *over, int i) {
    const char *key = over->key[i];
    fenp_item *value = over->item[i];
    int old = fenp_item_index(to, key);
    if (old < 0) {
        add_alone(m, in, to, over, i);
        return;
    }
    if (value->sort == FENP_NULL) {
        if (!null_stays(in, over, i)) fenp_item_set(m->memory, to, key, NULL, over->key_at[i]);
        return;
    }
    fenp_item *before = to->item[old], *after = merge(m, below(in, key), before, value);
    bool merged = before->sort == after->sort && before->sort >= FENP_LIST && after != value;
    fenp_item_set(m->memory, to, key, after, merged ? to->key_at[old] : over->key_at[i]);
}

static fenp_item *merge_mappings(const merger *m, level in, const fenp_item *base, const fenp_item *over) {
    fenp_item *whole = fenp_item_new(m->memory, FENP_MAPPING, base->at);
    for (int i = 0; i < base->n; i++) fenp_item_append(m->memory, whole, base->key[i], base->item[i], base->key_at[i]);
    if (in == PLAYER) check_aim(m, base, over);
    for (int i = 0; i < over->n; i++) merge_entry(m, in, whole, over, i);
    return whole;
}

static fenp_item *merge_lists(const merger *m, level in, const fenp_item *base, const fenp_item *over) {
    fenp_item *whole = fenp_item_new(m->memory, FENP_LIST, base->at);
    for (int i = 0; i < base->n; i++) fenp_item_add(m->memory, whole, base->item[i]);
    for (int i = 0; i < over->n; i++) {
        int old = list_index(whole, fenp_item_name(over->item[i], NULL));
        if (old < 0) fenp_item_add(m->memory, whole, merge_alone(m, below(in, NULL), over->item[i]));
        else whole->item[old] = merge(m, below(in, NULL), whole->item[old], over->item[i]);
    }
    return whole;
}

static fenp_item *merge(const merger *m, level in, fenp_item *base, fenp_item *over) {
    if (base->sort == FENP_MAPPING && over->sort == FENP_MAPPING && !replaces(m->memory, in, base, over)) return merge_mappings(m, in, base, over);
    if (base->sort == FENP_LIST && over->sort == FENP_LIST && fenp_list_named(base) && fenp_list_named(over)) return merge_lists(m, in, base, over);
    return merge_alone(m, in, over);
}

fenp_item *fenp_document_merge(fenp_arena *memory, fenp_item *base, fenp_item *over, fenp_faults *faults) {
    fenp_item *whole = merge(&(merger){memory, faults}, FILE_TOP, base, over);
    whole->at = over->at;
    return whole;
}

/* -- the chain of `extends` -- */

enum { CHAIN = 16 };

/* The path that `extends` names, as this process opens it; NULL: none, or the fault was recorded. */
static const char *base_path(fenp_arena *memory, const fenp_item *root, fenp_faults *faults) {
    const fenp_item *extends = fenp_item_get(root, "extends");
    if (!extends || (extends->sort == FENP_NULL)) return NULL;
    if (extends->sort == FENP_TEXT && *extends->text) return joined(memory, extends->at.file, extends->text);
    fenp_fail(faults, extends->at, "`extends` wants the path of one file, and got %s", fenp_sort_name[extends->sort]);
    return NULL;
}

static bool same_file(const char *a, const char *b) {
    char *x = realpath(a, NULL), *y = realpath(b, NULL);
    bool same = x && y ? strcmp(x, y) == 0 : strcmp(a, b) == 0;
    free(x);
    free(y);
    return same;
}

/* false has recorded the fault. */
static bool chain_goes_on(fenp_item *const *chain, int n, const char *path, fenp_faults *faults) {
    fenp_place at = fenp_item_get(chain[n - 1], "extends")->at;
    for (int i = 0; i < n; i++) {
        if (!same_file(chain[i]->at.file, path)) continue;
        if (i == n - 1) fenp_fail(faults, at, "the file extends itself");
        else fenp_fail(faults, at, "`extends` goes round in a circle: %s itself extends %s", path, fenp_item_get(chain[i], "extends")->text);
        return false;
    }
    if (n == CHAIN) fenp_fail(faults, at, "a chain of more than %d files by `extends`", CHAIN);
    return n < CHAIN;
}

fenp_item *fenp_document_load(fenp_arena *memory, const char *path, fenp_faults *faults, fenp_place named_at) {
    fenp_item *chain[CHAIN], *root = fenp_document_read(memory, path, faults, named_at);
    int n = 0;
    while (root) {
        chain[n++] = root;
        const char *base = base_path(memory, root, faults);
        if (!base || !chain_goes_on(chain, n, base, faults)) break;
        root = fenp_document_read(memory, base, faults, fenp_item_get(root, "extends")->at);
    }
    if (!n) return NULL;
    for (int i = 0; i < n; i++) fenp_item_set(memory, chain[i], "extends", NULL, named_at);
    root = chain[--n];
    while (n > 0) root = fenp_document_merge(memory, root, chain[--n], faults);
    return root;
}
