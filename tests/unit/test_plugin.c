/* What a module promises: every built-in one is fine; ranges, words and port shapes by table; the frame of a call. */
#include "test.h"
#include "ops/ops.h"
#include "plugin/call.h"

/* The built-in modules: all open, none is faulty, all tables can be believed. */
static void built_in(void) {
    fenp_registry_open();
    fenp_registry_open();
    const fenp_module *m;
    fenp_arena memory = {NULL};
    int n = fenp_modules(&m), fine = 0;
    for (int i = 0; i < n; i++) {
        fen_test_say(!m[i].fault, __LINE__, __FILE__, "%s %s", m[i].path, m[i].fault ? m[i].fault : "");
        fine += !m[i].fault && m[i].path[0] == '/' && m[i].plugin != NULL;
    }
    FEN_TRUE(fine >= 50);
    const char *const *name = fenp_function_names();
    for (int i = 0; name[i]; i++) {
        fenp_kind kind;
        const fen_function *f = fenp_function_find(name[i], &kind);
        const char *why = f ? fenp_function_refuses(f, kind, &memory) : "is not found";
        fen_test_say(!why, __LINE__, __FILE__, "%s: %s", name[i], why ? why : "");
    }
    static const char *const needed[] = {"dense", "relu", "flatten", "reshape", "sigmoid", "normal", "idx", "bernoulli_nll", "kl_standard_normal",
        "adam",
                                         "fan_in", "zeros", "uniform", "gan", "sgd", "wasserstein_1d", "langevin", "markov", "csv", "actnorm"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) fen_test_say(fenp_function_find(needed[i], NULL) != NULL, __LINE__, __FILE__,
        "%s is missing", needed[i]);
    fenp_arena_free(&memory);
}

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }
static void pages(void) {
    const char *const *name = fenp_function_names();
    for (int i = 0; name[i]; i++) {
        fenp_kind kind;
        fenp_text page = {0};
        const fen_function *f = fenp_function_find(name[i], &kind);
        fenp_describe(f, kind, &page);
        fen_test_say(begins(page.at, name[i]) && strstr(page.at, f->summary) && strstr(page.at, "\nexample\n"), __LINE__, __FILE__, "page of %s: %s",
            name[i], page.at);
        for (const fen_attribute *a = f->attributes; a && a->name; a++) FEN_TRUE(strstr(page.at, a->help) != NULL);
        fenp_text_free(&page);
    }
}

static void ranges(void) {
    static const struct { fen_attr_type type; const char *range; double value; const char *needed; } row[] = {
        {FEN_ATTR_REAL, "[0, inf)", 0, NULL}, {FEN_ATTR_REAL, "[0, inf)", -1e-300, "a number in [0, inf)"},
        {FEN_ATTR_REAL, "(0, 1]", 0, "a number in (0, 1]"}, {FEN_ATTR_REAL, "(0, 1]", 1, NULL}, {FEN_ATTR_REAL, "[0, 1)", 1, "a number in [0, 1)"},
        {FEN_ATTR_REAL, "[0, inf)", INFINITY, "a number in [0, inf)"}, {FEN_ATTR_REAL, "(-inf, 0)", -5, NULL},
        {FEN_ATTR_REAL, NULL, -INFINITY, NULL}, {FEN_ATTR_REAL, NULL, NAN, "a number"}, {FEN_ATTR_REAL, "[0, 1]", NAN, "a number in [0, 1]"},
        {FEN_ATTR_INT, "[1, inf)", 2, NULL}, {FEN_ATTR_INT, "[1, inf)", 2.5, "a whole number in [1, inf)"}, {FEN_ATTR_INT, "[1, inf)", 0,
            "a whole number in [1, inf)"},
        {FEN_ATTR_INT, NULL, 1e300, "a whole number"},
    };
    static const struct { const char *word, *needed; } words[] = {
        {"alternate", NULL}, {"channel", NULL}, {"chan", "one of alternate, channel"}, {"alternate|channel", "one of alternate, channel"}, {"",
            "one of alternate, channel"}, {NULL, "one of alternate, channel"},
    };
    fenp_arena memory = {NULL};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fen_attribute a = {.name = "a", .type = row[i].type, .range = row[i].range};
        FEN_TEXT(fenp_range_refuses(&a, row[i].value, &memory), row[i].needed);
    }
    fen_attribute w = {.name = "w", .type = FEN_ATTR_WORD, .range = "alternate|channel"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) FEN_TEXT(fenp_word_refuses(&w, words[i].word, &memory), words[i].needed);
    fenp_arena_free(&memory);
}

static fenp_faults faults;
static fenp_store *store;
static fen_builder *begin(void) {
    memset(&faults, 0, sizeof faults);
    store = fenp_store_new(true);
    fen_builder *b = fenp_builder_new(store, FEN_TRAIN, true, &faults);
    b->axis[0].size = 6;
    return b;
}
static void end(fen_builder *b) {
    fenp_builder_free(b);
    fenp_store_free(store);
    fenp_faults_free(&faults);
}
/* "b23": a batch, then features 2 and 3. */
static fen_node *value(fen_builder *b, const char *text, fen_type type) {
    fen_shape s = {0};
    for (; *text; text++) {
        if (*text == 'b') s.leads++;
        s.size[s.rank++] = *text == 'b' ? 6 : *text - '0';
    }
    return fenp_feed_new(b, "x", s, type, true, FENP_ON_DRAW, NULL);
}

static int64_t units_of(void *context, const char *name) { return strcmp(name, "units") == 0 ? *(int64_t *)context : 0; }

/* One port after the other in one call: letters keep their size. */
static void ports(void) {
    static const struct { const char *shape, *x, *needed, *becomes; } row[] = {
        {"[...; ..., C]", "b23", NULL, "[batch; 2, 3]"}, {"[...; ..., C]", "b4", "a value [...; ..., C = 3]", NULL}, {"[...; C]", "b3", NULL, NULL},
        {"[...; C, C]", "b33", NULL, NULL}, {"[...; D, D]", "b23", "a value [...; D, D]", NULL}, {"[...; D, E]", "b25", NULL, NULL},
        {"[...; F]", "b", NULL, "[batch; 1]"}, {"[...; F]", "b1", NULL, NULL}, {"[; G]", "", NULL, "[; 1]"}, {"[; ...]", "b2", "a value [; ...]",
            NULL},
        {"[;]", "", NULL, "[;]"}, {"[;]", "1", NULL, "[;]"}, {"[;]", "2", "a value [;]", NULL}, {"[...;]", "b1", NULL, "[batch;]"}, {"[...;]", "b2",
            "a value [...;]", NULL},
        {"[...; 28, 2]", "b12", "a value [...; 28, 2]", NULL}, {"[...; ..., units]", "b27", NULL, NULL}, {"[...; ..., units]", "b76",
            "a value [...; ..., units = 7]", NULL},
        {"[a...; H, ...]", "b45", NULL, NULL}, {"[a...; H, ..., 5]", "b45", NULL, NULL}, {"[a...; H, ..., 5]", "b4", "a value [a...; H = 4, ..., 5]",
            NULL},
        {"[...; ...]", "b", NULL, "[batch;]"},
    };
    fen_builder *b = begin();
    int64_t units = 7;
    fenp_match m = {.attribute = units_of, .context = &units};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fen_port p = {.name = "p", .shape = row[i].shape};
        fen_node *x = value(b, row[i].x, FEN_REAL), *y = NULL;
        char text[160];
        const char *why = fenp_port_refuses(&m, &p, b, x, &y);
        fen_test_say(why == row[i].needed || (why && row[i].needed && strcmp(why, row[i].needed) == 0), __LINE__, __FILE__, "%s at %s: %s", row[i].x,
            row[i].shape, why ? why : "fits");
        if (row[i].becomes) FEN_TEXT(fenp_shape_text(b, fen_shape_of(y), text), row[i].becomes);
    }
    int n = 0;
    int64_t size[FEN_MAX_RANK];
    FEN_TRUE(fenp_port_features(&m, &(fen_port){.shape = "[; units, C, 9]"}, &n, size));
    FEN_COUNT(n, 3);
    FEN_TRUE(size[0] == 7 && size[1] == 3 && size[2] == 9);
    FEN_TRUE(!fenp_port_features(&m, &(fen_port){.shape = "[; Z]"}, &n, size));
    FEN_TRUE(!fenp_port_features(&m, &(fen_port){.shape = "[...; ..., C]"}, &n, size));
    FEN_COUNT(faults.n, 0);
    end(b);
}

static void types(void) {
    fen_builder *b = begin();
    fenp_match m = {0};
    fen_port label = {.name = "label", .shape = "[...;]", .type = FEN_INTEGER}, real = {.name = "x", .shape = "[...; ...]"};
    fen_node *y;
    FEN_TRUE(!fenp_port_refuses(&m, &label, b, value(b, "b", FEN_INTEGER), &y));
    FEN_TEXT(fenp_port_refuses(&m, &label, b, value(b, "b", FEN_REAL), &y), "integers, such as labels or indices");
    FEN_TRUE(!fenp_port_refuses(&m, &label, b, fenp_number(b, 3), &y));
    FEN_COUNT(y->type, FEN_INTEGER);
    FEN_TRUE(fenp_port_refuses(&m, &label, b, fenp_number(b, 3.5), &y) != NULL);
    FEN_TRUE(!fenp_port_refuses(&m, &real, b, value(b, "b", FEN_INTEGER), &y));
    FEN_COUNT(y->type, FEN_REAL);
    FEN_TRUE(!fenp_port_refuses(&m, &label, b, b->faulty, &y) && y == b->faulty);
    end(b);
}

/* A function whose build is given by the test. */
static const fen_attribute own_attributes[] = {
    {.name = "rate", .type = FEN_ATTR_REAL, .initial = "2", .help = "h"}, {.name = "units", .type = FEN_ATTR_INT, .range = "[1, inf)", .help = "h"},
    {.name = "shape", .type = FEN_ATTR_SHAPE, .initial = "[]", .help = "h"}, FEN_END};
static const fen_port own_inputs[] = {{.name = "x", .shape = "[...; ..., C]", .help = "h"}, {.name = "maybe", .shape = "[...; ...]", .optional = true,
    .help = "h"}, FEN_END};
static const fen_port own_outputs[] = {{.name = "y", .shape = "[...; ..., C]", .help = "h"}, FEN_END};
static void nothing(fen_builder *b) { (void)b; }
static const fen_function own = {.name = "own", .summary = "s", .attributes = own_attributes, .inputs = own_inputs, .outputs = own_outputs,
    .build = nothing, .invert = nothing};

static fen_node *answer;
static void asks_wrong_input(fen_builder *b)  { answer = fen_input(b, "z"); fen_output(b, "y", fen_input(b, "x")); }
static void asks_optional(fen_builder *b)     { answer = fen_input(b, "maybe"); fen_output(b, "y", fen_input(b, "x")); }
static void asks_wrong_attr(fen_builder *b)   { fen_attr_real(b, "speed"); fen_output(b, "y", fen_input(b, "x")); }
static void asks_wrong_type(fen_builder *b)   { fen_attr_int(b, "rate"); fen_output(b, "y", fen_input(b, "x")); }
static void gives_wrong_output(fen_builder *b) { fen_output(b, "w", fen_input(b, "x")); fen_output(b, "y", fen_input(b, "x")); }
static void gives_twice(fen_builder *b)       { fen_output(b, "y", fen_input(b, "x")); fen_output(b, "y", fen_input(b, "x")); }
static void gives_wrong_shape(fen_builder *b) { fen_output(b, "y", fen_slice(b, fen_input(b, "x"), -1, 0, 1, 1)); }
static void feeds(fen_builder *b)             { fen_feed(b, "f", fen_input(b, "x")); fen_output(b, "y", fen_input(b, "x")); }
static void complains(fen_builder *b)         { fen_output(b, "y", fen_fault(b, "own: something")); }

static void frame(void) {
    static const struct { void (*build)(fen_builder *); const char *says; } row[] = {
        {asks_wrong_input, "plugin own asks for input `z` that it does not declare"},
        {asks_optional, "plugin own asks for input `maybe` as if it were always given; use fen_input_or_null"},
        {asks_wrong_attr, "plugin own asks for attribute `speed` that it does not declare"},
        {asks_wrong_type, "plugin own asks for attribute `rate` as if it were not of type real"},
        {gives_wrong_output, "plugin own gives output `w` that it does not declare"},
        {gives_twice, "plugin own gives output `y` twice"},
        {gives_wrong_shape, "plugin own gives `y` the shape [batch; 1]; its table promises a value [...; ..., C = 3]"},
        {nothing, "plugin own does not give its output `y`"},
        {feeds, "plugin own feeds `f` and has no fold"},
        {complains, "own: something"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        for (int faulty = 0; faulty < 2; faulty++) {
            fen_builder *b = begin();
            fenp_argument argument[3] = {{.real = 2}, {.given = true, .whole = 3}, {.given = false}};
            fen_node *x = value(b, "b3", FEN_REAL), *input[2] = {x, NULL};
            fenp_call c = {.function = &own, .argument = argument, .input = input};
            fenp_call_match(&c);
            if (faulty) input[0] = b->faulty;
            else FEN_TRUE(!fenp_port_refuses(&c.match, &own_inputs[0], b, x, &input[0]));
            fenp_call_run(b, &c, row[i].build);
            FEN_TRUE(b->call == NULL);
            if (faulty) FEN_COUNT(faults.n, 0);                      /* no error has children */
            else FEN_TEXT(faults.n == 1 ? faults.at[0].text : "not one fault", row[i].says);
            end(b);
        }
    }
}

/* Values of attributes: given, not given, outside their range. */
static double rate;
static int64_t units;
static void asks(fen_builder *b) {
    rate = fen_attr_real(b, "rate");
    units = fen_attr_int(b, "units");
    answer = fen_attr_node(b, "rate");
    fen_output(b, "y", fen_input(b, "x"));
}
static void arguments(void) {
    static const struct { bool given; double rate; int64_t units, answers; } row[] = {{true, 0.25, 7, 7}, {false, 2, 0, 1}, {true, 3, -4, 1}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fen_builder *b = begin();
        double constant = 0;
        fenp_argument argument[3] = {{.given = row[i].given, .real = row[i].rate}, {.given = row[i].given, .whole = row[i].units}, {.given = false}};
        fen_node *input[2] = {value(b, "b3", FEN_REAL), NULL};
        fenp_call c = {.function = &own, .argument = argument, .input = input};
        fenp_call_run(b, &c, asks);
        FEN_NEAR(rate, row[i].rate, 0);
        FEN_COUNT(units, row[i].answers);
        FEN_TRUE(fenp_constant(answer, &constant) && constant == row[i].rate);
        FEN_TRUE(fenp_call_output(&c, "y") == input[0] && fenp_call_output(&c, NULL) == input[0] && !fenp_call_output(&c, "z"));
        FEN_COUNT(faults.n, 0);
        end(b);
    }
}

static fen_shape drawn;
static fen_shape like;
static void draws(fen_builder *b) {
    drawn = fen_draw_shape(b, like);
    fen_output(b, "y", fen_input(b, "x"));
}
/* Leads of the draw, of the inputs; features of the inputs, of `shape`, of a parameter. */
static void draw_shapes(void) {
    static const struct { const char *drawn, *x, *like, *shape, *is, *fault; } row[] = {
        {"b", "3", "3", NULL, "[batch; 3]", NULL}, {"", "b3", "b3", NULL, "[batch; 3]", NULL}, {"b", "3", "", "45", "[batch; 4, 5]", NULL},
        {"b", "3", "5", "45", "[batch; 4, 5]", NULL}, {"", "3", "", NULL, "[;]", NULL}, {"73", "3", "", NULL, "[; 7, 3]", NULL}, {"73", "3", "", "73",
            "[; 7, 3]", NULL},
        {"73", "3", "", "37", "[; 3, 7]", "own: given shape [; 3, 7] for a parameter of shape [; 7, 3]; leave `shape` out"},
        {"b", "3", "3", "4", "[batch; 4]", "own: asked for a draw of shape [; 4], its inputs have [; 3]; needs sizes that fit"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fen_builder *b = begin();
        char text[160];
        fenp_argument argument[3] = {{.real = 2}, {.given = true, .whole = 3}, {.given = row[i].shape != NULL}};
        if (row[i].shape) argument[2].shape = fen_shape_of(value(b, row[i].shape, FEN_REAL));
        fen_node *input[2] = {value(b, row[i].x, FEN_REAL), NULL};
        like = fen_shape_of(value(b, row[i].like, FEN_REAL));
        fenp_call c = {.function = &own, .argument = argument, .input = input, .drawn = fen_shape_of(value(b, row[i].drawn, FEN_REAL)),
            .draws = true};
        fenp_call_run(b, &c, draws);
        FEN_TEXT(fenp_shape_text(b, drawn, text), row[i].is);
        FEN_TEXT(faults.n ? faults.at[0].text : NULL, row[i].fault);
        end(b);
    }
}

static void inverts(fen_builder *b) { fen_output(b, "x", fen_reshape(b, fen_input(b, "y"), fen_forward_shape(b, "x"))); }
static void adds(fen_builder *b) {
    fen_node *x = fen_input(b, "x");
    fen_log_det_add(b, fen_sum_features(b, x));
    fen_log_det_add(b, fen_sum_features(b, x));
    fen_output(b, "y", x);
}
static void inverse(void) {
    fen_builder *b = begin();
    char text[160];
    fenp_argument argument[3] = {{.real = 2}, {.given = true, .whole = 3}, {.given = false}};
    fen_node *x = value(b, "b23", FEN_REAL), *forth[2] = {x, NULL}, *back[3] = {value(b, "b6", FEN_REAL), NULL, NULL};
    fen_shape shapes[2] = {fen_shape_of(x)};
    fenp_call c = {.function = &own, .argument = argument, .input = forth}, d = {.function = &own, .argument = argument, .input = back,
        .inverting = true, .forward = shapes};
    fenp_call_run(b, &c, adds);
    FEN_TRUE(c.log_det != NULL);
    FEN_TEXT(fenp_shape_text(b, fen_shape_of(c.log_det), text), "[batch;]");
    fenp_call_run(b, &d, inverts);
    FEN_TRUE(fenp_call_output(&d, NULL) != NULL);
    FEN_TEXT(fenp_shape_text(b, fen_shape_of(fenp_call_output(&d, "x")), text), "[batch; 2, 3]");
    FEN_COUNT(faults.n, 0);
    end(b);
}

int main(void) {
    static const fen_test tests[] = {
        {"built in", built_in}, {"pages", pages}, {"ranges", ranges}, {"ports", ports}, {"types", types}, {"frame", frame}, {"arguments", arguments},
        {"draw shapes", draw_shapes}, {"inverse", inverse}, {NULL, NULL}};
    setenv("XDG_DATA_HOME", "/nonexistent", 1);
    return fen_test_run("plugin", tests);
}
