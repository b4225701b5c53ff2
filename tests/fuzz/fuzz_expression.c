/* tests/fuzz/fuzz_expression.c: any bytes as an expression, and as an override `path=value` of a small file.
 * Build: as fuzz_document.c. */
#include "config/document.h"
#include "config/expression.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_parts(const fenp_expression *x, int n) {
    if (x->first < 0 || x->last > n || x->first >= x->last) abort();
    for (int i = 0; i < x->n; i++) {
        if (x->arg[i]->first < x->first || x->arg[i]->last > x->last) abort();
        check_parts(x->arg[i], n);
    }
}

static void check_override(fenp_arena *memory, const char *text, fenp_faults *faults) {
    static const char file[] = "parameters: {a: 1}\nsamplers: {z: {normal: {sd: 1}}}\ntrain: [{phase: p, players: [{name: c, minimize: x}]}]\n";
    fenp_item *root = fenp_document_parse(memory, "t.yaml", file, sizeof file - 1, faults);
    int before = faults->n;
    bool done = fenp_document_override(memory, root, text, faults);
    if (done != (faults->n == before)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    fenp_arena memory = {0};
    fenp_faults faults = {0};
    char *text = fenp_arena_copy(&memory, (const char *)data, n);
    fenp_expression *x = fenp_expression_parse(&memory, text, (fenp_place){"f", 1, 1}, &faults);
    if (faults.n != !x) abort();
    if (x) check_parts(x, (int)strlen(text));
    check_override(&memory, text, &faults);
    fenp_faults_free(&faults);
    fenp_arena_free(&memory);
    return 0;
}
