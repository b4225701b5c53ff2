/* report/heat.c: a table of numbers as colours. Row 0 is at the bottom, as y grows upwards; cells smaller than a pixel are averaged.
 * The scale of colours is viridis by nine of its points: brightness grows evenly, also in grey print. Source: Smith and van der Walt 2015. */
#include "report/canvas.h"
#include <math.h>

enum { POINTS = 9, BAR = 92 };
static const fenp_colour viridis[POINTS] = {{68, 1, 84}, {71, 44, 122}, {59, 81, 139}, {44, 113, 142}, {33, 144, 141},
                                            {39, 173, 129}, {92, 200, 99}, {170, 220, 50}, {253, 231, 37}};
static const fenp_colour missing = {210, 210, 210};

static uint8_t between(uint8_t a, uint8_t b, double t) { return (uint8_t)lrint(a + (b - a) * t); }

static fenp_colour colour_of(double share) {
    if (isnan(share)) return missing;
    double at = fmin(fmax(share, 0), 1) * (POINTS - 1);
    int k = at >= POINTS - 1 ? POINTS - 2 : (int)at;
    const fenp_colour *a = &viridis[k], *b = a + 1;
    return (fenp_colour){between(a->red, b->red, at - k), between(a->green, b->green, at - k), between(a->blue, b->blue, at - k)};
}

/* Cells [from, to) of n that pixel i of m shows, at least one. */
static void cells(int i, int m, int64_t n, int64_t *from, int64_t *to) {
    *from = (int64_t)i * n / m;
    *to = ((int64_t)i + 1) * n / m;
    if (*to <= *from) *to = *from + 1;
}

static double mean(const double *z, int64_t columns, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
    double sum = 0;
    for (int64_t r = r0; r < r1; r++)
        for (int64_t c = c0; c < c1; c++) sum += z[r * columns + c];
    return sum / (double)((r1 - r0) * (c1 - c0));
}

static void range_of(const double *z, int64_t n, double range[2]) {
    range[0] = INFINITY, range[1] = -INFINITY;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(z[i])) range[0] = fmin(range[0], z[i]), range[1] = fmax(range[1], z[i]);
    if (!(range[0] <= range[1])) range[0] = 0, range[1] = 1;
    if (range[1] - range[0] <= 1e-12 * fabs(range[0])) range[0] -= 0.5, range[1] += 0.5;
}

static void draw_cells(fenp_axes *a, const double *z, int64_t rows, int64_t columns, const double range[2]) {
    int left = (int)a->frame.left + 1, right = (int)a->frame.right, top = (int)a->frame.top, bottom = (int)a->frame.bottom;
    int64_t r0, r1, c0, c1;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) {
            cells(bottom - 1 - y, bottom - top, rows, &r0, &r1);
            cells(x - left, right - left, columns, &c0, &c1);
            double share = (mean(z, columns, r0, r1, c0, c1) - range[0]) / (range[1] - range[0]);
            fenp_canvas_fill(&a->canvas, (fenp_box){x, y, x + 1, y + 1}, colour_of(share), 1);
        }
}

static void draw_bar(fenp_axes *a, const double range[2]) {
    double left = a->frame.right + 14, right = left + 16, height = a->frame.bottom - a->frame.top, tick[16];
    char label[40];
    const fenp_colour ink = {50, 50, 50};
    a->canvas.clip = (fenp_box){0, 0, a->canvas.width, a->canvas.height};
    for (int y = (int)a->frame.top; y < (int)a->frame.bottom; y++)
        fenp_canvas_fill(&a->canvas, (fenp_box){left, y, right, y + 1}, colour_of((a->frame.bottom - y - 0.5) / height), 1);
    int n = fenp_ticks(range[0], range[1], 8, tick);
    for (int i = 0; i < n; i++) {
        double y = floor(a->frame.bottom - (tick[i] - range[0]) / (range[1] - range[0]) * height) + 0.5;
        fenp_canvas_line(&a->canvas, right, y, right + 4, y, 1, ink, 1);
        fenp_tick_label(label, sizeof label, tick[i], n > 1 ? tick[1] - tick[0] : 1);
        fenp_canvas_text(&a->canvas, right + 8, y + 4, label, 0, 1.5, ink);
    }
}

bool fenp_plot_heat(const char *path, const char *title, const double *z, int64_t rows, int64_t columns, const double x[2], const double y[2],
                    fenp_faults *faults) {
    fenp_axes a;
    const double all_x[2] = {0, (double)columns}, all_y[2] = {0, (double)rows};
    double range[2];
    range_of(z, rows * columns, range);
    fenp_axes_new(&a, title, x && x[0] < x[1] ? x : all_x, y && y[0] < y[1] ? y : all_y, BAR, false);
    draw_cells(&a, z, rows, columns, range);
    draw_bar(&a, range);
    return fenp_axes_write(&a, path, faults);
}
