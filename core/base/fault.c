/* base/fault.c: the list of errors, its print, and "did you mean".
 * Nearness: Damerau-Levenshtein distance in its restricted form (insert, delete, replace, swap of neighbours; each costs 1). */
#include "base/fault.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fenp_vfail(fenp_faults *f, fenp_place at, const char *format, va_list ap) {
    f->at = fenp_more(f->at, f->n, sizeof *f->at);
    f->at[f->n++] = (fenp_fault){at, fenp_arena_vtext(&f->memory, format, ap)};
}

void fenp_fail(fenp_faults *f, fenp_place at, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    fenp_vfail(f, at, format, ap);
    va_end(ap);
}

static int order(long a, long b) { return (a > b) - (a < b); }

static int place_order(fenp_place a, fenp_place b) {
    int c = a.file && b.file ? strcmp(a.file, b.file) : order(a.file != NULL, b.file != NULL);
    if (!c) c = order(a.line, b.line);
    return c ? c : order(a.column, b.column);
}

/* Of one place, in order of arrival: the first is the likely cause of the others. */
static int fault_order(const void *x, const void *y) {
    const fenp_fault *a = *(const fenp_fault *const *)x, *b = *(const fenp_fault *const *)y;
    int c = place_order(a->at, b->at);
    return c ? c : (a > b) - (a < b);
}

static bool seen(const fenp_fault *const *sorted, int i) {
    for (int j = i - 1; j >= 0 && place_order(sorted[j]->at, sorted[i]->at) == 0; j--)
        if (strcmp(sorted[j]->text, sorted[i]->text) == 0) return true;
    return false;
}

/* A line is a line: texts quote the user's file, which may hold line ends and terminal controls. */
static void print_text(const char *text, FILE *to) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        putc(c < ' ' || c == 0x7f ? ' ' : c, to);
    }
    putc('\n', to);
}

/* Files below the current folder by the shorter path. */
static const char *shorter(const char *file, const char *current) {
    size_t n = current ? strlen(current) : 0;
    return n > 1 && strncmp(file, current, n) == 0 && file[n] == '/' ? file + n + 1 : file;
}
static void print_fault(const fenp_fault *f, const char *current, FILE *to) {
    const char *file = f->at.file ? shorter(f->at.file, current) : NULL;
    if (file && f->at.line > 0) fprintf(to, "%s:%d:%d: ", file, f->at.line, f->at.column);
    else if (file) fprintf(to, "%s: ", file);
    print_text(f->text, to);
}

void fenp_faults_print(fenp_faults *f, FILE *to) {
    const fenp_fault **sorted = fenp_new(fenp_product((size_t)f->n, sizeof *sorted));
    for (int i = 0; i < f->n; i++) sorted[i] = &f->at[i];
    qsort(sorted, (size_t)f->n, sizeof *sorted, fault_order);
    char *current = getcwd(NULL, 0);
    for (int i = 0; i < f->n; i++)
        if (!seen(sorted, i)) print_fault(sorted[i], current, to);
    free(current);
    fenp_delete(sorted);
}

void fenp_faults_free(fenp_faults *f) {
    fenp_delete(f->at);
    fenp_arena_free(&f->memory);
    *f = (fenp_faults){0};
}

enum { LONGEST = 63 };                        /* longer names are never near to anything */

static int least(int a, int b) { return a < b ? a : b; }

/* row[0] is the row of the table for a[0..i), row[1] the one before, row[2] that before. */
static int distance(const char *a, int na, const char *b, int nb) {
    int rows[3][LONGEST + 1], *row[3] = {rows[0], rows[1], rows[2]};
    for (int j = 0; j <= nb; j++) row[0][j] = j;
    for (int i = 1; i <= na; i++) {
        int *last = row[2];
        row[2] = row[1]; row[1] = row[0]; row[0] = last;
        row[0][0] = i;
        for (int j = 1; j <= nb; j++) {
            int d = row[1][j - 1] + (a[i - 1] != b[j - 1]);
            d = least(d, least(row[1][j], row[0][j - 1]) + 1);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            row[0][j] = swapped ? least(d, row[2][j - 2] + 1) : d;
        }
    }
    return row[0][nb];
}

const char *fenp_nearest(const char *name, const char *const *names) {
    const char *best = NULL;
    size_t n = strlen(name);
    int least_yet = LONGEST;
    for (; n <= LONGEST && *names; names++) {
        size_t m = strlen(*names);
        if (m > LONGEST) continue;
        int d = distance(name, (int)n, *names, (int)m);
        if (d < least_yet && 3 * d <= (int)(m > n ? m : n)) {
            best = *names;
            least_yet = d;
        }
    }
    return best;
}
