/* config/token.h: the words of an expression. */
#ifndef FENCHEL_CONFIG_TOKEN_H
#define FENCHEL_CONFIG_TOKEN_H
#include "config/parts.h"

/* A MARK is one of ( ) [ ] , . = + - * / % ^ < <= > >= == != ; its `mark` is its first byte, plus 256 where `=` follows. */
typedef enum fenp_token_sort { FENP_T_END, FENP_T_NUMBER, FENP_T_NAME, FENP_T_MARK, FENP_T_OTHER } fenp_token_sort;
typedef struct fenp_token { fenp_token_sort sort; int mark, first, last; } fenp_token;   /* bytes [first, last) of the text */

enum { FENP_T_OR_EQUAL = 256 };
fenp_token  fenp_token_at(const char *text, int from);                         /* the next one from there */
const char *fenp_token_mend(const char *text, const fenp_token *token);        /* what to do about a word that is none here, or NULL */
#endif
