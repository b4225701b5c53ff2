/* log/live.h: looking into a log that another process may be writing: a row counts once its step is there, as that is written last. */
#ifndef FENCHEL_LOG_LIVE_H
#define FENCHEL_LOG_LIVE_H
#include "log/hdf5_file.h"
#include "log/log.h"

/* RUN/log.h5; what is no run's folder, or has no log yet, is said. */
bool fenp_live_open(fenp_h5 *h, const char *run, fenp_faults *faults);
bool fenp_live_shared(const char *group);     /* whether its series have one scale together: `step` */
char *fenp_live_scale(fenp_arena *a, const char *group, const char *name);     /* path of the steps of /group/name */
/* How many steps are valid, and they (fenp_delete). What a power cut left behind the last sync may be nonsense: they end where they
 * do not increase. A missing dataset has none. */
int64_t fenp_live_steps(fenp_h5 *h, const char *path, int64_t **step);

/* A series of numbers as it was when it was looked at: `rows` whole rows, their steps. */
typedef struct fenp_seen {
    const char *path, *name;
    int64_t id, rows;
    fenp_h5_form form;
    const int64_t *step;
} fenp_seen;
/* All that grows in a group but the steps themselves, in order of creation; series with steps in common have as many rows. */
fenp_seen *fenp_live_series(fenp_h5 *h, fenp_arena *a, const char *group, int *n);
extern const char *const fenp_log_groups[];   /* "train", .. NULL-ended */
#endif
