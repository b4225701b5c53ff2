/* log/schema.c: all that a log ever has, made before its first row: under SWMR nothing can be made any more.
 * Each axis of each dataset has a dimension scale: of `batch` one for all series of a group that agree on its size and coordinates; a
 * series that does not, or whose name it bears, gets one named <series>_<axis>. */
#include "log/schema.h"
#include <math.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 256, CHUNK = 16 << 10, WAITING = 1 << 20 };

typedef struct axis { const char *path; int64_t size, id; const double *coordinate; } axis;
typedef struct maker { fenp_log *log; const fenp_declared *given; fenp_h5 *h; fenp_arena *memory; axis *axis; int n; } maker;

double fenp_log_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* -- Datasets -- */

static void describe(fenp_h5 *h, const char *path, const char *unit, const char *about) {
    fenp_h5_note(h, path, "units", unit && *unit ? unit : "1");
    if (about && *about) fenp_h5_note(h, path, "long_name", about);
}

static int64_t vector(fenp_h5 *h, const char *path, fenp_cell cell, int64_t n, const void *value) {
    int64_t d = fenp_h5_dataset(h, path, &(fenp_h5_form){.cell = cell, .rank = 1, .size = {n}});
    fenp_h5_write(h, d, cell, 0, n, value);
    return d;
}

static int64_t number(fenp_h5 *h, const char *path, fenp_cell cell, const void *value) {
    int64_t d = fenp_h5_dataset(h, path, &(fenp_h5_form){.cell = cell});
    fenp_h5_write(h, d, cell, 0, 1, value);
    return d;
}

static int64_t growing(fenp_h5 *h, const char *path, fenp_cell cell) {
    return fenp_h5_dataset(h, path, &(fenp_h5_form){.cell = cell, .rank = 1, .chunk = {BLOCK}, .grows = true});
}

static void say_missing(fenp_h5 *h, const char *path, fenp_cell cell) {
    const double real = NAN;
    const float small = NAN;
    if (cell == FENP_CELL_F64) fenp_h5_numbers(h, path, "_FillValue", cell, &real, 1);
    if (cell == FENP_CELL_F32) fenp_h5_numbers(h, path, "_FillValue", cell, &small, 1);
}

/* -- Axes -- */

/* Whether /group has or will have a dataset of this name that is no axis. */
static bool is_taken(const maker *m, const char *group, const char *name) {
    if (!strcmp(name, "step") || !strcmp(name, "wall_time")) return true;
    size_t n = strlen(name);
    for (int i = 0; i < m->given->n_series; i++) {
        const fenp_series *s = &m->given->series[i];
        size_t k = strlen(s->name);
        if (strcmp(s->group, group)) continue;
        if (!strncmp(name, s->name, k) && (n == k || (!fenp_live_shared(group) && !strcmp(name + k, "_step")))) return true;
    }
    return false;
}

static bool same_axis(const axis *a, const fenp_dimension *d) {
    if (a->size != d->size || (a->coordinate != NULL) != (d->coordinate != NULL)) return false;
    return !d->coordinate || !memcmp(a->coordinate, d->coordinate, (size_t)d->size * sizeof *d->coordinate);
}

static const axis *find_axis(const maker *m, const char *path) {
    for (int i = 0; i < m->n; i++)
        if (!strcmp(m->axis[i].path, path)) return &m->axis[i];
    return NULL;
}

static int64_t make_axis(maker *m, const char *path, const char *name, const fenp_dimension *d) {
    int64_t id;
    if (d->coordinate) id = vector(m->h, path, FENP_CELL_F64, d->size, d->coordinate);
    else {
        int64_t *index = fenp_new(fenp_product((size_t)d->size, sizeof *index));
        for (int64_t i = 0; i < d->size; i++) index[i] = i;
        id = vector(m->h, path, FENP_CELL_I64, d->size, index);
        fenp_delete(index);
    }
    fenp_h5_scale(m->h, id, name);
    m->axis = fenp_more(m->axis, m->n, sizeof *m->axis);
    m->axis[m->n++] = (axis){path, d->size, id, d->coordinate};
    return id;
}

/* Twice an axis of one name within one value gets two scales: netCDF's readers want the names of a variable's axes to differ. */
static int64_t axis_of(maker *m, const fenp_series *s, int k) {
    const char *name = s->dimension[k].name;
    int same = 0;
    for (int i = 0; i < k; i++) same += !strcmp(s->dimension[i].name, name);
    if (same) name = fenp_arena_text(m->memory, "%s_%d", name, same + 1);
    for (int tries = 0; ; tries++) {
        const char *path = fenp_arena_text(m->memory, "/%s/%s", s->group, name);
        const axis *a = find_axis(m, path);
        if (a && same_axis(a, &s->dimension[k])) return a->id;
        if (!a && !is_taken(m, s->group, name)) return make_axis(m, path, name, &s->dimension[k]);
        name = tries ? fenp_arena_text(m->memory, "%s_", name) : fenp_arena_text(m->memory, "%s_%s", s->name, name);
    }
}

/* -- Series -- */

static int rows_of(maker *m, const char *group, const char *name) {
    fenp_log *l = m->log;
    char *path = fenp_live_scale(m->memory, group, name);
    for (int i = 0; i < l->n_rows; i++)
        if (!strcmp(l->rows[i].path, path)) return i;
    fenp_rows r = {.path = path, .group = fenp_arena_copy(m->memory, group, strlen(group)), .room = BLOCK, .last = -1};
    r.step_id = growing(m->h, path, FENP_CELL_I64);
    fenp_h5_scale(m->h, r.step_id, strrchr(path, '/') + 1);
    describe(m->h, path, "1", "rounds since the run began");
    if (fenp_live_shared(group)) {
        const char *time = fenp_arena_text(m->memory, "/%s/wall_time", group);
        r.time_id = growing(m->h, time, FENP_CELL_F64);
        fenp_h5_attach(m->h, r.time_id, 0, r.step_id);
        describe(m->h, time, "seconds since 1970-01-01 00:00:00", "time of day when the row was made");
    }
    l->rows = fenp_more(l->rows, l->n_rows, sizeof *l->rows);
    l->rows[l->n_rows++] = r;
    return l->n_rows - 1;
}

/* Numbers: a chunk has 256 rows, less where a row is large. Bytes are pictures: one event a chunk, compressed; each is written once. */
static fenp_h5_form form_of(const fenp_series *s, size_t bytes) {
    bool picture = s->cell == FENP_CELL_U8;
    int64_t rows = bytes * BLOCK > CHUNK ? (int64_t)(CHUNK / bytes) : BLOCK;
    fenp_h5_form f = {.cell = s->cell, .rank = s->rank + 1, .grows = true, .gzip = picture ? 4 : 0};
    f.chunk[0] = picture || rows < 1 ? 1 : rows;
    for (int i = 0; i < s->rank; i++) f.size[i + 1] = f.chunk[i + 1] = s->dimension[i].size;
    fenp_h5_cut(&f, 1);
    return f;
}

static bool refuse(fenp_h5 *h, const fenp_series *s) {
    if (s->cell == FENP_CELL_TEXT || s->rank < 0 || s->rank > 8 || !*s->name || strchr(s->name, '/') || !strcmp(s->name, "."))
        return !fenp_h5_fail(h, "the log cannot have a series \"%s\" in group %s: needed are a name without \"/\", numbers, and at most 8 axes",
                             s->name, s->group);
    for (int i = 0; i < s->rank; i++)
        if (s->dimension[i].size < 1 || !s->dimension[i].name || strchr(s->dimension[i].name, '/'))
            return !fenp_h5_fail(h, "axis %d of the series %s/%s has no name or no size", i, s->group, s->name);
    return false;
}

static void make_series(maker *m, const fenp_series *s) {
    if (m->h->failed || refuse(m->h, s)) return;
    fenp_column c = {.rows = rows_of(m, s->group, s->name), .cell = s->cell, .bytes = fenp_cell_bytes(s->cell)};
    fenp_rows *r = &m->log->rows[c.rows];
    for (int i = 0; i < s->rank; i++) c.bytes = fenp_product(c.bytes, (size_t)s->dimension[i].size);
    c.path = fenp_arena_text(m->memory, "/%s/%s", s->group, s->name);
    fenp_h5_form form = form_of(s, c.bytes);
    c.id = fenp_h5_dataset(m->h, c.path, &form);
    fenp_h5_attach(m->h, c.id, 0, r->step_id);
    for (int i = 0; i < s->rank; i++) fenp_h5_attach(m->h, c.id, i + 1, axis_of(m, s, i));
    describe(m->h, c.path, s->unit, s->about);
    say_missing(m->h, c.path, s->cell);
    for (int i = 0; i < s->notes; i++) fenp_h5_note(m->h, c.path, s->note[i].name, s->note[i].value);
    int64_t most = (int64_t)(WAITING / c.bytes);
    if (most < r->room) r->room = most < 1 ? 1 : most;
    m->log->column[m->log->n_columns++] = c;
}

static void make_blocks(fenp_log *l) {
    for (int i = 0; i < l->n_rows; i++) {
        l->rows[i].step = fenp_arena_new(&l->memory, fenp_product((size_t)l->rows[i].room, sizeof(int64_t)));
        l->rows[i].time = fenp_arena_new(&l->memory, fenp_product((size_t)l->rows[i].room, sizeof(double)));
    }
    for (int i = 0; i < l->n_columns; i++)
        l->column[i].block = fenp_arena_new(&l->memory, fenp_product((size_t)l->rows[l->column[i].rows].room, l->column[i].bytes));
}

/* NeXus' words by which viewers plot a group on opening it: the first number of each group, the others beside it. */
static void make_plot(maker *m, const char *group) {
    const char *axes[] = {"step"}, *path = fenp_arena_text(m->memory, "/%s", group);
    const char **other = fenp_arena_new(m->memory, (size_t)m->given->n_series * sizeof *other + 1);
    int n = 0;
    for (int i = 0; i < m->given->n_series; i++)
        if (!strcmp(m->given->series[i].group, group) && m->given->series[i].rank == 0) other[n++] = m->given->series[i].name;
    if (!n) return;
    fenp_h5_note(m->h, path, "NX_class", "NXdata");
    fenp_h5_note(m->h, path, "signal", other[0]);
    fenp_h5_notes(m->h, path, "axes", axes, 1);
    fenp_h5_notes(m->h, path, "auxiliary_signals", other + 1, n - 1);
}

/* -- The file -- */

static void make_root(maker *m) {
    static const fenp_note fixed[] = {{"Conventions", "CF-1.8"}, {"fenchel_schema", "fenchel-log/1"}, {"NX_class", "NXroot"}, {"default", "train"}};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) fenp_h5_note(m->h, "/", fixed[i].name, fixed[i].value);
    for (int i = 0; i < m->given->n_notes; i++) fenp_h5_note(m->h, "/", m->given->note[i].name, m->given->note[i].value);
    fenp_h5_group(m->h, "/run");
    for (int i = 0; fenp_log_groups[i]; i++) fenp_h5_group(m->h, fenp_arena_text(m->memory, "/%s", fenp_log_groups[i]));
    rows_of(m, "train", "");
    rows_of(m, "evaluate", "");
}

static void make_run(maker *m) {
    static const uint8_t running = 0, values[] = {0, 1, 2, 3};
    const fenp_segments *s = &m->given->segments;
    int64_t *index = fenp_arena_new(m->memory, (size_t)s->n * sizeof *index);
    double now = fenp_log_now();
    for (int i = 0; i < s->n; i++) index[i] = i;
    for (int i = 0; i < m->given->n_texts; i++)
        fenp_h5_text(m->h, fenp_arena_text(m->memory, "/run/%s", m->given->text[i].name), m->given->text[i].value);
    int64_t segment = vector(m->h, "/run/segment", FENP_CELL_I64, s->n, index);
    fenp_h5_scale(m->h, segment, "segment");
    fenp_h5_attach(m->h, vector(m->h, "/run/segment_start_step", FENP_CELL_I64, s->n, s->step), 0, segment);
    fenp_h5_attach(m->h, vector(m->h, "/run/segment_time", FENP_CELL_F64, s->n, s->time), 0, segment);
    describe(m->h, "/run/segment", "1", "processes that wrote this log");
    describe(m->h, "/run/segment_start_step", "1", "step at which the process began");
    describe(m->h, "/run/segment_time", "seconds since 1970-01-01 00:00:00", "time of day when the process began");
    m->log->status = number(m->h, "/run/status", FENP_CELL_U8, &running);
    m->log->heartbeat = number(m->h, "/run/heartbeat", FENP_CELL_F64, &now);
    fenp_h5_numbers(m->h, "/run/status", "flag_values", FENP_CELL_U8, values, 4);
    fenp_h5_note(m->h, "/run/status", "flag_meanings", "running finished interrupted failed");
    describe(m->h, "/run/heartbeat", "seconds since 1970-01-01 00:00:00", "time of day of the last flush");
}

static bool is_group(const char *name) {
    for (int i = 0; fenp_log_groups[i]; i++)
        if (!strcmp(fenp_log_groups[i], name)) return true;
    return false;
}

fenp_log *fenp_log_declare(const char *run, const fenp_declared *d, fenp_faults *faults) {
    fenp_log *l = fenp_new(sizeof *l);
    maker m = {.log = l, .given = d, .h = &l->file, .memory = &l->memory};
    l->path = fenp_arena_text(&l->memory, "%s/log.h5", run);
    l->column = fenp_new(fenp_product((size_t)d->n_series, sizeof *l->column));
    const char *path = fenp_arena_text(&l->memory, "%s.new", l->path);
    remove(path);
    if (fenp_h5_make(&l->file, path, FENP_H5_LIVE, faults)) make_root(&m);
    for (int i = 0; i < d->n_series; i++) {
        if (!is_group(d->series[i].group)) fenp_h5_fail(&l->file, "the log has no group \"%s\" for %s", d->series[i].group, d->series[i].name);
        make_series(&m, &d->series[i]);
    }
    for (int i = 0; fenp_log_groups[i] && fenp_live_shared(fenp_log_groups[i]); i++) make_plot(&m, fenp_log_groups[i]);
    make_run(&m);
    make_blocks(l);
    fenp_delete(m.axis);
    if (!l->file.failed) return l;
    fenp_log_drop(l);
    return NULL;
}
