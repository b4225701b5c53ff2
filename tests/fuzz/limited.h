/* tests/fuzz/limited.h: own memory with a limit, for targets whose inputs may ask for any amount of it (`units: 1e9`): where the program would
 * end for want of memory, the input ends. What an input took and did not give back is a leak, and fails, unless it was ended. */
#ifndef FENCHEL_TESTS_LIMITED_H
#define FENCHEL_TESTS_LIMITED_H
#include "base/memory.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 64, MOST = 128 << 20 };
typedef struct piece { struct piece *next, *last; size_t bytes; } piece;
static piece all = {&all, &all, 0};           /* those of this input, each behind its head */
static size_t in_use;
static jmp_buf enough;

static void take_out(piece *p) {
    p->last->next = p->next;
    p->next->last = p->last;
    in_use -= p->bytes;
}
static void *limited_take(size_t bytes) {
    if (bytes > MOST || in_use + bytes > MOST) return NULL;
    char *at = aligned_alloc(LINE, LINE + bytes);
    if (!at) return NULL;
    piece *head = (piece *)(void *)at;
    *head = (piece){all.next, &all, bytes};
    all.next->last = head;
    all.next = head;
    in_use += bytes;
    return at + LINE;
}
static void limited_give(void *p) {
    if (!p) return;
    piece *head = (piece *)(void *)((char *)p - LINE);
    take_out(head);
    free(head);
}
static void limited_none(size_t bytes) {
    (void)bytes;
    longjmp(enough, 1);
}
static int give_back(void) {
    int n = 0;
    for (piece *p; (p = all.next) != &all; n++) {
        take_out(p);
        free(p);
    }
    return n;
}
static void with_limit(void (*run)(const uint8_t *data, size_t n), const uint8_t *data, size_t n) {
    const fenp_heap_calls usual = fenp_heap;
    fenp_heap = (fenp_heap_calls){limited_take, limited_give, limited_none};
    bool ended = setjmp(enough) != 0;
    if (!ended) run(data, n);
    fenp_heap = usual;
    if (give_back() && !ended) abort();
}
#endif
