/* log/csv.c: the numbers of a log as CSV files: <group>.csv has a row a step and a column a series; <group>-<series>.csv has a row an entry of a
 * value with axes: step, a column an axis (its coordinate), the value. series.csv says of each column its file, unit and meaning.
 * Numbers are written with as few digits as read back the same; what is missing is empty. Pictures stay out. */
#include "base/io.h"
#include "log/live.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 20, FULL = 1 << 16 };
typedef struct sheets { fenp_h5 h; fenp_arena memory; const char *to; fenp_text *made, about; fenp_faults *faults; bool failed; } sheets;
typedef struct table { fenp_writer file; fenp_text text; const char *path; int64_t rows; } table;

/* -- Cells -- */

static void add_number(fenp_text *t, double x, bool single) {
    char text[40] = "";
    if (isinf(x)) strcpy(text, x < 0 ? "-inf" : "inf");
    for (int digits = single ? 6 : 15; isfinite(x) && digits < 18; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (single ? strtof(text, NULL) == (float)x : strtod(text, NULL) == x) break;
    }
    fenp_text_add(t, "%s", text);
}

/* -- Files -- */

static table begin(sheets *s, const char *name) {
    table t = {.path = fenp_arena_text(&s->memory, "%s/%s.csv", s->to, name)};
    fenp_writer_begin(&t.file, t.path);
    return t;
}
static void pour(table *t) {
    if (t->text.n) fenp_writer_add(&t->file, t->text.at, t->text.n);
    t->text.n = 0;
}
static void end_row(table *t) {
    fenp_text_add(&t->text, "\n");
    t->rows++;
    if (t->text.n > FULL) pour(t);
}
static void end(sheets *s, table *t) {
    pour(t);
    if (!fenp_writer_end(&t->file, !s->h.failed, s->faults)) s->failed = true;
    else fenp_text_add(s->made, "%s: %lld rows\n", t->path, (long long)t->rows - 1);
    fenp_text_free(&t->text);
}

static void describe(sheets *s, const char *file, const fenp_seen *x) {
    char unit[64] = "", about[512] = "";
    fenp_h5_read_note(&s->h, x->path, "units", unit, sizeof unit);
    fenp_h5_read_note(&s->h, x->path, "long_name", about, sizeof about);
    const char *const cells[] = {file, x->name, unit, about};
    for (int i = 0; i < 4; i++) {
        if (i) fenp_text_add(&s->about, ",");
        fenp_text_cell(&s->about, cells[i]);
    }
    fenp_text_add(&s->about, "\n");
}

/* -- The numbers of a group -- */

static void group_table(sheets *s, const char *group, const fenp_seen *x, int n) {
    table t = begin(s, group);
    double **column = fenp_new((size_t)n * sizeof *column);
    const fenp_seen *first = NULL;
    fenp_text_add(&t.text, "step");
    for (int i = 0; i < n; i++) {
        if (x[i].form.rank != 1) continue;
        if (!first) first = &x[i];
        column[i] = fenp_new(fenp_product((size_t)x[i].rows, sizeof **column));
        fenp_h5_read(&s->h, x[i].id, FENP_CELL_F64, 0, x[i].rows, column[i]);
        fenp_text_add(&t.text, ",");
        fenp_text_cell(&t.text, x[i].name);
        describe(s, group, &x[i]);
    }
    end_row(&t);
    for (int64_t k = 0; first && k < first->rows && !s->h.failed; k++) {
        fenp_text_add(&t.text, "%lld", (long long)first->step[k]);
        for (int i = 0; i < n; i++) {
            if (!column[i]) continue;
            fenp_text_add(&t.text, ",");
            add_number(&t.text, column[i][k], x[i].form.cell == FENP_CELL_F32);
        }
        end_row(&t);
    }
    for (int i = 0; i < n; i++) fenp_delete(column[i]);
    fenp_delete(column);
    end(s, &t);
}

/* -- A value with axes -- */

typedef struct axes { const char *name[FENP_H5_RANK]; const double *coordinate[FENP_H5_RANK]; } axes;

static axes axes_of(sheets *s, const fenp_seen *x) {
    axes a = {.name = {NULL}};
    for (int i = 1; i < x->form.rank; i++) {
        fenp_h5_form f;
        const char *path = fenp_h5_scale_of(&s->h, &s->memory, x->id, i);
        int64_t d = path ? fenp_h5_find(&s->h, path) : -1;
        a.name[i] = path ? strrchr(path, '/') + 1 : fenp_arena_text(&s->memory, "axis_%d", i);
        if (d < 0 || !fenp_h5_form_of(&s->h, d, &f) || f.rank != 1 || f.size[0] != x->form.size[i]) continue;
        double *c = fenp_arena_new(&s->memory, fenp_product((size_t)f.size[0], sizeof *c));
        fenp_h5_read(&s->h, d, FENP_CELL_F64, 0, f.size[0], c);
        a.coordinate[i] = c;
    }
    return a;
}

static void add_entry(table *t, const fenp_seen *x, const axes *a, int64_t row, int64_t entry, double value) {
    int64_t at[FENP_H5_RANK];
    for (int i = x->form.rank - 1; i > 0; entry /= x->form.size[i], i--) at[i] = entry % x->form.size[i];
    fenp_text_add(&t->text, "%lld", (long long)x->step[row]);
    for (int i = 1; i < x->form.rank; i++) {
        fenp_text_add(&t->text, ",");
        add_number(&t->text, a->coordinate[i] ? a->coordinate[i][at[i]] : (double)at[i], false);
    }
    fenp_text_add(&t->text, ",");
    add_number(&t->text, value, x->form.cell == FENP_CELL_F32);
    end_row(t);
}

static void value_table(sheets *s, const char *group, const fenp_seen *x) {
    const char *name = fenp_arena_text(&s->memory, "%s-%s", group, x->name);
    axes a = axes_of(s, x);
    table t = begin(s, name);
    int64_t entries = 1;
    for (int i = 1; i < x->form.rank; i++) entries *= x->form.size[i];
    int64_t most = entries < BLOCK ? BLOCK / entries : 1;
    double *block = fenp_new(fenp_product((size_t)(most * entries), sizeof *block));
    describe(s, name, x);
    fenp_text_add(&t.text, "step");
    for (int i = 1; i < x->form.rank; i++) {
        fenp_text_add(&t.text, ",");
        fenp_text_cell(&t.text, a.name[i]);
    }
    fenp_text_add(&t.text, ",");
    fenp_text_cell(&t.text, x->name);
    end_row(&t);
    for (int64_t i = 0; i < x->rows && !s->h.failed; i += most) {
        int64_t n = x->rows - i < most ? x->rows - i : most;
        fenp_h5_read(&s->h, x->id, FENP_CELL_F64, i, n, block);
        for (int64_t k = 0; k < n * entries && !s->h.failed; k++) add_entry(&t, x, &a, i + k / entries, k % entries, block[k]);
    }
    fenp_delete(block);
    end(s, &t);
}

/* -- All -- */

static void add_group(sheets *s, const char *group) {
    int n;
    const fenp_seen *x = fenp_live_series(&s->h, &s->memory, group, &n);
    if (fenp_live_shared(group) && n) group_table(s, group, x, n);
    for (int i = 0; i < n && !s->h.failed && !s->failed; i++) {
        if (x[i].form.cell == FENP_CELL_U8) fenp_text_add(s->made, "(pictures %s stay out: --npz has them)\n", x[i].name);
        else if (x[i].form.rank > 1 || !fenp_live_shared(group)) value_table(s, group, &x[i]);
    }
}

bool fenp_log_export_csv(const char *run, const char *to, fenp_text *made, fenp_faults *faults) {
    sheets s = {.memory = {NULL}, .to = to, .made = made, .faults = faults};
    if (fenp_live_open(&s.h, run, faults)) s.failed = !fenp_folder(to, faults);
    fenp_text_add(&s.about, "file,column,unit,about\n");
    for (int i = 0; fenp_log_groups[i] && !s.h.failed && !s.failed; i++) add_group(&s, fenp_log_groups[i]);
    if (!s.h.failed && !s.failed) s.failed = !fenp_replace(fenp_arena_text(&s.memory, "%s/series.csv", to), s.about.at, s.about.n, faults);
    fenp_text_free(&s.about);
    fenp_arena_free(&s.memory);
    return fenp_h5_close(&s.h) && !s.failed;
}
