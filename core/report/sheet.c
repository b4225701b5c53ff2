/* report/sheet.c: values as bytes, and many small pictures on one sheet. */
#include "report/report.h"
#include <math.h>
#include <string.h>

enum { LINE = 2, GREY = 128 };

void fenp_to_bytes(const double *x, int64_t n, double low, double high, uint8_t *to) {
    double scale = high > low ? 255 / (high - low) : 0;
    for (int64_t i = 0; i < n; i++) {
        double y = (x[i] - low) * scale;
        to[i] = isnan(y) ? 0 : (uint8_t)lrint(y < 0 ? 0 : y > 255 ? 255 : y);
    }
}

/* Pictures lie in rows, from the left; the line between them is grey, so that black and white pictures both stand out. */
uint8_t *fenp_sheet(const uint8_t *images, int n, int h, int w, int c, int columns, int *height, int *width) {
    if (columns < 1) columns = (int)ceil(sqrt((double)n));
    if (columns > n) columns = n;
    if (columns < 1) columns = 1;
    int rows = n > 0 ? (n + columns - 1) / columns : 1;
    *height = rows * h + (rows - 1) * LINE;
    *width = columns * w + (columns - 1) * LINE;
    size_t line = (size_t)*width * (size_t)c, part = (size_t)w * (size_t)c;
    uint8_t *sheet = fenp_new(fenp_product((size_t)*height, line));
    memset(sheet, GREY, (size_t)*height * line);
    for (int i = 0; i < n; i++) {
        size_t top = (size_t)(i / columns) * (size_t)(h + LINE), left = (size_t)(i % columns) * (size_t)(w + LINE) * (size_t)c;
        for (size_t y = 0; y < (size_t)h; y++)
            memcpy(sheet + (top + y) * line + left, images + ((size_t)i * (size_t)h + y) * part, part);
    }
    return sheet;
}
