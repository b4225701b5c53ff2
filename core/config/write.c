/* config/write.c: a tree -> YAML that reads back as an equal tree, here and in other readers (YAML 1.1 and 1.2).
 * Block style; short lists of scalars on one line. Numbers in full; a text that any reader could take for something else is quoted. */
#include "config/parts.h"
#include <string.h>

enum { WIDTH = 100 };                         /* a list on one line is at most this wide */

/* -- texts -- */

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool digit(char c) { return c >= '0' && c <= '9'; }

/* Words that some reader takes for a truth, nothing or a number, in any case of letters. */
static bool is_special(const char *text) {
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t k = 0;
        while (text[k] && words[i][k] && (text[k] | 32) == words[i][k]) k++;
        if (!text[k] && !words[i][k]) return true;
    }
    return false;
}

/* May stand bare: only harmless characters, and a beginning that no reader takes for a number, date or mark. */
static bool is_bare(const char *text) {
    size_t n = strlen(text), start = text[0] == '-';
    int open = 0;
    if (!n || text[n - 1] == ' ' || is_special(text)) return false;
    if (!letter(text[start]) && text[start] != '(' && text[start] != '/' && !(text[start] == '.' && (text[start + 1] == '.' || text[start + 1] == '/')
        && strchr(text, '/')) && !(digit(text[start]) && strpbrk(text, " ("))) return false;
    for (size_t i = 0; i < n; i++) {
        bool hash = text[i] == '#' && i && text[i - 1] != ' ';
        if (!letter(text[i]) && !digit(text[i]) && !strchr(" .+-*/%^()<>=", text[i]) && !hash) return false;
        open += (text[i] == '(') - (text[i] == ')');
        if (open < 0) return false;
    }
    return open == 0;
}

/* A key of names and dots; others are quoted. */
static bool is_bare_key(const char *key) {
    if (!letter(key[0]) || is_special(key)) return false;
    for (const char *c = key; *c; c++)
        if (!letter(*c) && !digit(*c) && *c != '.' && *c != '-') return false;
    return true;
}

static const char *escape(unsigned char c) {
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    default: return NULL;
    }
}

/* Invisible characters that YAML does not allow as they are: C1 controls, line and paragraph separator, byte order mark, U+FFFE, U+FFFF. */
static unsigned unseen(const unsigned char *c) {
    if (c[0] == 0xC2 && c[1] < 0xA0) return c[1];
    if (c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9)) return 0x2000u + c[2] - 0x80u;
    if (c[0] == 0xEF && c[1] == 0xBB && c[2] == 0xBF) return 0xFEFF;
    if (c[0] == 0xEF && c[1] == 0xBF && (c[2] == 0xBE || c[2] == 0xBF)) return 0xFFC0u + c[2] - 0x80u;
    return 0;
}

static void write_quoted(const char *text, fenp_text *to) {
    fenp_text_add(to, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        unsigned code = unseen(c);
        if (escape(*c)) fenp_text_add(to, "%s", escape(*c));
        else if (*c < ' ' || *c == 0x7F) fenp_text_add(to, "\\x%02X", *c);
        else if (code) fenp_text_add(to, "\\u%04X", code), c += code < 0x100 ? 1 : 2;
        else fenp_text_add(to, "%c", *c);
    }
    fenp_text_add(to, "\"");
}

static void write_text(const char *text, bool bare, fenp_text *to) {
    if (bare) fenp_text_add(to, "%s", text);
    else write_quoted(text, to);
}

/* -- items -- */

static void write_scalar(const fenp_item *x, fenp_text *to) {
    if (x->sort == FENP_NULL) fenp_text_add(to, "null");
    else if (x->sort == FENP_BOOL) fenp_text_add(to, x->truth ? "true" : "false");
    else if (x->sort == FENP_NUMBER) fenp_number_write(x->number, x->whole, to);
    else write_text(x->text, is_bare(x->text), to);
}

/* Scalars, lists of such lists, and empty mappings. */
static bool is_flat(const fenp_item *x) {
    if (x->sort == FENP_MAPPING) return x->n == 0;
    for (int i = 0; i < x->n; i++)
        if (!is_flat(x->item[i])) return false;
    return true;
}

static void write_flow(const fenp_item *x, fenp_text *to) {
    if (x->sort == FENP_MAPPING) fenp_text_add(to, "{}");
    if (x->sort < FENP_LIST) write_scalar(x, to);
    if (x->sort != FENP_LIST) return;
    fenp_text_add(to, "[");
    for (int i = 0; i < x->n; i++) {
        if (i) fenp_text_add(to, ", ");
        write_flow(x->item[i], to);
    }
    fenp_text_add(to, "]");
}

static bool write_on_one_line(const fenp_item *x, fenp_text *to) {
    if (!is_flat(x)) return false;
    fenp_text line = {0};
    write_flow(x, &line);
    bool fits = x->sort != FENP_LIST || x->n == 0 || line.n <= WIDTH;
    if (fits) fenp_text_add(to, "%s\n", line.at);
    fenp_text_free(&line);
    return fits;
}

/* The first line of an entry continues the line of its `- ` or `key:`; the others are indented. Depth is bounded as in reading. */
static void write_block(const fenp_item *x, int indent, bool first, fenp_text *to) {
    for (int i = 0; i < x->n; i++, first = false) {
        const fenp_item *value = x->item[i];
        fenp_text_add(to, "%*s", first ? 0 : indent, "");
        if (x->sort == FENP_MAPPING) {
            write_text(x->key[i], is_bare_key(x->key[i]), to);
            fenp_text_add(to, ":");
            size_t before = to->n;
            fenp_text_add(to, " ");
            if (write_on_one_line(value, to)) continue;
            to->n = before;
            fenp_text_add(to, "\n");
            write_block(value, indent + 2, false, to);
        } else {
            fenp_text_add(to, "- ");
            if (!write_on_one_line(value, to)) write_block(value, indent + 2, true, to);
        }
    }
}

void fenp_document_write(const fenp_item *item, fenp_text *to) {
    if (!write_on_one_line(item, to)) write_block(item, 0, true, to);
}
