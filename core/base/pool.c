/* pool.c: threads that share the parts of one step.
 * A claim is one compare-and-swap on a word that holds (turn of the job, next part): a worker that comes late, or was not scheduled for
 * milliseconds, cannot take a part of another job, and the caller never waits for a worker that holds no part. Before the fields of
 * a new job are written the word is closed with a turn of its own; so a worker that has read a new field fails on the old turn.
 * Idle workers spin (about 100 us), then yield, and sleep after some milliseconds: waking a sleeper costs up to milliseconds. */
#include "base/pool.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { MOST = 16, SPINS = 4000, LOOKS = 64 };
static const uint64_t idle_ns = 5000000;

static struct {
    _Alignas(64) _Atomic uint64_t claim;      /* turn << 32 | next part */
    _Alignas(64) _Atomic int done;
    _Alignas(64) _Atomic(fenp_part) run;      /* the job; written only while the word is closed */
    _Atomic(const void *) context;
    _Atomic int parts;
    _Alignas(64) _Atomic int sleepers;
    _Atomic bool stop;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t worker[MOST];
    int threads;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .threads = 1};
static _Thread_local bool inside;             /* this thread runs a part: a step within a step is a plain loop */

static inline uint32_t turn_of(uint64_t claim) { return (uint32_t)(claim >> 32); }
static inline void relax(void) {
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#endif
}
static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Takes parts of the job of this turn while there are any. */
static void work(uint32_t turn) {
    fenp_part run = atomic_load_explicit(&pool.run, memory_order_acquire);
    const void *context = atomic_load_explicit(&pool.context, memory_order_acquire);
    int parts = atomic_load_explicit(&pool.parts, memory_order_acquire);
    uint64_t claim = atomic_load_explicit(&pool.claim, memory_order_acquire);
    inside = true;
    while (turn_of(claim) == turn && (uint32_t)claim < (uint32_t)parts)
        if (atomic_compare_exchange_weak_explicit(&pool.claim, &claim, claim + 1, memory_order_acq_rel, memory_order_acquire)) {
            run(context, (int)(uint32_t)claim);
            atomic_fetch_add_explicit(&pool.done, 1, memory_order_release);
            claim++;
        }
    inside = false;
}

/* Whether within that many looks the turn changed or the pool stopped. */
static bool spin(uint32_t seen, int times) {
    for (int i = 0; i < times; i++) {
        if (turn_of(atomic_load_explicit(&pool.claim, memory_order_acquire)) != seen) return true;
        if (atomic_load_explicit(&pool.stop, memory_order_relaxed)) return true;
        relax();
    }
    return false;
}
/* Returns when the turn has changed or the pool stops. */
static void await_turn(uint32_t seen) {
    if (spin(seen, SPINS)) return;
    for (uint64_t start = now(); now() - start < idle_ns; sched_yield()) if (spin(seen, LOOKS)) return;
    pthread_mutex_lock(&pool.lock);
    atomic_fetch_add(&pool.sleepers, 1);      /* before the look, as the caller looks at it after its store: one of the two sees the other */
    while (turn_of(atomic_load(&pool.claim)) == seen && !atomic_load(&pool.stop)) pthread_cond_wait(&pool.wake, &pool.lock);
    atomic_fetch_sub(&pool.sleepers, 1);
    pthread_mutex_unlock(&pool.lock);
}
static void *worker(void *none) {
    uint32_t seen = 0;
    (void)none;
    while (!atomic_load(&pool.stop)) {
        await_turn(seen);
        seen = turn_of(atomic_load_explicit(&pool.claim, memory_order_acquire));
        work(seen);
    }
    return NULL;
}
static void wake_all(void) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
}

void fenp_pool_start(int threads) {
    fenp_pool_stop();
    if (threads > MOST) threads = MOST;
    while (pool.threads < threads && !pthread_create(&pool.worker[pool.threads - 1], NULL, worker, NULL)) pool.threads++;
}
void fenp_pool_stop(void) {
    atomic_store(&pool.stop, true);
    wake_all();
    while (pool.threads > 1) pthread_join(pool.worker[--pool.threads - 1], NULL);
    atomic_store(&pool.stop, false);
}
int fenp_pool_threads(void) { return pool.threads; }

void fenp_pool_run(fenp_part run, const void *context, int parts) {
    if (parts <= 1 || pool.threads == 1 || inside) {
        for (int k = 0; k < parts; k++) run(context, k);
        return;
    }
    uint32_t turn = turn_of(atomic_load_explicit(&pool.claim, memory_order_relaxed));
    atomic_store_explicit(&pool.claim, (uint64_t)(turn + 1) << 32 | UINT32_MAX, memory_order_relaxed);   /* closed */
    atomic_store_explicit(&pool.run, run, memory_order_release);
    atomic_store_explicit(&pool.context, context, memory_order_release);
    atomic_store_explicit(&pool.parts, parts, memory_order_release);
    atomic_store_explicit(&pool.done, 0, memory_order_release);
    atomic_store(&pool.claim, (uint64_t)(turn + 2) << 32);
    if (atomic_load(&pool.sleepers)) wake_all();
    work(turn + 2);
    for (int i = 1; atomic_load_explicit(&pool.done, memory_order_acquire) < parts; i++) {
        relax();
        if (i % SPINS == 0) sched_yield();    /* whoever holds the last part may wait for this core */
    }
}
