/* log/show.c: a log as tables for the terminal: each series with its last, least and largest value, its unit and a line of its course, which
 * takes what the terminal's width leaves. */
#include "log/live.h"
#include <math.h>
#include <string.h>

enum { MOST_BARS = 60, LEAST_BARS = 8, NAME = 12, LONGEST = 32, NUMBERS = 3 * 13, SILENT = 120 };
static const char *const bars[] = {"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
static const char plain[] = "_.-~=+*#";       /* where the terminal knows no others */

typedef struct viewer { fenp_h5 h; fenp_arena memory; fenp_text *to; fenp_log_view view; } viewer;

/* -- The course of a series -- */

/* Means of the finite values of `most` equal parts of the rows (of each row, where they are fewer). */
static int means(const double *y, int64_t n, int most, double *mean) {
    int parts = n < most ? (int)n : most;
    for (int k = 0; k < parts; k++) {
        int64_t from = n * k / parts, to = n * (k + 1) / parts, count = 0;
        double sum = 0;
        for (int64_t i = from; i < to; i++)
            if (isfinite(y[i])) sum += y[i], count++;
        mean[k] = count ? sum / (double)count : NAN;
    }
    return parts;
}

static void spark(viewer *v, const double *y, int64_t n, int width) {
    double mean[MOST_BARS], low = INFINITY, high = -INFINITY;
    int parts = means(y, n, width, mean);
    while (parts && !isfinite(mean[parts - 1])) parts--;
    for (int k = 0; k < parts; k++)
        if (isfinite(mean[k])) low = fmin(low, mean[k]), high = fmax(high, mean[k]);
    for (int k = 0; k < parts; k++) {
        int height = high > low ? (int)((mean[k] - low) / (high - low) * 7.999) : 3;
        if (!isfinite(mean[k])) fenp_text_add(v->to, " ");
        else if (v->view.utf8) fenp_text_add(v->to, "%s", bars[height]);
        else fenp_text_add(v->to, "%c", plain[height]);
    }
}

/* -- Lines -- */

typedef struct numbers { double last, least, most; } numbers;

/* The last value that is there: a player may have had no turn in the last rounds. */
static numbers look(const double *y, int64_t n) {
    numbers x = {NAN, NAN, NAN};
    for (int64_t i = 0; i < n; i++) {
        if (isnan(y[i])) continue;
        x.last = y[i];
        x.least = isnan(x.least) ? y[i] : fmin(x.least, y[i]);
        x.most = isnan(x.most) ? y[i] : fmax(x.most, y[i]);
    }
    return x;
}

static void unit_of(viewer *v, const char *path, char unit[64]) {
    *unit = '\0';
    if (!fenp_h5_read_note(&v->h, path, "units", unit, 64) || !strcmp(unit, "1")) *unit = '\0';
}

static void show_numbers(viewer *v, const fenp_seen *s, int name, int unit) {
    char units[64];
    double *y = fenp_new(fenp_product((size_t)s->rows, sizeof *y));
    fenp_h5_read(&v->h, s->id, FENP_CELL_F64, 0, s->rows, y);
    unit_of(v, s->path, units);
    if (!v->h.failed) {
        numbers x = look(y, s->rows);
        fenp_text_add(v->to, "  %-*s %12.6g %12.6g %12.6g %-*s  ", name, s->name, x.last, x.least, x.most, unit, units);
        int left = v->view.columns - 1 - (2 + name + NUMBERS + 1 + unit + 2);
        spark(v, y, s->rows, left < LEAST_BARS ? LEAST_BARS : left > MOST_BARS ? MOST_BARS : left);
        while (v->to->n && v->to->at[v->to->n - 1] == ' ') v->to->at[--v->to->n] = '\0';
        fenp_text_add(v->to, "\n");
    }
    fenp_delete(y);
}

/* "[batch 3, t 5] of float": what a value is, and when it was last written. */
static void show_shape(viewer *v, const fenp_seen *s, int name) {
    fenp_text_add(v->to, "  %-*s [", name, s->name);
    for (int i = 1; i < s->form.rank; i++) {
        const char *scale = fenp_h5_scale_of(&v->h, &v->memory, s->id, i), *axis = scale ? strrchr(scale, '/') + 1 : "";
        fenp_text_add(v->to, "%s%s%s%lld", i > 1 ? ", " : "", axis, *axis ? " " : "", (long long)s->form.size[i]);
    }
    fenp_text_add(v->to, "] %lld time%s", (long long)s->rows, s->rows == 1 ? "" : "s");
    if (s->rows) fenp_text_add(v->to, ", last at step %lld", (long long)s->step[s->rows - 1]);
    fenp_text_add(v->to, "\n");
}

/* -- Groups -- */

static int width_of(const char *text, int least, int most) {
    int n = (int)strlen(text);
    return n < least ? least : n > most ? most : n;
}

static void show_group(viewer *v, const char *group) {
    int n, name = NAME, unit = 0, numbers = 0;
    char units[64];
    const fenp_seen *s = fenp_live_series(&v->h, &v->memory, group, &n), *first = NULL;
    for (int i = 0; i < n; i++) {
        if (!strcmp(s[i].name, "wall_time")) continue;
        if (!first) first = &s[i];
        name = width_of(s[i].name, name, LONGEST);
        unit_of(v, s[i].path, units);
        numbers += s[i].form.rank == 1;
        if (s[i].form.rank == 1) unit = width_of(units, unit, LONGEST);
    }
    if (!first) return;
    char *head = fenp_live_shared(group) && first->rows
        ? fenp_arena_text(&v->memory, "%s, steps %lld to %lld", group, (long long)first->step[0], (long long)first->step[first->rows - 1])
        : fenp_arena_text(&v->memory, "%s%s", group, fenp_live_shared(group) ? ", nothing yet" : "");
    fenp_text_add(v->to, "%s\n", head);
    if (numbers) fenp_text_add(v->to, "  %-*s %12s %12s %12s\n", name, "", "last", "least", "largest");
    for (int i = 0; i < n && !v->h.failed; i++) {
        if (!strcmp(s[i].name, "wall_time")) continue;
        if (s[i].form.rank == 1) show_numbers(v, &s[i], name, unit);
        else show_shape(v, &s[i], name);
    }
}

static void show_state(viewer *v, const char *run) {
    static const char *const states[] = {"running", "finished", "interrupted", "failed", "unknown"};
    uint8_t state = 4;
    double beat = 0;
    int64_t s = fenp_h5_find(&v->h, "/run/status"), b = fenp_h5_find(&v->h, "/run/heartbeat");
    if (s >= 0) fenp_h5_read(&v->h, s, FENP_CELL_U8, 0, 1, &state);
    if (b >= 0) fenp_h5_read(&v->h, b, FENP_CELL_F64, 0, 1, &beat);
    double age = fenp_log_now() - beat;
    fenp_text_add(v->to, "%s: %s", run, states[state < 4 ? state : 4]);
    if (state == 0) fenp_text_add(v->to, ", last written %.0f s ago", age > 0 ? age : 0);
    if (state == 0 && age > SILENT) fenp_text_add(v->to, "; if it was killed, `fenchel resume %s` goes on", run);
    fenp_text_add(v->to, "\n");
}

bool fenp_log_show(const char *run, fenp_log_view view, fenp_text *to, fenp_faults *faults) {
    viewer v = {.memory = {NULL}, .to = to, .view = view};
    if (fenp_live_open(&v.h, run, faults)) {
        show_state(&v, run);
        for (int i = 0; fenp_log_groups[i]; i++) show_group(&v, fenp_log_groups[i]);
    }
    fenp_arena_free(&v.memory);
    return fenp_h5_close(&v.h);
}
