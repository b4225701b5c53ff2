/* log/live.h: looking into a log that another process may be writing: a row counts once its step is there, as that is written last. */
#ifndef FENCHEL_LOG_LIVE_H
#define FENCHEL_LOG_LIVE_H
#include "log/hdf5_file.h"
#include "log/log.h"

bool fenp_live_open(fenp_h5 *h, const char *run, fenp_faults *faults);         /* RUN/log.h5 */
bool fenp_live_shared(const char *group);     /* whether its series have one scale together: `step` */
char *fenp_live_scale(fenp_arena *a, const char *group, const char *name);     /* path of the steps of /group/name */
/* How many steps are valid, and they (fenp_delete). What a power cut left behind the last sync may be nonsense: they end where they
 * do not increase. A missing dataset has none. */
int64_t fenp_live_steps(fenp_h5 *h, const char *path, int64_t **step);
#endif
