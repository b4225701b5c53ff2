/* tests/unit/test_vmath.c: the elementwise kernels against libm in long double, in units of the last place; special values; the cost
 * of an element, printed for information. */
#include "base/random.h"
#include "kernels/noise.h"
#include "kernels/special.h"
#include "ops/ops.h"
#include "test.h"
#include <float.h>
#include <time.h>

enum { N = 4096 };
static double uniform(uint64_t i) {
    uint32_t r[4];
    fenp_philox(7, i, r);
    return fenp_unit(r[0], r[1]);
}

static long double sigmoidl(long double x) { return 1 / (1 + expl(-x)); }
static long double softplusl(long double x) { return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x)); }
static long double log_sigmoidl(long double x) { return -softplusl(-x); }
static long double squarel(long double x) { return x * x; }
static long double exponent;                  /* as the kernel reads it */
static long double power_of(long double x) { return powl(x, exponent); }
static long double lgamma_of(long double x) { int sign; return lgammal_r(x, &sign); }

/* Uniform on [low, high]; `small`: also log-uniform down to 1e-30 of it. Largest errors allowed: single, double. */
typedef struct row {
    const char *name; const fen_op *op; long double (*want)(long double);
    double a, low, high; int small;
    double single, twice;
} row;
static const row table[] = {
    {"exp", &fenp_op_exp, expl, 0, -87, 88, 1, 1, 1},
    {"exp, denormal", &fenp_op_exp, expl, 0, -103, -87, 0, 1, 1},
    {"exp, wide", &fenp_op_exp, expl, 0, -745, 709, 0, 1, 1},
    {"expm1", &fenp_op_expm1, expm1l, 0, -20, 80, 1, 2, 2},
    {"expm1, near 0", &fenp_op_expm1, expm1l, 0, -1, 1, 1, 2, 2},
    {"log", &fenp_op_log, logl, 0, 1e-30, 100, 1, 1, 1},
    {"log, near 1", &fenp_op_log, logl, 0, 0.5, 2, 0, 1.5, 1.5},
    {"log1p", &fenp_op_log1p, log1pl, 0, -0.999, 100, 1, 2, 2},
    {"log1p, near 0", &fenp_op_log1p, log1pl, 0, -0.5, 0.5, 1, 2, 2},
    {"sin", &fenp_op_sin, sinl, 0, -10, 10, 1, 1.5, 1.5},
    {"cos", &fenp_op_cos, cosl, 0, -10, 10, 1, 1.5, 1.5},
    {"sin, far", &fenp_op_sin, sinl, 0, -1e5, 1e5, 0, 2, 2.5},
    {"cos, far", &fenp_op_cos, cosl, 0, -1e5, 1e5, 0, 2, 2.5},
    {"sin, beyond", &fenp_op_sin, sinl, 0, -1e12, 1e12, 0, 1.5, 1.5},
    {"tanh", &fenp_op_tanh, tanhl, 0, -10, 10, 1, 3, 3},
    {"sigmoid", &fenp_op_sigmoid, sigmoidl, 0, -80, 40, 1, 2.5, 2.5},
    {"softplus", &fenp_op_softplus, softplusl, 0, -80, 40, 1, 3, 3},
    {"log_sigmoid", &fenp_op_log_sigmoid, log_sigmoidl, 0, -40, 80, 1, 3, 3},
    {"erf", &fenp_op_erf, erfl, 0, -7, 7, 1, 2, 2},
    {"erf, near 1", &fenp_op_erf, erfl, 0, 0.5, 1.5, 0, 2, 2},
    {"power 2.7", &fenp_op_power, power_of, 2.7, 0, 50, 1, 1, 1},
    {"power -1.3", &fenp_op_power, power_of, -1.3, 1e-20, 1e8, 0, 1, 1},
    {"square", &fenp_op_square, squarel, 0, -50, 50, 0, 1, 1},
    {"sqrt", &fenp_op_sqrt, sqrtl, 0, 0, 50, 1, 1, 1},
    {"lgamma", &fenp_op_lgamma, lgamma_of, 0, 0.01, 40, 0, 1, 6},
    {"lgamma, large", &fenp_op_lgamma, lgamma_of, 0, 10, 1e6, 0, 1, 4},
};

static double input(const row *r, int i) {
    double u = uniform((uint64_t)i), x = r->low + (r->high - r->low) * u;
    return r->small && i % 3 == 0 ? x * pow(10, -30 * uniform((uint64_t)i + N)) : x;
}

static double errors(const row *r, bool wide) {
    static float xf[N], yf[N];
    static double xd[N], yd[N];
    fen_attrs a = {.real = {r->a}};
    exponent = wide ? (long double)r->a : (long double)(float)r->a;
    for (int i = 0; i < N; i++) { xd[i] = input(r, i); xf[i] = (float)xd[i]; }
    const void *in = wide ? (const void *)xd : (const void *)xf;
    r->op->tile[wide](N, &in, wide ? (void *)yd : (void *)yf, &a);
    double worst = 0;
    for (int i = 0; i < N; i++) {
        long double want = r->want(wide ? (long double)xd[i] : (long double)xf[i]), got = wide ? (long double)yd[i] : (long double)yf[i];
        if (!wide && fabsl(want) > FLT_MAX) { FEN_TRUE(isinf(got)); continue; }
        int e;
        frexpl(want, &e);
        int lowest = wide ? -1074 : -149, digits = wide ? 53 : 24;
        long double unit = ldexpl(1, e - digits < lowest ? lowest : e - digits);
        double error = (double)(fabsl(got - want) / unit);
        if (!(error <= worst)) worst = error;
    }
    return worst;
}

static void test_errors(void) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double single = errors(&table[i], false), twice = errors(&table[i], true);
        bool good = single <= table[i].single && twice <= table[i].twice;
        printf("       %-16s single %5.2f  double %5.2f units\n", table[i].name, single, twice);
        fen_test_say(good, __LINE__, __FILE__, "%s: %g and %g units", table[i].name, single, twice);
    }
}

static void test_power(void) {
    static double x[N], y[N], z[N];
    for (int i = 0; i < N; i++) {
        x[i] = exp(40 * (uniform((uint64_t)i) - 0.5));
        y[i] = 60 * (uniform((uint64_t)i + N) - 0.5);
    }
    const void *in[2] = {x, y};
    fenp_op_power2.tile[1](N, in, z, NULL);
    double worst = 0;
    for (int i = 0; i < N; i++) {
        long double want = powl(x[i], y[i]);
        if (!isfinite((double)want) || want < DBL_MIN) continue;
        double error = (double)(fabsl(z[i] - want) / want) / DBL_EPSILON;
        if (error > worst) worst = error;
    }
    printf("      power2           double %5.2f eps\n", worst);
    FEN_TRUE(worst < 1);
}

typedef struct special { const fen_op *op; double a, x, want; } special;
static void test_special(void) {
    const double inf = INFINITY, nan = NAN;
    const special rows[] = {
        {&fenp_op_exp, 0, inf, inf}, {&fenp_op_exp, 0, -inf, 0}, {&fenp_op_exp, 0, nan, nan}, {&fenp_op_exp, 0, 1000, inf},
        {&fenp_op_exp, 0, -1000, 0}, {&fenp_op_exp, 0, 0, 1}, {&fenp_op_expm1, 0, inf, inf}, {&fenp_op_expm1, 0, -inf, -1},
        {&fenp_op_expm1, 0, nan, nan}, {&fenp_op_expm1, 0, 720, inf}, {&fenp_op_log, 0, 0, -inf}, {&fenp_op_log, 0, -1, nan},
        {&fenp_op_log, 0, inf, inf}, {&fenp_op_log, 0, nan, nan}, {&fenp_op_log, 0, 1, 0}, {&fenp_op_log, 0, -inf, nan},
        {&fenp_op_log1p, 0, -1, -inf}, {&fenp_op_log1p, 0, -2, nan}, {&fenp_op_log1p, 0, inf, inf}, {&fenp_op_log1p, 0, nan, nan},
        {&fenp_op_sin, 0, inf, nan}, {&fenp_op_cos, 0, nan, nan}, {&fenp_op_cos, 0, 0, 1}, {&fenp_op_tanh, 0, inf, 1},
        {&fenp_op_tanh, 0, -inf, -1}, {&fenp_op_tanh, 0, nan, nan}, {&fenp_op_sigmoid, 0, inf, 1}, {&fenp_op_sigmoid, 0, -inf, 0},
        {&fenp_op_sigmoid, 0, nan, nan}, {&fenp_op_sigmoid, 0, 0, 0.5}, {&fenp_op_softplus, 0, inf, inf}, {&fenp_op_softplus, 0, -inf, 0},
        {&fenp_op_softplus, 0, nan, nan}, {&fenp_op_log_sigmoid, 0, -inf, -inf}, {&fenp_op_log_sigmoid, 0, inf, 0},
        {&fenp_op_log_sigmoid, 0, nan, nan}, {&fenp_op_erf, 0, inf, 1}, {&fenp_op_erf, 0, -inf, -1}, {&fenp_op_erf, 0, nan, nan},
        {&fenp_op_erf, 0, 0, 0}, {&fenp_op_power, 3, -2, -8}, {&fenp_op_power, -3, -2, -0.125}, {&fenp_op_power, 6, -2, 64},
        {&fenp_op_power, 0.3, -2, nan}, {&fenp_op_power, 0, 0, 1}, {&fenp_op_power, 2.5, 0, 0}, {&fenp_op_power, -2.5, 0, inf},
        {&fenp_op_power, 2.5, inf, inf}, {&fenp_op_power, -2.5, inf, 0}, {&fenp_op_power, 2.5, nan, nan}, {&fenp_op_power, 1e300, 2, inf},
        {&fenp_op_power, -1e300, 2, 0}, {&fenp_op_lgamma, 0, 1, 0}, {&fenp_op_lgamma, 0, 2, 0}, {&fenp_op_lgamma, 0, 0, inf},
        {&fenp_op_lgamma, 0, -3, inf}, {&fenp_op_lgamma, 0, nan, nan}, {&fenp_op_erf_inverse, 0, 1, inf}, {&fenp_op_erf_inverse, 0, -1, -inf},
        {&fenp_op_erf_inverse, 0, 1.5, nan}, {&fenp_op_erf_inverse, 0, 0, 0}, {&fenp_op_leaky_relu, 0, -inf, 0},
        {&fenp_op_leaky_relu, 0, nan, nan}, {&fenp_op_leaky_relu, 0.25, -8, -2}, {&fenp_op_leaky_relu, 0.25, 8, 8},
        {&fenp_op_slope, 0.25, 0, 0.25}, {&fenp_op_slope, 0.25, 1, 1}, {&fenp_op_sign, 0, -3, -1}, {&fenp_op_sign, 0, 0, 0},
        {&fenp_op_sign, 0, nan, nan}, {&fenp_op_round, 0, 2.5, 2}, {&fenp_op_round, 0, 3.5, 4}, {&fenp_op_round, 0, -0.75, -1},
        {&fenp_op_round, 0, 3e9, 3e9}, {&fenp_op_floor, 0, -0.5, -1}, {&fenp_op_ceil, 0, -0.5, 0}, {&fenp_op_abs, 0, -3, 3},
        {&fenp_op_sqrt, 0, -1, nan},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int wide = 0; wide < 2; wide++) {
            fen_attrs a = {.real = {rows[i].a}};
            float xf[16], yf[16];
            double xd[16], yd[16];
            for (int k = 0; k < 16; k++) { xd[k] = rows[i].x; xf[k] = (float)rows[i].x; }
            const void *in = wide ? (const void *)xd : (const void *)xf;
            rows[i].op->tile[wide](16, &in, wide ? (void *)yd : (void *)yf, &a);
            double got = wide ? yd[9] : (double)yf[9], want = rows[i].want;
            bool good = want != want ? got != got : got == want;
            fen_test_say(good, __LINE__, __FILE__, "%s(%g; %g) = %g, not %g (%s)", rows[i].op->name, rows[i].x, rows[i].a, got, want,
                         wide ? "double" : "single");
        }
    }
}

/* Recurrences and reflections that hold for any argument; erf_inverse against erf and erfc. */
static void test_special_functions(void) {
    const double euler = 0.57721566490153286061, pi = 3.14159265358979323846;
    FEN_NEAR(fenp_polygamma(0, 1), -euler, 1e-15);
    FEN_NEAR(fenp_polygamma(1, 1), pi * pi / 6, 1e-14);
    FEN_NEAR(fenp_polygamma(1, 0.5), pi * pi / 2, 1e-14);
    FEN_NEAR(fenp_polygamma(2, 1), -2 * 1.2020569031595942854, 1e-14);
    FEN_NEAR(fenp_polygamma(3, 1), pi * pi * pi * pi / 15, 1e-13);
    for (int n = 0; n < 5; n++) {
        for (int i = 0; i < 200; i++) {
            double x = 30 * uniform((uint64_t)i) - 10, f = tgamma(n + 1) * pow(x, -n - 1) * (n % 2 ? -1 : 1);
            double next = fenp_polygamma(n, x + 1), here = fenp_polygamma(n, x);
            fen_test_say(fabs(next - here - f) <= 1e-11 * (fabs(f) + fabs(next) + fabs(here)), __LINE__, __FILE__,
                "polygamma %d: from %g to one more it grows by %g, needs %g", n, x, next - here, f);
        }
    }
    for (int i = 0; i < 500; i++) {
        double x = -8 * uniform((uint64_t)i), want = lgamma(x);
        fen_test_say(fabs(fenp_lgamma(x) - want) <= 1e-13 * (1 + fabs(want)), __LINE__, __FILE__, "lgamma of %g is %g, needs %g", x, fenp_lgamma(x), want);
        double y = 6.3 * uniform((uint64_t)i) - 0.3, near = fenp_erf_inverse(erf(y));
        bool good = fabs(y) >= 2 || fabs(near - y) <= 4e-16 * (1 + fabs(y) * exp(y * y));
        fen_test_say(good, __LINE__, __FILE__, "erf_inverse of erf(%g) is %.17g", y, near);
        double tail = ldexp(1, -(i % 53) - 1), z = fenp_erf_inverse(1 - tail);
        fen_test_say(fabs(erfc(z) - tail) <= 2e-14 * tail, __LINE__, __FILE__, "erf_inverse of 1 - %g is %.17g", tail, z);
    }
    FEN_NEAR(fenp_erf_inverse(1e-200), 1e-200 * sqrt(pi) / 2, 1e-215);
}

/* The vector code of noise against the definition in base/random.h. */
static void test_noise(void) {
    uint64_t key[100];
    uint32_t block[100];
    double u[100], v[100], x[100], y[100];
    fenp_row_keys(99, 5, 100, key);
    for (int i = 0; i < 100; i++) {
        block[i] = (uint32_t)i * 77u;
        FEN_TRUE(key[i] == fenp_key_step(99, 5 + (uint64_t)i));
    }
    fenp_uniform_pairs(key, block, 100, u, v);
    fenp_normal_pairs(key, block, 100, x, y);
    for (int i = 0; i < 100; i++) {
        uint32_t r[4];
        fenp_philox(key[i], block[i], r);
        FEN_TRUE(u[i] == fenp_unit(r[0], r[1]) && v[i] == fenp_unit(r[2], r[3]));
        double radius = sqrt(-2 * log(u[i])), angle = 2 * 3.14159265358979323846 * v[i];
        FEN_TRUE(fabs(x[i] - radius * cos(angle)) < 4e-15 && fabs(y[i] - radius * sin(angle)) < 4e-15);
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cost(const fen_op *op, bool wide) {
    static double x[512], y[512];
    fen_attrs a = {.real = {1.7}};
    const void *in[3] = {x, x, x};
    for (int i = 0; i < 512; i++) { if (wide) x[i] = 0.1 + 0.001 * i; else ((float *)(void *)x)[i] = 0.1f + 0.001f * (float)i; }
    double best = 1;
    for (int k = 0; k < 50; k++) {
        double t = now();
        for (int j = 0; j < 20; j++) op->tile[wide](512, in, y, &a);
        t = now() - t;
        if (t < best) best = t;
    }
    return best / (20 * 512) * 1e9;
}

static void test_cost(void) {
    const fen_op *const ops[] = {
        &fenp_op_add, &fenp_op_affine, &fenp_op_div, &fenp_op_exp, &fenp_op_expm1, &fenp_op_log, &fenp_op_log1p, &fenp_op_sin, &fenp_op_tanh,
        &fenp_op_sigmoid, &fenp_op_softplus, &fenp_op_erf, &fenp_op_power, &fenp_op_leaky_relu, &fenp_op_floor, &fenp_op_remainder,
        &fenp_op_erf_inverse, &fenp_op_lgamma,
    };
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        printf("      %-12s %7.3f %7.3f ns an element\n", ops[i]->name, cost(ops[i], false), cost(ops[i], true));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        static double x[N], y[N];
        static float xf[N], yf[N];
        fen_attrs a = {.real = {1.3}};
        for (int k = 0; k < N; k++) { x[k] = input(&table[i], k); xf[k] = (float)x[k]; }
        if (table[i].op == &fenp_op_lgamma) continue;
        const void *in = x, *in_single = xf;
        table[i].op->tile[1](N, &in, y, &a);
        table[i].op->tile[0](N, &in_single, yf, &a);
        for (int k = 0; k < N; k++) {
            uint64_t bits;
            uint32_t low;
            memcpy(&bits, &y[k], 8);
            memcpy(&low, &yf[k], 4);
            hash = fenp_key_step(fenp_key_step(hash, bits), low);
        }
    }
    printf("      hash of all values: %016llx\n", (unsigned long long)hash);
    FEN_TRUE(hash != 0);
}

int main(void) {
    static const fen_test tests[] = {
        {"units of the last place", test_errors}, {"power of two values", test_power}, {"special values", test_special},
        {"special functions", test_special_functions}, {"noise", test_noise}, {"cost and hash", test_cost}, {NULL, NULL},
    };
    return fen_test_run("vmath", tests);
}
