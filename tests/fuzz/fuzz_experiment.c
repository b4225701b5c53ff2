/* tests/fuzz/fuzz_experiment.c: any bytes as an experiment, read as `fenchel check` reads it: document, definitions, shapes, graphs, gradients,
 * programs. What is accepted must be so again as its resolved.yaml, which must be its own. Nothing is trained and nothing is written. */
#include "base/io.h"
#include "limited.h"
#include "train/folder.h"
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* In a folder of its own, so that no path of an input means a file. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    fenp_registry_open();
    return 0;
}

/* Its resolved.yaml, for fenp_delete; NULL: it was refused. */
static char *check(const char *name, const char *text, size_t n) {
    fenp_arena memory = {NULL};
    fenp_faults faults = {.n = 0};
    char *resolved = NULL;
    fenp_item *root = fenp_document_parse(&memory, name, text, n, &faults);
    if (!root && !faults.n) abort();
    if (root && !faults.n) {
        fenp_run *r = fenp_run_new(root, name, &faults);
        bool good = fenp_run_prepare(r);
        if (good != !faults.n) abort();
        const char *again = good ? fenp_resolved(r, root) : NULL;
        if (good) resolved = memcpy(fenp_new(strlen(again) + 1), again, strlen(again));
        fenp_run_free(r);
    }
    for (int i = 0; i < faults.n; i++)
        if (!faults.at[i].text || !*faults.at[i].text) abort();
    if (resolved && getenv("FUZZ_SHOW")) puts(resolved);
    if (faults.n && getenv("FUZZ_SHOW")) fenp_faults_print(&faults, stdout);
    fenp_faults_free(&faults);
    fenp_arena_free(&memory);
    return resolved;
}

static void run(const uint8_t *data, size_t n) {
    char *first = check("fuzz.yaml", (const char *)data, n);
    char *second = first ? check("resolved.yaml", first, strlen(first)) : NULL;
    if (first && (!second || strcmp(first, second))) abort();
    fenp_delete(second);
    fenp_delete(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    with_limit(run, data, n);
    return 0;
}
