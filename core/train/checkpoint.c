/* checkpoint.c: everything that a run goes on from: parameters, states, the running phase's optimizer states, chains, counters, the place in
 * the game. Names are the store's: /params, /state, /optimizer, /loop (DESIGN 6). */
#include "train/evaluate.h"
#include "base/sha256.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct collection {
    fenp_array *at;
    int n;
    fenp_arena memory;
} collection;
static void add(collection *c, const char *path, fenp_cell cell, int rank, const int64_t *size, const void *data) {
    c->at = fenp_more(c->at, c->n, sizeof *c->at);
    fenp_array *a = &c->at[c->n++];
    *a = (fenp_array){.path = path, .cell = cell, .rank = rank, .data = data};
    for (int i = 0; i < rank; i++) a->size[i] = size[i];
}
static void add_numbers(collection *c, const char *path, const double *x, int64_t n) {
    double *copy = fenp_arena_new(&c->memory, (size_t)n * sizeof *copy + 8);
    memcpy(copy, x, (size_t)n * sizeof *x);
    add(c, path, FENP_CELL_F64, 1, &n, copy);
}
static bool kept(const fenp_run *r, const char *name) {
    if (strncmp(name, "work/", 5) == 0) return false;
    if (strncmp(name, "optimizer/", 10)) return true;
    const char *phase = r->current < r->phases ? r->phase[r->current].name : "";
    size_t n = strlen(phase);
    return strncmp(name + 10, phase, n) == 0 && name[10 + n] == '/';
}
static void add_store(fenp_run *r, collection *c) {
    const fenp_store *s = r->experiment->store;
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < s->block[i]->n; k++) {
            const fenp_slot *slot = s->block[i]->slot[k];
            if (!kept(r, slot->name)) continue;
            fenp_cell cell = slot->type == FEN_INTEGER ? FENP_CELL_I32 : s->block[i]->wide ? FENP_CELL_F64 : FENP_CELL_F32;
            add(c, fenp_arena_text(&c->memory, "/%s", slot->name), cell, slot->shape.rank, slot->shape.size, fenp_slot_data(slot));
        }
}
static void add_history(fenp_run *r, collection *c) {
    for (int i = 0; r->evaluation && i < r->evaluation->results; i++) {
        const fenp_result *m = &r->evaluation->result[i];
        double *round = fenp_arena_new(&c->memory, (size_t)m->entries * sizeof *round + 8);
        for (int k = 0; k < m->entries; k++) round[k] = (double)m->round[k];
        if (m->single) add_numbers(c, fenp_arena_text(&c->memory, "/loop/measured/%s", m->metric.name), round, m->entries);
    }
}
/* /state/chain/position; where a chain is used at several batch sizes, the later ones end in _ and their bytes. */
static const char *memory_path(const fenp_draws *d, int i, fenp_arena *a) {
    const fenp_memory *m = d->memory[i];
    for (int k = 0; k < i; k++)
        if (!d->memory[k]->fresh && strcmp(d->memory[k]->name, m->name) == 0) return fenp_arena_text(a, "/state/%s_%zu", m->name, m->bytes);
    return fenp_arena_text(a, "/state/%s", m->name);
}
static const char *memory_name(fenp_run *r, const char *path, size_t bytes) {
    const char *ending = fenp_arena_text(&r->experiment->memory, "_%zu", bytes);
    size_t n = strlen(path), k = strlen(ending);
    return n > k && strcmp(path + n - k, ending) == 0 ? fenp_arena_copy(&r->experiment->memory, path, n - k) : path;
}
static void add_loop(fenp_run *r, collection *c) {
    if (r->uses) add(c, "/loop/uses", FENP_CELL_TEXT, 0, NULL, r->uses);
    const fenp_draws *d = &r->draws;
    double place[] = {(double)r->current,    (double)r->step, (double)r->round, r->epoch,    r->has_best,          r->best,           r->stop_best,
                      (double)r->stop_waits, r->first_done,   (double)d->round, r->finished, (double)r->evaluated, r->evaluated_epoch};
    add_numbers(c, "/loop/place", place, sizeof place / sizeof *place);
    double *ended = fenp_new((size_t)r->phases * sizeof *ended + 8);
    for (int i = 0; i < r->phases; i++) ended[i] = (double)r->phase[i].ended;
    if (r->phases) add_numbers(c, "/loop/phases", ended, r->phases);
    fenp_delete(ended);
    add_history(r, c);
    for (int i = 0; i < d->counters; i++) {
        double x[] = {(double)d->counter[i]->count, d->counter[i]->counted, (double)d->counter[i]->round};
        add_numbers(c, fenp_arena_text(&c->memory, "/loop/draws/%s", d->counter[i]->name), x, 3);
    }
    for (int i = 0; i < d->cursors; i++) {
        const fenp_cursor *u = d->cursor[i];
        double x[] = {(double)u->pass, (double)u->next, (double)u->at, (double)u->passes, u->drawn, u->ended, (double)u->round};
        add_numbers(c, fenp_arena_text(&c->memory, "/loop/files/%s", u->name), x, 7);
    }
    for (int i = 0; i < d->memories; i++) {
        int64_t n = (int64_t)d->memory[i]->bytes, cells = n / 8;
        if (d->memory[i]->fresh) continue;
        const char *path = memory_path(d, i, &c->memory);
        if (n % 8 == 0) add(c, path, FENP_CELL_F64, 1, &cells, d->memory[i]->data);
        else add(c, path, FENP_CELL_U8, 1, &n, d->memory[i]->data);
    }
}
bool fenp_checkpoint_save(fenp_run *r, const char *path) {
    collection c = {0};
    add_store(r, &c);
    add_loop(r, &c);
    bool good = fenp_arrays_write(path, c.at, c.n, r->faults);
    fenp_delete(c.at);
    fenp_arena_free(&c.memory);
    return good;
}

/* ---- the folder ---- */
static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static char **list(fenp_arena *m, const char *folder, int *n) {
    char **names = NULL;
    DIR *d = opendir(folder);
    *n = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t k = strlen(e->d_name);
        if (strncmp(e->d_name, "step-", 5) || k < 8 || strcmp(e->d_name + k - 3, ".h5")) continue;
        names = fenp_more(names, *n, sizeof *names);
        names[(*n)++] = fenp_arena_text(m, "%s/%s", folder, e->d_name);
    }
    if (d) closedir(d);
    if (names) qsort(names, (size_t)*n, sizeof *names, by_name);
    return names;
}
bool fenp_checkpoint_step(fenp_run *r) {
    fenp_arena *a = &r->experiment->memory;
    const char *folder = fenp_arena_text(a, "%s/checkpoints", r->folder);
    if (r->log && !fenp_log_flush(r->log, true, r->faults)) return false; /* the log reaches the checkpoint's step first */
    if (!fenp_checkpoint_save(r, fenp_arena_text(a, "%s/step-%09lld.h5", folder, (long long)r->round))) return false;
    int n;
    char **old = list(a, folder, &n);
    for (int i = 0; i < n - r->keep; i++) unlink(old[i]);
    fenp_delete(old);
    return true;
}
const char *fenp_checkpoint_newest(fenp_arena *m, const char *folder, fenp_text *damaged) {
    int n;
    char **all = list(m, fenp_arena_text(m, "%s/checkpoints", folder), &n);
    const char *found = NULL;
    while (n-- > 0 && !found) {
        fenp_arrays a = {0};
        fenp_faults quiet = {0};
        if (fenp_arrays_read(all[n], &a, &quiet, (fenp_place){0})) found = all[n];
        else if (damaged) fenp_text_add(damaged, "%s%s", damaged->n ? "\n" : "", quiet.n ? quiet.at[0].text : all[n]);
        fenp_arrays_free(&a);
        fenp_faults_free(&quiet);
    }
    fenp_delete(all);
    return found;
}

/* ---- reading back ---- */
static bool into_slot(const fenp_array *a, const fenp_slot *s) {
    int64_t n = 1;
    for (int i = 0; i < a->rank; i++) n *= a->size[i];
    if (n != s->count) return false;
    void *to = fenp_slot_data(s);
    bool wide = s->block->wide;
    for (int64_t i = 0; i < n; i++) {
        double x = a->cell == FENP_CELL_F64   ? ((const double *)a->data)[i]
                   : a->cell == FENP_CELL_F32 ? (double)((const float *)a->data)[i]
                                              : (double)((const int32_t *)a->data)[i];
        if (s->type == FEN_INTEGER) ((int32_t *)to)[i] = (int32_t)x;
        else if (wide) ((double *)to)[i] = x;
        else ((float *)to)[i] = (float)x;
    }
    return true;
}
static void read_loop(fenp_run *r, const fenp_array *a) {
    const double *x = a->data;
    if (strcmp(a->path, "/loop/uses") == 0) {
        r->uses = fenp_arena_text(&r->experiment->memory, "%s", (const char *)a->data);
        return;
    }
    fenp_draws *d = &r->draws;
    if (strncmp(a->path, "/loop/measured/", 15) == 0) {
        fenp_result *m = fenp_result_named(r, a->path + 15);
        if (!m) return;
        m->measures = a->size[0];
        m->measured = (const double *)(const void *)fenp_arena_copy(&r->experiment->memory, a->data, (size_t)a->size[0] * sizeof(double));
    } else if (strncmp(a->path, "/loop/draws/", 12) == 0) {
        fenp_counter *c = fenp_counter_of(d, a->path + 12);
        c->count = (uint64_t)x[0];
        c->counted = x[1] != 0;
        c->round = (uint64_t)x[2];
    } else if (strncmp(a->path, "/loop/files/", 12) == 0) {
        fenp_cursor *c = fenp_cursor_of(d, a->path + 12);
        c->pass = (uint64_t)x[0];
        c->next = (int64_t)x[1];
        c->at = (int64_t)x[2];
        c->passes = (int64_t)x[3];
        c->drawn = x[4] != 0;
        c->ended = x[5] != 0;
        c->round = (uint64_t)x[6];
    } else if (strcmp(a->path, "/loop/phases") == 0) {
        for (int i = 0; i < r->phases && i < a->size[0]; i++) r->phase[i].ended = (int64_t)x[i];
    } else if (strcmp(a->path, "/loop/place") == 0) {
        r->current = (int)x[0];
        r->step = (int64_t)x[1];
        r->round = (int64_t)x[2];
        r->epoch = x[3];
        r->has_best = x[4] != 0;
        r->best = x[5];
        r->stop_best = x[6];
        r->stop_waits = (int64_t)x[7];
        r->first_done = x[8] != 0;
        d->round = (uint64_t)x[9];
        r->finished = x[10] != 0;
        r->evaluated = (int64_t)x[11];
        r->evaluated_epoch = x[12];
    }
}
static bool read_one(fenp_run *r, const fenp_array *a, bool states_only) {
    const fenp_slot *s = fenp_store_find(r->experiment->store, a->path + 1);
    if (s) return into_slot(a, s);
    if (states_only) return true;
    if (strncmp(a->path, "/loop/", 6) == 0) {
        if (!r->restoring) read_loop(r, a);
        return true;
    }
    if (strncmp(a->path, "/state/", 7) == 0) {
        size_t bytes = (size_t)a->size[0] * (a->cell == FENP_CELL_F64 ? 8 : 1);
        fenp_memory *m = fenp_memory_of(&r->draws, memory_name(r, a->path + 7, bytes), bytes);
        memcpy(m->data, a->data, bytes);
        m->fresh = false;
        return true;
    }
    return strncmp(a->path, "/optimizer/", 11) == 0;
}
static bool complete(fenp_run *r, const fenp_arrays *a, const char *path) {
    const fenp_store *s = r->experiment->store;
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < s->block[i]->n; k++) {
            const char *name = s->block[i]->slot[k]->name;
            if (strncmp(name, "params/", 7) || fenp_arrays_find(a, fenp_arena_text(&r->experiment->memory, "/%s", name))) continue;
            fenp_fail(r->faults, (fenp_place){0}, "%s has no `/%s`, which the experiment needs: it belongs to another experiment", path, name);
            return false;
        }
    return true;
}
bool fenp_checkpoint_load(fenp_run *r, const char *path, fenp_faults *faults) {
    fenp_arrays a = {0};
    if (!fenp_arrays_read(path, &a, faults, (fenp_place){0})) return false;
    bool good = complete(r, &a, path);
    for (int i = 0; i < a.n && good; i++) {
        if (read_one(r, &a.at[i], false)) continue;
        fenp_fail(faults, (fenp_place){0}, "%s: `%s` does not fit the experiment (another shape, or no such name)", path, a.at[i].path);
        good = false;
    }
    fenp_arrays_free(&a);
    return good;
}

/* ---- parameters and states of another run ---- */
/* Name, type, shape, bytes: what makes these weights these. */
static void hash(fenp_sha256 *s, const fenp_array *a) {
    static const size_t bytes[] = {[FENP_CELL_F32] = 4, [FENP_CELL_F64] = 8, [FENP_CELL_I32] = 4, [FENP_CELL_I64] = 8, [FENP_CELL_U8] = 1};
    size_t n = bytes[a->cell];
    int32_t head[2] = {(int32_t)a->cell, a->rank};
    for (int i = 0; i < a->rank; i++) n *= (size_t)a->size[i];
    fenp_sha256_add(s, a->path, strlen(a->path) + 1);
    fenp_sha256_add(s, head, sizeof head);
    fenp_sha256_add(s, a->size, (size_t)a->rank * sizeof *a->size);
    fenp_sha256_add(s, a->data, n);
}
static bool load_block(fenp_run *r, fenp_sha256 *sum, const fenp_load *l, const fenp_arrays *a, const char *mine, const char *kind, const char *name) {
    const fenp_store *s = r->experiment->store;
    fenp_arena *m = &r->experiment->memory;
    size_t head = strlen(mine);
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < s->block[i]->n; k++) {
            const fenp_slot *slot = s->block[i]->slot[k];
            if (strncmp(slot->name, mine, head) || slot->name[head] != '/') continue;
            const char *path = fenp_arena_text(m, "/%s/%s%s", kind, name, slot->name + head);
            const fenp_array *there = fenp_arrays_find(a, path);
            if (there && into_slot(there, slot)) {
                hash(sum, there);
                continue;
            }
            fenp_fail(r->faults, l->at, "%s: `%s` of the run %s", l->who, path, there ? "has another shape than here" : "is not there");
            return false;
        }
    return true;
}
static bool load(fenp_run *r, const fenp_load *l) {
    fenp_arena *m = &r->experiment->memory;
    const char *path = l->best ? fenp_arena_text(m, "%s/checkpoints/best.h5", l->run) : fenp_checkpoint_newest(m, l->run, NULL);
    fenp_arrays a = {0};
    if (!path || access(path, R_OK)) {
        fenp_fail(r->faults, l->at, "run `%s` has no %s", l->run,
                  l->best ? "checkpoints/best.h5: its experiment keeps none (checkpoint: {best: METRIC})" : "checkpoint that verifies");
        return false;
    }
    fenp_sha256 sum;
    char digits[65];
    fenp_sha256_start(&sum);
    bool good = fenp_arrays_read(path, &a, r->faults, l->at) && load_block(r, &sum, l, &a, l->params, "params", l->name) &&
                (!l->state || load_block(r, &sum, l, &a, l->state, "state", l->state_name));
    fenp_sha256_finish(&sum, digits);
    r->uses = fenp_arena_text(m, "%s%s: %s#%s sha256 %s\n", r->uses ? r->uses : "", l->who, path, l->name, digits);
    fenp_arrays_free(&a);
    return good;
}
bool fenp_runs_load(fenp_run *r) {
    fenp_experiment *x = r->experiment;
    for (int i = 0; i < x->networks; i++) {
        const fenp_network *n = x->network[i];
        fenp_load l = {.run = n->run,
                       .best = n->best,
                       .name = n->run_name,
                       .state_name = n->run_state,
                       .params = n->block,
                       .state = n->copy ? NULL : n->state,
                       .who = n->definition->name,
                       .at = n->definition->at};
        if (n->run && !load(r, &l)) return false;
    }
    for (int i = 0; i < x->loads; i++)
        if (!load(r, &x->load[i])) return false;
    return true;
}
