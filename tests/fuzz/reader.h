/* tests/fuzz/reader.h: what the targets of file readers share: bytes become a file in memory, which has a path, and the sampler opens it on
 * the host of the unit tests. Whatever a reader serves must lie in the memory that it was given: every cell is looked at. */
#ifndef FENCHEL_TESTS_READER_H
#define FENCHEL_TESTS_READER_H
#include "../unit/host.h"
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

typedef struct memory_file { int fd; char path[32]; } memory_file;
static inline const char *file_of(memory_file *f, const uint8_t *data, size_t n) {
    if (!f->fd) {
        f->fd = memfd_create("fuzz", 0);
        snprintf(f->path, sizeof f->path, "/proc/self/fd/%d", f->fd);
    }
    if (f->fd < 0 || ftruncate(f->fd, 0) || pwrite(f->fd, data, n, 0) != (ssize_t)n) abort();
    return f->path;
}

static inline double look_at(const served *s) {
    static const size_t bytes[] = {[FEN_U8] = 1, [FEN_I64] = 8, [FEN_F32] = 4, [FEN_F64] = 8};
    const fen_table *t = &s->table;
    size_t n = (size_t)t->rows * (size_t)fen_row_size(&t->features) * bytes[t->cell];
    double sum = 0;
    if (t->rows < 1 || t->features.rank > FEN_MAX_RANK) abort();
    for (size_t i = 0; i < n; i++) sum += ((const unsigned char *)t->data)[i];
    return sum;
}

/* A reader that gives nothing has said why; one that complained gives nothing. */
static inline int open_and_look(const fen_function *f, const field *fields) {
    fen_host *h = calloc(1, sizeof *h);
    h->field = fields;
    void *self = f->draws->open(h);
    if (!self != (*h->fault != '\0')) abort();
    volatile double sum = 0;
    for (int i = 0; self && i < h->outs; i++) sum += look_at(&h->out[i]);
    host_free(h);
    free(h);
    return 0;
}
#endif
