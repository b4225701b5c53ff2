/* config/document.c: one YAML text -> a tree of items. The only file that knows libyaml.
 * Events, never yaml_parser_load: libyaml has no limits of its own (100 KB of `[` take it 18 s), so they are here.
 * A syntax error ends the file; all else is collected. Syntax errors become sentences in syntax.c. */
#include "base/io.h"
#include "config/parts.h"
#include <string.h>
#include <yaml.h>

enum { BYTES = 1 << 20, EVENTS = 100000, SCALAR = 1 << 16, KEY = 256, ENTRIES = 2048, FAULTS = 100 };

typedef struct frame {
    fenp_item *item;
    const char *key;                          /* of the value to come; NULL: a key is to come */
    fenp_place key_at;
    bool key_plain, key_cut, key_lost, flow;  /* cut: a piece of an expression; lost: not for the tree */
    int open, cut;                            /* parentheses that an already reported text left open; faults when it was reported */
} frame;

typedef struct reader {
    fenp_arena *memory;
    fenp_faults *faults;
    fenp_source source;
    frame stack[FENP_DOCUMENT_DEPTH];
    int depth, events, documents, faults_before;
    fenp_item *root;
    bool stopped;
} reader;

static fenp_place place_of(const reader *r, yaml_mark_t mark) {
    return (fenp_place){r->source.name, (int)mark.line + 1, (int)mark.column + 1};
}

static void stop(reader *r) { r->stopped = true; }

/* -- scalars -- */

static bool is_quote(yaml_scalar_style_t style) {
    return style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

/* A block text (`|`, `>`) begins on the first line after its header that is not blank. */
static fenp_place block_place(const reader *r, fenp_place at) {
    for (int line = at.line + 1, n = 0;; line++) {
        const char *text = fenp_source_line(&r->source, line, &n);
        if (!text) return at;
        for (int i = 0; i < n; i++)
            if (text[i] != ' ') return (fenp_place){at.file, line, i + 1};
    }
}

/* Where the text begins: behind the quote, under the header of a block text. */
static fenp_place scalar_place(const reader *r, const yaml_event_t *e) {
    fenp_place at = place_of(r, e->start_mark);
    yaml_scalar_style_t style = e->data.scalar.style;
    if (is_quote(style)) at.column++;
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE) at = block_place(r, at);
    return at;
}

static void read_number(reader *r, fenp_item *item, size_t n) {
    const char *refusal = fenp_number_value(item->text, n, &item->number, &item->whole);
    item->sort = FENP_NUMBER;
    if (refusal) fenp_fail(r->faults, item->at, "`%.*s` %s", FENP_QUOTED, item->text, refusal);
}

static bool is_one_of(const char *text, const char *const *words) {
    for (; *words; words++)
        if (strcmp(text, *words) == 0) return true;
    return false;
}

/* What a plain scalar means. */
static void classify(reader *r, fenp_item *item, size_t n) {
    static const char *const nothing[] = {"", "~", "null", NULL}, *const truth[] = {"true", "false", NULL};
    size_t sign = item->text[0] == '-' || item->text[0] == '+', digits = fenp_number_length(item->text + sign);
    if (is_one_of(item->text, nothing)) item->sort = FENP_NULL;
    else if (is_one_of(item->text, truth)) item->sort = FENP_BOOL, item->truth = item->text[0] == 't';
    else if (digits && sign + digits == n) read_number(r, item, n);
}

static void refuse_marks(reader *r, fenp_place at, const yaml_char_t *anchor, const yaml_char_t *tag) {
    if (anchor)
        fenp_fail(r->faults, at, "anchor `&%.*s`: a file has no anchors; write `use` or `extends`", FENP_QUOTED, (const char *)anchor);
    if (tag)
        fenp_fail(r->faults, at, "tag `%.*s`: a file has no tags; leave it out, or quote a text that begins with `!`", FENP_QUOTED,
                  (const char *)tag);
}

static fenp_item *scalar_item(reader *r, const yaml_event_t *e) {
    size_t n = e->data.scalar.length;
    const char *text = (const char *)e->data.scalar.value;
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    fenp_item *item = fenp_item_new(r->memory, FENP_TEXT, scalar_place(r, e));
    refuse_marks(r, place_of(r, e->start_mark), e->data.scalar.anchor, plain || e->data.scalar.tag ? e->data.scalar.tag : NULL);
    if (n > SCALAR) {
        fenp_fail(r->faults, item->at, "a text of %zu bytes is too long (at most %d)", n, SCALAR);
        n = 0;
    } else if (memchr(text, 0, n)) {
        fenp_fail(r->faults, item->at, "a text cannot hold the character NUL (`\\0`)");
    }
    item->text = fenp_arena_copy(r->memory, text, n);
    item->quoted = !plain;
    if (plain) classify(r, item, n);
    return item;
}

/* -- the traps of YAML (LANGUAGE 9) -- */

static int balance(const char *text) {
    int open = 0;
    for (; *text; text++) open += (*text == '(') - (*text == ')');
    return open;
}

#define QUOTE "quote expressions with commas inside { } and [ ]"

/* A plain text between { } or [ ] with unbalanced parentheses was cut at a comma; its other pieces are not reported again. */
static bool is_cut(reader *r, frame *f, const char *text, fenp_place at) {
    int open = balance(text);
    if (!f->flow || (!open && !f->open)) return false;
    if (!f->open) {
        fenp_fail(r->faults, at, "the parentheses of `%.*s` do not match: " QUOTE, FENP_QUOTED, text);
        f->cut = r->faults->n;
    }
    f->open = f->open ? f->open + open : open > 0 ? open : 0;
    if (f->open < 0) f->open = 0;
    return true;
}

static bool ends_in_parenthesis(const char *text) {
    size_t n = strlen(text);
    return n && text[n - 1] == ')';
}

/* `use: #x` */
static bool comment_follows(const reader *r, const frame *f) {
    int n, i = f->key_at.column - 1 + (int)strlen(f->key);
    const char *line = fenp_source_line(&r->source, f->key_at.line, &n);
    if (!line || i >= n || line[i++] != ':') return false;
    while (i < n && (line[i] == ' ' || line[i] == '\t')) i++;
    return i < n && line[i] == '#';
}

static void check_null(reader *r, const frame *f, const fenp_item *value) {
    static const char *const files[] = {"use", "copy", "extends", NULL};
    if (f->key_plain && !f->key_cut && ends_in_parenthesis(f->key))
        fenp_fail(r->faults, f->key_at, "key `%.*s` ends in `)` and has no value: " QUOTE, FENP_QUOTED, f->key);
    else if (f->key_plain && !f->key_cut && f->flow && strchr(f->key, ':'))
        fenp_fail(r->faults, f->key_at, "key `%.*s` has no value: a `:` between a key and its value needs a space behind it", FENP_QUOTED, f->key);
    else if (is_one_of(f->key, files) && !*value->text && comment_follows(r, f))
        fenp_fail(r->faults, f->key_at, "`%s` has no value, as `#` begins a comment after a space; write FILE#NAME or NAME", f->key);
}

/* -- building -- */

static void put_value(reader *r, fenp_item *value) {
    frame *f = r->depth ? &r->stack[r->depth - 1] : NULL;
    if (!f) {
        r->root = value;
    } else if (f->item->sort == FENP_LIST) {
        fenp_item_add(r->memory, f->item, value);
    } else {
        if (!f->key_lost) fenp_item_append(r->memory, f->item, f->key, value, f->key_at);
        f->key = NULL;
    }
}

static void check_key(reader *r, frame *f, const fenp_item *key) {
    int known = fenp_item_index(f->item, key->text);
    fenp_place first = known >= 0 ? f->item->key_at[known] : key->at;
    if (!key->quoted && strcmp(key->text, "<<") == 0)
        fenp_fail(r->faults, key->at, "key `<<`: a file has no merge keys; write `use` or `extends`");
    else if (key->sort != FENP_TEXT)
        fenp_fail(r->faults, key->at, "a key must be a text; this one is %s%s%s: put it in quotes, or name it", fenp_sort_name[key->sort],
                  *key->text ? ", " : "", key->text);
    else if (!*key->text || strlen(key->text) > KEY)
        fenp_fail(r->faults, key->at, "a key must have 1 to %d bytes; this one has %zu", KEY, strlen(key->text));
    else if (known >= 0)
        fenp_fail(r->faults, key->at, "key `%s` stands twice in one mapping, first at %s:%d:%d: remove one of them", key->text, first.file,
                  first.line, first.column);
    f->key_lost = known >= 0;
    if (f->item->n >= ENTRIES) {
        fenp_fail(r->faults, key->at, "a mapping of more than %d entries", ENTRIES);
        stop(r);
    }
}

static void take_key(reader *r, frame *f, const yaml_event_t *e) {
    fenp_item *key = scalar_item(r, e);
    f->key = key->text;
    f->key_at = key->at;
    f->key_plain = !key->quoted;
    f->key_lost = f->key_cut = !key->quoted && is_cut(r, f, key->text, key->at);
    if (!f->key_cut) check_key(r, f, key);
}

static frame *key_wanted(reader *r) {
    frame *f = r->depth ? &r->stack[r->depth - 1] : NULL;
    return f && f->item->sort == FENP_MAPPING && !f->key ? f : NULL;
}

static void on_scalar(reader *r, const yaml_event_t *e) {
    frame *f = key_wanted(r);
    if (f) {
        take_key(r, f, e);
        return;
    }
    fenp_item *value = scalar_item(r, e);
    f = r->depth ? &r->stack[r->depth - 1] : NULL;
    if (f && !value->quoted) is_cut(r, f, value->text, value->at);
    if (f && f->key && value->sort == FENP_NULL) check_null(r, f, value);
    put_value(r, value);
}

static void on_alias(reader *r, const yaml_event_t *e) {
    fenp_place at = place_of(r, e->start_mark);
    fenp_fail(r->faults, at, "alias `*%.*s`: a file has no aliases; write `use` or `extends`, or quote a text that begins with `*`", FENP_QUOTED,
              (const char *)e->data.alias.anchor);
    frame *f = key_wanted(r);
    if (f) stop(r);
    else put_value(r, fenp_item_new(r->memory, FENP_NULL, at));
}

static void on_start(reader *r, fenp_sort sort, fenp_place at, bool flow) {
    const char *what = fenp_sort_name[sort];
    if (key_wanted(r)) {
        fenp_fail(r->faults, at, "a key must be a text; this one is %s: put it in quotes, as in \"${name}\"", what);
        stop(r);
    } else if (r->depth == FENP_DOCUMENT_DEPTH) {
        fenp_fail(r->faults, at, "%s more than %d levels deep", what, FENP_DOCUMENT_DEPTH);
        stop(r);
    } else {
        fenp_item *item = fenp_item_new(r->memory, sort, at);
        put_value(r, item);
        r->stack[r->depth++] = (frame){.item = item, .flow = flow};
    }
}

static void on_mapping(reader *r, const yaml_event_t *e) {
    fenp_place at = place_of(r, e->start_mark);
    refuse_marks(r, at, e->data.mapping_start.anchor, e->data.mapping_start.tag);
    on_start(r, FENP_MAPPING, at, e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
}

static void on_list(reader *r, const yaml_event_t *e) {
    fenp_place at = place_of(r, e->start_mark);
    refuse_marks(r, at, e->data.sequence_start.anchor, e->data.sequence_start.tag);
    on_start(r, FENP_LIST, at, e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
}

static void on_document(reader *r, const yaml_event_t *e) {
    if (r->documents++ == 0) return;
    fenp_fail(r->faults, place_of(r, e->start_mark),
              "a second document begins here: a file is one document; use one file for each, and `extends` or `use`");
    stop(r);
}

static void on_event(reader *r, const yaml_event_t *e) {
    switch (e->type) {
    case YAML_SCALAR_EVENT: on_scalar(r, e); break;
    case YAML_ALIAS_EVENT: on_alias(r, e); break;
    case YAML_MAPPING_START_EVENT: on_mapping(r, e); break;
    case YAML_SEQUENCE_START_EVENT: on_list(r, e); break;
    case YAML_DOCUMENT_START_EVENT: on_document(r, e); break;
    case YAML_MAPPING_END_EVENT: case YAML_SEQUENCE_END_EVENT: r->depth--; break;
    case YAML_STREAM_END_EVENT: stop(r); break;
    default: break;
    }
    if (++r->events > EVENTS && !r->stopped) {
        fenp_fail(r->faults, place_of(r, e->start_mark), "a file of more than %d values", EVENTS / 2);
        stop(r);
    }
    if (r->faults->n - r->faults_before >= FAULTS && !r->stopped) {
        fenp_fail(r->faults, place_of(r, e->end_mark), "so many faults that the rest of the file was not read");
        stop(r);
    }
}

static void syntax_fault(reader *r, const yaml_parser_t *p) {
    fenp_trouble t = {.context = p->context, .problem = p->problem ? p->problem : "it is no YAML",
                      .context_line = (int)p->context_mark.line + 1, .context_column = (int)p->context_mark.column + 1,
                      .line = (int)p->problem_mark.line + 1, .column = (int)p->problem_mark.column + 1};
    if (p->error == YAML_MEMORY_ERROR) fenp_no_memory(0);
    const frame *f = r->depth ? &r->stack[r->depth - 1] : NULL;
    if (f && f->open && f->cut == r->faults->n) r->faults->n--;      /* `concat([1, 2], x)`: one mistake, said once, by the syntax error */
    fenp_syntax_fail(&r->source, &t, r->faults);
}

/* All events up to the first syntax error. */
static void read_events(reader *r) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) fenp_no_memory(0);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)r->source.text, r->source.n);
    while (!r->stopped) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event)) {
            on_event(r, &event);
            yaml_event_delete(&event);
        } else {
            syntax_fault(r, &parser);
            stop(r);
        }
    }
    yaml_parser_delete(&parser);
}

fenp_item *fenp_document_value(fenp_arena *memory, const char *name, const char *text, size_t n, fenp_faults *faults) {
    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, n -= 3;   /* a byte order mark says nothing here */
    reader *r = fenp_new(sizeof *r);
    *r = (reader){.memory = memory, .faults = faults, .faults_before = faults->n};
    r->source = (fenp_source){.name = fenp_arena_copy(memory, name, strlen(name)), .text = text, .n = n};
    fenp_source_lines(&r->source);
    if (fenp_source_allowed(&r->source, faults)) read_events(r);
    fenp_item *root = r->root;
    if (!root && faults->n == r->faults_before) root = fenp_item_new(memory, FENP_NULL, (fenp_place){r->source.name, 1, 1});
    fenp_delete(r->source.start);
    fenp_delete(r);
    return root;
}

fenp_item *fenp_document_parse(fenp_arena *memory, const char *name, const char *text, size_t n, fenp_faults *faults) {
    int before = faults->n;
    if (n > BYTES) {
        fenp_fail(faults, (fenp_place){fenp_arena_copy(memory, name, strlen(name)), 1, 1}, "a file of %zu bytes is too long (at most %d)", n, BYTES);
        return NULL;
    }
    fenp_item *root = fenp_document_value(memory, name, text, n, faults);
    if (!root || root->sort == FENP_MAPPING) return root;
    if (faults->n > before) return NULL;
    if (root->sort == FENP_NULL) fenp_fail(faults, root->at, "the file is empty: it must be a mapping, such as `name: my-run`");
    else fenp_fail(faults, root->at, "the file is %s: it must be a mapping, such as `name: my-run`", fenp_sort_name[root->sort]);
    return NULL;
}

fenp_item *fenp_document_read(fenp_arena *memory, const char *path, fenp_faults *faults, fenp_place named_at) {
    size_t n;
    char *text = fenp_read(path, BYTES, &n, faults, named_at);
    if (!text) return NULL;
    fenp_item *root = fenp_document_parse(memory, path, text, n, faults);
    fenp_delete(text);
    return root;
}
