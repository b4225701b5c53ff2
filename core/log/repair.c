/* log/repair.c: after a kill log.h5 is marked as being written: only readers who know SWMR open it, and HDF5's own tool for that (h5clear -s)
 * cuts it to its first kilobyte. Here nothing is mended in place: what can be read is copied into a new file, that is brought to the disk,
 * and only then takes the old one's name. The old one is left as it is where anything fails. */
#include "base/io.h"
#include "log/live.h"
#include "log/snapshot.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { INTERRUPTED = 2 };

/* As tools open it that do not know SWMR. */
static bool is_closed(const char *file) {
    fenp_faults quiet = {.n = 0};
    fenp_h5 h;
    fenp_h5_open(&h, file, FENP_H5_PLAIN, NULL, 0, &quiet, (fenp_place){NULL, 0, 0});
    bool fine = fenp_h5_close(&h);
    fenp_faults_free(&quiet);
    return fine;
}

static int64_t rows_of(const char *run, fenp_faults *faults) {
    fenp_h5 h;
    int64_t n = 0, *step = NULL;
    if (fenp_live_open(&h, run, faults)) n = fenp_live_steps(&h, "/train/step", &step);
    fenp_delete(step);
    fenp_h5_close(&h);
    return n;
}

bool fenp_log_repair(const char *run, int64_t *rows, fenp_faults *faults) {
    fenp_arena a = {NULL};
    const char *file = fenp_arena_text(&a, "%s/log.h5", run), *beside = fenp_arena_text(&a, "%s.repaired", file);
    int before = faults->n;
    *rows = rows_of(run, faults);
    bool closed = faults->n == before && is_closed(file);
    if (closed) *rows = -1;
    if (!closed && faults->n == before && fenp_log_copy(run, beside, INTERRUPTED, faults)) {
        int error = fenp_io.rename(beside, file) < 0 ? errno : fenp_sync_folder(run);
        if (error) fenp_fail(faults, (fenp_place){NULL, 0, 0}, "cannot rename %s to %s: %s", beside, file, strerror(error));
    }
    if (faults->n > before) unlink(beside);
    fenp_arena_free(&a);
    return faults->n == before;
}
