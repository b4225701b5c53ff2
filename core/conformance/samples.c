/* samples.c: small files of the kinds that fenchel reads: text, arrays, images, labels, HDF5. A function that wants a path is tried with each;
 * one that reads none of them is told how its file is given. */
#include "conformance/host.h"
#include "base/io.h"
#include "log/hdf5.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 6 };
static char folder[64], path[6][96];
static int files;

static void keep(const char *name, const void *data, size_t n) {
    fenp_faults faults = {0};
    snprintf(path[files], sizeof path[0], "%s/%s", folder, name);
    if (fenp_replace_soon(path[files], data, n, &faults)) files++;
    fenp_faults_free(&faults);
}
static void write_text(void) {
    fenp_text t = {0};
    fenp_text_add(&t, "a,b,c\n");
    for (int i = 0; i < ROWS; i++) fenp_text_add(&t, "%d,%g,%g\n", i % 2, 0.5 * i - 1, 1.25 - 0.125 * i * i);
    keep("numbers.csv", t.at, t.n);
    fenp_text_free(&t);
}
/* NumPy's format 1.0: magic, length of the header, a dictionary padded to 64 bytes, the data. */
static void write_array(const char *name, const char *type, const char *shape, const void *data, size_t n) {
    char head[128] = "\x93NUMPY\x01", text[118];
    int length = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);
    memset(head + 10, ' ', sizeof head - 10);
    memcpy(head + 10, text, (size_t)length);
    head[8] = 118;
    head[127] = '\n';
    fenp_text t = {0};
    t.at = fenp_new(sizeof head + n);
    memcpy(t.at, head, sizeof head);
    memcpy(t.at + sizeof head, data, n);
    keep(name, t.at, sizeof head + n);
    fenp_delete(t.at);
}
static void write_hdf5(const double *x) {
    fenp_faults faults = {0};
    const fenp_array a = {.path = "/x", .cell = FENP_CELL_F64, .rank = 2, .size = {ROWS, 4}, .data = x};
    snprintf(path[files], sizeof path[0], "%s/arrays.h5", folder);
    if (fenp_arrays_write(path[files], &a, 1, &faults)) files++;
    fenp_faults_free(&faults);
}
void fenp_samples_open(void) {
    double x[ROWS * 4];
    unsigned char images[16 + ROWS * 25] = {0, 0, 8, 3, 0, 0, 0, ROWS, 0, 0, 0, 5, 0, 0, 0, 5}, labels[8 + ROWS] = {0, 0, 8, 1, 0, 0, 0, ROWS};
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/fenchel-check-XXXXXX", base && *base == '/' && strlen(base) < 40 ? base : "/tmp");
    if (!mkdtemp(folder)) return;
    for (int i = 0; i < ROWS * 4; i++) x[i] = fenp_normal_at(61, (uint64_t)i);
    for (int i = 0; i < ROWS * 25; i++) images[16 + i] = (unsigned char)(7 * i);
    for (int i = 0; i < ROWS; i++) labels[8 + i] = (unsigned char)(i % 3);
    write_text();
    write_array("numbers.npy", "<f8", "6, 4", x, sizeof x);
    keep("images-idx3-ubyte", images, sizeof images);
    keep("labels-idx1-ubyte", labels, sizeof labels);
    write_hdf5(x);
}
void fenp_samples_close(void) {
    DIR *d = *folder ? opendir(folder) : NULL;
    char name[400];
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(name, sizeof name, "%s/%s", folder, e->d_name);
        if (e->d_name[0] != '.') unlink(name);
    }
    if (d) closedir(d);
    if (*folder) rmdir(folder);
    files = 0;
}
const char *fenp_sample(int i) { return i < files ? path[i] : NULL; }
const char *fenp_sample_cut(fenp_check *c, const char *from, size_t bytes) {
    fenp_faults faults = {0};
    size_t n;
    char *data = fenp_read(from, 0, &n, &faults, (fenp_place){0});
    const char *name = strrchr(from, '/'), *to = fenp_arena_text(&c->memory, "%s/cut-%ld-%s", folder, (long)getpid(), name ? name + 1 : from);
    bool good = data && bytes < n && fenp_replace_soon(to, data, bytes, &faults);
    fenp_delete(data);
    fenp_faults_free(&faults);
    return good ? to : NULL;
}
