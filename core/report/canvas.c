/* report/canvas.c: the rasteriser. A pixel takes a colour by the share of it that is covered, estimated from the distance of its centre
 * to the shape's edge: share = clamp(1/2 + depth). */
#include "report/canvas.h"
#include <math.h>
#include <string.h>

void fenp_canvas_new(fenp_canvas *c, int width, int height) {
    size_t n = (size_t)width * (size_t)height * 3;
    *c = (fenp_canvas){memset(fenp_new(n), 255, n), width, height, {0, 0, width, height}};
}

void fenp_canvas_free(fenp_canvas *c) { fenp_delete(c->pixel); }

static double limited(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

static void blend(fenp_canvas *c, int x, int y, fenp_colour colour, double share) {
    uint8_t *p = c->pixel + ((size_t)y * (size_t)c->width + (size_t)x) * 3;
    const int to[3] = {colour.red, colour.green, colour.blue}, part = (int)(share * 65536 + 0.5);
    for (int k = 0; k < 3; k++) p[k] = (uint8_t)((p[k] * 65536 + (to[k] - p[k]) * part + 32768) >> 16);
}

/* Pixels that a box touches, within the clip box; right and bottom exclusive. */
typedef struct span { int left, top, right, bottom; } span;
static span touched(const fenp_canvas *c, double left, double top, double right, double bottom) {
    const fenp_box *k = &c->clip;
    return (span){(int)floor(limited(left, k->left, k->right)), (int)floor(limited(top, k->top, k->bottom)),
                  (int)ceil(limited(right, k->left, k->right)), (int)ceil(limited(bottom, k->top, k->bottom))};
}

static double distance(double x, double y, double x0, double y0, double dx, double dy, double square) {
    double t = square > 0 ? limited(((x - x0) * dx + (y - y0) * dy) / square, 0, 1) : 0;
    double u = x - x0 - t * dx, v = y - y0 - t * dy;
    return sqrt(u * u + v * v);
}
/* How much of the pixel from `at` on lies between two edges. */
static double covered(double low, double high, int at) {
    double from = low > at ? low : at, to = high < at + 1 ? high : at + 1;
    return to > from ? to - from : 0;
}

/* Of a steep line only a few pixels of each row can be touched; of a flat one its box is low anyway. */
void fenp_canvas_line(fenp_canvas *c, double x0, double y0, double x1, double y1, double thick, fenp_colour colour, double alpha) {
    double dx = x1 - x0, dy = y1 - y0, square = dx * dx + dy * dy, half = thick / 2;
    span s = touched(c, fmin(x0, x1) - half - 1, fmin(y0, y1) - half - 1, fmax(x0, x1) + half + 1, fmax(y0, y1) + half + 1);
    double slope = fabs(dy) > fabs(dx) ? dx / dy : square > 0 ? dy / dx : 0, reach = (half + 1) * sqrt(1 + slope * slope) + 1;
    bool steep = fabs(dy) > fabs(dx);
    for (int y = s.top; y < s.bottom; y++) {
        double at = x0 + (y + 0.5 - y0) * slope;
        int from = steep ? (int)limited(floor(at - reach), s.left, s.right) : s.left;
        int to = steep ? (int)limited(ceil(at + reach), s.left, s.right) : s.right;
        for (int x = from; x < to; x++) {
            double share = limited(half + 0.5 - distance(x + 0.5, y + 0.5, x0, y0, dx, dy, square), 0, 1);
            if (share > 0) blend(c, x, y, colour, share * alpha);
        }
    }
}

void fenp_canvas_disc(fenp_canvas *c, double x, double y, double radius, fenp_colour colour, double alpha) {
    span s = touched(c, x - radius - 1, y - radius - 1, x + radius + 1, y + radius + 1);
    for (int j = s.top; j < s.bottom; j++)
        for (int i = s.left; i < s.right; i++) {
            double u = i + 0.5 - x, v = j + 0.5 - y, share = limited(radius + 0.5 - sqrt(u * u + v * v), 0, 1);
            if (share > 0) blend(c, i, j, colour, share * alpha);
        }
}

void fenp_canvas_fill(fenp_canvas *c, fenp_box b, fenp_colour colour, double alpha) {
    span s = touched(c, b.left, b.top, b.right, b.bottom);
    for (int y = s.top; y < s.bottom; y++) {
        double share = covered(b.top, b.bottom, y) * alpha;
        for (int x = s.left; x < s.right; x++) blend(c, x, y, colour, covered(b.left, b.right, x) * share);
    }
}

/* -- Text -- */

/* The next letter of UTF-8; anything beyond ASCII counts as one letter. */
static unsigned next_letter(const char **text) {
    unsigned letter = (unsigned char)*(*text)++;
    while ((**text & 0xC0) == 0x80) (*text)++;
    return letter;
}

static int columns(const char *glyph) {
    int most = *glyph ? 0 : 1;
    for (; *glyph; glyph += glyph[0] == ' ' ? 1 : 2)
        if (*glyph != ' ' && *glyph - '0' > most) most = *glyph - '0';
    return most;
}

static void strokes(fenp_canvas *c, const char *g, double x, double y, double size, fenp_colour colour) {
    double px = 0, py = 0, thick = 0.55 + 0.45 * size;
    for (bool down = false; *g; ) {
        if (*g == ' ') { down = false; g++; continue; }
        double nx = x + (g[0] - '0') * size, ny = y - (g[1] - '2') * size;
        bool single = !down && (g[2] == ' ' || !g[2]);
        if (single) fenp_canvas_disc(c, nx, ny, thick * 0.6, colour, 1);
        else if (down) fenp_canvas_line(c, px, py, nx, ny, thick, colour, 1);
        px = nx, py = ny, down = true, g += 2;
    }
}

double fenp_canvas_text_width(const char *text, double size) {
    double n = 0;
    while (*text) n += columns(fenp_glyph(next_letter(&text))) + 2;
    return n > 2 ? (n - 2) * size : 0;
}

void fenp_canvas_text(fenp_canvas *c, double x, double y, const char *text, double anchor, double size, fenp_colour colour) {
    x = floor(x - anchor * fenp_canvas_text_width(text, size)) + 0.5;
    y = floor(y) + 0.5;
    while (*text) {
        const char *g = fenp_glyph(next_letter(&text));
        strokes(c, g, x, y, size, colour);
        x += (columns(g) + 2) * size;
    }
}
