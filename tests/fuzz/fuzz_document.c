/* tests/fuzz/fuzz_document.c: any bytes as a file. What reads without fault must be written as YAML that reads back equal.
 * Build: clang -fsanitize=fuzzer,address,undefined -I core tests/fuzz/fuzz_document.c 
 *     core/config/(all).c core/base/{memory,fault,io,random}.c -lyaml */
#include "config/document.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    fenp_arena memory = {0};
    fenp_faults faults = {0};
    fenp_text text = {0};
    fenp_item *x = fenp_document_parse(&memory, "fuzz.yaml", (const char *)data, n, &faults);
    if (!x && !faults.n) abort();
    if (x && !faults.n) {
        fenp_document_write(x, &text);
        fenp_item *back = fenp_document_parse(&memory, "back.yaml", text.at, text.n, &faults);
        if (faults.n || !fenp_item_equal(x, back)) abort();
        fenp_item *twice = fenp_document_merge(&memory, x, back, &faults);
        if (!twice) abort();
    }
    fenp_text_free(&text);
    fenp_faults_free(&faults);
    fenp_arena_free(&memory);
    return 0;
}
