/* program/program.h: a graph compiled for a set of targets. prune -> simplify, fold, merge (simplify.c) -> group elementwise chains
 * (fuse.c) -> order (order.c) -> place values in the arena (place.c) -> a flat array of steps (emit.c, run.c).
 * Nothing is allocated, looked up by name, or locked inside a run. */
#ifndef FENCHEL_PROGRAM_PROGRAM_H
#define FENCHEL_PROGRAM_PROGRAM_H
#include "graph/builder.h"

typedef enum fenp_how { FENP_KEEP, FENP_WRITE, FENP_ADD } fenp_how;
/* KEEP: the value can be read after a run. WRITE: it becomes the slot's; ADD: it is added to the slot. All writes come last. */
typedef struct fenp_target { fen_node *node; fenp_slot *slot; fenp_how how; } fenp_target;
/* A stream that the program draws from; the caller sets `draw`, its number, before a run. */
typedef struct fenp_stream { const char *name; uint64_t hash, draw, seed; bool fixed, batch; } fenp_stream;   /* fixed: it has a seed of its own; batch: it has that axis */
typedef struct fenp_program fenp_program;

enum { FENP_NAIVE = 1, FENP_HOSTILE = 2 };    /* tests: one buffer for every value, nothing fused; tiny groups, arena of NaN */
extern unsigned fenp_program_flags;

/* Faults: two streams of one name and another shape, hash collisions. guard: index of the scalar target that must be finite
 * before anything is written, -1: none. The builder must outlive the program. */
fenp_program *fenp_program_new(const fen_builder *b, const fenp_target *t, int n, int guard, fenp_faults *faults);
void          fenp_program_free(fenp_program *p);

size_t        fenp_program_arena(const fenp_program *p);             /* bytes that it needs */
void          fenp_program_bind(fenp_program *p, void *arena);       /* 64-byte aligned, shared by programs that run in turn; NULL: its own */
fenp_stream  *fenp_program_streams(fenp_program *p, int *n);
void         *fenp_program_feed(fenp_program *p, int feed);          /* where the host writes feed i of the builder; NULL: it is not read */
const void   *fenp_program_value(const fenp_program *p, int target); /* of a KEEP target, until the arena is used again */
void          fenp_program_reads(const fenp_program *p, void (*each)(void *context, const fenp_slot *slot), void *context);

bool          fenp_program_run(fenp_program *p, uint64_t seed, int64_t first);   /* false: the guard refused, nothing was written */
/* The first node whose value is not finite, in the refused run repeated without fusion; NULL: none found. */
const fen_node *fenp_program_blame(fenp_program *p, uint64_t seed, int64_t first);
typedef struct fenp_program_size { int nodes, steps, groups, in_place; size_t arena, values; } fenp_program_size;
fenp_program_size fenp_program_measure(const fenp_program *p);
#endif
