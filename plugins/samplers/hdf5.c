/* Datasets of one HDF5 file as outputs: rows are the first axis. Bytes become what `scale` says of 0 and 255;
 * without it whole numbers are served as integers. Floating-point cells stay as they are. */
#include "fenchel.h"
#include <stdio.h>
#include <string.h>

static const fen_attribute attributes[] = {
    {.name = "file", .type = FEN_ATTR_PATH, .help = "the HDF5 file"},
    {.name = "datasets", .type = FEN_ATTR_RECORDS, .help = "output: path of its dataset, such as {image: images}"},
    {.name = "scale", .type = FEN_ATTR_RECORDS, .initial = "{}", .help = "output: [low, high], what the bytes 0 and 255 become"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "*", .shape = "[...; ...]", .help = "one a dataset, by the names given"}, FEN_END};

/* The two numbers that `scale` has for an output; *scale NULL: it has none. false: they are wrong. */
static bool read_scale(fen_host *h, const char *output, const double **scale) {
    *scale = NULL;
    for (int64_t i = 0; i < fen_host_records(h, "scale"); i++) {
        char field[64];
        const char *key = fen_host_key(h, "scale", i);
        if (!key || strcmp(key, output) != 0) continue;
        fen_shape n;
        snprintf(field, sizeof field, "scale.%lld", (long long)i);
        *scale = fen_host_numbers(h, field, &n);
        if (!*scale || fen_row_size(&n) != 2) return fen_host_fail(h, "scale of %s: needs two numbers, such as [0, 1]", output), false;
    }
    return true;
}

static bool serve(fen_host *h, const char *output, const fen_table *t) {
    const double *scale;
    bool whole = t->cell == FEN_U8 || t->cell == FEN_I64;
    if (!read_scale(h, output, &scale)) return false;
    if (scale && t->cell != FEN_U8) return fen_host_fail(h, "scale of %s: it is for bytes; this dataset has other cells", output), false;
    if (scale) fen_host_serve(h, output, FEN_REAL, t, (scale[1] - scale[0]) / 255, scale[0]);
    else fen_host_serve(h, output, whole ? FEN_INTEGER : FEN_REAL, t, 1, 0);
    return true;
}

static void *hdf5_open(fen_host *h) {
    const char *file = fen_host_text(h, "file"), *first = NULL;
    int64_t n = fen_host_records(h, "datasets"), rows = 0;
    for (int64_t i = 0; i < n; i++) {
        char field[64];
        fen_table t;
        snprintf(field, sizeof field, "datasets.%lld", (long long)i);
        const char *output = fen_host_key(h, "datasets", i), *dataset = fen_host_text(h, field);
        if (!output || !dataset) return fen_host_fail(h, "datasets: needs a mapping from outputs to paths, such as {image: images}");
        if (!fen_host_hdf5(h, file, dataset, &t)) return NULL;
        if (first && t.rows != rows)
            return fen_host_fail(h, "%s has %lld rows, %s has %lld; needs equally many", first, (long long)rows, output, (long long)t.rows);
        rows = t.rows;
        first = output;
        if (!serve(h, output, &t)) return NULL;
    }
    return n > 0 ? (void *)file : fen_host_fail(h, "datasets: needs at least one, such as {image: images}");
}

static const fen_source source = {.open = hdf5_open};
static const fen_function hdf5 = {
    .name = "hdf5", .summary = "Datasets of an HDF5 file.",
    .attributes = attributes, .outputs = outputs, .draws = &source,
};
FEN_PLUGIN(.name = "hdf5", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&hdf5));
