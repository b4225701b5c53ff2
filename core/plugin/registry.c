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
    bool any = p->ops && p->ops[0];
    function_lists(p, list);
    for (int k = 0; k < FENP_KINDS; k++) any |= list[k] && list[k][0];
    if (!any) return "gives no function and no op; name them in FEN_PLUGIN, such as .layers = FEN_LIST(&mine)";
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

/* In a child process (probe.c): as the host will, and every text that a page shows is read. */
static const char *judge(const char *path) {
    const fen_function *const *list[FENP_KINDS];
    const char *fault;
    const fen_plugin *p = fenp_load(path, false, &known.memory, &fault);
    if (!p || (fault = content_refuses(p))) return fault;
    function_lists(p, list);
    fenp_text page = {0};
    for (int k = 0; k < FENP_KINDS; k++)
        for (int i = 0; list[k] && list[k][i]; i++) fenp_describe(list[k][i], (fenp_kind)k, &page);
    return NULL;
}

/* A module of this very build needs no trial. What others put into the same folder lies beside the folders of kinds, not in them. */
static bool is_own(const char *path) {
    static char folder[PATH_MAX];
    if (!folder[0] && !realpath(fenp_folder_builtin(&known.memory), folder)) return false;
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/' && strchr(path + n + 1, '/');
}

static const fenp_module *opened(const char *path) {
    for (int i = 0; i < modules; i++)
        if (strcmp(module[i].path, path) == 0) return &module[i];
    return NULL;
}

static const fenp_module *open_module(const char *path, const char *fault) {
    fenp_module m = {.path = path, .fault = fault};
    if (!m.fault) m.plugin = fenp_load(path, is_own(path), &known.memory, &m.fault);
    if (m.plugin && (m.fault = content_refuses(m.plugin))) m.plugin = NULL;
    if (m.plugin) m.fault = enter_all(m.plugin, m.path);
    return record(m);
}

/* Files to be opened, by their real paths, in order: one trial serves them all. */
static struct { const char **path; int n; } waiting;

static const char *wait_for(const char *path) {
    char real[PATH_MAX];
    if (!realpath(path, real)) {
        const char *why = fenp_arena_text(&known.memory, "cannot be read: %s", strerror(errno));
        return record((fenp_module){.path = fenp_arena_text(&known.memory, "%s", path), .fault = why})->path;
    }
    const fenp_module *m = opened(real);
    if (m) return m->path;
    for (int i = 0; i < waiting.n; i++)
        if (strcmp(waiting.path[i], real) == 0) return waiting.path[i];
    waiting.path = fenp_more(waiting.path, waiting.n, sizeof *waiting.path);
    return waiting.path[waiting.n++] = fenp_arena_text(&known.memory, "%s", real);
}
static void wait_for_each(const char *path) { wait_for(path); }
static void record_wrong(const char *folder, const char *why) {
    record((fenp_module){.path = fenp_arena_text(&known.memory, "%s", folder), .fault = fenp_arena_text(&known.memory, "cannot be searched: %s", why)});
}
static const fenp_searcher searcher = {wait_for_each, record_wrong};

static void open_waiting(void) {
    const char **strange = fenp_arena_new(&known.memory, ((size_t)waiting.n + 1) * sizeof *strange),
               **says = fenp_arena_new(&known.memory, ((size_t)waiting.n + 1) * sizeof *says);
    int n = 0, k = 0;
    for (int i = 0; i < waiting.n; i++)
        if (!is_own(waiting.path[i])) strange[n++] = waiting.path[i];
    if (n) fenp_probe(strange, n, judge, says, &known.memory);
    for (int i = 0; i < waiting.n; i++) {
        bool tried = k < n && waiting.path[i] == strange[k];
        open_module(waiting.path[i], tried ? says[k] : NULL);
        k += tried;
    }
    waiting.n = 0;
}

fenp_module fenp_registry_file(const char *path) {
    const char *real = wait_for(path);
    open_waiting();
    return *opened(real);
}

bool fenp_registry_add(const char *path, fenp_faults *faults, fenp_place at) {
    fenp_module m = fenp_registry_file(path);
    if (m.fault) fenp_fail(faults, at, "plugin %s %s", m.path, m.fault);
    return !m.fault;
}

/* A colon list; an empty element means the built-in folder. */
static void open_path(const char *list) {
    char *rest = fenp_arena_text(&known.memory, "%s", list);
    for (char *folder; (folder = strsep(&rest, ":"));) {
        const char *where = *folder ? folder : fenp_folder_builtin(&known.memory);
        int before = modules;
        if (fenp_search(where, searcher) < 0 && modules == before) record_wrong(where, "No such file or directory (named by FENCHEL_PLUGIN_PATH)");
    }
}

void fenp_registry_open(void) {
    if (known.opened) return;
    known.opened = true;
    const char *list = secure_getenv("FENCHEL_PLUGIN_PATH"), *user = fenp_folder_user(&known.memory);
    if (list) open_path(list);
    if (user) fenp_search(user, searcher);
    fenp_search(fenp_folder_builtin(&known.memory), searcher);
    open_waiting();
}

const fen_function *fenp_function_find(const char *name, fenp_kind *kind) {
    const entry *e = fenp_map_get(&known.functions, name);
    if (e && kind) *kind = e->kind;
    return e ? e->function : NULL;
}

/* A module of the function's name is the likely one. */
static bool is_named(const char *path, const char *name) {
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    size_t n = strlen(name);
    return strncmp(file, name, n) == 0 && strcmp(file + n, ".so") == 0;
}
const char *fenp_registry_lacks(const char *name, fenp_arena *memory) {
    const fenp_module *first = NULL;
    int n = 0;
    for (int i = 0; i < modules; i++) {
        if (!module[i].fault) continue;
        if (is_named(module[i].path, name)) return fenp_arena_text(memory, "%s %s", module[i].path, module[i].fault);
        if (!n++) first = &module[i];
    }
    if (!n) return NULL;
    const char *more = n > 1 ? fenp_arena_text(memory, " (and %d more: `fenchel plugins`)", n - 1) : "";
    return fenp_arena_text(memory, "a plugin is missing: %s %s%s", first->path, first->fault, more);
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
