/* tile.c: runs a group of elementwise ops over tiles of about 512 elements that stay in the first cache. What an operand is that is no
 * plain memory (a number, a row, any strides), becomes a tile before the instructions see it. Tiles do not depend on threads; a part
 * is a range of tiles. */
#include "kernels/strided.h"
#include "program/run.h"
#include <string.h>

static void fill4(uint32_t *to, uint32_t v, int64_t n) { for (int64_t i = 0; i < n; i++) to[i] = v; }
static void fill8(uint64_t *to, uint64_t v, int64_t n) { for (int64_t i = 0; i < n; i++) to[i] = v; }

/* One element in n places; from a double where the tile has floats. */
static void spread(const fenp_operand *o, void *to, int64_t n) {
    uint32_t word;
    uint64_t wide;
    if (o->cell == 8) {
        memcpy(&wide, o->at, 8);
        fill8(to, wide, n);
        return;
    }
    float narrow;
    if (o->from_cell == 8) { narrow = (float)*(const double *)o->at; memcpy(&word, &narrow, 4); }
    else memcpy(&word, o->at, 4);
    fill4(to, word, n);
}
/* The row `times` times: what is there already is doubled. */
static void repeat(char *to, const char *row, size_t bytes, int64_t times) {
    size_t done = bytes, all = bytes * (size_t)times;
    if (!all) return;
    for (memcpy(to, row, bytes); done < all; done *= 2) memcpy(to + done, to, done < all - done ? done : all - done);
}
/* A tile: `n` elements from `first` on; in its row from `column` on. */
typedef struct span { int64_t first, column; int n; } span;
static span span_of(const fenp_group *g, int64_t tile) {
    int64_t row = tile / g->cuts * g->per, column = tile % g->cuts * g->width, first = row * g->period + column;
    int64_t end = g->cuts > 1 ? (row + 1) * g->period : first + g->per * g->period, n = g->cuts > 1 ? first + g->width : end;
    if (n > end) n = end;
    if (n > g->count) n = g->count;
    return (span){first, column, (int)(n - first)};
}
static void prepare(const fenp_group *g, void **at, char *tiles) {
    int64_t longest = g->cuts > 1 ? g->width : g->per * g->period;
    if (longest > g->count) longest = g->count;
    for (int i = 0; i < g->operands; i++) {
        const fenp_operand *o = &g->operand[i];
        char *own = tiles + (size_t)(o->tile > 0 ? o->tile : 0) * (size_t)g->tile_bytes;
        at[i] = o->tile >= 0 ? own : o->at;
        if (o->kind == FENP_SPREAD) spread(o, own, longest);
        if (o->kind == FENP_PATTERN) {
            int64_t row = o->map.size[o->map.rank - 1];
            repeat(own, o->at, (size_t)row * (size_t)o->cell, longest / row);
        }
    }
}
static void advance(const fenp_group *g, void **at, span t) {
    for (int i = 0; i < g->operands; i++) {
        const fenp_operand *o = &g->operand[i];
        if (o->kind == FENP_STREAM) at[i] = (char *)o->at + t.first * o->cell;
        else if (o->kind == FENP_PIECE) at[i] = (char *)o->at + t.column * o->cell;
        else if (o->kind == FENP_GATHERED) fenp_strided_copy((size_t)o->cell, o->map.rank, o->map.size, o->map.stride, o->at, t.first, t.first + t.n, at[i]);
    }
}
static void execute(const fenp_group *g, void *const *at, span t) {
    for (int i = 0; i < g->instructions; i++) {
        const fenp_instruction *c = &g->instruction[i];
        const int *in = g->input + c->first;
        const void *x[FENP_ARITY];
        for (int k = 0; k < c->n; k++) x[k] = at[in[k]];
        c->run(t.n, x, at[c->out], c->attrs);
    }
    for (int i = 0; i < g->lates; i++) {
        const fenp_late *s = &g->late[i];
        int cell = g->operand[s->operand].cell;
        memcpy((char *)s->to + t.first * cell, at[s->operand], (size_t)(t.n * cell));
    }
}
void fenp_group_run(const fen_step *s, int part) {
    const fenp_work *w = (const fenp_work *)s;
    const fenp_group *g = w->extra;
    char *scratch = (char *)s->scratch + (size_t)part * w->scratch;
    void **at = (void **)scratch;
    prepare(g, at, scratch + fenp_round64((size_t)g->operands * sizeof *at));
    for (int64_t k = g->tiles * part / w->parts, end = g->tiles * (part + 1) / w->parts; k < end; k++) {
        span t = span_of(g, k);
        advance(g, at, t);
        execute(g, at, t);
    }
}
