/* One array of a .npy file (versions 1 to 3), rows along its first axis; floats, doubles, 64-bit and 8-bit whole numbers, C order.
 * Header: \x93NUMPY, version in 2 bytes, length in 2 or 4, then "{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 784), }".
 * Bytes become what `scale` says of 0 and 255; without it whole numbers are integers. */
#include "fenchel.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const fen_attribute attributes[] = {
    {.name = "file", .type = FEN_ATTR_PATH, .help = "the .npy file"},
    {.name = "scale", .type = FEN_ATTR_TABLE, .initial = "[0, 0]", .help = "what the bytes 0 and 255 become; [0, 0]: they stay integers"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "value", .shape = "[...; ...]", .help = "a row"}, FEN_END};

enum { LONGEST = 65536 };
typedef struct form { const char *text; fen_cell cell; int64_t bytes; } form;
static const form forms[] = {{"<f4", FEN_F32, 4}, {"<f8", FEN_F64, 8}, {"<i8", FEN_I64, 8}, {"|u1", FEN_U8, 1}};

/* What follows 'key': in the header; NULL: nothing. */
static const char *value_of(const char *header, const char *key) {
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s':", key);
    const char *s = strstr(header, quoted);
    return s ? s + strlen(quoted) + strspn(s + strlen(quoted), " ") : NULL;
}

static const form *form_of(fen_host *h, const char *path, const char *header) {
    const char *type = value_of(header, "descr"), *order = value_of(header, "fortran_order");
    if (!order || strncmp(order, "False", 5) != 0) return fen_host_fail(h, "%s: not in C order; save numpy.ascontiguousarray(x)", path);
    for (size_t i = 0; type && i < sizeof forms / sizeof *forms; i++)
        if (type[0] == '\'' && strncmp(type + 1, forms[i].text, 3) == 0 && type[4] == '\'') return &forms[i];
    if (!type) type = "?";
    return fen_host_fail(h, "%s: cells of type %.*s; needs '<f4', '<f8', '<i8' or '|u1'", path, (int)strcspn(type, ",}"), type);
}

/* Sizes "(60000, 784)"; the number of axes, -1: failed. *count: of all cells. */
static int shape_of(fen_host *h, const char *path, const char *header, int64_t size[FEN_MAX_RANK], int64_t *count) {
    const char *s = value_of(header, "shape");
    int n = 0;
    *count = 1;
    for (s = s && *s == '(' ? s + 1 : NULL; s && *s != ')'; s += strspn(s, ", ")) {
        char *end;
        int64_t next = strtoll(s, &end, 10);
        if (end == s || next < 1 || n == FEN_MAX_RANK || __builtin_mul_overflow(*count, next, count)) { s = NULL; break; }
        size[n++] = next;
        s = end;
    }
    if (s && n > 0 && n < FEN_MAX_RANK) return n;
    s = value_of(header, "shape");
    return fen_host_fail(h, "%s: shape %.40s; needs 1 to %d sizes of at least 1", path, s ? s : "missing", FEN_MAX_RANK - 1), -1;
}

/* The header as text, f behind it; NULL: failed. Free with free. */
static char *read_header(fen_host *h, const char *path, FILE *f, int64_t *length) {
    unsigned char head[12] = {0};
    if (fread(head, 1, 10, f) != 10 || memcmp(head, "\x93NUMPY", 6) != 0) return fen_host_fail(h, "%s is no .npy file", path);
    if (head[6] < 1 || head[6] > 3 || (head[6] > 1 && fread(head + 10, 1, 2, f) != 2))
        return fen_host_fail(h, "%s: version %d of .npy; needs 1 to 3", path, head[6]);
    *length = head[8] | head[9] << 8 | (head[6] > 1 ? head[10] << 16 | (int64_t)head[11] << 24 : 0);
    if (*length > LONGEST) return fen_host_fail(h, "%s: a header of %lld bytes; needs at most %d", path, (long long)*length, LONGEST);
    char *text = calloc((size_t)*length + 1, 1);
    if (text && fread(text, 1, (size_t)*length, f) == (size_t)*length) {
        *length += head[6] > 1 ? 12 : 10;
        return text;
    }
    free(text);
    return fen_host_fail(h, "%s: its header is cut off", path);
}

static bool read_table(fen_host *h, const char *path, FILE *f, const char *header, int64_t before, fen_table *t) {
    int64_t size[FEN_MAX_RANK], count, bytes = 0;
    struct stat info;
    const form *form = form_of(h, path, header);
    int n = form ? shape_of(h, path, header, size, &count) : -1;
    if (n < 0) return false;
    if (__builtin_mul_overflow(count, form->bytes, &bytes) || fstat(fileno(f), &info) != 0 || info.st_size - before != bytes)
        return fen_host_fail(h, "%s: its header speaks of %lld bytes behind it, the file has %lld", path, (long long)bytes,
            (long long)(info.st_size - before)), false;
    void *cells = fen_host_memory(h, (size_t)bytes);
    if (cells && fread(cells, 1, (size_t)bytes, f) != (size_t)bytes) return fen_host_fail(h, "%s: cannot be read to its end", path), false;
    *t = (fen_table){.data = cells, .cell = form->cell, .rows = size[0], .features = fen_features(n - 1, size + 1)};
    return cells != NULL;
}

static bool serve(fen_host *h, const fen_table *t) {
    fen_shape n;
    const double *scale = fen_host_numbers(h, "scale", &n);
    bool given = scale && fen_row_size(&n) == 2 && scale[0] != scale[1], whole = t->cell == FEN_U8 || t->cell == FEN_I64;
    if (given && t->cell != FEN_U8) return fen_host_fail(h, "scale: it is for bytes; this array has other cells"), false;
    if (given) fen_host_serve(h, "value", FEN_REAL, t, (scale[1] - scale[0]) / 255, scale[0]);
    else fen_host_serve(h, "value", whole ? FEN_INTEGER : FEN_REAL, t, 1, 0);
    return true;
}

static void *npy_open(fen_host *h) {
    const char *path = fen_host_text(h, "file");
    int64_t before = 0;
    fen_table t;
    FILE *f = fopen(path, "rb");
    if (!f) return fen_host_fail(h, "%s: %s", path, strerror(errno));
    char *header = read_header(h, path, f, &before);
    bool good = header && read_table(h, path, f, header, before, &t);
    free(header);
    fclose(f);
    return good && serve(h, &t) ? (void *)path : NULL;
}

static const fen_source source = {.open = npy_open};
static const fen_function npy = {
    .name = "npy", .summary = "One array of a .npy file.",
    .attributes = attributes, .outputs = outputs, .draws = &source,
};
FEN_PLUGIN(.name = "npy", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&npy));
