/* reduce.c: f(x over axes). Axes are names; here they become positions. In a metric, a reduction over batch, draws or all of a value
 * that depends on the draw runs over the whole pass (metric.c). */
#include "language/language.h"
#include "language/metric.h"
#include "ops/ops.h"
#include <math.h>
#include <string.h>

static unsigned features_of(fen_shape s) { return ((1u << s.rank) - 1) & ~((1u << s.leads) - 1); }
static const char *axes_of(const fenp_context *c, fen_shape s) {
    return fenp_shape_text(c->build->b, s, fenp_arena_new(&c->build->experiment->memory, 160));
}

/* The positions that one word after `over` means. */
static bool over_word(const fenp_context *c, const char *word, fenp_place at, fen_shape s, unsigned *mask) {
    int features = s.rank - s.leads;
    if (strcmp(word, "all") == 0) {
        *mask |= (1u << s.rank) - 1;
        return true;
    }
    if (strcmp(word, "features") == 0) {
        *mask |= features_of(s);
        return true;
    }
    if (strcmp(word, "channel") == 0) {
        if (features) *mask |= 1u << (s.rank - 1);
        return true;
    }
    if (strcmp(word, "places") == 0) {
        if (features) *mask |= features_of(s) & ~(1u << (s.rank - 1));
        return true;
    }
    fenp_definition *d = fenp_lookup(c->scope, word);
    if (!d || d->meaning != FENP_AN_AXIS) {
        static const char *const fixed[] = {"all", "features", "channel", "places", "batch", NULL};
        const char *near = fenp_nearest(word, fixed);
        fenp_wrong(c, at, "over `%s`: there is no such axis%s%s%s; axes are features, channel, places, all, batch and those of `axes`", word,
                   near ? "; did you mean `" : "", near ? near : "", near ? "`" : "");
        return false;
    }
    int p = fenp_lead_of(&s, d->axis);
    if (p >= 0) {
        *mask |= 1u << p;
        return true;
    }
    fenp_wrong(c, at, "over `%s`: the value is %s, it has no axis `%s`", word, axes_of(c, s), word);
    return false;
}
bool fenp_over(const fenp_context *c, const fenp_expression *e, fen_shape s, unsigned *mask, bool *whole, bool *draws) {
    *mask = 0;
    if (whole) *whole = false;
    if (draws) *draws = false;
    for (int i = 0; i < e->overs; i++) {
        bool pass = strcmp(e->over[i], "all") == 0 || strcmp(e->over[i], "batch") == 0;
        if (strcmp(e->over[i], "draws") == 0) {
            if (!draws) {
                fenp_wrong(c, e->at, "`draws` is an axis of metrics only");
                return false;
            }
            *draws = *whole = true;
            continue;
        }
        if (whole) *whole |= pass;
        if (!over_word(c, e->over[i], e->at, s, mask)) return false;
    }
    return true;
}

/* ---- within a value ---- */
/* Positions of the mask as one feature at the end. */
static fen_node *gathered(fen_builder *b, fen_node *x, unsigned mask) {
    fen_shape s = fen_shape_of(x), to = {0}, flat = fenp_without(s, mask);
    int from[FEN_MAX_RANK], n = 0;
    int64_t count = 1;
    to.leads = flat.leads;
    memcpy(to.axis, flat.axis, sizeof to.axis);
    for (int k = 0; k < 2; k++)
        for (int p = 0; p < s.rank; p++)
            if ((int)(mask >> p & 1) == k) {
                from[n] = p;
                to.size[n++] = s.size[p];
                if (k) count *= s.size[p];
            }
    to.rank = s.rank;
    if (flat.rank == FEN_MAX_RANK) return x;
    flat.size[flat.rank++] = count;
    return fenp_relabel(b, fenp_permute(b, x, from, to), flat);
}
static int64_t count_of(fen_shape s, unsigned mask) {
    int64_t n = 1;
    for (int p = 0; p < s.rank; p++)
        if (mask >> p & 1) n *= s.size[p];
    return n;
}
static fen_node *centred(fen_builder *b, fen_node *x, unsigned mask) {
    fen_shape s = fen_shape_of(x), kept = s;
    fen_node *m = fenp_reduce(b, FEN_MEAN, fenp_to_real(b, x), mask);
    for (int p = 0; p < s.rank; p++)
        if ((mask >> p & 1) && p >= s.leads) kept.size[p] = 1;
    /* Leading axes that vanish are aligned by name again; features keep a place of size 1. */
    fen_shape lean = fenp_without(kept, mask & ((1u << s.leads) - 1));
    return fen_sub(b, x, fenp_relabel(b, m, lean));
}
static fen_node *median(fen_builder *b, fen_node *x, unsigned mask) {
    fen_node *flat = gathered(b, fenp_to_real(b, x), mask);
    int p = fen_shape_of(flat).rank - 1;
    fen_node *sorted = fenp_sort_at(b, flat, p);
    int64_t n = count_of(fen_shape_of(x), mask), low = (n - 1) / 2, high = n / 2;
    fen_node *pair = fen_add(b, fenp_slice_at(b, sorted, p, low, 1, 1), fenp_slice_at(b, sorted, p, high, 1, 1));
    fen_shape s = fen_shape_of(pair);
    return fen_scale(b, fenp_relabel(b, pair, fenp_without(s, 1u << p)), 0.5);
}
static fen_node *within(fen_builder *b, const char *f, fen_node *x, unsigned mask) {
    static const struct {
        const char *name;
        fen_reduction how;
    } plain[] = {{"sum", FEN_SUM},       {"mean", FEN_MEAN},    {"max", FEN_MAX}, {"min", FEN_MIN}, {"logsumexp", FEN_LOGSUMEXP},
                 {"argmax", FEN_ARGMAX}, {"argmin", FEN_ARGMIN}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (strcmp(plain[i].name, f)) continue;
        bool real = plain[i].how == FEN_MEAN || plain[i].how == FEN_LOGSUMEXP;
        return fenp_reduce(b, plain[i].how, real ? fenp_to_real(b, x) : x, mask);
    }
    double n = (double)count_of(fen_shape_of(x), mask);
    x = fenp_to_real(b, x);
    if (strcmp(f, "norm") == 0) return fenp_norm(b, x, mask);
    if (strcmp(f, "std") == 0) return fen_scale(b, fenp_norm(b, centred(b, x, mask), mask), 1 / sqrt(n));
    if (strcmp(f, "var") == 0) return fenp_reduce(b, FEN_MEAN, fen_square(b, centred(b, x, mask)), mask);
    if (strcmp(f, "logmeanexp") == 0) return fen_shift(b, fenp_reduce(b, FEN_LOGSUMEXP, x, mask), -log(n));
    return median(b, x, mask);
}
static fenp_value *integral(const fenp_context *c, const fenp_expression *e, fen_builder *b, fenp_value *v) {
    fen_node *x = fenp_to_real(b, v->node);
    for (int i = 0; i < e->overs; i++) {
        fenp_definition *d = fenp_lookup(c->scope, e->over[i]);
        int p = d && d->meaning == FENP_AN_AXIS ? fenp_lead_of(&x->shape, d->axis) : -1;
        if (p < 0) return fenp_wrong(c, e->at, "integral over `%s`: the value is %s; needs an axis of it", e->over[i], axes_of(c, fen_shape_of(x)));
        int64_t n = fen_shape_of(x).size[p];
        double h = d->counted ? 1 : (d->to - d->from) / (double)(n - 1), *w = fenp_new((size_t)n * sizeof *w);
        for (int64_t k = 0; k < n; k++) w[k] = k == 0 || k == n - 1 ? h / 2 : h;
        fen_shape s = {.leads = 1, .rank = 1, .axis = {d->axis}, .size = {n}};
        x = fen_reduce_axis(b, FEN_SUM, fen_mul(b, x, fenp_table(b, s, FEN_REAL, w)), d->axis);
        fenp_delete(w);
    }
    return fenp_value_new(c->build, x);
}
static int how_of(const char *f) {
    static const char *const names[] = {"sum", "mean", "max", "min", "var", "std", "norm", "logsumexp", "logmeanexp"};
    for (int i = 0; i < 9; i++)
        if (strcmp(names[i], f) == 0) return i;
    return FENP_G_KEEP;
}
static bool keeps_unit(const char *f) { return how_of(f) <= FENP_G_MIN || strcmp(f, "std") == 0 || strcmp(f, "median") == 0; }

fenp_value *fenp_reduction(const fenp_context *c, const fenp_expression *e) {
    fenp_value *v = fenp_evaluate(c, e->arg[0]);
    if (fenp_is_fault(c->build, v)) return v;
    fenp_build *u = c->build;
    fen_node *x = fenp_tensor(c, v, e->at);
    bool metric = u->metrics != NULL, whole = false, draws = false;
    if (!e->overs && strcmp(e->name, "mean") && !u->over_points)
        return fenp_wrong(c, e->at, "%s over what? Say %s(.. over features), an axis, or all", e->name, e->name);
    unsigned mask = 0;
    fen_shape s = fen_shape_of(x);
    if (!e->overs) {
        mask = (1u << s.rank) - 1;
        whole = true;
    } else if (!fenp_over(c, e, s, &mask, &whole, metric ? &draws : NULL)) return fenp_faulty_value(u);
    const char *unit = keeps_unit(e->name) ? v->unit : NULL;
    bool all = !e->overs || strcmp(e->over[0], "all") == 0;
    if (metric && whole && fenp_per_draw(c, v)) {
        if (strcmp(e->name, "integral") == 0) return fenp_wrong(c, e->at, "integral runs over axes with a coordinate, not over the pass");
        int how = how_of(e->name);
        fenp_value *r = fenp_metric_reduce(c, (fenp_gather_how)how, v, mask, draws, all, e->at);
        if (how == FENP_G_KEEP && !fenp_is_fault(u, r)) {
            fen_builder *b = fenp_join(c, &r, 1, e->at);
            fenp_value *k = fenp_value_new(u, within(b, e->name, r->node, r->node->shape.rank == s.rank && !draws ? mask : mask << 1 | 1));
            k->pass = true;
            r = k;
        }
        r->unit = unit;
        return r;
    }
    fen_builder *b = fenp_join(c, &v, 1, e->at);
    fenp_value *r = strcmp(e->name, "integral") == 0 ? integral(c, e, b, v) : fenp_value_new(u, within(b, e->name, v->node, mask));
    r->unit = unit;
    r->pass = v->pass;
    return r;
}
fenp_definition *fenp_axis_named(const fenp_context *c, const fenp_expression *e) {
    fenp_definition *d = e->form == FENP_X_NAME ? fenp_lookup(c->scope, e->name) : NULL;
    if (d && d->meaning == FENP_AN_AXIS) return d->unsized ? NULL : d;
    if (e->form == FENP_X_NAME && fenp_is_refused(c->build->experiment, e->name)) return NULL;
    fenp_wrong(c, e->at, "needs the name of an axis%s%s%s", e->form == FENP_X_NAME ? "; given `" : "", e->form == FENP_X_NAME ? e->name : "",
               e->form == FENP_X_NAME ? "`" : "");
    return NULL;
}
