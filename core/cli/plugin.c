/* plugin.c: `fenchel plugin check`: the conformance suite over a module, or over all that are found. */
#include "cli/cli.h"
#include "conformance/conformance.h"
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    const char *file, *set[64];
    fenp_conformance_options options;
    bool all;
} arguments;

static int usage(const char *what, const char *given) { return fenp_usage(fenp_command_named("plugin"), what, given); }
static bool asks_for_help(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}
static int help(void) {
    fenp_options o;
    int n, code;
    fenp_options_read(2, (char *[]){(char[]){"plugin"}, (char[]){"--help"}}, &o, NULL, 0, &n, fenp_command_named("plugin"), &code);
    return code;
}
/* NULL, or what is wrong with argument *given. */
static const char *read_arguments(int argc, char **argv, arguments *a, const char **given) {
    for (int i = 2; i < argc; i++) {
        const char *s = *given = argv[i];
        if (strcmp(s, "--quiet") == 0) a->options.quiet = true;
        else if (strcmp(s, "--all") == 0) a->all = true;
        else if (strcmp(s, "--seconds") == 0 && i + 1 < argc) {
            char *end;
            long n = strtol(*given = argv[++i], &end, 10);
            if (*end || n < 1 || n > 3600) return "--seconds needs a number from 1 to 3600; given";
            a->options.seconds = (int)n;
        } else if (strcmp(s, "--only") == 0 && i + 1 < argc) a->options.only = argv[++i];
        else if (s[0] == '-') return "unknown option, or its value is missing:";
        else if (strchr(s, '=') && strchr(s, '.') && strchr(s, '.') < strchr(s, '=') && a->options.sets < 64) a->set[a->options.sets++] = s;
        else if (!a->file) a->file = s;
        else return "one argument too many:";
    }
    *given = a->file;
    return a->all && a->file ? "--all checks every module that is found; it needs no file: given" : NULL;
}
int fenp_command_plugin(int argc, char **argv) {
    arguments a = {.file = NULL};
    const char *given = NULL, *wrong;
    fenp_module one;
    const fenp_module *all;
    if (asks_for_help(argc, argv)) return help();
    if (argc < 2 || strcmp(argv[1], "check")) return usage("needs `check`; given", argc < 2 ? "nothing" : argv[1]);
    a.options.set = a.set;
    if ((wrong = read_arguments(argc, argv, &a, &given))) return usage(wrong, given);
    if (a.file) one = fenp_registry_file(a.file);
    fenp_registry_open();
    int n = fenp_modules(&all);
    bool good = fenp_conformance(a.file ? &one : all, a.file ? 1 : n, &a.options);
    return good ? FENP_EXIT_MET : FENP_EXIT_FAILED;
}
