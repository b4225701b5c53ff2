/* All modules, and which function a name means. One namespace over all kinds; who comes first wins, whoever comes later has a
 * sentence that says so and keeps its other functions. State of the process: modules stay open until it ends. */
#include "plugin/registry.h"
#include "plugin/loader.h"
#include "plugin/schema.h"
#include "plugin/where.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char *const fenp_kind_name[FENP_KINDS] = {"layer", "divergence", "sampler", "optimizer", "metric"};

typedef struct entry { const fen_function *function; const fen_op *op; fenp_kind kind; const char *path; } entry;
static struct { fenp_arena memory; fenp_map functions, ops; const char **name; int names; bool opened; } known;
static fenp_module *module;
static int modules;

static void function_lists(const fen_plugin *p, const fen_function *const *list[FENP_KINDS]) {
    list[FENP_LAYER] = p->layers;
    list[FENP_DIVERGENCE] = p->divergences;
    list[FENP_SAMPLER] = p->samplers;
    list[FENP_OPTIMIZER] = p->optimizers;
    list[FENP_METRIC] = p->metrics;
}

/* NULL, or what is wrong with a function or op of the module: then none of them is used. */
static const char *content_refuses(const fen_plugin *p) {
    const fen_function *const *list[FENP_KINDS];
    function_lists(p, list);
    for (int k = 0; k < FENP_KINDS; k++)
        for (int i = 0; list[k] && list[k][i]; i++) {
            const char *why = fenp_function_refuses(list[k][i], (fenp_kind)k, &known.memory);
            if (why) return fenp_arena_text(&known.memory, "has a faulty %s: %s", fenp_kind_name[k], why);
        }
    for (int i = 0; p->ops && p->ops[i]; i++) {
        const char *why = fenp_op_refuses(p->ops[i], &known.memory);
        if (why) return fenp_arena_text(&known.memory, "has a faulty op: %s", why);
    }
    return NULL;
}

/* Enters one function or op; a sentence if its name is taken. */
static const char *enter(fenp_map *to, const char *name, entry e) {
    const entry *first = fenp_map_get(to, name);
    if (first) return fenp_arena_text(&known.memory, "gives `%s`, which %s gave before; the first one is used", name, first->path);
    entry *kept = fenp_arena_new(&known.memory, sizeof *kept);
    *kept = e;
    fenp_map_set(to, name, kept);
    if (to != &known.functions) return NULL;
    known.name = fenp_more(known.name, known.names, sizeof *known.name);
    known.name[known.names++] = name;
    return NULL;
}

static const char *enter_all(const fen_plugin *p, const char *path) {
    const fen_function *const *list[FENP_KINDS];
    const char *fault = NULL, *why;
    function_lists(p, list);
    for (int k = 0; k < FENP_KINDS; k++)
        for (int i = 0; list[k] && list[k][i]; i++) {
            why = enter(&known.functions, list[k][i]->name, (entry){.function = list[k][i], .kind = (fenp_kind)k, .path = path});
            if (why && !fault) fault = why;
        }
    for (int i = 0; p->ops && p->ops[i]; i++) {
        why = enter(&known.ops, p->ops[i]->name, (entry){.op = p->ops[i], .path = path});
        if (why && !fault) fault = why;
    }
    return fault;
}

static const fenp_module *record(fenp_module m) {
    module = fenp_more(module, modules, sizeof *module);
    module[modules] = m;
    return &module[modules++];
}

static const fenp_module *open_module(const char *path) {
    char real[PATH_MAX];
    if (!realpath(path, real)) {
        const char *why = fenp_arena_text(&known.memory, "cannot be read: %s", strerror(errno));
        return record((fenp_module){.path = fenp_arena_text(&known.memory, "%s", path), .fault = why});
    }
    for (int i = 0; i < modules; i++)
        if (strcmp(module[i].path, real) == 0) return &module[i];
    fenp_module m = {.path = fenp_arena_text(&known.memory, "%s", real)};
    m.plugin = fenp_load(m.path, &known.memory, &m.fault);
    if (m.plugin && (m.fault = content_refuses(m.plugin))) m.plugin = NULL;
    if (m.plugin) m.fault = enter_all(m.plugin, m.path);
    return record(m);
}
static void open_each(const char *path) { open_module(path); }

bool fenp_registry_add(const char *path, fenp_faults *faults, fenp_place at) {
    const fenp_module *m = open_module(path);
    if (m->fault) fenp_fail(faults, at, "plugin %s %s", m->path, m->fault);
    return !m->fault;
}

/* A colon list; an empty element means the built-in folder. */
static void open_path(const char *list) {
    char *rest = fenp_arena_text(&known.memory, "%s", list);
    for (char *folder; (folder = strsep(&rest, ":"));) {
        const char *where = *folder ? folder : fenp_folder_builtin(&known.memory);
        if (fenp_search(where, open_each) >= 0) continue;
        const char *why = fenp_arena_text(&known.memory, "cannot be searched: %s (named by FENCHEL_PLUGIN_PATH)", strerror(errno));
        record((fenp_module){.path = where, .fault = why});
    }
}

void fenp_registry_open(void) {
    if (known.opened) return;
    known.opened = true;
    const char *list = secure_getenv("FENCHEL_PLUGIN_PATH"), *user = fenp_folder_user(&known.memory);
    if (list) open_path(list);
    if (user) fenp_search(user, open_each);
    fenp_search(fenp_folder_builtin(&known.memory), open_each);
}

const fen_function *fenp_function_find(const char *name, fenp_kind *kind) {
    const entry *e = fenp_map_get(&known.functions, name);
    if (e && kind) *kind = e->kind;
    return e ? e->function : NULL;
}

const fen_op *fenp_plugin_op(const char *name) {
    const entry *e = fenp_map_get(&known.ops, name);
    return e ? e->op : NULL;
}

const char *const *fenp_function_names(void) {
    static const char *const none[] = {NULL};
    if (!known.names) return none;
    known.name = fenp_more(known.name, known.names, sizeof *known.name);
    known.name[known.names] = NULL;
    return known.name;
}

int fenp_modules(const fenp_module **all) {
    *all = module;
    return modules;
}
