/* store/store.h: persistent tensors by name: parameters, states of layers, optimizers, samplers. A block is one piece of memory, its
 * slots lie in it in order of declaration, row by row, without holes: the block of a network *is* the network's vector.
 * Block and slot names are the paths of a checkpoint: block "params/critic", slot "params/critic/dense/weight".
 * Slots are declared until the store is sealed; sealing makes the memory, zeroed. A store may be copied (evaluation). */
#ifndef FENCHEL_STORE_STORE_H
#define FENCHEL_STORE_STORE_H
#include "base/fault.h"
#include "fenchel/graph.h"

typedef struct fenp_block fenp_block;
typedef struct fenp_slot {
    const char *name;                         /* full path */
    fen_shape shape;
    fen_type type;
    int64_t offset, count;                    /* elements within the block; number of them */
    double first;                             /* start value where no program fills it */
    fenp_block *block;
} fenp_slot;
struct fenp_block {
    const char *name;
    bool wide;                                /* double; else float (int32_t if type says so) */
    fen_type type;
    int64_t count;
    fenp_slot **slot; int n;
    void *data;                               /* NULL until sealed; 64-byte aligned */
};
typedef struct fenp_store { fenp_arena memory; bool doubles, sealed; fenp_block **block; int n; fenp_map blocks, slots; } fenp_store;

fenp_store *fenp_store_new(bool doubles);
void        fenp_store_free(fenp_store *s);
/* Finds or makes. A slot that is there with another shape or type gives NULL, as does a new one in a sealed store.
 * Scalars (no axes) want wide: a block holds one type and width; params blocks are in the store's precision always. */
fenp_slot  *fenp_store_slot(fenp_store *s, const char *block, const char *name, fen_shape shape, fen_type type, bool wide, double first);
fenp_slot  *fenp_store_find(const fenp_store *s, const char *name);
fenp_block *fenp_store_block(const fenp_store *s, const char *name);
fenp_slot  *fenp_block_whole(fenp_store *s, fenp_block *b);          /* the block as one vector [; count] */
void        fenp_store_seal(fenp_store *s);                          /* memory; every element becomes its slot's `first` */
void       *fenp_slot_data(const fenp_slot *s);
size_t      fenp_slot_bytes(const fenp_slot *s);
size_t      fenp_block_bytes(const fenp_block *b);
void       *fenp_store_save(const fenp_store *s);                    /* a copy of all values; fenp_delete */
void        fenp_store_load(fenp_store *s, const void *saved);
#endif
