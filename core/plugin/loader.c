/* Opens one module; the only file that knows libdl. Nothing of the module is called before its ABI is compared, but its
 * constructors run inside dlopen: what they may spoil for the whole process (floating point, locale) is put back, and the
 * module refused. A module is never closed: its threads, its data, what others keep of it may live on. */
#include "plugin/loader.h"
#include <dlfcn.h>
#include <elf.h>
#include <fenv.h>
#include <link.h>
#include <locale.h>
#include <string.h>

/* What a constructor may change behind our back. */
typedef struct surroundings { fenv_t floating; unsigned control; int rounding; char locale[512]; } surroundings;

static unsigned control_of_floats(void) {
#if defined(__SSE2__)
    return __builtin_ia32_stmxcsr() & ~0x3fu;                        /* without the six sticky flags */
#elif defined(__aarch64__)
    return (unsigned)__builtin_aarch64_get_fpcr();
#else
    return 0;
#endif
}

static void remember(surroundings *s) {
    fegetenv(&s->floating);
    s->control = control_of_floats();
    s->rounding = fegetround();
    const char *now = setlocale(LC_ALL, NULL);
    strncpy(s->locale, now ? now : "C", sizeof s->locale - 1);
    s->locale[sizeof s->locale - 1] = '\0';
}

/* NULL, or what was changed; it is as before afterwards. */
static const char *put_back(const surroundings *s) {
    const char *why = NULL;
    if (control_of_floats() != s->control || fegetround() != s->rounding) {
        fesetenv(&s->floating);
        why = "changes the floating-point state of the whole process when it is opened; build it without -ffast-math";
    }
    const char *now = setlocale(LC_ALL, NULL);
    if (now && strcmp(now, s->locale) != 0) {
        setlocale(LC_ALL, s->locale);
        if (!why) why = "changes the locale of the whole process when it is opened; remove its setlocale";
    }
    return why;
}

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

const fen_plugin *fenp_load(const char *path, fenp_arena *memory, const char **fault) {
    surroundings before;
    *fault = fenp_file_refuses(path, memory);
    if (*fault) return NULL;
    remember(&before);
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const char *error = module ? NULL : open_error(path, memory);
    *fault = put_back(&before);
    if (!*fault) *fault = error;
    const fen_plugin *p = *fault ? NULL : entry_of(module, fault);
    if (p) *fault = abi_refuses(&p->abi, memory);
    if (p && !*fault && (empty(p->name) || empty(p->version) || empty(p->license)))
        *fault = fenp_arena_text(memory, "has no %s; give .name, .version and .license in FEN_PLUGIN",
                                 empty(p->name) ? "name" : empty(p->version) ? "version" : "license");
    return *fault ? NULL : p;
}
