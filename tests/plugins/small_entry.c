/* An entry that is no descriptor. */
extern const int fen_plugin_entry;
const int fen_plugin_entry = 1;
