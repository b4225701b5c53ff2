/* schema.c: the series of a run's log, all known after the builds. */
#include "train/evaluate.h"
#include "train/schema.h"
#include <string.h>

typedef struct schema {
    fenp_run *run;
    fenp_series *at;
    int n;
} schema;

static fenp_series *add(schema *s, const char *group, const char *name, const char *unit, const char *about) {
    s->at = fenp_more(s->at, s->n, sizeof *s->at);
    s->at[s->n] = (fenp_series){.group = group, .name = name, .unit = unit ? unit : "1", .about = about ? about : name, .cell = FENP_CELL_F64};
    return &s->at[s->n++];
}
static void dimensions(schema *s, fenp_series *x, const fen_shape *f, const fen_builder *b, const char *const *feature) {
    fenp_arena *a = &s->run->experiment->memory;
    for (int p = 0; p < f->rank; p++) {
        const fenp_axis *axis = p < f->leads ? &b->axis[f->axis[p]] : NULL;
        fenp_dimension *d = &x->dimension[x->rank++];
        *d = (fenp_dimension){.name = axis && axis->name ? axis->name
                                        : feature      ? feature[p - f->leads]
                                                       : fenp_arena_text(a, "%s_%d", x->name, p - f->leads),
                                .size = f->size[p]};
        if (!axis || axis->counted || axis->size != f->size[p]) continue;
        double *coordinate = fenp_arena_new(a, (size_t)d->size * sizeof *coordinate);
        for (int64_t i = 0; i < d->size; i++) coordinate[i] = axis->from + (axis->to - axis->from) * (double)i / (double)(d->size - 1);
        d->coordinate = coordinate;
    }
}
static int train_series(schema *s, const char *name) {
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->at[i].group, "train") == 0 && strcmp(s->at[i].name, name) == 0) return i;
    return -1;
}
static void notes(schema *s, fenp_series *x, const fenp_result *m) {
    fenp_arena *a = &s->run->experiment->memory;
    fenp_note *note = fenp_arena_new(a, 4 * sizeof *note);
    fenp_group *g = m->group;
    int n = 0;
    if (g->passes == 1)
        note[n++] = (fenp_note){
            "count", fenp_arena_text(a, "%lld examples, %lld draws", (long long)g->pass[0].length.examples, (long long)g->pass[0].length.draws)};
    if (m->metric.value->text) note[n++] = (fenp_note){"expression", m->metric.value->text};
    const fenp_item *with = g->key.with ? g->key.with : s->run->evaluation->with;
    const char *split = "";
    for (int i = 0; with && i < with->n; i++)
        split = fenp_arena_text(a, "%s%s%s = %s", split, i ? ", " : "", with->key[i], with->item[i]->text ? with->item[i]->text : "..");
    if (*split) note[n++] = (fenp_note){"split", split};
    x->note = note;
    x->notes = n;
}
/* All draws of a tensor: an axis `draw` before its own. */
static void add_drawn(schema *s, fenp_result *m) {
    m->series = s->n;
    fenp_series *x = add(s, "tensors", m->metric.name, m->metric.unit, m->metric.value->text);
    x->dimension[x->rank++] = (fenp_dimension){.name = "draw", .size = m->metric.length.draws};
    dimensions(s, x, &m->metric.shape, m->group->draft.build->b, NULL);
}
void fenp_schema_make(fenp_run *r) {
    schema s = {.run = r};
    fenp_evaluation *e = r->evaluation;
    for (int i = 0; i < r->phases; i++)
        for (int k = 0; k < r->phase[i].players; k++)
            for (int j = 0; j < r->phase[i].player[k].count; j++) {
                fenp_logged *l = &r->phase[i].player[k].logged[j];
                l->series = train_series(&s, l->name);
                if (l->series < 0) {
                    l->series = s.n;
                    add(&s, "train", l->name, l->unit, l->item->text);
                }
            }
    for (int i = 0; i < e->results; i++) {
        fenp_result *m = &e->result[i];
        if (m->metric.every_draw) {
            add_drawn(&s, m);
            continue;
        }
        if (!m->single) continue;
        m->series = s.n;
        fenp_series *x = add(&s, "evaluate", m->metric.name, m->metric.unit, m->metric.about);
        dimensions(&s, x, &m->shape, m->group->draft.metrics.finish, NULL);
        notes(&s, x, m);
    }
    for (int i = 0; i < e->count; i++) {
        e->shown[i].series = s.n;
        fenp_series *x = add(&s, e->shown[i].image ? "samples" : "tensors", e->shown[i].name, e->shown[i].unit, e->shown[i].value->text);
        x->cell = e->shown[i].image ? FENP_CELL_U8 : FENP_CELL_F64;
        static const char *const of_image[] = {"height", "width", "channel"};
        bool image = e->shown[i].image && e->shown[i].shape.rank - e->shown[i].shape.leads <= 3;
        dimensions(&s, x, &e->shown[i].shape, e->shown_build->b, image ? of_image : NULL);
    }
    r->series = s.at;
    r->n_series = s.n;
}
