/* base/memory.c: the one place that asks the system for memory, and what is built on it: arena, growing text, map.
 * All memory begins as zeros, so a forgotten initialisation shows the same fault at each run. */
#include "base/memory.h"
#include "base/random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 64, GRAIN = 16, FIRST_CHUNK = 4096, LAST_CHUNK = 1 << 20 };

long fenp_memory_fail_at;

static void *take(size_t bytes) { return aligned_alloc(LINE, bytes); }
fenp_heap_calls fenp_heap = {.take = take, .give = free, .none = NULL};

/* Written without stdio, which may want memory itself; _exit, since handlers of other libraries may too. */
void fenp_no_memory(size_t bytes) {
    char text[160];
    if (fenp_heap.none) fenp_heap.none(bytes);
    int n = snprintf(text, sizeof text, "fenchel: out of memory: %zu bytes were asked for; use a smaller batch or network, "
                     "or resume from the last checkpoint\n", bytes);
    ssize_t done = write(STDERR_FILENO, text, (size_t)n);
    (void)done;
    _exit(1);
}

static size_t rounded(size_t bytes, size_t to) {
    if (bytes > SIZE_MAX / 2) fenp_no_memory(bytes);
    return bytes ? (bytes + to - 1) / to * to : to;
}

void *fenp_new(size_t bytes) {
    size_t room = rounded(bytes, LINE);
    bool refuse = fenp_memory_fail_at > 0 && --fenp_memory_fail_at == 0;
    void *p = refuse ? NULL : fenp_heap.take(room);
    if (!p) fenp_no_memory(bytes);
    return memset(p, 0, room);
}

void fenp_delete(void *p) { fenp_heap.give(p); }

size_t fenp_product(size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) fenp_no_memory(SIZE_MAX);
    return bytes;
}

/* The room is a function of n alone: 4, then the power of two above n. Shorter lists (after removals) thus only lose room. */
void *fenp_more(void *items, int n, size_t size) {
    bool full = n == 0 || (n >= 4 && (n & (n - 1)) == 0);
    if (items && !full) return items;
    size_t room = 4;
    while (room <= (size_t)n) room *= 2;
    void *more = fenp_new(fenp_product(room, size));
    if (items && n) memcpy(more, items, (size_t)n * size);
    fenp_delete(items);
    return more;
}

/* Arena: a list of chunks. The first is the one that is being filled; what is large gets its own, behind it. */
struct fenp_chunk {
    struct fenp_chunk *next;
    size_t used, room;
    _Alignas(GRAIN) char data[];
};

static struct fenp_chunk *chunk_new(size_t room) {
    struct fenp_chunk *c = fenp_new(sizeof *c + room);
    c->room = room;
    return c;
}

static struct fenp_chunk *chunk_with(fenp_arena *a, size_t bytes) {
    struct fenp_chunk *first = a->first;
    if (first && first->room - first->used >= bytes) return first;
    size_t room = !first ? FIRST_CHUNK : first->room < LAST_CHUNK ? 2 * first->room : LAST_CHUNK;
    struct fenp_chunk *c = chunk_new(bytes > room / 4 ? bytes : room);
    bool behind = first && c->room == bytes;
    struct fenp_chunk **at = behind ? &first->next : &a->first;
    c->next = *at;
    *at = c;
    return c;
}

void *fenp_arena_new(fenp_arena *a, size_t bytes) {
    size_t room = rounded(bytes, GRAIN);
    struct fenp_chunk *c = chunk_with(a, room);
    void *p = c->data + c->used;
    c->used += room;
    return p;
}

char *fenp_arena_copy(fenp_arena *a, const char *text, size_t n) {
    char *copy = fenp_arena_new(a, n + 1);
    if (n) memcpy(copy, text, n);
    return copy;
}

char *fenp_arena_vtext(fenp_arena *a, const char *format, va_list ap) {
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    size_t room = n < 0 ? 1 : (size_t)n + 1;
    char *text = fenp_arena_new(a, room);
    if (n > 0) vsnprintf(text, room, format, ap);
    return text;
}

char *fenp_arena_text(fenp_arena *a, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    char *text = fenp_arena_vtext(a, format, ap);
    va_end(ap);
    return text;
}

void *fenp_arena_more(fenp_arena *a, void *items, int n, size_t size) {
    if (n & (n - 1)) return items;
    void *more = fenp_arena_new(a, fenp_product(n ? 2 * (size_t)n : 1, size));
    if (n) memcpy(more, items, (size_t)n * size);
    return more;
}

void fenp_arena_free(fenp_arena *a) {
    for (struct fenp_chunk *c = a->first, *next; c; c = next) {
        next = c->next;
        fenp_delete(c);
    }
    a->first = NULL;
}

static void text_reserve(fenp_text *t, size_t more) {
    if (t->at && t->n + more < t->room) return;
    size_t room = 2 * (t->n + more) + LINE;
    char *at = fenp_new(room);
    if (t->n) memcpy(at, t->at, t->n);
    fenp_delete(t->at);
    t->at = at;
    t->room = room;
}

void fenp_text_add(fenp_text *t, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (n < 0) return;
    text_reserve(t, (size_t)n + 1);
    va_start(ap, format);
    vsnprintf(t->at + t->n, (size_t)n + 1, format, ap);
    va_end(ap);
    t->n += (size_t)n;
}
void fenp_text_cell(fenp_text *t, const char *word) {
    if (!word[strcspn(word, ",\"\r\n")]) { fenp_text_add(t, "%s", word); return; }
    fenp_text_add(t, "\"");
    for (; *word; word++) fenp_text_add(t, *word == '"' ? "\"\"" : "%c", *word);
    fenp_text_add(t, "\"");
}

void fenp_text_free(fenp_text *t) {
    fenp_delete(t->at);
    *t = (fenp_text){NULL, 0, 0};
}

/* Map: entries in order of insertion; slot[] is an open hash table of entry + 1, 0 where free, at most half full. */
static int map_slot(const fenp_map *m, const char *key) {
    int mask = m->slots - 1, i = (int)(fenp_hash(key) & (uint64_t)mask);
    while (m->slot[i] && strcmp(m->key[m->slot[i] - 1], key) != 0) i = (i + 1) & mask;
    return i;
}

static void map_grow(fenp_map *m) {
    if (2 * (m->n + 1) <= m->slots) return;
    m->slots = m->slots ? 2 * m->slots : 16;
    fenp_delete(m->slot);
    m->slot = fenp_new(fenp_product((size_t)m->slots, sizeof *m->slot));
    for (int i = 0; i < m->n; i++) m->slot[map_slot(m, m->key[i])] = i + 1;
}

void *fenp_map_get(const fenp_map *m, const char *key) {
    int i = m->slots ? m->slot[map_slot(m, key)] : 0;
    return i ? m->value[i - 1] : NULL;
}

void fenp_map_set(fenp_map *m, const char *key, void *value) {
    map_grow(m);
    int *slot = &m->slot[map_slot(m, key)];
    if (*slot) { m->value[*slot - 1] = value; return; }
    size_t n = strlen(key);
    m->key = fenp_more(m->key, m->n, sizeof *m->key);
    m->value = fenp_more(m->value, m->n, sizeof *m->value);
    m->key[m->n] = memcpy(fenp_new(n + 1), key, n);
    m->value[m->n] = value;
    *slot = ++m->n;
}

void fenp_map_free(fenp_map *m) {
    for (int i = 0; i < m->n; i++) fenp_delete(m->key[i]);
    fenp_delete(m->key);
    fenp_delete(m->value);
    fenp_delete(m->slot);
    *m = (fenp_map){0};
}
