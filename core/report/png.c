/* report/png.c: the only file that includes libpng. The picture is made in memory and written by fenp_replace_soon: a reader that polls the
 * folder never meets half of one, and a full disk is reported in one place. A run may write thousands, so rows are not filtered, and
 * little effort is made in compression: a fifth of the time of the library's choice, for files half as large again. */
#include "base/io.h"
#include "report/report.h"
#include <png.h>
#include <setjmp.h>
#include <string.h>

enum { EFFORT = 1 };
typedef struct output { unsigned char *at; size_t n, room; const char *wrong; } output;

static void give_up(png_structp png, png_const_charp wrong) {
    output *o = png_get_error_ptr(png);
    o->wrong = wrong;
    png_longjmp(png, 1);
}
static void add(png_structp png, png_bytep data, size_t n) {
    output *o = png_get_io_ptr(png);
    if (o->n + n > o->room) {
        unsigned char *larger = fenp_new(o->room = 2 * (o->n + n) + 16384);
        if (o->n) memcpy(larger, o->at, o->n);
        fenp_delete(o->at);
        o->at = larger;
    }
    memcpy(o->at + o->n, data, n);
    o->n += n;
}
static void ignore(png_structp png, png_const_charp text) { (void)png, (void)text; }
static void nothing(png_structp png) { (void)png; }

/* All that may jump, and nothing of its own that changes after setjmp. */
static void encode(png_structp png, png_infop info, const uint8_t *pixel, int width, int height, int channels) {
    if (setjmp(png_jmpbuf(png))) return;
    int kind = channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
    size_t row = (size_t)width * (size_t)channels;
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, kind, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, EFFORT);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_write_info(png, info);
    for (size_t y = 0; y < (size_t)height; y++) png_write_row(png, pixel + y * row);
    png_write_end(png, NULL);
}

bool fenp_png_write(const char *path, const uint8_t *pixel, int width, int height, int channels, fenp_faults *faults) {
    output o = {.wrong = NULL};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &o, give_up, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) fenp_no_memory(0);
    png_set_write_fn(png, &o, add, nothing);
    encode(png, info, pixel, width, height, channels);
    png_destroy_write_struct(&png, &info);
    bool fine = !o.wrong;
    if (!fine) fenp_fail(faults, (fenp_place){NULL, 0, 0}, "cannot make the picture %s of %d by %d pixels: %s", path, width, height, o.wrong);
    else fine = fenp_replace_soon(path, o.at, o.n, faults);
    fenp_delete(o.at);
    return fine;
}
