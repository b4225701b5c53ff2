/* log/arrays.c: checkpoint files, and tables out of users' files.
 * A checkpoint is an HDF5 file built in memory and written by fenp_replace, so the library never sees a full disk. Behind the HDF5 part
 * stand 32 bytes: a mark, the length of that part, a hash of it. They are compared before the library reads anything: each step of
 * the hash is a bijection, so a change within one word (a flipped bit) never goes unseen, and a library that can crash on
 * damaged files gets none. Readers of HDF5 ignore what lies behind the end; for them each array has fletcher32 checksums.
 * Numbers of rank 0 are kept as [1] (only chunked datasets have checksums), texts as bytes; the attributes `scalar`
 * and `text` tell. */
#include "base/io.h"
#include "log/hdf5_file.h"
#include <string.h>

enum { TRAILER = 32 };
static const char mark[17] = "fenchel-arrays/1";

static uint64_t hash_of(const char *data, size_t n) {
    uint64_t h = 0xCBF29CE484222325u ^ n;
    for (; n >= 8; n -= 8, data += 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        h = (h ^ word) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    for (; n; n--, data++) h = (h ^ (unsigned char)*data) * 0x100000001B3u;
    return h;
}

static void seal(char *trailer, const char *data, size_t n) {
    uint64_t numbers[2] = {n, hash_of(data, n)};
    memcpy(trailer, mark, 16);
    memcpy(trailer + 16, numbers, 16);
}

static fenp_h5_form form_of(const fenp_array *a) {
    fenp_h5_form f = {.cell = a->cell, .rank = a->rank, .checksum = true};
    int64_t bytes = (int64_t)fenp_cell_bytes(a->cell);
    for (int i = 0; i < a->rank; i++) bytes *= f.size[i] = f.chunk[i] = a->size[i];
    if (a->rank == 0) f.rank = 1, f.size[0] = f.chunk[0] = 1;
    if (a->cell == FENP_CELL_TEXT) {
        f.cell = FENP_CELL_U8;
        bytes = f.size[0] = f.chunk[0] = (int64_t)strlen(a->data);
    }
    fenp_h5_cut(&f, 0);
    if (bytes == 0) f.chunk[0] = 0, f.checksum = false;          /* an empty array has no chunks */
    return f;
}

static void put(fenp_h5 *h, fenp_arena *memory, const fenp_array *a) {
    const char *slash = strrchr(a->path, '/');
    if (slash && slash != a->path) fenp_h5_group(h, fenp_arena_copy(memory, a->path, (size_t)(slash - a->path)));
    fenp_h5_form form = form_of(a);
    int64_t d = fenp_h5_dataset(h, a->path, &form);
    bool empty = false;
    for (int i = 0; i < form.rank; i++) empty |= form.size[i] == 0;
    if (!empty) fenp_h5_write(h, d, form.cell, 0, form.size[0], a->data);
    const uint8_t yes = 1;
    if (a->cell == FENP_CELL_TEXT) fenp_h5_numbers(h, a->path, "text", FENP_CELL_U8, &yes, 1);
    else if (a->rank == 0) fenp_h5_numbers(h, a->path, "scalar", FENP_CELL_U8, &yes, 1);
}

bool fenp_arrays_write(const char *path, const fenp_array *a, int n, fenp_faults *faults) {
    fenp_h5 h;
    fenp_arena memory = {NULL};
    size_t bytes = 0;
    if (fenp_h5_make(&h, path, FENP_H5_IMAGE, faults)) fenp_h5_note(&h, "/", "fenchel_schema", mark);
    for (int i = 0; i < n && !h.failed; i++) put(&h, &memory, &a[i]);
    char *image = fenp_h5_image(&h, TRAILER, &bytes);
    bool fine = fenp_h5_close(&h) && image;
    if (fine) {
        seal(image + bytes, image, bytes);
        fine = fenp_replace(path, image, bytes + TRAILER, faults);
    }
    fenp_delete(image);
    fenp_arena_free(&memory);
    return fine;
}

/* -- Reading -- */

/* Length of the HDF5 part; 0: the fault is recorded. */
static size_t unseal(const char *path, const char *data, size_t n, fenp_faults *faults, fenp_place at) {
    uint64_t numbers[2];
    const char *what = NULL;
    size_t bytes = n > TRAILER ? n - TRAILER : 0;
    if (!bytes || memcmp(data + bytes, mark, 16)) what = "it is cut off, damaged, or was not written by fenchel";
    else {
        memcpy(numbers, data + bytes + 16, 16);
        if (numbers[0] != bytes) what = "it has another length than when it was written";
        else if (numbers[1] != hash_of(data, bytes)) what = "its checksum differs: it was damaged or changed after it was written";
    }
    if (!what) return bytes;
    fenp_fail(faults, at, "%s is not a whole checkpoint: %s; use an older one", path, what);
    return 0;
}

static void get(fenp_h5 *h, const char *path, fenp_arrays *to) {
    fenp_h5_form f;
    int64_t d = fenp_h5_find(h, path);
    if (h->failed) return;
    if (!fenp_h5_form_of(h, d, &f) || f.rank < 1 || f.rank > 8) {
        fenp_h5_fail(h, "%s in %s is no array of numbers", path, h->path);
        return;
    }
    fenp_array a = {.path = path, .cell = f.cell, .rank = f.rank};
    size_t bytes = fenp_cell_bytes(f.cell);
    for (int i = 0; i < f.rank; i++) bytes = fenp_product(bytes, (size_t)(a.size[i] = f.size[i]));
    char *data = fenp_arena_new(&to->memory, bytes + 1);
    if (bytes) fenp_h5_read(h, d, f.cell, 0, f.size[0], data);
    bool text = fenp_h5_has_note(h, path, "text");
    if (text) a.cell = FENP_CELL_TEXT;
    if (text || fenp_h5_has_note(h, path, "scalar")) a.rank = 0, a.size[0] = 0;
    a.data = data;
    to->at = fenp_more(to->at, to->n, sizeof *to->at);
    to->at[to->n++] = a;
}

bool fenp_arrays_read(const char *path, fenp_arrays *to, fenp_faults *faults, fenp_place at) {
    size_t n = 0;
    char *data = fenp_read(path, 0, &n, faults, at);
    size_t bytes = data ? unseal(path, data, n, faults, at) : 0;
    bool fine = false;
    *to = (fenp_arrays){{NULL}, NULL, 0};
    if (bytes) {
        fenp_h5 h;
        fenp_h5_open(&h, path, FENP_H5_IMAGE, data, bytes, faults, at);
        const char *const *list = fenp_h5_list(&h, &to->memory, "/", true, true);
        for (; *list && !h.failed; list++) get(&h, *list, to);
        fine = fenp_h5_close(&h);
    }
    fenp_delete(data);
    if (!fine) fenp_arrays_free(to);
    return fine;
}

const fenp_array *fenp_arrays_find(const fenp_arrays *a, const char *path) {
    for (int i = 0; i < a->n; i++)
        if (!strcmp(a->at[i].path, path)) return &a->at[i];
    return NULL;
}

void fenp_arrays_free(fenp_arrays *a) {
    fenp_delete(a->at);
    fenp_arena_free(&a->memory);
    *a = (fenp_arrays){{NULL}, NULL, 0};
}
