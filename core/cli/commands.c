/* commands.c: the table of sub-commands, their options, and the short ones. */
#include "cli/cli.h"
#include "base/io.h"
#include "kernels/isa.h"
#include "log/hdf5.h"
#include "ops/blas.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const fenp_command fenp_commands[] = {
    {"run", "run FILE [key=value ...] [-o DIR] [--overwrite] [--threads N] [--plugin FILE.so] [--quiet]",
     "runs an experiment; its folder is runs/<name> unless -o says another\n\n  fenchel run experiments/vae-digits.yaml\n  fenchel run "
     "experiments/gan-1d.yaml seed=3 train.play.critic.optimizer.sgd.rate=1e-4 -o runs/try",
     fenp_command_run},
    {"sweep", "sweep FILE [key=value ...] [-o DIR] [--jobs N] [--threads N]",
     "runs every point of the file's `sweep`; finished points are skipped\n\n  fenchel sweep experiments/gan-qp-deltas.yaml", fenp_command_sweep},
    {"check", "check FILE [key=value ...] [--quiet]",
     "reads an experiment without running it: shapes, parameters, memory, all errors at once\n\n  fenchel check experiments/vae-mnist.yaml",
     fenp_command_check},
    {"resume", "resume DIR [--threads N]", "goes on with a run from its newest checkpoint\n\n  fenchel resume runs/vae-mnist", fenp_command_resume},
    {"plugins", "plugins [--plugin FILE.so]",
     "lists the plugins that are found, and what is wrong with those that cannot be used\n\n  fenchel plugins", fenp_command_plugins},
    {"plugin", "plugin check [FILE.so] [--only NAME] [--seconds N] [--quiet] [NAME.attribute=VALUE ...]",
     "holds a module, or without a file all that are found, to what its tables promise; --only a function or a test, "
     "--seconds for each test\n\n  fenchel plugin check "
     "./huber.so\n  fenchel plugin check --only gradients",
     fenp_command_plugin},
    {"describe", "describe NAME [--plugin FILE.so]",
     "what a layer, divergence, sampler, optimizer or metric takes and gives\n\n  fenchel describe dense",
     fenp_command_describe},
    {"log", "log show|export|snapshot|repair DIR [..]", "reads a run's log; `fenchel log --help` says more", fenp_command_log},
    {"new", "new layer|divergence|sampler|optimizer|metric|op|source|driver NAME [-o DIR]",
     "writes a folder with a plugin that works: source, Makefile, test, example; DIR is NAME unless -o says another\n"
     "source: a simulation in host code; driver: a chain that moves itself; op: a primitive with kernels of its own\n\n"
     "  fenchel new divergence my_loss\n  cd my_loss && make check",
     fenp_command_new},
    {NULL, NULL, NULL, NULL},
};
const char fenp_exit_codes[] = "exit code: 0 done and met, 1 failed, 2 usage or file error, 3 numbers not finite, 4 an expectation not met";

static void print_help(FILE *to) {
    fprintf(to, "fenchel: generative models, a research framework\n\n");
    for (const fenp_command *c = fenp_commands; c->name; c++) fprintf(to, "  fenchel %s\n", c->usage);
    fprintf(to, "\n`fenchel COMMAND --help` says more, with an example.\n%s\n", fenp_exit_codes);
}
int fenp_usage(const fenp_command *c, const char *what, const char *given) {
    fprintf(stderr, "fenchel %s: %s%s%s%s\nusage: fenchel %s\n", c->name, what, given ? " `" : "", given ? given : "", given ? "`" : "", c->usage);
    return FENP_EXIT_USAGE;
}
const fenp_command *fenp_command_named(const char *name) {
    for (const fenp_command *c = fenp_commands; c->name; c++)
        if (strcmp(c->name, name) == 0) return c;
    return NULL;
}
bool fenp_options_read(int argc, char **argv, fenp_options *o, const char **rest, int most, int *n, const fenp_command *c, int *code) {
    static const char *sets[256], *plugins[64];
    *o = (fenp_options){.set = sets, .plugin = plugins};
    *n = 0;
    *code = FENP_EXIT_USAGE;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        bool value = i + 1 < argc;
        if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
            printf("fenchel %s\n%s\n\n%s\n", c->usage, c->help, fenp_exit_codes);
            *code = FENP_EXIT_MET;
            return false;
        }
        if (strcmp(a, "--overwrite") == 0) o->overwrite = true;
        else if (strcmp(a, "--quiet") == 0) o->quiet = true;
        else if (strcmp(a, "-o") == 0 && value) o->output = argv[++i];
        else if (strcmp(a, "--plugin") == 0 && value && o->plugins < 64) plugins[o->plugins++] = argv[++i];
        else if ((strcmp(a, "--threads") == 0 || strcmp(a, "--jobs") == 0) && value) {
            char *end;
            long k = strtol(argv[++i], &end, 10);
            if (*end || k < 1 || k > 64) {
                *code = fenp_usage(c, "needs a number from 1 to 64; given", argv[i]);
                return false;
            }
            if (a[2] == 't') o->threads = (int)k;
            else o->jobs = (int)k;
        } else if (a[0] == '-') {
            *code = fenp_usage(c, "unknown option, or its value is missing:", a);
            return false;
        } else if (*n && strchr(a, '=') && o->sets < 256) sets[o->sets++] = a;
        else if (*n < most) rest[(*n)++] = a;
        else {
            *code = fenp_usage(c, "one argument too many:", a);
            return false;
        }
    }
    return true;
}
static bool file_options(int argc, char **argv, const char *name, const char *what, fenp_options *o, int *code) {
    const char *rest[1];
    int n;
    if (!fenp_options_read(argc, argv, o, rest, 1, &n, fenp_command_named(name), code)) return false;
    if (!n) {
        *code = fenp_usage(fenp_command_named(name), what, NULL);
        return false;
    }
    o->file = rest[0];
    return true;
}
int fenp_command_run(int argc, char **argv) {
    fenp_options o;
    int code;
    return file_options(argc, argv, "run", "which file?", &o, &code) ? fenp_run_file(&o) : code;
}
int fenp_command_check(int argc, char **argv) {
    fenp_options o;
    int code;
    return file_options(argc, argv, "check", "which file?", &o, &code) ? fenp_run_check(&o) : code;
}
int fenp_command_resume(int argc, char **argv) {
    fenp_options o;
    int code;
    if (!file_options(argc, argv, "resume", "which run's folder?", &o, &code)) return code;
    return o.sets ? fenp_usage(fenp_command_named("resume"), "a run is resumed as it is; no overrides: given", o.set[0]) : fenp_run_resume(o.file, &o);
}
int fenp_command_sweep(int argc, char **argv) {
    fenp_options o;
    int code;
    return file_options(argc, argv, "sweep", "which file?", &o, &code) ? fenp_run_sweep(&o, o.jobs ? o.jobs : 1) : code;
}
static int print_faults(fenp_faults *f, int code) {
    fenp_faults_print(f, stderr);
    fenp_faults_free(f);
    return code;
}
int fenp_command_plugins(int argc, char **argv) {
    fenp_options o;
    fenp_faults faults = {0};
    int code, n;
    if (!fenp_options_read(argc, argv, &o, NULL, 0, &n, fenp_command_named("plugins"), &code)) return code;
    for (int i = 0; i < o.plugins; i++) fenp_registry_add(o.plugin[i], &faults, (fenp_place){0});
    fenp_registry_open();
    const fenp_module *m;
    n = fenp_modules(&m);
    for (int i = 0; i < n; i++) {
        if (m[i].fault) {
            printf("BAD  %s: %s\n", m[i].path, m[i].fault);
            continue;
        }
        const fen_function *const *lists[] = {m[i].plugin->layers, m[i].plugin->divergences, m[i].plugin->samplers, m[i].plugin->optimizers,
                                              m[i].plugin->metrics};
        for (int k = 0; k < FENP_KINDS; k++)
            for (const fen_function *const *f = lists[k]; f && *f; f++) printf("%-11s %-22s %s\n", fenp_kind_name[k], (*f)->name, (*f)->summary);
        for (const fen_op *const *p = m[i].plugin->ops; p && *p; p++) printf("%-11s %-22s\n", "op", (*p)->name);
    }
    return faults.n ? print_faults(&faults, FENP_EXIT_USAGE) : FENP_EXIT_MET;
}
int fenp_command_describe(int argc, char **argv) {
    fenp_options o;
    const char *name;
    int code, n;
    if (!fenp_options_read(argc, argv, &o, &name, 1, &n, fenp_command_named("describe"), &code)) return code;
    if (!n) return fenp_usage(fenp_command_named("describe"), "describe what?", NULL);
    fenp_faults faults = {0};
    for (int i = 0; i < o.plugins; i++) fenp_registry_add(o.plugin[i], &faults, (fenp_place){0});
    if (faults.n) return print_faults(&faults, FENP_EXIT_USAGE);
    fenp_registry_open();
    fenp_kind kind;
    const fen_function *f = fenp_function_find(name, &kind);
    if (!f) {
        const char *near = fenp_nearest(name, fenp_function_names());
        fprintf(stderr, "fenchel describe: there is no function `%s`%s%s%s (fenchel plugins lists all)\n", name, near ? "; did you mean `" : "",
                near ? near : "", near ? "`?" : "");
        return FENP_EXIT_USAGE;
    }
    fenp_text t = {0};
    fenp_describe(f, kind, &t);
    fputs(t.at, stdout);
    fenp_text_free(&t);
    return FENP_EXIT_MET;
}
static int dispatch(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return FENP_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return FENP_EXIT_MET;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("fenchel %s, ABI %d, %s, %s, HDF5 %s\n", FENP_VERSION, FEN_ABI_VERSION, fenp_blas_core(), fenp_isa(), fenp_hdf5_version());
        return FENP_EXIT_MET;
    }
    const fenp_command *c = fenp_command_named(argv[1]);
    if (c) return c->run(argc - 1, argv + 1);
    const char *names[16] = {0};
    for (int i = 0; fenp_commands[i].name; i++) names[i] = fenp_commands[i].name;
    const char *near = fenp_nearest(argv[1], names);
    fprintf(stderr, "fenchel: unknown command `%s`%s%s%s\n", argv[1], near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    print_help(stderr);
    return FENP_EXIT_USAGE;
}
/* A file that may not grow is an error like a full disk, not a signal. What could not be said was not said: a full disk behind stdout. */
int fenp_main(int argc, char **argv) {
    signal(SIGXFSZ, SIG_IGN);
    int code = dispatch(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr, "fenchel: cannot write to standard output: %s\n", strerror(errno));
    return code ? code : FENP_EXIT_FAILED;
}
