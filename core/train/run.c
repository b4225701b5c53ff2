/* run.c: the life of a run: everything that can fail is done before step 0; then the game; then its conditions decide the exit code. */
#include "train/evaluate.h"
#include "base/io.h"
#include "base/pool.h"
#include "kernels/isa.h"
#include "ops/blas.h"
#include "train/folder.h"
#include "train/schema.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const fenp_item *field(const fenp_item *m, const char *key) {
    const fenp_item *i = m ? fenp_item_get(m, key) : NULL;
    return i && i->sort != FENP_NULL ? i : NULL;
}
fenp_run *fenp_run_new(fenp_item *root, const char *file, fenp_faults *faults) {
    fenp_run *r = fenp_new(sizeof *r);
    r->faults = faults;
    r->lock = -1;
    r->evaluated = -1;
    r->keep = 2;
    r->save_every = (fenp_every){.count = 60, .seconds = true};
    r->stop_best = INFINITY;
    r->experiment = fenp_experiment_new(root, file, faults);
    r->draws.experiment = r->experiment;
    return r;
}
void fenp_run_free(fenp_run *r) {
    if (r->progress) fenp_progress_free(r->progress);
    if (r->console) fclose(r->console);
    if (r->lock >= 0) close(r->lock);
    fenp_delete(r->arena);
    fenp_delete(r->series);
    fenp_experiment_free(r->experiment);
    fenp_delete(r);
}

/* ---- before step 0 ---- */
static void read_checkpoint(fenp_run *r) {
    static const char *const keys[] = {"every", "keep", "best", NULL};
    const fenp_item *c = field(r->experiment->root, "checkpoint");
    if (!c) return;
    if (c->sort != FENP_MAPPING) {
        fenp_fail(r->faults, c->at, "checkpoint: given %s; needs {every, keep, best}", fenp_sort_name[c->sort]);
        return;
    }
    fenp_check_keys(r->experiment, c, "checkpoint", keys);
    if (field(c, "every")) fenp_every_read(r, field(c, "every"), &r->save_every);
    const fenp_item *keep = field(c, "keep"), *best = field(c, "best");
    if (keep && (keep->sort != FENP_NUMBER || !keep->whole || keep->number < 1 || keep->number > 1e6))
        fenp_fail(r->faults, keep->at, "keep: given `%s`; needs a whole number from 1 to 1000000", keep->text ? keep->text : fenp_sort_name[keep->sort]);
    else if (keep) r->keep = (int)keep->number;
    if (!best) return;
    r->best_metric = best->text;
    if (!best->text || !fenp_result_named(r, best->text))
        fenp_fail(r->faults, best->at, "best: `%s` is no metric of this file", best->text ? best->text : fenp_sort_name[best->sort]);
}
static void check_stops(fenp_run *r) {
    for (int i = 0; i < r->phases; i++)
        if (r->phase[i].stops && !fenp_result_named(r, r->phase[i].stop))
            fenp_fail(r->faults, r->phase[i].stop_metric ? r->phase[i].stop_metric->at : r->phase[i].at, "stop: `%s` is no metric of this file",
                      r->phase[i].stop);
}
static void check_sweep(fenp_run *r) {
    static const char *const keys[] = {"over", "expect", NULL};
    const fenp_item *s = field(r->experiment->root, "sweep");
    if (s && s->sort != FENP_MAPPING) fenp_fail(r->faults, s->at, "sweep: given %s; needs {over: {PATH: [..]}, expect}", fenp_sort_name[s->sort]);
    else fenp_check_keys(r->experiment, s, "sweep", keys);
}
bool fenp_run_prepare(fenp_run *r) {
    bool good = fenp_game_read(r);
    good &= fenp_evaluation_read(r);
    read_checkpoint(r);
    check_stops(r);
    check_sweep(r);
    fenp_game_declare(r);
    fenp_unused(r->experiment);
    (void)good;
    if (r->faults->n) return false;
    return fenp_game_compile(r) && fenp_phases_check(r) && fenp_evaluation_compile(r) && fenp_expect_check(r) && fenp_memory_enough(r);
}
static bool nothing_to_run(fenp_run *r) {
    if (field(r->experiment->root, "train") || field(r->experiment->root, "evaluate")) return false;
    fenp_fail(r->faults, (fenp_place){0}, "%s: nothing to run: no `train`, no `evaluate`; it is a library, for `use: %s#NAME` in other files",
              r->experiment->file, r->experiment->file);
    return true;
}

/* ---- saying what runs ---- */
static int64_t parameters(const fenp_run *r) {
    int64_t n = 0;
    for (int i = 0; i < r->experiment->store->n; i++)
        if (strncmp(r->experiment->store->block[i]->name, "params/", 7) == 0) n += r->experiment->store->block[i]->count;
    return n;
}
static void announce(fenp_run *r) {
    const char *warning = fenp_blas_warning();
    fenp_progress_say(r->progress, "%s: %lld parameters, arena %.1f MB, %s, %s, %s, %d thread%s%s", r->folder, (long long)parameters(r),
                      (double)r->arena_bytes / 1e6, r->experiment->doubles ? "double" : "single", fenp_blas_core(), fenp_isa(), fenp_pool_threads(),
                      fenp_pool_threads() == 1 ? "" : "s",
                      r->evaluation->periodic || !r->phases ? "" : "; nothing is measured before the end of a phase (no evaluate.every)");
    if (warning) fenp_progress_say(r->progress, "warning: %s", warning);
    if (field(r->experiment->root, "sweep"))
        fenp_progress_say(r->progress, "this file has a sweep; running the one point of its own values (`fenchel sweep %s` runs all)",
                          r->experiment->file);
}
static bool open_log(fenp_run *r, int64_t last) {
    fenp_note texts[] = {{"config_yaml", r->config_text}, {"resolved_yaml", r->resolved_text}, {"uses", r->uses}};
    fenp_arena *a = &r->experiment->memory;
    const fenp_item *about = field(r->experiment->root, "about");
    fenp_note notes[] = {{"title", r->experiment->name},    {"about", about && about->text ? about->text : ""},
                         {"fenchel_version", FENP_VERSION}, {"seed", fenp_arena_text(a, "%llu", (unsigned long long)r->experiment->seed)},
                         {"blas", fenp_blas_core()},        {"precision", r->experiment->doubles ? "double" : "single"}};
    int n = (int)(sizeof notes / sizeof *notes);
    fenp_schema_make(r);
    if (last < 0) r->log = fenp_log_new(r->folder, r->series, r->n_series, texts, r->uses ? 3 : 2, notes, n, r->faults);
    else r->log = fenp_log_continue(r->folder, r->series, r->n_series, texts, r->uses ? 3 : 2, notes, n, last, r->evaluated, r->faults);
    return r->log != NULL;
}
static void open_console(fenp_run *r, bool quiet) {
    r->console = fopen(fenp_arena_text(&r->experiment->memory, "%s/console.log", r->folder), r->resumed ? "a" : "w");
    r->progress = fenp_progress_new(quiet ? NULL : stdout, r->console);
}

/* ---- playing it ---- */
static void caught(int signal) {
    if (fenp_caught) _exit(128 + signal);
    fenp_caught = signal;
}
static void catch_signals(void) {
    struct sigaction a = {.sa_handler = caught};
    sigemptyset(&a.sa_mask);
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    struct sigaction was;
    if (sigaction(SIGHUP, NULL, &was) == 0 && was.sa_handler != SIG_IGN) sigaction(SIGHUP, &a, NULL); /* nohup means it */
}
static const char *status_of(const fenp_run *r, bool good) { return !good ? "failed" : r->signal ? "interrupted" : "finished"; }
static int conclude(fenp_run *r, bool good) {
    bool met = true;
    if (good && !r->signal) good = fenp_expect_table(r, r->quiet, &met);
    fenp_faults late = {0};
    if (r->log && !fenp_log_flush(r->log, true, &late)) good = false;
    if (r->log && !fenp_log_close(r->log, status_of(r, good), &late)) good = false;
    if (r->faults->n && r->console) fenp_faults_print(r->faults, r->console);
    fenp_faults_print(&late, stderr);
    fenp_faults_free(&late);
    if (good && r->signal && r->progress)
        fenp_progress_say(r->progress, "stopped by signal %d after step %lld; `fenchel resume %s` goes on", r->signal, (long long)r->round,
                          r->folder);
    if (!good) return r->exit_code ? r->exit_code : FENP_EXIT_FAILED;
    return met ? FENP_EXIT_MET : FENP_EXIT_UNMET;
}
static int finish(fenp_run *r, int code) {
    if (r->faults->n) fenp_faults_print(r->faults, stderr);
    int signal_number = r->signal;
    fenp_faults *f = r->faults;
    fenp_run_free(r);
    fenp_faults_free(f);
    fenp_delete(f);
    if (signal_number) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    return code;
}
static int play(fenp_run *r) {
    r->started = fenp_clock();
    catch_signals();
    fenp_memory_bind(r);
    announce(r);
    return finish(r, conclude(r, fenp_run_game(r)));
}

/* ---- fenchel run FILE ---- */
/* Plugins of the command line stand first in the experiment's own list, so that resolved.yaml has them too. */
static void add_plugins(fenp_arena *m, fenp_item *root, const fenp_options *o) {
    fenp_item *old = fenp_item_get(root, "plugins"), *list = fenp_item_new(m, FENP_LIST, root->at);
    fenp_place none = {0};
    if (!o->plugins || (old && old->sort != FENP_LIST && old->sort != FENP_NULL)) return;
    for (int i = 0; i < o->plugins; i++) fenp_item_add(m, list, fenp_item_text(m, fenp_path_beside(m, NULL, o->plugin[i]), none));
    for (int i = 0; old && i < old->n; i++) fenp_item_add(m, list, old->item[i]);
    fenp_item_set(m, root, "plugins", list, root->at);
}
static fenp_item *load(fenp_arena *m, const char *file, const fenp_options *o, fenp_faults *faults) {
    fenp_item *root = fenp_document_load(m, file, faults, (fenp_place){0});
    for (int i = 0; root && !faults->n && i < o->sets; i++) fenp_document_override(m, root, o->set[i], faults);
    if (!root || faults->n) return NULL;
    add_plugins(m, root, o);
    fenp_item *list = fenp_item_get(root, "plugins");
    if (list && list->sort != FENP_LIST && list->sort != FENP_NULL)
        fenp_fail(faults, list->at, "plugins: given %s; needs a list of paths", fenp_sort_name[list->sort]);
    for (int i = 0; list && list->sort == FENP_LIST && i < list->n; i++)
        if (list->item[i]->text) fenp_registry_add(fenp_path_beside(m, list->item[i]->at.file, list->item[i]->text), faults, list->item[i]->at);
    fenp_registry_open();
    return faults->n ? NULL : root;
}
typedef struct opened {
    fenp_run *run;
    fenp_arena memory;
    fenp_faults *faults;
    fenp_item *root;
} opened;
static void prepare(opened *x, const char *file, const fenp_options *o) {
    x->run = fenp_run_new(x->root, file, x->faults);
    x->run->quiet = o->quiet;
    if (!nothing_to_run(x->run)) fenp_run_prepare(x->run);
}
/* Leaves run NULL where the file cannot be read; the faults say why. */
static opened open_file(const char *file, const fenp_options *o) {
    opened x = {.faults = fenp_new(sizeof *x.faults)};
    fenp_pool_start(o->threads > 0 ? o->threads : fenp_pool_cores());
    x.root = load(&x.memory, file, o, x.faults);
    if (x.root) prepare(&x, file, o);
    return x;
}
static int refused(opened *x, int code) {
    fenp_faults_print(x->faults, stderr);
    if (x->run) fenp_run_free(x->run);
    fenp_arena_free(&x->memory);
    fenp_faults_free(x->faults);
    fenp_delete(x->faults);
    fenp_pool_stop();
    return code;
}
static const char *absolute_folder(fenp_run *r, const fenp_options *o) {
    const char *given = o->output ? o->output : fenp_arena_text(&r->experiment->memory, "runs/%s", r->experiment->name);
    return given;
}
static bool prepare_folder(fenp_run *r, fenp_item *root, const char *file, const fenp_options *o) {
    size_t n;
    r->folder = absolute_folder(r, o);
    r->resolved_text = fenp_resolved(r, root);
    char *config = fenp_read(file, 1 << 20, &n, r->faults, (fenp_place){0});
    r->config_text = config ? fenp_arena_copy(&r->experiment->memory, config, n) : "";
    fenp_delete(config);
    if (!o->overwrite && !fenp_folder_free(r)) return false;
    if (!fenp_folder_lock(r)) return false;
    if (o->overwrite) fenp_folder_clear(r);
    return fenp_folder_make(r);
}
static int run_opened(opened *x, const char *file, const fenp_options *o) {
    fenp_run *r = x->run;
    if (!r || x->faults->n) return refused(x, FENP_EXIT_USAGE);
    if (!fenp_start_values(r)) return refused(x, r->exit_code ? r->exit_code : FENP_EXIT_USAGE); /* weights of other runs: before a folder is made */
    if (!prepare_folder(r, x->root, file, o)) return refused(x, FENP_EXIT_USAGE);
    open_console(r, o->quiet);
    if (!open_log(r, -1)) return refused(x, r->exit_code ? r->exit_code : FENP_EXIT_FAILED);
    int code = play(r);
    fenp_arena_free(&x->memory);
    fenp_pool_stop();
    return code;
}
int fenp_run_file(const fenp_options *o) {
    opened x = open_file(o->file, o);
    return run_opened(&x, o->file, o);
}

/* ---- one point of a sweep ---- */
fenp_item *fenp_run_load(fenp_arena *m, const fenp_options *o, fenp_faults *faults) { return load(m, o->file, o, faults); }
int fenp_run_root(fenp_item *root, const fenp_options *o) {
    opened x = {.faults = fenp_new(sizeof *x.faults), .root = root};
    fenp_pool_start(o->threads > 0 ? o->threads : fenp_pool_cores());
    prepare(&x, o->file, o);
    return run_opened(&x, o->file, o);
}
const char *fenp_run_resolved(fenp_item *root, const char *file, fenp_arena *m) {
    opened x = {.faults = fenp_new(sizeof *x.faults), .root = root};
    prepare(&x, file, &(fenp_options){.quiet = true});
    const char *text = x.faults->n ? NULL : fenp_resolved(x.run, root);
    text = text ? fenp_arena_copy(m, text, strlen(text)) : NULL;
    fenp_run_free(x.run);
    fenp_faults_free(x.faults);
    fenp_delete(x.faults);
    return text;
}

/* ---- fenchel resume DIR ---- */
static bool history_from_log(fenp_run *r) {
    for (int i = 0; i < r->evaluation->results; i++) {
        fenp_result *m = &r->evaluation->result[i];
        int64_t *step = NULL, n = 0;
        double *value = NULL;
        if (!m->single || !fenp_log_read(r->folder, "evaluate", m->metric.name, &step, &value, &n, r->faults)) continue;
        int64_t width = fenp_count(&m->shape), at = 0; /* both lists ascend */
        for (int64_t k = 0; k < n && step[k] <= r->round; k++) {
            while (at < m->measures && m->measured[at] < (double)step[k]) at++;
            if (at == m->measures || m->measured[at] != (double)step[k]) continue;
            m->history = fenp_arena_more(&r->experiment->memory, m->history, m->entries, sizeof *m->history);
            m->round = fenp_arena_more(&r->experiment->memory, m->round, m->entries, sizeof *m->round);
            m->history[m->entries] = fenp_arena_new(&r->experiment->memory, (size_t)width * sizeof(double) + 8);
            memcpy(m->history[m->entries], value + k * width, (size_t)width * sizeof(double));
            m->round[m->entries] = step[k];
            m->entries++;
            memcpy(m->value, value + k * width, (size_t)width * sizeof(double));
        }
        fenp_delete(step);
        fenp_delete(value);
    }
    return r->faults->n == 0;
}
int fenp_run_resume(const char *folder, const fenp_options *o) {
    fenp_arena m = {0};
    const char *file = fenp_arena_text(&m, "%s/resolved.yaml", folder);
    fenp_options plain = {.threads = o->threads, .quiet = o->quiet, .plugin = o->plugin, .plugins = o->plugins};
    if (access(file, R_OK)) {
        fprintf(stderr, "%s: no run here: there is no resolved.yaml\n", folder);
        fenp_arena_free(&m);
        return FENP_EXIT_USAGE;
    }
    opened x = open_file(file, &plain);
    if (!x.run || x.faults->n) return refused(&x, FENP_EXIT_USAGE);
    fenp_run *r = x.run;
    size_t n;
    r->folder = folder;
    char *resolved = fenp_read(file, 1 << 20, &n, r->faults, (fenp_place){0}),
         *config = fenp_read(fenp_arena_text(&m, "%s/config.yaml", folder), 1 << 20, &n, r->faults, (fenp_place){0});
    r->resolved_text = resolved ? resolved : "";
    r->config_text = config ? config : "";
    if (r->faults->n || !fenp_folder_lock(r)) return refused(&x, FENP_EXIT_USAGE);
    fenp_text damaged = {0};
    const char *newest = fenp_checkpoint_newest(&m, folder, &damaged);
    if (!newest && damaged.n)
        fenp_fail(r->faults, (fenp_place){0}, "%s has checkpoints, and none can be read (`fenchel run` with --overwrite begins anew):\n%s", folder,
                  damaged.at);
    if (r->faults->n || !fenp_folder_parts(r)) return refused(&x, FENP_EXIT_FAILED);
    r->resumed = newest != NULL;
    open_console(r, o->quiet);
    if (damaged.n) fenp_progress_say(r->progress, "an older checkpoint is taken, since:\n%s", damaged.at);
    fenp_text_free(&damaged);
    bool good = newest ? fenp_checkpoint_load(r, newest, r->faults) && history_from_log(r) : fenp_start_values(r);
    int code;
    if (good && r->finished) {
        bool met;
        fenp_progress_say(r->progress, "%s is finished", folder);
        if (!fenp_log_finished(folder) && open_log(r, r->round))
            fenp_log_close(r->log, "finished", r->faults); /* killed between its last checkpoint and the log's end */
        r->log = NULL;
        code = fenp_expect_table(r, false, &met) ? (met ? FENP_EXIT_MET : FENP_EXIT_UNMET) : FENP_EXIT_FAILED;
        code = finish(r, code);
    } else if (!good || !open_log(r, newest ? r->round : -1)) return refused(&x, FENP_EXIT_FAILED);
    else {
        fenp_progress_say(r->progress, newest ? "resuming %s after step %lld" : "%s has no checkpoint: beginning at step %lld", folder,
                          (long long)r->round);
        code = play(r);
    }
    fenp_delete(resolved);
    fenp_delete(config);
    fenp_arena_free(&x.memory);
    fenp_arena_free(&m);
    fenp_pool_stop();
    return code;
}

/* ---- fenchel check FILE ---- */
static void print_table(fenp_run *r) {
    const fenp_store *s = r->experiment->store;
    fenp_evaluation *e = r->evaluation;
    printf("%-24s %12s\n", "network", "parameters");
    for (int i = 0; i < s->n; i++)
        if (strncmp(s->block[i]->name, "params/", 7) == 0) printf("  %-22s %12lld\n", s->block[i]->name + 7, (long long)s->block[i]->count);
    printf("%-24s %8s %8s %12s\n", "player", "nodes", "steps", "arena");
    for (int i = 0; i < r->phases; i++)
        for (int k = 0; k < r->phase[i].turns; k++) {
            fenp_program_size z = fenp_program_measure(r->phase[i].turn[k].task.program);
            printf("  %-22s %8d %8d %9.2f MB\n", r->phase[i].turn[k].player[0]->who, z.nodes, z.steps, (double)z.arena / 1e6);
        }
    for (int i = 0; i < r->experiment->space->names.n; i++) {
        fenp_definition *d = r->experiment->space->names.value[i];
        if (d->meaning == FENP_A_SAMPLER && d->source && d->source->rows) printf("sampler %s: %lld rows\n", d->name, (long long)d->source->rows);
    }
    for (int i = 0; i < e->groups; i++)
        for (int k = 0; k < e->group[i]->passes; k++)
            printf("pass of %lld examples in %lld draws\n", (long long)e->group[i]->pass[k].length.examples,
                   (long long)e->group[i]->pass[k].length.draws);
    for (int i = 0; i < e->results; i++)
        if (e->result[i].single) printf("metric %s [%s]\n", e->result[i].metric.name, e->result[i].metric.unit ? e->result[i].metric.unit : "1");
}
int fenp_run_check(const fenp_options *o) {
    opened x = open_file(o->file, o);
    if (!x.run || x.faults->n) {
        bool library = x.run && x.faults->n == 1 && strstr(x.faults->at[0].text, "nothing to run");
        return refused(&x, library ? FENP_EXIT_MET : FENP_EXIT_USAGE);
    }
    if (!fenp_runs_load(x.run)) return refused(&x, FENP_EXIT_USAGE);
    if (!o->quiet) print_table(x.run);
    return refused(&x, FENP_EXIT_MET);
}
