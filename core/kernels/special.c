/* kernels/special.c: log gamma, its derivatives, the inverse of erf. libm's lgamma writes a global sign, so it is no choice here.
 *   Stirling, x >= 10:  log gamma(x) = (x - 1/2) log x - x + log(2 pi)/2 + sum B[2k] / (2k (2k-1) x^(2k-1))
 *   Hurwitz:            sum_j (a + j)^-s = a^(1-s)/(s-1) + a^-s/2 + sum B[2k]/(2k)! s (s+1) .. (s+2k-2) a^(1-s-2k), a large
 * Sources: Abramowitz and Stegun 1965, 6.1.41, 6.4.10, 23.2; differences from them: none. */
#include "kernels/special.h"
#include <math.h>

static const double pi = 3.14159265358979323846;
static const double bernoulli[] = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510, 43867.0 / 798};
enum { TERMS = sizeof bernoulli / sizeof *bernoulli };

/* log gamma(2 + t) / t for |t| <= 1/2: interpolated at Chebyshev nodes. */
static const double near_two[] = {0.4227843350984671394, 0.3224670334241132356, -0.06735230105319810342, 0.02058080842778038006,
    -0.007385551028671998395, 0.002890510331034266859, -0.001192753911842815686, 0.0005096695154115458348, -0.0002231547540052050773,
    0.00009945767355819498207, -0.00004492631337915569745, 0.00002050559075583345311, -9.438715099211532661e-6, 4.384704404598360326e-6,
    -2.043904810702990674e-6, 9.200527894968100491e-7, -4.325239344560481638e-7, 2.787408052113589978e-7, -1.321994566611787448e-7};

static double stirling(double x) {
    double sum = 0, power = 1 / x, square = power * power;
    for (int k = 1; k <= TERMS; k++, power *= square) sum += bernoulli[k - 1] / (2 * k * (2 * k - 1)) * power;
    return (x - 0.5) * (log(x) - 1) - 0.5 + 0.91893853320467274178 + sum;
}

/* x > 0. Up to 10 by gamma(x + 1) = x gamma(x) into [1.5, 2.5]. */
static double lgamma_positive(double x) {
    if (x >= 10) return x > 1e300 ? x * (log(x) - 1) : stirling(x);
    double product = 1, t = x, up = 0;
    while (t > 2.5) product *= --t;
    if (t >= 1.5) t -= 2;
    else if (t >= 0.5) { up = -log(t); t -= 1; }
    else up = -log(t) - log1p(t);
    double sum = 0;
    for (int k = sizeof near_two / sizeof *near_two - 1; k >= 0; k--) sum = sum * t + near_two[k];
    return up + t * sum + log(product);
}

double fenp_lgamma(double x) {
    if (x != x) return x;
    if (isinf(x)) return INFINITY;
    if (x > 0) return lgamma_positive(x);
    double part = x - floor(x);
    if (part == 0) return INFINITY;
    if (x > -1e-17) return -log(-x);
    return log(pi / (-x * sin(pi * part))) - lgamma_positive(-x);
}

/* sum over j >= 0 of (a + j)^-s, a > 0, s >= 2. */
static double hurwitz(int s, double a) {
    double sum = 0;
    for (; a < 15; a += 1) sum += pow(a, -s);
    double term = s * pow(a, -s - 1) / 2, end = pow(a, 1 - s) / (s - 1) + pow(a, -s) / 2;
    for (int k = 1; k <= TERMS; k++) {
        end += bernoulli[k - 1] * term;       /* term: s (s+1) .. (s+2k-2) / (2k)! a^(1-s-2k) */
        term *= (s + 2 * k - 1.0) * (s + 2 * k) / ((2 * k + 1.0) * (2 * k + 2)) / (a * a);
    }
    return sum + end;
}

static double digamma(double x) {
    if (x <= 0) {
        double part = x - floor(x);
        return part == 0 ? NAN : digamma(1 - x) - pi / tan(pi * part);
    }
    double sum = 0;
    for (; x < 10; x += 1) sum -= 1 / x;
    double square = 1 / (x * x), power = square;
    for (int k = 1; k <= TERMS; k++, power *= square) sum -= bernoulli[k - 1] / (2 * k) * power;
    return sum + log(x) - 0.5 / x;
}

/* Below 0 the terms up to the sign change are summed from the other side: they are a difference of two Hurwitz sums. */
double fenp_polygamma(int n, double x) {
    if (x != x) return x;
    if (n == 0) return isinf(x) ? (x > 0 ? x : NAN) : digamma(x);
    if (isinf(x)) return x > 0 ? 0 : NAN;
    int s = n + 1;
    double sum, sign = n % 2 ? 1 : -1;
    if (x > 0) {
        sum = hurwitz(s, x);
    } else {
        double part = x - floor(x);
        if (part == 0) return s % 2 ? NAN : INFINITY;
        sum = hurwitz(s, part) + (s % 2 ? -1 : 1) * (hurwitz(s, 1 - part) - hurwitz(s, 1 - x));
    }
    return sign * tgamma(s) * sum;
}

/* A start good to 2e-3, then Halley's step twice (each trebles the digits); near 1 by erfc, where erf has no digits left. */
double fenp_erf_inverse(double y) {
    double a = fabs(y), x = a * 0.88622692545275801365;
    if (!(a < 1)) return a == 1 ? copysign(INFINITY, y) : NAN;
    if (a > 0.1) {
        double w = log((1 - a) * (1 + a)), t = 2 / (pi * 0.147) + w / 2;
        x = sqrt(sqrt(t * t - w / 0.147) - t);
    }
    for (int i = 0; i < 2 + (a > 0.999); i++) {
        double off = a > 0.5 ? (1 - a) - erfc(x) : erf(x) - a, e = off / (1.12837916709551257390 * exp(-x * x));
        x -= e / (1 + x * e);
    }
    return copysign(x, y);
}
