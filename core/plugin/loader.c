/* Opens one module; the only file that knows libdl. Nothing of the module is called before its ABI is compared, but its
 * constructors run inside dlopen: what they spoil for the whole process is put back, and the module refused. A module is never closed: its
 * threads, its data, what others keep of it may live on. */
#include "plugin/loader.h"
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

static const char *const abi_name[] = {"fen_shape", "fen_attribute", "fen_port", "fen_law", "fen_conjugate", "fen_function",
                                       "fen_draw", "fen_chain", "fen_op", "fen_node", "fen_plugin"};

static const char *abi_refuses(const fen_abi *a, fenp_arena *memory) {
    static const fen_abi own = FEN_ABI;
    if (a->magic != own.magic)
        return fenp_arena_text(memory, "has the entry mark %#x, this fenchel's is %#x; rebuild the plugin with FEN_PLUGIN", a->magic, own.magic);
    if (a->version != own.version)
        return fenp_arena_text(memory, "is made for version %u of the plugin interface, this fenchel has %u; rebuild the plugin", a->version,
            own.version);
    for (size_t i = 0; i < sizeof own.size / sizeof *own.size; i++)
        if (a->size[i] != own.size[i])
            return fenp_arena_text(memory, "has %s of %u bytes, this fenchel's has %u; rebuild the plugin", abi_name[i], a->size[i], own.size[i]);
    return NULL;
}

/* dlerror's text as one sentence, without the path that it begins with. */
static const char *open_error(const char *path, fenp_arena *memory) {
    const char *text = dlerror();
    if (!text) text = "unknown error";
    size_t n = strlen(path);
    if (strncmp(text, path, n) == 0 && text[n] == ':') text += n + 1 + strspn(text + n + 1, " ");
    char *line = fenp_arena_text(memory, "cannot be opened: %s; rebuild the plugin against this fenchel, with all libraries that it needs", text);
    for (char *c = line; *c; c++)
        if (*c == '\n') *c = ' ';
    return line;
}

/* The entry, if it has room for an ABI at all. */
static const fen_plugin *entry_of(void *module, const char **fault) {
    void *entry = dlsym(module, "fen_plugin_entry");
    Dl_info info;
    void *symbol = NULL;
    if (!entry) *fault = "has no entry `fen_plugin_entry`: it is no fenchel plugin; end it with FEN_PLUGIN(...)";
    else if (dladdr1(entry, &info, &symbol, RTLD_DL_SYMENT) && symbol && ((const ElfW(Sym) *)symbol)->st_size < sizeof(fen_abi))
        *fault = "has an entry `fen_plugin_entry` that is too small; end it with FEN_PLUGIN(...)";
    return *fault ? NULL : (const fen_plugin *)entry;
}

static bool empty(const char *text) { return !text || !*text; }

const fen_plugin *fenp_load(const char *path, bool own, fenp_arena *memory, const char **fault) {
    *fault = fenp_file_refuses(path, memory);
    if (*fault) return NULL;
    fenp_surroundings *before = fenp_surroundings_now(!own);
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const char *error = module ? NULL : open_error(path, memory);
    *fault = fenp_surroundings_restored(before, memory);
    if (!*fault) *fault = error;
    const fen_plugin *p = *fault ? NULL : entry_of(module, fault);
    if (p) *fault = abi_refuses(&p->abi, memory);
    if (p && !*fault && (empty(p->name) || empty(p->version) || empty(p->license)))
        *fault = fenp_arena_text(memory, "has no %s; give .name, .version and .license in FEN_PLUGIN",
                                 empty(p->name) ? "name" : empty(p->version) ? "version" : "license");
    return *fault ? NULL : p;
}
