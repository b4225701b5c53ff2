/* functions.c: the functions of the language (LANGUAGE 2), a row each. What is no row here is a network of the file or a plugin. */
#include "language/language.h"
#include "language/metric.h"
#include "ops/ops.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct fenp_builtin {
    const char *name;
    int least, most;
    bool over;
    fenp_value *(*call)(const fenp_context *c, const fenp_expression *e);
    fen_node *(*verb)(fen_builder *b, fen_node *x);
};

/* Arguments evaluated and brought into one builder; false: one is faulty. */
static bool arguments(const fenp_context *c, const fenp_expression *e, fenp_value **v, int n, fen_builder **b) {
    bool good = true;
    for (int i = 0; i < n; i++) {
        v[i] = fenp_evaluate(c, e->arg[i]);
        good &= !fenp_is_fault(c->build, v[i]);
    }
    if (!good) return false;
    *b = fenp_join(c, v, n, e->at);
    for (int i = 0; i < n; i++) good &= !fenp_is_fault(c->build, v[i]);
    return good;
}
static fenp_value *result(const fenp_context *c, fen_node *node, fenp_value **v, int n) {
    fenp_value *r = fenp_value_new(c->build, node);
    for (int i = 0; i < n; i++) r->pass |= v[i]->pass;
    return r;
}
/* A whole number that is known when building, such as the 10 of one_hot(i, 10). */
static bool whole(const fenp_context *c, const fenp_expression *e, int64_t *n) {
    double x;
    if (!fenp_constant_of(c, e, &x)) return false;
    if (x == floor(x) && fabs(x) < 9e15) {
        *n = (int64_t)x;
        return true;
    }
    fenp_wrong(c, e->at, "given %g; needs a whole number", x);
    return false;
}
static fenp_value *refused(const fenp_context *c) { return fenp_faulty_value(c->build); }

/* ---- elementwise ---- */
static fenp_value *extreme(const fenp_context *c, const fenp_expression *e) {
    if (e->n == 1) return fenp_reduction(c, e);
    if (e->overs) return fenp_wrong(c, e->at, "%s of several values does not run over axes: remove `over`, or nest two calls", e->name);
    fenp_value *v[8];
    fen_builder *b;
    if (!arguments(c, e, v, e->n, &b)) return refused(c);
    fen_node *x = v[0]->node;
    for (int i = 1; i < e->n; i++) x = e->name[1] == 'a' ? fen_max(b, x, v[i]->node) : fen_min(b, x, v[i]->node);
    fenp_value *r = result(c, x, v, e->n);
    r->unit = v[0]->unit;
    return r;
}
static fenp_value *clip(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[3];
    fen_builder *b;
    if (!arguments(c, e, v, 3, &b)) return refused(c);
    return result(c, fen_max(b, fen_min(b, v[0]->node, v[2]->node), v[1]->node), v, 3);
}
static fenp_value *where(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[3];
    fen_builder *b;
    if (!arguments(c, e, v, 3, &b)) return refused(c);
    return result(c, fen_where(b, v[0]->node, v[1]->node, v[2]->node), v, 3);
}

/* ---- along an axis ---- */
static bool one_position(const fenp_context *c, const fenp_expression *e, fenp_value **v, int *p, fen_builder **b) {
    bool pass = false, draws = false;
    unsigned mask = 0;
    fen_shape s = fen_shape_of(v[0]->node);
    if (!e->overs) {
        fenp_wrong(c, e->at, "%s over what? Say %s(.. over batch), channel, or an axis", e->name, e->name);
        return false;
    }
    if (!fenp_over(c, e, s, &mask, &pass, c->build->metrics ? &draws : NULL)) return false;
    if (c->build->metrics && pass && fenp_per_draw(c, v[0])) { /* the whole pass is kept, the finishing program goes along it */
        v[0] = fenp_metric_reduce(c, FENP_G_KEEP, v[0], mask, draws, false, e->at);
        if (fenp_is_fault(c->build, v[0])) return false;
        *b = fenp_join(c, v, 1, e->at);
        if (draws) mask = mask << 1 | 1;
    }
    *p = mask ? __builtin_ctz(mask) : -1;
    if (mask && !(mask & (mask - 1))) return true;
    fenp_wrong(c, e->at, "%s runs along one axis; given %s", e->name, mask ? "several" : "a value without it");
    return false;
}
static fenp_value *along(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    int p;
    if (!arguments(c, e, v, 1, &b) || !one_position(c, e, v, &p, &b)) return refused(c);
    fen_node *x = v[0]->node;
    if (e->name[0] == 'c') x = fenp_cumsum_at(b, x, p);
    else if (e->name[0] == 'r') x = fenp_rank_at(b, x, p);
    else x = fenp_sort_at(b, x, p);
    return result(c, x, v, 1);
}
static fenp_value *roll(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    int p;
    int64_t n = 1;
    if (!arguments(c, e, v, 1, &b) || !one_position(c, e, v, &p, &b) || (e->n > 1 && !whole(c, e->arg[1], &n))) return refused(c);
    return result(c, fenp_roll_at(b, v[0]->node, p, n), v, 1);
}
static fenp_value *softmax(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    unsigned mask;
    bool pass, draws;
    if (!arguments(c, e, v, 1, &b)) return refused(c);
    if (!e->overs) return fenp_wrong(c, e->at, "%s over what? Say %s(.. over channel) or an axis", e->name, e->name);
    if (!fenp_over(c, e, fen_shape_of(v[0]->node), &mask, &pass, c->build->metrics ? &draws : NULL)) return refused(c);
    if (c->build->metrics && pass && fenp_per_draw(c, v[0])) {
        v[0] = fenp_metric_reduce(c, FENP_G_KEEP, v[0], mask, draws, false, e->at);
        b = fenp_join(c, v, 1, e->at);
        if (draws) mask = mask << 1 | 1;
    }
    return result(c, fenp_softmax(b, fenp_to_real(b, v[0]->node), mask, e->name[0] == 'l'), v, 1);
}

/* ---- shape ---- */
static fenp_value *concat(const fenp_context *c, const fenp_expression *e) {
    fenp_value **v = fenp_arena_new(&c->build->experiment->memory, (size_t)e->n * sizeof *v);
    fen_node **x = fenp_arena_new(&c->build->experiment->memory, (size_t)e->n * sizeof *x);
    fen_builder *b;
    if (!arguments(c, e, v, e->n, &b)) return refused(c);
    bool real = false;
    for (int i = 0; i < e->n; i++) real |= v[i]->node->type == FEN_REAL;
    for (int i = 0; i < e->n; i++) x[i] = real ? fenp_to_real(b, v[i]->node) : v[i]->node;
    return result(c, fen_concat(b, x, e->n, -1), v, e->n);
}
static fenp_value *slice(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    int64_t from, to;
    if (!arguments(c, e, v, 1, &b) || !whole(c, e->arg[1], &from) || !whole(c, e->arg[2], &to)) return refused(c);
    int64_t size = fen_feature(v[0]->node, -1);
    if (from < 0 || to <= from || to > size)
        return fenp_wrong(c, e->at, "slice(.., %lld, %lld): needs 0 <= from < to <= %lld, the size of the channel", (long long)from, (long long)to,
                          (long long)size);
    return result(c, fen_slice(b, v[0]->node, -1, from, 1, to - from), v, 1);
}
static fenp_value *pick(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[2];
    fen_builder *b;
    if (!arguments(c, e, v, 2, &b)) return refused(c);
    fen_node *i = v[1]->node;
    fen_shape s = fen_shape_of(v[0]->node);
    unsigned mask = 0;
    if (i->type != FEN_INTEGER)
        return fenp_wrong(c, e->arg[1]->at, "pick: the index is real; needs an integer (labels, argmax, floor, a number without point)");
    if (e->overs) {
        if (!fenp_over(c, e, s, &mask, NULL, NULL)) return refused(c);
    } else if (s.rank > s.leads) mask = 1u << (s.rank - 1);
    if (!mask || mask & (mask - 1))
        return fenp_wrong(c, e->at, "pick: needs one axis to pick from; the value is %s", fenp_shape_text(b, s, (char[160]){0}));
    int p = __builtin_ctz(mask);
    double at;
    if (fenp_constant(i, &at) && (at < 0 || at >= (double)s.size[p]))
        return fenp_wrong(c, e->at, "pick: entry %g of an axis of size %lld; the first is 0", at, (long long)s.size[p]);
    return result(c, fenp_gather_at(b, v[0]->node, p, i), v, 2);
}
static fenp_value *one_hot(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    int64_t n;
    if (!arguments(c, e, v, 1, &b) || !whole(c, e->arg[1], &n)) return refused(c);
    if (v[0]->node->type != FEN_INTEGER) return fenp_wrong(c, e->arg[0]->at, "one_hot: given reals; needs integers (labels, argmax, floor)");
    return result(c, fen_one_hot(b, v[0]->node, n), v, 1);
}
/* pad(x, n), crop(x, n): n places on each side of height and width. */
static fenp_value *frame(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    int64_t n;
    if (!arguments(c, e, v, 1, &b) || !whole(c, e->arg[1], &n)) return refused(c);
    fen_node *x = v[0]->node;
    if (x->shape.rank - x->shape.leads != 3)
        return fenp_wrong(c, e->at, "%s: given %s; needs an image [height, width, channel]", e->name, fenp_shape_text(b, x->shape, (char[160]){0}));
    for (int k = 0; k < 2; k++) {
        int64_t size = fen_feature(x, k);
        if (e->name[0] == 'p') x = fen_spread(b, x, k, n, 1, size + 2 * n);
        else if (size > 2 * n) x = fen_slice(b, x, k, n, 1, size - 2 * n);
        else return fenp_wrong(c, e->at, "crop(.., %lld): nothing is left of %lld places", (long long)n, (long long)size);
    }
    return result(c, x, v, 1);
}
static fenp_value *outer(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[2];
    fen_builder *b;
    if (!arguments(c, e, v, 2, &b)) return refused(c);
    return result(c, fenp_outer(b, fenp_to_real(b, v[0]->node), fenp_to_real(b, v[1]->node)), v, 2);
}
static fenp_value *product(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[2];
    fen_builder *b;
    if (!arguments(c, e, v, 2, &b)) return refused(c);
    fen_node *x = fenp_to_real(b, v[0]->node), *y = fenp_to_real(b, v[1]->node);
    return result(c, e->name[0] == 's' ? fenp_solve(b, x, y) : fen_matmul(b, x, y), v, 2);
}
static fenp_value *eye(const fenp_context *c, const fenp_expression *e) {
    int64_t n;
    if (!whole(c, e->arg[0], &n)) return refused(c);
    return fenp_value_new(c->build, fenp_eye(c->build->b, n));
}
static fenp_value *flatten(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    if (!arguments(c, e, v, 1, &b)) return refused(c);
    fen_shape s = fen_shape_of(v[0]->node);
    return result(c, fen_reshape(b, v[0]->node, fen_vector(fen_row_size(&s))), v, 1);
}
static fenp_value *reshape(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    int64_t size[FEN_MAX_RANK];
    const fenp_expression *l = e->arg[1];
    if (l->form != FENP_X_LIST || l->n > FEN_MAX_RANK) return fenp_wrong(c, l->at, "reshape: needs a list of sizes, as in reshape(x, [7, 7, 64])");
    if (!arguments(c, e, v, 1, &b)) return refused(c);
    for (int i = 0; i < l->n; i++)
        if (!whole(c, l->arg[i], &size[i])) return refused(c);
    return result(c, fen_reshape(b, v[0]->node, fen_features(l->n, size)), v, 1);
}
static fenp_value *size(const fenp_context *c, const fenp_expression *e) {
    const fenp_expression *a = e->arg[0];
    if (a->form == FENP_X_NAME && c->build->metrics && (strcmp(a->name, "draws") == 0 || strcmp(a->name, "batch") == 0))
        return fenp_metric_size(c, a->name[0] == 'd');
    fenp_definition *d = fenp_axis_named(c, a);
    return d ? fenp_value_new(c->build, fenp_integer(c->build->b, fenp_axis_size(c, d))) : refused(c);
}
static fenp_value *naming(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    if (!arguments(c, e, v, 1, &b)) return refused(c);
    fenp_definition *from = fenp_axis_named(c, e->arg[1]), *to = e->n > 2 ? fenp_axis_named(c, e->arg[2]) : NULL;
    if (!from || (e->n > 2 && !to)) return refused(c);
    fenp_world *entered = fenp_enter(c->build, c->world);
    fen_node *x = e->name[0] == 'n'   ? fen_name(b, v[0]->node, from->axis)
                  : e->name[0] == 'u' ? fen_unname(b, v[0]->node, from->axis)
                                      : fen_rename(b, v[0]->node, from->axis, to->axis);
    fenp_enter(c->build, entered);
    return result(c, x, v, 1);
}

/* ---- calculus ---- */
static fenp_value *stop(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    if (!arguments(c, e, v, 1, &b)) return refused(c);
    fenp_value *r = result(c, fen_stop_gradient(b, v[0]->node), v, 1);
    r->unit = v[0]->unit;
    return r;
}
/* By a network or one of its tensors: its raw parameters, laid side by side. */
static fenp_value *gradient_by(const fenp_context *c, fen_node *y, fenp_value *x, const fenp_expression *e) {
    fen_builder *b = c->build->b;
    fenp_network *n = x->network;
    fenp_block *k = n->block ? fenp_store_block(c->build->experiment->store, n->block) : NULL;
    if (!k && !fenp_network_declare(c, n, e->at)) return refused(c); /* its call comes later: built again then */
    if (!k || !k->n) return fenp_wrong(c, e->arg[1]->at, "gradient: network `%s` has no parameters", n->definition->name);
    fen_node **w = fenp_arena_new(&c->build->experiment->memory, (size_t)k->n * sizeof *w),
             **g = fenp_arena_new(&c->build->experiment->memory, (size_t)k->n * sizeof *g);
    bool *reached = fenp_arena_new(&c->build->experiment->memory, (size_t)k->n), any = false;
    for (int i = 0; i < k->n; i++) w[i] = fenp_slot_read(b, k->slot[i]);
    fenp_gradients(b, y, NULL, w, k->n, g, reached);
    for (int i = 0; i < k->n; i++) {
        any |= reached[i];
        g[i] = fenp_relabel(b, g[i], fen_vector(k->slot[i]->count));
    }
    if (!any) return fenp_wrong(c, e->at, "gradient: the value does not depend on network `%s`", n->definition->name);
    return fenp_value_new(c->build, k->n == 1 ? g[0] : fenp_concat_at(b, g, k->n, 0));
}
static const char *text_of(const fenp_context *c, const fenp_expression *e) {
    return fenp_arena_copy(&c->build->experiment->memory, e->text + e->first, (size_t)(e->last - e->first));
}
static fenp_value *gradient(const fenp_context *c, const fenp_expression *e) {
    if (e->arg[1]->form != FENP_X_NAME && e->arg[1]->form != FENP_X_DOT)
        return fenp_wrong(c, e->arg[1]->at, "gradient by `%s`, which has no name: give it one (in `graph`, or with `as`) and differentiate by that",
                          text_of(c, e->arg[1]));
    if (c->build->metrics) return fenp_wrong(c, e->at, "gradient belongs in `graph`: it is per draw; name it there and read the name here");
    fenp_value *y = fenp_evaluate(c, e->arg[0]), *x = NULL;
    fenp_definition *net = NULL;
    const fenp_expression *root = e->arg[1];
    while (root->form == FENP_X_DOT) root = root->arg[0];
    fenp_local *local = root->form == FENP_X_NAME ? fenp_local_find(c->scope, root->name) : NULL;
    if (root->form == FENP_X_NAME && !local) net = fenp_lookup(c->scope, root->name);
    if (net && net->meaning == FENP_A_NETWORK && e->arg[1]->form == FENP_X_DOT) {
        const char *path = "";
        for (root = e->arg[1]; root->form == FENP_X_DOT; root = root->arg[0])
            path = *path ? fenp_arena_text(&c->build->experiment->memory, "%s/%s", root->name, path) : root->name;
        x = fenp_tensor_path(c, fenp_network_of(c, net), fenp_network_bound(c, net), path, true, e->arg[1]->at);
    } else x = fenp_evaluate(c, e->arg[1]);
    if (fenp_is_fault(c->build, y) || fenp_is_fault(c->build, x)) return refused(c);
    fen_node *yn = fenp_tensor(c, y, e->arg[0]->at);
    c->build->b->place = e->at;
    if (x->network && !x->node) return gradient_by(c, yn, x, e);
    fen_node *xn = fenp_tensor(c, x, e->arg[1]->at);
    c->build->b->place = e->at;
    return fenp_value_new(c->build, fen_gradient(c->build->b, yn, xn));
}
static fenp_value *inverse(const fenp_context *c, const fenp_expression *e) { return fenp_inverse(c, e); }
static fenp_value *law(const fenp_context *c, const fenp_expression *e) { return fenp_law_call(c, e->name, e); }
static fenp_value *unary(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v[1];
    fen_builder *b;
    if (!arguments(c, e, v, 1, &b)) return refused(c);
    fenp_value *r = result(c, fenp_builtin_find(e->name)->verb(b, v[0]->node), v, 1);
    if (strcmp(e->name, "abs") == 0) r->unit = v[0]->unit;
    return r;
}
static fen_node *real_floor(fen_builder *b, fen_node *x) { return x->type == FEN_INTEGER ? x : fenp_to_integer(b, fen_floor(b, x)); }
static fen_node *real_ceil(fen_builder *b, fen_node *x) { return x->type == FEN_INTEGER ? x : fenp_to_integer(b, fenp_ceil(b, x)); }
static fen_node *real_round(fen_builder *b, fen_node *x) { return x->type == FEN_INTEGER ? x : fenp_to_integer(b, fenp_round(b, x)); }
static fen_node *real_log_abs_det(fen_builder *b, fen_node *x) { return fen_log_abs_det(b, fenp_to_real(b, x)); }

static const fenp_builtin table[] = {
    /* in order of name: looked up by bisection */
    {"abs", 1, 1, false, unary, fen_abs},
    {"argmax", 1, 1, true, fenp_reduction, NULL},
    {"argmin", 1, 1, true, fenp_reduction, NULL},
    {"cdf", 2, 2, false, law, NULL},
    {"ceil", 1, 1, false, unary, real_ceil},
    {"clip", 3, 3, false, clip, NULL},
    {"concat", 1, 64, false, concat, NULL},
    {"cos", 1, 1, false, unary, fen_cos},
    {"crop", 2, 2, false, frame, NULL},
    {"cumsum", 1, 1, true, along, NULL},
    {"entropy", 1, 1, false, law, NULL},
    {"erf", 1, 1, false, unary, fen_erf},
    {"exp", 1, 1, false, unary, fen_exp},
    {"expm1", 1, 1, false, unary, fen_expm1},
    {"eye", 1, 1, false, eye, NULL},
    {"flatten", 1, 1, false, flatten, NULL},
    {"floor", 1, 1, false, unary, real_floor},
    {"gradient", 2, 2, false, gradient, NULL},
    {"integral", 1, 1, true, fenp_reduction, NULL},
    {"inverse", 2, 8, false, inverse, NULL},
    {"isfinite", 1, 1, false, unary, fenp_isfinite},
    {"lgamma", 1, 1, false, unary, fen_lgamma},
    {"log", 1, 1, false, unary, fen_log},
    {"log1p", 1, 1, false, unary, fen_log1p},
    {"log_abs_det", 1, 1, false, unary, real_log_abs_det},
    {"log_density", 2, 2, false, law, NULL},
    {"log_sigmoid", 1, 1, false, unary, fen_log_sigmoid},
    {"log_softmax", 1, 1, true, softmax, NULL},
    {"logmeanexp", 1, 1, true, fenp_reduction, NULL},
    {"logsumexp", 1, 1, true, fenp_reduction, NULL},
    {"matmul", 2, 2, false, product, NULL},
    {"max", 1, 8, true, extreme, NULL},
    {"mean", 1, 1, true, fenp_reduction, NULL},
    {"median", 1, 1, true, fenp_reduction, NULL},
    {"min", 1, 8, true, extreme, NULL},
    {"named", 2, 2, false, naming, NULL},
    {"norm", 1, 1, true, fenp_reduction, NULL},
    {"one_hot", 2, 2, false, one_hot, NULL},
    {"outer", 2, 2, false, outer, NULL},
    {"pad", 2, 2, false, frame, NULL},
    {"pick", 2, 2, true, pick, NULL},
    {"quantile", 2, 2, false, law, NULL},
    {"rank", 1, 1, true, along, NULL},
    {"relu", 1, 1, false, unary, fen_relu},
    {"renamed", 3, 3, false, naming, NULL},
    {"reshape", 2, 2, false, reshape, NULL},
    {"roll", 1, 2, true, roll, NULL},
    {"round", 1, 1, false, unary, real_round},
    {"sigmoid", 1, 1, false, unary, fen_sigmoid},
    {"sign", 1, 1, false, unary, fen_sign},
    {"sin", 1, 1, false, unary, fen_sin},
    {"size", 1, 1, false, size, NULL},
    {"slice", 3, 3, false, slice, NULL},
    {"softmax", 1, 1, true, softmax, NULL},
    {"softplus", 1, 1, false, unary, fen_softplus},
    {"solve", 2, 2, false, product, NULL},
    {"sort", 1, 1, true, along, NULL},
    {"sqrt", 1, 1, false, unary, fen_sqrt},
    {"std", 1, 1, true, fenp_reduction, NULL},
    {"stop_gradient", 1, 1, false, stop, NULL},
    {"sum", 1, 1, true, fenp_reduction, NULL},
    {"tanh", 1, 1, false, unary, fen_tanh},
    {"transpose", 1, 1, false, unary, fen_transpose},
    {"unnamed", 2, 2, false, naming, NULL},
    {"var", 1, 1, true, fenp_reduction, NULL},
    {"where", 3, 3, false, where, NULL},
};
enum { N = sizeof table / sizeof *table };
static int by_name(const void *key, const void *row) { return strcmp(key, ((const fenp_builtin *)row)->name); }
const fenp_builtin *fenp_builtin_find(const char *name) { return bsearch(name, table, N, sizeof *table, by_name); }
const char *const *fenp_builtin_names(void) {
    static const char *names[N + 1];
    for (int i = 0; i < N; i++) names[i] = table[i].name;
    return names;
}
fenp_value *fenp_builtin_call(const fenp_context *c, const fenp_builtin *f, const fenp_expression *e) {
    for (int i = 0; i < e->n; i++)
        if (e->arg_name[i]) return fenp_wrong(c, e->at, "%s takes no named arguments; given `%s=`", e->name, e->arg_name[i]);
    if (e->n < f->least || e->n > f->most)
        return fenp_wrong(c, e->at, "%s takes %d%s argument%s; given %d", e->name, f->least, f->most > f->least ? " or more" : "",
                          f->least == 1 ? "" : "s", e->n);
    if (e->overs && !f->over) return fenp_wrong(c, e->at, "%s does not run over axes: remove `over`", e->name);
    return f->call(c, e);
}
