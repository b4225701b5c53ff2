/* conformance/law.h: a law and a sample of it, and its density on a grid over one or two features. */
#ifndef FENCHEL_CONFORMANCE_LAW_H
#define FENCHEL_CONFORMANCE_LAW_H
#include "conformance/conformance.h"

enum { FENP_LAW_BATCH = 4096, FENP_LAW_DRAWS = 10 };
typedef enum fenp_law_verb { FENP_LOG_DENSITY, FENP_CDF, FENP_QUANTILE, FENP_ENTROPY, FENP_LAW_VERBS } fenp_law_verb;
extern const char *const fenp_law_verb_name[FENP_LAW_VERBS];

typedef struct fenp_law_trial {
    fenp_trial t;
    fen_shape event;
    int64_t width, batch;
    bool whole;                                       /* integers */
    fen_node *draw, *x, *y[FENP_LAW_VERBS], *at_draw; /* x is fed; y of x; log density of the draw. NULL: not given */
    double *sample, *density;                         /* [samples][width], [samples] */
    int64_t samples;
    const char *where;
} fenp_law_trial;
fen_node *fenp_law_verb_run(fenp_law_trial *w, fenp_law_verb verb, fen_node *x, const char **why); /* NULL: refused, *why says so */
/* A verb at n points of [width] numbers; entropy: n is 1. false: finding. */
bool fenp_law_values(fenp_check *c, fenp_law_trial *w, fenp_law_verb verb, const double *x, int64_t n, double *to);

/* quadrature.c: the density at points x = c + s t / (1 - t^2), t in (-1, 1), in each of one or two features. */
typedef struct fenp_grid {
    int64_t side, n, width;
    double centre[2], scale[2];
    double *x, *p, *weight; /* points [n][width], log density, what each stands for */
    double total, error;    /* integral of the density; how far sums over half of the points differ */
} fenp_grid;
bool fenp_grid_make(fenp_check *c, fenp_law_trial *w, fenp_grid *g);
void fenp_grid_free(fenp_grid *g);
double fenp_grid_mean(const fenp_grid *g, double (*f)(const double *x, double log_p, int feature), int feature, double *error);
double *fenp_grid_marginal(const fenp_grid *g, int feature); /* distribution function at the `side` right ends of cells; fenp_delete */
double fenp_grid_cdf(const fenp_grid *g, const double *marginal, int feature, double x);
#endif
