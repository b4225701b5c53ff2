/* bench/measure.c: what a turn of an experiment costs: draws, chains, program, commits, as in a run, without log and pictures.
 *   measure FILE [--threads N] [--windows N] [--seconds S] [--since T] [-v] [key=value ...]
 * Turns of the first phase's players, each once a step. One line of JSON: milliseconds a step over the windows, those of the products alone, core name,
 * instruction set, threads; seconds from the start (of the process, or T of the monotonic clock) until the first step was done; floating-point operations of the products, bytes of parameters and optimizer state that are read and written, and with them the
 * floor: flops / peak + bytes / bandwidth, both measured here, behind the windows. With -v each step of the plans alone, hot. */
#include "base/io.h"
#include "base/pool.h"
#include "kernels/isa.h"
#include "ops/blas.h"
#include "machine.h"
#include "profile.h"
#include "train/train.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

typedef struct options { fenp_options run; int windows; double seconds, since; bool each; } options;  /* since: when the process was asked for */
enum { MOST_SETS = 32, MOST_WINDOWS = 101 };

static options options_of(int argc, char **argv) {
    static const char *set[MOST_SETS];
    options o = {.run = {.set = set, .threads = 1, .quiet = true}, .windows = 7, .seconds = .3};
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        bool value = i + 1 < argc;
        if (!strcmp(a, "-v")) o.each = true;
        else if (!strcmp(a, "--threads") && value) o.run.threads = atoi(argv[++i]);
        else if (!strcmp(a, "--windows") && value) o.windows = atoi(argv[++i]);
        else if (!strcmp(a, "--seconds") && value) o.seconds = atof(argv[++i]);
        else if (!strcmp(a, "--since") && value) o.since = atof(argv[++i]);
        else if (!o.run.file) o.run.file = a;
        else if (strchr(a, '=') && o.run.sets < MOST_SETS) set[o.run.sets++] = a;
        else o.run.file = NULL, i = argc;
    }
    if (o.windows < 1 || o.windows > MOST_WINDOWS) o.windows = 7;
    return o;
}

/* All of a phase's turns, once. */
static bool step(fenp_run *r) {
    r->draws.round++;
    for (int i = 0; i < r->phase->turns; i++)
        if (!fenp_turn_run(r, r->phase, &r->phase->turn[i])) return false;
    r->step++;
    r->round++;
    return true;
}
static double time_of(fenp_run *r, int64_t steps) {
    double start = fenp_clock();
    for (int64_t i = 0; i < steps; i++)
        if (!step(r)) {
            fenp_faults_print(r->faults, stderr);
            exit(1);
        }
    return fenp_clock() - start;
}
static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static fenp_run *prepared(const options *o, fenp_arena *m, fenp_faults *faults) {
    fenp_item *root = fenp_run_load(m, &o->run, faults);
    fenp_run *r = root ? fenp_run_new(root, o->run.file, faults) : NULL;
    if (r) r->quiet = true;
    if (!r || !fenp_run_prepare(r) || !r->phases) return NULL;
    fenp_memory_bind(r);
    return fenp_start_values(r) ? r : NULL;
}
static void print(fenp_run *r, const options *o, const double *w, int64_t steps, double first) {
    struct rusage u;
    double flops = 0, products = 0, overhead = 0, bytes = 0;
    int plan = 0;
    getrusage(RUSAGE_SELF, &u);
    for (int i = 0; i < r->phase->turns; i++) {
        fenp_program *p = r->phase->turn[i].task.program;
        flops += bench_flops(p);
        bytes += bench_traffic(p);
        products += bench_products(p);
        overhead += bench_overhead(p);
        plan += fenp_program_measure(p).steps;
    }
    double peak = bench_peak(), bandwidth = bench_bandwidth();
    printf("{\"fw\": \"fenchel\", \"name\": \"%s\", \"variant\": \"%s\", \"threads\": %d, \"median_ms\": %.5f, \"min_ms\": %.5f, \"max_ms\": %.5f, \"windows\": %d, "
           "\"steps_per_window\": %lld, \"core\": \"%s\", \"isa\": \"%s\", \"plan_steps\": %d, \"plan_ns_a_step\": %.1f, \"products_ms\": %.5f, \"mflop\": %.4f, "
           "\"mbyte\": %.4f, \"peak_gflops\": %.1f, \"bandwidth_gbytes\": %.1f, \"floor_ms\": %.5f, \"first_step_s\": %.4f, \"rss_mb\": %.1f}\n",
           r->experiment->name, fenp_blas_products(), o->run.threads, w[o->windows / 2], w[0], w[o->windows - 1], o->windows, (long long)steps,
           fenp_blas_core(), fenp_isa(), plan, overhead / plan * 1e9, products * 1e3, flops / 1e6, bytes / 1e6, peak, bandwidth,
           (flops / peak / o->run.threads + bytes / bandwidth) / 1e6, first, (double)u.ru_maxrss / 1024);
}
int main(int argc, char **argv) {
    double started = fenp_clock(), w[MOST_WINDOWS];
    options o = options_of(argc, argv);
    fenp_arena m = {0};
    fenp_faults faults = {0};
    if (!o.run.file) {
        fprintf(stderr, "usage: measure FILE [--threads N] [--windows N] [--seconds S] [--since T] [-v] [key=value ...]\n");
        return 2;
    }
    fenp_pool_start(o.run.threads);
    fenp_run *r = prepared(&o, &m, &faults);
    if (!r) {
        fenp_faults_print(&faults, stderr);
        return 2;
    }
    time_of(r, 1);
    double first = fenp_clock() - (o.since > 0 ? o.since : started), one = time_of(r, 3) / 3;
    time_of(r, (int64_t)(o.seconds / one) + 1);
    one = time_of(r, (int64_t)(o.seconds / 4 / one) + 3) / (double)((int64_t)(o.seconds / 4 / one) + 3);
    int64_t steps = (int64_t)(o.seconds / one) + 1;
    for (int i = 0; i < o.windows; i++) w[i] = time_of(r, steps) / (double)steps * 1e3;
    qsort(w, (size_t)o.windows, sizeof *w, by_size);
    print(r, &o, w, steps, first);
    for (int i = 0; o.each && i < r->phase->turns; i++) bench_profile(r->phase->turn[i].task.program);
    fenp_pool_stop();
    return 0;
}
