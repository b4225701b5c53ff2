/* tests/unit/test_expression.c: core/config/expression.c. What a text means, as a tree in brackets written by hand from the grammar;
 * messages word by word with their columns; limits; and every expression of the experiments. */
#include "config/document.h"
#include "config/expression.h"
#include "test.h"
#include <dirent.h>

static fenp_arena memory;

/* (+ a (* b c)); calls f{a, n=b | axis, axis}; dots (. a name); lists [a b]. */
static void show(const fenp_expression *x, fenp_text *to) {
    static const char *const mark[] = {[FENP_X_NEGATE] = "neg", [FENP_X_ADD] = "+", [FENP_X_SUBTRACT] = "-", [FENP_X_MULTIPLY] = "*",
     [FENP_X_DIVIDE] = "/",
        [FENP_X_REMAINDER] = "%", [FENP_X_POWER] = "^", [FENP_X_LESS] = "<", [FENP_X_LESS_EQUAL] = "<=", [FENP_X_GREATER] = ">",
        [FENP_X_GREATER_EQUAL] = ">=", [FENP_X_EQUAL] = "==", [FENP_X_UNEQUAL] = "!=", [FENP_X_DOT] = "."};
    bool call = x->form == FENP_X_CALL, list = x->form == FENP_X_LIST;
    if (x->form == FENP_X_NUMBER) fenp_text_add(to, x->whole ? "%.0f" : "%g", x->number);
    if (x->form == FENP_X_NAME) fenp_text_add(to, "%s", x->name);
    if (x->form <= FENP_X_NAME) return;
    if (call) fenp_text_add(to, "%s{", x->name);
    else fenp_text_add(to, list ? "[" : "(%s ", list ? "" : mark[x->form]);
    for (int i = 0; i < x->n; i++) {
        if (i) fenp_text_add(to, call ? ", " : " ");
        if (call && x->arg_name[i]) fenp_text_add(to, "%s=", x->arg_name[i]);
        show(x->arg[i], to);
    }
    for (int i = 0; call && i < x->overs; i++) fenp_text_add(to, "%s%s", i ? ", " : " | ", x->over[i]);
    if (x->form == FENP_X_DOT) fenp_text_add(to, " %s", x->name);
    fenp_text_add(to, call ? "}" : list ? "]" : ")");
}

static fenp_expression *parsed(const char *text, fenp_faults *faults) { return fenp_expression_parse(&memory, text, (fenp_place){"f", 3, 10},
faults); }

static void test_trees(void) {
    static const struct { const char *text, *wanted, *remark; } table[] = {
        {"x", "x", "a name"}, {"7", "7", "an integer"}, {"7.0", "7", "not an integer, looks like one here"}, {"1e-3", "0.001", "exponent"},
        {".5", "0.5", "no zero"},
        {"  x\n ", "x", "blanks and line ends"}, {"a + b * c", "(+ a (* b c))", "product first"}, {"a - b - c", "(- (- a b) c)", "from the left"},
        {"a / b * c", "(* (/ a b) c)", "from the left"}, {"a % b + 1", "(+ (% a b) 1)", "remainder is a product"},
        {"(a + b) * c", "(* (+ a b) c)", "brackets"},
        {"-x^2", "(neg (^ x 2))", "power before sign"}, {"2^-1", "(^ 2 (neg 1))", "sign in the exponent"},
        {"2^3^2", "(^ 2 (^ 3 2))", "powers from the right"},
        {"-2^-x^2", "(neg (^ 2 (neg (^ x 2))))", "all of it"}, {"--x", "(neg (neg x))", "two signs"},
        {"a * -b", "(* a (neg b))", "sign in a product"},
        {"a - -b", "(- a (neg b))", "sign in a sum"}, {"a.b.c", "(. (. a b) c)", "dots"}, {"f(x).hit ^ 2", "(^ (. f{x} hit) 2)", "dot of a call"},
        {"(a + b).c", "(. (+ a b) c)", "dot of brackets"},
        {"f()", "f{}", "no argument"}, {"f(x, y)", "f{x, y}", "in order"}, {"f(x, of=y, n = 2)", "f{x, of=y, n=2}", "by name"},
        {"f(a == b)", "f{(== a b)}", "comparison is no name"},
        {"mean(x over batch, time)", "mean{x | batch, time}", "axes"}, {"roll(x, n + 1 over a)", "roll{x, (+ n 1) | a}", "arguments, then axes"},
        {"f(over batch)", "f{ | batch}", "axes alone"},
        {"[1, 2]", "[1 2]", "list"}, {"[[a], [b + 1]]", "[[a] [(+ b 1)]]", "lists of lists"}, {"[a].b", "(. [a] b)", "dot of a list"},
        {"a < b + 1", "(< a (+ b 1))", "sum before comparison"},
        {"a <= b", "(<= a b)", ""}, {"a > b", "(> a b)", ""}, {"a >= b", "(>= a b)", ""}, {"a == b", "(== a b)", ""}, {"a != b", "(!= a b)", ""},
        {"(1 < x) * (x < 2)", "(* (< 1 x) (< x 2))", "two comparisons"},
        {"it + step * epoch - pi", "(- (+ it (* step epoch)) pi)", "reserved words are values"},
        {"inverse(net, z, y).log_det", "(. inverse{net, z, y} log_det)", ""},
        {"overs + android + iffy + nothing", "(+ (+ (+ overs android) iffy) nothing)", "begin like words of other languages"},
        {"5.", "5", "point without digits"}, {"x^2/2", "(/ (^ x 2) 2)", "no blanks needed"}, {"0.1^(step / 5000)", "(^ 0.1 (/ step 5000))", ""},
        {"entropy + entropy(x)", "(+ entropy entropy{x})", "value and function"},
        {"1e-6", "1e-06", "no e of its own"}, {"2e1x1", NULL, "2e1, then a name"}, {"a_1 + b2", "(+ a_1 b2)", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fenp_faults faults = {0};
        fenp_text got = {0};
        fenp_expression *x = parsed(table[i].text, &faults);
        if (x) show(x, &got);
        bool same = (x != NULL) == (table[i].wanted != NULL) && (!x || strcmp(got.at, table[i].wanted) == 0) && faults.n == (x ? 0 : 1);
        fen_test_say(same, __LINE__, __FILE__,
         "`%s` (%s): found %s, needed %s", table[i].text, table[i].remark, got.at ? got.at : "a fault",
         table[i].wanted ? table[i].wanted : "a fault");
        fenp_text_free(&got);
        fenp_faults_free(&faults);
    }
}

static void test_messages(void) {
    static const struct { const char *text; int column; const char *wanted; } table[] = {
        {"", 1, "cannot read ``: an expression is missing"}, {"x +", 3, "cannot read `x +`: an operand is missing after `+`"},
        {"x + * y", 5, "cannot read `x + * y`: an operand is missing between `+` and `*`"},
        {"* y", 1, "cannot read `* y`: an operand is missing before `*`"},
        {"+x", 1, "cannot read `+x`: an operand is missing before `+`"}, {"2x", 2, "cannot read `2x`: an operator is missing between `2` and `x`"},
        {"a b", 3, "cannot read `a b`: an operator is missing between `a` and `b`"},
        {"1 < x < 2", 7, "cannot read `1 < x < 2`: comparisons do not chain: multiply two of them, (a < b) * (b < c)"},
        {"a and b", 3, "cannot read `a and b`: there are no boolean operators: comparisons give 0 or 1, multiply them"},
        {"a && b", 3, "cannot read `a && b`: there are no boolean operators: comparisons give 0 or 1, multiply them"},
        {"a or b", 3, "cannot read `a or b`: there are no boolean operators: comparisons give 0 or 1, multiply them, or take max(a, b)"},
        {"not a", 1, "cannot read `not a`: there are no boolean operators: write 1 - x"},
        {"!a", 1, "cannot read `!a`: there are no boolean operators: write 1 - x"},
        {"a if b else c", 3, "cannot read `a if b else c`: there are no conditionals: write where(condition, a, b)"},
        {"if(a, b, c)", 1, "cannot read `if(a, b, c)`: there are no conditionals: write where(condition, a, b)"},
        {"a ? b : c", 3, "cannot read `a ? b : c`: there are no conditionals: write where(condition, a, b)"},
        {"a ** 2", 3, "cannot read `a ** 2`: a power is written `^`"},
        {"a // 2", 3, "cannot read `a // 2`: a whole quotient is written floor(a / b)"},
        {"x = 2", 3, "cannot read `x = 2`: `=` names an argument inside a call; a comparison is `==`"},
        {"f(x", 3, "cannot read `f(x`: `)` is missing after `x`"}, {"f(x,)", 5, "cannot read `f(x,)`: an operand is missing between `,` and `)`"},
        {"f(x, over batch)", 6, "cannot read `f(x, over batch)`: an operand is missing between `,` and `over`"},
        {"(a", 2, "cannot read `(a`: `)` is missing after `a`"}, {"a)", 2, "cannot read `a)`: `)` has nothing that it belongs to"},
        {"[1, 2", 5, "cannot read `[1, 2`: `]` is missing after `2`"},
        {"[]", 2, "cannot read `[]`: an operand is missing between `[` and `]`"},
        {"a, b", 2, "cannot read `a, b`: `,` has nothing that it belongs to"},
        {"f(n=1, x)", 8, "cannot read `f(n=1, x)`: `x` stands behind `n=`: arguments without a name come first"},
        {"f(n=1, n=2)", 8, "cannot read `f(n=1, n=2)`: argument `n` stands twice"},
        {"f(x over a, a)", 13, "cannot read `f(x over a, a)`: axis `a` stands twice"},
        {"f(x over a, n=2)", 13, "cannot read `f(x over a, n=2)`: `n=` stands after `over`: arguments come before it"},
        {"f(x over)", 9, "cannot read `f(x over)`: an axis is missing before `)`"},
        {"x over batch", 3, "cannot read `x over batch`: `over` stands inside the brackets of a call: f(x over batch)"},
        {"step(x)", 1, "cannot read `step(x)`: `step` is a value and cannot be called"},
        {"1 + it(x)", 5, "cannot read `1 + it(x)`: `it` is a value and cannot be called"},
        {"over(x)", 1, "cannot read `over(x)`: `over` is no value: it stands behind the arguments of a call, f(x over batch)"},
        {"f(x)(y)", 5, "cannot read `f(x)(y)`: only a plain name can be called, as in f(x)"},
        {"a.b(x)", 4, "cannot read `a.b(x)`: only a plain name can be called, as in f(x)"},
        {"X + 1", 1, "cannot read `X + 1`: `X` is no name: names have small letters, digits and _, and begin with a letter"},
        {"_x", 1, "cannot read `_x`: `_x` is no name: names have small letters, digits and _, and begin with a letter"},
        {"a.2", 2, "cannot read `a.2`: an operator is missing between `a` and `.2`"},
        {"a.", 2, "cannot read `a.`: a name is missing after `.`"},
        {"1e400", 1, "cannot read `1e400`: `1e400` is too large for a number (at most 1.8e308)"},
        {"2 * 010", 5, "cannot read `2 * 010`: `010` begins with 0, which some readers take for octal: write it without that 0, "
         "or in quotes if it is a text"},
        {"a + \"b\"", 5, "cannot read `a + \"b\"`: an expression holds no quoted texts"},
        {"${p} + 1", 1, "cannot read `${p} + 1`: `${name}` pastes a parameter into a text; in an expression write its name alone"},
        {"a; b", 2, "cannot read `a; b`: `;` cannot stand here"}, {"a + ;", 5, "cannot read `a + ;`: `;` has no meaning in an expression"},
        {"\xC3\xA9 + 1", 1, "cannot read `\xC3\xA9 + 1`: `\xC3\xA9` has no meaning in an expression"},
        {"x[0]", 2, "cannot read `x[0]`: entries are taken by pick(x, i), ranges by slice(x, from, to)"},
        {"aaaaaaaaaa + aaaaaaaaaa + aaaaaaaaaa + aaaaaaaaaa + b b + aaaaaaaaaa + aaaaaaaaaa + aaaaaaaaaa", 55,
         "cannot read `..+ aaaaaaaaaa + aaaaaaaaaa + b b + aaaaaaaaaa + aaaaaaaaaa + ..`: an operator is missing between `b` and `b`"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fenp_faults faults = {0};
        FEN_TRUE(parsed(table[i].text, &faults) == NULL);
        FEN_COUNT(faults.n, 1);
        if (faults.n) {
            FEN_TEXT(faults.at[0].text, table[i].wanted);
            fen_test_say(faults.at[0].at.column == table[i].column + 9, __LINE__, __FILE__,
             "`%s`: column %d, needed %d", table[i].text, faults.at[0].at.column - 9, table[i].column);
            FEN_COUNT(faults.at[0].at.line, 3);
        }
        fenp_faults_free(&faults);
    }
}

static void check_part(const fenp_expression *x, int first, const char *text) {
    FEN_COUNT(x->at.column, first + 10);
    FEN_COUNT(x->first, first);
    FEN_TEXT(fenp_arena_copy(&memory, x->text + x->first, (size_t)(x->last - x->first)), text);
}

static void test_places(void) {
    fenp_faults faults = {0};
    const fenp_expression *x = parsed("a + (b * cc).d - f(x, [1] over t)", &faults);
    CU_ASSERT_PTR_NOT_NULL_FATAL(x);
    check_part(x, 0, "a + (b * cc).d - f(x, [1] over t)");
    check_part(x->arg[0], 0, "a + (b * cc).d");
    check_part(x->arg[0]->arg[1], 4, "(b * cc).d");
    check_part(x->arg[0]->arg[1]->arg[0], 4, "(b * cc)");
    check_part(x->arg[0]->arg[1]->arg[0]->arg[1], 9, "cc");
    check_part(x->arg[1], 17, "f(x, [1] over t)");
    check_part(x->arg[1]->arg[1], 22, "[1]");
    FEN_TRUE(x->arg[1]->arg[1]->arg[0]->whole);
    FEN_TRUE(!parsed("1.0", &faults)->whole);
    fenp_faults_free(&faults);
}

/* `part` n times, then `last`, then `close` n times. */
static void check_depth(const char *part, const char *last, const char *close, int n, bool fine) {
    fenp_faults faults = {0};
    fenp_text text = {0};
    for (int i = 0; i < n; i++) fenp_text_add(&text, "%s", part);
    fenp_text_add(&text, "%s", last);
    for (int i = 0; i < n; i++) fenp_text_add(&text, "%s", close);
    bool got = parsed(text.at, &faults) != NULL;
    fen_test_say(got == fine && faults.n == !fine, __LINE__, __FILE__, "%d times `%s`: %s", n, part, got ? "was read" : "was refused");
    if (!fine && faults.n) FEN_TRUE(strstr(faults.at[0].text, "nested more than 200 levels deep") != NULL);
    fenp_text_free(&text);
    fenp_faults_free(&faults);
}

static void test_depth(void) {
    static const struct { const char *part, *last, *close; } table[] = {{"(", "x", ")"}, {"-", "x", ""}, {"[", "x", "]"}, {"f(", "x", ")"},
    {"x^", "x", ""}, {"x + ", "x", ""},
        {"x * ", "x", ""}, {"", "x", ".y"}, {"f(n=", "x", ")"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        check_depth(table[i].part, table[i].last, table[i].close, 190, true);
        check_depth(table[i].part, table[i].last, table[i].close, 210, false);
        check_depth(table[i].part, table[i].last, table[i].close, 20000, false);
    }
}

static void add_name(void *context, const fenp_expression *name) {
    fenp_text_add(context, "%s%s ", name->name, name->form == FENP_X_CALL ? "()" : "");
}

static void test_names(void) {
    fenp_faults faults = {0};
    fenp_text got = {0};
    fenp_expression_names(parsed("f(a.b, n=c over t) + [d, -e]^2", &faults), add_name, &got);
    FEN_TEXT(got.at, "f() a c d e ");
    FEN_TRUE(fenp_is_name("a_1") && fenp_is_name("it") && fenp_is_name("x"));
    FEN_TRUE(!fenp_is_name("") && !fenp_is_name("A") && !fenp_is_name("1a") && !fenp_is_name("_a") && !fenp_is_name("a-b"));
    fenp_text_free(&got);
}

/* -- the experiments -- */

static int seen;

static void check_text(const fenp_item *x) {
    if (x->sort != FENP_TEXT || strstr(x->text, "${")) return;
    fenp_faults faults = {0};
    fenp_expression_parse(&memory, x->text, x->at, &faults);
    fen_test_say(faults.n == 0, __LINE__, __FILE__, "%s:%d: %s", x->at.file, x->at.line, faults.n ? faults.at[0].text : "");
    seen++;
    fenp_faults_free(&faults);
}

/* Where the language has expressions: under these keys a text, the texts of a list, those of a mapping. */
static void check_expressions(const fenp_item *x, const char *key) {
    static const char *const all[] = {"graph", "minimize", "maximize", "assign", "after", "let", "expect", "in", "log_accept", "carry", "sd",
     "mean", "repeat"};
    static const char *const either[] = {"metrics", "images", "tensors"};
    bool here = false, value = false;
    for (size_t i = 0; key && i < sizeof all / sizeof *all; i++) here = here || strcmp(key, all[i]) == 0;
    for (size_t i = 0; key && i < sizeof either / sizeof *either; i++) value = value || strcmp(key, either[i]) == 0;
    if (here) check_text(x);
    for (int i = 0; i < x->n; i++) {
        const fenp_item *part = x->item[i];
        if (here || value) check_text(part);
        if (value && fenp_item_get(part, "value")) check_text(fenp_item_get(part, "value"));
        check_expressions(part, x->sort == FENP_MAPPING ? x->key[i] : NULL);
    }
}

static void test_experiments(void) {
    const char *source = getenv("FENCHEL_SRCDIR");
    char folder[4200], path[4600];
    snprintf(folder, sizeof folder, "%s/experiments", source ? source : ".");
    DIR *d = opendir(folder);
    int files = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        if (n < 6 || strcmp(e->d_name + n - 5, ".yaml") != 0) continue;
        fenp_faults faults = {0};
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        const fenp_item *x = fenp_document_read(&memory, path, &faults, (fenp_place){0});
        FEN_COUNT(faults.n, 0);
        if (x) check_expressions(x, NULL);
        files++;
    }
    if (d) closedir(d);
    FEN_TRUE(files == 0 || seen > 5 * files);
}

int main(void) {
    static const fen_test tests[] = {{"trees", test_trees}, {"messages", test_messages}, {"places", test_places}, {"depth", test_depth},
    {"names", test_names},
        {"experiments", test_experiments}, {NULL, NULL}};
    int code = fen_test_run("expression", tests);
    fenp_arena_free(&memory);
    return code;
}
