/* graph/shape.c: shapes [leading; features]. Leading axes are sorted by their id, so aligning two values by name is one merge of
 * two sorted lists; features stand behind them and align on the right, where size 1 stretches. */
#include "graph/builder.h"
#include <string.h>

/* A number of sizes that no shape has, or no sizes where there should be, gives one that every verb refuses. */
fen_shape fen_features(int n, const int64_t *size) {
    fen_shape s = {0};
    if (n < 0 || n > FEN_MAX_RANK) return (fen_shape){.rank = 1, .size = {-1}};
    if (!size && n) return (fen_shape){.rank = 1, .size = {-1}};
    s.rank = (uint8_t)n;
    for (int i = 0; i < n; i++) s.size[i] = size[i];
    return s;
}

fen_shape fen_vector(int64_t n) { return fen_features(1, &n); }

fen_shape fen_matrix(int64_t rows, int64_t columns) {
    const int64_t size[2] = {rows, columns};
    return fen_features(2, size);
}

/* The faulty node is a number: its features, rows and elements all count 1. The question is counted. */
static void count_question(const fen_node *x) { if (x->id < 0) ((fenp_node *)(uintptr_t)x)->asked++; }

fen_shape fen_shape_of(const fen_node *x) {
    if (!x) return (fen_shape){0};
    count_question(x);
    return x->shape;
}

int64_t fen_feature(const fen_node *x, int k) {
    if (!x) return 1;
    count_question(x);
    int n = x->shape.rank - x->shape.leads, i = k < 0 ? n + k : k;
    return i < 0 || i >= n ? 1 : x->shape.size[x->shape.leads + i];
}

static int64_t product(const fen_shape *s, int from, int to) {
    int64_t n = 1;
    for (int i = from; i < to; i++) n *= s->size[i];
    return n;
}

int64_t fen_rows(const fen_shape *s) { return s ? product(s, 0, s->leads) : 1; }
int64_t fen_row_size(const fen_shape *s) { return s ? product(s, s->leads, s->rank) : 1; }
int64_t fenp_count(const fen_shape *s) { return product(s, 0, s->rank); }

bool fenp_same(const fen_shape *a, const fen_shape *b) {
    return a->leads == b->leads && a->rank == b->rank && !memcmp(a->axis, b->axis, a->leads)
        && !memcmp(a->size, b->size, a->rank * sizeof *a->size);
}

int fenp_lead_of(const fen_shape *s, fen_axis axis) {
    for (int i = 0; i < s->leads; i++) if (s->axis[i] == axis) return i;
    return -1;
}

fen_shape fenp_without(fen_shape s, unsigned mask) {
    fen_shape r = {0};
    for (int p = 0; p < s.rank; p++) {
        if (mask >> p & 1) continue;
        if (p < s.leads) r.axis[r.leads++] = s.axis[p];
        r.size[r.rank++] = s.size[p];
    }
    return r;
}

/* Leading axes of both, ascending; false where one axis has two sizes, or there are too many. */
static bool merge_leads(const fen_shape *a, const fen_shape *b, fen_shape *out) {
    int i = 0, j = 0;
    while (i < a->leads || j < b->leads) {
        bool left = i < a->leads && (j == b->leads || a->axis[i] <= b->axis[j]);
        bool right = j < b->leads && (i == a->leads || b->axis[j] <= a->axis[i]);
        if (left && right && a->size[i] != b->size[j]) return false;
        if (out->leads == FEN_MAX_RANK) return false;
        out->axis[out->leads] = left ? a->axis[i] : b->axis[j];
        out->size[out->leads++] = left ? a->size[i] : b->size[j];
        i += left;
        j += right;
    }
    return true;
}

bool fenp_align(const fen_shape *a, const fen_shape *b, fen_shape *out) {
    memset(out, 0, sizeof *out);
    if (!merge_leads(a, b, out)) return false;
    int n = a->rank - a->leads, m = b->rank - b->leads, features = n > m ? n : m;
    if (out->leads + features > FEN_MAX_RANK) return false;
    out->rank = (uint8_t)(out->leads + features);
    for (int k = 1; k <= features; k++) {     /* counted from the right */
        int64_t x = k <= n ? a->size[a->rank - k] : 1, y = k <= m ? b->size[b->rank - k] : 1;
        if (x != y && x != 1 && y != 1) return false;
        out->size[out->rank - k] = x == 1 ? y : x;
    }
    return true;
}

/* Appends as far as there is room; returns where the next piece goes. */
__attribute__((format(printf, 3, 4)))
static int put(char buffer[160], int at, const char *format, ...) {
    if (at >= 160) return at;
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(buffer + at, (size_t)(160 - at), format, ap);
    va_end(ap);
    return at + n;
}

const char *fenp_shape_text(const fen_builder *b, fen_shape s, char buffer[160]) {
    int n = put(buffer, 0, "[");
    for (int i = 0; i < s.leads; i++) {
        const char *name = b ? b->axis[s.axis[i]].name : NULL;
        n = name ? put(buffer, n, "%s%s", i ? ", " : "", name) : put(buffer, n, "%saxis %d", i ? ", " : "", s.axis[i]);
    }
    n = put(buffer, n, ";");
    for (int i = s.leads; i < s.rank; i++) n = put(buffer, n, "%s%lld", i > s.leads ? ", " : " ", (long long)s.size[i]);
    put(buffer, n, "]");
    return buffer;
}
