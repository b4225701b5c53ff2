/* log/live.c: looking into a log that may be being written; live.h. */
#include "log/live.h"
#include <string.h>
#include <sys/stat.h>

const char *const fenp_log_groups[] = {"train", "evaluate", "samples", "tensors", NULL};

static bool is_there(fenp_arena *a, const char *run, const char *name) {
    struct stat info;
    return stat(fenp_arena_text(a, "%s/%s", run, name), &info) == 0;
}

/* NULL, or what is wrong with a folder that should be a run's. */
static const char *refusal(fenp_arena *a, const char *run) {
    struct stat info;
    if (stat(run, &info)) return fenp_arena_text(a, "there is no folder %s; needed is a run's, such as runs/NAME", run);
    if (!S_ISDIR(info.st_mode)) return fenp_arena_text(a, "%s is a file; needed is a run's folder, such as runs/NAME", run);
    if (is_there(a, run, "log.h5")) return NULL;
    if (is_there(a, run, "resolved.yaml"))
        return fenp_arena_text(a, "%s has no log.h5: its run was stopped before the first step, or the file was removed", run);
    if (is_there(a, run, "points")) return fenp_arena_text(a, "%s is the folder of a sweep; its runs are the folders in %s/points", run, run);
    return fenp_arena_text(a, "%s is no run's folder: it has no log.h5", run);
}

static void look_at_schema(fenp_h5 *h) {
    char schema[64] = "";
    if (h->failed || (fenp_h5_read_note(h, "/", "fenchel_schema", schema, sizeof schema) && !strncmp(schema, "fenchel-log/", 12))) return;
    fenp_h5_fail(h, "%s is no log of fenchel: its attribute fenchel_schema is %s%s%s", h->path, *schema ? "\"" : "missing", schema,
                 *schema ? "\"" : "");
}

bool fenp_live_open(fenp_h5 *h, const char *run, fenp_faults *faults) {
    fenp_arena a = {NULL};
    fenp_place none = {NULL, 0, 0};
    const char *wrong = refusal(&a, run);
    if (wrong) {
        *h = (fenp_h5){.failed = true};
        fenp_fail(faults, none, "%s", wrong);
    } else if (fenp_h5_open(h, fenp_arena_text(&a, "%s/log.h5", run), FENP_H5_LIVE, NULL, 0, faults, none)) look_at_schema(h);
    fenp_arena_free(&a);
    return !h->failed;
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

/* The steps are read before the values are looked at, so the values are there. */
static int64_t steps_of(fenp_h5 *h, fenp_arena *a, const char *group, const char *name, const int64_t **step) {
    int64_t *s, n = fenp_live_steps(h, fenp_live_scale(a, group, name), &s);
    int64_t *copy = fenp_arena_new(a, fenp_product((size_t)n + 1, sizeof *s));
    if (n) memcpy(copy, s, (size_t)n * sizeof *s);
    fenp_delete(s);
    *step = copy;
    return n;
}

static bool look(fenp_h5 *h, fenp_seen *s) {
    s->id = fenp_h5_find(h, s->path);
    bool fine = s->id >= 0 && !fenp_h5_is_scale(h, s->id) && fenp_h5_form_of(h, s->id, &s->form) && s->form.grows;
    if (fine && s->form.size[0] < s->rows) s->rows = s->form.size[0];
    return fine;
}

fenp_seen *fenp_live_series(fenp_h5 *h, fenp_arena *a, const char *group, int *n) {
    const char *const *path = fenp_h5_list(h, a, fenp_arena_text(a, "/%s", group), true, false);
    const int64_t *step = NULL;
    int count = 0;
    bool shared = fenp_live_shared(group);
    int64_t rows = shared ? steps_of(h, a, group, "", &step) : 0;
    while (path[count]) count++;
    fenp_seen *list = fenp_arena_new(a, ((size_t)count + 1) * sizeof *list);
    *n = 0;
    for (int i = 0; i < count && !h->failed; i++) {
        fenp_seen s = {.path = path[i], .name = strrchr(path[i], '/') + 1, .rows = rows, .step = step};
        if (!shared) s.rows = steps_of(h, a, group, s.name, &s.step);
        if (look(h, &s)) list[(*n)++] = s;
    }
    for (int i = 0; i < *n && shared; i++)
        if (list[i].rows < rows) rows = list[i].rows;
    for (int i = 0; i < *n && shared; i++) list[i].rows = rows;
    return list;
}
