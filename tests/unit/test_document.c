/* tests/unit/test_document.c: core/config/ on documents: what scalars mean, limits, places, messages word by word (tests/yaml), merging,
 * overrides, writing. Expected values are written by hand from the language, never taken from the code. */
#include "config/document.h"
#include "test.h"
#include <dirent.h>
#include <locale.h>
#include <unistd.h>

static fenp_arena memory;
static char source_folder[4096];

static fenp_item *parsed(const char *text, fenp_faults *faults) { return fenp_document_parse(&memory, "t.yaml", text, strlen(text), faults); }

static char *printed(fenp_faults *faults) {
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    fenp_faults_print(faults, to);
    fclose(to);
    fenp_faults_free(faults);
    return text;
}

static void check_equal_text(const char *what, const char *wanted, const char *got) {
    fen_test_say(strcmp(wanted, got) == 0, __LINE__, __FILE__, "%s\n   wanted: %s\n   got:    %s", what, wanted, got);
}

static char *whole_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    char *text = calloc(1, 1 << 16);
    size_t n = fread(text, 1, (1 << 16) - 1, f);
    text[n] = 0;
    fclose(f);
    return text;
}

/* -- scalars -- */

static void test_scalars(void) {
    static const struct { const char *text; fenp_sort sort; double number; bool whole; const char *remark; } table[] = {
        {"7", FENP_NUMBER, 7, true, "integer"}, {"+7", FENP_NUMBER, 7, true, "sign"}, {"-0", FENP_NUMBER, 0, true, "minus nothing"},
        {"1e-3", FENP_NUMBER, 1e-3, false, "no point needed"}, {"1E5", FENP_NUMBER, 1e5, false, "capital E"},
        {".5", FENP_NUMBER, 0.5, false, "no zero needed"},
        {"-.5", FENP_NUMBER, -0.5, false, "sign before point"}, {"5.", FENP_NUMBER, 5, false, "nothing behind the point"},
        {"0.1", FENP_NUMBER, 0.1, false, "nearest double"},
        {"00.5", FENP_NUMBER, 0.5, false, "not octal with a point"},
        {"1.7976931348623157e308", FENP_NUMBER, 1.7976931348623157e308, false, "the largest"},
        {"5e-324", FENP_NUMBER, 5e-324, false, "the smallest"}, {"9007199254740993", FENP_NUMBER, 9007199254740992.0, true, "rounds to even"},
        {"nan", FENP_TEXT, 0, false, ""}, {"inf", FENP_TEXT, 0, false, ""}, {".inf", FENP_TEXT, 0, false, ""},
        {"0x10", FENP_TEXT, 0, false, "hexadecimal"},
        {"1_0", FENP_TEXT, 0, false, ""}, {"1e", FENP_TEXT, 0, false, ""}, {"1e+", FENP_TEXT, 0, false, ""}, {"e5", FENP_TEXT, 0, false, ""},
        {"+", FENP_TEXT, 0, false, ""},
        {"1 2", FENP_TEXT, 0, false, ""}, {"1 + 2", FENP_TEXT, 0, false, "an expression stays text"}, {"\"7\"", FENP_TEXT, 0, false, "quoted"},
        {"' 7'", FENP_TEXT, 0, false, ""},
        {"yes", FENP_TEXT, 0, false, "only true and false"}, {"True", FENP_TEXT, 0, false, ""}, {"on", FENP_TEXT, 0, false, ""},
        {"12:30", FENP_TEXT, 0, false, ""},
        {"true", FENP_BOOL, 0, false, ""}, {"false", FENP_BOOL, 0, false, ""}, {"\"true\"", FENP_TEXT, 0, false, ""},
        {"null", FENP_NULL, 0, false, ""}, {"~", FENP_NULL, 0, false, ""}, {"", FENP_NULL, 0, false, ""}, {"Null", FENP_TEXT, 0, false, ""},
        {"\"\"", FENP_TEXT, 0, false, ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[64];
        fenp_faults faults = {0};
        snprintf(text, sizeof text, "a: %s\n", table[i].text);
        const fenp_item *x = fenp_item_get(parsed(text, &faults), "a");
        bool good = x && faults.n == 0 && x->sort == table[i].sort;
        if (good && x->sort == FENP_NUMBER) good = x->number == table[i].number && x->whole == table[i].whole;
        if (!good) printf("\n`%s` (%s) is %s\n", table[i].text, table[i].remark, x ? fenp_sort_name[x->sort] : "not there");
        CU_ASSERT_TRUE(good);
        if (x && x->sort == FENP_NUMBER) CU_ASSERT_STRING_EQUAL(x->text, table[i].text);
        fenp_faults_free(&faults);
    }
}

static void check_place(const fenp_item *x, int line, int column) {
    CU_ASSERT_PTR_NOT_NULL_FATAL(x);
    CU_ASSERT_EQUAL(x->at.line, line);
    CU_ASSERT_EQUAL(x->at.column, column);
}

static void test_places(void) {
    fenp_faults faults = {0};
    const fenp_item *x = parsed("a: plain\nb: \"quoted\"\nc: {d: [1, "
     "'two']}\n\nf: >-\n\n    one +\n    two\ng: |\n  x\n\"h\": caf\xC3\xA9\ni: {\xC3\xA9: y}\n", &faults);
    CU_ASSERT_EQUAL_FATAL(faults.n, 0);
    check_place(fenp_item_get(x, "a"), 1, 4);
    check_place(fenp_item_get(x, "b"), 2, 5);                        /* behind the quote */
    const fenp_item *d = fenp_item_get(fenp_item_get(x, "c"), "d");
    check_place(d, 3, 8);
    check_place(d->item[0], 3, 9);
    check_place(d->item[1], 3, 13);
    check_place(fenp_item_get(x, "f"), 7, 5);                        /* where the text begins, not its `>` */
    check_place(fenp_item_get(x, "g"), 10, 3);
    check_place(fenp_item_get(fenp_item_get(x, "i"), "\xC3\xA9"), 12, 8);    /* columns count characters */
    CU_ASSERT_EQUAL(x->key_at[1].line, 2);
    CU_ASSERT_EQUAL(x->key_at[1].column, 1);
    CU_ASSERT_STRING_EQUAL(fenp_item_get(x, "f")->text, "\none + two");
    CU_ASSERT_STRING_EQUAL(fenp_item_get(x, "a")->at.file, "t.yaml");
    fenp_faults_free(&faults);
}

/* -- limits -- */

/* One fault that has the words, or none if words is NULL. */
static void check_fault(const char *text, size_t n, const char *words) {
    fenp_faults faults = {0};
    fenp_document_parse(&memory, "t.yaml", text, n, &faults);
    CU_ASSERT_EQUAL(faults.n, words ? 1 : 0);
    char *got = printed(&faults);
    bool good = !words || strstr(got, words);
    if (!good) printf("\nwanted: %s\n   got: %s\n", words, got);
    CU_ASSERT_TRUE(good);
    free(got);
}

static void check_long(const char *before, size_t letters, const char *after, const char *words) {
    size_t n = strlen(before) + letters + strlen(after);
    char *text = malloc(n + 1);
    strcpy(text, before);
    memset(text + strlen(before), 'x', letters);
    strcpy(text + strlen(before) + letters, after);
    check_fault(text, n, words);
    free(text);
}

static void check_repeated(const char *before, const char *part, int times, const char *words) {
    size_t length = strlen(part), n = strlen(before);
    char *text = malloc(n + length * (size_t)times + 1);
    strcpy(text, before);
    for (int i = 0; i < times; i++, n += length) strcpy(text + n, part);
    check_fault(text, n, words);
    free(text);
}

static void check_many_keys(int keys, const char *words) {
    char *text = malloc((size_t)keys * 16);
    size_t n = 0;
    for (int i = 0; i < keys; i++) n += (size_t)sprintf(text + n, "k%d: 1\n", i);
    check_fault(text, n, words);
    free(text);
}

static void test_limits(void) {
    check_long("a: 1\n#", (1 << 20) - 6, "", NULL);                  /* 1 MiB */
    check_long("a: 1\n#", (1 << 20) - 5, "", "t.yaml:1:1: a file of 1048577 bytes is too long (at most 1048576)");
    check_long("a: ", 65536, "\n", NULL);
    check_long("a: ", 65537, "\n", "t.yaml:1:4: a text of 65537 bytes is too long (at most 65536)");
    check_long("", 256, ": 1\n", NULL);
    check_long("", 257, ": 1\n", "t.yaml:1:1: a key must have 1 to 256 bytes; this one has 257");
    check_repeated("a:\n", "- 1\n", 99000, NULL);
    check_repeated("a:\n", "- 1\n", 100001, "a file of more than 50000 values");
    check_repeated("a: ", "[", 1000000, "t.yaml:1:67: a list more than 64 levels deep");
    check_repeated("a: ", "{", 100000, "a key must be a text; this one is a mapping");
    check_many_keys(2048, NULL);
    check_many_keys(2049, "t.yaml:2049:1: a mapping of more than 2048 entries");
    check_fault("a: [\0]\n", 7, "t.yaml:1:5: control character 0x00");
    check_fault("\xEF\xBB\xBF" "a: 1\n", 8, NULL);                   /* a byte order mark is fine */
    check_fault("a: 1\r\nb: 2\r\n", 12, NULL);
    check_fault("--- \na: 1\n...\n", 14, NULL);
}

/* -- messages -- */

static void check_message(const char *err) {
    char path[512], given[512];
    snprintf(given, sizeof given, "%.*s.yaml", (int)(strlen(err) - 4), err);
    fenp_faults faults = {0};
    fenp_document_load(&memory, given, &faults, (fenp_place){0});
    snprintf(path, sizeof path, "%s", err);
    char *wanted = whole_file(path), *got = printed(&faults);
    check_equal_text(given, wanted ? wanted : "(no file)", got);
    free(wanted);
    free(got);
}

static void test_messages(void) {
    char old[4096], folder[4200];
    snprintf(folder, sizeof folder, "%s/tests/yaml", source_folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(old, sizeof old));
    CU_ASSERT_EQUAL_FATAL(chdir(folder), 0);
    DIR *d = opendir(".");
    int seen = 0;
    for (struct dirent *e; (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 4, ".err") != 0) continue;
        check_message(e->d_name);
        seen++;
    }
    closedir(d);
    CU_ASSERT_TRUE(seen >= 50);
    CU_ASSERT_EQUAL(chdir(old), 0);
}

/* -- merging -- */

static void test_merge(void) {
    static const struct { const char *remark, *base, *over, *wanted; } table[] = {
        {"by key, the base's order, new ones behind", "b: 1\na: {x: 1, y: 2}\n", "c: 3\na: {y: 5, z: 6}\n", "b: 1\na: {x: 1, y: 5, z: 6}\nc: 3\n"},
        {"lists are replaced", "a: [1, 2, 3]\n", "a: [4]\n", "a: [4]\n"},
        {"null removes", "a: 1\nb: {c: 1, d: 2}\nsweep: {over: {seed: [1]}}\n", "a: null\nb: {c: null}\nsweep: ~\n", "b: {d: 2}\n"},
        {"removing what is not there", "a: 1\n", "b: null\nc: {d: null}\n", "a: 1\n"},
        {"named lists by name, new names behind", "train: [{phase: p, steps: 1, players: [{name: a, repeat: 1}, {name: b}]}]\n",
         "train: [{phase: q, steps: 3}, {phase: p, steps: 2, players: [{name: c}, {name: a, log: {x: y}}]}]\n",
         "train: [{phase: p, steps: 2, players: [{name: a, repeat: 1, log: {x: y}}, {name: b}, {name: c}]}, {phase: q, steps: 3}]\n"},
        {"an empty list replaces", "a: [{name: x}]\n", "a: []\n", "a: []\n"},
        {"the same sampler merges", "samplers: {z: {normal: {shape: [2], sd: 1}, axes: [batch]}}\n", "samplers: {z: {normal: {sd: 2}}}\n",
         "samplers: {z: {normal: {shape: [2], sd: 2}, axes: [batch]}}\n"},
        {"another sampler replaces", "samplers: {z: {normal: {shape: [2]}, axes: [batch]}}\n", "samplers: {z: {uniform: {low: 0}}}\n",
         "samplers: {z: {uniform: {low: 0}}}\n"},
        {"reserved words alone go with any function", "samplers: {z: {normal: {sd: 1}}}\n", "samplers: {z: {axes: [batch, k]}}\n",
         "samplers: {z: {normal: {sd: 1}, axes: [batch, k]}}\n"},
        {"a function key with nothing is no removal", "graph: {g: {gan: {lambda: 1}, in: [a, b]}}\n", "graph: {g: {gan: null, in: [c, d]}}\n",
         "graph: {g: {gan: {lambda: 1}, in: [c, d]}}\n"},
        {"node over expression", "graph: {g: f(x)}\n", "graph: {g: {f: {a: 1}, in: x}}\n", "graph: {g: {f: {a: 1}, in: x}}\n"},
        {"another optimizer replaces", "train: [{phase: p, players: [{name: a, optimizer: {adam: {rate: 1, beta1: 0.5}}}]}]\n",
         "train: [{phase: p, players: [{name: a, optimizer: {sgd: {rate: 2}}}]}]\n",
          "train: [{phase: p, players: [{name: a, optimizer: {sgd: {rate: 2}}}]}]\n"},
        {"the same optimizer merges", "train: [{phase: p, players: [{name: a, optimizer: {adam: {rate: 1, beta1: 0.5}}}]}]\n",
         "train: [{phase: p, players: [{name: a, optimizer: {adam: {rate: 2}}}]}]\n",
          "train: [{phase: p, players: [{name: a, optimizer: {adam: {rate: 2, beta1: 0.5}}}]}]\n"},
        {"use of another network replaces", "networks: {n: {use: m, with: {w: 1}}}\n", "networks: {n: {use: k}}\n", "networks: {n: {use: k}}\n"},
        {"use of the same one merges", "networks: {n: {use: m, with: {w: 1}}}\n", "networks: {n: {use: m, with: {v: 2}}}\n",
         "networks: {n: {use: m, with: {w: 1, v: 2}}}\n"},
        {"definition over use", "networks: {n: {use: m, with: {w: 1}}}\n", "networks: {n: {layers: [relu]}}\n", "networks: {n: {layers: [relu]}}\n"},
        {"use over definition", "networks: {n: {parameters: {w: 1}, layers: [relu]}}\n", "networks: {n: {use: m}}\n", "networks: {n: {use: m}}\n"},
        {"definitions merge by key", "networks: {n: {parameters: {w: 1, v: 2}, layers: [relu]}}\n", "networks: {n: {parameters: {w: 3}}}\n",
         "networks: {n: {parameters: {w: 3, v: 2}, layers: [relu]}}\n"},
        {"another initialiser replaces", "networks: {n: {defaults: {dense: {init: {normal: {sd: 1}}, bias: false}}, layers: [relu]}}\n",
         "networks: {n: {defaults: {dense: {init: {uniform: {low: 0}}}}}}\n",
          "networks: {n: {defaults: {dense: {init: {uniform: {low: 0}}, bias: false}}, layers: [relu]}}\n"},
        {"layers keep keys without a value", "networks: {n: {layers: [relu]}}\n", "networks: {n: {layers: [{relu: null, as: x}]}}\n",
         "networks: {n: {layers: [{relu: null, as: x}]}}\n"},
        {"aim removed and set", "train: [{phase: p, players: [{name: a, maximize: x}]}]\n",
         "train: [{phase: p, players: [{name: a, minimize: y, maximize: null}]}]\n",
         "train: [{phase: p, players: [{name: a, minimize: y}]}]\n"},
        {"metric: mapping over expression", "evaluate: {metrics: {m: mean(x), n: {value: a, unit: nats}}}\n",
         "evaluate: {metrics: {m: {value: b}, n: {unit: bits}}}\n",
         "evaluate: {metrics: {m: {value: b}, n: {value: a, unit: bits}}}\n"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fenp_faults faults = {0};
        fenp_item *got = fenp_document_merge(&memory, parsed(table[i].base, &faults), parsed(table[i].over, &faults), &faults);
        bool good = fenp_item_equal(got, parsed(table[i].wanted, &faults)) && faults.n == 0;
        fenp_text text = {0};
        fenp_document_write(got, &text);
        if (!good) printf("\n%s: got\n%s", table[i].remark, text.at);
        CU_ASSERT_TRUE(good);
        fenp_text_free(&text);
        fenp_faults_free(&faults);
    }
}

static void test_merge_places(void) {
    fenp_faults faults = {0};
    fenp_item *base = fenp_document_parse(&memory, "base.yaml", "a: {x: 1, y: 2}\n", 16, &faults);
    fenp_item *over = fenp_document_parse(&memory, "over.yaml", "\na: {y: 3}\n", 11, &faults);
    fenp_item *a = fenp_item_get(fenp_document_merge(&memory, base, over, &faults), "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_STRING_EQUAL(fenp_item_get(a, "x")->at.file, "base.yaml");
    CU_ASSERT_STRING_EQUAL(fenp_item_get(a, "y")->at.file, "over.yaml");
    CU_ASSERT_EQUAL(fenp_item_get(a, "y")->at.line, 2);
    CU_ASSERT_EQUAL(fenp_item_get(a, "y")->at.column, 8);
    CU_ASSERT_STRING_EQUAL(a->key_at[1].file, "over.yaml");
    CU_ASSERT_EQUAL(fenp_item_get(fenp_item_get(base, "a"), "y")->number, 2);          /* the base is as it was */
    CU_ASSERT_EQUAL(faults.n, 0);
}

/* -- overrides -- */

static const char *const OVERRIDE_BASE = "batch: 64\nparameters: {beta: 1, hidden: [1, 2]}\nsamplers: {z: {normal: {sd: 1}}}\n"
    "networks: {n: {layers: [relu, tanh]}}\ngraph: {g: f(x)}\n"
    "train: [{phase: play, steps: 5, players: [{name: critic, minimize: a, optimizer: {adam: {rate: 1, beta1: 0.5}}}, "
    "{name: em, assign: {hmm.start: s}}]}]\n"
    "evaluate: {expect: [a < 1]}\nsweep: {over: {parameters.beta: [1, 2]}}\n";

static void test_override(void) {
    static const struct { const char *assignment, *path, *wanted; } table[] = {
        {"parameters.beta=4", "parameters", "v: {beta: 4, hidden: [1, 2]}"},
        {"parameters.new=x + 1", "parameters", "v: {beta: 1, hidden: [1, 2], new: x + 1}"},
        {"parameters.hidden=[3]", "parameters", "v: {beta: 1, hidden: [3]}"}, {"parameters.beta=null", "parameters", "v: {hidden: [1, 2]}"},
        {"parameters.none=null", "parameters", "v: {beta: 1, hidden: [1, 2]}"}, {"batch=f(a, b)", "batch", "v: \"f(a, b)\""},
        {"batch=-x", "batch", "v: -x"},
        {"batch=1e-3", "batch", "v: 0.001"}, {"batch=''", "batch", "v: ''"}, {"samplers.z.uniform.low=0", "samplers", "v: {z: {uniform: {low: 0}}}"},
        {"samplers.z.normal.mean=2", "samplers", "v: {z: {normal: {sd: 1, mean: 2}}}"},
        {"samplers.z={uniform: {low: 1}}", "samplers", "v: {z: {uniform: {low: 1}}}"},
        {"checkpoint.every=5 steps", "checkpoint", "v: {every: 5 steps}"}, {"sweep=null", "sweep", NULL},
        {"evaluate.expect=[]", "evaluate", "v: {expect: []}"},
        {"sweep.over.parameters.beta=[3]", "sweep", "v: {over: {parameters.beta: [3]}}"},
        {"sweep.over.parameters.gamma=[3]", "sweep", "v: {over: {parameters.beta: [1, 2], parameters.gamma: [3]}}"},
        {"train.play.steps=7", "train",
         "v: [{phase: play, steps: 7, players: [{name: critic, minimize: a, optimizer: {adam: {rate: 1, beta1: 0.5}}}, "
        "{name: em, assign: {hmm.start: s}}]}]"},
        {"train.play.critic.optimizer.adam.rate=1e-4", "train",
         "v: [{phase: play, steps: 5, players: [{name: critic, minimize: a, optimizer: {adam: {rate: 1e-4, beta1: 0.5}}}, "
         "{name: em, assign: {hmm.start: s}}]}]"},
        {"train.play.players.critic.optimizer.sgd.rate=2", "train",
         "v: [{phase: play, steps: 5, players: [{name: critic, minimize: a, optimizer: {sgd: {rate: 2}}}, {name: em, assign: {hmm.start: s}}]}]"},
        {"train.play.em.assign.hmm.start=t", "train",
         "v: [{phase: play, steps: 5, players: [{name: critic, minimize: a, optimizer: {adam: {rate: 1, beta1: 0.5}}}, "
         "{name: em, assign: {hmm.start: t}}]}]"},
        {"train.play.epochs=1", "train",
         "v: [{phase: play, steps: 5, players: [{name: critic, minimize: a, optimizer: {adam: {rate: 1, beta1: 0.5}}}, "
         "{name: em, assign: {hmm.start: s}}], epochs: 1}]"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fenp_faults faults = {0};
        fenp_item *root = parsed(OVERRIDE_BASE, &faults);
        bool good = fenp_document_override(&memory, root, table[i].assignment, &faults) && faults.n == 0;
        fenp_item *got = fenp_item_get(root, table[i].path), *wanted = table[i].wanted ? fenp_item_get(parsed(table[i].wanted, &faults), "v") : NULL;
        good = good && fenp_item_equal(got, wanted);
        fenp_text text = {0};
        fenp_document_write(root, &text);
        if (!good) printf("\n%s: got\n%s", table[i].assignment, text.at);
        CU_ASSERT_TRUE(good);
        fenp_text_free(&text);
        fenp_faults_free(&faults);
    }
}

static void test_override_faults(void) {
    static const struct { const char *assignment, *wanted; } table[] = {
        {"train.play.critc.repeat=2", "train.play.critc.repeat=2:1:12: `train.play` has no player or key `critc`: did you mean `critic`?\n"},
        {"train.plya.steps=2", "train.plya.steps=2:1:7: `train` has no item `plya`: did you mean `play`?\n"},
        {"train.other.steps=2", "train.other.steps=2:1:7: `train` has no item `other`: it has play\n"},
        {"networks.n.layers.relu=1",
         "networks.n.layers.relu=1:1:19: the items of `networks.n.layers` have no names: give the whole list, networks.n.layers=[...]\n"},
        {"graph.g.f=1", "graph.g.f=1:1:9: `graph.g` is a text, and has no part `f`: give it as a whole, graph.g=...\n"},
        {"batch", "batch:1:1: an override is written path=value, such as parameters.beta=4\n"},
        {"=4", "=4:1:1: an override is written path=value, such as parameters.beta=4\n"},
        {"batch=", "batch=:1:7: a value is missing: write null to remove, '' for an empty text\n"},
        {"a..b=1", "a..b=1:1:3: a name is missing in the path `a..b`\n"},
        {"batch=- x", "batch=- x:1:7: `- x` would begin a list: quote it, or write it without the space: -x\n"},
        {"batch=[1", "batch=[1:1:7: this `[` is never closed\n"},
        {"batch=1e999", "batch=1e999:1:7: `1e999` is too large for a number (at most 1.8e308)\n"},
        {"train.play.critic.maximize=b",
         "train.play.critic.maximize=b:1:19: `maximize` over a base that has `minimize` (at t.yaml:6:58): "
         "write `minimize: null` beside it to remove that\n"},
        {"train.play.critic=3", "train.play.critic=3:1:19: `train.play.critic` is a mapping: give it as {...}, and got a number\n"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fenp_faults faults = {0};
        fenp_item *root = parsed(OVERRIDE_BASE, &faults), *before = fenp_item_copy(&memory, root);
        CU_ASSERT_FALSE(fenp_document_override(&memory, root, table[i].assignment, &faults));
        CU_ASSERT_TRUE(fenp_item_equal(root, before));
        char *got = printed(&faults);
        check_equal_text(table[i].assignment, table[i].wanted, got);
        free(got);
    }
}

/* What the command line writes is relative to the current folder: the place has no folder in its name. */
static void test_override_place(void) {
    fenp_faults faults = {0};
    fenp_item *root = parsed(OVERRIDE_BASE, &faults);
    CU_ASSERT_TRUE_FATAL(fenp_document_override(&memory, root, "parameters.run=runs/my-vae", &faults));
    const fenp_item *run = fenp_item_get(fenp_item_get(root, "parameters"), "run");
    CU_ASSERT_PTR_NOT_NULL_FATAL(run);
    CU_ASSERT_STRING_EQUAL(run->text, "runs/my-vae");
    CU_ASSERT_PTR_NULL(strchr(run->at.file, '/'));
    CU_ASSERT_EQUAL(run->at.column, 16);
    CU_ASSERT_STRING_EQUAL(root->at.file, "t.yaml");
}

/* -- writing -- */

static void test_write_numbers(void) {
    static const struct { const char *given, *wanted; } table[] = {
        {"1e-3", "0.001"}, {"1", "1"}, {"1.0", "1.0"}, {"1e5", "100000.0"}, {"-0.5", "-0.5"}, {".1", "0.1"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"1e-300", "1.0e-300"}, {"2.5e300", "2.5e+300"}, {"123456789012", "123456789012"}, {"3.14159265358979312", "3.141592653589793"},
        {"0", "0"}, {"0.0", "0.0"},
        {"5e-324", "5.0e-324"}, {"1e22", "10000000000000000000000.0"}, {"12.75", "12.75"}, {"-7", "-7"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[64], wanted[64];
        fenp_faults faults = {0};
        fenp_text got = {0};
        snprintf(text, sizeof text, "a: %s\n", table[i].given);
        snprintf(wanted, sizeof wanted, "a: %s\n", table[i].wanted);
        fenp_document_write(parsed(text, &faults), &got);
        check_equal_text("number written", wanted, got.at);
        fenp_text_free(&got);
    }
}

static void check_round_trip(const fenp_item *x, const char *what) {
    fenp_faults faults = {0};
    fenp_text text = {0};
    fenp_document_write(x, &text);
    const fenp_item *back = fenp_document_parse(&memory, "back.yaml", text.at, text.n, &faults);
    bool good = faults.n == 0 && fenp_item_equal(x, back);
    if (!good) {
        printf("\n%s does not read back:\n%s\n", what, text.at);
        fenp_faults_print(&faults, stdout);
    }
    CU_ASSERT_TRUE(good);
    fenp_text_free(&text);
    fenp_faults_free(&faults);
}

/* Texts that a careless writer spoils. */
static void test_write_texts(void) {
    static const char *const texts[] = {"", " ", "a", "a b", " a", "a ", "null", "~", "true", "No", "1", "1e3", "-1", "- x", "-x", "--x", "? x",
     "x: y", "x:", ":x", "x #y", "x#y",
        "#x", "a, b", "[a]", "{a}", "f(a", "a)", ")(", "(a)", "\"q\"", "'q'", "a\nb", "a\n", "\n", "\t", "a\tb", "\\", "@x", "%x", "`x`", "!x",
         "&x", "*x", "|", ">", "<<", "=",
        "<", "...", "---", "0x10", "010", "1_0", "12:30", "2020-01-01", ".5", ".inf", "nan", "1 / mean(x)", "2 * latent", "../runs/x#y", "./a",
         "/a/b", "caf\xC3\xA9", "\xC2\x85",
        "\xE2\x80\xA8", "\xEF\xBB\xBF", "\x7F", "\x01", "${p}#x", "1,2", "5.", "+1", "y", "on", "use: #x", "a  b"};
    fenp_item *list = fenp_item_new(&memory, FENP_LIST, (fenp_place){0}), *keys = fenp_item_new(&memory, FENP_MAPPING, (fenp_place){0});
    fenp_item *root = fenp_item_new(&memory, FENP_MAPPING, (fenp_place){0});
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fenp_item *text = fenp_item_text(&memory, texts[i], (fenp_place){0}), *alone = fenp_item_new(&memory, FENP_LIST, (fenp_place){0});
        fenp_item_add(&memory, list, text);
        fenp_item_add(&memory, alone, text);                         /* short enough for one line between [ ] */
        if (*texts[i]) fenp_item_set(&memory, keys, texts[i], i % 2 ? text : alone, (fenp_place){0});
    }
    fenp_item_set(&memory, root, "list", list, (fenp_place){0});
    fenp_item_set(&memory, root, "keys", keys, (fenp_place){0});
    check_round_trip(root, "the table of texts");
}

static void test_write_forms(void) {
    static const char *const texts[] = {"a: {}\nb: []\nc: [[], {}]\nd: null\n", "a:\n  - - 1\n    - {b: [x, {c: d}]}\n  - relu:\n    as: y\n",
        "a: [[1, 2.0, 3e-5], [true, null, 'x, y']]\n", "{}\n", "a: {b: {c: {d: [{e: {f: g}}]}}}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fenp_faults faults = {0};
        fenp_item *x = parsed(texts[i], &faults);
        CU_ASSERT_EQUAL(faults.n, 0);
        if (x) check_round_trip(x, texts[i]);
        fenp_faults_free(&faults);
    }
    fenp_item *root = fenp_item_new(&memory, FENP_MAPPING, (fenp_place){0});
    fenp_item_set(&memory, root, "n", fenp_item_number(&memory, 0.1 + 0.2, (fenp_place){0}), (fenp_place){0});
    fenp_item_set(&memory, root, "w", fenp_item_number(&memory, 3, (fenp_place){0}), (fenp_place){0});
    fenp_item_set(&memory, root, "l", fenp_item_number(&memory, 1e300, (fenp_place){0}), (fenp_place){0});
    CU_ASSERT_TRUE(fenp_item_get(root, "w")->whole);
    CU_ASSERT_STRING_EQUAL(fenp_item_get(root, "w")->text, "3");
    check_round_trip(root, "made numbers");
}

/* Every experiment: read with what it extends, written, read again. */
static void test_experiments(void) {
    char folder[4200], path[4600];
    snprintf(folder, sizeof folder, "%s/experiments", source_folder);
    DIR *d = opendir(folder);
    int files = 0, fine = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        if (n < 6 || strcmp(e->d_name + n - 5, ".yaml") != 0) continue;
        fenp_faults faults = {0};
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        fenp_item *x = fenp_document_load(&memory, path, &faults, (fenp_place){0});
        files++;
        fine += x && !faults.n;
        if (faults.n) fenp_faults_print(&faults, stdout);
        if (x) check_round_trip(x, path);
        fenp_faults_free(&faults);
    }
    if (d) closedir(d);
    FEN_COUNT(fine, files);
}

/* -- items -- */

static void test_items(void) {
    fenp_place at = {0};
    fenp_item *m = fenp_item_new(&memory, FENP_MAPPING, at);
    char key[8];
    for (int i = 0; i < 40; i++) {
        snprintf(key, sizeof key, "k%d", i);
        fenp_item_set(&memory, m, key, fenp_item_number(&memory, i, at), at);
    }
    fenp_item *copy = fenp_item_copy(&memory, m);
    CU_ASSERT_TRUE(fenp_item_equal(m, copy));
    for (int i = 0; i < 40; i += 2) {
        snprintf(key, sizeof key, "k%d", i);
        fenp_item_set(&memory, copy, key, NULL, at);
    }
    CU_ASSERT_EQUAL(copy->n, 20);
    CU_ASSERT_EQUAL(m->n, 40);
    for (int i = 0; i < 20; i++) CU_ASSERT_EQUAL(copy->item[i]->number, 2 * i + 1);
    fenp_item_set(&memory, copy, "k1", fenp_item_text(&memory, "x", at), at);
    CU_ASSERT_EQUAL(fenp_item_index(copy, "k1"), 0);
    CU_ASSERT_FALSE(fenp_item_equal(fenp_item_get(copy, "k1"), fenp_item_get(m, "k1")));
    CU_ASSERT_PTR_NULL(fenp_item_get(copy, "none"));
    CU_ASSERT_PTR_NULL(fenp_item_get(fenp_item_get(copy, "k1"), "x"));
    CU_ASSERT_EQUAL(fenp_item_index(NULL, "x"), -1);
}

/* Numbers have a point, whatever the user's locale has. */
static void test_locale(void) {
    FEN_TEXT(setlocale(LC_ALL, "C"), "C");
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) return;                   /* not on this machine */
    test_scalars();
    test_write_numbers();
    setlocale(LC_ALL, "C");
}

int main(void) {
    static const fen_test tests[] = {
        {"scalars", test_scalars}, {"places", test_places}, {"limits", test_limits}, {"messages", test_messages}, {"merge", test_merge},
        {"places of a merge", test_merge_places}, {"override", test_override}, {"faults of overrides", test_override_faults},
        {"place of an override", test_override_place},
        {"numbers written", test_write_numbers}, {"texts written", test_write_texts}, {"forms written", test_write_forms},
        {"experiments", test_experiments},
        {"items", test_items}, {"locale", test_locale}, {NULL, NULL},
    };
    const char *folder = getenv("FENCHEL_SRCDIR");
    if (!realpath(folder ? folder : ".", source_folder)) return 1;
    int code = fen_test_run("document", tests);
    fenp_arena_free(&memory);
    return code;
}
