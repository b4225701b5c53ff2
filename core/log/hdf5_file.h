/* log/hdf5_file.h: HDF5 files in the few ways that logs and checkpoints need. A file is poisoned, not the caller: the first call that
 * fails records one sentence (what, where, the system's reason) and sets `failed`; after that every verb returns at once. So a
 * caller makes fifty things and looks once. Objects are named by absolute paths or by the handles that dataset verbs return. */
#ifndef FENCHEL_LOG_HDF5_FILE_H
#define FENCHEL_LOG_HDF5_FILE_H
#include "log/hdf5.h"

enum { FENP_H5_RANK = 9 };                    /* the 8 axes of a value behind the axis of rows */
typedef enum fenp_h5_kind {
    FENP_H5_LIVE,                             /* made: format 1.10, for SWMR; opened: may be written by another process just now */
    FENP_H5_PLAIN,                            /* made: format 1.8, which all tools read; opened: a file at rest */
    FENP_H5_IMAGE                             /* in memory only, format 1.8 */
} fenp_h5_kind;
typedef struct fenp_h5 {
    int64_t file;                             /* the library's handle; 0: not open */
    char *path;                               /* for messages */
    fenp_faults *faults;                      /* of the call under way; set it before each use of a file that lives long */
    fenp_place at;
    bool failed, disk;                        /* disk: it is written to a disk */
} fenp_h5;
typedef struct fenp_h5_form {
    fenp_cell cell;
    int rank;
    int64_t size[FENP_H5_RANK], chunk[FENP_H5_RANK];      /* chunk[0] 0: in one piece */
    bool grows, checksum;                     /* grows: the first axis has no limit; unwritten cells are NaN, -1, or 0 in bytes */
    int gzip;                                 /* 0: not compressed */
} fenp_h5_form;

size_t fenp_cell_bytes(fenp_cell c);          /* of TEXT: 1 */
void fenp_h5_cut(fenp_h5_form *f, int first); /* cuts the chunk's axes from `first` on, evenly, until it has at most 1 MiB */

/* Files. `path` must not exist when one is made. An image is opened from data[0..n) (copied). Close is safe after anything. */
bool fenp_h5_make(fenp_h5 *h, const char *path, fenp_h5_kind kind, fenp_faults *faults);
bool fenp_h5_open(fenp_h5 *h, const char *path, fenp_h5_kind kind, const void *data, size_t n, fenp_faults *faults, fenp_place at);
bool fenp_h5_close(fenp_h5 *h);               /* false: what was written may not be there */
bool fenp_h5_go_live(fenp_h5 *h);             /* SWMR from here on: nothing more can be made, cells can be written, rows appended */
bool fenp_h5_flush(fenp_h5 *h, bool sync);
char *fenp_h5_image(fenp_h5 *h, size_t extra, size_t *n);  /* the file as bytes, n of them, `extra` zero ones behind; fenp_delete */
bool fenp_h5_fail(fenp_h5 *h, const char *format, ...) __attribute__((format(printf, 2, 3)));    /* poisons; returns false */

/* Making. Groups are made with their parents; being there is no error. */
void fenp_h5_group(fenp_h5 *h, const char *path);
int64_t fenp_h5_dataset(fenp_h5 *h, const char *path, const fenp_h5_form *form);
void fenp_h5_text(fenp_h5 *h, const char *path, const char *text);             /* a scalar of variable length, UTF-8 */
void fenp_h5_scale(fenp_h5 *h, int64_t dataset, const char *name);             /* makes it a dimension scale */
void fenp_h5_attach(fenp_h5 *h, int64_t dataset, int axis, int64_t scale);
/* Attributes: a text, a list of texts, one or more numbers. */
void fenp_h5_note(fenp_h5 *h, const char *object, const char *name, const char *value);
void fenp_h5_notes(fenp_h5 *h, const char *object, const char *name, const char *const *value, int n);
void fenp_h5_numbers(fenp_h5 *h, const char *object, const char *name, fenp_cell cell, const void *value, int n);
bool fenp_h5_has_note(fenp_h5 *h, const char *object, const char *name);
bool fenp_h5_read_note(fenp_h5 *h, const char *object, const char *name, char *to, size_t room);   /* a text; false: none, no fault */

/* Cells: rows [first, first + n) of the first axis; a dataset that grows gets room for them. Rank 0: first 0, n 1. */
void fenp_h5_write(fenp_h5 *h, int64_t dataset, fenp_cell cell, int64_t first, int64_t n, const void *from);
void fenp_h5_read(fenp_h5 *h, int64_t dataset, fenp_cell cell, int64_t first, int64_t n, void *to);
void fenp_h5_extend(fenp_h5 *h, int64_t dataset, int64_t rows);

/* Looking. */
int64_t fenp_h5_find(fenp_h5 *h, const char *path);        /* a dataset; -1: there is none, which is no fault */
bool fenp_h5_form_of(fenp_h5 *h, int64_t dataset, fenp_h5_form *form);         /* false: its cells are no numbers; no fault */
/* Absolute paths of the datasets (else of the groups) in `group`, `deep` with those in its groups; in order of creation where the
 * file knows it. NULL-ended. */
const char *const *fenp_h5_list(fenp_h5 *h, fenp_arena *a, const char *group, bool datasets, bool deep);
char *fenp_h5_text_of(fenp_h5 *h, fenp_arena *a, int64_t dataset);             /* NULL: it is not a single text; no fault */
/* Attributes as they are in another file, but those that make dimension scales, as these hold addresses. */
void fenp_h5_copy_notes(fenp_h5 *h, const char *object, fenp_h5 *other);
bool fenp_h5_is_scale(fenp_h5 *h, int64_t dataset);
char *fenp_h5_scale_of(fenp_h5 *h, fenp_arena *a, int64_t dataset, int axis);  /* path of the first one; NULL: none */
#endif
