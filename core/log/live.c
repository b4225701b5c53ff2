/* log/live.c: looking into a log that may be being written; live.h. */
#include "log/live.h"
#include <string.h>

bool fenp_live_open(fenp_h5 *h, const char *run, fenp_faults *faults) {
    fenp_arena a = {NULL};
    bool fine = fenp_h5_open(h, fenp_arena_text(&a, "%s/log.h5", run), FENP_H5_LIVE, NULL, 0, faults, (fenp_place){NULL, 0, 0});
    fenp_arena_free(&a);
    return fine;
}

bool fenp_live_shared(const char *group) { return !strcmp(group, "train") || !strcmp(group, "evaluate"); }

char *fenp_live_scale(fenp_arena *a, const char *group, const char *name) {
    return fenp_live_shared(group) ? fenp_arena_text(a, "/%s/step", group) : fenp_arena_text(a, "/%s/%s_step", group, name);
}

int64_t fenp_live_steps(fenp_h5 *h, const char *path, int64_t **step) {
    fenp_h5_form form;
    int64_t d = fenp_h5_find(h, path), n = 0;
    *step = NULL;
    if (d < 0 || !fenp_h5_form_of(h, d, &form) || form.rank != 1) return 0;
    int64_t *s = *step = fenp_new(fenp_product((size_t)form.size[0], sizeof *s));
    fenp_h5_read(h, d, FENP_CELL_I64, 0, form.size[0], s);
    while (!h->failed && n < form.size[0] && s[n] >= 0 && (n == 0 || s[n] > s[n - 1])) n++;
    return n;
}
