/* config/expression.c: recursive descent over the grammar of LANGUAGE 2.
 *   expr  = sum [compare sum]           sum = product {("+" | "-") product}      product = unary {("*" | "/" | "%") unary}
 *   unary = "-" unary | power           power = item ["^" unary]
 *   item  = (number | name | call | "(" expr ")" | "[" expr {"," expr} "]") {"." name}
 *   call  = name "(" [arg {"," arg}] ["over" axis {"," axis}] ")"                arg = expr | name "=" expr
 * A faulty part is NULL, and nothing more is reported: the first fault of a text is the one that counts.
 * Neither the parser's nor the tree's depth can pass DEPTH, so whoever walks the tree may recurse. */
#include "config/expression.h"
#include "config/token.h"
#include <string.h>

enum { DEPTH = 200 };

typedef struct node { fenp_expression x; int depth; } node;      /* depth of the tree below, itself included */
typedef struct parser {
    fenp_arena *memory;
    fenp_faults *faults;
    const char *text;
    fenp_place at;
    fenp_token now, before;                   /* the next word and the one before it */
    int depth;
} parser;

static node *parse_expr(parser *p);
static node *parse_unary(parser *p);

/* -- faults -- */

static fenp_place place_of(const parser *p, int byte) { return (fenp_place){p->at.file, p->at.line, p->at.column + byte}; }

/* The text, or the piece of it around the byte. */
static const char *excerpt(const parser *p, int byte) {
    int n = (int)strlen(p->text), from = byte - FENP_QUOTED / 2, to = byte + FENP_QUOTED / 2;
    while (n && strchr(" \n", p->text[n - 1])) n--;
    if (n <= FENP_QUOTED) return fenp_arena_copy(p->memory, p->text, (size_t)n);
    if (from < 0) from = 0;
    if (to > n) to = n;
    while (from > 0 && ((unsigned char)p->text[from] & 0xC0) == 0x80) from--;
    while (to < n && ((unsigned char)p->text[to] & 0xC0) == 0x80) to++;
    return fenp_arena_text(p->memory, "%s%.*s%s", from ? ".." : "", to - from, p->text + from, to < n ? ".." : "");
}

static node *fail(parser *p, int byte, const char *format, ...) __attribute__((format(printf, 3, 4)));
static node *fail(parser *p, int byte, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    const char *why = fenp_arena_vtext(p->memory, format, ap);
    va_end(ap);
    fenp_fail(p->faults, place_of(p, byte), "cannot read `%s`: %s", excerpt(p, byte), why);
    return NULL;
}

static const char *word(const parser *p, const fenp_token *t) {
    int n = t->last - t->first;
    return fenp_arena_copy(p->memory, p->text + t->first, (size_t)(n < FENP_QUOTED ? n : FENP_QUOTED));
}

/* -- words -- */

static void next(parser *p) {
    p->before = p->now;
    p->now = fenp_token_at(p->text, p->now.last);
}

static bool is(const parser *p, int mark) { return p->now.sort == FENP_T_MARK && p->now.mark == mark; }

static bool is_word(const parser *p, const char *name) {
    size_t n = strlen(name);
    return p->now.sort == FENP_T_NAME && (size_t)(p->now.last - p->now.first) == n && memcmp(p->text + p->now.first, name, n) == 0;
}

static node *fail_operand(parser *p) {
    const fenp_token *t = &p->now, *b = &p->before;
    const char *mend = fenp_token_mend(p->text, t);
    bool begin = b->last == 0, end = t->sort == FENP_T_END;
    if (begin && end) return fail(p, 0, "an expression is missing");
    if (mend) return fail(p, t->first, "%s", mend);
    if (t->sort == FENP_T_OTHER) return fail(p, t->first, "`%s` has no meaning in an expression", word(p, t));
    if (end) return fail(p, b->first, "an operand is missing after `%s`", word(p, b));
    if (begin) return fail(p, t->first, "an operand is missing before `%s`", word(p, t));
    return fail(p, t->first, "an operand is missing between `%s` and `%s`", word(p, b), word(p, t));
}

/* What stands where an operator, a comma or the end should. */
static node *fail_after(parser *p, const char *wanted) {
    const fenp_token *t = &p->now, *b = &p->before;
    const char *mend = fenp_token_mend(p->text, t);
    if (mend) return fail(p, t->first, "%s", mend);
    if (is_word(p, "over")) return fail(p, t->first, "`over` stands inside the brackets of a call: f(x over batch)");
    if (t->sort == FENP_T_END) return fail(p, b->first, "%s is missing after `%s`", wanted, word(p, b));
    if (is(p, '=')) return fail(p, t->first, "`=` names an argument inside a call; a comparison is `==`");
    if (is(p, '[')) return fail(p, t->first, "entries are taken by pick(x, i), ranges by slice(x, from, to)");
    if (is(p, '(')) return fail(p, t->first, "only a plain name can be called, as in f(x)");
    if (t->sort == FENP_T_NUMBER || t->sort == FENP_T_NAME)
        return fail(p, t->first, "an operator is missing between `%s` and `%s`", word(p, b), word(p, t));
    if (is(p, ')') || is(p, ']') || is(p, ',')) return fail(p, t->first, "`%s` has nothing that it belongs to", word(p, t));
    return fail(p, t->first, "`%s` cannot stand here", word(p, t));
}

/* -- nodes -- */

static node *make(parser *p, fenp_form form, int first, int last) {
    node *x = fenp_arena_new(p->memory, sizeof *x);
    x->x = (fenp_expression){.form = form, .at = place_of(p, first), .first = first, .last = last, .text = p->text};
    x->depth = 1;
    return x;
}

static node *too_deep(parser *p, int byte) {
    return fail(p, byte, "it is nested more than %d levels deep: give parts of it names of their own", DEPTH);
}

/* Adds an argument; false: the tree became too deep. */
static bool take(parser *p, node *x, node *argument, const char *name) {
    int n = x->x.n;
    if (!(n & (n - 1))) {
        size_t room = n ? 2 * (size_t)n : 1;
        fenp_expression **arg = fenp_arena_new(p->memory, room * sizeof *arg);
        const char **names = fenp_arena_new(p->memory, room * sizeof *names);
        for (int i = 0; i < n; i++) arg[i] = x->x.arg[i], names[i] = x->x.arg_name[i];
        x->x.arg = arg;
        x->x.arg_name = names;
    }
    x->x.arg[n] = &argument->x;
    x->x.arg_name[n] = name;
    x->x.n++;
    if (argument->depth >= x->depth) x->depth = argument->depth + 1;
    if (x->depth > DEPTH) too_deep(p, argument->x.first);
    return x->depth <= DEPTH;
}

static node *binary(parser *p, fenp_form form, node *a, node *b) {
    if (!a || !b) return NULL;
    node *x = make(p, form, a->x.first, b->x.last);
    return take(p, x, a, NULL) && take(p, x, b, NULL) ? x : NULL;
}

/* -- items -- */

static node *parse_number(parser *p) {
    node *x = make(p, FENP_X_NUMBER, p->now.first, p->now.last);
    const char *refusal = fenp_number_value(p->text + p->now.first, (size_t)(p->now.last - p->now.first), &x->x.number, &x->x.whole);
    if (refusal) return fail(p, p->now.first, "`%s` %s", word(p, &p->now), refusal);
    next(p);
    return x;
}

/* The name that stands here, in the arena; NULL has recorded the fault. */
static const char *take_name(parser *p, const char *what) {
    if (p->now.sort != FENP_T_NAME) {
        if (p->now.sort == FENP_T_END) fail(p, p->before.first, "%s is missing after `%s`", what, word(p, &p->before));
        else fail(p, p->now.first, "%s is missing before `%s`", what, word(p, &p->now));
        return NULL;
    }
    const char *name = fenp_arena_copy(p->memory, p->text + p->now.first, (size_t)(p->now.last - p->now.first));
    if (!fenp_is_name(name)) {
        fail(p, p->now.first, "`%s` is no name: names have small letters, digits and _, and begin with a letter", word(p, &p->now));
        return NULL;
    }
    next(p);
    return name;
}

static bool parse_axes(parser *p, fenp_expression *call) {
    next(p);
    int room = 0;
    for (;;) {
        int byte = p->now.first;
        const char *axis = take_name(p, "an axis");
        if (!axis) return false;
        if (is(p, '=')) return fail(p, byte, "`%s=` stands after `over`: arguments come before it", axis), false;
        for (int i = 0; i < call->overs; i++)
            if (strcmp(call->over[i], axis) == 0) return fail(p, byte, "axis `%s` stands twice", axis), false;
        if (call->overs == room) {
            const char **wider = fenp_arena_new(p->memory, (size_t)(room = 2 * room + 2) * sizeof *wider);
            for (int i = 0; i < call->overs; i++) wider[i] = call->over[i];
            call->over = wider;
        }
        call->over[call->overs++] = axis;
        if (!is(p, ',')) return true;
        next(p);
    }
}

/* One argument; its name, if it has one, ends up in *name. */
static node *parse_argument(parser *p, const fenp_expression *call, const char **name) {
    fenp_token first = p->now, after = fenp_token_at(p->text, p->now.last);
    *name = NULL;
    if (first.sort == FENP_T_NAME && after.sort == FENP_T_MARK && after.mark == '=') {
        if (!(*name = take_name(p, "a name"))) return NULL;
        next(p);
        for (int i = 0; i < call->n; i++)
            if (call->arg_name[i] && strcmp(call->arg_name[i], *name) == 0) return fail(p, first.first, "argument `%s` stands twice", *name);
        return parse_expr(p);
    }
    node *x = parse_expr(p);
    bool late = x && call->n && call->arg_name[call->n - 1];
    if (!late) return x;
    return fail(p, x->x.first, "`%.*s` stands behind `%s=`: arguments without a name come first", x->x.last - x->x.first, p->text + x->x.first,
                call->arg_name[call->n - 1]);
}

static bool parse_arguments(parser *p, node *call) {
    while (!is_word(p, "over")) {
        const char *name;
        node *argument = parse_argument(p, &call->x, &name);
        if (!argument || !take(p, call, argument, name)) return false;
        if (is(p, ')') || is_word(p, "over")) return true;
        if (!is(p, ',')) return fail_after(p, "`)`"), false;
        next(p);
    }
    if (p->before.mark == ',') return fail_operand(p), false;
    return true;
}

static node *parse_call(parser *p, node *call) {
    static const char *const values[] = {"it", "step", "epoch", "pi"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i], call->x.name) == 0) return fail(p, call->x.first, "`%s` is a value and cannot be called", call->x.name);
    call->x.form = FENP_X_CALL;
    next(p);
    if (!is(p, ')') && !parse_arguments(p, call)) return NULL;
    if (is_word(p, "over") && !parse_axes(p, &call->x)) return NULL;
    if (!is(p, ')')) return fail_after(p, "`)`");
    call->x.last = p->now.last;
    next(p);
    return call;
}

static node *parse_name(parser *p) {
    const char *mend = fenp_token_mend(p->text, &p->now);
    if (mend) return fail(p, p->now.first, "%s", mend);
    if (is_word(p, "over")) return fail(p, p->now.first, "`over` is no value: it stands behind the arguments of a call, f(x over batch)");
    node *x = make(p, FENP_X_NAME, p->now.first, p->now.last);
    x->x.name = take_name(p, "a name");
    if (!x->x.name) return NULL;
    return is(p, '(') ? parse_call(p, x) : x;
}

/* The brackets belong to the part that they enclose, so that its text can be quoted whole. */
static node *parse_brackets(parser *p) {
    int first = p->now.first;
    next(p);
    node *x = parse_expr(p);
    if (!x) return NULL;
    if (!is(p, ')')) return fail_after(p, "`)`");
    x->x.first = first;
    x->x.last = p->now.last;
    x->x.at = place_of(p, first);
    next(p);
    return x;
}

static node *parse_list(parser *p) {
    node *list = make(p, FENP_X_LIST, p->now.first, p->now.last);
    do {
        next(p);
        node *x = parse_expr(p);
        if (!x || !take(p, list, x, NULL)) return NULL;
    } while (is(p, ','));
    if (!is(p, ']')) return fail_after(p, "`]`");
    list->x.last = p->now.last;
    next(p);
    return list;
}

static node *parse_dots(parser *p, node *x) {
    while (x && is(p, '.')) {
        next(p);
        node *dot = make(p, FENP_X_DOT, x->x.first, p->now.last);
        dot->x.name = take_name(p, "a name");
        x = dot->x.name && take(p, dot, x, NULL) ? dot : NULL;
    }
    return x;
}

static node *parse_item(parser *p) {
    if (p->now.sort == FENP_T_NUMBER) return parse_dots(p, parse_number(p));
    if (p->now.sort == FENP_T_NAME) return parse_dots(p, parse_name(p));
    if (is(p, '(')) return parse_dots(p, parse_brackets(p));
    if (is(p, '[')) return parse_dots(p, parse_list(p));
    return fail_operand(p);
}

/* -- operators -- */

static node *parse_power(parser *p) {
    node *x = parse_item(p);
    if (!x || !is(p, '^')) return x;
    next(p);
    return binary(p, FENP_X_POWER, x, parse_unary(p));
}

static node *parse_negative(parser *p) {
    int first = p->now.first;
    next(p);
    node *of = parse_unary(p);
    if (!of) return NULL;
    node *x = make(p, FENP_X_NEGATE, first, of->x.last);
    return take(p, x, of, NULL) ? x : NULL;
}

/* Every way to deeper nesting comes through here. */
static node *parse_unary(parser *p) {
    if (p->depth >= DEPTH) return too_deep(p, p->now.first);
    p->depth++;
    node *x = is(p, '-') ? parse_negative(p) : parse_power(p);
    p->depth--;
    return x;
}

static node *parse_product(parser *p) {
    node *x = parse_unary(p);
    while (x && (is(p, '*') || is(p, '/') || is(p, '%'))) {
        fenp_form form = is(p, '*') ? FENP_X_MULTIPLY : is(p, '/') ? FENP_X_DIVIDE : FENP_X_REMAINDER;
        next(p);
        x = binary(p, form, x, parse_unary(p));
    }
    return x;
}

static node *parse_sum(parser *p) {
    node *x = parse_product(p);
    while (x && (is(p, '+') || is(p, '-'))) {
        fenp_form form = is(p, '+') ? FENP_X_ADD : FENP_X_SUBTRACT;
        next(p);
        x = binary(p, form, x, parse_product(p));
    }
    return x;
}

static bool comparison(const parser *p, fenp_form *form) {
    static const struct { int mark; fenp_form form; } table[] = {
        {'<', FENP_X_LESS}, {'<' + FENP_T_OR_EQUAL, FENP_X_LESS_EQUAL}, {'>', FENP_X_GREATER}, {'>' + FENP_T_OR_EQUAL, FENP_X_GREATER_EQUAL},
        {'=' + FENP_T_OR_EQUAL, FENP_X_EQUAL}, {'!' + FENP_T_OR_EQUAL, FENP_X_UNEQUAL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (is(p, table[i].mark)) return *form = table[i].form, true;
    return false;
}

static node *parse_expr(parser *p) {
    fenp_form form;
    node *x = parse_sum(p);
    if (!x || !comparison(p, &form)) return x;
    next(p);
    x = binary(p, form, x, parse_sum(p));
    if (x && comparison(p, &form)) return fail(p, p->now.first, "comparisons do not chain: multiply two of them, (a < b) * (b < c)");
    return x;
}

/* -- the outside -- */

fenp_expression *fenp_expression_parse(fenp_arena *memory, const char *text, fenp_place at, fenp_faults *faults) {
    parser p = {.memory = memory, .faults = faults, .text = fenp_arena_copy(memory, text, strlen(text)), .at = at};
    p.now = fenp_token_at(p.text, 0);
    node *x = parse_expr(&p);
    if (!x) return NULL;
    if (p.now.sort != FENP_T_END) return fail_after(&p, "the end"), NULL;
    return &x->x;
}

void fenp_expression_names(const fenp_expression *x, void (*each)(void *context, const fenp_expression *name), void *context) {
    if (x->form == FENP_X_NAME || x->form == FENP_X_CALL) each(context, x);
    for (int i = 0; i < x->n; i++) fenp_expression_names(x->arg[i], each, context);
}

bool fenp_is_name(const char *text) {
    if (*text < 'a' || *text > 'z') return false;
    for (; *text; text++)
        if (!(*text >= 'a' && *text <= 'z') && !(*text >= '0' && *text <= '9') && *text != '_') return false;
    return true;
}
