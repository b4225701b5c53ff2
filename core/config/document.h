/* config/document.h: YAML as data: every value with its line and column. Strict (LANGUAGE 9). document.c alone knows libyaml. */
#ifndef FENCHEL_CONFIG_DOCUMENT_H
#define FENCHEL_CONFIG_DOCUMENT_H
#include "base/fault.h"

typedef enum fenp_sort { FENP_NULL, FENP_BOOL, FENP_NUMBER, FENP_TEXT, FENP_LIST, FENP_MAPPING } fenp_sort;
extern const char *const fenp_sort_name[];    /* "nothing", "true or false", "a number", "a text", "a list", "a mapping" */
typedef struct fenp_item fenp_item;
struct fenp_item {
    fenp_sort sort;
    fenp_place at;                            /* at.file is the path of the file that wrote it, absolute or as given */
    const char *text;                         /* scalars: as written */
    double number; bool whole, truth;         /* whole: written without point and exponent */
    bool quoted;
    fenp_item **item; int n;                  /* list, mapping */
    const char **key; fenp_place *key_at;     /* mapping */
    fenp_item *set;                           /* of a root in which something was set from outside: list of the assignments; NULL: nothing was */
};

/* Reads one file. NULL or a partial tree with faults recorded. Limits: 1 MiB, depth 64, no anchors, aliases, tags, `<<`, several documents. */
fenp_item *fenp_document_read(fenp_arena *memory, const char *path, fenp_faults *faults, fenp_place named_at);
fenp_item *fenp_document_parse(fenp_arena *memory, const char *name, const char *text, size_t n, fenp_faults *faults);
/* With all files that it extends, merged (merge.c); paths of `extends` are relative to the file that writes them. */
fenp_item *fenp_document_load(fenp_arena *memory, const char *path, fenp_faults *faults, fenp_place named_at);
/* `a.b.c=value` (value is YAML; relative paths mean the current folder): list items by name, `players` may be left out, null removes. */
bool       fenp_document_override(fenp_arena *memory, fenp_item *root, const char *assignment, fenp_faults *faults);
/* The same with the value given, its places kept: a point of a sweep. `at` is where the path was written. */
bool       fenp_document_set(fenp_arena *memory, fenp_item *root, const char *path, fenp_item *value, fenp_place at, fenp_faults *faults);
fenp_item *fenp_document_merge(fenp_arena *memory, fenp_item *base, fenp_item *over, fenp_faults *faults);   /* merges whole files */
void       fenp_document_write(const fenp_item *item, fenp_text *to);          /* YAML again; numbers in full, texts quoted where needed */

fenp_item *fenp_item_get(const fenp_item *mapping, const char *key);           /* NULL: none, or not a mapping */
int        fenp_item_index(const fenp_item *mapping, const char *key);         /* -1: none */
void       fenp_item_set(fenp_arena *memory, fenp_item *mapping, const char *key, fenp_item *value, fenp_place key_at);   /* value NULL removes */
fenp_item *fenp_item_new(fenp_arena *memory, fenp_sort sort, fenp_place at);
fenp_item *fenp_item_text(fenp_arena *memory, const char *text, fenp_place at);     /* a TEXT item */
fenp_item *fenp_item_number(fenp_arena *memory, double number, fenp_place at);
fenp_item *fenp_item_copy(fenp_arena *memory, const fenp_item *item);          /* deep */
void       fenp_item_add(fenp_arena *memory, fenp_item *list, fenp_item *value);
bool       fenp_item_equal(const fenp_item *a, const fenp_item *b);            /* by value, places aside */
#endif
