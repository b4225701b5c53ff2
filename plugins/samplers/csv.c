/* Numbers of a CSV file: comma between cells, one row a line; a first line that is no row of numbers is a header. Without `columns`
 * there is one output, `value`, with all of them. Columns count from 0; a pair is a half-open range. */
#include "fenchel.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const fen_attribute attributes[] = {
    {.name = "file", .type = FEN_ATTR_PATH, .help = "the CSV file"},
    {.name = "columns", .type = FEN_ATTR_RECORDS, .initial = "{}", .help = "output: column, or [from, to), such as {x: [0, 5], y: 5}"},
    {.name = "integers", .type = FEN_ATTR_RECORDS, .initial = "{}", .help = "outputs that are integers, such as [y]"},
    FEN_END
};
static const fen_port outputs[] = {{.name = "*", .shape = "[...; ...]", .help = "value, or the names of columns"}, FEN_END};

typedef struct sheet { const char *path; char *text; int64_t rows, columns; double *cell; } sheet;

static char *read_text(fen_host *h, const char *path) {
    FILE *f = fopen(path, "rb");
    long n = -1;
    if (f && fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0) rewind(f);
    if (!f || n < 0) {
        fen_host_fail(h, "%s: %s", path, strerror(errno));
        if (f) fclose(f);
        return NULL;
    }
    char *text = malloc((size_t)n + 1);
    size_t got = text ? fread(text, 1, (size_t)n, f) : 0;
    fclose(f);
    if (text && got == (size_t)n) { text[n] = '\0'; return text; }
    free(text);
    return fen_host_fail(h, "%s: %s", path, text ? "cannot be read to its end" : "out of memory");
}

static const char *blanks(const char *s) { return s + strspn(s, " \t\r"); }

/* The cells of one line, their number; -(k + 1): cell k is no finite number. to may be NULL. */
static int64_t read_line(const char *s, double *to, int64_t room) {
    for (int64_t n = 0;; s++) {
        char *end;
        s = blanks(s);
        double x = *s == '\n' ? NAN : strtod(s, &end);
        if (*s == '\n' || end == s || !isfinite(x)) return -(n + 1);
        if (to && n < room) to[n] = x;
        n++;
        s = blanks(end);
        if (*s == '\n' || !*s) return n;
        if (*s != ',') return -n;
    }
}
/* A header has a word in some cell, `year` or "year"; a first row of numbers with a slip in it, `1a`, `nan` or nothing, is an error. */
static bool is_word(const char *s, size_t n) {
    static const char *const none[] = {"nan", "inf", "infinity"};
    bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '_' || *s == '"' || (unsigned char)*s >= 0x80;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) letter &= !(n == strlen(none[i]) && strncasecmp(s, none[i], n) == 0);
    return n && letter;
}
static bool is_header(const char *s) {
    for (;; s++) {
        s = blanks(s);
        if (is_word(s, strcspn(s, ", \t\r\n"))) return true;
        s += strcspn(s, ",\n");
        if (*s != ',') return false;
    }
}
static const char *next_line(const char *s) { s += strcspn(s, "\n"); return *s ? s + 1 : s; }
static bool is_blank(const char *s) { s = blanks(s); return !*s || *s == '\n'; }

static bool read_rows(fen_host *h, sheet *t) {
    const char *s = t->text;
    int64_t line = 1;
    if (strncmp(s, "\xef\xbb\xbf", 3) == 0) s += 3;                  /* the mark that some programs put first */
    while (*s && is_blank(s)) { s = next_line(s); line++; }
    if (is_header(s)) { s = next_line(s); line++; }
    for (const char *c = s; *c; c = next_line(c)) t->rows += !is_blank(c);
    t->columns = t->rows ? read_line(s, NULL, 0) : 0;
    if (t->rows && t->columns < 1)
        return fen_host_fail(h, "%s:%lld: cell %lld is no finite number", t->path, (long long)line, (long long)-t->columns), false;
    if (!t->rows) return fen_host_fail(h, "%s has no rows of numbers", t->path), false;
    double *to = t->cell = fen_host_memory(h, (size_t)(t->rows * t->columns) * sizeof *to);
    for (; to && *s; s = next_line(s), line++) {
        if (is_blank(s)) continue;
        int64_t n = read_line(s, to, t->columns);
        if (n < 0) return fen_host_fail(h, "%s:%lld: cell %lld is no finite number", t->path, (long long)line, (long long)-n), false;
        if (n != t->columns) return fen_host_fail(h, "%s:%lld: %lld cells; the first row has %lld", t->path, (long long)line, (long long)n,
            (long long)t->columns), false;
        to += n;
    }
    return to != NULL;
}

static bool is_integer(fen_host *h, const char *output) {
    char field[64];
    for (int64_t i = 0; i < fen_host_records(h, "integers"); i++) {
        snprintf(field, sizeof field, "integers.%lld", (long long)i);
        const char *name = fen_host_text(h, field);
        if (name && strcmp(name, output) == 0) return true;
    }
    return false;
}

/* Columns [from, from + width) as an output; width 0: one column without feature. */
static bool serve(fen_host *h, const sheet *t, const char *output, int64_t from, int64_t width) {
    int64_t w = width ? width : 1;
    bool whole = is_integer(h, output);
    if (from < 0 || w < 1 || from + w > t->columns)
        return fen_host_fail(h, "columns of %s: %lld to %lld; the file has 0 to %lld", output, (long long)from, (long long)(from + w),
        (long long)t->columns), false;
    double *cell = fen_host_memory(h, (size_t)(t->rows * w) * sizeof *cell);
    for (int64_t i = 0; cell && i < t->rows * w; i++) {
        cell[i] = t->cell[i / w * t->columns + from + i % w];
        if (whole && (cell[i] != floor(cell[i]) || fabs(cell[i]) > 2147483647))
            return fen_host_fail(h, "%s: row %lld of %s is %g; needs an integer", t->path, (long long)(i / w), output, cell[i]), false;
    }
    fen_table table = {.data = cell, .cell = FEN_F64, .rows = t->rows, .features = width ? fen_vector(width) : fen_features(0, NULL)};
    if (cell) fen_host_serve(h, output, whole ? FEN_INTEGER : FEN_REAL, &table, 1, 0);
    return cell != NULL;
}

static bool is_column(double x) { return x == floor(x) && x >= 0 && x < 1e9; }
static bool serve_all(fen_host *h, const sheet *t) {
    int64_t n = fen_host_records(h, "columns");
    if (n <= 0) return serve(h, t, "value", 0, t->columns);
    for (int64_t i = 0; i < n; i++) {
        char field[64];
        fen_shape s;
        snprintf(field, sizeof field, "columns.%lld", (long long)i);
        const double *x = fen_host_numbers(h, field, &s);
        int64_t count = x ? fen_row_size(&s) : 0;
        const char *name = fen_host_key(h, "columns", i);
        if (count < 1 || count > 2 || !is_column(x[0]) || (count == 2 && (!is_column(x[1]) || x[1] <= x[0])))
            return fen_host_fail(h, "%s: needs a column or a range [from, to) that is not empty, such as 5 or [0, 5]", field), false;
        if (!name || *name < 'a' || *name > 'z' || strcmp(name, "index") == 0)
            return fen_host_fail(h, "columns: needs names for its outputs, such as {x: [0, 5], y: 5}; `index` is taken"), false;
        if (!serve(h, t, name, (int64_t)x[0], count == 2 ? (int64_t)(x[1] - x[0]) : 0)) return false;
    }
    return true;
}

/* Each of `integers` is an output. */
static bool known_integers(fen_host *h) {
    for (int64_t i = 0; i < fen_host_records(h, "integers"); i++) {
        char field[64];
        snprintf(field, sizeof field, "integers.%lld", (long long)i);
        const char *name = fen_host_text(h, field);
        int64_t k = 0, n = fen_host_records(h, "columns");
        while (name && k < n && strcmp(name, fen_host_key(h, "columns", k))) k++;
        if (name && n > 0 ? k == n : !name || strcmp(name, "value"))
            return fen_host_fail(h, "integers: there is no output `%s`", name ? name : "?"), false;
    }
    return true;
}

static void *csv_open(fen_host *h) {
    sheet *t = fen_host_memory(h, sizeof *t);
    if (!t) return NULL;
    t->path = fen_host_text(h, "file");
    t->text = read_text(h, t->path);
    bool good = known_integers(h) && t->text && read_rows(h, t) && serve_all(h, t);
    free(t->text);
    t->text = NULL;
    return good ? t : NULL;
}

static const fen_source source = {.open = csv_open};
static const fen_function csv = {
    .name = "csv", .summary = "Numbers of a CSV file.",
    .attributes = attributes, .outputs = outputs, .draws = &source,
};
FEN_PLUGIN(.name = "csv", .version = "0.1.0", .license = "MIT", .samplers = FEN_LIST(&csv));
