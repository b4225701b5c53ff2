/* base/io.h: own files. All calls go through fenp_io, so that tests can make each of them fail. */
#ifndef FENCHEL_BASE_IO_H
#define FENCHEL_BASE_IO_H
#include "base/fault.h"
#include <sys/types.h>
typedef struct fenp_io_calls {
    int (*open)(const char *path, int flags, unsigned mode);
    ssize_t (*write)(int fd, const void *data, size_t n);
    int (*sync)(int fd);
    int (*close)(int fd);
    int (*rename)(const char *from, const char *to);
} fenp_io_calls;
extern fenp_io_calls fenp_io;
/* The whole file, NUL-ended beyond n; NULL has recorded the error (with errno's text). Limit: bytes; 0: none. Free with fenp_delete. */
char *fenp_read(const char *path, size_t limit, size_t *n, fenp_faults *faults, fenp_place at);
/* Written to path.tmp, synced, renamed to path, the folder synced: afterwards it is there whole, or the old one is. */
bool fenp_replace(const char *path, const void *data, size_t n, fenp_faults *faults);
/* The same without waiting for the disk, for what is made in great number and can be made again: readers never meet half of it, but it may be
 * lost with the power. */
bool fenp_replace_soon(const char *path, const void *data, size_t n, fenp_faults *faults);
/* A file that is too long for one piece of memory: written beside the path, synced and renamed by `end`. The first error stays in it; it removes
 * what was written, and `end` records it. */
typedef struct fenp_writer { int fd, error; char *path, *beside; fenp_arena memory; } fenp_writer;
void fenp_writer_begin(fenp_writer *w, const char *path);
void fenp_writer_add(fenp_writer *w, const void *data, size_t n);
bool fenp_writer_end(fenp_writer *w, bool keep, fenp_faults *faults);          /* not keep: nothing is left; false */
int  fenp_sync_folder(const char *folder);    /* errno, 0: its names are on the disk */
bool fenp_folder(const char *path, fenp_faults *faults);             /* with its parents; being there is no error */
char *fenp_path_beside(fenp_arena *a, const char *file, const char *path);   /* absolute; relative to the folder of `file`; file NULL: to the current one */
double fenp_clock(void);                      /* seconds, monotonic */
#endif
