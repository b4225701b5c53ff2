/* log/log.c: rows of the log: collected in memory, written in blocks each second or when a block is full. Of a block the values are
 * flushed first and the steps last, so a reader that sees a step sees its row. After a failed write nothing more is written: what
 * was flushed stays readable. */
#include "log/schema.h"
#include "base/io.h"
#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const double each = 1.0;               /* seconds between flushes */
static const char *const states[] = {"running", "finished", "interrupted", "failed", NULL};

/* -- Begin and end -- */

void fenp_log_drop(fenp_log *l) {
    fenp_h5_close(&l->file);
    fenp_delete(l->rows);
    fenp_delete(l->column);
    fenp_arena_free(&l->memory);
    fenp_delete(l);
}

static const char *run_of(fenp_log *l) { return fenp_arena_copy(&l->memory, l->path, (size_t)(strrchr(l->path, '/') - l->path)); }

fenp_log *fenp_log_publish(fenp_log *l) {
    fenp_h5 *h = &l->file;
    char *new_path = fenp_arena_text(&l->memory, "%s.new", l->path);
    fenp_h5_flush(h, true);
    fenp_h5_go_live(h);
    fenp_h5_flush(h, true);
    if (!h->failed) {
        int error = fenp_io.rename(new_path, l->path) < 0 ? errno : fenp_sync_folder(run_of(l));
        if (error) fenp_h5_fail(h, "cannot rename %s to %s: %s", new_path, l->path, strerror(error));
    }
    l->flushed = fenp_clock();
    if (!h->failed) return l;
    unlink(new_path);
    fenp_log_drop(l);
    return NULL;
}

fenp_log *fenp_log_new(const char *run, const fenp_series *s, int n, const fenp_note *texts, int n_texts, const fenp_note *notes, int n_notes,
                       fenp_faults *faults) {
    double now = fenp_log_now();
    int64_t step = 0;
    fenp_log *l = fenp_log_declare(run, &(fenp_declared){s, texts, notes, n, n_texts, n_notes, {&step, &now, 1}}, faults);
    return l ? fenp_log_publish(l) : NULL;
}

bool fenp_log_close(fenp_log *l, const char *status, fenp_faults *faults) {
    uint8_t value = 0;
    if (!l) return true;
    while (states[value] && strcmp(states[value], status)) value++;
    l->file.faults = faults;
    if (!states[value]) fenp_h5_fail(&l->file, "a run's status is running, finished, interrupted or failed, not \"%s\"", status);
    fenp_h5_write(&l->file, l->status, FENP_CELL_U8, 0, 1, &value);
    fenp_log_flush(l, true, faults);
    bool fine = fenp_h5_close(&l->file);
    fenp_log_drop(l);
    return fine;
}

/* -- Rows -- */

/* What a reader takes for missing. */
static void fill_missing(fenp_column *c, char *row) {
    static const float small = NAN;
    static const double real = NAN;
    size_t n = c->bytes / fenp_cell_bytes(c->cell);
    if (c->cell == FENP_CELL_F64) for (size_t i = 0; i < n; i++) memcpy(row + 8 * i, &real, 8);
    else if (c->cell == FENP_CELL_F32) for (size_t i = 0; i < n; i++) memcpy(row + 4 * i, &small, 4);
    else memset(row, c->cell == FENP_CELL_U8 ? 0 : 0xFF, c->bytes);
}

static char *row_of(const fenp_log *l, const fenp_column *c) { return c->block + (size_t)l->rows[c->rows].waiting * c->bytes; }

static bool end_row(fenp_log *l, int rows, int64_t step, double time, fenp_faults *faults) {
    fenp_rows *r = &l->rows[rows];
    if (step <= r->last) return fenp_h5_fail(&l->file, "%s: step %lld does not follow step %lld", r->path, (long long)step, (long long)r->last);
    for (int i = 0; i < l->n_columns; i++) {
        fenp_column *c = &l->column[i];
        if (c->rows != rows) continue;
        if (!c->given) fill_missing(c, row_of(l, c));
        c->given = false;
    }
    r->step[r->waiting] = r->last = step;
    r->time[r->waiting++] = time;
    if (r->waiting < r->room && fenp_clock() - l->flushed < each) return true;
    return fenp_log_flush(l, false, faults);
}

bool fenp_log_row(fenp_log *l, int series, int64_t step, const void *value, fenp_faults *faults) {
    fenp_column *c = &l->column[series];
    l->file.faults = faults;
    if (l->file.failed) return false;
    memcpy(row_of(l, c), value, c->bytes);
    c->given = true;
    return fenp_live_shared(l->rows[c->rows].group) || end_row(l, c->rows, step, 0, faults);
}

bool fenp_log_time(fenp_log *l, const char *group, int64_t step, double wall_time, fenp_faults *faults) {
    l->file.faults = faults;
    if (l->file.failed) return false;
    for (int i = 0; i < l->n_rows; i++)
        if (!strcmp(l->rows[i].group, group) && fenp_live_shared(group)) return end_row(l, i, step, wall_time, faults);
    return true;
}

/* -- Blocks -- */

static void write_values(fenp_log *l) {
    for (int i = 0; i < l->n_columns; i++) {
        const fenp_column *c = &l->column[i];
        const fenp_rows *r = &l->rows[c->rows];
        if (r->waiting) fenp_h5_write(&l->file, c->id, c->cell, r->n, r->waiting, c->block);
    }
    for (int i = 0; i < l->n_rows; i++) {
        const fenp_rows *r = &l->rows[i];
        if (r->waiting && r->time_id) fenp_h5_write(&l->file, r->time_id, FENP_CELL_F64, r->n, r->waiting, r->time);
    }
}

/* Values of the row that is being filled move to the front. */
static void write_steps(fenp_log *l) {
    for (int i = 0; i < l->n_columns; i++) {
        fenp_column *c = &l->column[i];
        if (c->given && l->rows[c->rows].waiting) memmove(c->block, row_of(l, c), c->bytes);
    }
    for (int i = 0; i < l->n_rows; i++) {
        fenp_rows *r = &l->rows[i];
        if (r->waiting) fenp_h5_write(&l->file, r->step_id, FENP_CELL_I64, r->n, r->waiting, r->step);
        r->n += r->waiting;
        r->waiting = 0;
    }
}

bool fenp_log_flush(fenp_log *l, bool sync, fenp_faults *faults) {
    double now = fenp_log_now();
    l->file.faults = faults;
    if (l->file.failed) return false;
    write_values(l);
    fenp_h5_flush(&l->file, false);
    write_steps(l);
    fenp_h5_write(&l->file, l->heartbeat, FENP_CELL_F64, 0, 1, &now);
    fenp_h5_flush(&l->file, sync);
    l->flushed = fenp_clock();
    return !l->file.failed;
}
