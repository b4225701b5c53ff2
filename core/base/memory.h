/* base/memory.h: all own memory. Nothing here returns NULL: without memory the program ends by the one path for that fault,
 * fenp_no_memory (a sentence on stderr, exit code 1; checkpoints are on disk already). Tests make the n-th request fail
 * by setting fenp_memory_fail_at. */
#ifndef FENCHEL_BASE_MEMORY_H
#define FENCHEL_BASE_MEMORY_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern long fenp_memory_fail_at;              /* 0: never; else requests left until one fails */
/* What own memory comes from; tests put their own here. take: aligned to 64 bytes, a multiple of them; NULL: there is none. none: called
 * before the program ends for want of memory; may jump away. */
typedef struct fenp_heap_calls { void *(*take)(size_t bytes); void (*give)(void *p); void (*none)(size_t bytes); } fenp_heap_calls;
extern fenp_heap_calls fenp_heap;
void  fenp_no_memory(size_t bytes) __attribute__((noreturn));
void *fenp_new(size_t bytes);                 /* zeroed, aligned to 64 bytes; free with fenp_delete */
void  fenp_delete(void *p);                   /* NULL is fine */
double fenp_memory_left(void);                /* bytes that machine and control group can still give; -1: unknown */
size_t fenp_product(size_t n, size_t size);   /* n * size; ends by fenp_no_memory where that overflows */

/* Room for one more behind n items: `list->at = fenp_more(list->at, list->n, sizeof *list->at)`. Doubles at powers of two. */
void *fenp_more(void *items, int n, size_t size);

/* An arena: many small things that die together. All memory is zeroed, aligned to 16 bytes. */
typedef struct fenp_arena { struct fenp_chunk *first; } fenp_arena;
void *fenp_arena_new(fenp_arena *a, size_t bytes);
char *fenp_arena_copy(fenp_arena *a, const char *text, size_t n);              /* the first n bytes, then NUL */
char *fenp_arena_text(fenp_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *fenp_arena_vtext(fenp_arena *a, const char *format, va_list ap);
void *fenp_arena_more(fenp_arena *a, void *items, int n, size_t size);         /* as fenp_more, in an arena: what it grew out of stays there */
void  fenp_arena_free(fenp_arena *a);

/* A text that grows; .at is NUL-ended once something was written. */
typedef struct fenp_text { char *at; size_t n, room; } fenp_text;
void fenp_text_add(fenp_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fenp_text_cell(fenp_text *t, const char *word);                 /* a cell of a CSV file: in quotes where it needs them */
void fenp_text_free(fenp_text *t);

/* What a plugin gave for a name; NULL is no name, and no crash. */
static inline const char *fenp_text_given(const char *text) { return text ? text : ""; }

/* From text to pointer; keys are copied. Iterate by i = 0 .. n-1 over key[] and value[], in order of insertion. */
typedef struct fenp_map { int n; char **key; void **value; int *slot; int slots; } fenp_map;
void *fenp_map_get(const fenp_map *m, const char *key);                        /* NULL: none */
void  fenp_map_set(fenp_map *m, const char *key, void *value);
void  fenp_map_free(fenp_map *m);
#endif
