/* log/read.c: one series of numbers with its steps, also while the log is being written. */
#include "log/live.h"
#include <string.h>

static void no_series(fenp_h5 *h, const char *group, const char *name) {
    fenp_arena a = {NULL};
    fenp_text text = {NULL, 0, 0};
    const char *const *list = fenp_h5_list(h, &a, fenp_arena_text(&a, "/%s", group), true, false);
    for (int i = 0; list[i]; i++) fenp_text_add(&text, "%s%s", i ? ", " : "", strrchr(list[i], '/') + 1);
    fenp_h5_fail(h, "%s has no numbers \"%s\" in group %s; it has: %s", h->path, name, group, text.at ? text.at : "none");
    fenp_text_free(&text);
    fenp_arena_free(&a);
}

bool fenp_log_read(const char *run, const char *group, const char *name, int64_t **step, double **value, int64_t *n, fenp_faults *faults) {
    fenp_h5 h;
    fenp_h5_form form;
    fenp_arena a = {NULL};
    *step = NULL, *value = NULL, *n = 0;
    if (fenp_live_open(&h, run, faults)) {
        *n = fenp_live_steps(&h, fenp_live_scale(&a, group, name), step);     /* before the values: they are there then */
        int64_t d = fenp_h5_find(&h, fenp_arena_text(&a, "/%s/%s", group, name));
        if (d < 0 || !fenp_h5_form_of(&h, d, &form) || form.rank < 1) no_series(&h, group, name);
        else {
            if (form.size[0] < *n) *n = form.size[0];
            size_t width = sizeof **value;
            for (int k = 1; k < form.rank; k++) width = fenp_product(width, (size_t)form.size[k]);
            *value = fenp_new(fenp_product((size_t)*n, width) + 1);
            fenp_h5_read(&h, d, FENP_CELL_F64, 0, *n, *value);
        }
    }
    fenp_arena_free(&a);
    if (fenp_h5_close(&h)) return true;
    fenp_delete(*step);
    fenp_delete(*value);
    *step = NULL, *value = NULL, *n = 0;
    return false;
}

/* Opened as others open it: a writer that was killed while it closed the file has left it marked as being written. */
bool fenp_log_finished(const char *run) {
    fenp_faults quiet = {0};
    fenp_arena a = {NULL};
    fenp_h5 h;
    uint8_t status = 0;
    if (fenp_h5_open(&h, fenp_arena_text(&a, "%s/log.h5", run), FENP_H5_PLAIN, NULL, 0, &quiet, (fenp_place){NULL, 0, 0})) {
        int64_t d = fenp_h5_find(&h, "/run/status");
        if (d >= 0) fenp_h5_read(&h, d, FENP_CELL_U8, 0, 1, &status);
    }
    bool fine = fenp_h5_close(&h);
    fenp_faults_free(&quiet);
    fenp_arena_free(&a);
    return fine && status == 1;
}
