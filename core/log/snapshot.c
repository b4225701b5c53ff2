/* log/snapshot.c: a closed copy of a log that may be being written, for tools without SWMR (ncdump, netCDF4, HDFView, R). All is made
 * anew: a byte copy is still marked as being written, and objects copied by the library lose their dimension scales. It has whole
 * rows only, the same number for all series of a scale, and is renamed into place. */
#include "log/snapshot.h"
#include "base/io.h"
#include "log/live.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4 << 20 };
typedef struct copier { fenp_h5 from, to; fenp_arena memory; fenp_map rows; } copier;   /* rows: path of a scale that grows -> int64_t * */

/* How many rows of a dataset are whole: of one that grows as many as its scale has valid steps. */
static int64_t rows_of(copier *c, const char *path, int64_t d, const fenp_h5_form *form) {
    if (!form->grows) return form->rank ? form->size[0] : 1;
    char *scale = fenp_h5_is_scale(&c->from, d) ? NULL : fenp_h5_scale_of(&c->from, &c->memory, d, 0);
    const char *key = scale ? scale : path;
    int64_t *n = fenp_map_get(&c->rows, key), *step;
    if (!n) {
        n = fenp_arena_new(&c->memory, sizeof *n);
        *n = fenp_live_steps(&c->from, key, &step);
        fenp_delete(step);
        fenp_map_set(&c->rows, key, n);
    }
    return *n;
}

static void copy_cells(copier *c, int64_t from, int64_t to, const fenp_h5_form *form, int64_t rows) {
    size_t bytes = fenp_cell_bytes(form->cell);
    for (int i = 1; i < form->rank; i++) bytes = fenp_product(bytes, (size_t)form->size[i]);
    int64_t most = bytes && bytes < BLOCK ? (int64_t)(BLOCK / bytes) : 1;
    char *block = fenp_new(fenp_product((size_t)most, bytes));
    for (int64_t i = 0; i < rows && !c->from.failed && !c->to.failed; i += most) {
        int64_t n = rows - i < most ? rows - i : most;
        fenp_h5_read(&c->from, from, form->cell, i, n, block);
        fenp_h5_write(&c->to, to, form->cell, i, n, block);
    }
    fenp_delete(block);
}

static void copy_numbers(copier *c, const char *path, int64_t from, fenp_h5_form *form) {
    int64_t there = form->rank ? form->size[0] : 1, rows = rows_of(c, path, from, form);
    if (form->rank) form->size[0] = rows;
    int64_t to = fenp_h5_dataset(&c->to, path, form);
    copy_cells(c, from, to, form, rows < there ? rows : there);
    if (fenp_h5_is_scale(&c->from, from)) fenp_h5_scale(&c->to, to, strrchr(path, '/') + 1);
}

static void copy_dataset(copier *c, const char *path) {
    fenp_h5_form form;
    int64_t from = fenp_h5_find(&c->from, path);
    if (from < 0) return;
    char *text = fenp_h5_text_of(&c->from, &c->memory, from);
    if (text) fenp_h5_text(&c->to, path, text);
    else if (fenp_h5_form_of(&c->from, from, &form)) copy_numbers(c, path, from, &form);
    else return;
    fenp_h5_copy_notes(&c->to, path, &c->from);
}

static void attach(copier *c, const char *path) {
    fenp_h5_form form;
    int64_t from = fenp_h5_find(&c->from, path), to = fenp_h5_find(&c->to, path);
    if (from < 0 || to < 0 || !fenp_h5_form_of(&c->from, from, &form) || fenp_h5_is_scale(&c->from, from)) return;
    for (int i = 0; i < form.rank; i++) {
        char *scale = fenp_h5_scale_of(&c->from, &c->memory, from, i);
        if (scale) fenp_h5_attach(&c->to, to, i, fenp_h5_find(&c->to, scale));
    }
}

static void copy_all(copier *c) {
    const char *const *groups = fenp_h5_list(&c->from, &c->memory, "/", false, true);
    const char *const *list = fenp_h5_list(&c->from, &c->memory, "/", true, true);
    fenp_h5_copy_notes(&c->to, "/", &c->from);
    for (int i = 0; groups[i]; i++) {
        fenp_h5_group(&c->to, groups[i]);
        fenp_h5_copy_notes(&c->to, groups[i], &c->from);
    }
    for (int i = 0; list[i]; i++) copy_dataset(c, list[i]);
    for (int i = 0; list[i]; i++) attach(c, list[i]);
}

/* A run that was killed says for ever that it is running. */
static void end_status(copier *c, int status) {
    uint8_t now = 0, then = (uint8_t)status;
    int64_t d = fenp_h5_find(&c->to, "/run/status");
    if (status < 0 || d < 0) return;
    fenp_h5_read(&c->to, d, FENP_CELL_U8, 0, 1, &now);
    if (now == 0) fenp_h5_write(&c->to, d, FENP_CELL_U8, 0, 1, &then);
}

/* The library writes its last bytes when it closes the file, and syncs nothing. */
static int sync_file(const char *path) {
    int fd = fenp_io.open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return errno;
    int error = fenp_io.sync(fd) < 0 ? errno : 0;
    fenp_io.close(fd);
    return error;
}

bool fenp_log_copy(const char *run, const char *to, int status, fenp_faults *faults) {
    copier c = {.memory = {NULL}};
    char *beside = fenp_arena_text(&c.memory, "%s.tmp", to);
    bool fine = fenp_live_open(&c.from, run, faults);
    if (fine) {
        unlink(beside);
        if (fenp_h5_make(&c.to, beside, FENP_H5_PLAIN, faults)) copy_all(&c);
        if (!c.to.failed) end_status(&c, status);
        fine = fenp_h5_close(&c.to);
    }
    fine &= fenp_h5_close(&c.from);
    int error = fine ? sync_file(beside) : 0;
    if (fine && !error && fenp_io.rename(beside, to) < 0) error = errno;
    if (error) fenp_fail(faults, (fenp_place){NULL, 0, 0}, "cannot write %s: %s", to, strerror(error));
    if (!fine || error) unlink(beside);
    fenp_map_free(&c.rows);
    fenp_arena_free(&c.memory);
    return fine && !error;
}

bool fenp_log_snapshot(const char *run, const char *to, fenp_faults *faults) { return fenp_log_copy(run, to, -1, faults); }
