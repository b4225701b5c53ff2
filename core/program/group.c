/* group.c: a group of elementwise values becomes instructions over operands (tile.c runs them). Results that nobody outside reads stay
 * in tiles, which are used again as soon as their last reader is done. A result goes straight to its memory, unless an operand still
 * to be read lies there: then it is stored at the end of the tile. */
#include "program/run.h"
#include <string.h>

typedef struct maker {
    fenp_emitter *e; const fenp_job *u; fenp_group *g; int64_t count;
    fenp_recipe *recipe;
    fenp_address *address; int *last;         /* of operands; last: the instruction that reads it last */
    int tiles, *idle, idles; bool *gone;      /* gone: its tile is idle, or stays to the end */
} maker;

static const fen_node *node_at(const fenp_emitter *e, int id) { return &e->plan->at[id]->base.node; }
static bool equal(const fenp_address *a, const fenp_address *b) {
    return a->base == b->base && a->block == b->block && a->memory == b->memory && a->offset == b->offset;
}

/* Operands are known by the value that has the memory. */
int fenp_known_as(const fenp_emitter *e, int id) {
    int64_t first;
    if (e->plan->role[id] == FENP_VIRTUAL) return id;
    int r = fenp_root(e->plan, id, &first);
    return !first && fenp_count(&node_at(e, r)->shape) == fenp_count(&node_at(e, id)->shape) ? r : id;
}
static int new_operand(maker *m, const fen_node *x, fenp_kind kind) {
    int i = m->g->operands++;
    m->g->operand[i] = (fenp_operand){.kind = kind, .cell = (int)fenp_cell(x), .from_cell = (int)fenp_cell(x), .tile = -1};
    m->last[i] = -1;
    return i;
}
static void set_address(maker *m, int i, fenp_address a) {
    m->address[i] = a;
    fenp_patch_add(m->e->program, &m->g->operand[i].at, a);
}
static int immediate(maker *m, const fen_node *x) {
    int i = new_operand(m, x, FENP_IMMEDIATE);
    int64_t n = m->count < FENP_TILE ? m->count : FENP_TILE;
    void *tile = fenp_own(m->e->program, (size_t)n * fenp_cell(x));
    double *value = fenp_new((size_t)n * sizeof *value);
    for (int64_t k = 0; k < n; k++) value[k] = x->attrs.real[0];
    fenp_fill_cells(tile, x, value, n);
    fenp_delete(value);
    m->g->operand[i].at = tile;
    m->address[i] = (fenp_address){.base = FENP_IN_MEMORY, .memory = tile};
    return i;
}
static int strided(maker *m, const fen_node *x) {
    fen_node *source;
    fenp_strides map = fenp_reading(m->e->plan, x, &source);
    int i = new_operand(m, x, FENP_GATHERED);
    fenp_operand *o = &m->g->operand[i];
    o->from_cell = (int)fenp_cell(source);
    o->map = map;
    bool number = map.rank == 0 || (map.rank == 1 && map.stride[0] == 0);
    if (number) o->kind = m->count == 1 && o->cell == o->from_cell ? FENP_STREAM : FENP_SPREAD;
    else if (map.rank == 2 && map.stride[0] == 0 && map.stride[1] == 1) o->kind = FENP_PATTERN;      /* cut() may think otherwise */
    if (o->kind != FENP_STREAM) o->tile = m->tiles++;
    set_address(m, i, fenp_address_of(m->e, source->id));
    return i;
}
static int operand_of(maker *m, int id) {
    fenp_emitter *e = m->e;
    int unit = e->plan->unit_of[m->u->value[0]];
    if (e->mark[id] == unit + 1) return e->operand_of[id];
    const fen_node *x = node_at(e, id);
    int i;
    if (e->plan->role[id] == FENP_VIRTUAL) i = strided(m, x);
    else if (x->op == &fenp_op_fill) i = immediate(m, x);
    else set_address(m, i = new_operand(m, x, FENP_STREAM), fenp_address_of(e, id));
    e->mark[id] = unit + 1;
    return e->operand_of[id] = i;
}

fen_tile fenp_tile_of(const fen_node *x) {
    bool wide = x->wide;
    for (int k = x->n - 1; k >= 0; k--) if (x->in[k]->type == FEN_REAL) wide = x->in[k]->wide;
    if (x->op == &fenp_op_cast) return x->op->tile[x->wide];         /* named by what it gives */
    if (x->op == &fenp_op_number) return fenp_op_cast.tile[1];       /* of a narrow value; a wide one is a view */
    return x->op->tile[wide];
}
/* Operands from outside first: their tiles stay. Then, for every operand, the last instruction that reads it. */
static void find_inputs(maker *m) {
    fenp_group *g = m->g;
    fenp_emitter *e = m->e;
    int at = 0, unit = e->plan->unit_of[m->u->value[0]];
    for (int c = 0; c < g->instructions; c++)
        for (int k = 0; k < m->recipe[c].n; k++) {
            int id = m->recipe[c].in[k];
            bool inside = e->plan->role[id] == FENP_TILED && e->plan->unit_of[id] == unit;
            if (!inside) operand_of(m, id);
        }
    int outside = g->operands;
    for (int c = 0; c < g->instructions; c++) {                      /* results in their order behind them */
        int id = m->recipe[c].value;
        e->operand_of[id] = new_operand(m, node_at(e, id), FENP_BETWEEN);
        e->mark[id] = unit + 1;
    }
    for (int c = 0; c < g->instructions; c++) {
        const fenp_recipe *r = &m->recipe[c];
        g->instruction[c] = (fenp_instruction){.run = r->run, .attrs = r->attrs, .first = at, .n = r->n, .out = outside + c};
        for (int k = 0; k < r->n; k++) {
            int i = operand_of(m, r->in[k]);
            g->input[at++] = i;
            m->last[i] = c;
        }
    }
}
/* An operand from outside with this address that instruction `c` or a later one still reads after c's result is there. */
static bool still_read(const maker *m, const fenp_address *a, int c) {
    for (int i = 0; i < m->g->operands; i++)
        if (m->g->operand[i].kind == FENP_STREAM && m->last[i] > c && equal(&m->address[i], a)) return true;
    return false;
}
/* Tiles of results that instruction c reads for the last time are idle from now on. Its own result may lie in one of them if elements are
 * of one size, so those come first. */
static void release(maker *m, int c, bool same_cell) {
    const fenp_group *g = m->g;
    for (int k = 0; k < g->instruction[c].n; k++) {
        int i = g->input[g->instruction[c].first + k];
        const fenp_operand *o = &g->operand[i];
        bool done = o->kind == FENP_BETWEEN && m->last[i] == c && !m->gone[i];
        if (!done || (same_cell && o->cell != g->operand[g->instruction[c].out].cell)) continue;
        m->gone[i] = true;
        m->idle[m->idles++] = o->tile;
    }
}
static void place_results(maker *m) {
    fenp_group *g = m->g;
    for (int c = 0; c < g->instructions; c++) {
        int id = m->recipe[c].value, out = g->instruction[c].out;
        bool stored = m->e->plan->spot[id].where != FENP_NOWHERE;
        fenp_address a = stored ? fenp_address_of(m->e, id) : (fenp_address){.offset = 0};
        bool late = stored && still_read(m, &a, c);
        if (stored && !late) {
            g->operand[out].kind = FENP_STREAM;
            set_address(m, out, a);
        } else {
            release(m, c, true);
            g->operand[out].tile = m->idles && !late ? m->idle[--m->idles] : m->tiles++;
        }
        release(m, c, false);
        if (!late) continue;
        m->gone[out] = true;                                         /* its tile stays to the end */
        g->late[g->lates].operand = out;
        fenp_patch_add(m->e->program, &g->late[g->lates++].to, a);
    }
}

/* Cuts the elements into tiles so that as many rows as possible begin at a tile's begin. */
static void cut(maker *m) {
    fenp_group *g = m->g;
    g->count = g->period = m->count;
    g->per = g->cuts = g->tiles = 1;
    g->width = m->count;
    if (m->count <= FENP_TILE) return;                               /* one tile holds all patterns */
    int most = 0;
    int64_t period = FENP_TILE;
    for (int i = 0; i < g->operands; i++) {
        int same = 0;
        if (g->operand[i].kind != FENP_PATTERN) continue;
        for (int j = 0; j < g->operands; j++) same += g->operand[j].kind == FENP_PATTERN && g->operand[j].map.size[1] == g->operand[i].map.size[1];
        if (same > most) { most = same; period = g->operand[i].map.size[1]; }
    }
    g->period = period;
    g->cuts = (period + FENP_TILE - 1) / FENP_TILE;
    g->width = g->cuts == 1 ? period : ((period + g->cuts - 1) / g->cuts + 15) / 16 * 16;
    g->cuts = (period + g->width - 1) / g->width;
    g->per = g->cuts > 1 ? 1 : FENP_TILE / period;
    int64_t rows = (m->count + period - 1) / period;
    g->tiles = (rows + g->per - 1) / g->per * g->cuts;
    for (int i = 0; i < g->operands; i++) {
        fenp_operand *o = &g->operand[i];
        if (o->kind != FENP_PATTERN) continue;
        if (o->map.size[1] != period) o->kind = FENP_GATHERED;
        else if (g->cuts > 1) { o->kind = FENP_PIECE; o->tile = -1; }
    }
}
static int parts_of(const fenp_group *g) {
    int64_t parts = g->count / 8192;
    if (g->count < 16384) return 1;
    if (parts > 16) parts = 16;
    return parts > g->tiles ? (int)g->tiles : (int)parts;
}
void fenp_emit_group(fenp_emitter *e, const fenp_job *u) {
    fenp_arena *a = &e->program->memory;
    int inputs = 0;
    for (int c = 0; c < u->n; c++) inputs += node_at(e, u->value[c])->n;
    size_t most = (size_t)(inputs + u->n) + 1;
    fenp_group *g = fenp_arena_new(a, sizeof *g);
    g->operand = fenp_arena_new(a, most * sizeof *g->operand);
    g->instruction = fenp_arena_new(a, (size_t)u->n * sizeof *g->instruction);
    g->input = fenp_arena_new(a, most * sizeof *g->input);
    g->late = fenp_arena_new(a, (size_t)u->n * sizeof *g->late);
    maker m = {.e = e, .u = u, .g = g, .count = fenp_count(&node_at(e, u->value[0])->shape)};
    fenp_recipe *recipes = fenp_new((size_t)u->n * sizeof *recipes);
    int first = fenp_recipes(e, u, recipes);
    m.recipe = recipes + first;
    g->instructions = u->n - first;
    m.address = fenp_new(most * sizeof *m.address);
    m.last = fenp_new(most * sizeof *m.last);
    m.idle = fenp_new(most * sizeof *m.idle);
    m.gone = fenp_new(most);
    find_inputs(&m);
    place_results(&m);
    cut(&m);
    bool wide = false;
    for (int i = 0; i < g->operands; i++) wide |= g->operand[i].cell == 8;
    int64_t longest = m.count < FENP_TILE ? m.count : FENP_TILE;
    g->tile_bytes = (int)fenp_round64((size_t)longest * (wide ? 8 : 4));
    size_t scratch = fenp_round64((size_t)g->operands * sizeof(void *)) + (size_t)m.tiles * (size_t)g->tile_bytes;
    fenp_work *w = fenp_work_add(e, node_at(e, u->value[u->n - 1]), fenp_group_run, parts_of(g), scratch);
    w->extra = g;
    e->program->size.groups += u->n > 1;
    fenp_delete(recipes);
    fenp_delete(m.address);
    fenp_delete(m.last);
    fenp_delete(m.idle);
    fenp_delete(m.gone);
}
