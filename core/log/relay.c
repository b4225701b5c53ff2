/* log/relay.c: a run goes on in a new file with the rows that its checkpoint knows, which is renamed over the old one. Reopening the old one
 * would fail while any reader holds it, and after a kill it is marked as being written. Old readers keep the old file. */
#include "log/schema.h"
#include <string.h>

enum { BLOCK = 1 << 20 };

static int64_t rows_until(fenp_h5 *old, fenp_rows *r, int64_t last) {
    int64_t *step, n = fenp_live_steps(old, r->path, &step);
    while (n && step[n - 1] > last) n--;
    if (n) r->last = step[n - 1];
    fenp_delete(step);
    return n;
}

/* In blocks of 1 MiB, as pictures may be many. What the old one lacks stays missing. */
static void copy(fenp_h5 *h, fenp_h5 *old, const char *path, int64_t id, fenp_cell cell, size_t bytes, int64_t rows) {
    fenp_h5_form now, was;
    int64_t from = fenp_h5_find(old, path), most = bytes < BLOCK ? (int64_t)(BLOCK / bytes) : 1;
    fenp_h5_extend(h, id, rows);
    if (from < 0 || !fenp_h5_form_of(old, from, &was) || !fenp_h5_form_of(h, id, &now)) return;
    bool same = was.cell == now.cell && was.rank == now.rank && !memcmp(was.size + 1, now.size + 1, sizeof now.size - sizeof *now.size);
    if (!same) {
        fenp_h5_fail(h, "%s cannot be continued: %s has another shape there; begin a new run", old->path, path);
        return;
    }
    if (was.size[0] < rows) rows = was.size[0];
    char *block = fenp_new((size_t)most * bytes);
    for (int64_t i = 0; i < rows && !h->failed && !old->failed; i += most) {
        int64_t n = rows - i < most ? rows - i : most;
        fenp_h5_read(old, from, cell, i, n, block);
        fenp_h5_write(h, id, cell, i, n, block);
    }
    fenp_delete(block);
}

static void copy_all(fenp_log *l, fenp_h5 *old, int64_t last, int64_t measured) {
    for (int i = 0; i < l->n_rows; i++) {
        fenp_rows *r = &l->rows[i];
        r->n = rows_until(old, r, strcmp(r->group, "train") ? measured : last);
        if (r->time_id) copy(&l->file, old, fenp_arena_text(&l->memory, "/%s/wall_time", r->group), r->time_id, FENP_CELL_F64, 8, r->n);
    }
    for (int i = 0; i < l->n_columns; i++) {
        const fenp_column *c = &l->column[i];
        copy(&l->file, old, c->path, c->id, c->cell, c->bytes, l->rows[c->rows].n);
    }
    for (int i = 0; i < l->n_rows; i++) copy(&l->file, old, l->rows[i].path, l->rows[i].step_id, FENP_CELL_I64, 8, l->rows[i].n);
}

static fenp_segments segments_of(fenp_h5 *old, fenp_arena *a, int64_t last) {
    fenp_h5_form f;
    int64_t step = fenp_h5_find(old, "/run/segment_start_step"), time = fenp_h5_find(old, "/run/segment_time"), n = 0;
    if (step >= 0 && time >= 0 && fenp_h5_form_of(old, step, &f) && f.rank == 1 && f.size[0] < 1 << 20) n = f.size[0];
    fenp_segments s = {fenp_arena_new(a, (size_t)(n + 1) * 8), fenp_arena_new(a, (size_t)(n + 1) * 8), (int)n + 1};
    fenp_h5_read(old, step, FENP_CELL_I64, 0, n, s.step);
    fenp_h5_read(old, time, FENP_CELL_F64, 0, n, s.time);
    s.step[n] = last;
    s.time[n] = fenp_log_now();
    return s;
}

fenp_log *fenp_log_continue(const char *run, const fenp_series *s, int n, const fenp_note *texts, int n_texts, const fenp_note *notes, int n_notes,
                            int64_t last, int64_t measured, fenp_faults *faults) {
    fenp_h5 old;
    fenp_arena a = {NULL};
    fenp_log *l = NULL;
    if (fenp_live_open(&old, run, faults)) {
        fenp_declared d = {s, texts, notes, n, n_texts, n_notes, segments_of(&old, &a, last)};
        if (!old.failed) l = fenp_log_declare(run, &d, faults);
    }
    if (l) {
        copy_all(l, &old, last, measured);
        l->file.failed |= old.failed;
        l = fenp_log_publish(l);
    }
    fenp_h5_close(&old);
    fenp_arena_free(&a);
    return l;
}
