/* The verbs about attributes: values that the language has checked before. Where it has complained of one, they answer 1, an
 * empty text, or the faulty value, so that no plugin divides by zero or loops without end. */
#include "plugin/call.h"
#include "plugin/pattern.h"
#include <string.h>

static const char *const type_name[] = {"real", "int", "bool", "word", "text", "path", "shape", "table",
                                        "function", "layers", "network", "sampler", "node", "records"};

/* The argument of that name whose type is in the mask; NULL has recorded the plugin's fault. */
static const fenp_argument *find(const fen_builder *b, const char *name, unsigned types, const fen_attribute **declared) {
    const fenp_call *c = b->call;
    int i;
    name = fenp_text_given(name);
    const fen_attribute *a = c ? fenp_attribute(c->function, name, &i) : NULL;
    const char *who = c ? c->function->name : "(none)";
    if (!a) fenp_fail(b->faults, b->place, "plugin %s asks for attribute `%s` that it does not declare", who, name);
    else if (!(types >> a->type & 1))
        fenp_fail(b->faults, b->place, "plugin %s asks for attribute `%s` as if it were not of type %s", who, name, type_name[a->type]);
    else if (c->argument) {
        if (declared) *declared = a;
        return &c->argument[i];
    }
    return NULL;
}

const fenp_argument *fenp_call_argument(const fen_builder *b, const char *name, fen_attr_type type) { return find(b, name, 1u << type, NULL); }

/* `axes` is an attribute that the host adds to samplers. */
bool fen_attr_given(fen_builder *b, const char *name) {
    if (b->call && b->call->draws && strcmp(fenp_text_given(name), "axes") == 0) return b->call->axes_said;
    const fenp_argument *a = find(b, name, ~0u, NULL);
    return a && a->given;
}

/* A value outside the range was complained of before. */
static bool in_range(const fen_attribute *a, double value) {
    fenp_range r;
    return !a->range || !fenp_range_read(a->range, &r) || fenp_range_has(&r, value);
}

double fen_attr_real(fen_builder *b, const char *name) {
    const fen_attribute *declared;
    const fenp_argument *a = find(b, name, 1u << FEN_ATTR_REAL, &declared);
    return a && in_range(declared, a->real) ? a->real : 1;
}

int64_t fen_attr_int(fen_builder *b, const char *name) {
    const fen_attribute *declared;
    const fenp_argument *a = find(b, name, 1u << FEN_ATTR_INT, &declared);
    return a && (a->given || declared->initial) && in_range(declared, (double)a->whole) ? a->whole : 1;
}

bool fen_attr_bool(fen_builder *b, const char *name) {
    const fenp_argument *a = find(b, name, 1u << FEN_ATTR_BOOL, NULL);
    return a && a->whole;
}

const char *fen_attr_word(fen_builder *b, const char *name) {
    const fenp_argument *a = find(b, name, 1u << FEN_ATTR_WORD | 1u << FEN_ATTR_TEXT | 1u << FEN_ATTR_PATH, NULL);
    return a && a->text ? a->text : "";
}

fen_shape fen_attr_shape(fen_builder *b, const char *name) {
    const fenp_argument *a = find(b, name, 1u << FEN_ATTR_SHAPE, NULL);
    return a ? a->shape : fen_features(0, NULL);
}

fen_node *fen_attr_node(fen_builder *b, const char *name) {
    const fen_attribute *declared;
    const fenp_argument *a = find(b, name, 1u << FEN_ATTR_REAL | 1u << FEN_ATTR_INT | 1u << FEN_ATTR_TABLE | 1u << FEN_ATTR_NODE, &declared);
    if (!a) return b->faulty;
    if (a->node) return a->node;
    if (declared->type == FEN_ATTR_REAL) return fenp_number(b, a->real);
    if (declared->type == FEN_ATTR_INT) return fenp_number(b, (double)a->whole);
    return b->faulty;
}
