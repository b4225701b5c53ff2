/* base/fault.h: errors as data. Each is one sentence at a place in a file; a list of them goes to the user at once, sorted.
 * There is no other way to report an error: whoever can fail takes a fenp_faults. */
#ifndef FENCHEL_BASE_FAULT_H
#define FENCHEL_BASE_FAULT_H
#include "base/memory.h"
#include <stdio.h>

/* Where in a user's text; file NULL: nowhere (then the sentence stands alone). The text of `file` outlives the list. */
typedef struct fenp_place { const char *file; int line, column; } fenp_place;
typedef struct fenp_fault { fenp_place at; const char *text; } fenp_fault;
typedef struct fenp_faults { fenp_arena memory; fenp_fault *at; int n; } fenp_faults;

void fenp_fail(fenp_faults *f, fenp_place at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void fenp_vfail(fenp_faults *f, fenp_place at, const char *format, va_list ap);
/* Sorted by file, line, column; each line begins with file:line:column: (or nothing, without a place); the same one once. */
void fenp_faults_print(fenp_faults *f, FILE *to);
void fenp_faults_free(fenp_faults *f);

/* The entry of NULL-ended `names` nearest to `name` by edit distance, NULL when none is near (more than a third differs). */
const char *fenp_nearest(const char *name, const char *const *names);
#endif
