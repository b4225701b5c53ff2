/* Port shapes: "[...; ..., C]" read as data, and values matched to them within one call. */
#include "plugin/pattern.h"
#include "ops/ops.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The next element of a list that ends at `close`: text[0..n) without blanks. NULL behind the last one. */
static const char *next_element(const char *s, const char *close, const char **text, size_t *n) {
    if (s > close) return NULL;
    const char *end = s + strcspn(s, ",;]");
    if (end > close) end = close;
    while (s < end && *s == ' ') s++;
    const char *last = end;
    while (last > s && last[-1] == ' ') last--;
    *text = s;
    *n = (size_t)(last - s);
    return end + 1;
}

static bool name_like(const char *s, size_t n) {
    return n > 0 && n < 32 && s[0] >= 'a' && s[0] <= 'z' && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") >= n;
}

static bool read_size(const char *s, size_t n, fenp_size *to) {
    *to = (fenp_size){.kind = FENP_SIZE_NUMBER};
    if (n == 1 && *s >= 'A' && *s <= 'Z') to->kind = FENP_SIZE_LETTER;
    else if (name_like(s, n)) to->kind = FENP_SIZE_ATTRIBUTE;
    else if (n == 0 || n > 9 || strspn(s, "0123456789") < n) return false;
    else to->number = strtol(s, NULL, 10);
    memcpy(to->name, s, n);
    return to->kind != FENP_SIZE_NUMBER || to->number > 0;
}

static bool read_leads(const char *s, const char *close, fenp_pattern *p) {
    const char *text;
    size_t n;
    if (!next_element(s, close, &text, &n)) return false;
    if (n == 0) return true;
    if (n < 3 || strncmp(text + n - 3, "...", 3) != 0) return false;
    p->leads = true;
    if (n > 3 && !name_like(text, n - 3)) return false;
    memcpy(p->lead, text, n - 3);
    return true;
}

bool fenp_pattern_read(const char *text, fenp_pattern *p) {
    *p = (fenp_pattern){0};
    const char *middle = strchr(text, ';'), *close = strchr(text, ']'), *s, *element;
    size_t n;
    if (text[0] != '[' || !middle || !close || close < middle || close[1] || memchr(text, ',', (size_t)(middle - text))) return false;
    if (!read_leads(text + 1, middle, p)) return false;
    for (s = middle + 1; (s = next_element(s, close, &element, &n));) {
        if (n == 0) return p->n == 0 && !p->run && s > close;        /* "[...;]": no features */
        if (n == 3 && strncmp(element, "...", 3) == 0) {
            if (p->run) return false;
            p->run = true;
            p->before = p->n;
        } else if (p->n == FEN_MAX_RANK || !read_size(element, n, &p->size[p->n++])) return false;
    }
    if (!p->run) p->before = p->n;
    return true;
}

/* The size that is known for s by now; 0: none. */
static int64_t known_size(const fenp_match *m, const fenp_size *s) {
    if (s->kind == FENP_SIZE_NUMBER) return s->number;
    if (s->kind == FENP_SIZE_LETTER) return m->letter[s->name[0] - 'A'];
    int64_t n = m->attribute ? m->attribute(m->context, s->name) : 0;
    return n > 0 ? n : 0;
}

/* "a value [...; ..., C = 3]": the pattern with what is known by now. */
static const char *needed(const fenp_match *m, const fenp_pattern *p, fenp_arena *memory) {
    char *text = fenp_arena_text(memory, "[%s%s;", p->lead, p->leads ? "..." : "");
    for (int i = 0; i <= p->n; i++) {
        if (i == p->before && p->run) text = fenp_arena_text(memory, "%s%s...", text, i ? ", " : " ");
        if (i == p->n) break;
        int64_t size = known_size(m, &p->size[i]);
        bool known = size && p->size[i].kind != FENP_SIZE_NUMBER;
        text = fenp_arena_text(memory, "%s%s%s", text, i || (p->run && p->before == 0) ? ", " : " ", p->size[i].name);
        if (known) text = fenp_arena_text(memory, "%s = %lld", text, (long long)size);
    }
    return fenp_arena_text(memory, "a value %s]", text);
}

/* Binds letters and compares; features: n sizes. */
static bool match_features(fenp_match *m, const fenp_pattern *p, const int64_t *size, int n) {
    if (p->run ? n < p->n : n != p->n) return false;
    fenp_match found = *m;
    for (int i = 0; i < p->n; i++) {
        int64_t given = size[i < p->before ? i : n - p->n + i], want = known_size(&found, &p->size[i]);
        if (want && want != given) return false;
        if (p->size[i].kind == FENP_SIZE_LETTER) found.letter[p->size[i].name[0] - 'A'] = given;
    }
    *m = found;
    return true;
}

/* x in the type of the port; NULL: it has another one. A whole constant may stand for an integer, an integer for a real. */
static fen_node *of_type(fen_builder *b, fen_node *x, fen_type type) {
    double value;
    if (x->type == type) return x;
    if (type == FEN_REAL) return fenp_to_real(b, x);
    return fenp_constant(x, &value) && value == floor(value) ? fenp_to_integer(b, x) : NULL;
}

const char *fenp_port_refuses(fenp_match *m, const fen_port *port, fen_builder *b, fen_node *x, fen_node **x_out) {
    fenp_pattern p;
    *x_out = x;
    if (fenp_is_faulty(b, x) || !fenp_pattern_read(port->shape, &p)) return NULL;
    int features = x->shape.rank - x->shape.leads;
    if (features == 0 && p.n > 0) x = fen_reshape(b, x, fen_vector(1));
    if (!p.run && p.n == 0 && features > 0 && fen_row_size(&x->shape) == 1) x = fen_reshape(b, x, fen_features(0, NULL));
    if (!p.leads && x->shape.leads > 0) return needed(m, &p, &b->graph.memory);
    if (!match_features(m, &p, x->shape.size + x->shape.leads, x->shape.rank - x->shape.leads)) return needed(m, &p, &b->graph.memory);
    *x_out = of_type(b, x, port->type);
    if (*x_out) return NULL;
    *x_out = x;
    return "integers, such as labels or indices";
}

bool fenp_port_features(const fenp_match *m, const fen_port *port, int *n, int64_t *size) {
    fenp_pattern p;
    if (!fenp_pattern_read(port->shape, &p) || p.run) return false;
    *n = p.n;
    for (int i = 0; i < p.n; i++)
        if (!(size[i] = known_size(m, &p.size[i]))) return false;
    return true;
}
