/* Unit tests of core/store: blocks without holes, names, widths, sealing, copies. */
#include "store/store.h"
#include "test.h"

static fen_shape shape(int rank, int64_t a, int64_t b) { return (fen_shape){.rank = (uint8_t)rank, .size = {a, b}}; }

static void layout(void) {
    fenp_store *s = fenp_store_new(false);
    fenp_slot *w = fenp_store_slot(s, "params/critic", "params/critic/dense/weight", shape(2, 3, 5), FEN_REAL, false, 0.5);
    fenp_slot *other = fenp_store_slot(s, "params/actor", "params/actor/bias", shape(1, 7, 0), FEN_REAL, false, 2);
    fenp_slot *v = fenp_store_slot(s, "params/critic", "params/critic/dense/bias", shape(1, 4, 0), FEN_REAL, false, -1);
    fenp_slot *one = fenp_store_slot(s, "params/critic", "params/critic/scale", shape(0, 0, 0), FEN_REAL, true, 3);
    FEN_COUNT(w->offset, 0);
    FEN_COUNT(v->offset, 15);
    FEN_COUNT(one->offset, 19);
    FEN_COUNT(one->count, 1);
    FEN_COUNT(w->block->count, 20);
    FEN_COUNT(other->block->count, 7);
    FEN_TRUE(!fenp_slot_data(w));
    fenp_store_seal(s);
    const float *block = w->block->data;
    FEN_COUNT((uintptr_t)block % 64, 0);
    FEN_COUNT(fenp_block_bytes(w->block), 80);
    FEN_COUNT(fenp_slot_bytes(v), 16);
    FEN_TRUE(fenp_slot_data(v) == (const void *)(block + 15));
    for (int i = 0; i < 20; i++) FEN_TRUE(block[i] == (i < 15 ? 0.5f : i < 19 ? -1 : 3));
    fenp_store_free(s);
}

static void names(void) {
    fenp_store *s = fenp_store_new(true);
    fenp_slot *w = fenp_store_slot(s, "params/g", "params/g/w", shape(2, 3, 5), FEN_REAL, false, 0);
    FEN_TRUE(fenp_store_slot(s, "params/g", "params/g/w", shape(2, 3, 5), FEN_REAL, false, 0) == w);
    FEN_TRUE(fenp_store_find(s, "params/g/w") == w);
    FEN_TRUE(fenp_store_block(s, "params/g") == w->block);
    FEN_TRUE(fenp_store_find(s, "params/g") == NULL);
    FEN_TRUE(fenp_store_slot(s, "params/g", "params/g/w", shape(2, 5, 3), FEN_REAL, false, 0) == NULL);
    FEN_TRUE(fenp_store_slot(s, "params/g", "params/g/w", shape(2, 3, 5), FEN_INTEGER, false, 0) == NULL);
    FEN_TRUE(fenp_store_slot(s, "params/h", "params/g/w", shape(2, 3, 5), FEN_REAL, false, 0) == NULL);
    FEN_COUNT(s->n, 1);
    fenp_store_seal(s);
    FEN_TRUE(fenp_store_slot(s, "params/g", "params/g/w", shape(2, 3, 5), FEN_REAL, false, 0) == w);
    FEN_TRUE(fenp_store_slot(s, "params/g", "params/g/new", shape(1, 1, 0), FEN_REAL, false, 0) == NULL);
    fenp_store_free(s);
    fenp_store_free(NULL);
}

static void widths(void) {
    for (int doubles = 0; doubles < 2; doubles++) {
        fenp_store *s = fenp_store_new(doubles);
        fenp_slot *w = fenp_store_slot(s, "params/g", "params/g/w", shape(1, 2, 0), FEN_REAL, true, 1.0 / 3);
        fenp_slot *t = fenp_store_slot(s, "state/t", "state/t", shape(0, 0, 0), FEN_REAL, true, 1.0 / 3);
        fenp_slot *i = fenp_store_slot(s, "state/i", "state/i", shape(1, 3, 0), FEN_INTEGER, true, 7);
        FEN_TRUE(fenp_store_slot(s, "state/i", "state/real", shape(1, 3, 0), FEN_REAL, false, 0) == NULL);
        fenp_store_seal(s);
        FEN_COUNT(fenp_slot_bytes(w), doubles ? 16 : 8);
        FEN_COUNT(fenp_slot_bytes(t), 8);
        FEN_COUNT(fenp_slot_bytes(i), 12);
        FEN_TRUE(*(double *)fenp_slot_data(t) == 1.0 / 3);
        FEN_COUNT(((int32_t *)fenp_slot_data(i))[2], 7);
        fenp_store_free(s);
    }
}

static void whole(void) {
    fenp_store *s = fenp_store_new(false);
    fenp_slot *w = fenp_store_slot(s, "params/g", "params/g/w", shape(2, 3, 5), FEN_REAL, false, 0);
    fenp_slot *all = fenp_block_whole(s, w->block);
    fenp_store_slot(s, "params/g", "params/g/b", shape(1, 5, 0), FEN_REAL, false, 9);
    fenp_store_seal(s);
    FEN_TRUE(fenp_block_whole(s, w->block) == all);
    FEN_COUNT(all->count, 20);
    FEN_COUNT(all->shape.rank, 1);
    FEN_COUNT(all->shape.size[0], 20);
    FEN_COUNT(all->offset, 0);
    FEN_COUNT(w->block->n, 2);
    FEN_TRUE(fenp_slot_data(all) == w->block->data);
    FEN_TRUE(((float *)fenp_slot_data(all))[19] == 9);
    FEN_TEXT(all->name, "params/g");
    fenp_store_free(s);
}

static void copies(void) {
    fenp_store *s = fenp_store_new(false);
    fenp_slot *a = fenp_store_slot(s, "params/a", "params/a/w", shape(1, 3, 0), FEN_REAL, false, 1);
    fenp_slot *b = fenp_store_slot(s, "state/b", "state/b", shape(0, 0, 0), FEN_REAL, true, 2);
    fenp_store_seal(s);
    ((float *)fenp_slot_data(a))[2] = 5;
    void *saved = fenp_store_save(s);
    ((float *)fenp_slot_data(a))[2] = 6;
    *(double *)fenp_slot_data(b) = 7;
    fenp_store_load(s, saved);
    FEN_TRUE(((float *)fenp_slot_data(a))[2] == 5);
    FEN_TRUE(*(double *)fenp_slot_data(b) == 2);
    fenp_delete(saved);
    fenp_store_free(s);
}

static const fen_test tests[] = {
    {"a block is its slots, row by row", layout}, {"names find or make", names}, {"widths", widths}, {"the whole block", whole},
    {"saved and loaded", copies}, {NULL, NULL}
};
int main(void) { return fen_test_run("store", tests); }
