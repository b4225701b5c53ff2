/* Whether the tables of a function can be believed: run over every function when its module is opened, so that no later stage
 * meets a range or port shape that cannot be read, or an attribute without help. */
#include "plugin/pattern.h"
#include <stdlib.h>
#include <string.h>

static bool empty(const char *text) { return !text || !*text; }

/* Words that stand beside every function in a file. */
static const char *const reserved[] = {"in", "as", "axes", "draw", "mode", "with", "use", "copy", "it", "step", "epoch", "pi", "over", NULL};

static bool good_name(const char *name) {
    size_t n = name ? strlen(name) : 0;
    return n > 0 && n < 64 && name[0] >= 'a' && name[0] <= 'z' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}
static bool is_reserved(const char *name) {
    for (int i = 0; reserved[i]; i++)
        if (strcmp(reserved[i], name) == 0) return true;
    return false;
}

/* "file": where in the tables. */
static const char *say(fenp_arena *memory, const fen_function *f, const char *kind, const char *name, const char *what) {
    return fenp_arena_text(memory, "%s, %s `%s` %s", f->name, kind, name ? name : "", what);
}

static const char *number_refuses(const fen_attribute *a) {
    fenp_range r;
    if (a->range && !fenp_range_read(a->range, &r)) return "has a range that cannot be read; needs a form such as [1, inf) or (0, 1]";
    if (!a->initial || !a->range) return NULL;
    char *end;
    double x = strtod(a->initial, &end);
    return *end || fenp_range_has(&r, x) ? NULL : "has an initial value outside its range";
}

static const char *word_refuses(const fen_attribute *a) {
    if (empty(a->range)) return "is a word without a range; needs a form such as alternate|channel";
    return a->initial && !fenp_word_listed(a->range, a->initial, strlen(a->initial)) ? "has an initial value outside its range" : NULL;
}

static const char *attribute_refuses(const fen_attribute *a) {
    if (!good_name(a->name)) return "has a name that is not [a-z][a-z0-9_]*";
    if (is_reserved(a->name)) return "has a name that the language keeps for itself";
    if (empty(a->help)) return "has no help";
    if (a->live && a->type != FEN_ATTR_REAL && a->type != FEN_ATTR_INT) return "is live; only numbers can be";
    switch (a->type) {
    case FEN_ATTR_REAL: case FEN_ATTR_INT: return number_refuses(a);
    case FEN_ATTR_WORD: return word_refuses(a);
    case FEN_ATTR_BOOL: return a->initial && strcmp(a->initial, "true") != 0 && strcmp(a->initial, "false") != 0
        ? "has an initial value that is neither true nor false" : NULL;
    case FEN_ATTR_SHAPE: return a->initial && a->initial[0] != '[' ? "has an initial value that is no shape; needs a form such as [28, 28]" : NULL;
    case FEN_ATTR_TEXT: case FEN_ATTR_PATH: case FEN_ATTR_TABLE: case FEN_ATTR_FUNCTION: case FEN_ATTR_LAYERS:
    case FEN_ATTR_NETWORK: case FEN_ATTR_SAMPLER: case FEN_ATTR_NODE: case FEN_ATTR_RECORDS: return NULL;
    }
    return "has a type that does not exist";
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
    bool open = output && strcmp(p->name, "*") == 0;
    if (!open && (!good_name(p->name) || is_reserved(p->name)))
        return "has a name that is not [a-z][a-z0-9_]*, or that the language keeps for itself";
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

const char *fenp_function_refuses(const fen_function *f, fenp_arena *memory) {
    if (!good_name(f->name)) return fenp_arena_text(memory, "its name `%s` is not [a-z][a-z0-9_]*", f->name ? f->name : "");
    if (empty(f->summary)) return fenp_arena_text(memory, "%s has no summary", f->name);
    const char *why = body_refuses(f);
    if (why) return fenp_arena_text(memory, "%s %s", f->name, why);
    if ((why = attributes_refuse(f, memory))) return why;
    if ((why = ports_refuse(f, f->inputs, false, memory))) return why;
    return ports_refuse(f, f->outputs, true, memory);
}
