/* config/parts.h: what the files of this folder share and nobody else needs. */
#ifndef FENCHEL_CONFIG_PARTS_H
#define FENCHEL_CONFIG_PARTS_H
#include "config/document.h"

enum { FENP_DOCUMENT_DEPTH = 64, FENP_QUOTED = 60 };   /* levels of a file; bytes of a user's text that a message quotes */

/* number.c: the one grammar of numbers, digits [. digits] [e digits] or . digits, in every locale. */
size_t      fenp_number_length(const char *text);      /* bytes of the number, without sign, that `text` begins with; 0: none */
const char *fenp_number_value(const char *text, size_t n, double *number, bool *whole);   /* NULL, or why it is refused */
void        fenp_number_write(double number, bool whole, fenp_text *to);

/* item.c: like fenp_item_set where `key` is known to be new. */
void fenp_item_append(fenp_arena *memory, fenp_item *mapping, const char *key, fenp_item *value, fenp_place key_at);

/* document.c: any one value, not only a mapping; NULL has recorded the fault. */
fenp_item *fenp_document_value(fenp_arena *memory, const char *name, const char *text, size_t n, fenp_faults *faults);

/* syntax.c: one sentence for what libyaml says about a text. Lines and columns count from 1. */
typedef struct fenp_source { const char *name, *text; size_t n; int *start, lines; } fenp_source;   /* start: byte of each line */
typedef struct fenp_trouble {
    const char *context, *problem;                     /* libyaml's words; context may be NULL */
    int context_line, context_column, line, column;
} fenp_trouble;
void fenp_syntax_fail(const fenp_source *source, const fenp_trouble *trouble, fenp_faults *faults);
void fenp_source_lines(fenp_source *source);           /* finds the lines; free with fenp_delete(source->start) */
bool fenp_source_allowed(const fenp_source *source, fenp_faults *faults);      /* UTF-8 without control characters */
const char *fenp_source_line(const fenp_source *source, int line, int *n);     /* that line without its end; NULL: there is none */

/* merge.c */
bool        fenp_list_named(const fenp_item *list);                            /* not empty, each item has a name or phase */
const char *fenp_item_name(const fenp_item *item, const char **key);           /* its `phase`, else its `name`; NULL: none */
fenp_item  *fenp_list_find(const fenp_item *list, const char *name);
#endif
