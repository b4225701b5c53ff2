/* Page of `fenchel describe NAME`: what the tables say, in the order in which a reader needs it, and an example that can be pasted. */
#include "plugin/pattern.h"
#include <string.h>

static const char *const type_text[] = {"number", "whole number", "true or false", "word", "text", "path", "shape", "table",
                                        "function", "layers", "network", "sampler", "node", "records"};

static void write_attribute(const fen_attribute *a, fenp_text *to) {
    const char *before = a->type == FEN_ATTR_WORD ? ": " : a->range ? " in " : "";
    fenp_text_add(to, "  %-14s %s%s%s", a->name, a->live ? "live " : "", type_text[a->type], before);
    for (const char *c = a->range; c && *c; c++) fenp_text_add(to, *c == '|' ? " | " : "%c", *c);
    if (a->initial) fenp_text_add(to, ", default %s", *a->initial ? a->initial : "none");
    else fenp_text_add(to, ", must be given");
    if (a->unit) fenp_text_add(to, ", in %s", a->unit);
    fenp_text_add(to, "\n  %-14s   %s\n", "", a->help);
}

static void write_port(const fen_port *p, fenp_text *to) {
    fenp_text_add(to, "  %-14s %s%s", p->name, p->shape, p->type == FEN_INTEGER ? " integers" : "");
    if (p->optional) fenp_text_add(to, ", may be left out");
    if (p->initial) fenp_text_add(to, ", default %s", p->initial);
    if (p->unit) fenp_text_add(to, ", in %s", p->unit);
    fenp_text_add(to, "\n  %-14s   %s\n", "", p->help);
}

/* "{units: .., net: ..}": what must be given, as values to be replaced. */
static void write_needed(const fen_function *f, fenp_text *to) {
    const char *comma = "";
    fenp_text_add(to, "{");
    for (const fen_attribute *a = f->attributes; a && a->name; a++) {
        if (a->initial) continue;
        fenp_text_add(to, "%s%s: ..", comma, a->name);
        comma = ", ";
    }
    fenp_text_add(to, "}");
}

/* "name(port, port)" */
static void write_call(const fen_function *f, fenp_text *to) {
    fenp_text_add(to, "%s(", f->name);
    const char *comma = "";
    for (const fen_port *p = f->inputs; p && p->name; p++) {
        if (p->optional || p->initial) continue;
        fenp_text_add(to, "%s%s", comma, p->name);
        comma = ", ";
    }
    for (const fen_attribute *a = f->attributes; a && a->name; a++) {
        if (a->initial) continue;
        fenp_text_add(to, "%s%s=..", comma, a->name);
        comma = ", ";
    }
    fenp_text_add(to, ")");
}

static void write_example(const fen_function *f, fenp_kind kind, fenp_text *to) {
    static const char *const before[FENP_KINDS] = {
        "  layers:\n    - ", "  graph:\n    d: ", "  samplers:\n    x: {", "  optimizer: {", "  metrics:\n    m: "};
    fenp_text_add(to, "\nexample\n%s", before[kind]);
    if (kind == FENP_DIVERGENCE || kind == FENP_METRIC) write_call(f, to);
    else {
        fenp_text_add(to, "%s: ", f->name);
        write_needed(f, to);
        if (kind != FENP_LAYER) fenp_text_add(to, "}");
    }
    fenp_text_add(to, "\n");
}

static void write_abilities(const fen_function *f, fenp_text *to) {
    if (f->invert) fenp_text_add(to, "invertible: inverse(network, y) runs it backwards\n");
    if (f->conjugate) fenp_text_add(to, "f-divergence: f_gan and f_value take it by name\n");
    if (!f->law) return;
    fenp_text_add(to, "law:%s%s%s%s%s\n", f->law->log_density ? " log_density" : "", f->law->cdf ? " cdf" : "", f->law->quantile ? " quantile" : "",
                  f->law->entropy ? " entropy" : "", f->law->modes ? " modes" : "");
}

void fenp_describe(const fen_function *f, fenp_kind kind, fenp_text *to) {
    fenp_text_add(to, "%s, %s %s: %s\n", f->name, kind == FENP_OPTIMIZER ? "an" : "a", fenp_kind_name[kind], f->summary);
    if (f->source) fenp_text_add(to, "source: %s\n", f->source);
    write_abilities(f, to);
    if (fenp_attributes(f->attributes)) fenp_text_add(to, "\nattributes\n");
    for (const fen_attribute *a = f->attributes; a && a->name; a++) write_attribute(a, to);
    if (fenp_ports(f->inputs)) fenp_text_add(to, "\ninputs\n");
    for (const fen_port *p = f->inputs; p && p->name; p++) write_port(p, to);
    if (fenp_ports(f->outputs)) fenp_text_add(to, "\noutputs\n");
    for (const fen_port *p = f->outputs; p && p->name; p++) write_port(p, to);
    write_example(f, kind, to);
}
