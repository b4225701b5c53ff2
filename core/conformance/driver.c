/* driver.c: chains in host code, moved under a bowl and under a contraction: finite, the same when all is made anew, and again from a copy of
 * position, state and counters, as after a resume. */
#include "conformance/conformance.h"
#include "train/train.h"
#include <math.h>
#include <string.h>

enum { TURNS = 8, MOST = 4096 };
typedef struct moved {
    fenp_trial t;
    fenp_task task;
    fenp_chains *chains;
    fenp_draws draws;
    int64_t n;
    uint64_t turn;
    const fenp_chain_use *use;
} moved;

static bool open_chain(fenp_check *c, moved *m, const fenp_setup *s) {
    *m = (moved){.n = 0};
    fenp_trial_open(&m->t, c->subject, s, 0);
    if (m->t.faults.n || !m->t.build->chains) return false;
    m->use = m->t.build->chain[0];
    fenp_target target[16];
    int n = 0;
    for (int i = 0; i < m->t.results && n < 8; i++) target[n++] = (fenp_target){.node = m->t.result[i].node};
    m->task = (fenp_task){.build = m->t.build, .program = fenp_program_new(m->t.b, target, n, -1, &m->t.faults)};
    if (!m->task.program) return false;
    fenp_program_bind(m->task.program, NULL);
    m->chains = fenp_chains_new(m->t.build, &m->task, 1, &m->t.faults);
    m->draws.experiment = m->t.experiment;
    m->n = fenp_count(&m->use->shape);
    return m->chains && m->n <= MOST;
}
static void close_chain(moved *m) {
    fenp_chains_free(m->chains);
    if (m->task.program) fenp_program_free(m->task.program);
    fenp_trial_close(&m->t);
}
/* One turn; position, then the other outputs. false: it failed, and said so. */
static bool turn(moved *m, double *to, int64_t *count) {
    fenp_moment w = {.draws = &m->draws, .seed = 1, .training = true, .turn = ++m->turn};
    fenp_task_take(&m->task, &w);
    if (!fenp_chains_run(m->chains, &w, &m->t.faults)) return false;
    *count = 0;
    for (int k = -1; k < m->use->outputs; k++) {
        int feed = k < 0 ? m->use->position_feed : m->use->output_feed[k];
        const double *x = fenp_program_feed(m->task.program, feed);
        int64_t n = fenp_count(&m->t.b->feed[feed].shape);
        for (int64_t i = 0; x && i < n && *count < 2 * MOST; i++) to[(*count)++] = x[i];
    }
    return true;
}
/* Everything that a checkpoint has of a chain. */
static void copy_state(moved *to, const moved *from) {
    for (int i = 0; i < from->draws.memories; i++) {
        const fenp_memory *m = from->draws.memory[i];
        fenp_memory *copy = fenp_memory_of(&to->draws, m->name, m->bytes);
        memcpy(copy->data, m->data, m->bytes);
        copy->fresh = m->fresh;
    }
    for (int i = 0; i < from->draws.counters; i++) {
        fenp_counter *copy = fenp_counter_of(&to->draws, from->draws.counter[i]->name);
        copy->count = from->draws.counter[i]->count;
        copy->counted = from->draws.counter[i]->counted;
    }
}
static void compare(fenp_check *c, const double *needed, const double *given, int64_t n, int turns, const char *when, const char *where) {
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(needed[i])) fenp_find(c, "number %lld after %d turns is not finite%s", (long long)i, turns, where);
        else if (memcmp(&needed[i], &given[i], sizeof *given))
            fenp_find(c, "differs %s%s: number %lld after %d turns given %.17g, needed %.17g", when, where, (long long)i, turns, given[i], needed[i]);
        else continue;
        return;
    }
}
static bool check(fenp_check *c, const fenp_setup *s) {
    moved a, b, later;
    const char *where = fenp_setup_text(c, s);
    double *x = fenp_new(2 * MOST * sizeof *x), *y = fenp_new(2 * MOST * sizeof *y), *z = fenp_new(2 * MOST * sizeof *z);
    int64_t n = 0;
    bool good = open_chain(c, &a, s);
    good = open_chain(c, &b, s) && good;
    good = open_chain(c, &later, s) && good;
    for (int k = 0; k < TURNS && good; k++) {
        if (k == TURNS / 2) copy_state(&later, &a);
        bool moves = turn(&a, x, &n) && turn(&b, y, &n) && (k < TURNS / 2 || turn(&later, z, &n));
        if (!moves) {
            fenp_find(c, "turn %d%s: %s", k, where, a.t.faults.n ? a.t.faults.at[0].text : "fails and says nothing");
            break;
        }
        compare(c, x, y, n, k + 1, "when all is made anew", where);
        if (k >= TURNS / 2) compare(c, x, z, n, k + 1, "when it goes on from a copy of its state", where);
    }
    close_chain(&a);
    close_chain(&b);
    close_chain(&later);
    fenp_delete(x);
    fenp_delete(y);
    fenp_delete(z);
    return good;
}
void fenp_test_driver(fenp_check *c) {
    fenp_setup list[16];
    const char *why = NULL;
    int n = fenp_setups(c, list, 16), checked = 0;
    for (int i = 0; i < n; i++) checked += check(c, &list[i]);
    if (!n && !fenp_setup_base(c, &list[0], &why)) fenp_find(c, "no way to call it was found; the first try said: %s", why ? why : "nothing");
    else if (!checked) fenp_find(c, "no chain could be made of it");
}
