/* config/syntax.c: syntax errors of YAML in the words of this project.
 * libyaml says what it met; a person needs what to do. First come the known traps, found in the text itself around the place,
 * then a table from libyaml's words to a sentence, then libyaml's words as they are. */
#include "config/parts.h"
#include <string.h>

/* -- the text -- */

void fenp_source_lines(fenp_source *source) {
    source->lines = 0;
    for (size_t i = 0; i < source->n; i++) source->lines += source->text[i] == '\n';
    source->start = fenp_new(((size_t)++source->lines + 1) * sizeof *source->start);
    int line = 1;
    for (size_t i = 0; i < source->n; i++)
        if (source->text[i] == '\n') source->start[line++] = (int)i + 1;
    source->start[line] = (int)source->n + 1;
}

const char *fenp_source_line(const fenp_source *source, int line, int *n) {
    *n = 0;
    if (line < 1 || line > source->lines) return NULL;
    const char *at = source->text + source->start[line - 1];
    *n = source->start[line] - source->start[line - 1] - 1;
    if (*n && at[*n - 1] == '\r') (*n)--;
    return at;
}

/* The byte (from 0) at which a column stands: columns count characters. */
static int byte_at(const char *line, int n, int column) {
    int i = 0;
    for (; i < n && column > 1; column--)
        do i++; while (i < n && ((unsigned char)line[i] & 0xC0) == 0x80);
    return i;
}

/* Bytes of the UTF-8 character that begins here; 0: none does. Bounds of the second byte after RFC 3629. */
static int character_bytes(const unsigned char *c, size_t n) {
    static const struct { unsigned char from, to, low, high; int bytes; } table[] = {
        {0x00, 0x7F, 0, 0, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
        {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int bytes = table[i].bytes;
        if (c[0] < table[i].from || c[0] > table[i].to || (size_t)bytes > n) continue;
        bool good = bytes == 1 || (c[1] >= table[i].low && c[1] <= table[i].high);
        for (int k = 2; k < bytes; k++) good = good && (c[k] & 0xC0) == 0x80;
        return good ? bytes : 0;
    }
    return 0;
}

static bool is_control(const unsigned char *c, int bytes) {
    if (bytes == 1) return (c[0] < ' ' && c[0] != '\t' && c[0] != '\n' && c[0] != '\r') || c[0] == 0x7F;
    if (bytes == 2) return c[0] == 0xC2 && c[1] < 0xA0;
    if (bytes != 3) return false;
    return memcmp(c, "\xE2\x80\xA8", 3) == 0 || memcmp(c, "\xE2\x80\xA9", 3) == 0 || memcmp(c, "\xEF\xBB\xBF", 3) == 0
        || memcmp(c, "\xEF\xBF\xBE", 3) == 0 || memcmp(c, "\xEF\xBF\xBF", 3) == 0;
}

bool fenp_source_allowed(const fenp_source *source, fenp_faults *faults) {
    const unsigned char *text = (const unsigned char *)source->text;
    fenp_place at = {source->name, 1, 1};
    for (size_t i = 0; i < source->n;) {
        int bytes = character_bytes(text + i, source->n - i);
        if (!bytes) {
            fenp_fail(faults, at, "byte 0x%02X is no UTF-8: save the file as UTF-8", text[i]);
            return false;
        }
        if (is_control(text + i, bytes)) {
            const char *what = bytes == 1 ? "control character" : "an invisible control character begins with byte";
            fenp_fail(faults, at, "%s 0x%02X: leave it out%s", what, text[i], text[i] ? "" : " (is this a text file?)");
            return false;
        }
        at.column++;
        if (text[i] == '\n') at.line++, at.column = 1;
        i += (size_t)bytes;
    }
    return true;
}

/* -- the traps -- */

static bool name_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }
static bool has(const char *text, const char *part) { return text && strstr(text, part); }

static int blanks(const char *line, int n) {
    int i = 0;
    while (i < n && (line[i] == ' ' || line[i] == '\t')) i++;
    return i;
}

static bool is_empty(const char *line, int n) {
    int i = blanks(line, n);
    return i == n || line[i] == '#';
}

/* `- name` and nothing behind it: the column (from 0) of the name and its length. */
static bool is_bare_entry(const char *line, int n, int *column, int *length) {
    int i = blanks(line, n), dashes = 0;
    while (i + 1 < n && line[i] == '-' && line[i + 1] == ' ') dashes++, i += 1 + blanks(line + i + 1, n - i - 1);
    int from = i;
    while (i < n && name_byte(line[i])) i++;
    *column = from;
    *length = i - from;
    return dashes && i > from && is_empty(line + i, n - i);
}

/* `- relu`, then `as:` deeper than its dash. */
static bool trap_bare_entry(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults) {
    int n, indent, above, column, length;
    const char *line = fenp_source_line(s, t->line, &n);
    if (!line) return false;
    indent = blanks(line, n);
    int end = indent;
    while (end < n && name_byte(line[end])) end++;
    if (end == indent || end == n || line[end] != ':') return false;
    for (above = t->line - 1; above > 0; above--) {
        const char *before = fenp_source_line(s, above, &n);
        if (!before || is_empty(before, n)) continue;
        if (!is_bare_entry(before, n, &column, &length) || indent <= blanks(before, n)) return false;
        fenp_fail(faults, (fenp_place){s->name, above, column + 1}, "`%.*s` is followed by `%.*s:`: write `- %.*s:`", length, before + column,
                  end - indent, line + indent, length, before + column);
        return true;
    }
    return false;
}

static bool trap_tab(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults) {
    int n;
    const char *line = fenp_source_line(s, t->line, &n);
    int indent = line ? blanks(line, n) : 0;
    const char *tab = indent ? memchr(line, '\t', (size_t)indent) : NULL;
    if (!tab) return false;
    fenp_fail(faults, (fenp_place){s->name, t->line, (int)(tab - line) + 1}, "a tab cannot indent a line: write spaces");
    return true;
}

/* `key: - x`, `{key: - x}`, `[- x]` */
static bool trap_dash(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults) {
    int n;
    const char *line = fenp_source_line(s, t->line, &n);
    int i = line ? byte_at(line, n, t->column) : 0;
    if (i + 2 >= n || line[i] != '-' || line[i + 1] != ' ' || blanks(line, n) == i) return false;
    int from = i + 1 + blanks(line + i + 1, n - i - 1), to = from;
    while (to < n && !(has(t->context, "flow") ? strchr(",]}", line[to]) != NULL : line[to] == '#' && line[to - 1] == ' ')) to++;
    while (to > from && line[to - 1] == ' ') to--;
    int length = to - from < FENP_QUOTED ? to - from : FENP_QUOTED;
    fenp_fail(faults, (fenp_place){s->name, t->line, t->column}, "`- %.*s` would begin a list here: quote it, or write it without the space: -%.*s",
              length, line + from, length, line + from);
    return true;
}

/* The column (from 0) of `use: #`, or -1. */
static int comment_use(const char *line, int n) {
    static const char *const keys[] = {"use:", "copy:", "extends:"};
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            int length = (int)strlen(keys[k]);
            if (i + length >= n || memcmp(line + i, keys[k], (size_t)length) != 0 || (i && name_byte(line[i - 1]))) continue;
            int skip = blanks(line + i + length, n - i - length), at = i + length + skip;
            if (skip && at < n && line[at] == '#') return i;
        }
    return -1;
}

/* `{use: #x}`: the brace lies in the comment, and the fault shows lines below. */
static bool trap_comment(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults) {
    enum { NEAR = 50 };                       /* lines */
    if (!has(t->context, "flow")) return false;
    for (int line = t->line, n; line > t->line - NEAR; line--) {
        const char *text = fenp_source_line(s, line, &n);
        int column = text ? comment_use(text, n) : -1;
        if (column < 0) continue;
        int length = (int)(strchr(text + column, ':') - (text + column));
        fenp_fail(faults, (fenp_place){s->name, line, column + 1},
                  "`%.*s` has no value, as `#` begins a comment after a space; write FILE#NAME or NAME", length, text + column);
        return true;
    }
    return false;
}

/* Inside { } and [ ] a text ends at each bracket and brace. */
static bool trap_bracket(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults) {
    int n;
    const char *line = fenp_source_line(s, t->line, &n);
    int i = line ? byte_at(line, n, t->column) : 0;
    if (!has(t->context, "flow") || i >= n || i < 1 || !strchr("[{", line[i])) return false;
    const char *what = line[i] == '{' && line[i - 1] == '$' ? "texts with ${..}" : "expressions with commas or brackets";
    fenp_fail(faults, (fenp_place){s->name, t->line, t->column}, "`%c` ends the text before it: quote %s inside { } and [ ]", line[i], what);
    return true;
}

/* `about: one: two` */
static bool trap_colon(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults) {
    int n, colons = 0;
    const char *line = fenp_source_line(s, t->line, &n);
    if (!has(t->problem, "mapping values are not allowed") || !line) return false;
    for (int i = 0, end = byte_at(line, n, t->column); i <= end && i < n; i++) colons += line[i] == ':' && (i + 1 == n || line[i + 1] == ' ');
    if (colons < 2) return false;
    fenp_fail(faults, (fenp_place){s->name, t->line, t->column},
              "a second `:` on one line: quote a text with `: ` in it, or write { } around a mapping");
    return true;
}

static bool trap_unclosed(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults) {
    if (!has(t->problem, "',' or '") || t->line == t->context_line) return false;
    bool list = has(t->problem, "]"), end = t->line > s->lines || (size_t)s->start[t->line - 1] >= s->n;
    fenp_place at = {s->name, t->line, t->column}, open = {s->name, t->context_line, t->context_column};
    if (end) fenp_fail(faults, open, "this `%c` is never closed", list ? '[' : '{');
    else fenp_fail(faults, at, "a `,` or `%c` is missing before this, for the `%c` at line %d, column %d", list ? ']' : '}', list ? '[' : '{',
                   open.line, open.column);
    return true;
}

static bool trap_character(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults) {
    int n;
    const char *line = fenp_source_line(s, t->line, &n);
    int i = line ? byte_at(line, n, t->column) : 0;
    if (!has(t->problem, "cannot start any token") || i >= n || line[i] == '\t') return false;
    fenp_fail(faults, (fenp_place){s->name, t->line, t->column}, "a text cannot begin with `%c`: quote it", line[i]);
    return true;
}

typedef bool (*trap)(const fenp_source *s, const fenp_trouble *t, fenp_faults *faults);
static const trap traps[] = {trap_tab, trap_bare_entry, trap_dash, trap_comment, trap_bracket, trap_colon, trap_unclosed, trap_character};

/* -- the rest -- */

static const struct { const char *context, *problem; bool at_context; const char *sentence; } sentences[] = {
    {"quoted scalar", "unexpected end of stream", true, "the quote that begins here is never closed"},
    {"quoted scalar", "document indicator", true, "the quote that begins here is never closed"},
    {"quoted scalar", "unknown escape", false, "unknown escape in a text between double quotes: write `\\\\` for a backslash, or use single quotes"},
    {"quoted scalar", "", false, "wrong escape in a text between double quotes: write `\\\\` for a backslash, or use single quotes"},
    {"anchor", "", true, "a file has no anchors: write `use` or `extends`, or quote a text that begins with `&`"},
    {"alias", "", true, "a file has no aliases: write `use` or `extends`, or quote a text that begins with `*`"},
    {"tag", "", true, "a file has no tags: quote a text that begins with `!`"},
    {"parsing a node", "undefined tag handle", false, "a file has no tags: quote a text that begins with `!`"},
    {"block scalar", "", true, "`|` or `>` begins a text on the lines below: quote an expression that begins with it"},
    {"directive", "", true, "a file has no `%` directives: quote a text that begins with `%`"},
    {"", "directive", true, "a file has no `%` directives: quote a text that begins with `%`"},
    {"plain scalar", "unexpected ':'", false, "a `:` inside { } or [ ] needs a space behind it, or quotes around its text"},
    {"simple key", "", true, "a `:` is missing after this key"},
    {NULL, "document start", false, "the document has ended before this: a file is one mapping"},
    {NULL, "cannot start any token", false, "a tab cannot stand here: write spaces"},
    {NULL, "block sequence entries", false, "a list cannot begin here: begin it on a line of its own"},
    {NULL, "mapping keys are not allowed", false, "`? ` cannot stand here: quote a text that begins with it"},
    {NULL, "mapping values are not allowed", false,
     "`:` cannot stand here: is the line indented too far, or does a text with `: ` in it need quotes?"},
    {NULL, "expected '-' indicator", false, "`- ` is missing here, or the indent is wrong: the lines above are a list"},
    {NULL, "expected key", false, "this does not fit the mapping above: is the indent wrong, or does something follow a quoted text?"},
    {NULL, "',' or '}'", false, "a `,` or `}` is missing before this"},
    {NULL, "',' or ']'", false, "a `,` or `]` is missing before this"},
    {NULL, "node content", false, "a value is missing before this"},
};

void fenp_syntax_fail(const fenp_source *source, const fenp_trouble *t, fenp_faults *faults) {
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++)
        if (traps[i](source, t, faults)) return;
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        if (sentences[i].context && !has(t->context ? t->context : "", sentences[i].context)) continue;
        if (!has(t->problem, sentences[i].problem)) continue;
        bool context = sentences[i].at_context && t->context;
        fenp_place at = {source->name, context ? t->context_line : t->line, context ? t->context_column : t->column};
        fenp_fail(faults, at, "%s", sentences[i].sentence);
        return;
    }
    fenp_fail(faults, (fenp_place){source->name, t->line, t->column}, "not YAML: %s", t->problem);
}
