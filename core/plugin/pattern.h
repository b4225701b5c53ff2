/* plugin/pattern.h: port shapes and ranges as data. Private to this folder and conformance. */
#ifndef FENCHEL_PLUGIN_PATTERN_H
#define FENCHEL_PLUGIN_PATTERN_H
#include "plugin/schema.h"

typedef enum fenp_size_kind { FENP_SIZE_NUMBER, FENP_SIZE_LETTER, FENP_SIZE_ATTRIBUTE } fenp_size_kind;
typedef struct fenp_size { fenp_size_kind kind; int64_t number; char name[32]; } fenp_size;
/* "[leads; features]": before, then any run if `run`, then the sizes behind it. */
typedef struct fenp_pattern { bool leads, run; char lead[32]; int before, n; fenp_size size[FEN_MAX_RANK]; } fenp_pattern;
bool fenp_pattern_read(const char *text, fenp_pattern *p);           /* false: it cannot be read */

typedef struct fenp_range { double low, high; bool low_open, high_open; } fenp_range;
bool fenp_range_read(const char *text, fenp_range *r);               /* "[0, inf)"; false: it cannot be read */
bool fenp_range_has(const fenp_range *r, double value);
bool fenp_word_listed(const char *words, const char *word, size_t n);         /* word[0..n) is one of "a|b|c" */
#endif
