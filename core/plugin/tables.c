/* Whether the tables of a function can be believed: run over every function when its module is opened, so that no later stage
 * meets a range or port shape that cannot be read, an attribute without help, or an optimizer without gradient. */
#include "plugin/pattern.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool empty(const char *text) { return !text || !*text; }

/* "file": where in the tables. */
static const char *say(fenp_arena *memory, const fen_function *f, const char *kind, const char *name, const char *what) {
    return fenp_arena_text(memory, "%s, %s `%s` %s", f->name, kind, name ? name : "", what);
}

static const char *number_refuses(const fen_attribute *a) {
    fenp_range r = {-INFINITY, INFINITY, false, false};
    if (a->range && !fenp_range_read(a->range, &r)) return "has a range that cannot be read; needs a form such as [1, inf) or (0, 1]";
    if (!a->initial) return NULL;
    char *end;
    double x = strtod(a->initial, &end);
    if (end == a->initial || *end || isnan(x)) return "has an initial value that is no number";
    if (a->type == FEN_ATTR_INT && x != floor(x)) return "has an initial value that is no whole number";
    return fenp_range_has(&r, x) ? NULL : "has an initial value outside its range";
}

static const char *word_refuses(const fen_attribute *a) {
    if (empty(a->range)) return "is a word without a range; needs a form such as alternate|channel";
    return a->initial && !fenp_word_listed(a->range, a->initial, strlen(a->initial)) ? "has an initial value outside its range" : NULL;
}

static const char *truth_refuses(const fen_attribute *a) {
    bool good = !a->initial || strcmp(a->initial, "true") == 0 || strcmp(a->initial, "false") == 0;
    return good ? NULL : "has an initial value that is neither true nor false";
}

/* "[28, 28]": sizes, or none. */
static const char *shape_refuses(const fen_attribute *a) {
    const char *s = a->initial, *wrong = "has an initial value that is no shape; needs a form such as [28, 28]";
    if (!s || strcmp(s, "[]") == 0) return NULL;
    if (*s != '[') return wrong;
    do {
        s += 1 + strspn(s + 1, " ");
        size_t n = strspn(s, "0123456789");
        if (!n || n > 9 || *s == '0') return wrong;
        s += n + strspn(s + n, " ");
    } while (*s == ',');
    return strcmp(s, "]") == 0 ? NULL : wrong;
}

/* A function by its name alone, or with attributes: "zeros", "{normal: {sd: 0.02}}". */
static const char *function_refuses(const fen_attribute *a) {
    if (!a->initial || strcmp(a->initial, "none") == 0 || a->initial[0] == '{' || !fenp_name_refuses(a->initial)) return NULL;
    return "has an initial value that is no function; needs a form such as zeros, {normal: {sd: 0.02}} or none";
}

static const char *bracket_refuses(const fen_attribute *a) {
    const char *s = a->initial, first = a->type == FEN_ATTR_RECORDS ? '{' : '[';
    size_t n = s ? strlen(s) : 0;
    bool closed = n > 1 && ((s[0] == '[' && s[n - 1] == ']') || (s[0] == '{' && s[n - 1] == '}'));
    if (!s || (closed && (s[0] == first || a->type == FEN_ATTR_RECORDS))) return NULL;
    return a->type == FEN_ATTR_RECORDS ? "has an initial value that is no table of records; needs a form such as {}"
                                       : "has an initial value that is no list; needs a form such as [0, 1]";
}

static const char *initial_refuses(const fen_attribute *a) {
    switch (a->type) {
    case FEN_ATTR_REAL: case FEN_ATTR_INT: return number_refuses(a);
    case FEN_ATTR_WORD: return word_refuses(a);
    case FEN_ATTR_BOOL: return truth_refuses(a);
    case FEN_ATTR_SHAPE: return shape_refuses(a);
    case FEN_ATTR_FUNCTION: return function_refuses(a);
    case FEN_ATTR_TABLE: case FEN_ATTR_LAYERS: case FEN_ATTR_RECORDS: return bracket_refuses(a);
    case FEN_ATTR_TEXT: case FEN_ATTR_PATH: case FEN_ATTR_NETWORK: case FEN_ATTR_SAMPLER: case FEN_ATTR_NODE: return NULL;
    }
    return "has a type that does not exist";
}

static const char *port_name_refuses(const char *name) {
    if (!fenp_good_name(name)) return "has a name that is not [a-z][a-z0-9_]*";
    return fenp_is_field(name) ? "has a name that the language keeps for itself" : NULL;
}

static const char *attribute_refuses(const fen_attribute *a) {
    const char *why = port_name_refuses(a->name);
    if (why) return why;
    if (empty(a->help)) return "has no help";
    if (a->live && a->type != FEN_ATTR_REAL && a->type != FEN_ATTR_INT) return "is live; only numbers can be";
    return initial_refuses(a);
}

static const char *attributes_refuse(const fen_function *f, fenp_arena *memory) {
    for (const fen_attribute *a = f->attributes; a && a->name; a++) {
        int first = 0;
        const char *why = attribute_refuses(a);
        if (!why && fenp_attribute(f, a->name, &first) && f->attributes + first != a) why = "stands twice";
        if (why) return say(memory, f, "attribute", a->name, why);
    }
    return NULL;
}

static const char *port_refuses(const fen_function *f, const fen_port *p, bool output) {
    fenp_pattern shape;
    const char *why = output && strcmp(p->name, "*") == 0 ? NULL : port_name_refuses(p->name);
    if (why) return why;
    if (!output && fenp_attribute(f, p->name, NULL)) return "has the name of an attribute";
    if (empty(p->shape) || !fenp_pattern_read(p->shape, &shape)) return "has a shape that cannot be read; needs a form such as [...; ..., C]";
    if (p->optional && p->initial) return "is optional and has an initial value; needs one of the two";
    if (empty(p->help)) return "has no help";
    for (int i = 0; i < shape.n; i++) {
        const fen_attribute *a = shape.size[i].kind == FENP_SIZE_ATTRIBUTE ? fenp_attribute(f, shape.size[i].name, NULL) : NULL;
        if (shape.size[i].kind == FENP_SIZE_ATTRIBUTE && (!a || a->type != FEN_ATTR_INT))
            return "names a size that is no attribute with a whole number";
    }
    return NULL;
}

static const char *ports_refuse(const fen_function *f, const fen_port *table, bool output, fenp_arena *memory) {
    for (const fen_port *p = table; p && p->name; p++) {
        int first = 0;
        const char *why = port_refuses(f, p, output);
        if (!why && fenp_port(table, p->name, &first) && table + first != p) why = "stands twice";
        if (why) return say(memory, f, output ? "output" : "input", p->name, why);
    }
    return NULL;
}

/* Exactly one way in which its value is made. */
static const char *body_refuses(const fen_function *f) {
    if ((f->draws != NULL) + (f->moves != NULL) > 1 || ((f->draws || f->moves) && f->build)) return "has several of build, draws and moves";
    if (f->draws && !f->draws->open) return "has draws without open";
    if (f->moves && (!f->moves->open || !f->moves->advance)) return "has moves without open or advance";
    if (f->fold && (!f->fold->start || !f->fold->add || !f->fold->finish)) return "has a fold without start, add or finish";
    if (f->conjugate && (!f->conjugate->f || !f->conjugate->slope || !f->conjugate->conjugate || !f->conjugate->activation))
        return "has a conjugate without one of its four functions";
    if (!f->build && !f->draws && !f->moves && !f->fold && !f->conjugate)
        return "has nothing that makes its value; needs build, draws, moves, fold or conjugate";
    if (fenp_ports(f->outputs) == 0 && (f->build || f->draws || f->moves || f->fold)) return "has no outputs";
    return f->invert && fenp_ports(f->inputs) == 0 ? "has invert and no input" : NULL;
}

/* What only one kind of function can have. */
static const char *kind_refuses(const fen_function *f, fenp_kind kind) {
    const struct { bool has; fenp_kind of; const char *says; } row[] = {
        {f->invert, FENP_LAYER, "has invert; only a layer can"},
        {f->conjugate, FENP_DIVERGENCE, "has a conjugate; only a divergence can"},
        {f->law, FENP_SAMPLER, "has a law; only a sampler can"},
        {f->draws, FENP_SAMPLER, "has draws; only a sampler can"},
        {f->moves, FENP_SAMPLER, "has moves; only a sampler can"},
        {f->fold, FENP_METRIC, "has a fold; only a metric can"},
        {f->flags & FEN_PER_ELEMENT, FENP_OPTIMIZER, "has the flag FEN_PER_ELEMENT; only an optimizer can"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (row[i].has && kind != row[i].of) return row[i].says;
    if (f->flags & ~(unsigned)FEN_PER_ELEMENT) return "has flags that do not exist; needs 0 or FEN_PER_ELEMENT";
    const fen_law *l = f->law;
    if (l && !l->log_density && !l->cdf && !l->quantile && !l->entropy && !l->modes) return "has a law without any of its functions";
    if (f->fold && !f->build && fenp_ports(f->inputs) == 0) return "has a fold and nothing to add up; needs inputs, or a build that feeds it";
    if (kind != FENP_OPTIMIZER) return NULL;
    const fen_port *p = f->inputs;                                   /* the host fills the first two */
    bool fits = fenp_ports(p) > 1 && strcmp(p[0].name, "parameter") == 0 && strcmp(p[1].name, "gradient") == 0;
    if (fits && fenp_port(f->outputs, "next", NULL)) return NULL;
    return "is an optimizer; needs the inputs parameter and gradient, in this order, and the output next";
}

static const char *own_name_refuses(const fen_function *f, fenp_kind kind) {
    bool of_one_value;
    const char *why = fenp_name_refuses(f->name);
    return why && kind == FENP_LAYER && fenp_is_function(f->name, &of_one_value) && of_one_value ? NULL : why;
}

const char *fenp_function_refuses(const fen_function *f, fenp_kind kind, fenp_arena *memory) {
    const char *why = own_name_refuses(f, kind);
    if (why) return fenp_arena_text(memory, "its name `%.80s` %s", f->name ? f->name : "", why);
    if (empty(f->summary)) return fenp_arena_text(memory, "%s has no summary", f->name);
    if ((why = body_refuses(f)) || (why = kind_refuses(f, kind))) return fenp_arena_text(memory, "%s %s", f->name, why);
    if ((why = attributes_refuse(f, memory))) return why;
    if ((why = ports_refuse(f, f->inputs, false, memory))) return why;
    return ports_refuse(f, f->outputs, true, memory);
}

/* The rules of fenchel/op.h: how it computes, and from how many inputs. A gradient through it is asked for later, or never. */
const char *fenp_op_refuses(const fen_op *op, fenp_arena *memory) {
    bool tile = op->tile[0] || op->tile[1], run = op->run[0] || op->run[1];
    const char *why;
    if (!fenp_good_name(op->name)) return fenp_arena_text(memory, "its name `%.80s` is not [a-z][a-z0-9_]*", op->name ? op->name : "");
    if (!op->shape) why = "has no shape rule";
    else if (op->arity < -1 || op->arity == 0) why = "has an arity that cannot be; needs 1 or more, or -1 for any";
    else if (tile && run) why = "has tile and run; needs one of them";
    else if (!(op->flags & FEN_VIEW) && !(op->tile[0] && op->tile[1]) && !(op->run[0] && op->run[1]))
        why = "has no kernel in both precisions; needs tile or run, for single and for double";
    else if (op->flags & ~(unsigned)(FEN_VIEW | FEN_FLAT)) why = "has flags that do not exist; needs FEN_VIEW, FEN_FLAT or 0";
    else why = NULL;
    return why ? fenp_arena_text(memory, "%s %s", op->name, why) : NULL;
}
