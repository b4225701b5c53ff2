/* config/number.c: numbers as text, the same in every locale.
 * Reading: number = digits ["." [digits]] [exponent] | "." digits [exponent]; exponent = ("e" | "E") ["+" | "-"] digits.
 * `nan`, `inf`, `0x10`, `1_0` are no numbers; `010` is refused, since some readers take it for eight; so is what a double cannot hold.
 * Writing: the shortest digits that read back as the same double, without exponent where that stays readable. */
#include "config/parts.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool digit(char c) { return c >= '0' && c <= '9'; }

static size_t digits(const char *text) {
    size_t n = 0;
    while (digit(text[n])) n++;
    return n;
}

static size_t exponent_length(const char *text) {
    if (text[0] != 'e' && text[0] != 'E') return 0;
    size_t sign = text[1] == '+' || text[1] == '-', n = digits(text + 1 + sign);
    return n ? 1 + sign + n : 0;
}

size_t fenp_number_length(const char *text) {
    size_t before = digits(text), point = text[before] == '.', after = point ? digits(text + before + 1) : 0;
    if (!before && !after) return 0;
    size_t n = before + point + after;
    return n + exponent_length(text + n);
}

/* Infinity and 0 come back where the double cannot hold it. */
static double to_double(const char *text) {
    static locale_t plain;                    /* newlocale gives the same constant for "C" each time, so a race is harmless */
    if (!plain) plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return plain ? strtod_l(text, NULL, plain) : strtod(text, NULL);
}

static bool all_zero(const char *text, size_t n) {
    for (size_t i = 0; i < n && text[i] != 'e' && text[i] != 'E'; i++)
        if (text[i] >= '1' && text[i] <= '9') return false;
    return true;
}

const char *fenp_number_value(const char *text, size_t n, double *number, bool *whole) {
    char *copy = fenp_new(n + 1);
    memcpy(copy, text, n);
    *number = to_double(copy);
    fenp_delete(copy);
    *whole = !memchr(text, '.', n) && !memchr(text, 'e', n) && !memchr(text, 'E', n);
    size_t sign = n && (text[0] == '-' || text[0] == '+');
    if (*whole && n > sign + 1 && text[sign] == '0')
        return "begins with 0, which some readers take for octal: write it without that 0, or in quotes if it is a text";
    if (*number > 1.7976931348623157e308 || *number < -1.7976931348623157e308) return "is too large for a number (at most 1.8e308)";
    if (*number == 0 && !all_zero(text, n)) return "is too small for a number (at least 5e-324)";
    return NULL;
}

/* The shortest digits of |x| and the power of ten of the first; printf's decimal point, whatever it is, is left out. */
static int shortest(double x, char out[32], int *power) {
    char text[64];
    for (int precision = 0; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, x);
        if (strtod(text, NULL) == x) break;
    }
    int n = 0;
    const char *e = strchr(text, 'e');
    for (const char *c = text; c < e; c++)
        if (digit(*c)) out[n++] = *c;
    while (n > 1 && out[n - 1] == '0') n--;
    *power = atoi(e + 1);
    return n;
}

static void add_zeros(fenp_text *to, int n) {
    for (int i = 0; i < n; i++) fenp_text_add(to, "0");
}

/* With a sign in the exponent and a point before it, so that readers of YAML 1.1 see a number too. */
static void write_scientific(const char *d, int n, int power, fenp_text *to) {
    fenp_text_add(to, "%c.%.*se%c%d", d[0], n > 1 ? n - 1 : 1, n > 1 ? d + 1 : "0", power < 0 ? '-' : '+', abs(power));
}

void fenp_number_write(double number, bool whole, fenp_text *to) {
    enum { LONGEST = 25 };                    /* zeros are readable up to here */
    if (number != number || number - number != 0) {
        fenp_text_add(to, number > 0 ? "inf" : number < 0 ? "-inf" : "nan");   /* read back as texts: no number of a file is one */
        return;
    }
    char d[32];
    int power, n = shortest(number < 0 ? -number : number, d, &power);
    if (number < 0 || (number == 0 && 1 / number < 0)) fenp_text_add(to, "-");
    if (!whole && (power > LONGEST || power < -LONGEST)) {
        write_scientific(d, n, power, to);
    } else if (power < 0) {
        fenp_text_add(to, "0.");
        add_zeros(to, -power - 1);
        fenp_text_add(to, "%.*s", n, d);
    } else if (n <= power + 1) {
        fenp_text_add(to, "%.*s", n, d);
        add_zeros(to, power + 1 - n);
        if (!whole) fenp_text_add(to, ".0");
    } else {
        fenp_text_add(to, "%.*s.%.*s", power + 1, d, n - power - 1, d + power + 1);
    }
}
