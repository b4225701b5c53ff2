/* picture.c: `log`: images and tensors of the evaluation's draw 0, in the log and as PNG files in the run's folder (DECISIONS 19.8). */
#include "train/evaluate.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

static const fenp_item *field(const fenp_item *m, const char *key) {
    const fenp_item *i = m ? fenp_item_get(m, key) : NULL;
    return i && i->sort != FENP_NULL ? i : NULL;
}

/* ---- reading ---- */
static void read_one(fenp_run *r, fenp_shown_value *s, const char *name, const fenp_item *item, fenp_place at, bool image) {
    static const char *const image_keys[] = {"value", "range", "rows", "columns", "examples", "every", NULL}, *const tensor_keys[] = {"value",
                                                                                                                                      "every", NULL};
    bool long_form = item->sort == FENP_MAPPING && fenp_item_get(item, "value");
    *s = (fenp_shown_value){.name = name, .item = item, .value = item, .image = image, .at = at, .series = -1};
    if (!fenp_is_name(name)) fenp_fail(r->faults, at, "`%s` is no name: [a-z][a-z0-9_]*", name);
    if (!long_form) return;
    fenp_check_keys(r->experiment, item, image ? "an image" : "a tensor", image ? image_keys : tensor_keys);
    s->value = fenp_item_get(item, "value");
    s->range = field(item, "range");
    s->rows = field(item, "rows");
    s->columns = field(item, "columns");
    s->examples = field(item, "examples");
    s->every = field(item, "every");
    if (s->range && (s->range->sort != FENP_LIST || s->range->n != 2))
        fenp_fail(r->faults, s->range->at, "range: given %s; needs the values of black and white, such as [0, 1]",
                  s->range->text ? s->range->text : fenp_sort_name[s->range->sort]);
    const fenp_item *axis[2] = {s->rows, s->columns};
    for (int k = 0; k < 2; k++) {
        const fenp_definition *d = axis[k] && axis[k]->text ? fenp_lookup(r->experiment->space->scope, axis[k]->text) : NULL;
        if (axis[k] && (!d || d->meaning != FENP_AN_AXIS))
            fenp_fail(r->faults, axis[k]->at, "%s: `%s` is no axis of this file", k ? "columns" : "rows",
                      axis[k]->text ? axis[k]->text : fenp_sort_name[axis[k]->sort]);
    }
    if (s->every) s->periodic = fenp_every_read(r, s->every, &s->period);
}
bool fenp_shown_read(fenp_run *r) {
    static const char *const keys[] = {"every", "images", "tensors", NULL};
    const fenp_item *log = field(r->experiment->root, "log");
    fenp_evaluation *e = r->evaluation;
    if (!log) return true;
    if (log->sort != FENP_MAPPING) {
        fenp_fail(r->faults, log->at, "log: given %s; needs {images, tensors}", fenp_sort_name[log->sort]);
        return false;
    }
    fenp_check_keys(r->experiment, log, "log", keys);
    if (field(log, "every")) e->shown_periodic = fenp_every_read(r, field(log, "every"), &e->shown_every);
    int n = 0;
    for (int k = 0; k < 2; k++) {
        const fenp_item *m = field(log, k ? "tensors" : "images");
        n += m && m->sort == FENP_MAPPING ? m->n : 0;
    }
    e->shown = fenp_arena_new(&r->experiment->memory, (size_t)n * sizeof *e->shown + 1);
    for (int k = 0; k < 2; k++) {
        const fenp_item *m = field(log, k ? "tensors" : "images");
        if (m && m->sort != FENP_MAPPING) {
            fenp_fail(r->faults, m->at, "%s: given %s; needs {name: expression}", k ? "tensors" : "images", fenp_sort_name[m->sort]);
            continue;
        }
        for (int i = 0; m && i < m->n; i++) {
            fenp_shown_value *s = &e->shown[e->count++];
            read_one(r, s, m->key[i], m->item[i], m->key_at[i], k == 0);
            if (!s->periodic && e->shown_periodic) {
                s->period = e->shown_every;
                s->periodic = true;
            }
        }
    }
    return true;
}

/* ---- building ---- */
/* At most `examples` entries of the batch are shown. */
static fen_node *cut_batch(const fenp_context *c, fenp_shown_value *s, fen_node *x) {
    int p = fenp_lead_of(&x->shape, FEN_BATCH);
    int64_t most = 64;
    if (!s->image || p < 0) return x;
    if (s->examples && fenp_whole_of(c, s->examples, &most) && most < 1)
        fenp_wrong(c, s->examples->at, "examples: given %lld; needs at least 1", (long long)most);
    return most < x->shape.size[p] && most > 0 ? fenp_slice_at(c->build->b, x, p, 0, 1, most) : x;
}
/* Black and white. */
static bool read_range(const fenp_context *c, fenp_shown_value *s) {
    s->black = 0;
    s->white = 1;
    if (!s->range || s->range->sort != FENP_LIST || s->range->n != 2) return true;
    if (!fenp_number_of(c, s->range->item[0], &s->black) || !fenp_number_of(c, s->range->item[1], &s->white)) return false;
    if (s->black != s->white) return true;
    fenp_wrong(c, s->range->at, "range: black and white are both %g; needs two numbers", s->black);
    return false;
}
static bool build_one(const fenp_context *c, fenp_shown_value *s) {
    if (!read_range(c, s)) return false;
    fenp_entry(c->build, "%s.%s", s->image ? "images" : "tensors", s->name);
    fenp_value *v = fenp_evaluate_text(c, s->value);
    if (fenp_is_fault(c->build, v)) return false;
    fen_node *x = fenp_tensor(c, v, s->value->at);
    if (fenp_is_faulty(c->build->b, x)) return false;
    int features = x->shape.rank - x->shape.leads;
    int64_t channels = fen_feature(x, -1);
    if (s->image && (features != 3 || (channels != 1 && channels != 3))) {
        fenp_wrong(c, s->value->at, "image `%s` is %s; needs [height, width, channel] with 1 or 3 channels", s->name,
                   fenp_shape_text(c->build->b, x->shape, (char[160]){0}));
        return false;
    }
    s->node = cut_batch(c, s, x);
    s->shape = fen_shape_of(s->node);
    s->unit = v->unit;
    return true;
}
bool fenp_shown_build(fenp_run *r, fenp_build *u, bool declaring) {
    fenp_evaluation *e = r->evaluation;
    fenp_experiment *x = r->experiment;
    if (!e->count) return true;
    if (!u) u = e->shown_build = fenp_build_new(x, FEN_EVALUATE, x->doubles);
    fenp_scope *s = x->space->scope;
    for (int i = 0; i < x->networks; i++) x->network[i]->updated = false;
    u->final |= !declaring;
    fenp_context c = {u, s, fenp_world_with(u, u->world, e->with, s)};
    fenp_enter(u, c.world);
    bool good = true;
    for (int i = 0; i < e->count; i++) good &= build_one(&c, &e->shown[i]);
    fenp_enter(u, u->world);
    if (declaring || !good) return good;
    fenp_chains_build(u);
    fenp_target *t = fenp_new((size_t)e->count * sizeof *t);
    for (int i = 0; i < e->count; i++) t[i].node = e->shown[i].node;
    e->shown_task.build = u;
    e->shown_task.program = fenp_compiled(r, u->b, t, e->count, -1);
    fenp_delete(t);
    if (e->shown_task.program) e->shown_chains = fenp_chained(r, &e->shown_task);
    return e->shown_chains != NULL;
}

/* ---- pictures ---- */
static const char *picture_path(fenp_run *r, const fenp_shown_value *s) {
    return fenp_arena_text(&r->experiment->memory, "%s/images/%s-%06lld.png", r->folder, s->name, (long long)r->round);
}
static int position(fenp_run *r, const fenp_shown_value *s, const fenp_item *axis) {
    fenp_definition *d = axis && axis->text ? fenp_lookup(r->experiment->space->scope, axis->text) : NULL;
    return d && d->meaning == FENP_AN_AXIS ? fenp_lead_of(&s->shape, d->axis) : -1;
}
/* Images in reading order of the sheet: rows, then columns; other axes before them. */
static uint8_t *arranged(fenp_run *r, const fenp_shown_value *s, const uint8_t *bytes, int *columns, int64_t *count) {
    const fen_shape *f = &s->shape;
    int row = position(r, s, s->rows), column = position(r, s, s->columns), order[FEN_MAX_RANK], n = 0;
    int64_t image = fen_row_size(f), stride[FEN_MAX_RANK], at[FEN_MAX_RANK] = {0};
    *count = fen_rows(f);
    *columns = column >= 0 ? (int)f->size[column] : row >= 0 ? (int)(*count / f->size[row]) : 0;
    for (int p = 0; p < f->leads; p++)
        if (p != row && p != column) order[n++] = p;
    if (row >= 0 && column < 0) {
        memmove(order + 1, order, (size_t)n * sizeof *order);
        order[0] = row;
        n++;
    } else if (row >= 0) order[n++] = row;
    if (column >= 0) order[n++] = column;
    for (int p = f->leads - 1, k = 1; p >= 0; p--) {
        stride[p] = k;
        k *= (int)f->size[p];
    }
    uint8_t *out = fenp_new((size_t)(*count * image) + 1);
    for (int64_t i = 0; i < *count; i++) {
        int64_t from = 0;
        for (int p = 0; p < f->leads; p++) from += at[p] * stride[p];
        memcpy(out + i * image, bytes + from * image, (size_t)image);
        for (int k = n - 1; k >= 0; k--) {
            if (++at[order[k]] < f->size[order[k]]) break;
            at[order[k]] = 0;
        }
    }
    return out;
}
static bool write_image(fenp_run *r, fenp_shown_value *s, const double *x) {
    int64_t n = fenp_count(&s->shape), count;
    const int64_t *f = s->shape.size + s->shape.leads;
    uint8_t *bytes = fenp_new((size_t)n + 1);
    fenp_to_bytes(x, n, s->black, s->white, bytes);
    bool good = !r->log || s->series < 0 || fenp_log_row(r->log, s->series, r->round, bytes, r->faults);
    int columns, height, width;
    uint8_t *in_order = arranged(r, s, bytes, &columns, &count);
    uint8_t *sheet = fenp_sheet(in_order, (int)count, (int)f[0], (int)f[1], (int)f[2], columns, &height, &width);
    good = good && fenp_png_write(picture_path(r, s), sheet, width, height, (int)f[2], r->faults);
    fenp_delete(in_order);
    fenp_delete(sheet);
    fenp_delete(bytes);
    return good;
}
static double coordinate(const fenp_axis *a, int64_t i, int64_t n) {
    return a->counted ? (double)i : a->from + (a->to - a->from) * (double)i / (double)(n - 1);
}
static bool plot_points(fenp_run *r, fenp_shown_value *s, const double *x, const char *path) {
    int64_t n = fenp_count(&s->shape) / 2;
    double *u = fenp_new((size_t)(2 * n) * sizeof *u + 8);
    for (int64_t i = 0; i < n; i++) {
        u[i] = x[2 * i];
        u[n + i] = x[2 * i + 1];
    }
    bool good = fenp_plot_points(path, s->name, &(fenp_curve){s->name, u, u + n, n}, 1, r->faults);
    fenp_delete(u);
    return good;
}
/* [t; k]: k curves over the axis t. */
enum { CURVES = 8 };
static bool plot_curves(fenp_run *r, fenp_shown_value *s, const double *x, const char *path, const fenp_axis *a) {
    int64_t n = s->shape.size[0], k = fen_row_size(&s->shape);
    double *u = fenp_new((size_t)(n * (k + 1)) * sizeof *u + 8);
    fenp_curve curve[CURVES];
    for (int64_t i = 0; i < n; i++) {
        u[i] = coordinate(a, i, n);
        for (int64_t j = 0; j < k; j++) u[(j + 1) * n + i] = x[i * k + j];
    }
    for (int64_t j = 0; j < k; j++) {
        const char *name = k == 1 ? s->name : fenp_arena_text(&r->experiment->memory, "%s %d", s->name, (int)j);
        curve[j] = (fenp_curve){name, u, u + (j + 1) * n, n};
    }
    bool good = fenp_plot_lines(path, s->name, curve, (int)k, r->faults);
    fenp_delete(u);
    return good;
}
static bool plot_heat(fenp_run *r, fenp_shown_value *s, const double *x, const char *path, const fenp_axis *up, const fenp_axis *across) {
    int64_t rows = s->shape.size[0], columns = s->shape.size[1];
    double h[2] = {coordinate(across, 0, columns), coordinate(across, columns - 1, columns)};
    double v[2] = {coordinate(up, 0, rows), coordinate(up, rows - 1, rows)};
    return fenp_plot_heat(path, s->name, x, rows, columns, h, v, r->faults);
}
/* What a tensor looks like follows from its axes; of other shapes there is no picture. */
static bool plot(fenp_run *r, fenp_shown_value *s, const double *x) {
    const fen_shape *f = &s->shape;
    const fenp_axis *axis = r->evaluation->shown_build->b->axis;
    int features = f->rank - f->leads;
    int64_t width = fen_row_size(f);
    const char *path = picture_path(r, s);
    bool batch = fenp_lead_of(f, FEN_BATCH) >= 0;
    fenp_curve values = {s->name, x, NULL, fenp_count(f)};
    if (batch && f->leads == 1 && width == 1) return fenp_plot_histograms(path, s->name, &values, 1, r->faults);
    if (batch && f->leads == 1 && features == 1 && width == 2) return plot_points(r, s, x, path);
    if (batch) return true;
    if (f->leads == 1 && features <= 1 && width <= CURVES) return plot_curves(r, s, x, path, &axis[f->axis[0]]);
    if (f->leads == 2 && width == 1) return plot_heat(r, s, x, path, &axis[f->axis[0]], &axis[f->axis[1]]);
    return true;
}
bool fenp_shown_write(fenp_run *r) {
    fenp_evaluation *e = r->evaluation;
    bool any = false;
    if (!e->count || !r->folder) return true;
    for (int i = 0; i < e->count; i++) any |= e->shown[i].due = e->shown[i].periodic ? fenp_due_again(r, &e->shown[i].period) : !r->partial;
    if (!any) return true;
    fenp_moment m = fenp_evaluation_moment(r);
    m.turn = ++r->draws.turn;
    fenp_task_take(&e->shown_task, &m);
    fenp_task_fill(&e->shown_task, &m, 0, NULL);
    if (!fenp_chains_run(e->shown_chains, &m, r->faults)) {
        r->exit_code = FENP_EXIT_NUMBERS;
        return false;
    }
    fenp_program_run(e->shown_task.program, m.seed, 0);
    for (int i = 0; i < e->count; i++) {
        fenp_shown_value *s = &e->shown[i];
        int64_t n = fenp_count(&s->shape);
        if (!s->due) continue;
        double *x = fenp_new((size_t)n * sizeof *x + 8);
        const void *v = fenp_program_value(e->shown_task.program, i);
        for (int64_t k = 0; k < n; k++)
            x[k] = s->node->type == FEN_INTEGER ? ((const int32_t *)v)[k] : s->node->wide ? ((const double *)v)[k] : (double)((const float *)v)[k];
        bool good =
            s->image ? write_image(r, s, x) : (!r->log || s->series < 0 || fenp_log_row(r->log, s->series, r->round, x, r->faults)) && plot(r, s, x);
        fenp_delete(x);
        if (!good) return false;
    }
    return true;
}
