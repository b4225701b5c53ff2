/* sweep.c: `fenchel sweep`: the points of `sweep.over`, each an ordinary run folder made by a child process (DECISIONS 13). */
#include "train/evaluate.h"
int fenp_run_sweep(const fenp_options *o, int jobs) { (void)o; (void)jobs; return FENP_EXIT_FAILED; }
