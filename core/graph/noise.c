/* graph/noise.c: streams of noise. A stream's name is all that tells it from others: its value is a pure function of (seed, name,
 * number of the draw, index along each axis). So one name in one graph means one node, and names must not collide as hashes. */
#include "base/random.h"
#include "graph/builder.h"
#include "ops/ops.h"
#include <string.h>

/* What the two uses differ in: the sizes of a leading axis are not in the text of a shape. */
static fen_node *drawn_twice(fen_builder *b, const char *stream, const fenp_noise *old, const fen_op *law, const fen_shape *shape) {
    char was[160], is[160];
    for (int p = 0; p < shape->leads && old->shape.leads == shape->leads; p++)
        if (old->node->op == law && old->shape.axis[p] == shape->axis[p] && old->shape.size[p] != shape->size[p])
            return fenp_faulty(b, "noise %s is drawn at two sizes of %s in one program, %lld and %lld: what stands under a `with` that sets another "
                               "size needs a sampler of its own", stream, b->axis[shape->axis[p]].name ? b->axis[shape->axis[p]].name : "an axis",
                               (long long)old->shape.size[p], (long long)shape->size[p]);
    return fenp_faulty(b, "noise %s is drawn twice, as %s %s and as %s %s; give one of them another name", stream, old->node->op->name,
                       fenp_shape_text(b, old->shape, was), law->name, fenp_shape_text(b, *shape, is));
}
/* The stream that is there already: its node, or a fault where it is used in another way; NULL: there is none. */
static fen_node *existing(fen_builder *b, const char *stream, uint64_t hash, const fen_op *law, const fen_shape *shape) {
    for (int i = 0; i < b->noises; i++) {
        const fenp_noise *old = &b->noise[i];
        if (old->hash != hash) continue;
        if (strcmp(old->name, stream)) return fenp_faulty(b, "noise %s and %s have the same key; rename one of them", old->name, stream);
        if (fenp_is_faulty(b, old->node)) return old->node;
        if (old->node->op == law && fenp_same(&old->shape, shape)) return old->node;
        if (b->mode == FEN_INITIALISE) continue;             /* declares all builds of an experiment at once, at every batch size */
        return drawn_twice(b, stream, old, law, shape);
    }
    return NULL;
}

fen_node *fenp_noise_new(fen_builder *b, const char *stream, const fen_op *law, fen_shape shape) {
    uint64_t hash = fenp_hash(stream);
    fen_node *x = existing(b, stream, hash, law, &shape);
    if (x) return x;
    fen_attrs a = {.whole = {b->noises, (int64_t)hash}, .shape = shape};
    x = fen_apply(b, law, NULL, 0, &a);
    b->noise = fenp_more(b->noise, b->noises, sizeof *b->noise);
    b->noise[b->noises++] = (fenp_noise){fenp_arena_copy(&b->graph.memory, stream, strlen(stream)), hash, shape, x};
    return x;
}

static fen_node *at_site(fen_builder *b, const char *name, const fen_op *law, fen_shape shape) {
    const char *site = b->site ? b->site : "";
    if (!name || !*name) return fenp_faulty(b, "%s: noise without a name; two in one build need two names", law->name);
    return fenp_noise_new(b, fenp_arena_text(&b->graph.memory, "%s/%s", site, name), law, shape);
}

fen_node *fen_uniform(fen_builder *b, const char *name, fen_shape shape) { return at_site(b, name, &fenp_op_uniform, shape); }
fen_node *fen_normal(fen_builder *b, const char *name, fen_shape shape) { return at_site(b, name, &fenp_op_normal, shape); }

fen_node *fen_permutation(fen_builder *b, const char *name, fen_axis axis) {
    fen_shape s = {.leads = 1, .rank = 1, .axis = {axis}, .size = {b->axis[axis].size}};
    if (s.size[0] < 1) return fenp_faulty(b, "permutation: needs a leading axis of this experiment; there is none with id %d", axis);
    return at_site(b, name, &fenp_op_permutation, s);
}
