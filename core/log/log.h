/* log/log.h: log.h5 of a run (DESIGN 6, DECISIONS 13): netCDF-4, SWMR, every axis a dimension scale. All series are declared before step 0. */
#ifndef FENCHEL_LOG_LOG_H
#define FENCHEL_LOG_LOG_H
#include "log/hdf5.h"

typedef struct fenp_dimension { const char *name; int64_t size; const double *coordinate; } fenp_dimension;   /* coordinate NULL: 0, 1, .. */
typedef struct fenp_note { const char *name, *value; } fenp_note;    /* a text attribute */
typedef struct fenp_series {
    const char *group, *name;                 /* "train", "evaluate", "samples", "tensors"; dataset /group/name */
    const char *unit, *about;                 /* units ("1" where unknown), long_name */
    const fenp_note *note; int notes;         /* split, count, reduction, .. */
    fenp_cell cell;                           /* F64 for numbers, U8 for images */
    int rank; fenp_dimension dimension[8];    /* beside the first axis, `step` of its group */
} fenp_series;
/* The series of `train` and those of `evaluate` share one scale `step`; in `samples` and `tensors`, where each series may have a cadence
 * of its own, each has one of its own, "<name>_step". */
typedef struct fenp_log fenp_log;

/* Built as log.h5.new, renamed once SWMR is on. texts: /run's (config_yaml, resolved_yaml, ..); notes: root attributes. */
fenp_log *fenp_log_new(const char *run, const fenp_series *s, int n, const fenp_note *texts, int n_texts, const fenp_note *notes, int n_notes,
                       fenp_faults *faults);
/* The same schema again, with the rows of `run`/log.h5 (read with SWMR) whose step is <= `last` in train, <= `measured` in the other groups,
 * renamed over it. */
fenp_log *fenp_log_continue(const char *run, const fenp_series *s, int n, const fenp_note *texts, int n_texts, const fenp_note *notes, int n_notes,
                            int64_t last, int64_t measured, fenp_faults *faults);
/* One row: values in the order of the series' own axes, of its cell (F64 double, U8 uint8_t). In train and evaluate the values of a step
 * are given first, those that are not are NaN, and fenp_log_time ends the row. Steps of a group (of a series) increase. */
bool fenp_log_row(fenp_log *l, int series, int64_t step, const void *value, fenp_faults *faults);
/* Ends a row of train or evaluate: wall_time (seconds since 1970: fenp_log_now) and step, in that order after the values. */
double fenp_log_now(void);
bool fenp_log_time(fenp_log *l, const char *group, int64_t step, double wall_time, fenp_faults *faults);
bool fenp_log_flush(fenp_log *l, bool sync, fenp_faults *faults);    /* rows reach readers; sync: and the disk */
bool fenp_log_close(fenp_log *l, const char *status, fenp_faults *faults);     /* running, finished, interrupted, failed */

/* Reading, also while it is written: n rows of values of a series, and their steps. Free both with fenp_delete. */
bool fenp_log_read(const char *run, const char *group, const char *name, int64_t **step, double **value, int64_t *n, fenp_faults *faults);
/* Whether it was closed as finished: the last thing that a run does, which a kill may have forestalled. */
bool fenp_log_finished(const char *run);
/* A closed copy of its whole rows, for tools without SWMR; not the log itself. */
bool fenp_log_snapshot(const char *run, const char *to, fenp_faults *faults);
/* Series, last values, sparklines. */
typedef struct fenp_log_view { int columns; bool utf8; } fenp_log_view;   /* of the terminal */
bool fenp_log_show(const char *run, fenp_log_view view, fenp_text *to, fenp_faults *faults);
/* RUN/log.h5 with its whole rows as files for other programs; says in `made`, a line each, what was written, and what was not.
 * CSV: in the folder `to`, one file for the numbers of a group, one for each value that has axes. NPZ: all arrays in the file `to`. */
bool fenp_log_export_csv(const char *run, const char *to, fenp_text *made, fenp_faults *faults);
bool fenp_log_export_npz(const char *run, const char *to, fenp_text *made, fenp_faults *faults);
/* The log of a killed run as a closed file that any tool opens, with the rows that are whole; whoever calls it holds the run's lock. The old
 * one is replaced once the new one is whole and on the disk. *rows: of `train`; -1: it was closed, and nothing was done. */
bool fenp_log_repair(const char *run, int64_t *rows, fenp_faults *faults);
#endif
