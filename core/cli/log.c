/* cli/log.c: `fenchel log VERB DIR`: the table of its verbs, their options, and they. All read a run that is going on as well. */
#include "base/io.h"
#include "cli/cli.h"
#include "train/folder.h"
#include <string.h>
#include <unistd.h>

typedef struct request { const char *run, *other, *output; bool csv, npz; fenp_faults faults; } request;
typedef struct verb {
    const char *name, *usage, *help;
    int most;                                 /* arguments */
    int (*run)(request *q);
} verb;

/* -- The verbs: false has recorded why -- */

static int show(request *q) {
    fenp_text t = {NULL, 0, 0};
    fenp_log_view view = {fenp_terminal_columns(stdout), fenp_terminal_utf8()};
    bool good = fenp_log_show(q->run, view, &t, &q->faults);
    if (good) fputs(t.at, stdout);
    fenp_text_free(&t);
    return good ? FENP_EXIT_MET : FENP_EXIT_FAILED;
}

static int snapshot(request *q) {
    fenp_arena a = {NULL};
    const char *to = q->output ? q->output : q->other ? q->other : fenp_arena_text(&a, "%s/snapshot.h5", q->run);
    bool good = fenp_log_snapshot(q->run, to, &q->faults);
    if (good) printf("%s\n", to);
    fenp_arena_free(&a);
    return good ? FENP_EXIT_MET : FENP_EXIT_FAILED;
}

static int export(request *q) {
    fenp_arena a = {NULL};
    fenp_text made = {NULL, 0, 0};
    if (q->csv == q->npz) {
        fenp_fail(&q->faults, (fenp_place){0}, "fenchel log export: given %s; needs one of --csv (a folder of tables) and --npz (a file for numpy.load)",
                  q->csv ? "--csv and --npz" : "neither --csv nor --npz");
        return FENP_EXIT_USAGE;
    }
    const char *to = q->output ? q->output : fenp_arena_text(&a, q->csv ? "%s/csv" : "%s/log.npz", q->run);
    bool good = q->csv ? fenp_log_export_csv(q->run, to, &made, &q->faults) : fenp_log_export_npz(q->run, to, &made, &q->faults);
    if (good && made.n) fputs(made.at, stdout);
    fenp_text_free(&made);
    fenp_arena_free(&a);
    return good ? FENP_EXIT_MET : FENP_EXIT_FAILED;
}

/* The lock is taken only where there is a log: a folder that is none gets no file from us. */
static int repair(request *q) {
    fenp_arena a = {NULL};
    int64_t rows = 0;
    bool there = access(fenp_arena_text(&a, "%s/log.h5", q->run), F_OK) == 0;
    int lock = there ? fenp_folder_hold(q->run, &q->faults) : -1;
    fenp_arena_free(&a);
    if (lock == -2) {
        printf("%s: a run is going on in this folder, its log can be read as it is: nothing was changed\n", q->run);
        return FENP_EXIT_MET;
    }
    bool good = q->faults.n == 0 && fenp_log_repair(q->run, &rows, &q->faults);
    if (lock >= 0) close(lock);
    if (good && rows < 0) printf("%s/log.h5 was closed as it should be: nothing was changed\n", q->run);
    else if (good) printf("%s/log.h5 is repaired: %lld rows of train, any tool opens it now; `fenchel resume %s` goes on\n", q->run, (long long)rows, q->run);
    return good ? FENP_EXIT_MET : FENP_EXIT_FAILED;
}

static const verb verbs[] = {
    {"show", "log show DIR", "the series with their last, least and largest values and their course\n\n  fenchel log show runs/vae-mnist", 1, show},
    {"export", "log export DIR --csv|--npz [-o PATH]",
     "the log for other programs: tables, or one file of arrays\n"
     "--csv: a folder (DIR/csv) with a table for the numbers of each group, one for each value with axes, and series.csv, which says what is what\n"
     "--npz: a file (DIR/log.npz) with all arrays, pictures too\n\n"
     "  fenchel log export runs/vae-mnist --csv -o tables\n  fenchel log export runs/vae-mnist --npz        # numpy.load(\"runs/vae-mnist/log.npz\")[\"train/step\"]",
     1, export},
    {"snapshot", "log snapshot DIR [FILE]",
     "a closed copy of log.h5 for tools that cannot open one that is being written (DIR/snapshot.h5)\n\n  fenchel log snapshot runs/vae-mnist copy.h5", 2, snapshot},
    {"repair", "log repair DIR",
     "after a kill: log.h5 anew, closed, with all whole rows, so that any tool opens it; `resume` needs no repair\n\n  fenchel log repair runs/vae-mnist", 1, repair},
    {NULL, NULL, NULL, 0, NULL},
};

/* -- Options -- */

static void help(const verb *v) {
    if (v) { printf("fenchel %s\n%s\n\n%s\n", v->usage, v->help, fenp_exit_codes); return; }
    printf("fenchel log VERB DIR: reads the log of a run, also while it is written\n");
    for (v = verbs; v->name; v++) printf("\n  fenchel %s\n    %.*s\n", v->usage, (int)strcspn(v->help, "\n"), v->help);
    printf("\n`fenchel log VERB --help` says more, with an example.\n%s\n", fenp_exit_codes);
}

static int refuse(const verb *v, const char *what, const char *given) {
    fprintf(stderr, "fenchel log%s%s: %s%s%s%s\n", v ? " " : "", v ? v->name : "", what, given ? " `" : "", given ? given : "", given ? "`" : "");
    if (v) fprintf(stderr, "usage: fenchel %s\n", v->usage);
    else for (v = verbs; v->name; v++) fprintf(stderr, "%s fenchel %s\n", v == verbs ? "usage:" : "      ", v->usage);
    return FENP_EXIT_USAGE;
}

static const verb *verb_named(const char *name) {
    for (const verb *v = verbs; v->name; v++)
        if (!strcmp(v->name, name)) return v;
    return NULL;
}

/* -1: go on; else the exit code. */
static int read_options(int argc, char **argv, const verb *v, request *q) {
    const char *argument[2] = {NULL, NULL};
    int n = 0;
    for (int i = 2; i < argc; i++) {
        const char *a = argv[i];
        bool exports = v->run == export;
        if (!strcmp(a, "--help") || !strcmp(a, "-h")) { help(v); return FENP_EXIT_MET; }
        if (exports && !strcmp(a, "--csv")) q->csv = true;
        else if (exports && !strcmp(a, "--npz")) q->npz = true;
        else if ((exports || v->run == snapshot) && !strcmp(a, "-o") && i + 1 < argc) q->output = argv[++i];
        else if (a[0] == '-') return refuse(v, "unknown option, or its value is missing:", a);
        else if (n < v->most) argument[n++] = a;
        else return refuse(v, "one argument too many:", a);
    }
    q->run = argument[0];
    q->other = argument[1];
    return q->run ? -1 : refuse(v, "which run's folder?", NULL);
}

int fenp_command_log(int argc, char **argv) {
    request q = {.run = NULL};
    if (argc < 2) return refuse(NULL, "which verb?", NULL);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) { help(NULL); return FENP_EXIT_MET; }
    const verb *v = verb_named(argv[1]);
    if (!v) return refuse(NULL, "needs show, export, snapshot or repair; given", argv[1]);
    int code = read_options(argc, argv, v, &q);
    if (code < 0) code = v->run(&q);
    if (q.faults.n) fenp_faults_print(&q.faults, stderr);
    fenp_faults_free(&q.faults);
    return code;
}
