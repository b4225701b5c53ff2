/* Names that plugins cannot have, because the language has them. The language comes after this folder, so its functions stand here once
 * more; a unit test holds the lists against core/language/functions.c. */
#include "plugin/schema.h"
#include <string.h>

/* Words that stand beside every function in a file, or are numbers of it. */
static const char *const fields[] = {"in", "as", "axes", "draw", "mode", "with", "use", "copy", "it", "step", "epoch", "pi", "over", NULL};
/* What stands where a function's name could. */
static const char *const forms[] = {"let", "repeat", "residual", "parameter", NULL};
/* A layer may have such a name: it is the function, and `layers: [relu]` and `relu(x)` mean the same. */
static const char *const of_one[] = {
    "abs", "ceil", "cos", "erf", "exp", "expm1", "flatten", "floor", "isfinite", "lgamma", "log", "log1p", "log_abs_det", "log_sigmoid", "relu",
    "reshape", "round", "sigmoid", "sign", "sin", "softplus", "sqrt", "tanh", "transpose", NULL,
};
static const char *const others[] = {
    "argmax", "argmin", "cdf", "clip", "concat", "crop", "cumsum", "entropy", "eye", "gradient", "integral", "inverse", "log_density", "log_softmax",
    "logmeanexp", "logsumexp", "matmul", "max", "mean", "median", "min", "named", "norm", "one_hot", "outer", "pad", "pick", "quantile", "rank",
    "renamed", "roll", "size", "slice", "softmax", "solve", "sort", "std", "stop_gradient", "sum", "unnamed", "var", "where", NULL,
};

static bool among(const char *const *list, const char *name) {
    for (; name && *list; list++)
        if (strcmp(*list, name) == 0) return true;
    return false;
}

/* How many: so that a test sees what is here and not there. */
int fenp_functions_of_language(void) { return (int)(sizeof of_one / sizeof *of_one + sizeof others / sizeof *others) - 2; }

bool fenp_good_name(const char *name) {
    size_t n = name ? strnlen(name, 64) : 0;
    return n && n < 64 && name[0] >= 'a' && name[0] <= 'z' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}
bool fenp_is_field(const char *name) { return among(fields, name); }
bool fenp_is_function(const char *name, bool *of_one_value) {
    *of_one_value = among(of_one, name);
    return *of_one_value || among(others, name);
}

const char *fenp_name_refuses(const char *name) {
    bool one;
    if (!fenp_good_name(name)) return "is not [a-z][a-z0-9_]*";
    if (fenp_is_field(name) || among(forms, name) || fenp_is_function(name, &one)) return "is a word of the language; take another";
    return NULL;
}
