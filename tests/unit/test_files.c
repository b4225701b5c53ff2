/* Built-in host code on a host of the test's own: file samplers on good, lying, cut-off and foreign files, chains, folds. */
#include "host.h"
#include "plugin/registry.h"
#include "test.h"
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char folder[] = "/tmp/fenchel-test-files-XXXXXX";
static const char *path_of(const char *name) {
    static char path[4][128];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}
static void write_file(const char *path, const void *data, size_t n) {
    FILE *f = fopen(path, "wb");
    if (f && fwrite(data, 1, n, f) != n) perror(path);
    if (f) fclose(f);
}
static void write_gz(const char *path, const void *data, unsigned n) {
    gzFile f = gzopen(path, "wb9");
    gzwrite(f, data, n);
    gzclose(f);
}
static void cut(const char *path, int64_t less) {
    struct stat s;
    if (stat(path, &s) == 0 && truncate(path, s.st_size - less) != 0) perror(path);
}
static const fen_function *function(const char *name) { return fenp_function_find(name, NULL); }
/* Opens; the fault without the folder's name, "" for none. */
static const char *opened(const char *name, fen_host *h, const field *f) {
    static char text[512];
    *h = (fen_host){.field = f};
    void *self = function(name)->draws->open(h);
    fen_test_say(!self == (*h->fault != '\0'), __LINE__, __FILE__, "%s: returned %p, fault %s", name, self, h->fault);
    char *at = strstr(h->fault, folder);
    snprintf(text, sizeof text, "%s", at ? at + strlen(folder) + 1 : h->fault);
    return text;
}
static double cell(const served *s, int64_t i) {
    const void *d = s->table.data;
    double c = s->table.cell == FEN_U8 ? ((const unsigned char *)d)[i] : s->table.cell == FEN_I64 ? (double)((const int64_t *)d)[i]
             : s->table.cell == FEN_F32 ? ((const float *)d)[i] : ((const double *)d)[i];
    return s->scale * c + s->shift;
}

/* ---- IDX ---- */
static unsigned idx_bytes(unsigned char *to, unsigned char type, int axes, const unsigned *size, unsigned cells) {
    unsigned n = 0;
    to[n++] = 0; to[n++] = 0; to[n++] = type; to[n++] = (unsigned char)axes;
    for (int i = 0; i < axes; i++) for (int k = 3; k >= 0; k--) to[n++] = (unsigned char)(size[i] >> 8 * k);
    for (unsigned i = 0; i < cells; i++) to[n++] = (unsigned char)(i * 7);
    return n;
}
static void idx_good(void) {
    unsigned char bytes[256];
    fen_host h;
    unsigned n = idx_bytes(bytes, 8, 3, (unsigned[]){5, 2, 3}, 30);
    write_gz(path_of("images.gz"), bytes, n);
    write_file(path_of("images"), bytes, n);
    n = idx_bytes(bytes, 8, 1, (unsigned[]){5}, 5);
    write_file(path_of("labels"), bytes, n);
    for (int k = 0; k < 2; k++) {
        FEN_TEXT(opened("idx", &h, (field[]){{"images", path_of(k ? "images" : "images.gz")}, {"labels", path_of("labels")}, {"scale", "-1 1"}, {NULL,
            NULL}}), "");
        FEN_COUNT(h.outs, 2);
        FEN_TEXT(h.out[0].name, "image");
        FEN_TRUE(h.out[0].table.rows == 5 && h.out[0].table.features.rank == 3 && h.out[0].table.features.size[0] == 2
            && h.out[0].table.features.size[1] == 3 && h.out[0].table.features.size[2] == 1);
        for (int i = 0; i < 30; i++) FEN_NEAR(cell(&h.out[0], i), -1 + 2 * (7 * i) / 255.0, 1e-12);
        FEN_TRUE(h.out[1].type == FEN_INTEGER && h.out[1].table.rows == 5 && h.out[1].table.features.rank == 0);
        FEN_NEAR(cell(&h.out[1], 4), 28, 0);
        host_free(&h);
    }
    FEN_TEXT(opened("idx", &h, (field[]){{"labels", path_of("labels")}, {"scale", "0 1"}, {NULL, NULL}}), "");
    FEN_COUNT(h.outs, 1);
    host_free(&h);
}
static void idx_bad(void) {
    static const struct { const char *what; unsigned char type; int axes; unsigned size[4], cells; bool gz; int less; const char *says; } row[] = {
        {"foreign type", 13, 3, {5, 2, 3}, 30, false, 0, "bad: cells of type 0x0d; needs unsigned bytes (0x08)"},
        {"no axes", 8, 0, {0}, 0, false, 0, "bad: 0 axes; needs 1 to 4"},
        {"lies, plain", 8, 3, {50, 2, 3}, 30, false, 0, "bad: its header speaks of 300 bytes, the file has 30"},
        {"lies, huge", 8, 3, {4000000000u, 4000000000u, 3}, 30, false, 0, "bad: axis 1 has size 4000000000"},
        {"lies, huge, gzip", 8, 3, {60000, 2000, 3}, 30, true, 0, "bad: its header speaks of 360000000 bytes, the file has room for at most "},
        {"lies, little, gzip", 8, 3, {50, 2, 3}, 30, true, 0, "bad ends after 30 of 300 bytes of its cells"},
        {"longer, gzip", 8, 3, {4, 2, 3}, 30, true, 0, "bad is longer than its header says"},
        {"longer, plain", 8, 3, {4, 2, 3}, 30, false, 0, "bad: its header speaks of 24 bytes, the file has 30"},
        {"cut, gzip", 8, 3, {5, 2, 3}, 30, true, 12, "bad is damaged or cut off: "},
        {"checksum cut, gzip", 8, 3, {5, 2, 3}, 30, true, 4, "bad is damaged or cut off: "},
        {"cut in the header", 8, 3, {5, 2, 3}, 30, false, 36, "bad ends after 2 of 4 bytes of its header"},
        {"size 0", 8, 3, {0, 2, 3}, 0, false, 0, "bad: axis 0 has size 0"},
        {"flat", 8, 2, {5, 6}, 30, false, 0, "bad has 2 axes; images need 3: [rows, height, width]"},
    };
    unsigned char bytes[256];
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        fen_host h;
        unsigned n = idx_bytes(bytes, row[k].type, row[k].axes, row[k].size, row[k].cells);
        if (row[k].gz) write_gz(path_of("bad"), bytes, n);
        else write_file(path_of("bad"), bytes, n);
        cut(path_of("bad"), row[k].less);
        const char *says = opened("idx", &h, (field[]){{"images", path_of("bad")}, {"scale", "0 1"}, {NULL, NULL}});
        fen_test_say(strncmp(says, row[k].says, strlen(row[k].says)) == 0, __LINE__, __FILE__, "%s: %s", row[k].what, says);
        fen_test_say(h.most < 100000, __LINE__, __FILE__, "%s: asked for %zu bytes", row[k].what, h.most);
        host_free(&h);
    }
    fen_host h;
    write_file(path_of("text"), "hello, world", 12);
    FEN_TEXT(opened("idx", &h, (field[]){{"images", path_of("text")}, {"scale", "0 1"}, {NULL, NULL}}),
        "text is no IDX file: it begins with 68 65, needs 00 00");
    host_free(&h);
    FEN_TEXT(opened("idx", &h, (field[]){{"images", path_of("absent")}, {"scale", "0 1"}, {NULL, NULL}}), "absent: No such file or directory");
    host_free(&h);
    FEN_TEXT(opened("idx", &h, (field[]){{NULL, NULL}}), "needs images, labels, or both");
    host_free(&h);
    write_file(path_of("few"), bytes, idx_bytes(bytes, 8, 1, (unsigned[]){4}, 4));
    FEN_TEXT(opened("idx", &h, (field[]){{"images", path_of("images")}, {"labels", path_of("few")}, {"scale", "0 1"}, {NULL, NULL}}),
        "5 images and 4 labels; needs one label an image");
    host_free(&h);
}

/* ---- CSV ---- */
static void csv(void) {
    static const struct { const char *text, *columns, *integers, *says; int outs; int64_t rows; } row[] = {
        {"1,2,3\n4,5,6\n", NULL, NULL, "", 1, 2}, {"a,b,c\n1,2,3\n4,5,6", NULL, NULL, "", 1, 2},
            {"\xef\xbb\xbfx, y ,z\r\n 1 , -2e3,3\r\n\r\n4,5,6\r\n", "x y", "y", "", 2, 2},
        {"1,2,3\n4,5\n", NULL, NULL, "data.csv:2: 2 cells; the first row has 3", 0, 0}, {"1,2,3\n4,x,6\n", NULL, NULL,
            "data.csv:2: cell 2 is no finite number", 0, 0},
        {"1,2,3\n4,nan,6\n", NULL, NULL, "data.csv:2: cell 2 is no finite number", 0, 0}, {"1,2,3\n4,5,\n", NULL, NULL,
            "data.csv:2: cell 3 is no finite number", 0, 0},
        {"1,2,3\n4 5 6\n", NULL, NULL, "data.csv:2: cell 1 is no finite number", 0, 0},
        {"a,b\n", NULL, NULL, "data.csv has no rows of numbers", 0, 0}, {"", NULL, NULL, "data.csv has no rows of numbers", 0, 0},
        {"1,2\n3,4\n", "x y", NULL, "columns of x: 0 to 3; the file has 0 to 2", 0, 0}, {"1,2,3.5\n4,5,6\n", "x y", "y",
            "data.csv: row 0 of y is 3.5; needs an integer", 0, 0},
    };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        fen_host h;
        write_file(path_of("data.csv"), row[k].text, strlen(row[k].text));
        field f[] = {{"file", path_of("data.csv")}, {"columns", row[k].columns}, {"columns.0", k == 10 ? "0 3" : "0 2"}, {"columns.1", "2"},
            {"integers", row[k].integers}, {"integers.0", row[k].integers}, {NULL, NULL}};
        FEN_TEXT(opened("csv", &h, f), row[k].says);
        if (row[k].outs) {
            FEN_COUNT(h.outs, row[k].outs);
            FEN_COUNT(h.out[0].table.rows, row[k].rows);
            FEN_NEAR(cell(&h.out[0], 0), 1, 0);
            FEN_NEAR(cell(&h.out[0], row[k].outs == 2 ? 2 : 3), 4, 0);
        }
        if (row[k].outs == 2) {
            FEN_NEAR(cell(&h.out[0], 1), -2000, 0);
            FEN_TRUE(h.out[1].type == FEN_INTEGER && h.out[1].table.features.rank == 0 && h.out[0].table.features.size[0] == 2);
            FEN_NEAR(cell(&h.out[1], 1), 6, 0);
        }
        host_free(&h);
    }
}

/* ---- NPY ---- */
static size_t npy_bytes(unsigned char *to, int version, const char *header, const void *cells, size_t bytes) {
    size_t n = strlen(header), at = 10;
    memcpy(to, "\x93NUMPY", 6);
    to[6] = (unsigned char)version; to[7] = 0;
    to[8] = (unsigned char)n; to[9] = (unsigned char)(n >> 8);
    if (version > 1) { to[10] = to[11] = 0; at = 12; }
    memcpy(to + at, header, n);
    memcpy(to + at + n, cells, bytes);
    return at + n + bytes;
}
static void npy(void) {
    static const float single[6] = {0, 1.5f, -2, 3, 4, 5};
    static const double wide[6] = {0, 1.5, -2, 3, 4, 5};
    static const int64_t whole[6] = {0, 1, -2, 3, 4, 5};
    static const unsigned char small[6] = {0, 51, 102, 153, 204, 255};
    static const struct { int version; const char *header; const void *cells; size_t bytes; const char *scale,
        *says; double third; fen_type type; } row[] = {
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n", single, 24, "0 0", "", -2, FEN_REAL},
        {2, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n", wide, 48, "0 0", "", -2, FEN_REAL},
        {3, "{'descr': '<i8', 'fortran_order': False, 'shape': (6,), }\n", whole, 48, "0 0", "", -2, FEN_INTEGER},
        {1, "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2, 1), }\n", small, 6, "0 1", "", 0.4, FEN_REAL},
        {1, "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2, 1), }\n", small, 6, "0 0", "", 102, FEN_INTEGER},
        {1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }\n", single, 24, "0 0",
            "a.npy: not in C order; save numpy.ascontiguousarray(x)", 0, FEN_REAL},
        {1, "{'descr': '>f4', 'fortran_order': False, 'shape': (3, 2), }\n", single, 24, "0 0",
            "a.npy: cells of type '>f4'; needs '<f4', '<f8', '<i8' or '|u1'", 0, FEN_REAL},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (300, 2), }\n", single, 24, "0 0",
            "a.npy: its header speaks of 2400 bytes behind it, the file has 24", 0, FEN_REAL},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000, 9), }\n", single, 24, "0 0",
            "a.npy: shape (4000000000, 4000000000, 9), }\n; needs 1 to 7 sizes of at least 1", 0, FEN_REAL},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n", single, 24, "0 0", "a.npy: shape (), }\n; needs 1 to 7 sizes of at least 1",
            0, FEN_REAL},
        {4, "{}", single, 24, "0 0", "a.npy: version 4 of .npy; needs 1 to 3", 0, FEN_REAL},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n", single, 24, "0 1", "scale: it is for bytes; this array has other cells",
            0, FEN_REAL},
    };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        unsigned char bytes[512];
        fen_host h;
        write_file(path_of("a.npy"), bytes, npy_bytes(bytes, row[k].version, row[k].header, row[k].cells, row[k].bytes));
        FEN_TEXT(opened("npy", &h, (field[]){{"file", path_of("a.npy")}, {"scale", row[k].scale}, {NULL, NULL}}), row[k].says);
        FEN_TRUE(h.most < 100000);
        if (!*row[k].says) { FEN_NEAR(cell(&h.out[0], 2), row[k].third, 1e-12); FEN_COUNT(h.out[0].type, row[k].type); }
        host_free(&h);
    }
    fen_host h;
    write_file(path_of("a.npy"), "\x93NUMPY\x01\x00\xff\xff{", 11);
    FEN_TEXT(opened("npy", &h, (field[]){{"file", path_of("a.npy")}, {"scale", "0 0"}, {NULL, NULL}}), "a.npy: its header is cut off");
    host_free(&h);
}

static void hdf5(void) {
    fen_host h;
    field good[] = {{"file", "data.h5"}, {"datasets", "image code"}, {"datasets.0", "images"}, {"datasets.1", "codes"}, {"scale", "image"},
        {"scale.0", "-1 1"}, {NULL, NULL}};
    FEN_TEXT(opened("hdf5", &h, good), "");
    FEN_COUNT(h.outs, 2);
    FEN_NEAR(cell(&h.out[0], 5), 1, 1e-12);
    FEN_TRUE(h.out[0].type == FEN_REAL && h.out[1].type == FEN_INTEGER);
    FEN_NEAR(cell(&h.out[1], 5), 255, 0);
    host_free(&h);
    field uneven[] = {{"file", "data.h5"}, {"datasets", "image code"}, {"datasets.0", "images"}, {"datasets.1", "short"}, {NULL, NULL}};
    FEN_TEXT(opened("hdf5", &h, uneven), "image has 3 rows, code has 2; needs equally many");
    host_free(&h);
    field none[] = {{"file", "data.h5"}, {"datasets", ""}, {NULL, NULL}}, one[] = {{"file", "data.h5"}, {"datasets", "image"}, {"datasets.0",
        "images"}, {"scale", "image"}, {"scale.0", "3"}, {NULL, NULL}};
    FEN_TEXT(opened("hdf5", &h, none), "datasets: needs at least one, such as {image: images}");
    host_free(&h);
    FEN_TEXT(opened("hdf5", &h, one), "scale of image: needs two numbers, such as [0, 1]");
    host_free(&h);
}

/* ---- chains ---- */
enum { CHAINS = 4000, WIDTH = 3 };
static int starts, values;
static double memory[CHAINS * (WIDTH + 1)];
bool fen_chain_value(fen_chain *c, int node, const double *x, double *value, double *gradient) {
    FEN_COUNT(node, 0);
    values++;
    for (int64_t i = 0; i < c->chains * c->width; i++) {
        if (gradient) { gradient[i] = x[i] - 2; value[i / c->width] = 0; }       /* U = |x - 2|^2 / 2 */
        else value[i] = x[i] / 2 + (double)c->step;                              /* the move of markov */
    }
    return true;
}
void fen_chain_draw(fen_chain *c, int sampler, double *x) {
    FEN_COUNT(sampler, 0);
    starts++;
    for (int64_t i = 0; i < c->chains * c->width; i++) x[i] = 5;
}
double *fen_chain_memory(fen_chain *c, int64_t n) { (void)c; return n <= CHAINS * (WIDTH + 1) ? memory : NULL; }

static void langevin(void) {
    static double x[CHAINS * WIDTH], part[CHAINS * WIDTH];
    fen_host h = {.field = (field[]){{"steps", "120"}, {"step_size", "0.2"}, {"persistent", "1"}, {"restart", "0"}, {NULL, NULL}}};
    const fen_driver *d = function("langevin")->moves;
    const void *self = d->open(&h);
    fen_draw at = {.key = 42, .first = 0, .count = CHAINS};
    fen_chain c = {.at = &at, .chains = CHAINS, .width = WIDTH, .fresh = true};
    starts = values = 0;
    FEN_TRUE(d->advance(self, &c, x, NULL));
    FEN_COUNT(starts, 1);
    FEN_COUNT(values, 120);
    /* The chain is an AR(1): mean 2, variance 2 s / (1 - (1 - s)^2) = 1 / (1 - s / 2). */
    double mean = 0, variance = 0, want = 1 / 0.9;
    for (int i = 0; i < CHAINS * WIDTH; i++) mean += x[i] / (CHAINS * WIDTH);
    for (int i = 0; i < CHAINS * WIDTH; i++) variance += pow(x[i] - mean, 2) / (CHAINS * WIDTH);
    FEN_NEAR(mean, 2, 5 * sqrt(want / (CHAINS * WIDTH)));
    FEN_NEAR(variance, want, 5 * want * sqrt(2.0 / (CHAINS * WIDTH)));
    for (int half = 0; half < 2; half++) {    /* the same numbers in two parts */
        fen_draw some = {.key = 42, .first = half * CHAINS / 2, .count = CHAINS / 2};
        fen_chain p = {.at = &some, .chains = CHAINS / 2, .width = WIDTH, .fresh = true};
        d->advance(self, &p, part + half * CHAINS / 2 * WIDTH, NULL);
    }
    FEN_COUNT(memcmp(x, part, sizeof x), 0);
    c.fresh = false;
    starts = 0;
    double before = x[0];
    FEN_TRUE(d->advance(self, &c, x, NULL));
    FEN_COUNT(starts, 0);                     /* persistent: goes on */
    FEN_TRUE(x[0] != before);
    host_free(&h);
    fen_host again = {.field = (field[]){{"steps", "1"}, {"step_size", "1e-12"}, {"persistent", "1"}, {"restart", "0.25"}, {NULL, NULL}}};
    self = d->open(&again);
    for (int i = 0; i < CHAINS * WIDTH; i++) x[i] = -5;
    FEN_TRUE(d->advance(self, &c, x, NULL));
    int fresh = 0, torn = 0;
    for (int i = 0; i < CHAINS; i++) {
        fresh += x[WIDTH * i] > 0;
        torn += (x[WIDTH * i] > 0) != (x[WIDTH * i + 2] > 0);
    }
    FEN_NEAR(fresh, CHAINS / 4, 5 * sqrt(CHAINS * 0.1875));
    FEN_COUNT(torn, 0);
    host_free(&again);
}
static void markov(void) {
    double x[2 * WIDTH] = {8, 8, 8, 16, 16, 16};
    const fen_driver *d = function("markov")->moves;
    fen_draw at = {.key = 1, .count = 2};
    fen_chain c = {.at = &at, .chains = 2, .width = WIDTH};
    fen_host h = {.field = (field[]){{"steps", "3"}, {"persistent", "1"}, {NULL, NULL}}}, anew = {.field = (field[]){{"steps", "1"}, {"persistent",
        "0"}, {NULL, NULL}}};
    FEN_TRUE(d->advance(d->open(&h), &c, x, NULL));
    FEN_NEAR(x[0], ((8 / 2.0 + 0) / 2 + 1) / 2 + 2, 0);              /* `.step` counts 0, 1, 2 */
    FEN_NEAR(x[3], ((16 / 2.0 + 0) / 2 + 1) / 2 + 2, 0);
    FEN_TRUE(d->advance(d->open(&anew), &c, x, NULL));
    FEN_NEAR(x[0], 2.5, 0);                   /* from the start, 5 */
    host_free(&h);
    host_free(&anew);
}

/* ---- folds ---- */
static double wasserstein(const double *a, int n, const double *b, int m) {
    const fen_fold *f = function("wasserstein_1d")->fold;
    fen_host h = {.field = NULL};
    void *self = f->start(&h);
    double value = 0, *out[] = {&value};
    for (int i = 0; i < n; i += 3) f->add(self, n - i < 3 ? n - i : 3, (const double *const[]){a + i, NULL});
    for (int j = 0; j < m; j += 2) f->add(self, m - j < 2 ? m - j : 2, (const double *const[]){NULL, b + j});
    FEN_TRUE(f->finish(self, out));
    host_free(&h);
    return value;
}
static int ascending(const void *a, const void *b) { double x = *(const double *)a, y = *(const double *)b; return (x > y) - (x < y); }
static void wasserstein_1d(void) {
    enum { N = 12, M = 9, ALL = 36 };
    double a[N], b[M], p[ALL], q[ALL], want = 0;
    for (int i = 0; i < ALL; i++) {           /* each repeated to a common length, sorted, paired */
        if (i < N) a[i] = sin(3.7 * i) * 4;
        if (i < M) b[i] = cos(2.3 * i) + 0.5;
    }
    for (int i = 0; i < ALL; i++) { p[i] = a[i / 3]; q[i] = b[i / 4]; }
    qsort(p, ALL, sizeof *p, ascending);
    qsort(q, ALL, sizeof *q, ascending);
    for (int i = 0; i < ALL; i++) want += fabs(p[i] - q[i]) / ALL;
    FEN_NEAR(wasserstein(a, N, b, M), want, 1e-14);
    FEN_NEAR(wasserstein(b, M, a, N), want, 1e-14);
    FEN_NEAR(wasserstein(a, N, a, N), 0, 0);
    FEN_NEAR(wasserstein((double[]){1}, 1, (double[]){3, 5}, 2), 3, 0);
    FEN_TRUE(isnan(wasserstein((double[]){NAN, 1}, 2, b, M)));
    FEN_TRUE(isnan(wasserstein(a, 0, b, M)));
}
static void mode_coverage(void) {
    const fen_fold *f = function("mode_coverage")->fold;
    fen_host h = {.near = 3, .field = (field[]){{"least", "2"}, {NULL, NULL}}};
    void *self = f->start(&h);
    static const double first[] = {1, 0, 0, 0, 1, 0, 0, 0, 0}, second[] = {1, 0, 0, 1, 0, 0};        /* two in the first, one in the second */
    double hit = 0, within = 0, *out[] = {&hit, &within};
    f->add(self, 3, (const double *const[]){first});
    f->add(self, 2, (const double *const[]){second});
    FEN_TRUE(f->finish(self, out));
    FEN_NEAR(hit, 1, 0);
    FEN_NEAR(within, 4.0 / 5, 1e-15);
    host_free(&h);
}

static int forget(const char *path, const struct stat *s, int flag, struct FTW *at) { (void)s; (void)flag; (void)at; return remove(path); }
int main(void) {
    static const fen_test tests[] = {{"idx", idx_good}, {"bad idx", idx_bad}, {"csv", csv}, {"npy", npy}, {"hdf5", hdf5}, {"langevin", langevin},
        {"markov", markov},
                                     {"wasserstein 1d", wasserstein_1d}, {"mode coverage", mode_coverage}, {NULL, NULL}};
    if (!mkdtemp(folder)) return 1;
    fenp_registry_open();
    int failed = fen_test_run("files", tests);
    nftw(folder, forget, 16, FTW_DEPTH | FTW_PHYS);
    return failed;
}
