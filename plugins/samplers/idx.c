/* IDX files, the form of MNIST: images as bytes, labels as integers; plain or gzip. An image cell c becomes low + (high - low) c / 255.
 * File: two zero bytes, 0x08 (unsigned bytes), number of axes, each size in 4 bytes (the greatest first), then the cells, row by row.
 * The header is held against what the file can contain before any memory is asked for, and the content against it after.
 * Source: LeCun, Cortes, Burges, the MNIST database. */
#include "fenchel.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const fen_attribute attributes[] = {
    {.name = "images", .type = FEN_ATTR_PATH, .initial = "", .help = "file of images, .gz or not"},
    {.name = "labels", .type = FEN_ATTR_PATH, .initial = "", .help = "file of labels, .gz or not"},
    {.name = "scale", .type = FEN_ATTR_TABLE, .initial = "[0, 1]", .help = "what cells 0 and 255 become"},
    FEN_END
};
static const fen_port outputs[] = {
    {.name = "image", .shape = "[...; ...]", .optional = true, .help = "[height, width, 1]"},
    {.name = "label", .shape = "[...;]", .type = FEN_INTEGER, .optional = true, .help = "the label"},
    FEN_END
};

enum { MOST_AXES = 4 };
static const int64_t inflation = 1040;        /* gzip makes n bytes of at least n / 1032 */

typedef struct stream { fen_host *host; const char *path; gzFile file; int64_t packed; bool plain; } stream;

/* zlib puts the path before its reason; ours has it already. */
static const char *reason(stream *s, int *code) {
    const char *why = gzerror(s->file, code), *colon = *code == Z_ERRNO ? NULL : strstr(why, ": ");
    return *code == Z_ERRNO ? strerror(errno) : colon ? colon + 2 : why;
}
static bool read_bytes(stream *s, void *to, int64_t n, const char *what) {
    for (int64_t got = 0; got < n;) {
        unsigned most = n - got < 1 << 30 ? (unsigned)(n - got) : 1u << 30;
        int now = gzread(s->file, (char *)to + got, most), code = Z_OK;
        if (now > 0) { got += now; continue; }
        const char *why = reason(s, &code);
        if (now < 0 || code != Z_OK) fen_host_fail(s->host, "%s is damaged or cut off: %s", s->path, why);
        else fen_host_fail(s->host, "%s ends after %lld of %lld bytes of its %s", s->path, (long long)got, (long long)n, what);
        return false;
    }
    return true;
}

/* Nothing may follow, and a gzip file must end with its checksum. */
static bool at_end(stream *s) {
    char more;
    int code = Z_OK, n = gzread(s->file, &more, 1);
    const char *why = reason(s, &code);
    if (n > 0) fen_host_fail(s->host, "%s is longer than its header says", s->path);
    else if (n < 0 || code != Z_OK) fen_host_fail(s->host, "%s is damaged or cut off: %s", s->path, why);
    return n == 0 && code == Z_OK;
}

/* Sizes of the header; the number of axes, 0: failed. *bytes: of all cells. */
static int read_header(stream *s, int64_t size[MOST_AXES], int64_t *bytes) {
    unsigned char head[4], word[4];
    if (!read_bytes(s, head, 4, "header")) return 0;
    if (head[0] || head[1]) return fen_host_fail(s->host, "%s is no IDX file: it begins with %02x %02x, needs 00 00", s->path, head[0], head[1]), 0;
    if (head[2] != 8) return fen_host_fail(s->host, "%s: cells of type 0x%02x; needs unsigned bytes (0x08)", s->path, head[2]), 0;
    if (head[3] < 1 || head[3] > MOST_AXES) return fen_host_fail(s->host, "%s: %d axes; needs 1 to %d", s->path, head[3], MOST_AXES), 0;
    *bytes = 1;
    for (int i = 0; i < head[3]; i++) {
        if (!read_bytes(s, word, 4, "header")) return 0;
        size[i] = (int64_t)word[0] << 24 | word[1] << 16 | word[2] << 8 | word[3];
        if (size[i] < 1 || __builtin_mul_overflow(*bytes, size[i], bytes))
            return fen_host_fail(s->host, "%s: axis %d has size %lld", s->path, i, (long long)size[i]), 0;
    }
    int64_t room = s->plain ? s->packed - 4 - 4 * head[3] : s->packed * inflation;
    if (s->plain ? *bytes != room : *bytes > room)
        return fen_host_fail(s->host, "%s: its header speaks of %lld bytes, the file has%s %lld", s->path, (long long)*bytes,
                             s->plain ? "" : " room for at most", (long long)room), 0;
    return head[3];
}

static bool read_cells(stream *s, fen_table *t) {
    int64_t size[MOST_AXES], bytes;
    int axes = read_header(s, size, &bytes);
    unsigned char *cells = axes ? fen_host_memory(s->host, (size_t)bytes) : NULL;
    if (!cells || !read_bytes(s, cells, bytes, "cells") || !at_end(s)) return false;
    *t = (fen_table){.data = cells, .cell = FEN_U8, .rows = size[0], .features = fen_features(axes - 1, size + 1)};
    return true;
}

static bool read_file(fen_host *h, const char *path, fen_table *t) {
    struct stat info;
    errno = 0;
    stream s = {.host = h, .path = path, .file = gzopen(path, "rb")};
    if (!s.file || stat(path, &info) != 0) {
        fen_host_fail(h, "%s: %s", path, errno ? strerror(errno) : "out of memory");
        if (s.file) gzclose(s.file);
        return false;
    }
    s.packed = info.st_size;
    s.plain = gzdirect(s.file) != 0;
    bool good = read_cells(&s, t);
    gzclose(s.file);
    return good;
}

static bool given(const char *path) { return path && *path; }

static bool serve_images(fen_host *h, const char *path, fen_table *t) {
    fen_shape n;
    const double *scale = fen_host_numbers(h, "scale", &n);
    if (!scale || fen_row_size(&n) != 2) return fen_host_fail(h, "scale: needs two numbers, such as [0, 1]"), false;
    if (!read_file(h, path, t)) return false;
    if (t->features.rank < 2) return fen_host_fail(h, "%s has %d axes; images need 3: [rows, height, width]", path, t->features.rank + 1), false;
    if (t->features.rank == 2) t->features = fen_features(3, (int64_t[]){t->features.size[0], t->features.size[1], 1});
    fen_host_serve(h, "image", FEN_REAL, t, (scale[1] - scale[0]) / 255, scale[0]);
    return true;
}

static void *idx_open(fen_host *h) {
    const char *images = fen_host_text(h, "images"), *labels = fen_host_text(h, "labels");
    fen_table image = {.rows = 0}, label = {.rows = 0};
    if (!given(images) && !given(labels)) return fen_host_fail(h, "needs images, labels, or both");
    if (given(images) && !serve_images(h, images, &image)) return NULL;
    if (!given(labels)) return (void *)images;
    if (!read_file(h, labels, &label)) return NULL;
    if (label.features.rank) return fen_host_fail(h, "%s has %d axes; labels need 1", labels, label.features.rank + 1);
    if (image.rows && image.rows != label.rows)
        return fen_host_fail(h, "%lld images and %lld labels; needs one label an image", (long long)image.rows, (long long)label.rows);
    fen_host_serve(h, "label", FEN_INTEGER, &label, 1, 0);
    return (void *)labels;
}

static const fen_source source = {.open = idx_open};
static const fen_function idx = {
    .name = "idx", .summary = "Images and labels of IDX files, such as MNIST.", .source = "LeCun, Cortes, Burges, the MNIST database",
    .attributes = attributes, .outputs = outputs, .draws = &source,
};
FEN_PLUGIN(.name = "idx", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&idx));
