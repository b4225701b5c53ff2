/* suite.c: the table of tests, and the walk over functions and ops of modules: each test that applies runs in a child process, as many at a
 * time as there are cores; what they find is printed in order, a line for each test that failed. */
#include "conformance/host.h"
#include "base/pool.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the tests ---- */
static bool any(const fenp_subject *s) { return s->function != NULL; }
static bool built(const fenp_subject *s) { return s->function && s->function->build; }
static bool invertible(const fenp_subject *s) { return s->function && s->function->invert; }
static bool lawful(const fenp_subject *s) { return built(s) && s->function->law; }
static bool conjugate(const fenp_subject *s) { return s->function && s->function->conjugate; }
static bool optimizer(const fenp_subject *s) { return built(s) && s->of == FENP_OPTIMIZER; }
static bool source(const fenp_subject *s) { return s->function && s->function->draws; }
static bool driver(const fenp_subject *s) { return s->function && s->function->moves; }
static bool fold(const fenp_subject *s) { return s->function && s->function->fold; }
static bool an_op(const fenp_subject *s) { return s->op != NULL; }

const fenp_conformance_test fenp_conformance_tests[] = {
    {"schema", any, fenp_test_schema, 10},
    {"shapes", built, fenp_test_shapes, 30},
    {"extremes", built, fenp_test_extremes, 60},
    {"faults", built, fenp_test_faults, 60},
    {"bits", built, fenp_test_bits, 60},
    {"precision", built, fenp_test_precision, 60},
    {"gradients", built, fenp_test_gradients, 120},
    {"kernels", an_op, fenp_test_kernels, 120},
    {"derivatives", an_op, fenp_test_derivatives, 120},
    {"inverse", invertible, fenp_test_inverse, 60},
    {"conjugate", conjugate, fenp_test_conjugate, 30},
    {"law", lawful, fenp_test_law, 120},
    {"optimizer", optimizer, fenp_test_optimizer, 60},
    {"source", source, fenp_test_source, 60},
    {"driver", driver, fenp_test_driver, 60},
    {"fold", fold, fenp_test_fold, 60},
    {NULL, NULL, NULL, 0},
};

/* ---- one test ---- */
void fenp_find(fenp_check *c, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    char *text = fenp_arena_vtext(&c->memory, format, ap);
    va_end(ap);
    for (char *p = text; *p; p++)
        if (*p == '\n') *p = ' ';
    for (int i = 0; i < c->findings; i++)
        if (strcmp(c->said[i], text) == 0) return;
    if (c->findings < (int)(sizeof c->said / sizeof *c->said)) c->said[c->findings++] = text;
    else c->more++;
}
typedef struct job {
    const fenp_subject *subject;
    const fenp_conformance_test *test;
    fenp_child child;
    bool started, ended;
} job;
static void run_job(void *context, int out) {
    const job *j = context;
    fenp_check c = {.subject = j->subject};
    FILE *to = fdopen(dup(out), "w");
    j->test->run(&c);
    for (int i = 0; i < c.findings && to; i++) fprintf(to, "%s%s", i ? "\n" : "", c.said[i]);
    for (int i = 0; i < c.more && to; i++) fprintf(to, "\nanother one");
    if (!to || fclose(to)) _exit(1);
}

/* ---- what is tested ---- */
typedef struct plan {
    fenp_arena memory;
    const fenp_conformance_options *options;
    job *at;
    int n;
} plan;
static bool wanted(const plan *p, const fenp_subject *s, const fenp_conformance_test *t) {
    const char *only = p->options->only;
    return t->applies(s) && (!only || strcmp(only, s->name) == 0 || strcmp(only, t->name) == 0);
}
static void add(plan *p, fenp_subject subject) {
    fenp_subject *s = fenp_arena_new(&p->memory, sizeof *s);
    *s = subject;
    s->options = p->options;
    for (const fenp_conformance_test *t = fenp_conformance_tests; t->name; t++) {
        if (!wanted(p, s, t)) continue;
        p->at = fenp_more(p->at, p->n, sizeof *p->at);
        p->at[p->n++] = (job){.subject = s, .test = t};
    }
}
static void add_module(plan *p, const fen_plugin *m) {
    const fen_function *const *list[FENP_KINDS] = {m->layers, m->divergences, m->samplers, m->optimizers, m->metrics};
    for (int k = 0; k < FENP_KINDS; k++)
        for (int i = 0; list[k] && list[k][i]; i++)
            add(p, (fenp_subject){.kind = fenp_kind_name[k], .name = list[k][i]->name, .of = (fenp_kind)k, .function = list[k][i], .plugin = m});
    for (int i = 0; m->ops && m->ops[i]; i++) add(p, (fenp_subject){.kind = "op", .name = m->ops[i]->name, .op = m->ops[i], .plugin = m});
}

/* ---- running and printing ---- */
/* The first finding of a test, and how many more there are; all where one was asked for by name. */
static void print(const plan *p, const job *j) {
    const fenp_subject *s = j->subject;
    char *text = j->child.said.at, *line;
    int lines = 0;
    for (char *rest = text; (line = strsep(&rest, "\n"));) {
        if (lines++ == 0 || p->options->only) printf("%sFAIL  %s %s: %s: %s", lines > 1 ? "\n" : "", s->kind, s->name, j->test->name, line);
    }
    if (lines > 1 && !p->options->only) printf(" (and %d more; --only %s shows them)", lines - 1, s->name);
    printf("\n");
}
static void start(job *j) {
    j->started = true;
    int seconds = j->subject->options->seconds;
    fenp_child_start(&j->child, run_job, j, seconds ? seconds : j->test->seconds);
}
/* Job `first` is waited for; those behind it run beside it. */
static void await(plan *p, int first) {
    int cores = fenp_pool_cores();
    while (!p->at[first].ended) {
        int running = 0;
        for (int i = first; i < p->n && running < cores; i++) {
            job *j = &p->at[i];
            if (!j->started) start(j);
            if (!j->ended) j->ended = fenp_child_poll(&j->child, 0.002);
            running += !j->ended;
        }
    }
}
bool fenp_conformance(const fenp_module *module, int modules, const fenp_conformance_options *o) {
    plan p = {.options = o};
    int passed = 0, failed = 0;
    for (int i = 0; i < modules; i++) {
        if (module[i].fault) {
            printf("FAIL  plugin %s: load: %s\n", module[i].path, module[i].fault);
            failed++;
        } else add_module(&p, module[i].plugin);
    }
    fenp_samples_open();
    for (int i = 0; i < p.n; i++) {
        job *j = &p.at[i];
        await(&p, i);
        if (j->child.said.n) {
            print(&p, j);
            failed++;
        } else {
            if (!o->quiet) printf("pass  %s %s: %s\n", j->subject->kind, j->subject->name, j->test->name);
            passed++;
        }
        fflush(stdout);
        fenp_text_free(&j->child.said);
    }
    fenp_samples_close();
    printf("%d passed, %d failed\n", passed, failed);
    fenp_delete(p.at);
    fenp_arena_free(&p.memory);
    return failed == 0 && passed > 0;
}
