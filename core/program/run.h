/* program/run.h: what is left of a plan: steps in a row, pointers already in them. Behind each fen_step that a kernel of this folder
 * gets stands a fenp_work. */
#ifndef FENCHEL_PROGRAM_RUN_H
#define FENCHEL_PROGRAM_RUN_H
#include "program/plan.h"

/* An address that is known once the arena is bound and the store sealed. */
typedef enum fenp_base { FENP_IN_MEMORY, FENP_IN_ARENA, FENP_IN_BLOCK } fenp_base;
typedef struct fenp_address { fenp_base base; const fenp_block *block; void *memory; int64_t offset; } fenp_address;
typedef struct fenp_patch { void **where; fenp_address to; } fenp_patch;

typedef struct fenp_work {
    fenp_step step;                           /* first: kernels find their step here */
    fen_kernel run;
    int parts;
    size_t scratch;                           /* bytes a part */
    const void *extra;                        /* fenp_group, fenp_move, or a kernel that wants scratch of its own for each part */
} fenp_work;

/* How a group reads an operand. */
typedef enum fenp_kind {
    FENP_STREAM,                              /* memory, element by element */
    FENP_PIECE,                               /* a row longer than a tile, read again for every row: tiles do not cross rows */
    FENP_SPREAD,                              /* one number in every place: a tile filled once */
    FENP_PATTERN,                             /* a short row: a tile filled with copies of it once */
    FENP_GATHERED,                            /* any other strides: gathered for every tile */
    FENP_IMMEDIATE,                           /* a constant: a tile of the program's */
    FENP_BETWEEN                              /* a result that stays in its tile */
} fenp_kind;
typedef struct fenp_operand {
    fenp_kind kind;
    int cell, from_cell, tile;                /* tile: which one of scratch, -1: none */
    void *at;
    fenp_strides map;
} fenp_operand;
typedef struct fenp_instruction { fen_tile run; const fen_attrs *attrs; int first, n, out; } fenp_instruction;
typedef struct fenp_late { int operand; void *to; } fenp_late;
typedef struct fenp_group {
    int64_t count, period, width, per, cuts, tiles;    /* a tile is `per` rows of `period`, or a piece `width` wide of one row */
    int operands, instructions, lates, tile_bytes;
    fenp_operand *operand;
    fenp_instruction *instruction;
    int *input;                               /* operands read, by instruction */
    fenp_late *late;                        /* at the end of a tile: results whose memory an operand still had */
} fenp_group;
enum { FENP_TILE = 512 };

/* n elements from here to there, in whatever width. */
typedef enum fenp_word { FENP_F4, FENP_F8, FENP_I4 } fenp_word;
typedef struct fenp_move { int64_t n; fenp_word from, to; bool add; } fenp_move;

struct fenp_program {
    fenp_arena memory, values;                /* of the steps; of the plan's nodes, which kernels read */
    const fen_builder *builder;
    fenp_target *target; int targets, guard;
    unsigned flags;
    fenp_work *work; int works, first_write;
    fenp_patch *patch; int patches;
    void **owned; int owns;                   /* constants, feeds */
    void **feed; int feeds;                   /* by feed of the builder, as many as it had; NULL: not read */
    fenp_stream *stream; int streams;
    int *noise, *noise_stream, noises;        /* works that draw, and from which stream */
    void **value; bool *value_wide;           /* by target; NULL: not kept */
    const fenp_slot **read; int reads;
    void *arena, *own;
    size_t arena_bytes;
    fenp_program_size size;
};

void fenp_group_run(const fen_step *s, int part);
void fenp_move_run(const fen_step *s, int part);
void fenp_scratch_run(const fen_step *s, int part);

/* emit.c and group.c while a program is made */
typedef struct fenp_emitter {
    fenp_plan *plan; fenp_program *program;
    void **fixed;                             /* by value: memory of a constant */
    int *mark, *operand_of, *position;        /* by value: the unit + 1 for which operand_of holds; position in its unit */
    size_t scratch;
} fenp_emitter;
/* An instruction to be: a value, and the values that it reads. */
typedef struct fenp_recipe { int value, n, in[FENP_ARITY]; fen_tile run; const fen_attrs *attrs; } fenp_recipe;
fenp_address fenp_address_of(fenp_emitter *e, int id);
void *fenp_own(fenp_program *p, size_t bytes);
void  fenp_patch_add(fenp_program *p, void **where, fenp_address to);
fenp_work *fenp_work_add(fenp_emitter *e, const fen_node *node, fen_kernel run, int parts, size_t scratch);
void  fenp_fill_cells(void *to, const fen_node *x, const double *from, int64_t n);   /* in the type and width of x */
void  fenp_emit(fenp_emitter *e);
void  fenp_emit_group(fenp_emitter *e, const fenp_job *u);
int   fenp_known_as(const fenp_emitter *e, int id);                  /* a view of all elements of a value: that value; else itself */
fen_tile fenp_tile_of(const fen_node *x);
/* combine.c: the instructions of a group, at to[i] .. to[u->n - 1], from the first i that it returns. */
int   fenp_recipes(fenp_emitter *e, const fenp_job *u, fenp_recipe *to);
#endif
