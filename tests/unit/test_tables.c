/* Tables of plugins that cannot be believed: each row is wrong in one thing and is answered by one sentence. The names that the language keeps
 * for itself are those of its own table. */
#include "test.h"
#include "language/language.h"
#include "plugin/schema.h"
#include <math.h>

static void build(fen_builder *b) { (void)b; }
static fen_node *of_one(fen_builder *b, fen_node *x) { (void)b; return x; }
static const fen_port out[] = {{.name = "y", .shape = "[;]", .help = "y"}, FEN_END};
static const fen_port in[] = {{.name = "x", .shape = "[;]", .help = "x"}, FEN_END};

#define F(...) {.name = "f", .summary = "s", .outputs = out, __VA_ARGS__}

typedef struct row { const char *needed; fenp_kind kind; fen_function f; } row;
static void refused(const row *r, size_t n) {
    fenp_arena memory = {NULL};
    for (size_t i = 0; i < n; i++) FEN_TEXT(fenp_function_refuses(&r[i].f, r[i].kind, &memory), r[i].needed);
    fenp_arena_free(&memory);
}
#define ROWS(r) refused(r, sizeof r / sizeof *r)

static void functions(void) {
    static const fen_source no_open = {.state = 0};
    static const fen_driver no_advance = {.state = 0};
    static const fen_fold no_add = {.start = NULL};
    static const fen_conjugate no_slope = {.f = of_one};
    const row rows[] = {
        {NULL, FENP_LAYER, F(.build = build)},
        {"its name `F` is not [a-z][a-z0-9_]*", FENP_LAYER, {.name = "F"}},
        {"its name `` is not [a-z][a-z0-9_]*", FENP_LAYER, {.name = NULL}},
        {"its name `a b` is not [a-z][a-z0-9_]*", FENP_LAYER, {.name = "a b"}},
        {"its name `over` is a word of the language; take another", FENP_LAYER, {.name = "over"}},
        {"its name `repeat` is a word of the language; take another", FENP_LAYER, {.name = "repeat"}},
        {"f has no summary", FENP_LAYER, {.name = "f", .summary = ""}},
        {"f has nothing that makes its value; needs build, draws, moves, fold or conjugate", FENP_LAYER,
         {.name = "f", .summary = "s", .outputs = out}},
        {"f has no outputs", FENP_LAYER, {.name = "f", .summary = "s", .build = build}},
        {"f has draws without open", FENP_SAMPLER, F(.draws = &no_open)},
        {"f has moves without open or advance", FENP_SAMPLER, F(.moves = &no_advance)},
        {"f has several of build, draws and moves", FENP_SAMPLER, F(.build = build, .moves = &no_advance)},
        {"f has a fold without start, add or finish", FENP_METRIC, F(.inputs = in, .fold = &no_add)},
        {"f has a conjugate without one of its four functions", FENP_DIVERGENCE, {.name = "f", .summary = "s", .conjugate = &no_slope}},
        {"f has invert and no input", FENP_LAYER, F(.build = build, .invert = build)},
    };
    ROWS(rows);
}

/* What only one kind can have. */
static void *start(fen_host *h) { (void)h; return NULL; }
static bool add(void *self, int64_t n, const double *const *x) { (void)self; (void)n; (void)x; return true; }
static bool finish(void *self, double *const *x) { (void)self; (void)x; return true; }
static void draw(const void *self, const fen_draw *at, double *const *x) { (void)self; (void)at; (void)x; }
static bool advance(const void *self, fen_chain *c, double *x, double *const *o) { (void)self; (void)c; (void)x; (void)o; return true; }
static void kinds(void) {
    static const fen_law law = {.cdf = of_one}, empty = {.cdf = NULL};
    static const fen_conjugate conjugate = {of_one, of_one, of_one, of_one};
    static const fen_source draws = {.open = start, .draw = draw};
    static const fen_driver moves = {.open = start, .advance = advance};
    static const fen_fold fold = {start, add, finish};
    static const fen_port next[] = {{.name = "next", .shape = "[; ...]", .help = "h"}, FEN_END};
    static const fen_port p = {.name = "parameter", .shape = "[; ...]", .help = "h"}, g = {.name = "gradient", .shape = "[; ...]", .help = "h"};
    const fen_port both[] = {p, g, FEN_END}, turned[] = {g, p, FEN_END};
    static const char *const optimizer = "f is an optimizer; needs the inputs parameter and gradient, in this order, and the output next";
    const row rows[] = {
        {NULL, FENP_LAYER, F(.inputs = in, .build = build, .invert = build)},
        {NULL, FENP_SAMPLER, F(.build = build, .law = &law)},
        {NULL, FENP_SAMPLER, F(.draws = &draws)},
        {NULL, FENP_SAMPLER, F(.moves = &moves)},
        {NULL, FENP_DIVERGENCE, {.name = "f", .summary = "s", .conjugate = &conjugate}},
        {NULL, FENP_METRIC, F(.inputs = in, .fold = &fold)},
        {NULL, FENP_OPTIMIZER, {.name = "f", .summary = "s", .outputs = next, .inputs = both, .build = build, .flags = FEN_PER_ELEMENT}},
        {"f has invert; only a layer can", FENP_SAMPLER, F(.inputs = in, .build = build, .invert = build)},
        {"f has a law; only a sampler can", FENP_DIVERGENCE, F(.build = build, .law = &law)},
        {"f has a law without any of its functions", FENP_SAMPLER, F(.build = build, .law = &empty)},
        {"f has draws; only a sampler can", FENP_LAYER, F(.draws = &draws)},
        {"f has moves; only a sampler can", FENP_METRIC, F(.moves = &moves)},
        {"f has a conjugate; only a divergence can", FENP_METRIC, {.name = "f", .summary = "s", .conjugate = &conjugate}},
        {"f has a fold; only a metric can", FENP_DIVERGENCE, F(.inputs = in, .fold = &fold)},
        {"f has a fold and nothing to add up; needs inputs, or a build that feeds it", FENP_METRIC, F(.fold = &fold)},
        {"f has the flag FEN_PER_ELEMENT; only an optimizer can", FENP_LAYER, F(.build = build, .flags = FEN_PER_ELEMENT)},
        {"f has flags that do not exist; needs 0 or FEN_PER_ELEMENT", FENP_LAYER, F(.build = build, .flags = 6)},
        {optimizer, FENP_OPTIMIZER, {.name = "f", .summary = "s", .outputs = next, .inputs = in, .build = build}},
        {optimizer, FENP_OPTIMIZER, {.name = "f", .summary = "s", .outputs = next, .build = build}},
        {optimizer, FENP_OPTIMIZER, {.name = "f", .summary = "s", .outputs = next, .inputs = turned, .build = build}},
        {optimizer, FENP_OPTIMIZER, F(.inputs = both, .build = build)},
    };
    ROWS(rows);
}

static void ports(void) {
    static const struct { const char *needed; fen_port port; } rows[] = {
        {NULL, {.name = "mean", .shape = "[...; ..., C]", .help = "h"}},             /* a port may have the name of a function */
        {"f, input `x` has a shape that cannot be read; needs a form such as [...; ..., C]", {.name = "x", .shape = "[..., C]", .help = "h"}},
        {"f, input `x` has a shape that cannot be read; needs a form such as [...; ..., C]", {.name = "x", .help = "h"}},
        {"f, input `x` has no help", {.name = "x", .shape = "[;]"}},
        {"f, input `X` has a name that is not [a-z][a-z0-9_]*", {.name = "X", .shape = "[;]", .help = "h"}},
        {"f, input `with` has a name that the language keeps for itself", {.name = "with", .shape = "[;]", .help = "h"}},
        {"f, input `x` names a size that is no attribute with a whole number", {.name = "x", .shape = "[; n]", .help = "h"}},
        {"f, input `rate` has the name of an attribute", {.name = "rate", .shape = "[;]", .help = "h"}},
        {"f, input `x` is optional and has an initial value; needs one of the two",
         {.name = "x", .shape = "[;]", .optional = true, .initial = "0", .help = "h"}},
    };
    static const fen_attribute rate[] = {{.name = "rate", .type = FEN_ATTR_REAL, .help = "h"}, FEN_END};
    fenp_arena memory = {NULL};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fen_port p[] = {rows[i].port, FEN_END};
        fen_function f = {.name = "f", .summary = "s", .attributes = rate, .outputs = out, .inputs = p, .build = build};
        FEN_TEXT(fenp_function_refuses(&f, FENP_LAYER, &memory), rows[i].needed);
    }
    fen_port twice[] = {rows[0].port, rows[0].port, FEN_END};
    fen_function f = {.name = "f", .summary = "s", .outputs = twice, .build = build};
    FEN_TEXT(fenp_function_refuses(&f, FENP_LAYER, &memory), "f, output `mean` stands twice");
    fenp_arena_free(&memory);
}

static const char no_shape[] = "f, attribute `a` has an initial value that is no shape; needs a form such as [28, 28]",
    no_function[] = "f, attribute `a` has an initial value that is no function; needs a form such as zeros, {normal: {sd: 0.02}} or none",
    no_list[] = "f, attribute `a` has an initial value that is no list; needs a form such as [0, 1]",
    no_number[] = "f, attribute `a` has an initial value that is no number", outside[] = "f, attribute `a` has an initial value outside its range",
    no_range[] = "f, attribute `a` has a range that cannot be read; needs a form such as [1, inf) or (0, 1]";
static void attributes(void) {
    static const struct { const char *needed; fen_attr_type type; const char *initial, *range; } rows[] = {
        {NULL, FEN_ATTR_REAL, "0.5", "(0, 1]"}, {NULL, FEN_ATTR_REAL, "inf", NULL}, {NULL, FEN_ATTR_REAL, NULL, NULL},
        {outside, FEN_ATTR_REAL, "0", "(0, 1]"}, {outside, FEN_ATTR_REAL, "1.5", "[0, 1]"}, {outside, FEN_ATTR_INT, "0", "[1, inf)"},
        {no_number, FEN_ATTR_REAL, "one", NULL}, {no_number, FEN_ATTR_REAL, "", "[0, 1]"}, {no_number, FEN_ATTR_REAL, "1 2", NULL},
        {no_number, FEN_ATTR_REAL, "nan", NULL}, {"f, attribute `a` has an initial value that is no whole number", FEN_ATTR_INT, "1.5", NULL},
        {no_range, FEN_ATTR_REAL, "1", "from 0"}, {no_range, FEN_ATTR_INT, NULL, "[1, 0]"}, {no_range, FEN_ATTR_REAL, NULL, "[0 1]"},
        {NULL, FEN_ATTR_WORD, "b", "a|b"}, {outside, FEN_ATTR_WORD, "c", "a|b"},
        {"f, attribute `a` is a word without a range; needs a form such as alternate|channel", FEN_ATTR_WORD, NULL, NULL},
        {NULL, FEN_ATTR_BOOL, "true", NULL}, {"f, attribute `a` has an initial value that is neither true nor false", FEN_ATTR_BOOL, "yes", NULL},
        {NULL, FEN_ATTR_SHAPE, "[]", NULL}, {NULL, FEN_ATTR_SHAPE, "[28, 28]", NULL}, {no_shape, FEN_ATTR_SHAPE, "28", NULL},
        {no_shape, FEN_ATTR_SHAPE, "[28, ]", NULL}, {no_shape, FEN_ATTR_SHAPE, "[28", NULL}, {no_shape, FEN_ATTR_SHAPE, "[0]", NULL},
        {NULL, FEN_ATTR_FUNCTION, "none", NULL}, {NULL, FEN_ATTR_FUNCTION, "{normal: {sd: 1}}", NULL},
        {no_function, FEN_ATTR_FUNCTION, "", NULL}, {no_function, FEN_ATTR_FUNCTION, "0", NULL},
        {NULL, FEN_ATTR_TABLE, "[0, 1]", NULL}, {no_list, FEN_ATTR_TABLE, "0 1", NULL}, {no_list, FEN_ATTR_LAYERS, "[relu", NULL},
        {NULL, FEN_ATTR_RECORDS, "{}", NULL},
        {"f, attribute `a` has an initial value that is no table of records; needs a form such as {}", FEN_ATTR_RECORDS, "none", NULL},
        {"f, attribute `a` has a type that does not exist", (fen_attr_type)99, NULL, NULL},
    };
    fenp_arena memory = {NULL};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fen_attribute a[] = {{.name = "a", .type = rows[i].type, .initial = rows[i].initial, .range = rows[i].range, .help = "h"}, FEN_END};
        fen_function f = {.name = "f", .summary = "s", .attributes = a, .outputs = out, .build = build};
        FEN_TEXT(fenp_function_refuses(&f, FENP_LAYER, &memory), rows[i].needed);
    }
    static const struct { const char *needed; fen_attribute a; } names[] = {
        {"f, attribute `mode` has a name that the language keeps for itself", {.name = "mode", .type = FEN_ATTR_REAL, .help = "h"}},
        {"f, attribute `Rate` has a name that is not [a-z][a-z0-9_]*", {.name = "Rate", .type = FEN_ATTR_REAL, .help = "h"}},
        {"f, attribute `r` is live; only numbers can be", {.name = "r", .type = FEN_ATTR_BOOL, .live = true, .help = "h"}},
        {"f, attribute `r` has no help", {.name = "r", .type = FEN_ATTR_REAL}},
        {"f, attribute `r` stands twice", {.name = "r", .type = FEN_ATTR_REAL, .help = "h"}},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fen_attribute a[] = {names[i].a, names[i].a, FEN_END};
        fen_function f = {.name = "f", .summary = "s", .attributes = a, .outputs = out, .build = build};
        FEN_TEXT(fenp_function_refuses(&f, FENP_LAYER, &memory), names[i].needed);
    }
    fenp_arena_free(&memory);
}

static const char *shape(fen_node *const *x, int n, const fen_attrs *a, fen_shape *o, fen_type *t) {
    (void)x; (void)n; (void)a; (void)o; (void)t;
    return NULL;
}
static void tile(int n, const void *const *x, void *y, const fen_attrs *a) { (void)n; (void)x; (void)y; (void)a; }
static void run(const fen_step *s, int part) { (void)s; (void)part; }
static const char no_kernel[] = "f has no kernel in both precisions; needs tile or run, for single and for double";
static void ops(void) {
    static const struct { const char *needed; fen_op op; } rows[] = {
        {NULL, {.name = "f", .arity = 1, .shape = shape, .tile = {tile, tile}}},
        {NULL, {.name = "exp", .arity = -1, .shape = shape, .run = {run, run}}},
        {NULL, {.name = "f", .arity = 1, .shape = shape, .flags = FEN_VIEW}},
        {"its name `F` is not [a-z][a-z0-9_]*", {.name = "F"}},
        {"its name `` is not [a-z][a-z0-9_]*", {.name = NULL}},
        {"f has no shape rule", {.name = "f", .arity = 1, .tile = {tile, tile}}},
        {"f has an arity that cannot be; needs 1 or more, or -1 for any", {.name = "f", .shape = shape, .tile = {tile, tile}}},
        {"f has tile and run; needs one of them", {.name = "f", .arity = 1, .shape = shape, .tile = {tile, tile}, .run = {run, run}}},
        {no_kernel, {.name = "f", .arity = 1, .shape = shape, .tile = {tile, NULL}}},
        {no_kernel, {.name = "f", .arity = 1, .shape = shape, .run = {NULL, run}}},
        {"f has flags that do not exist; needs FEN_VIEW, FEN_FLAT or 0", {.name = "f", .arity = 1, .shape = shape, .tile = {tile, tile}, .flags = 8}},
    };
    fenp_arena memory = {NULL};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) FEN_TEXT(fenp_op_refuses(&rows[i].op, &memory), rows[i].needed);
    fenp_arena_free(&memory);
}

/* The lists of core/plugin/words.c are those of the language. A layer may share the name of a function that takes one value as it is. */
static void words(void) {
    const char *const *name = fenp_builtin_names();
    int n = 0;
    fenp_arena memory = {NULL};
    for (; name[n]; n++) {
        bool one = false;
        fen_test_say(fenp_is_function(name[n], &one), __LINE__, __FILE__, "core/plugin/words.c lacks %s", name[n]);
        fen_function f = {.name = name[n], .summary = "s", .outputs = out, .build = build};
        FEN_TRUE(fenp_function_refuses(&f, FENP_DIVERGENCE, &memory) != NULL);
        FEN_TRUE(!fenp_function_refuses(&f, FENP_LAYER, &memory) == one);
    }
    FEN_COUNT(fenp_functions_of_language(), n);
    FEN_TEXT(fenp_name_refuses("sum"), "is a word of the language; take another");
    fen_function relu = {.name = "relu", .summary = "s", .outputs = out, .build = build};
    FEN_TEXT(fenp_function_refuses(&relu, FENP_LAYER, &memory), NULL);
    FEN_TEXT(fenp_function_refuses(&relu, FENP_METRIC, &memory), "its name `relu` is a word of the language; take another");
    fenp_arena_free(&memory);
}

int main(void) {
    static const fen_test tests[] = {
        {"functions", functions}, {"kinds", kinds}, {"ports", ports}, {"attributes", attributes}, {"ops", ops}, {"words", words}, {NULL, NULL}};
    return fen_test_run("tables", tests);
}
