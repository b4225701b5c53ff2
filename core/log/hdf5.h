/* log/hdf5.h: the few things fenchel does with HDF5, behind one interface; hdf5.c alone includes the library. */
#ifndef FENCHEL_LOG_HDF5_H
#define FENCHEL_LOG_HDF5_H
#include "base/fault.h"
#include "fenchel/host.h"

/* Named arrays and texts: the content of a checkpoint. */
typedef enum fenp_cell { FENP_CELL_F32, FENP_CELL_F64, FENP_CELL_I32, FENP_CELL_I64, FENP_CELL_U8, FENP_CELL_TEXT } fenp_cell;
/* TEXT: data is char *, rank 0. */
typedef struct fenp_array { const char *path; fenp_cell cell; int rank; int64_t size[8]; const void *data; } fenp_array;
typedef struct fenp_arrays { fenp_arena memory; fenp_array *at; int n; } fenp_arrays;

/* Built in memory, chunked with fletcher32, written by fenp_replace: afterwards there whole, or the old one. Byte-equal for equal content. */
bool fenp_arrays_write(const char *path, const fenp_array *a, int n, fenp_faults *faults);
bool fenp_arrays_read(const char *path, fenp_arrays *to, fenp_faults *faults, fenp_place at);   /* verifies checksums */
const fenp_array *fenp_arrays_find(const fenp_arrays *a, const char *path);
void fenp_arrays_free(fenp_arrays *a);
/* A dataset of a user's file as a table (rows = first axis); data is allocated with fenp_new. */
bool fenp_hdf5_table(const char *file, const char *dataset, fen_table *t, fenp_faults *faults, fenp_place at);
const char *fenp_hdf5_version(void);
#endif
