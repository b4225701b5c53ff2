/* report/axes.c: title, frame, ticks with numbers, grid. */
#include "report/canvas.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 640, HEIGHT = 480, TOP = 40, BOTTOM = 38, RIGHT = 18 };
static const fenp_colour ink = {50, 50, 50}, pale = {232, 232, 232};
static const double small = 1.5, large = 1.9;

/* Multiples of 1, 2 or 5 times a power of ten. */
int fenp_ticks(double low, double high, int most, double tick[16]) {
    double raw = (high - low) / most, power = pow(10, floor(log10(raw))), step = 10 * power;
    static const double nice[] = {1, 2, 5};
    for (int i = 2; i >= 0; i--)
        if (nice[i] * power >= raw * (1 - 1e-9)) step = nice[i] * power;
    double first = ceil(low / step - 1e-9);
    int n = 0;
    for (; n < 16 && (first + n) * step <= high + 1e-9 * step; n++) tick[n] = (first + n) * step + 0.0;
    return n;
}

/* "1.50e-05" as "1.5e-5". */
static void shorten(char *label) {
    char *e = strchr(label, 'e'), *end = e;
    while (strchr(label, '.') && end > label && (end[-1] == '0' || end[-1] == '.'))
        if (*--end == '.') break;
    int power = atoi(e + 1);
    sprintf(end, "e%d", power);
}

/* As many digits as tell neighbours apart. */
void fenp_tick_label(char *to, size_t room, double tick, double step) {
    double size = fmax(fabs(tick), step);
    int last = (int)floor(log10(step) + 1e-9), first = (int)floor(log10(size) + 1e-9);
    if (fabs(tick) < 1e-9 * step) snprintf(to, room, "0");
    else if (first < -3 || first > 5) {
        snprintf(to, room, "%.*e", first > last ? first - last : 0, tick);
        shorten(to);
    } else snprintf(to, room, "%.*f", last < 0 ? -last : 0, tick);
}

double fenp_axes_x(const fenp_axes *a, double x) {
    return a->frame.left + (x - a->x[0]) / (a->x[1] - a->x[0]) * (a->frame.right - a->frame.left);
}

double fenp_axes_y(const fenp_axes *a, double y) {
    return a->frame.bottom - (y - a->y[0]) / (a->y[1] - a->y[0]) * (a->frame.bottom - a->frame.top);
}

static double step_of(const double *tick, int n) { return n > 1 ? tick[1] - tick[0] : n ? fmax(fabs(tick[0]), 1e-300) : 1; }

static double widest(const double *tick, int n) {
    char label[40];
    double most = 0;
    for (int i = 0; i < n; i++) {
        fenp_tick_label(label, sizeof label, tick[i], step_of(tick, n));
        most = fmax(most, fenp_canvas_text_width(label, small));
    }
    return most;
}

/* Fewer ticks where their numbers would touch. */
static int ticks_that_fit(const fenp_axes *a, double tick[16]) {
    int most = 10, n;
    while ((n = fenp_ticks(a->x[0], a->x[1], most, tick)) > 2 && n * (widest(tick, n) + 16) > a->frame.right - a->frame.left && most > 2) most--;
    return n;
}

static void draw_ticks(fenp_axes *a, bool grid) {
    fenp_canvas *c = &a->canvas;
    const fenp_box *f = &a->frame;
    double tick[16];
    char label[40];
    int n = ticks_that_fit(a, tick);
    for (int i = 0; i < n; i++) {
        double x = floor(fenp_axes_x(a, tick[i])) + 0.5;
        if (grid) fenp_canvas_line(c, x, f->top, x, f->bottom, 1, pale, 1);
        fenp_canvas_line(c, x, f->bottom, x, f->bottom + 4, 1, ink, 1);
        fenp_tick_label(label, sizeof label, tick[i], step_of(tick, n));
        double middle = fmin(x, WIDTH - 2 - fenp_canvas_text_width(label, small) / 2);
        fenp_canvas_text(c, middle, f->bottom + 18, label, 0.5, small, ink);
    }
    n = fenp_ticks(a->y[0], a->y[1], 8, tick);
    for (int i = 0; i < n; i++) {
        double y = floor(fenp_axes_y(a, tick[i])) + 0.5;
        if (grid) fenp_canvas_line(c, f->left, y, f->right, y, 1, pale, 1);
        fenp_canvas_line(c, f->left - 4, y, f->left, y, 1, ink, 1);
        fenp_tick_label(label, sizeof label, tick[i], step_of(tick, n));
        fenp_canvas_text(c, f->left - 8, y + 4, label, 1, small, ink);
    }
}

static void draw_frame(fenp_axes *a) {
    const fenp_box *f = &a->frame;
    fenp_canvas_line(&a->canvas, f->left, f->bottom, f->right, f->bottom, 1, ink, 1);
    fenp_canvas_line(&a->canvas, f->left, f->top, f->left, f->bottom, 1, ink, 1);
    a->canvas.clip = *f;
}

/* Smaller where it is long, and without its end where even that is too wide. */
static void draw_title(fenp_axes *a, const char *title) {
    double size = fenp_canvas_text_width(title, large) > WIDTH - 20 ? small : large;
    bool fits = fenp_canvas_text_width(title, size) <= WIDTH - 20;
    fenp_canvas_text(&a->canvas, fits ? WIDTH / 2.0 : 10, 25, title, fits ? 0.5 : 0, size, (fenp_colour){20, 20, 20});
}

void fenp_axes_new(fenp_axes *a, const char *title, const double x[2], const double y[2], double right_margin, bool grid) {
    double tick[16];
    *a = (fenp_axes){.x = {x[0], x[1]}, .y = {y[0], y[1]}};
    fenp_canvas_new(&a->canvas, WIDTH, HEIGHT);
    double left = ceil(widest(tick, fenp_ticks(y[0], y[1], 8, tick))) + 20;
    a->frame = (fenp_box){left + 0.5, TOP + 0.5, WIDTH - RIGHT - right_margin + 0.5, HEIGHT - BOTTOM + 0.5};
    draw_ticks(a, grid);
    draw_title(a, title);
    draw_frame(a);
}

bool fenp_axes_write(fenp_axes *a, const char *path, fenp_faults *faults) {
    bool fine = fenp_png_write(path, a->canvas.pixel, a->canvas.width, a->canvas.height, 3, faults);
    fenp_canvas_free(&a->canvas);
    return fine;
}
