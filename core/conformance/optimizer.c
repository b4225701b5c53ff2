/* optimizer.c: an optimiser as a loop of steps. Its states carry all that it remembers; element by element means that no element sees another;
 * along the gradient of a bowl it goes down. */
#include "conformance/conformance.h"
#include <math.h>
#include <string.h>

enum { MOST_STATES = 16, STEPS = 12 };
typedef struct kept {
    const fen_node *now, *next;
    double *value;
    int64_t count;
} kept;
typedef struct loop {
    fenp_trial t;
    fenp_evaluator e;
    fenp_variable *parameter, *gradient;
    const fen_node *next;
    kept state[MOST_STATES];
    int states;
    int64_t n;
} loop;

static fenp_variable *variable(fenp_trial *t, const char *name) {
    for (int i = 0; i < t->inputs; i++)
        if (strcmp(t->variable[i].name, name) == 0) return &t->variable[i];
    return NULL;
}
static const fen_node *next_of(const fen_builder *b, const fenp_slot *slot) {
    for (int i = 0; i < b->settings; i++)
        if (b->setting[i].slot == slot) return b->setting[i].value[0];
    return NULL;
}
static void find_states(fenp_check *c, loop *l) {
    const fenp_store *s = l->t.experiment->store;
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < s->block[i]->n && strncmp(s->block[i]->name, "params/", 7) && l->states < MOST_STATES; k++) {
            const fenp_slot *slot = s->block[i]->slot[k];
            fen_node *now = fenp_map_get(&l->t.b->leaves, slot->name);
            kept state = {.now = now, .next = next_of(l->t.b, slot), .count = slot->count};
            if (!now) continue;
            if (!state.next) {
                fenp_find(c, "its state `%s` is read and never set", strrchr(slot->name, '/') + 1);
                continue;
            }
            state.value = fenp_new((size_t)slot->count * sizeof *state.value + 8);
            for (int64_t j = 0; j < slot->count; j++) state.value[j] = slot->first;
            l->state[l->states++] = state;
        }
}
static bool loop_open(fenp_check *c, loop *l, const fenp_setup *s) {
    *l = (loop){.n = 0};
    fenp_trial_open(&l->t, c->subject, s, 0);
    if (l->t.faults.n || !fenp_trial_values(&l->t, 23)) return false;
    l->parameter = variable(&l->t, "parameter");
    l->gradient = variable(&l->t, "gradient");
    l->next = fenp_call_output(l->t.call, "next");
    if (!l->parameter || !l->gradient || !l->next) return false;
    l->n = l->parameter->count;
    l->e = (fenp_evaluator){.b = l->t.b};
    find_states(c, l);
    return true;
}
static void loop_close(loop *l) {
    for (int i = 0; i < l->states; i++) fenp_delete(l->state[i].value);
    fenp_evaluator_free(&l->e);
    fenp_trial_close(&l->t);
}
/* One turn: p and the states become their next values. */
static void turn(loop *l, double *p, const double *g) {
    fenp_evaluator_put(&l->e, l->parameter->node, p);
    fenp_evaluator_put(&l->e, l->gradient->node, g);
    for (int i = 0; i < l->states; i++) fenp_evaluator_put(&l->e, l->state[i].now, l->state[i].value);
    fenp_evaluator_run(&l->e, NULL);
    for (int64_t j = 0; j < l->n; j++) p[j] = fenp_evaluator_at(&l->e, l->next, j);
    for (int i = 0; i < l->states; i++)
        for (int64_t j = 0; j < l->state[i].count; j++) l->state[i].value[j] = fenp_evaluator_at(&l->e, l->state[i].next, j);
}

/* ---- element by element ---- */
/* Elements of the loop in the order `from`; one gradient is another if `changed` is not -1. */
static void run_ordered(loop *l, double *p, const int64_t *from, int64_t changed) {
    double *g = fenp_new((size_t)l->n * sizeof *g);
    for (int64_t j = 0; j < l->n; j++) p[j] = fenp_normal_at(71, (uint64_t)from[j]);
    for (uint64_t k = 0; k < STEPS; k++) {
        for (int64_t j = 0; j < l->n; j++) g[j] = fenp_normal_at(72 + k, (uint64_t)from[j]) * (from[j] == changed ? -3 : 1);
        turn(l, p, g);
    }
    fenp_delete(g);
}
static void check_elements(fenp_check *c, const fenp_setup *s, bool changed) {
    loop a, b;
    bool one = loop_open(c, &a, s), other = loop_open(c, &b, s);
    if (one && other) {
        int64_t *same = fenp_new((size_t)a.n * sizeof *same), *turned = fenp_new((size_t)a.n * sizeof *turned);
        double *p = fenp_new((size_t)a.n * sizeof *p), *q = fenp_new((size_t)a.n * sizeof *q);
        for (int64_t j = 0; j < a.n; j++) {
            same[j] = j;
            turned[j] = changed ? j : (j * 5 + 3) % a.n; /* a permutation where n has no factor 5 */
        }
        run_ordered(&a, p, same, -1);
        run_ordered(&b, q, turned, changed ? 0 : -1);
        for (int64_t j = changed; j < a.n; j++) {
            if (memcmp(&q[j], &p[turned[j]], sizeof *q) == 0) continue;
            fenp_find(c, "FEN_PER_ELEMENT%s: element %lld after %d steps given %.17g, needed %.17g, %s", fenp_setup_text(c, s), (long long)j, STEPS,
                      q[j], p[turned[j]], changed ? "as with another gradient of element 0" : "as where the elements stand in another order");
            break;
        }
        fenp_delete(same);
        fenp_delete(turned);
        fenp_delete(p);
        fenp_delete(q);
    }
    loop_close(&a);
    loop_close(&b);
}

/* ---- states ---- */
/* Six steps, then six more in another build that has the parameter and the states only. */
static void check_states(fenp_check *c, const fenp_setup *s) {
    loop a, b;
    bool one = loop_open(c, &a, s), other = loop_open(c, &b, s);
    if (one && other && a.states == b.states) {
        double *p = fenp_new((size_t)a.n * sizeof *p), *q = fenp_new((size_t)a.n * sizeof *q), *g = fenp_new((size_t)a.n * sizeof *g);
        for (int64_t j = 0; j < a.n; j++) p[j] = fenp_normal_at(81, (uint64_t)j);
        for (uint64_t k = 0; k < STEPS; k++) {
            for (int64_t j = 0; j < a.n; j++) g[j] = fenp_normal_at(82 + k, (uint64_t)j);
            if (k == STEPS / 2) {
                memcpy(q, p, (size_t)a.n * sizeof *q);
                for (int i = 0; i < a.states; i++) memcpy(b.state[i].value, a.state[i].value, (size_t)a.state[i].count * sizeof(double));
            }
            turn(&a, p, g);
            if (k >= STEPS / 2) turn(&b, q, g);
        }
        for (int64_t j = 0; j < a.n; j++) {
            if (!isfinite(p[j])) fenp_find(c, "next%s is not finite after %d steps", fenp_setup_text(c, s), STEPS);
            else if (memcmp(&p[j], &q[j], sizeof *p))
                fenp_find(c, "resumed from its states%s: element %lld given %.17g, needed %.17g", fenp_setup_text(c, s), (long long)j, q[j], p[j]);
            else continue;
            break;
        }
        fenp_delete(p);
        fenp_delete(q);
        fenp_delete(g);
    }
    loop_close(&a);
    loop_close(&b);
}

/* ---- down the bowl |p|^2 / 2 ---- */
static double height(const double *p, int64_t n) {
    double sum = 0;
    for (int64_t j = 0; j < n; j++) sum += p[j] * p[j] / 2;
    return sum;
}
static void check_descent(fenp_check *c, const fenp_setup *s) {
    loop l;
    if (loop_open(c, &l, s)) {
        double *p = fenp_new((size_t)l.n * sizeof *p), *g = fenp_new((size_t)l.n * sizeof *g);
        for (int64_t j = 0; j < l.n; j++) p[j] = 2 + fenp_uniform_at(91, (uint64_t)j);
        double start = height(p, l.n), first = start;
        for (int k = 0; k < 200; k++) {
            memcpy(g, p, (size_t)l.n * sizeof *g);
            turn(&l, p, g);
            if (k == 0) first = height(p, l.n);
        }
        double last = height(p, l.n);
        if (!(first < start))
            fenp_find(c, "one step along the gradient of |p|^2 / 2%s: given %.9g, needed less than %.9g", fenp_setup_text(c, s), first, start);
        else if (!(last < first))
            fenp_find(c, "200 steps along the gradient of |p|^2 / 2%s: given %.9g, needed less than %.9g", fenp_setup_text(c, s), last, first);
        fenp_delete(p);
        fenp_delete(g);
    }
    loop_close(&l);
}
void fenp_test_optimizer(fenp_check *c) {
    fenp_setup list[16];
    int n = fenp_setups(c, list, 16);
    for (int i = 0; i < n; i++) {
        check_states(c, &list[i]);
        check_descent(c, &list[i]);
        for (int k = 0; k < 2 && c->subject->function->flags & FEN_PER_ELEMENT; k++) check_elements(c, &list[i], k);
    }
}
