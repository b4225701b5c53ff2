/* store/store.c: persistent tensors by name. A block's slots lie one behind the other in order of declaration; what names them is
 * the text of the experiment, so the order, and with it the file of a checkpoint, is the user's. */
#include "store/store.h"
#include <string.h>

fenp_store *fenp_store_new(bool doubles) {
    fenp_store *s = fenp_new(sizeof *s);
    s->doubles = doubles;
    return s;
}

void fenp_store_free(fenp_store *s) {
    if (!s) return;
    for (int i = 0; i < s->n; i++) {
        fenp_delete(s->block[i]->data);
        fenp_delete(s->block[i]->slot);
    }
    fenp_delete(s->block);
    fenp_map_free(&s->blocks);
    fenp_map_free(&s->slots);
    fenp_arena_free(&s->memory);
    fenp_delete(s);
}

static size_t element(const fenp_block *b) { return b->type == FEN_REAL && b->wide ? sizeof(double) : sizeof(float); }

static int64_t count_of(const fen_shape *s) {
    size_t n = 1;
    for (int i = 0; i < s->rank; i++) n = fenp_product(n, (size_t)s->size[i]);
    return (int64_t)n;
}

/* Field by field: the bytes between the fields are nobody's. */
static bool same_shape(const fen_shape *a, const fen_shape *b) {
    bool same = a->leads == b->leads && a->rank == b->rank && memcmp(a->axis, b->axis, sizeof a->axis) == 0;
    return same && memcmp(a->size, b->size, sizeof a->size) == 0;
}

static char *copied(fenp_store *s, const char *text) { return fenp_arena_copy(&s->memory, text, strlen(text)); }

/* Parameters have the precision of the experiment, numbers among them too: a network is one vector. */
static bool is_wide(const fenp_store *s, const char *block, fen_type type, bool wide) {
    return type == FEN_REAL && (s->doubles || (wide && strncmp(block, "params/", 7) != 0));
}

static fenp_block *block_new(fenp_store *s, const char *name, fen_type type, bool wide) {
    fenp_block *b = fenp_arena_new(&s->memory, sizeof *b);
    *b = (fenp_block){.name = copied(s, name), .wide = wide, .type = type};
    s->block = fenp_more(s->block, s->n, sizeof(fenp_block *));
    s->block[s->n++] = b;
    fenp_map_set(&s->blocks, b->name, b);
    return b;
}

static fenp_slot *slot_new(fenp_store *s, fenp_block *b, const char *name, fen_shape shape, double first) {
    fenp_slot *slot = fenp_arena_new(&s->memory, sizeof *slot);
    *slot = (fenp_slot){.name = copied(s, name), .shape = shape, .type = b->type, .offset = b->count, .count = count_of(&shape),
                        .first = first, .block = b};
    b->slot = fenp_more(b->slot, b->n, sizeof(fenp_slot *));
    b->slot[b->n++] = slot;
    b->count += slot->count;
    fenp_map_set(&s->slots, slot->name, slot);
    return slot;
}

fenp_slot *fenp_store_slot(fenp_store *s, const char *block, const char *name, fen_shape shape, fen_type type, bool wide, double first) {
    fenp_slot *old = fenp_store_find(s, name);
    fenp_block *b = fenp_store_block(s, block);
    wide = is_wide(s, block, type, wide);
    if (b && (b->type != type || b->wide != wide)) return NULL;
    if (old) return old->block == b && same_shape(&old->shape, &shape) ? old : NULL;
    if (s->sealed) return NULL;
    return slot_new(s, b ? b : block_new(s, block, type, wide), name, shape, first);
}

fenp_slot  *fenp_store_find(const fenp_store *s, const char *name)  { return fenp_map_get(&s->slots, name); }
fenp_block *fenp_store_block(const fenp_store *s, const char *name) { return fenp_map_get(&s->blocks, name); }

/* Kept among the slots under a name that no path can have, and outside of the block's own list: it holds no values of its own. */
fenp_slot *fenp_block_whole(fenp_store *s, fenp_block *b) {
    fenp_arena a = {NULL};
    char *key = fenp_arena_text(&a, "%s/", b->name);
    fenp_slot *whole = fenp_map_get(&s->slots, key);
    if (!whole) {
        whole = fenp_arena_new(&s->memory, sizeof *whole);
        fenp_map_set(&s->slots, key, whole);
    }
    fen_shape shape = {.rank = 1, .size = {b->count}};
    *whole = (fenp_slot){.name = b->name, .shape = shape, .type = b->type, .count = b->count, .block = b};
    fenp_arena_free(&a);
    return whole;
}

/* One of the three is the block's element type. */
static void fill(const fenp_slot *s) {
    void *data = fenp_slot_data(s);
    for (int64_t i = 0; i < s->count; i++)
        if (s->type == FEN_INTEGER) ((int32_t *)data)[i] = (int32_t)s->first;
        else if (s->block->wide) ((double *)data)[i] = s->first;
        else ((float *)data)[i] = (float)s->first;
}

void fenp_store_seal(fenp_store *s) {
    if (s->sealed) return;
    s->sealed = true;
    for (int i = 0; i < s->n; i++) {
        fenp_block *b = s->block[i];
        b->data = fenp_new(fenp_block_bytes(b));
        for (int k = 0; k < b->n; k++) fill(b->slot[k]);
    }
}

void *fenp_slot_data(const fenp_slot *s) {
    return s->block->data ? (char *)s->block->data + (size_t)s->offset * element(s->block) : NULL;
}

size_t fenp_slot_bytes(const fenp_slot *s)   { return fenp_product((size_t)s->count, element(s->block)); }
size_t fenp_block_bytes(const fenp_block *b) { return fenp_product((size_t)b->count, element(b)); }

static size_t store_bytes(const fenp_store *s) {
    size_t bytes = 0;
    for (int i = 0; i < s->n; i++) bytes += fenp_block_bytes(s->block[i]);
    return bytes;
}

void *fenp_store_save(const fenp_store *s) {
    char *saved = fenp_new(store_bytes(s)), *to = saved;
    for (int i = 0; i < s->n && s->sealed; i++) {
        size_t bytes = fenp_block_bytes(s->block[i]);
        memcpy(to, s->block[i]->data, bytes);
        to += bytes;
    }
    return saved;
}

void fenp_store_load(fenp_store *s, const void *saved) {
    const char *from = saved;
    for (int i = 0; i < s->n && s->sealed; i++) {
        size_t bytes = fenp_block_bytes(s->block[i]);
        memcpy(s->block[i]->data, from, bytes);
        from += bytes;
    }
}
