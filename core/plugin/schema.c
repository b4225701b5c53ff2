/* Looking up in the tables of a function, and ranges: "[1, inf)" for numbers, "a|b|c" for words. */
#include "plugin/pattern.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int fenp_ports(const fen_port *p) {
    int n = 0;
    while (p && p[n].name) n++;
    return n;
}
int fenp_attributes(const fen_attribute *a) {
    int n = 0;
    while (a && a[n].name) n++;
    return n;
}

const fen_attribute *fenp_attribute(const fen_function *f, const char *name, int *i) {
    for (int k = 0; k < fenp_attributes(f->attributes); k++)
        if (strcmp(f->attributes[k].name, name) == 0) {
            if (i) *i = k;
            return &f->attributes[k];
        }
    return NULL;
}
const fen_port *fenp_port(const fen_port *p, const char *name, int *i) {
    for (int k = 0; k < fenp_ports(p); k++)
        if (strcmp(p[k].name, name) == 0) {
            if (i) *i = k;
            return &p[k];
        }
    return NULL;
}

static const char *skip_blanks(const char *s) { return s + strspn(s, " "); }

/* One end of a range; NULL: not a number. */
static const char *read_end(const char *s, double *x) {
    char *end;
    *x = strtod(s, &end);
    return end == s ? NULL : skip_blanks(end);
}

bool fenp_range_read(const char *text, fenp_range *r) {
    const char *s = skip_blanks(text);
    if (*s != '[' && *s != '(') return false;
    r->low_open = *s == '(';
    if (!(s = read_end(s + 1, &r->low)) || *s != ',' || !(s = read_end(s + 1, &r->high))) return false;
    if (*s != ']' && *s != ')') return false;
    r->high_open = *s == ')';
    return !*skip_blanks(s + 1) && r->low <= r->high;
}

bool fenp_range_has(const fenp_range *r, double value) {
    bool above = r->low_open ? value > r->low : value >= r->low;
    bool below = r->high_open ? value < r->high : value <= r->high;
    return above && below;                    /* not a number is nowhere */
}

bool fenp_word_listed(const char *words, const char *word, size_t n) {
    for (const char *s = words; s; s = strchr(s, '|') ? strchr(s, '|') + 1 : NULL)
        if (strcspn(s, "|") == n && strncmp(s, word, n) == 0) return true;
    return false;
}

const char *fenp_range_refuses(const fen_attribute *a, double value, fenp_arena *memory) {
    fenp_range r;
    bool whole = a->type != FEN_ATTR_INT || (value == floor(value) && fabs(value) <= 9007199254740992.0);
    bool bounded = a->range && fenp_range_read(a->range, &r);
    if (whole && !isnan(value) && (!bounded || fenp_range_has(&r, value))) return NULL;
    return fenp_arena_text(memory, "%s%s%s", a->type == FEN_ATTR_INT ? "a whole number" : "a number", bounded ? " in " : "", bounded ? a->range : "");
}

const char *fenp_word_refuses(const fen_attribute *a, const char *word, fenp_arena *memory) {
    if (!a->range || (word && fenp_word_listed(a->range, word, strlen(word)))) return NULL;
    char *text = fenp_arena_text(memory, "one of ");
    for (const char *s = a->range; s; s = strchr(s, '|') ? strchr(s, '|') + 1 : NULL)
        text = fenp_arena_text(memory, "%s%s%.*s", text, s == a->range ? "" : ", ", (int)strcspn(s, "|"), s);
    return text;
}
