/* config/expression.h: the expressions of LANGUAGE 2 as trees; each part with its place in the file. */
#ifndef FENCHEL_CONFIG_EXPRESSION_H
#define FENCHEL_CONFIG_EXPRESSION_H
#include "base/fault.h"

/* NUMBER number, whole; NAME name; DOT arg[0] "." name; LIST arg[0..n); NEGATE arg[0]; CALL name(arg.. over axis..);
 * the rest have arg[0], arg[1]. */
typedef enum fenp_form {
    FENP_X_NUMBER, FENP_X_NAME, FENP_X_DOT, FENP_X_LIST, FENP_X_NEGATE, FENP_X_CALL,
    FENP_X_ADD, FENP_X_SUBTRACT, FENP_X_MULTIPLY, FENP_X_DIVIDE, FENP_X_REMAINDER, FENP_X_POWER,
    FENP_X_LESS, FENP_X_LESS_EQUAL, FENP_X_GREATER, FENP_X_GREATER_EQUAL, FENP_X_EQUAL, FENP_X_UNEQUAL
} fenp_form;
typedef struct fenp_expression fenp_expression;
struct fenp_expression {
    fenp_form form;
    fenp_place at;
    double number; bool whole;
    const char *name;
    fenp_expression **arg; int n;
    const char **arg_name;                    /* CALL: NULL entries for arguments in order */
    const char **over; int overs;             /* CALL: axes; none: 0 */
    int first, last;                          /* bytes of the text it was read from: [first, last) */
    const char *text;                         /* that whole text */
};
/* NULL has recorded the fault. Depth limit 200. `at` is where the text begins (of a plain or quoted scalar on one line the columns are exact). */
fenp_expression *fenp_expression_parse(fenp_arena *memory, const char *text, fenp_place at, fenp_faults *faults);
void fenp_expression_names(const fenp_expression *x, void (*each)(void *context, const fenp_expression *name), void *context);   /* NAME and CALL forms, all */
bool fenp_is_name(const char *text);          /* [a-z][a-z0-9_]* */
#endif
