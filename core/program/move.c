/* move.c: copies and additions between memories of any width: commits that could not be made in place, pieces of a concat. */
#include "program/run.h"
#include <string.h>

#define MOVE(name, source, target) \
    static void name(const void *from, void *to, bool add, int64_t n) { \
        const source *x = from; \
        target *y = to; \
        if (add) for (int64_t i = 0; i < n; i++) y[i] = (target)(y[i] + (target)x[i]); \
        else     for (int64_t i = 0; i < n; i++) y[i] = (target)x[i]; \
    }
MOVE(f4_f4, float, float)
MOVE(f4_f8, float, double)
MOVE(f4_i4, float, int32_t)
MOVE(f8_f4, double, float)
MOVE(f8_f8, double, double)
MOVE(f8_i4, double, int32_t)
MOVE(i4_f4, int32_t, float)
MOVE(i4_f8, int32_t, double)
MOVE(i4_i4, int32_t, int32_t)

static const size_t word_bytes[3] = {[FENP_F4] = 4, [FENP_F8] = 8, [FENP_I4] = 4};
static void (*const moves[3][3])(const void *, void *, bool, int64_t) = {
    [FENP_F4] = {f4_f4, f4_f8, f4_i4}, [FENP_F8] = {f8_f4, f8_f8, f8_i4}, [FENP_I4] = {i4_f4, i4_f8, i4_i4},
};

void fenp_move_run(const fen_step *s, int part) {
    const fenp_work *w = (const fenp_work *)s;
    const fenp_move *m = w->extra;
    int64_t from = m->n * part / w->parts, to = m->n * (part + 1) / w->parts;
    const char *x = (const char *)s->in[0] + (size_t)from * word_bytes[m->from];
    char *y = (char *)s->out + (size_t)from * word_bytes[m->to];
    if (m->from == m->to && !m->add) memmove(y, x, (size_t)(to - from) * word_bytes[m->to]);
    else moves[m->from][m->to](x, y, m->add, to - from);
}

/* A kernel finds its part's scratch in its step. */
void fenp_scratch_run(const fen_step *s, int part) {
    const fenp_work *w = (const fenp_work *)s;
    fenp_work mine = *w;
    mine.step.step.scratch = (char *)s->scratch + (size_t)part * w->scratch;
    (*(const fen_kernel *)w->extra)(&mine.step.step, part);
}
