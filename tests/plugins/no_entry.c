/* A shared object that is no plugin. */
extern int fen_test_no_plugin;
int fen_test_no_plugin = 1;
