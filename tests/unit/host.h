/* tests/unit/host.h: a host of the test's own for file samplers, chains and folds: attributes are texts, "columns.0" = "0 5"; what is served
 * is kept. The program's own fen_host_.. go before those of the library. Included by test_files.c and by the fuzz targets of readers. */
#ifndef FENCHEL_TESTS_HOST_H
#define FENCHEL_TESTS_HOST_H
#include "fenchel.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct field { const char *name, *text; } field;
typedef struct served { char name[32]; fen_type type; fen_table table; double scale, shift; } served;
struct fen_host { const field *field; char fault[512]; served out[4]; int outs; void *kept[64]; int keeps; size_t most; int64_t near; };

static const char *find(fen_host *h, const char *name) {
    for (const field *f = h->field; f && f->name; f++)
        if (strcmp(f->name, name) == 0) return f->text;
    return NULL;
}
double  fen_host_real(fen_host *h, const char *name) { const char *s = find(h, name); return s ? strtod(s, NULL) : 1; }
int64_t fen_host_int(fen_host *h, const char *name) { return (int64_t)fen_host_real(h, name); }
const char *fen_host_text(fen_host *h, const char *name) { return find(h, name); }
void *fen_host_fail(fen_host *h, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    if (!*h->fault) vsnprintf(h->fault, sizeof h->fault, format, ap);
    va_end(ap);
    return NULL;
}
void *fen_host_memory(fen_host *h, size_t bytes) {
    if (bytes > h->most) h->most = bytes;
    if (h->keeps == 64 || bytes > 1u << 30) return fen_host_fail(h, "no memory for %zu bytes", bytes);
    return h->kept[h->keeps++] = calloc(bytes + 1, 1);
}
const double *fen_host_numbers(fen_host *h, const char *name, fen_shape *shape) {
    const char *s = find(h, name);
    if (!s) return NULL;
    double *x = fen_host_memory(h, 8 * sizeof *x);
    int64_t n = 0;
    for (char *end; n < 8; s = end) {
        x[n] = strtod(s, &end);
        if (end == s) break;
        n++;
    }
    *shape = n == 1 ? fen_features(0, NULL) : fen_vector(n);
    return x;
}
/* "image label": the keys of a table of records stand under its name. */
static int64_t keys(const char *s, int64_t which, char *key) {
    int64_t n = 0;
    for (; s && *s; s += strcspn(s, " "), s += strspn(s, " "))
        if (n++ == which && key) snprintf(key, 32, "%.*s", (int)strcspn(s, " "), s);
    return n;
}
int64_t fen_host_records(fen_host *h, const char *name) { return keys(find(h, name), -1, NULL); }
const char *fen_host_key(fen_host *h, const char *name, int64_t i) {
    char *key = fen_host_memory(h, 32);
    keys(find(h, name), i, key);
    return key;
}
void fen_host_serve(fen_host *h, const char *output, fen_type type, const fen_table *t, double scale, double shift) {
    served *s = &h->out[h->outs++];
    *s = (served){.type = type, .table = *t, .scale = scale, .shift = shift};
    snprintf(s->name, sizeof s->name, "%s", output);
}
fen_shape fen_host_shape(fen_host *h, const char *port) { (void)port; return fen_vector(h->near); }
bool fen_host_hdf5(fen_host *h, const char *path, const char *dataset, fen_table *t) {
    static const unsigned char bytes[6] = {0, 51, 102, 153, 204, 255};
    if (strcmp(path, "data.h5") != 0) return fen_host_fail(h, "no file %s", path), false;
    *t = (fen_table){.data = bytes, .cell = FEN_U8, .rows = strcmp(dataset, "short") == 0 ? 2 : 3, .features = fen_vector(2)};
    return true;
}
static void host_free(fen_host *h) { for (int i = 0; i < h->keeps; i++) free(h->kept[i]); }
#endif
