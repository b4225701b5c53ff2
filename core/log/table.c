/* log/table.c: a dataset of a user's HDF5 file as a table: rows are its first axis, the others are features. */
#include "log/hdf5_file.h"
#include <string.h>

static void no_such(fenp_h5 *h, const char *dataset) {
    fenp_arena a = {NULL};
    fenp_text text = {NULL, 0, 0};
    const char *const *list = fenp_h5_list(h, &a, "/", true, true), *near = fenp_nearest(fenp_arena_text(&a, "/%s", dataset), list);
    for (int i = 0; list[i] && i < 20; i++) fenp_text_add(&text, "%s%s%s", i ? ", " : "", list[i] + 1, i == 19 && list[20] ? ", .." : "");
    if (near) fenp_h5_fail(h, "%s has no dataset \"%s\"; did you mean \"%s\"? It has: %s", h->path, dataset, near + 1, text.at);
    else fenp_h5_fail(h, "%s has no dataset \"%s\"; it has: %s", h->path, dataset, text.at ? text.at : "none");
    fenp_text_free(&text);
    fenp_arena_free(&a);
}

/* The cells that tables have; I32 and other integers are read as I64. */
static fen_cell cell_of(fenp_cell c) {
    return c == FENP_CELL_F32 ? FEN_F32 : c == FENP_CELL_F64 ? FEN_F64 : c == FENP_CELL_U8 ? FEN_U8 : FEN_I64;
}

static void fill(fenp_h5 *h, const char *dataset, int64_t d, fen_table *t) {
    fenp_h5_form f;
    if (!fenp_h5_form_of(h, d, &f)) {
        fenp_h5_fail(h, "dataset \"%s\" of %s does not hold numbers; float, double and integers can be read", dataset, h->path);
        return;
    }
    if (f.rank < 1 || f.rank > FEN_MAX_RANK || f.size[0] == 0) {
        fenp_h5_fail(h, "dataset \"%s\" of %s has %d axes and %lld rows; needed: 1 to %d axes, rows first, at least one row", dataset, h->path,
                     f.rank, f.rank ? (long long)f.size[0] : 0, FEN_MAX_RANK);
        return;
    }
    fenp_cell as = f.cell == FENP_CELL_I32 ? FENP_CELL_I64 : f.cell;
    size_t bytes = fenp_cell_bytes(as);
    *t = (fen_table){.cell = cell_of(as), .rows = f.size[0]};
    t->features.rank = (uint8_t)(f.rank - 1);
    for (int i = 0; i < f.rank; i++) bytes = fenp_product(bytes, (size_t)f.size[i]);
    for (int i = 1; i < f.rank; i++) t->features.size[i - 1] = f.size[i];
    void *data = fenp_new(bytes);
    if (bytes) fenp_h5_read(h, d, as, 0, f.size[0], data);
    t->data = data;
}

bool fenp_hdf5_table(const char *file, const char *dataset, fen_table *t, fenp_faults *faults, fenp_place at) {
    fenp_h5 h;
    fenp_arena a = {NULL};
    *t = (fen_table){0};
    while (*dataset == '/') dataset++;
    if (fenp_h5_open(&h, file, FENP_H5_PLAIN, NULL, 0, faults, at)) {
        int64_t d = fenp_h5_find(&h, fenp_arena_text(&a, "/%s", dataset));
        if (d >= 0) fill(&h, dataset, d, t);
        else no_such(&h, dataset);
    }
    fenp_arena_free(&a);
    bool fine = fenp_h5_close(&h);
    if (!fine) {
        fenp_delete((void *)(uintptr_t)t->data);
        *t = (fen_table){0};
    }
    return fine;
}
