/* log/snapshot.h: a copy of a log, for snapshot and repair. */
#ifndef FENCHEL_LOG_SNAPSHOT_H
#define FENCHEL_LOG_SNAPSHOT_H
#include "log/log.h"
/* Closed and on the disk under the name `to`, which is replaced. status: written into it where the run says that it is running; -1: as it is. */
bool fenp_log_copy(const char *run, const char *to, int status, fenp_faults *faults);
#endif
