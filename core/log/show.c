/* log/show.c: a log as a table for the terminal: each series with its last value, its unit and a line of its course. */
#include "log/live.h"
#include "log/schema.h"
#include <math.h>
#include <string.h>

enum { WIDTH = 40 };
static const char *const bars[] = {"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};

/* Means of the finite values of WIDTH equal parts of the rows (of each row, where they are fewer). */
static int means(const double *y, int64_t n, double mean[WIDTH]) {
    int parts = n < WIDTH ? (int)n : WIDTH;
    for (int k = 0; k < parts; k++) {
        int64_t from = n * k / parts, to = n * (k + 1) / parts, count = 0;
        double sum = 0;
        for (int64_t i = from; i < to; i++)
            if (isfinite(y[i])) sum += y[i], count++;
        mean[k] = count ? sum / (double)count : NAN;
    }
    return parts;
}

static void spark(fenp_text *to, const double *y, int64_t n) {
    double mean[WIDTH], low = INFINITY, high = -INFINITY;
    int parts = means(y, n, mean);
    for (int k = 0; k < parts; k++)
        if (isfinite(mean[k])) low = fmin(low, mean[k]), high = fmax(high, mean[k]);
    for (int k = 0; k < parts; k++) {
        double height = high > low ? (mean[k] - low) / (high - low) : 0.5;
        fenp_text_add(to, "%s", isfinite(mean[k]) ? bars[(int)(height * 7.999)] : " ");
    }
}

/* The last value that is there: a player may have had no turn in the last rounds. */
static double last_of(const double *y, int64_t n) {
    while (n > 1 && isnan(y[n - 1])) n--;
    return n ? y[n - 1] : NAN;
}

static void show_numbers(fenp_h5 *h, fenp_text *to, const char *path, int64_t d, int64_t rows) {
    char unit[64] = "";
    double *y = fenp_new(fenp_product((size_t)rows, sizeof *y));
    fenp_h5_read(h, d, FENP_CELL_F64, 0, rows, y);
    fenp_h5_read_note(h, path, "units", unit, sizeof unit);
    if (h->failed) memset(y, 0, (size_t)rows * sizeof *y);
    fenp_text_add(to, "  %-24s %12.6g %-8s ", strrchr(path, '/') + 1, last_of(y, rows), strcmp(unit, "1") ? unit : "");
    spark(to, y, rows);
    fenp_text_add(to, "\n");
    fenp_delete(y);
}

static void show_shape(fenp_text *to, const char *path, const fenp_h5_form *form, int64_t rows, int64_t last) {
    fenp_text_add(to, "  %-24s [", strrchr(path, '/') + 1);
    for (int i = 1; i < form->rank; i++) fenp_text_add(to, "%s%lld", i > 1 ? ", " : "", (long long)form->size[i]);
    fenp_text_add(to, "] %lld times", (long long)rows);
    if (rows) fenp_text_add(to, ", last at step %lld", (long long)last);
    fenp_text_add(to, "\n");
}

static void show_series(fenp_h5 *h, fenp_arena *a, fenp_text *to, const char *group, const char *path) {
    fenp_h5_form form;
    int64_t d = fenp_h5_find(h, path), *step;
    const char *name = strrchr(path, '/') + 1;
    if (d < 0 || fenp_h5_is_scale(h, d) || !strcmp(name, "wall_time")) return;
    int64_t rows = fenp_live_steps(h, fenp_live_scale(a, group, name), &step), last = rows ? step[rows - 1] : -1;
    fenp_delete(step);
    if (!fenp_h5_form_of(h, d, &form) || form.rank < 1) return;
    if (rows > form.size[0]) rows = form.size[0];
    if (form.rank == 1) show_numbers(h, to, path, d, rows);
    else show_shape(to, path, &form, rows, last);
}

static void show_group(fenp_h5 *h, fenp_arena *a, fenp_text *to, const char *group) {
    char *path = fenp_arena_text(a, "/%s", group);
    const char *const *list = fenp_h5_list(h, a, path, true, false);
    bool empty = true;
    for (int i = 0; list[i]; i++) empty &= !strcmp(strrchr(list[i], '/'), "/step") || !strcmp(strrchr(list[i], '/'), "/wall_time");
    if (empty) return;
    fenp_text_add(to, "%s", group);
    if (fenp_live_shared(group)) {
        int64_t *step, n = fenp_live_steps(h, fenp_arena_text(a, "/%s/step", group), &step);
        if (n) fenp_text_add(to, ": %lld rows, steps %lld to %lld", (long long)n, (long long)step[0], (long long)step[n - 1]);
        fenp_delete(step);
    }
    fenp_text_add(to, "\n");
    for (int i = 0; list[i]; i++) show_series(h, a, to, group, list[i]);
}

static void show_state(fenp_h5 *h, fenp_text *to, const char *run) {
    static const char *const states[] = {"running", "finished", "interrupted", "failed", "unknown"};
    uint8_t state = 4;
    double beat = 0;
    int64_t s = fenp_h5_find(h, "/run/status"), b = fenp_h5_find(h, "/run/heartbeat");
    if (s >= 0) fenp_h5_read(h, s, FENP_CELL_U8, 0, 1, &state);
    if (b >= 0) fenp_h5_read(h, b, FENP_CELL_F64, 0, 1, &beat);
    double age = fenp_log_now() - beat;
    fenp_text_add(to, "%s: %s", run, states[state < 4 ? state : 4]);
    if (state == 0) fenp_text_add(to, ", last written %.0f s ago", age > 0 ? age : 0);
    fenp_text_add(to, "\n");
}

bool fenp_log_show(const char *run, fenp_text *to, fenp_faults *faults) {
    static const char *const groups[] = {"train", "evaluate", "samples", "tensors"};
    fenp_h5 h;
    fenp_arena a = {NULL};
    if (fenp_live_open(&h, run, faults)) {
        show_state(&h, to, run);
        for (int i = 0; i < 4; i++) show_group(&h, &a, to, groups[i]);
    }
    fenp_arena_free(&a);
    return fenp_h5_close(&h);
}
