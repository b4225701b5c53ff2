/* sweep.c: `fenchel sweep`: the points of `sweep.over`, each an ordinary run folder made by a child process; finished points are skipped,
 * unfinished ones resumed; then the conditions over the points (DECISIONS 13). */
#include "train/evaluate.h"
#include "base/io.h"
#include "ops/ops.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef enum todo { RUN, RESUME, SKIP } todo;
typedef struct series {
    int64_t n, *step, width; /* width: numbers a row */
    double *value;
} series;
typedef struct point {
    fenp_item *over;
    const char *name, *folder;
    todo todo;
    bool skip;
    int code;
    pid_t child;
    series *metric;
    double *ended;
    int phases;
} point;
typedef struct sweep {
    const fenp_options *options;
    fenp_arena memory;
    fenp_faults faults;
    fenp_item *root, *item;
    const char *folder;
    point *at;
    int n;
    fenp_run *run;
    bool met;
} sweep;

/* ---- the points ---- */
static fenp_item *one(sweep *s, const fenp_item *from, int key, fenp_item *value) {
    fenp_item *m = fenp_item_new(&s->memory, FENP_MAPPING, value->at);
    fenp_item_set(&s->memory, m, from->key[key], value, from->key_at[key]);
    return m;
}
static void add_point(sweep *s, fenp_item *over) {
    s->at = fenp_more(s->at, s->n, sizeof *s->at);
    point *p = &s->at[s->n];
    *p = (point){.over = over, .folder = fenp_arena_text(&s->memory, "%s/points/%d", s->folder, s->n), .code = -1};
    p->name = "";
    for (int i = 0; i < over->n; i++)
        p->name = fenp_arena_text(&s->memory, "%s%s%s=%s", p->name, i ? " " : "", over->key[i], over->item[i]->text ? over->item[i]->text : "..");
    s->n++;
}
/* The product, first key slowest. */
static void product(sweep *s, const fenp_item *over, int key, fenp_item *so_far) {
    if (key == over->n) {
        add_point(s, so_far);
        return;
    }
    const fenp_item *values = over->item[key];
    for (int i = 0; i < (values->sort == FENP_LIST ? values->n : 1); i++) {
        fenp_item *m = so_far ? fenp_item_copy(&s->memory, so_far) : NULL, *value = values->sort == FENP_LIST ? values->item[i] : (fenp_item *)values;
        if (m) fenp_item_set(&s->memory, m, over->key[key], value, over->key_at[key]);
        product(s, over, key + 1, m ? m : one(s, over, key, value));
    }
}
static bool read_points(sweep *s) {
    static const char *const keys[] = {"over", "expect", NULL};
    s->item = fenp_item_get(s->root, "sweep");
    if (!s->item || s->item->sort != FENP_MAPPING) {
        fenp_fail(&s->faults, s->item ? s->item->at : s->root->at, "%s has no `sweep: {over: {PATH: [..]}}`", s->options->file);
        return false;
    }
    for (int i = 0; i < s->item->n; i++) {
        const char *near = fenp_nearest(s->item->key[i], keys);
        if (strcmp(s->item->key[i], "over") && strcmp(s->item->key[i], "expect"))
            fenp_fail(&s->faults, s->item->key_at[i], "sweep has no key `%s`%s%s%s; it has over, expect", s->item->key[i],
                      near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    }
    fenp_item *over = fenp_item_get(s->item, "over");
    if (over && over->sort == FENP_MAPPING && over->n) product(s, over, 0, NULL);
    else if (over && over->sort == FENP_LIST) {
        for (int i = 0; i < over->n; i++) {
            if (over->item[i]->sort == FENP_MAPPING) add_point(s, over->item[i]);
            else fenp_fail(&s->faults, over->item[i]->at, "a point is %s; needs {PATH: value}", fenp_sort_name[over->item[i]->sort]);
        }
    } else fenp_fail(&s->faults, s->item->at, "sweep needs `over: {PATH: [values]}` or a list of points");
    return s->faults.n == 0;
}
/* The experiment of a point: the file, the command line, the point; without the sweep. */
static fenp_item *root_of(sweep *s, const point *p, fenp_faults *faults) {
    fenp_item *root = fenp_item_copy(&s->memory, s->root);
    fenp_item_set(&s->memory, root, "sweep", NULL, root->at);
    for (int i = 0; i < p->over->n; i++) fenp_document_set(&s->memory, root, p->over->key[i], p->over->item[i], p->over->key_at[i], faults);
    return root;
}

/* ---- what is there already ---- */
static bool finished(const point *p, fenp_arena *m) {
    fenp_faults quiet = {0};
    fenp_arrays a = {0};
    const char *newest = fenp_checkpoint_newest(m, p->folder, NULL);
    bool done = false;
    if (newest && fenp_arrays_read(newest, &a, &quiet, (fenp_place){0})) {
        const fenp_array *place = fenp_arrays_find(&a, "/loop/place");
        done = place && place->size[0] > 10 && ((const double *)place->data)[10] != 0;
    }
    fenp_arrays_free(&a);
    fenp_faults_free(&quiet);
    return done;
}
static bool decide(sweep *s, point *p) {
    const char *file = fenp_arena_text(&s->memory, "%s/resolved.yaml", p->folder);
    p->todo = RUN;
    if (s->options->overwrite || access(file, F_OK)) return true;
    size_t n;
    char *there = fenp_read(file, 1 << 20, &n, &s->faults, (fenp_place){0});
    const char *would = fenp_run_resolved(root_of(s, p, &s->faults), s->options->file, &s->memory);
    bool same = there && would && strcmp(there, would) == 0;
    fenp_delete(there);
    if (!same)
        fenp_fail(&s->faults, (fenp_place){0},
                  "%s holds another run than the one that the sweep would make there: -o OTHER sweeps beside it, --overwrite begins anew", p->folder);
    else p->todo = finished(p, &s->memory) ? SKIP : RESUME;
    return same;
}

/* ---- children ---- */
static int run_child(sweep *s, point *p) {
    fenp_options o = *s->options;
    fenp_faults faults = {0};
    o.output = p->folder;
    o.quiet = true;
    if (p->todo == RESUME) return fenp_run_resume(p->folder, &o);
    fenp_item *root = root_of(s, p, &faults);
    if (faults.n) {
        fenp_faults_print(&faults, stderr);
        return FENP_EXIT_USAGE;
    }
    return fenp_run_root(root, &o);
}
static const char *status(const point *p) {
    static const char *const by_code[] = {"met", "failed", "error in the file", "not finite", "not met"};
    return p->code >= 0 && p->code < 5 ? by_code[p->code] : "died";
}
static void report(const sweep *s, const point *p, int k) {
    printf("point %d/%d  %-40s %s%s\n", k + 1, s->n, p->name,
           p->todo == SKIP     ? "finished before, "
           : p->todo == RESUME ? "resumed, "
                               : "",
           status(p));
    fflush(stdout);
}
/* Points are process groups of their own, so that a signal reaches each once: from here, or from the kernel if this process dies. */
static volatile sig_atomic_t caught, forwarded;
static void on_signal(int signal) { caught = signal, forwarded = 0; }
static void forward(sweep *s) {
    if (!caught || forwarded) return;
    forwarded = 1;
    for (int i = 0; i < s->n; i++)
        if (s->at[i].child > 0) kill(s->at[i].child, caught);
}
static void listen(void) {
    struct sigaction a = {.sa_handler = on_signal};
    sigemptyset(&a.sa_mask);
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
}
static void become_child(pid_t parent) {
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(FENP_EXIT_FAILED);
}
static int wait_one(sweep *s) {
    int state;
    forward(s);
    pid_t pid = wait(&state);
    forward(s);
    for (int i = 0; i < s->n; i++) {
        if (s->at[i].child != pid || s->at[i].child <= 0) continue;
        s->at[i].code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
        s->at[i].child = 0;
        report(s, &s->at[i], i);
        return 1;
    }
    return pid > 0 || errno == EINTR ? 0 : 1;
}
static void run_points(sweep *s, int jobs) {
    int running = 0;
    pid_t self = getpid();
    listen();
    for (int i = 0; i < s->n; i++) {
        point *p = &s->at[i];
        while (running >= jobs) running -= wait_one(s);
        if (caught) break;
        if (p->todo == SKIP) { /* judged again by its own conditions */
            p->todo = RESUME;
            p->skip = true;
        }
        fflush(stdout);
        fflush(stderr);
        p->child = fork();
        if (p->child == 0) {
            become_child(self);
            _exit(run_child(s, p));
        }
        if (p->skip) p->todo = SKIP;
        if (p->child < 0) {
            p->child = 0;
            p->code = FENP_EXIT_FAILED;
            report(s, p, i);
            continue;
        }
        running++;
    }
    while (running > 0) running -= wait_one(s);
    if (!caught) return;
    printf("stopped by signal %d; `fenchel sweep` with the same words goes on\n", caught);
    fflush(stdout);
    signal(caught, SIG_DFL);
    raise(caught);
}

/* ---- conditions over the points ---- */
static void *kept(sweep *s, const void *x, size_t bytes) {
    void *to = fenp_arena_new(&s->memory, bytes + 1);
    return bytes ? memcpy(to, x, bytes) : to;
}
static void read_series(sweep *s, const point *p, const fenp_result *r, series *m, fenp_faults *faults) {
    int64_t *step = NULL;
    double *value = NULL;
    m->width = fenp_count(&r->shape);
    fenp_log_read(p->folder, "evaluate", r->metric.name, &step, &value, &m->n, faults);
    m->step = kept(s, step, (size_t)m->n * sizeof *step);
    m->value = kept(s, value, (size_t)(m->n * m->width) * sizeof *value);
    fenp_delete(step);
    fenp_delete(value);
}
static void read_metrics(sweep *s, point *p) {
    fenp_evaluation *e = s->run->evaluation;
    p->metric = fenp_arena_new(&s->memory, (size_t)(e->results + 1) * sizeof *p->metric);
    for (int i = 0; i < e->results; i++) {
        fenp_faults quiet = {0};
        if (e->result[i].single) read_series(s, p, &e->result[i], &p->metric[i], &quiet);
        fenp_faults_free(&quiet);
    }
    fenp_faults quiet = {0};
    fenp_arrays a = {0};
    const char *newest = fenp_checkpoint_newest(&s->memory, p->folder, NULL);
    const fenp_array *ended = newest && fenp_arrays_read(newest, &a, &quiet, (fenp_place){0}) ? fenp_arrays_find(&a, "/loop/phases") : NULL;
    p->phases = ended ? (int)ended->size[0] : 0;
    p->ended = fenp_arena_new(&s->memory, (size_t)(p->phases + 1) * sizeof *p->ended);
    if (ended) memcpy(p->ended, ended->data, (size_t)p->phases * sizeof *p->ended);
    fenp_arrays_free(&a);
    fenp_faults_free(&quiet);
}
static int metric_index(const sweep *s, const char *name) {
    for (int i = 0; i < s->run->evaluation->results; i++)
        if (strcmp(s->run->evaluation->result[i].metric.name, name) == 0) return i;
    return -1;
}
static bool is_number(const sweep *s, int metric) { return fenp_count(&s->run->evaluation->result[metric].shape) == 1; }
static sweep *sweep_of(const fenp_context *c) { return c->build->metrics->owner; }
static fenp_value *vector(const fenp_context *c, const double *x) {
    return fenp_value_new(c->build, fenp_table(c->build->b, fen_vector(sweep_of(c)->n), FEN_REAL, x));
}
typedef double (*reading)(const point *p, const series *m, int phase);
static double last_of(const point *p, const series *m, int phase) {
    (void)p;
    (void)phase;
    return m->n ? m->value[m->n - 1] : NAN;
}
static double first_of(const point *p, const series *m, int phase) {
    (void)p;
    (void)phase;
    return m->n ? m->value[0] : NAN;
}
static double at_of(const point *p, const series *m, int phase) {
    for (int64_t i = m->n; i-- > 0 && phase < p->phases;)
        if ((double)m->step[i] == p->ended[phase]) return m->value[i];
    return NAN;
}
static double extreme(const series *m, double sign) {
    double x = NAN;
    for (int64_t i = 0; i < m->n; i++)
        if (!isnan(m->value[i]) && !(sign * m->value[i] >= sign * x)) x = m->value[i];
    return x;
}
static double lowest_of(const point *p, const series *m, int phase) {
    (void)p;
    (void)phase;
    return extreme(m, 1);
}
static double highest_of(const point *p, const series *m, int phase) {
    (void)p;
    (void)phase;
    return extreme(m, -1);
}
/* Element k of the last value. */
static double element_of(const series *m, int64_t k) { return m->n ? m->value[(m->n - 1) * m->width + k] : NAN; }
/* The last values of a metric with axes: the points first, then these. */
static fenp_value *table_over_points(const fenp_context *c, int metric, fenp_place at) {
    sweep *s = sweep_of(c);
    const fenp_result *r = &s->run->evaluation->result[metric];
    int64_t size[FEN_MAX_RANK], n = fenp_count(&r->shape);
    if (r->shape.rank == FEN_MAX_RANK) return fenp_wrong(c, at, "metric `%s` has %d axes, and the points would be one more", r->metric.name, FEN_MAX_RANK);
    size[0] = s->n;
    for (int k = 0; k < r->shape.rank; k++) size[k + 1] = r->shape.size[k];
    double *x = fenp_arena_new(&s->memory, (size_t)(s->n * n) * sizeof *x);
    for (int64_t i = 0; i < s->n * n; i++) x[i] = element_of(&s->at[i / n].metric[metric], i % n);
    return fenp_value_new(c->build, fenp_table(c->build->b, fen_features(r->shape.rank + 1, size), FEN_REAL, x));
}
static fenp_value *over_points(const fenp_context *c, int metric, reading f, int phase) {
    sweep *s = sweep_of(c);
    double *x = fenp_arena_new(&s->memory, (size_t)s->n * sizeof *x);
    for (int i = 0; i < s->n; i++) x[i] = f(&s->at[i], &s->at[i].metric[metric], phase);
    return vector(c, x);
}
/* A parameter that the sweep sets is a vector of its values. */
static fenp_value *swept(const fenp_context *c, const char *name) {
    sweep *s = sweep_of(c);
    const char *path = strcmp(name, "seed") ? fenp_arena_text(&s->memory, "parameters.%s", name) : "seed";
    double *x = fenp_arena_new(&s->memory, (size_t)s->n * sizeof *x);
    for (int i = 0; i < s->n; i++) {
        fenp_item *v = fenp_item_get(s->at[i].over, path);
        if (!v || !fenp_number_of(c, v, &x[i])) return NULL;
    }
    return vector(c, x);
}
static fenp_value *named(const fenp_context *c, const char *name, fenp_place at) {
    int m = metric_index(sweep_of(c), name);
    if (m >= 0 && !is_number(sweep_of(c), m)) return table_over_points(c, m, at);
    return m >= 0 ? over_points(c, m, last_of, 0) : swept(c, name);
}
static fenp_value *monotone(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v = fenp_evaluate(c, e->arg[0]);
    double tolerance = 0, *x = fenp_is_fault(c->build, v) ? NULL : fenp_constants(fenp_tensor(c, v, e->at));
    if (!x || (e->n > 1 && !fenp_constant_of(c, e->arg[1], &tolerance))) {
        fenp_delete(x);
        return fenp_faulty_value(c->build);
    }
    bool strict = e->name[0] != 'n', up = strcmp(e->name, "increasing") == 0 || strcmp(e->name, "nondecreasing") == 0, holds = true;
    for (int64_t i = 1; i < fenp_count(&v->node->shape); i++) {
        double d = (x[i] - x[i - 1]) * (up ? 1 : -1);
        holds &= strict ? d > 0 : d >= -tolerance;
    }
    fenp_delete(x);
    return fenp_value_new(c->build, fenp_number(c->build->b, holds));
}
/* A metric plugin: the points are its pass. */
static fenp_value *fold(const fenp_context *c, const fenp_expression *e, const fen_function *f) {
    sweep *s = sweep_of(c);
    fenp_invocation i = {.function = f, .kind = FENP_METRIC, .at = e->at};
    fenp_call *call = fenp_arena_new(&s->memory, sizeof *call);
    double *in[8] = {0}, *out[8] = {0};
    fen_host h;
    call->function = f;
    if (!fenp_bind_attributes(c, &i, call) || e->n > 8 || fenp_ports(f->outputs) > 8) return fenp_faulty_value(c->build);
    fenp_host_init(&h, c, f, call, e->at);
    h.ports = fenp_ports(f->inputs);
    h.port = fenp_arena_new(&s->memory, (size_t)(h.ports + 1) * sizeof *h.port);
    h.port_name = fenp_arena_new(&s->memory, (size_t)(h.ports + 1) * sizeof *h.port_name);
    for (int k = 0; k < h.ports; k++) h.port_name[k] = f->inputs[k].name;
    for (int k = 0; k < e->n; k++) {
        fenp_value *v = fenp_evaluate(c, e->arg[k]);
        in[k] = fenp_is_fault(c->build, v) ? NULL : fenp_constants(fenp_tensor(c, v, e->at));
        if (!in[k]) return fenp_faulty_value(c->build);
    }
    for (int k = 0; k < fenp_ports(f->outputs); k++) out[k] = fenp_arena_new(&s->memory, 64 * sizeof(double));
    void *self = f->fold->start(&h);
    bool good = self && f->fold->add(self, s->n, (const double *const *)in) && f->fold->finish(self, out);
    for (int k = 0; k < e->n; k++) fenp_delete(in[k]);
    return good ? fenp_value_new(c->build, fenp_number(c->build->b, out[0][0]))
                : fenp_wrong(c, e->at, "%s over the points of the sweep failed", f->name);
}
static fenp_value *called(const fenp_context *c, const fenp_expression *e) {
    static const struct {
        const char *name;
        reading f;
    } history[] = {{"first", first_of}, {"at", at_of}, {"lowest", lowest_of}, {"highest", highest_of}};
    sweep *s = sweep_of(c);
    if (strcmp(e->name, "increasing") == 0 || strcmp(e->name, "decreasing") == 0 || strcmp(e->name, "nondecreasing") == 0 ||
        strcmp(e->name, "nonincreasing") == 0)
        return monotone(c, e);
    for (size_t i = 0; i < sizeof history / sizeof *history; i++) {
        if (strcmp(history[i].name, e->name)) continue;
        int m = e->n && e->arg[0]->form == FENP_X_NAME ? metric_index(s, e->arg[0]->name) : -1, phase = -1;
        if (m < 0) return fenp_wrong(c, e->at, "%s(..) needs the name of a metric", e->name);
        if (!is_number(s, m)) return fenp_wrong(c, e->at, "%s(%s): the metric has several numbers; needs one of a single number", e->name, e->arg[0]->name);
        for (int k = 0; e->n > 1 && e->arg[1]->form == FENP_X_NAME && k < s->run->phases; k++)
            if (strcmp(s->run->phase[k].name, e->arg[1]->name) == 0) phase = k;
        if (history[i].f == at_of && phase < 0) return fenp_wrong(c, e->at, "at(metric, phase) needs the name of a phase");
        return over_points(c, m, history[i].f, phase);
    }
    fenp_kind kind;
    const fen_function *f = fenp_function_find(e->name, &kind);
    return f && kind == FENP_METRIC && f->fold && !f->build ? fold(c, e, f) : NULL;
}

/* ---- the table ---- */
/* Every path that some point sets, in order of appearance. */
static fenp_item *columns(sweep *s) {
    fenp_item *all = fenp_item_new(&s->memory, FENP_MAPPING, s->item->at);
    for (int p = 0; p < s->n; p++)
        for (int k = 0; k < s->at[p].over->n; k++)
            if (!fenp_item_get(all, s->at[p].over->key[k]))
                fenp_item_set(&s->memory, all, s->at[p].over->key[k], s->at[p].over->item[k], s->item->at);
    return all;
}
enum { MOST_COLUMNS = 1000 };                  /* of one metric */
static bool is_column(const fenp_result *m) { return m->single && fenp_count(&m->shape) <= MOST_COLUMNS; }
/* `m` of a number; `v[0]`, `v[1]` of a vector, `v[0][1]` of a matrix. */
static void add_names(const fenp_result *m, fenp_text *t) {
    for (int64_t k = 0; k < fenp_count(&m->shape); k++) {
        int64_t inner = fenp_count(&m->shape), rest = k;
        fenp_text_add(t, ",%s", m->metric.name);
        for (int p = 0; p < m->shape.rank; p++) {
            inner /= m->shape.size[p];
            fenp_text_add(t, "[%lld]", (long long)(rest / inner));
            rest %= inner;
        }
    }
}
static void add_setting(const fenp_item *v, fenp_text *t) {
    fenp_text written = {0};
    fenp_text_add(t, ",");
    if (v && !v->text) fenp_document_write(v, &written);
    if (written.n) written.at[written.n - 1] = 0;                     /* its line's end */
    if (v) fenp_text_cell(t, v->text ? v->text : written.at);
    fenp_text_free(&written);
}
static void say_left_out(const sweep *s) {
    for (int i = 0; i < s->run->evaluation->results; i++) {
        const fenp_result *m = &s->run->evaluation->result[i];
        if (m->single && !is_column(m))
            printf("metric `%s` has %lld numbers: they are in each point's log.h5, not in sweep.csv\n", m->metric.name, (long long)fenp_count(&m->shape));
    }
}
static bool write_csv(sweep *s) {
    fenp_evaluation *e = s->run->evaluation;
    fenp_item *all = columns(s);
    fenp_text t = {0};
    fenp_text_add(&t, "point");
    for (int k = 0; k < all->n; k++) {
        fenp_text_add(&t, ",");
        fenp_text_cell(&t, all->key[k]);
    }
    fenp_text_add(&t, ",status");
    for (int i = 0; i < e->results; i++)
        if (is_column(&e->result[i])) add_names(&e->result[i], &t);
    for (int p = 0; p < s->n; p++) {
        fenp_text_add(&t, "\n%d", p);
        for (int k = 0; k < all->n; k++) add_setting(fenp_item_get(s->at[p].over, all->key[k]), &t);
        fenp_text_add(&t, ",%s", status(&s->at[p]));
        for (int i = 0; i < e->results; i++)
            for (int64_t k = 0; k < fenp_count(&e->result[i].shape) && is_column(&e->result[i]); k++)
                fenp_text_add(&t, ",%.9g", element_of(&s->at[p].metric[i], k));
    }
    fenp_text_add(&t, "\n");
    printf("\n%s", t.at);
    say_left_out(s);
    bool good = fenp_replace(fenp_arena_text(&s->memory, "%s/sweep.csv", s->folder), t.at, t.n, &s->faults);
    fenp_text_free(&t);
    return good;
}
static int exit_code(const sweep *s) {
    for (int i = 0; i < s->n; i++) {
        int code = s->at[i].code;
        if (code == FENP_EXIT_FAILED || code == FENP_EXIT_NUMBERS) return code;
        if (code > FENP_EXIT_UNMET) return FENP_EXIT_FAILED; /* it died */
    }
    for (int i = 0; i < s->n; i++)
        if (s->at[i].code == FENP_EXIT_USAGE) return FENP_EXIT_USAGE;
    for (int i = 0; i < s->n; i++)
        if (s->at[i].code == FENP_EXIT_UNMET) return FENP_EXIT_UNMET;
    return s->met ? FENP_EXIT_MET : FENP_EXIT_UNMET;
}
static bool conditions(sweep *s, bool quiet) {
    const fenp_item *expect = fenp_item_get(s->item, "expect");
    return fenp_conditions(s->run, expect && expect->sort != FENP_NULL ? expect : NULL, named, called, s, quiet, &s->met);
}
/* The first point is prepared and the conditions are read before anything runs: a mistake in them is found now. */
static bool check(sweep *s) {
    s->run = fenp_run_new(root_of(s, &s->at[0], &s->faults), s->options->file, &s->faults);
    s->run->points = true;
    if (s->faults.n || !fenp_run_prepare(s->run)) return false;
    for (int i = 0; i < s->n; i++) s->at[i].metric = fenp_arena_new(&s->memory, (size_t)(s->run->evaluation->results + 1) * sizeof(series));
    return conditions(s, true);
}
static bool conclude(sweep *s) {
    for (int i = 0; i < s->n; i++) read_metrics(s, &s->at[i]);
    s->run->progress = fenp_progress_new(stdout, NULL);
    return write_csv(s) && conditions(s, false);
}
int fenp_run_sweep(const fenp_options *o, int jobs) {
    sweep s = {.options = o, .met = true};
    s.root = fenp_run_load(&s.memory, o, &s.faults);
    const fenp_item *name = s.root ? fenp_item_get(s.root, "name") : NULL;
    s.folder = o->output ? o->output : fenp_arena_text(&s.memory, "runs/%s", name && name->text ? name->text : "sweep");
    bool good = s.root && read_points(&s);
    good = good && check(&s);
    for (int i = 0; good && i < s.n; i++) decide(&s, &s.at[i]);
    int code = FENP_EXIT_USAGE;
    if (good && !s.faults.n) {
        run_points(&s, jobs);
        good = conclude(&s);
        code = good && !s.faults.n ? exit_code(&s) : FENP_EXIT_FAILED;
    }
    fenp_faults_print(&s.faults, stderr);
    if (s.run) fenp_run_free(s.run);
    fenp_delete(s.at);
    fenp_arena_free(&s.memory);
    fenp_faults_free(&s.faults);
    return code;
}
