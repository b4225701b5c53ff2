/* report/plot.c: curves, point sets and histograms in one picture, with a legend. Values that are not finite are left out. */
#include "report/canvas.h"
#include <math.h>
#include <string.h>

enum { COLOURS = 8, BUCKETS = 2048, BINS = 80 };
/* Told apart by all eyes; Okabe and Ito 2008, Color Universal Design, without its yellow. The first is drawn first. */
static const fenp_colour palette[COLOURS] = {{0, 114, 178},  {213, 94, 0},   {0, 158, 115}, {204, 121, 167},
                                             {230, 159, 0},  {86, 180, 233}, {0, 0, 0},     {140, 140, 140}};

/* -- Ranges -- */

static void widen(double range[2], const double *x, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (isfinite(x[i])) range[0] = fmin(range[0], x[i]), range[1] = fmax(range[1], x[i]);
}

/* A little room on both sides; a range that is empty or a point becomes one. Beyond 1e300 differences would overflow. */
static void finish_range(double range[2], double room) {
    if (!(range[0] <= range[1])) range[0] = 0, range[1] = 1;
    range[0] = fmax(range[0], -1e300), range[1] = fmin(range[1], 1e300);
    double middle = (range[0] + range[1]) / 2, width = range[1] - range[0];
    if (width <= 1e-12 * fabs(middle) || width < 1e-290) {
        width = fabs(middle) > 1e-280 ? fabs(middle) : 1;
        range[0] = middle - width / 2;
        range[1] = middle + width / 2;
    }
    range[0] -= room * width;
    range[1] += room * width;
}

static void ranges(const fenp_curve *c, int n, double x[2], double y[2], double x_room, double y_room) {
    x[0] = y[0] = INFINITY, x[1] = y[1] = -INFINITY;
    for (int k = 0; k < n; k++) {
        widen(x, c[k].x, c[k].n);
        widen(y, c[k].y, c[k].n);
    }
    finish_range(x, x_room);
    finish_range(y, y_room);
}

/* -- Legend -- */

static void legend(fenp_axes *a, const fenp_curve *c, int n) {
    double width = 0;
    if (n < 2) return;
    for (int k = 0; k < n; k++) width = fmax(width, fenp_canvas_text_width(c[k].name ? c[k].name : "", 1.5));
    fenp_box b = {a->frame.right - width - 46, a->frame.top + 6, a->frame.right - 6, a->frame.top + 14 + 18 * n};
    fenp_canvas_fill(&a->canvas, b, (fenp_colour){255, 255, 255}, 0.85);
    for (int k = 0; k < n; k++) {
        double y = b.top + 14 + 18 * k;
        fenp_canvas_fill(&a->canvas, (fenp_box){b.left + 8, y - 5, b.left + 26, y + 4}, palette[k % COLOURS], 1);
        fenp_canvas_text(&a->canvas, b.left + 34, y + 4, c[k].name ? c[k].name : "", 0, 1.5, (fenp_colour){50, 50, 50});
    }
}

/* -- Lines -- */

typedef struct pen { fenp_axes *a; double x, y; bool down; int64_t n; fenp_colour colour; } pen;

/* Rows without a value are passed over: a player that has no turn in most rounds still has a line. */
static void line_to(pen *p, double x, double y) {
    if (!isfinite(x) || !isfinite(y)) return;
    double px = fenp_axes_x(p->a, x), py = fenp_axes_y(p->a, y);
    if (p->down) fenp_canvas_line(&p->a->canvas, p->x, p->y, px, py, 1.6, p->colour, 1);
    p->x = px, p->y = py, p->down = true, p->n++;
}

/* Of many rows only the least and the greatest of each bucket, in their order: the picture is the same, the work bounded. */
static void bucket(pen *p, const fenp_curve *c, int64_t from, int64_t to) {
    int64_t least = -1, most = -1;
    for (int64_t i = from; i < to; i++) {
        if (!isfinite(c->x[i]) || !isfinite(c->y[i])) continue;
        if (least < 0 || c->y[i] < c->y[least]) least = i;
        if (most < 0 || c->y[i] > c->y[most]) most = i;
    }
    if (least < 0) return;
    line_to(p, c->x[least < most ? least : most], c->y[least < most ? least : most]);
    line_to(p, c->x[least < most ? most : least], c->y[least < most ? most : least]);
}

static void draw_curve(fenp_axes *a, const fenp_curve *c, fenp_colour colour) {
    pen p = {.a = a, .colour = colour};
    for (int64_t k = 0; c->n > 2 * BUCKETS && k < BUCKETS; k++) bucket(&p, c, c->n * k / BUCKETS, c->n * (k + 1) / BUCKETS);
    for (int64_t i = 0; c->n <= 2 * BUCKETS && i < c->n; i++) line_to(&p, c->x[i], c->y[i]);
    if (p.n == 1) fenp_canvas_disc(&a->canvas, p.x, p.y, 3, colour, 1);
}

bool fenp_plot_lines(const char *path, const char *title, const fenp_curve *c, int n, fenp_faults *faults) {
    fenp_axes a;
    double x[2], y[2];
    ranges(c, n, x, y, 0, 0.04);
    fenp_axes_new(&a, title, x, y, 0, true);
    for (int k = 0; k < n; k++) draw_curve(&a, &c[k], palette[k % COLOURS]);
    legend(&a, c, n);
    return fenp_axes_write(&a, path, faults);
}

/* -- Points -- */

/* Both axes get one scale where they are alike, so that circles are round. */
static void same_scale(double x[2], double y[2]) {
    const double shape = 560.0 / 400;
    double w = x[1] - x[0], h = (y[1] - y[0]) * shape;
    if (w > 4 * h || h > 4 * w) return;
    double *wide = w < h ? x : y, more = w < h ? (h - w) / 2 : (w - h) / shape / 2;
    wide[0] -= more;
    wide[1] += more;
}

bool fenp_plot_points(const char *path, const char *title, const fenp_curve *c, int n, fenp_faults *faults) {
    fenp_axes a;
    double x[2], y[2];
    ranges(c, n, x, y, 0.04, 0.04);
    same_scale(x, y);
    fenp_axes_new(&a, title, x, y, 0, true);
    for (int k = 0; k < n; k++) {
        double radius = c[k].n > 3000 ? 1.3 : 2.2, alpha = c[k].n > 3000 ? 0.35 : 0.6;
        for (int64_t i = 0; i < c[k].n; i++)
            if (isfinite(c[k].x[i]) && isfinite(c[k].y[i]))
                fenp_canvas_disc(&a.canvas, fenp_axes_x(&a, c[k].x[i]), fenp_axes_y(&a, c[k].y[i]), radius, palette[k % COLOURS], alpha);
    }
    legend(&a, c, n);
    return fenp_axes_write(&a, path, faults);
}

/* -- Histograms: densities over common bins, so that sets of different size compare -- */

static void count(const fenp_curve *c, const double x[2], int bins, double *density) {
    int64_t n = 0;
    memset(density, 0, (size_t)bins * sizeof *density);
    for (int64_t i = 0; i < c->n; i++) {
        if (!isfinite(c->x[i])) continue;
        int k = (int)((c->x[i] - x[0]) / (x[1] - x[0]) * bins);
        density[k < 0 ? 0 : k >= bins ? bins - 1 : k]++;
        n++;
    }
    for (int k = 0; k < bins; k++) density[k] /= n ? (double)n * (x[1] - x[0]) / bins : 1;
}

static void draw_histogram(fenp_axes *a, const double *density, int bins, fenp_colour colour) {
    double base = fenp_axes_y(a, 0), width = (a->x[1] - a->x[0]) / bins, last = base;
    for (int k = 0; k <= bins; k++) {
        double left = fenp_axes_x(a, a->x[0] + k * width), right = fenp_axes_x(a, a->x[0] + (k + 1) * width);
        double top = k < bins ? fenp_axes_y(a, density[k]) : base;
        if (k < bins) fenp_canvas_fill(&a->canvas, (fenp_box){left, top, right, base}, colour, 0.3);
        fenp_canvas_line(&a->canvas, left, last, left, top, 1.4, colour, 1);
        if (k < bins) fenp_canvas_line(&a->canvas, left, top, right, top, 1.4, colour, 1);
        last = top;
    }
}

bool fenp_plot_histograms(const char *path, const char *title, const fenp_curve *c, int n, fenp_faults *faults) {
    fenp_axes a;
    double x[2] = {INFINITY, -INFINITY}, y[2] = {0, 0}, *density = fenp_new(fenp_product((size_t)n * BINS, sizeof *density));
    int64_t most = 0;
    for (int k = 0; k < n; k++) {
        widen(x, c[k].x, c[k].n);
        if (c[k].n > most) most = c[k].n;
    }
    finish_range(x, 0);
    int bins = (int)fmin(BINS, fmax(5, ceil(2 * cbrt((double)most))));           /* Rice's rule */
    for (int k = 0; k < n; k++) {
        count(&c[k], x, bins, density + k * BINS);
        widen(y, density + k * BINS, bins);
    }
    y[1] = y[1] > 0 ? y[1] * 1.06 : 1;
    fenp_axes_new(&a, title, x, y, 0, true);
    for (int k = 0; k < n; k++) draw_histogram(&a, density + k * BINS, bins, palette[k % COLOURS]);
    legend(&a, c, n);
    fenp_delete(density);
    return fenp_axes_write(&a, path, faults);
}
