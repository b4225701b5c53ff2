/* draws.c: counters of draws, and what the host writes into a program's feeds before it runs (DECISIONS 7). Every stream counts the draws
 * that it made in training; files walk through keyed permutations; in evaluation noise restarts at draw 0 under another seed. */
#include "train/train.h"
#include "base/pool.h"
#include "base/random.h"
#include "ops/ops.h"
#include <string.h>

/* ---- counters by name ---- */
fenp_counter *fenp_counter_of(fenp_draws *d, const char *stream) {
    for (int i = 0; i < d->counters; i++)
        if (strcmp(d->counter[i]->name, stream) == 0) return d->counter[i];
    fenp_counter *c = fenp_arena_new(&d->experiment->memory, sizeof *c);
    c->name = fenp_arena_copy(&d->experiment->memory, stream, strlen(stream));
    d->counter = fenp_arena_more(&d->experiment->memory, d->counter, d->counters, sizeof *d->counter);
    return d->counter[d->counters++] = c;
}
fenp_cursor *fenp_cursor_of(fenp_draws *d, const char *sampler) {
    for (int i = 0; i < d->cursors; i++)
        if (strcmp(d->cursor[i]->name, sampler) == 0) return d->cursor[i];
    fenp_cursor *c = fenp_arena_new(&d->experiment->memory, sizeof *c);
    c->name = fenp_arena_copy(&d->experiment->memory, sampler, strlen(sampler));
    d->cursor = fenp_arena_more(&d->experiment->memory, d->cursor, d->cursors, sizeof *d->cursor);
    return d->cursor[d->cursors++] = c;
}
fenp_memory *fenp_memory_of(fenp_draws *d, const char *name, size_t bytes) {
    for (int i = 0; i < d->memories; i++)
        if (strcmp(d->memory[i]->name, name) == 0 && d->memory[i]->bytes == bytes) return d->memory[i];
    fenp_memory *m = fenp_arena_new(&d->experiment->memory, sizeof *m);
    m->name = fenp_arena_copy(&d->experiment->memory, name, strlen(name));
    m->bytes = bytes;
    m->fresh = true;
    m->data = fenp_arena_new(&d->experiment->memory, bytes + 1);
    d->memory = fenp_arena_more(&d->experiment->memory, d->memory, d->memories, sizeof *d->memory);
    return d->memory[d->memories++] = m;
}
/* The last draw of a pass is a shorter one: it goes on where the first ones of the longer draws stand. */
fenp_memory *fenp_memory_for(const fenp_moment *m, const char *name, size_t bytes) {
    fenp_memory *longer = NULL;
    for (int i = 0; i < m->draws->memories && !m->training; i++) {
        fenp_memory *k = m->draws->memory[i];
        if (k->bytes > bytes && !k->fresh && strcmp(k->name, name) == 0 && (!longer || k->bytes < longer->bytes)) longer = k;
        if (k->bytes == bytes && strcmp(k->name, name) == 0) return k;
    }
    return longer ? longer : fenp_memory_of(m->draws, name, bytes);
}
typedef struct saved {
    int n;
    void **data;
    bool *fresh;
} saved;
void *fenp_draws_save(const fenp_draws *d) {
    saved *s = fenp_new(sizeof *s);
    *s = (saved){d->memories, fenp_new((size_t)d->memories * sizeof *s->data + 1), fenp_new((size_t)d->memories + 1)};
    for (int i = 0; i < s->n; i++) {
        s->data[i] = fenp_new(d->memory[i]->bytes + 1);
        memcpy(s->data[i], d->memory[i]->data, d->memory[i]->bytes);
        s->fresh[i] = d->memory[i]->fresh;
    }
    return s;
}
void fenp_draws_restore(fenp_draws *d, const void *from) {
    const saved *s = from;
    for (int i = 0; i < d->memories; i++) {
        d->memory[i]->fresh = i < s->n ? s->fresh[i] : true;
        if (i < s->n) memcpy(d->memory[i]->data, s->data[i], d->memory[i]->bytes);
        else memset(d->memory[i]->data, 0, d->memory[i]->bytes);
    }
}
void fenp_draws_load(fenp_draws *d, void *from) {
    saved *s = from;
    fenp_draws_restore(d, s);
    for (int i = 0; i < s->n; i++) fenp_delete(s->data[i]);
    fenp_delete(s->data);
    fenp_delete(s->fresh);
    fenp_delete(s);
}

/* ---- taking a draw ---- */
static void take_counter(fenp_counter *c, fenp_draw_when when, const fenp_moment *m) {
    if (!m->training || when == FENP_ONCE) return;
    if (when == FENP_EACH_ROUND && c->counted && c->round == m->draws->round) return;
    if (c->counted) c->count++; /* count is the number of the draw that holds now */
    c->counted = true;
    c->round = m->draws->round;
}
static void take_rows(fenp_cursor *c, const fenp_origin *o, int64_t batch, const fenp_moment *m) {
    int64_t rows = o->source->rows;
    if (!m->training || o->when == FENP_ONCE) return;
    if (o->when == FENP_EACH_ROUND && c->drawn && c->round == m->draws->round) return;
    if (c->next + batch > rows) {
        c->pass++;
        c->next = 0;
    }
    c->at = c->next;
    c->next += batch;
    c->round = m->draws->round;
    c->drawn = true;
    if (c->next + batch > rows) {
        c->pass++;
        c->next = 0;
        c->passes++;
        c->ended = true;
    } else c->ended = false;
}
static int64_t batch_of(const fenp_feed *f) {
    int p = fenp_lead_of(&f->shape, FEN_BATCH);
    return p < 0 ? 1 : f->shape.size[p];
}
void fenp_task_take(fenp_task *t, const fenp_moment *m) {
    const fen_builder *b = t->build->b;
    int n;
    fenp_stream *s = fenp_program_streams(t->program, &n);
    for (int i = 0; i < n; i++) {
        fenp_counter *c = fenp_counter_of(m->draws, s[i].name);
        if (c->turn != m->turn) take_counter(c, fenp_draw_policy(t->build->experiment, s[i].name), m);
        c->turn = m->turn;
    }
    for (int i = 0; i < b->feeds; i++) {
        const fenp_origin *o = b->feed[i].owner;
        if (!fenp_program_feed(t->program, i)) continue;
        if (o->kind == FENP_FROM_FILE) {
            fenp_cursor *c = fenp_cursor_of(m->draws, o->sampler->name);
            if (c->turn != m->turn) take_rows(c, o, batch_of(&b->feed[i]), m);
            c->turn = m->turn;
        }
        if (o->kind == FENP_FROM_SIMULATION || o->kind == FENP_FROM_CHAIN) {
            fenp_counter *c = fenp_counter_of(m->draws, o->sampler->name);
            if (c->turn != m->turn) take_counter(c, o->when, m);
            c->turn = m->turn;
        }
    }
}

/* ---- writing feeds ---- */
static void write_scalar(void *to, fen_type type, double x) {
    if (type == FEN_INTEGER) *(int32_t *)to = (int32_t)x;
    else *(double *)to = x;
}
typedef struct gather {
    const fenp_source_use *use;
    const fenp_served *served;
    const fenp_feed *feed;
    char *to;
    int64_t begin, count;
    uint64_t key;
    bool shuffled;
    int64_t width;
} gather;
static double cell(const fen_table *t, int64_t i) {
    switch (t->cell) {
    case FEN_U8: return ((const uint8_t *)t->data)[i];
    case FEN_I64: return (double)((const int64_t *)t->data)[i];
    case FEN_F32: return (double)((const float *)t->data)[i];
    default: return ((const double *)t->data)[i];
    }
}
static int64_t row_of(const gather *g, int64_t i) {
    int64_t k = (g->begin + i) % g->use->rows;
    if (g->shuffled) k = (int64_t)fenp_shuffled(g->key, (uint64_t)k, (uint64_t)g->use->rows);
    return fenp_source_row(g->use, k);
}
static void bytes_to_floats(const uint8_t *x, float *y, int64_t n, float scale, float shift) {
    for (int64_t j = 0; j < n; j++) y[j] = (float)x[j] * scale + shift;
}
static void gather_rows(const gather *g, int64_t from, int64_t to) {
    const fen_table *t = &g->served->table;
    bool floats = g->feed->type == FEN_REAL && !g->feed->wide && t->cell == FEN_U8;
    for (int64_t i = from; i < to; i++) {
        int64_t row = row_of(g, i);
        if (floats) {
            if (i + 4 < to)
                for (int64_t j = 0, ahead = row_of(g, i + 4) * g->width; j < g->width; j += 64) __builtin_prefetch((const char *)t->data + ahead + j);
            bytes_to_floats((const uint8_t *)t->data + row * g->width, (float *)(void *)g->to + i * g->width, g->width, (float)g->served->scale,
                            (float)g->served->shift);
            continue;
        }
        for (int64_t j = 0; j < g->width; j++) {
            double x = cell(t, row * g->width + j) * g->served->scale + g->served->shift;
            if (g->feed->type == FEN_INTEGER) ((int32_t *)(void *)g->to)[i * g->width + j] = (int32_t)x;
            else if (g->feed->wide) ((double *)(void *)g->to)[i * g->width + j] = x;
            else ((float *)(void *)g->to)[i * g->width + j] = (float)x;
        }
    }
}
enum { ROWS_A_PART = 32 };
static void gather_part(const void *context, int part) {
    const gather *g = context;
    int64_t to = (int64_t)(part + 1) * ROWS_A_PART;
    gather_rows(g, (int64_t)part * ROWS_A_PART, to < g->count ? to : g->count);
}
static void write_file(const fenp_origin *o, const fenp_feed *f, char *to, const fenp_moment *m) {
    fenp_cursor *c = fenp_cursor_of(m->draws, o->sampler->name);
    uint64_t pass = c->ended ? c->pass - 1 : c->pass;
    bool once = o->when == FENP_ONCE;
    gather g = {.use = o->source, .feed = f, .to = to, .count = fen_rows(&f->shape), .width = fen_row_size(&f->shape)};
    if (once) pass = 0;
    g.begin = once ? 0 : m->training ? c->at : m->first;
    g.shuffled = once || m->training;
    g.key = fenp_key_step(fenp_key_step(m->draws->experiment->seed, fenp_hash(o->sampler->name)), pass);
    if (o->output < 0) {
        for (int64_t i = 0; i < g.count; i++) ((int32_t *)(void *)to)[i] = (int32_t)row_of(&g, i);
        return;
    }
    g.served = &o->source->source->output[o->output];
    int parts = (int)((g.count + ROWS_A_PART - 1) / ROWS_A_PART);
    fenp_pool_run(gather_part, &g, parts);
}
static uint64_t draw_key(const fenp_moment *m, const char *stream, uint64_t count) {
    return fenp_key_step(fenp_key_step(m->seed, fenp_hash(stream)), m->training ? count : 0);
}
static void write_doubles(const fenp_feed *f, void *to, const double *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        if (f->type == FEN_INTEGER) ((int32_t *)to)[i] = (int32_t)x[i];
        else if (f->wide) ((double *)to)[i] = x[i];
        else ((float *)to)[i] = (float)x[i];
    }
}
/* A simulation fills all its outputs at once; the state of each example goes on from draw to draw. Under another `with` it is another one: the
 * same random numbers, and a state of its own. */
static void simulate(fenp_task *t, const fenp_origin *o, const fenp_moment *m, const fenp_source_use **done, int *n_done) {
    const fen_builder *b = t->build->b;
    const fenp_source *s = o->source->source;
    for (int i = 0; i < *n_done; i++)
        if (done[i] == o->source) return;
    done[(*n_done)++] = o->source;
    int64_t count = 1, batch = 1;
    for (int i = 0; i < b->feeds; i++)
        if (((const fenp_origin *)b->feed[i].owner)->source == o->source) {
            count = fen_rows(&b->feed[i].shape);
            batch = batch_of(&b->feed[i]);
        }
    double **out = fenp_new((size_t)s->outputs * sizeof *out);
    for (int k = 0; k < s->outputs; k++) out[k] = fenp_new((size_t)(count * fenp_count(&s->output[k].features)) * sizeof **out + 8);
    fenp_counter *c = fenp_counter_of(m->draws, o->sampler->name);
    size_t bytes = s->function->draws->state;
    fenp_memory *state = bytes ? fenp_memory_for(m, o->source->name, bytes * (size_t)count) : NULL;
    fen_draw at = {.key = draw_key(m, o->sampler->name, m->training ? c->count : (uint64_t)m->draw),
                   .first = m->training ? 0 : m->first * (count / batch),
                   .count = count,
                   .state = state ? state->data : NULL};
    s->function->draws->draw(s->self, &at, out);
    if (state) state->fresh = false;
    for (int i = 0; i < b->feeds; i++) {
        const fenp_origin *p = b->feed[i].owner;
        void *to = fenp_program_feed(t->program, i);
        if (p->source == o->source && to) write_doubles(&b->feed[i], to, out[p->output], fenp_count(&b->feed[i].shape));
    }
    for (int k = 0; k < s->outputs; k++) fenp_delete(out[k]);
    fenp_delete(out);
}
void fenp_task_fill(fenp_task *t, const fenp_moment *m, uint64_t step, const bool *fresh) {
    const fen_builder *b = t->build->b;
    const fenp_source_use *done[64];
    int n, n_done = 0;
    fenp_stream *s = fenp_program_streams(t->program, &n);
    for (int i = 0; i < n; i++) {
        fenp_counter *c = fenp_counter_of(m->draws, s[i].name);
        fenp_draw_when when = fenp_draw_policy(t->build->experiment, s[i].name);
        s[i].draw = m->training && when != FENP_ONCE ? c->count : 0;
        s[i].fixed = when == FENP_ONCE;
        s[i].seed = t->build->experiment->seed;
        bool apart = m->training || s[i].batch; /* else the draws of a pass would move a chain alike */
        if (fresh && fresh[i]) s[i].draw = fenp_key_step(apart ? s[i].draw : (uint64_t)m->draw, step);
    }
    for (int i = 0; i < b->feeds; i++) {
        const fenp_origin *o = b->feed[i].owner;
        char *to = fenp_program_feed(t->program, i);
        if (!to) continue;
        if (o->kind == FENP_FROM_STEP) write_scalar(to, b->feed[i].type, m->step);
        if (o->kind == FENP_FROM_EPOCH) write_scalar(to, b->feed[i].type, m->epoch);
        if (o->kind == FENP_FROM_FILE) write_file(o, &b->feed[i], to, m);
        if (o->kind == FENP_FROM_SIMULATION && n_done < 64) simulate(t, o, m, done, &n_done);
    }
}
