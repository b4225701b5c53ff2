/* config/token.c: an expression's text -> words; and what to say about words of other languages. */
#include "config/token.h"
#include <string.h>

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Marks of other languages are one word, so that a message can name them whole. */
static int other_length(const char *text) {
    static const char *const marks[] = {"&&", "||", "**", "//", "!=", "${"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp(text, marks[i], 2) == 0) return 2;
    int n = 1;
    while (((unsigned char)text[n] & 0xC0) == 0x80) n++;
    return n;
}

static bool known_mark(const char *text, int n) {
    return (n == 1 && strchr("()[],.=+-*/%^<>", *text)) || (n == 2 && strncmp(text, "!=", 2) == 0);
}

fenp_token fenp_token_at(const char *text, int from) {
    while (blank(text[from])) from++;
    fenp_token t = {.first = from, .last = from};
    const char *c = text + from;
    size_t number = fenp_number_length(c);
    if (!*c) return t;
    if (number) {
        t.sort = FENP_T_NUMBER;
        t.last += (int)number;
    } else if (letter(*c)) {
        t.sort = FENP_T_NAME;
        while (letter(text[t.last]) || digit(text[t.last])) t.last++;
    } else {
        bool equal = strchr("<>=", *c) && c[1] == '=';
        int n = equal ? 2 : other_length(c);
        t.sort = equal || known_mark(c, n) ? FENP_T_MARK : FENP_T_OTHER;
        t.mark = t.sort == FENP_T_MARK ? (unsigned char)*c + (n == 2 ? FENP_T_OR_EQUAL : 0) : 0;
        t.last += n;
    }
    return t;
}

const char *fenp_token_mend(const char *text, const fenp_token *token) {
    static const struct { const char *word, *mend; } table[] = {
        {"and", "there are no boolean operators: comparisons give 0 or 1, multiply them"},
        {"&&", "there are no boolean operators: comparisons give 0 or 1, multiply them"},
        {"&", "there are no boolean operators: comparisons give 0 or 1, multiply them"},
        {"or", "there are no boolean operators: comparisons give 0 or 1, multiply them, or take max(a, b)"},
        {"||", "there are no boolean operators: comparisons give 0 or 1, multiply them, or take max(a, b)"},
        {"|", "there are no boolean operators: comparisons give 0 or 1, multiply them, or take max(a, b)"},
        {"not", "there are no boolean operators: write 1 - x"}, {"!", "there are no boolean operators: write 1 - x"},
        {"if", "there are no conditionals: write where(condition, a, b)"}, {"else", "there are no conditionals: write where(condition, a, b)"},
        {"then", "there are no conditionals: write where(condition, a, b)"}, {"?", "there are no conditionals: write where(condition, a, b)"},
        {"**", "a power is written `^`"}, {"//", "a whole quotient is written floor(a / b)"}, {"@", "a matrix product is written matmul(a, b)"},
        {"${", "`${name}` pastes a parameter into a text; in an expression write its name alone"},
        {"\"", "an expression holds no quoted texts"}, {"'", "an expression holds no quoted texts"}, {":", "a range is written slice(x, from, to)"},
        {"{", "braces have no meaning in an expression"}, {"}", "braces have no meaning in an expression"},
    };
    size_t n = (size_t)(token->last - token->first);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].word) == n && memcmp(table[i].word, text + token->first, n) == 0) return table[i].mend;
    return NULL;
}
