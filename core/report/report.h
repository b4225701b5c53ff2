/* report/report.h: what people look at: PNG files and the progress line. png.c alone includes libpng. */
#ifndef FENCHEL_REPORT_REPORT_H
#define FENCHEL_REPORT_REPORT_H
#include "base/fault.h"
#include <stdint.h>
bool fenp_png_write(const char *path, const uint8_t *pixel, int width, int height, int channels, fenp_faults *faults);   /* channels 1 or 3 */
/* Values in [low, high] as bytes; NaN is 0. */
void fenp_to_bytes(const double *x, int64_t n, double low, double high, uint8_t *to);
/* n images [h, w, c] as one sheet of `columns` (0: as square as it can be), a line of 2 pixels between; returns [H, W, c], fenp_delete. */
uint8_t *fenp_sheet(const uint8_t *images, int n, int h, int w, int c, int columns, int *height, int *width);
/* Pictures of tensors (DECISIONS 19.8), with axes, ticks and numbers in a small built-in font; several curves or point sets in one picture. */
typedef struct fenp_curve { const char *name; const double *x, *y; int64_t n; } fenp_curve;
bool fenp_plot_lines(const char *path, const char *title, const fenp_curve *c, int n, fenp_faults *faults);
bool fenp_plot_points(const char *path, const char *title, const fenp_curve *c, int n, fenp_faults *faults);
bool fenp_plot_histograms(const char *path, const char *title, const fenp_curve *c, int n, fenp_faults *faults);   /* of x */
/* Row 0 is at the bottom. x, y: the ranges of columns and rows; NULL: their numbers. */
bool fenp_plot_heat(const char *path, const char *title, const double *z, int64_t rows, int64_t columns, const double x[2], const double y[2],
                    fenp_faults *faults);

/* The progress of a run: a bar on a terminal, else plain lines at growing intervals (10 s, x1.5, at most 5 min); each plain line goes to
 * `also` too (console.log; may be NULL). */
typedef struct fenp_progress fenp_progress;
extern double (*fenp_progress_clock)(void);   /* fenp_clock; tests set their own */
typedef struct fenp_shown { const char *name; double value; } fenp_shown;
fenp_progress *fenp_progress_new(FILE *to, FILE *also);
void fenp_progress_say(fenp_progress *p, const char *format, ...) __attribute__((format(printf, 2, 3)));   /* a whole line, always shown */
/* Cheap: looks at the clock now and then. epoch < 0: none; total <= 0: unknown. */
void fenp_progress_step(fenp_progress *p, const char *phase, int64_t done, int64_t total, double epoch, const fenp_shown *s, int n);
void fenp_progress_free(fenp_progress *p);
bool fenp_terminal_utf8(void);                /* as the locale says */
int fenp_terminal_columns(FILE *to);          /* 80 where nobody says */
#endif
