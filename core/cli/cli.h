/* cli/cli.h: sub-commands, a row each. */
#ifndef FENCHEL_CLI_CLI_H
#define FENCHEL_CLI_CLI_H
#include "train/train.h"
typedef struct fenp_command {
    const char *name, *usage, *help;
    int (*run)(int argc, char **argv);
} fenp_command;
int fenp_main(int argc, char **argv);
const fenp_command *fenp_command_named(const char *name); /* NULL: there is none */
int fenp_usage(const fenp_command *c, const char *what, const char *given); /* says so on stderr; given NULL: nothing. FENP_EXIT_USAGE */
bool fenp_options_read(int argc, char **argv, fenp_options *o, const char **rest, int most, int *n, const fenp_command *c,
                       int *code); /* false: leave with *code */
int fenp_command_run(int argc, char **argv);
int fenp_command_sweep(int argc, char **argv);
int fenp_command_check(int argc, char **argv);
int fenp_command_resume(int argc, char **argv);
int fenp_command_plugins(int argc, char **argv);
int fenp_command_plugin(int argc, char **argv);
int fenp_command_describe(int argc, char **argv);
int fenp_command_log(int argc, char **argv);
int fenp_command_new(int argc, char **argv);
extern const fenp_command fenp_commands[];
extern const char fenp_exit_codes[];          /* a line of help */
#endif
