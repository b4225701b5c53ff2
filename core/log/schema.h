/* log/schema.h: the parts of an open log, shared by declaring (schema.c), writing (log.c) and going on (relay.c). */
#ifndef FENCHEL_LOG_SCHEMA_H
#define FENCHEL_LOG_SCHEMA_H
#include "log/live.h"

/* Rows of series that have their steps together: all of a shared group, or one series of another. */
typedef struct fenp_rows {
    char *group, *path;                       /* path: of the steps */
    int64_t step_id, time_id;                 /* time_id 0: no wall_time */
    int64_t n, waiting, room, last;           /* rows in the file, rows in memory, their most, the last step */
    int64_t *step;                            /* [room] */
    double *time;                             /* [room], seconds since 1970 */
} fenp_rows;
typedef struct fenp_column {                  /* one series */
    int rows;                                 /* index of its fenp_rows */
    int64_t id;
    char *path;
    fenp_cell cell;
    size_t bytes;                             /* of a row */
    bool given;                               /* the row that is being filled has a value */
    char *block;                              /* [room] rows */
} fenp_column;
struct fenp_log {
    fenp_h5 file;
    fenp_arena memory;
    fenp_rows *rows;
    fenp_column *column;
    int n_rows, n_columns;
    int64_t status, heartbeat;                /* datasets of /run */
    double flushed;                           /* fenp_clock of the last flush */
    char *path;                               /* RUN/log.h5 */
};

/* One entry for each process that wrote the log: where it began, and when. */
typedef struct fenp_segments { int64_t *step; double *time; int n; } fenp_segments;
typedef struct fenp_declared {
    const fenp_series *series;
    const fenp_note *text, *note;
    int n_series, n_texts, n_notes;
    fenp_segments segments;
} fenp_declared;

/* RUN/log.h5.new with all that the log will ever have; not yet live. NULL: recorded. */
fenp_log *fenp_log_declare(const char *run, const fenp_declared *d, fenp_faults *faults);
fenp_log *fenp_log_publish(fenp_log *l);      /* on the disk, live, renamed to log.h5; NULL (and freed): recorded */
void fenp_log_drop(fenp_log *l);              /* frees without a word */
#endif
