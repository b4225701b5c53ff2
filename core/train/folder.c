/* folder.c: the run's folder: its lock, what must not be there already, resolved.yaml (DECISIONS 13). */
#include "train/folder.h"
#include "base/io.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *beside(fenp_run *r, const char *name) { return fenp_arena_text(&r->experiment->memory, "%s/%s", r->folder, name); }
int fenp_folder_hold(const char *folder, fenp_faults *faults) {
    fenp_arena a = {NULL};
    const char *path = fenp_arena_text(&a, "%s/run.lock", folder);
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0) fenp_fail(faults, (fenp_place){0}, "%s: cannot be written: %s", path, strerror(errno));
    else if (flock(lock, LOCK_EX | LOCK_NB)) {
        close(lock);
        lock = -2;
    }
    fenp_arena_free(&a);
    return lock;
}
bool fenp_folder_lock(fenp_run *r) {
    if (!fenp_folder(r->folder, r->faults)) return false;
    r->lock = fenp_folder_hold(r->folder, r->faults);
    if (r->lock == -2)
        fenp_fail(r->faults, (fenp_place){0}, "%s: another run is going on in this folder; wait for it, or give another one with -o", r->folder);
    return r->lock >= 0;
}
static void clear_folder(fenp_run *r, const char *folder, bool top) {
    static const char *const ours[] = {"resolved.yaml", "config.yaml", "log.h5", "log.h5.new", "log.h5.repaired", "log.h5.repaired.tmp", "console.log", NULL};
    fenp_arena *m = &r->experiment->memory;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        bool mine = !top && ((n > 3 && strcmp(e->d_name + n - 3, ".h5") == 0) || (n > 4 && strcmp(e->d_name + n - 4, ".png") == 0) ||
                             (n > 4 && strcmp(e->d_name + n - 4, ".tmp") == 0));
        for (int i = 0; top && ours[i]; i++) mine |= strcmp(e->d_name, ours[i]) == 0;
        if (mine) unlink(fenp_arena_text(m, "%s/%s", folder, e->d_name));
    }
    if (d) closedir(d);
}
void fenp_folder_clear(fenp_run *r) {
    clear_folder(r, beside(r, "checkpoints"), false);
    clear_folder(r, beside(r, "images"), false);
    clear_folder(r, r->folder, true);
}
/* A run that is there already: its state, and the three ways on. */
bool fenp_folder_free(fenp_run *r) {
    if (access(beside(r, "resolved.yaml"), F_OK)) return true;
    fenp_arena *m = &r->experiment->memory;
    const char *newest = fenp_checkpoint_newest(m, r->folder, NULL);
    const char *state = newest ? fenp_arena_text(m, "its newest checkpoint is %s", strrchr(newest, '/') + 1) : "it has no checkpoint";
    fenp_fail(r->faults, (fenp_place){0},
              "%s holds a run already (%s); `fenchel resume %s` goes on with it, `-o OTHER` runs beside it, `--overwrite` begins anew", r->folder,
              state, r->folder);
    return false;
}
bool fenp_folder_parts(fenp_run *r) {
    return fenp_folder(beside(r, "checkpoints"), r->faults) && fenp_folder(beside(r, "images"), r->faults);
}
bool fenp_folder_make(fenp_run *r) {
    return fenp_folder_parts(r) && fenp_replace(beside(r, "config.yaml"), r->config_text, strlen(r->config_text), r->faults) &&
           fenp_replace(beside(r, "resolved.yaml"), r->resolved_text, strlen(r->resolved_text),
                        r->faults); /* last: with it there is a run to resume */
}
