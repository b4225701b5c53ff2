/* report/canvas.h: a small rasteriser: anti-aliased lines, discs, boxes and text on a white picture. x goes right, y down, the centre
 * of the first pixel is (0.5, 0.5). What lies outside the clip box is not drawn. */
#ifndef FENCHEL_REPORT_CANVAS_H
#define FENCHEL_REPORT_CANVAS_H
#include "report/report.h"

typedef struct fenp_colour { uint8_t red, green, blue; } fenp_colour;
typedef struct fenp_box { double left, top, right, bottom; } fenp_box;
typedef struct fenp_canvas { uint8_t *pixel; int width, height; fenp_box clip; } fenp_canvas;

void fenp_canvas_new(fenp_canvas *c, int width, int height);
void fenp_canvas_free(fenp_canvas *c);
void fenp_canvas_line(fenp_canvas *c, double x0, double y0, double x1, double y1, double thick, fenp_colour colour, double alpha);
void fenp_canvas_disc(fenp_canvas *c, double x, double y, double radius, fenp_colour colour, double alpha);
void fenp_canvas_fill(fenp_canvas *c, fenp_box b, fenp_colour colour, double alpha);
/* Text with its baseline at y; `anchor` 0: begins at x, 0.5: centred, 1: ends there. `size`: pixels of a sixth of a capital's height. */
void fenp_canvas_text(fenp_canvas *c, double x, double y, const char *text, double anchor, double size, fenp_colour colour);
double fenp_canvas_text_width(const char *text, double size);
/* The strokes of a letter: points of two digits, x then y, the pen up at a blank; baseline 2, capitals to 8, descenders to 0. */
const char *fenp_glyph(unsigned letter);

/* A picture with a title and two axes; the frame is where data is drawn. */
typedef struct fenp_axes { fenp_canvas canvas; fenp_box frame; double x[2], y[2]; } fenp_axes;
void fenp_axes_new(fenp_axes *a, const char *title, const double x[2], const double y[2], double right_margin, bool grid);
double fenp_axes_x(const fenp_axes *a, double x);
double fenp_axes_y(const fenp_axes *a, double y);
bool fenp_axes_write(fenp_axes *a, const char *path, fenp_faults *faults);     /* and frees */
int fenp_ticks(double low, double high, int most, double tick[16]);            /* round numbers within [low, high] */
void fenp_tick_label(char *to, size_t room, double tick, double step);
#endif
