/* bench/profile.c: what a compiled program is made of. */
#include "profile.h"
#include "base/io.h"
#include "base/memory.h"
#include "base/pool.h"
#include "ops/ops.h"
#include "program/run.h"
#include <stdio.h>
#include <string.h>

static bool is_product(const fenp_work *w) {
    const fen_op *op = w->step.step.node->op;
    return w->run != fenp_group_run && (op == &fenp_op_linear || op == &fenp_op_outer_rows || op == &fenp_op_matmul);
}
double bench_flops(const fenp_program *p) {
    double n = 0;
    for (int i = 0; i < p->works; i++) {
        const fen_node *y = p->work[i].step.step.node;
        if (!is_product(&p->work[i])) continue;
        const fen_shape *x = &y->in[0]->shape;
        bool outer = y->op == &fenp_op_outer_rows, turned = y->op == &fenp_op_matmul && y->attrs.whole[0];
        double inner = (double)(outer ? fenp_count(x) / x->size[x->rank - 1] : x->size[x->rank - (turned ? 2 : 1)]);
        n += 2 * inner * (double)fenp_count(&y->shape);
    }
    return n;
}
double bench_traffic(const fenp_program *p) {
    double n = 0;
    for (int i = 0; i < p->targets; i++) if (p->target[i].slot) n += 2 * (double)fenp_slot_bytes(p->target[i].slot);
    return n;
}
static void run_part(const void *work, int part) {
    const fenp_work *w = work;
    w->run(&w->step.step, part);
}
static void nothing(const fen_step *s, int part) { (void)s; (void)part; }
double bench_products(fenp_program *p) {
    double best = 1;
    for (int k = 0; k < 30; k++) {
        double t = fenp_clock();
        for (int i = 0; i < p->works; i++)
            if (is_product(&p->work[i])) fenp_pool_run(run_part, &p->work[i], p->work[i].parts);
        t = fenp_clock() - t;
        if (t < best) best = t;
    }
    return best;
}
double bench_overhead(fenp_program *p) {
    size_t bytes = (size_t)p->works * sizeof *p->work;
    fenp_work *kept = fenp_new(bytes);
    double best = 1;
    memcpy(kept, p->work, bytes);
    for (int i = 0; i < p->works; i++) {
        p->work[i].run = nothing;
        p->work[i].parts = 1;
    }
    for (int k = 0; k < 30; k++) {
        double t = fenp_clock();
        for (int i = 0; i < 1000; i++) fenp_program_run(p, 1, 0);
        t = (fenp_clock() - t) / 1000;
        if (t < best) best = t;
    }
    memcpy(p->work, kept, bytes);
    fenp_delete(kept);
    return best;
}
void bench_profile(fenp_program *p) {
    const char *name[64];
    double time[64] = {0}, all = 0;
    int count[64] = {0}, n = 0;
    for (int i = 0; i < p->works; i++) {
        const fenp_work *w = &p->work[i];
        double best = 1;
        for (int k = 0; k < 20; k++) {
            double a = fenp_clock();
            for (int q = 0; q < 10; q++)
                for (int part = 0; part < w->parts; part++) w->run(&w->step.step, part);
            a = (fenp_clock() - a) / 10;
            if (a < best) best = a;
        }
        const char *family = w->run == fenp_group_run ? "group" : w->run == fenp_move_run ? "move" : w->step.step.node->op->name;
        int k = 0;
        while (k < n && strcmp(name[k], family)) k++;
        if (k == n) name[n++] = family;
        time[k] += best;
        count[k]++;
        all += best;
        fprintf(stderr, "  %3d %-12s %2d parts %9.3f us  %lld elements%s\n", i, family, w->parts, best * 1e6,
                          (long long)fenp_count(&w->step.step.node->shape), i == p->first_write ? " (writes from here)" : "");
    }
    for (int k = 0; k < n; k++) fprintf(stderr, "  %-12s %3d x %9.2f us\n", name[k], count[k], time[k] * 1e6);
    fprintf(stderr, "  alone, hot, sum %.2f us\n", all * 1e6);
}
