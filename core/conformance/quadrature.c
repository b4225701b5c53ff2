/* quadrature.c: a density on a grid that covers all of the line, or plane, in finitely many cells, dense where draws are. The error is judged by
 * what sums over the even and over the odd points alone give: small for smooth densities, as large as a cell at a jump. */
#include "conformance/law.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
/* Median, and the distance of the quartiles. */
static void place(const fenp_law_trial *w, int feature, double *centre, double *scale) {
    double *x = fenp_new((size_t)w->samples * sizeof *x);
    for (int64_t i = 0; i < w->samples; i++) x[i] = w->sample[i * w->width + feature];
    qsort(x, (size_t)w->samples, sizeof *x, ascending);
    *centre = x[w->samples / 2];
    *scale = x[3 * w->samples / 4] - x[w->samples / 4];
    if (!(*scale > 0)) *scale = x[w->samples - 1] > x[0] ? x[w->samples - 1] - x[0] : 1;
    fenp_delete(x);
}
static double t_at(const fenp_grid *g, int64_t i) { return -1 + 2 * ((double)i + 0.5) / (double)g->side; }
static void make_points(fenp_grid *g) {
    for (int64_t i = 0; i < g->n; i++) {
        g->weight[i] = 1;
        for (int f = 0; f < (int)g->width; f++) {
            double t = t_at(g, f == 0 && g->width > 1 ? i / g->side : i % g->side), r = 1 - t * t;
            g->x[i * g->width + f] = g->centre[f] + g->scale[f] * t / r;
            g->weight[i] *= g->scale[f] * (1 + t * t) / (r * r) * 2 / (double)g->side;
        }
    }
}
/* Sum of term over all points, and the largest difference of halves. */
static double add_up(const fenp_grid *g, double (*f)(const double *x, double log_p, int feature), int feature, double *error) {
    double part[2][2] = {{0, 0}, {0, 0}};
    for (int64_t i = 0; i < g->n; i++) {
        double p = exp(g->p[i]) * g->weight[i], value = p > 0 ? p * (f ? f(g->x + i * g->width, g->p[i], feature) : 1) : 0;
        part[g->width > 1 ? i / g->side % 2 : 0][i % 2] += value;
    }
    double a = part[0][0], b = part[0][1], c = part[1][0], d = part[1][1];
    *error = fmax(fabs(a + c - b - d), g->width > 1 ? fabs(a + b - c - d) : 0);
    return a + b + c + d;
}
double fenp_grid_mean(const fenp_grid *g, double (*f)(const double *, double, int), int feature, double *error) {
    return add_up(g, f, feature, error);
}
bool fenp_grid_make(fenp_check *c, fenp_law_trial *w, fenp_grid *g) {
    *g = (fenp_grid){.side = w->width == 1 ? 1 << 16 : 480, .width = w->width};
    g->n = w->width == 1 ? g->side : g->side * g->side;
    g->x = fenp_new((size_t)(g->n * g->width) * sizeof *g->x);
    g->p = fenp_new((size_t)g->n * sizeof *g->p);
    g->weight = fenp_new((size_t)g->n * sizeof *g->weight);
    for (int f = 0; f < (int)g->width; f++) place(w, f, &g->centre[f], &g->scale[f]);
    make_points(g);
    if (!fenp_law_values(c, w, FENP_LOG_DENSITY, g->x, g->n, g->p)) return false;
    for (int64_t i = 0; i < g->n; i++)
        if (isnan(g->p[i])) g->p[i] = -INFINITY; /* outside of where it is defined; if that is inside, the integral is too small */
    g->total = add_up(g, NULL, 0, &g->error);
    return true;
}
void fenp_grid_free(fenp_grid *g) {
    fenp_delete(g->x);
    fenp_delete(g->p);
    fenp_delete(g->weight);
}
double *fenp_grid_marginal(const fenp_grid *g, int feature) {
    double *sum = fenp_new((size_t)g->side * sizeof *sum), total = 0;
    for (int64_t i = 0; i < g->n; i++) sum[g->width > 1 && feature == 0 ? i / g->side : i % g->side] += exp(g->p[i]) * g->weight[i];
    for (int64_t i = 0; i < g->side; i++) sum[i] = total += sum[i];
    return sum;
}
double fenp_grid_cdf(const fenp_grid *g, const double *marginal, int feature, double x) {
    double z = (x - g->centre[feature]) / g->scale[feature], t = z == 0 ? 0 : (sqrt(1 + 4 * z * z) - 1) / (2 * z);
    double cell = (t + 1) / 2 * (double)g->side;
    int64_t i = cell < 0 ? 0 : cell >= (double)g->side ? g->side - 1 : (int64_t)cell;
    double before = i ? marginal[i - 1] : 0;
    return before + (marginal[i] - before) * fmin(cell - (double)i, 1);
}
