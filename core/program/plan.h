/* program/plan.h: what the passes of a compilation hand to one another. A plan lives while a program is made; what a run needs is
 * copied into the program (run.h). Values are numbered so that inputs have smaller ids: id order is a topological order, so every
 * pass is a plain loop. */
#ifndef FENCHEL_PROGRAM_PLAN_H
#define FENCHEL_PROGRAM_PLAN_H
#include "ops/ops.h"
#include "program/program.h"

enum { FENP_ARITY = 16 };                     /* inputs of an elementwise op, at most */
/* A node of the simplified graph; a fen_node * of a plan may be cast to it. In a plan
 *   slot   has whole = (fenp_block *, offset in elements): windows of one memory are equal, however they were named;
 *   table  has whole = (const double *, type): the memory belongs to the plan;
 *   depends is recomputed: 0 is a constant. */
typedef struct fenp_value { fenp_node base; const fen_node *origin; double *data; fen_node *folded; } fenp_value;

/* How a value comes to be in memory. */
typedef enum fenp_role {
    FENP_LEAF,                                /* slot or feed: memory that is there */
    FENP_FIXED,                               /* constant: memory of the program, written once (in groups a fill is an immediate) */
    FENP_VIRTUAL,                             /* broadcast that only groups read: never in memory, groups read its source through strides */
    FENP_VIEW,                                /* its input's memory, from an offset on */
    FENP_TILED,                               /* elementwise: part of a group */
    FENP_JOIN,                                /* concat of contiguous pieces: inputs that can are computed right in it */
    FENP_KERNEL                               /* any other op: a step of its own */
} fenp_role;

/* What a target of the caller has become. WRITE and ADD go to `count` elements of the block from `offset` on. */
typedef struct fenp_aim { fen_node *node; fenp_how how; fenp_block *block; int64_t offset; int index; bool in_place; } fenp_aim;

/* A strided reading of a source in the flat order of a result: outermost first, sizes of 1 dropped, neighbours merged. */
typedef struct fenp_strides { int rank; int64_t first, size[FEN_MAX_RANK], stride[FEN_MAX_RANK]; } fenp_strides;

/* A step to be: one kernel, or a group of elementwise values of one count. */
typedef struct fenp_job { int *value, n, order, key, waits; bool commits, guarded; } fenp_job;

/* Where a value lies: `offset` bytes into the arena, a block, or the value `host`; from which to which step it is needed. */
typedef enum fenp_where { FENP_NOWHERE, FENP_ARENA, FENP_IN_SLOT, FENP_HOSTED } fenp_where;
typedef struct fenp_spot {
    fenp_where where;
    int64_t offset;
    fenp_block *block;
    int host, first, last;
    bool kept;                                /* a target: needed to the end */
    bool given;                               /* its memory went over to another value */
    bool hosts;
} fenp_spot;

typedef struct fenp_plan {
    const fen_builder *b;
    fenp_arena memory, constants;             /* constants: elements of tables, which the program copies */
    unsigned flags;                           /* FENP_NAIVE, FENP_HOSTILE */
    fenp_value **at; int n;                   /* simplify */
    fenp_aim *aim; int aims; int guard;       /* guard: index of a target */
    uint8_t *role; int *unit_of;              /* fuse; unit_of -1: none */
    fenp_job *unit; int units, *in_order;    /* order */
    fenp_spot *spot;                          /* place */
    size_t arena, values; int in_place;       /* bytes of the arena, of all values that were placed; buffers taken over */
} fenp_plan;

/* simplify.c */
void fenp_simplify(fenp_plan *p, const fenp_target *t, int n);
/* rules.c: the simplest equal of x, whose inputs are values of the plan. */
typedef struct fenp_simplifier { fenp_plan *plan; int *table; size_t size; } fenp_simplifier;
fen_node *fenp_simple(fenp_simplifier *s, fen_node *x);
fen_node *fenp_intern(fenp_simplifier *s, const fen_node *x);        /* x as it stands, once */
fen_node *fenp_fill_like(fenp_simplifier *s, const fen_node *like, double value);
bool      fenp_is_fill(const fen_node *x, double *value);
/* fold.c: constants in double */
fen_node     *fenp_fold(fenp_simplifier *s, fen_node *x);            /* NULL: not now (an input is no constant, or it is better left virtual) */
const double *fenp_data(fenp_plan *p, fen_node *x);                  /* all elements of a constant; NULL: it cannot be computed */
/* aims.c: targets made ready: concats split, slices joined, what would be overwritten copied first. */
void fenp_aims(fenp_simplifier *s);
extern const fen_op fenp_op_copy;             /* elementwise; only here */
/* fuse.c */
void fenp_fuse(fenp_plan *p);
/* order.c: false would be a cycle, a bug of fuse.c */
bool fenp_order(fenp_plan *p);
/* commit.c: values that are computed right where they are wanted: in their slot, in the concat that reads them */
void fenp_commit_in_place(fenp_plan *p);
void fenp_host_joins(fenp_plan *p);
/* place.c */
void fenp_place_all(fenp_plan *p);

/* reading.c: questions about values */
static inline fenp_value *fenp_value_of(const fen_node *x) { return (fenp_value *)x; }
static inline size_t fenp_cell(const fen_node *x) { return x->type == FEN_REAL && x->wide ? 8 : 4; }
static inline size_t fenp_bytes(const fen_node *x) { return (size_t)fenp_count(&x->shape) * fenp_cell(x); }
static inline size_t fenp_round64(size_t n) { return (n + 63) & ~(size_t)63; }
/* Its elements are its input's, one behind the other, from element *offset on. */
bool fenp_is_view(const fen_node *x, int64_t *offset);
/* A concat whose inputs lie in it one behind the other. */
bool fenp_is_join(const fen_node *x);
/* The value whose memory x is or reads, through views and virtual values; offset (may be NULL): where in it a view begins, in elements. */
int  fenp_root(const fenp_plan *p, int id, int64_t *offset);
/* How x, a virtual value, reads *source, a value that has memory. */
fenp_strides fenp_reading(const fenp_plan *p, const fen_node *x, fen_node **source);
#endif
