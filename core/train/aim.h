/* train/aim.h: what a turn writes to: the targets of `update`, `assign` and `after`, while its program is made (player.c, aim.c). */
#ifndef FENCHEL_TRAIN_AIM_H
#define FENCHEL_TRAIN_AIM_H
#include "train/train.h"

/* One build of a turn: what its players want, and the targets of the program. */
typedef struct fenp_making {
    fenp_run *run;
    fenp_phase *phase;
    fenp_turn *turn;
    fenp_build *build;
    fenp_target *target;
    int targets;
    fen_node *guard;
    bool good;
} fenp_making;
typedef struct fenp_wanted {
    fenp_slot **slot;
    fen_node **raw, **gradient;
    int n;
} fenp_wanted;
typedef struct fenp_aim {
    fenp_network *network;
    fenp_slot *slot;   /* one tensor; NULL: the network */
    const char *layer; /* of `update`: all tensors below this path; NULL: no layer */
    fenp_block *block;
} fenp_aim;
/* Right sides first; the targets get them when all of a turn are known. */
typedef struct fenp_assignment {
    const fenp_item *map;
    const char *what;
    fenp_aim *to;
    fen_node **value;
} fenp_assignment;

void fenp_guard(fenp_making *m, fen_node *x); /* adds x to what is tested before a commit */
bool fenp_find_updated(fenp_making *m, fenp_player *p, const fenp_context *c);
fenp_assignment fenp_right_sides(fenp_making *m, fenp_player *p, const fenp_context *c, const fenp_item *map, const char *what);
void fenp_assign(fenp_making *m, const fenp_assignment *a);
/* Players of one turn must not set the same tensor; w: what they update (NULL: that may be set again, as `after` does). */
void fenp_assigned_apart(fenp_making *m, const fenp_assignment *a, const fenp_wanted *w, int players);
#endif
