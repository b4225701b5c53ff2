/* gradients.c: every real result by every real input and parameter, in every setup, in training and in evaluation. */
#include "conformance/conformance.h"

static bool check(fenp_check *c, const fenp_setup *s) {
    fenp_trial t;
    fenp_variable x[48];
    int n = 0;
    fenp_trial_open(&t, c->subject, s, 0);
    bool good = t.faults.n == 0 && fenp_trial_values(&t, 3);
    for (int i = 0; i < t.variables && good; i++)
        if (t.variable[i].node->type == FEN_REAL) x[n++] = t.variable[i];
    for (int i = 0; i < t.results && good && n; i++) {
        if (t.result[i].node->type != FEN_REAL) continue;
        const fenp_slope slope = {.b = t.b,
                                  .x = x,
                                  .n = n,
                                  .y = t.result[i].node,
                                  .where = fenp_setup_text(c, s),
                                  .name = fenp_arena_text(&c->memory, "`%s`", t.result[i].name)};
        fenp_slope_check(c, &slope);
    }
    if (t.faults.n == 0 && !good) fenp_find(c, "no numbers were found at which results and derivatives are finite%s", fenp_setup_text(c, s));
    fenp_trial_close(&t);
    return good;
}
void fenp_test_gradients(fenp_check *c) {
    fenp_setup list[24];
    int n = fenp_setups(c, list, 24), compared = 0;
    for (int i = 0; i < n; i++)
        for (int evaluate = 0; evaluate < 2; evaluate++) {
            list[i].mode = evaluate ? FEN_EVALUATE : FEN_TRAIN;
            compared += check(c, &list[i]);
        }
    if (n && !compared) fenp_find(c, "its derivatives could not be compared");
}
