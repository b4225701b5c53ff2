/* report/png.c: the only file that includes libpng. The picture is made in memory and written by fenp_replace: a reader that polls the
 * folder never meets half of one, and a full disk is reported in one place. */
#include "base/io.h"
#include "report/report.h"
#include <png.h>

bool fenp_png_write(const char *path, const uint8_t *pixel, int width, int height, int channels, fenp_faults *faults) {
    png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)width, .height = (png_uint_32)height};
    png_alloc_size_t n = 0;
    image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    n = PNG_IMAGE_PNG_SIZE_MAX(image);
    void *data = fenp_new(n);
    bool fine = png_image_write_to_memory(&image, data, &n, 0, pixel, 0, NULL) != 0;
    if (!fine) fenp_fail(faults, (fenp_place){NULL, 0, 0}, "cannot make the picture %s of %d by %d pixels: %s", path, width, height, image.message);
    else fine = fenp_replace(path, data, n, faults);
    png_image_free(&image);
    fenp_delete(data);
    return fine;
}
