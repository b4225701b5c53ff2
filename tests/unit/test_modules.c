/* Opening modules: each that is wrong in one thing gives its own sentence, and the host lives on as it was; files that others could have written are
 * refused; damaged ones take nobody with them; folders are searched in order. Fixtures: tests/plugins. */
#include "test.h"
#include "ops/ops.h"
#include "plugin/loader.h"
#include "plugin/schema.h"
#include <fcntl.h>
#include <fenv.h>
#include <ftw.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/fenchel-test-modules-XXXXXX";
static const fenp_place here = {"here.yaml", 3, 7};

static const char *from(const char *variable, const char *otherwise) { const char *s = getenv(variable); return s && *s ? s : otherwise; }
static const char *path_of(const char *name) {
    static char path[4][256];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

/* Compiles tests/plugins/NAME.c into the folder. */
static void compile(const char *name) {
    char command[2048];
    const char *source = from("FENCHEL_SRCDIR", ".");
    snprintf(command, sizeof command, "%s -std=c11 -w -fPIC -shared -fvisibility=default -I '%s/core/include' -o %s/%s.so '%s/tests/plugins/%s.c'",
             from("CC", "cc"), source, folder, name, source, name);
    if (system(command) != 0) fen_test_say(0, __LINE__, __FILE__, "cannot compile: %s", command);
}
static const char *module_of(const char *name) {
    static char file[64];
    snprintf(file, sizeof file, "%s.so", name);
    return path_of(file);
}

/* The sentence that adding the file gives, without "plugin PATH "; "" for none. */
static const char *sentence(const char *path) {
    static char text[1024];
    fenp_faults faults = {0};
    char real[4096];
    bool good = fenp_registry_add(path, &faults, here);
    size_t skip = strlen("plugin ") + strlen(realpath(path, real) ? real : path) + 1;
    snprintf(text, sizeof text, "%s", faults.n && strlen(faults.at[0].text) > skip ? faults.at[0].text + skip : faults.n ? faults.at[0].text : "");
    fen_test_say(good == (faults.n == 0) && faults.n <= 1, __LINE__, __FILE__, "%s: %d faults, result %d", path, faults.n, good);
    if (faults.n) FEN_COUNT(faults.at[0].at.line, 3);
    fenp_faults_free(&faults);
    return text;
}
static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

#define CRASH(how) "crashes when it is opened (" how "); look at its constructors and tables, or build it again: the file may be damaged"
static void bad_modules(void) {
    static const struct { const char *name, *says; } row[] = {
        {"no_entry", "has no entry `fen_plugin_entry`: it is no fenchel plugin; end it with FEN_PLUGIN(...)"},
        {"small_entry", "has an entry `fen_plugin_entry` that is too small; end it with FEN_PLUGIN(...)"},
        {"other_mark", "has the entry mark 0x1, this fenchel's is 0x464e4348; rebuild the plugin with FEN_PLUGIN"},
        {"other_version", "is made for version 2 of the plugin interface, this fenchel has 1; rebuild the plugin"},
        {"flushing", "changes the floating-point state of the whole process when it is opened; build it without -ffast-math"},
        {"rounding", "changes the floating-point state of the whole process when it is opened; build it without -ffast-math"},
        {"locale", "changes the locale of the whole process when it is opened; remove its setlocale"},
        {"handles", "changes what signal 15 (Terminated) does to the whole process when it is opened; remove its sigaction"},
        {"blocks", "blocks or unblocks signal 2 (Interrupt) when it is opened; remove its sigprocmask"},
        {"moves", "changes the working folder of the process when it is opened; remove its chdir"},
        {"umasks", "changes the umask of the process when it is opened, so who may read its files; remove its umask"},
        {"alarms", "sets or stops the alarm of the process when it is opened; remove its alarm or setitimer"},
        {"crashes", CRASH("Segmentation fault")},
        {"wild", CRASH("Segmentation fault")},
        {"aborts", CRASH("Aborted")},
        {"exits", "ends the process when it is opened (exit code 3); remove exit from its constructors"},
        {"quits", "ends the process when it is opened (exit code 0); remove exit from its constructors"},
        {"no_name", "has no name; give .name, .version and .license in FEN_PLUGIN"},
        {"no_license", "has no license; give .name, .version and .license in FEN_PLUGIN"},
        {"nothing", "gives no function and no op; name them in FEN_PLUGIN, such as .layers = FEN_LIST(&mine)"},
        {"no_outputs", "has a faulty layer: nothing_of_tests has no outputs"},
        {"word", "has a faulty layer: its name `sum` is a word of the language; take another"},
        {"bad_range", "has a faulty metric: bad_range_of_tests, attribute `rate` has a range that cannot be read; needs a form such as [1, inf) or "
                      "(0, 1]"},
        {"bad_op", "has a faulty op: half_of_tests has no kernel in both precisions; needs tile or run, for single and for double"},
        {"no_gradient", "has a faulty optimizer: still_of_tests is an optimizer; needs the inputs parameter and gradient, in this order, and the "
                        "output next"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        compile(row[i].name);
        FEN_TEXT(sentence(module_of(row[i].name)), row[i].says);
        FEN_TEXT(sentence(module_of(row[i].name)), row[i].says);     /* a second time: the same */
    }
    FEN_TRUE(!fenp_function_find("nothing_of_tests", NULL));
    FEN_TRUE(!fenp_function_find("sum", NULL));
}

/* Who never returns is waited for no longer than said, also where nothing is heard of it any more. */
static void endless(void) {
    static const char *const name[] = {"loops", "closes"};
    int before = fenp_probe_seconds;
    fenp_probe_seconds = 1;
    for (int i = 0; i < 2; i++) {
        compile(name[i]);
        FEN_TEXT(sentence(module_of(name[i])), "does not return within 1 s when it is opened; look at its constructors");
    }
    fenp_probe_seconds = before;
    FEN_TRUE(write(STDERR_FILENO, "", 0) == 0);                      /* its closed files were its own */
}

static void other_size(void) {
    char says[256];
    snprintf(says, sizeof says, "has fen_op of %zu bytes, this fenchel's has %zu; rebuild the plugin", sizeof(fen_op) + 8, sizeof(fen_op));
    compile("other_size");
    FEN_TEXT(sentence(module_of("other_size")), says);
}

static void undefined_symbol(void) {
    compile("undefined");
    const char *says = sentence(module_of("undefined"));
    FEN_TRUE(begins(says, "cannot be opened: undefined symbol: fen_test_nowhere"));
    FEN_TRUE(!strchr(says, '\n'));
}

/* What a constructor may change, as it is now. */
typedef struct state {
    void (*handler)(int);
    sigset_t blocked;
    char folder[4096], locale[64];
    mode_t umask;
    int rounding;
    bool alarm, tiny;
} state;
static state now(void) {
    state s = {.rounding = fegetround()};
    struct sigaction a;
    struct itimerval t;
    volatile double tiny = 1e-308, half = 0.5;
    sigaction(SIGTERM, NULL, &a);
    sigprocmask(SIG_SETMASK, NULL, &s.blocked);
    getitimer(ITIMER_REAL, &t);
    s.handler = a.sa_handler;
    s.umask = umask(0);
    umask(s.umask);
    s.alarm = t.it_value.tv_sec || t.it_value.tv_usec;
    s.tiny = tiny * half > 0;
    snprintf(s.locale, sizeof s.locale, "%s", setlocale(LC_ALL, NULL));
    if (!getcwd(s.folder, sizeof s.folder)) s.folder[0] = 0;
    return s;
}
/* A second line of defence: opened in the host itself, without a trial, what a constructor changes is put back. */
static void surroundings(void) {
    static const char *const name[] = {"flushing", "rounding", "locale", "handles", "blocks", "moves", "umasks", "alarms"};
    fenp_arena memory = {NULL};
    state before = now();
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        const char *fault = NULL;
        FEN_TRUE(!fenp_load(module_of(name[i]), false, &memory, &fault));
        fen_test_say(fault && (strstr(fault, "changes") || strstr(fault, "blocks") || strstr(fault, "alarm")), __LINE__, __FILE__, "%s: %s", name[i],
                     fault ? fault : "");
        state after = now();
        FEN_TRUE(after.handler == before.handler);
        FEN_COUNT(sigismember(&after.blocked, SIGINT), sigismember(&before.blocked, SIGINT));
        FEN_TEXT(after.folder, before.folder);
        FEN_COUNT(after.umask, before.umask);
        FEN_TRUE(after.alarm == before.alarm && after.rounding == before.rounding && after.tiny);
        FEN_TEXT(after.locale, before.locale);
    }
    fenp_arena_free(&memory);
}

/* What a child process prints to stdout while it does this. */
static const char *printed(void (*what)(void)) {
    static char text[4096];
    int ends[2], status;
    if (pipe(ends) != 0) return "no pipe";
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        what();
        fflush(stdout);
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; (got = read(ends[0], text + n, sizeof text - 1 - n)) > 0;) n += (size_t)got;
    text[n] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    FEN_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return text;
}
static void add(const char *name) {
    fenp_faults faults = {0};
    fenp_registry_add(module_of(name), &faults, here);
    fenp_faults_free(&faults);
}
static void add_loud(void) { add("prints"); }
static void add_leaving(void) {
    printf("pending");                                               /* in the buffer: who exits in the trial would print it again */
    add("exits");
    add("aborts");
}
static void output(void) {
    compile("prints");
    FEN_TEXT(printed(add_loud), "here I am\n");
    FEN_TEXT(printed(add_leaving), "pending");
}

static void clash(void) {
    compile("good");
    compile("clash");
    fenp_kind kind = FENP_METRIC;
    FEN_TEXT(sentence(module_of("good")), "");
    FEN_TEXT(sentence(module_of("good")), "");                       /* twice is fine */
    const fen_function *first = fenp_function_find("good_of_tests", &kind);
    FEN_TRUE(first != NULL);
    FEN_COUNT(kind, FENP_LAYER);
    const char *says = sentence(module_of("clash"));
    FEN_TRUE(begins(says, "gives `good_of_tests`, which "));
    FEN_TRUE(strstr(says, "good.so gave before; the first one is used") != NULL);
    FEN_TRUE(fenp_function_find("good_of_tests", NULL) == first);
    FEN_TRUE(fenp_function_find("own_of_tests", NULL) != NULL);
}

static void copy(const char *from_path, const char *to, long cut) {
    char bytes[65536];
    FILE *in = fopen(from_path, "rb"), *out = fopen(to, "wb");
    size_t n = in ? fread(bytes, 1, sizeof bytes, in) : 0;
    if (cut > 0 && (size_t)cut < n) n = (size_t)cut;
    if (in) fclose(in);
    if (out) { fwrite(bytes, 1, n, out); fclose(out); }
    chmod(to, 0755);
}

static void bad_files(void) {
    struct stat s;
    stat(module_of("good"), &s);
    FILE *f = fopen(path_of("text.so"), "w");
    fputs("this is no module\n", f);
    fclose(f);
    FEN_TEXT(sentence(path_of("text.so")), "is not an ELF file; needs a compiled module (.so)");
    FEN_TRUE(strstr(sentence(path_of("absent.so")), "cannot be read: No such file or directory") != NULL);
    for (int part = 1; part < 8; part++) {                           /* cut off anywhere: no SIGBUS */
        char name[32], says[128];
        long cut = s.st_size * part / 8;
        snprintf(name, sizeof name, "cut%d.so", part);
        snprintf(says, sizeof says, "is cut off: it has %ld bytes, its header speaks of more; build it again", cut);
        copy(module_of("good"), path_of(name), cut);
        FEN_TEXT(sentence(path_of(name)), says);
    }
    copy(module_of("good"), path_of("open.so"), 0);
    chmod(path_of("open.so"), 0757);
    FEN_TEXT(sentence(path_of("open.so")), "is not opened: it may be written by everybody; run chmod o-w");
    mkdir(path_of("shared"), 0777);
    chmod(path_of("shared"), 0777);
    copy(module_of("good"), path_of("shared/good.so"), 0);
    FEN_TRUE(strstr(sentence(path_of("shared/good.so")), "/shared may be written by everybody; run chmod o-w") != NULL);
    chmod(path_of("shared"), 01777);          /* sticky: passes where it belongs to root */
    const char *says = sentence(path_of("shared/good.so"));
    FEN_TRUE(strstr(says, "/shared may be written") != NULL);        /* the sentence is remembered for the path */
    FEN_TEXT(sentence(folder), "is not a regular file");
}

/* Who may write a file could have written it. Only root can give files away; others cannot make such a file, so there is nothing to test. */
static void foreign(void) {
    copy(module_of("good"), path_of("group.so"), 0);
    chmod(path_of("group.so"), 0775);
    mkdir(path_of("theirs"), 0755);
    copy(module_of("good"), path_of("theirs/good.so"), 0);
    FEN_TRUE(getuid() != 0 || chown(path_of("group.so"), 0, 65534) == 0);
    if (getuid() != 0) return;
    FEN_TEXT(sentence(path_of("group.so")), "is not opened: it may be written by its group; run chmod g-w");
    copy(module_of("good"), path_of("foreign.so"), 0);
    FEN_COUNT(chown(path_of("foreign.so"), 65534, 65534), 0);
    FEN_TEXT(sentence(path_of("foreign.so")), "is not opened: it belongs to another user; needs root or yourself as owner");
    FEN_COUNT(chown(path_of("theirs"), 65534, 65534), 0);
    FEN_TRUE(strstr(sentence(path_of("theirs/good.so")), "/theirs belongs to another user; needs root or yourself as owner") != NULL);
}

/* In a child, and before other tests have opened any: good and bad modules of one folder. The good ones are there, each bad one has its own sentence. Bits of what is wrong. */
static int many_in_child(void) {
    static const char *const names[] = {"good", "crashes", "exits", "clash", "moves", "aborts", "prints", "quits"};
    char to[32];
    int wrong = 0;
    const fenp_module *m;
    mkdir(path_of("many"), 0755);
    for (int i = 0; i < 8; i++) {
        compile(names[i]);
        snprintf(to, sizeof to, "many/%d-%s.so", i, names[i]);
        copy(module_of(names[i]), path_of(to), 0);
    }
    setenv("FENCHEL_PLUGIN_PATH", path_of("many"), 1);
    int out = open("/dev/null", O_WRONLY);
    dup2(out, STDOUT_FILENO);
    fenp_registry_open();
    static const char *const begins_with[] = {NULL, "crashes", "ends the process", "gives `good_of_tests`", "changes the working folder",
                                              "crashes when it is opened (Aborted)", NULL, "ends the process"};
    int n = fenp_modules(&m);
    for (int i = 0; i < 8; i++) {
        bool fine = i < n && strstr(m[i].path, names[i]) && !begins_with[i] == !m[i].fault && (!m[i].fault || begins(m[i].fault, begins_with[i]));
        if (!fine) wrong |= 1 << i;
    }
    bool there = fenp_function_find("good_of_tests", NULL) && fenp_function_find("own_of_tests", NULL) && fenp_function_find("loud_of_tests", NULL);
    return there && fenp_function_find("dense", NULL) ? wrong : 255;
}
static int in_child(int (*what)(void)) {
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) _exit(what());
    waitpid(child, &status, 0);
    FEN_TRUE(WIFEXITED(status));
    return WEXITSTATUS(status);
}
static void many(void) { FEN_COUNT(in_child(many_in_child), 0); }

/* Bytes of a good module changed at random. A host that is given such a file opens it or says one sentence: never does it die. 20 000 in
 * `make check-long`. */
enum { OPENED, REFUSED, CRASHED };
static char damaged[] = "damaged.so";
static int open_damaged(void) {
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    fenp_module m = fenp_registry_file(path_of(damaged));
    for (int k = 0; m.plugin && m.plugin->layers && m.plugin->layers[k]; k++) {
        fenp_text page = {0};
        fenp_describe(m.plugin->layers[k], FENP_LAYER, &page);
    }
    return m.plugin ? OPENED : begins(m.fault, "crashes when") ? CRASHED : REFUSED;
}
static void damages(void) {
    static char bytes[65536], changed[65536];
    uint64_t random = 1;
    long most = atol(from("FENCHEL_DAMAGES", "300")), count[3] = {0};
    int file = open(module_of("good"), O_RDONLY), before = fenp_probe_seconds;
    ssize_t n = read(file, bytes, sizeof bytes);
    close(file);
    fenp_probe_seconds = 2;
    for (long i = 0; i < most && n > 0; i++) {
        memcpy(changed, bytes, (size_t)n);
        for (long k = 0; k < 1 + i % 4; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            changed[(random >> 33) % (uint64_t)n] = (char)(random >> 20);
        }
        FILE *f = fopen(path_of(damaged), "wb");
        if (f) { fwrite(changed, 1, (size_t)n, f); fclose(f); }
        chmod(path_of(damaged), 0755);
        int how = in_child(open_damaged);
        if (how >= OPENED && how <= CRASHED) count[how]++;
        else fen_test_say(0, __LINE__, __FILE__, "damage %ld ended its host with %d", i, how);
    }
    fenp_probe_seconds = before;
    printf("      %ld damaged files: %ld opened, %ld refused, %ld crashed in their trial\n", most, count[OPENED], count[REFUSED], count[CRASHED]);
    FEN_COUNT(count[OPENED] + count[REFUSED] + count[CRASHED], most);
    FEN_TRUE(count[OPENED] > 0 && count[REFUSED] > 0 && count[CRASHED] > 0);
}

/* In a child, since a process opens the search path once: FENCHEL_PLUGIN_PATH comes before the built-in folder, which an empty element
 * names too; a folder that is not there is a sentence. Bits of what is wrong. */
static int path_in_child(void) {
    char list[512];
    const fenp_module *m;
    int wrong = 1 | 2 | 4;
    mkdir(path_of("path"), 0755);
    copy(module_of("shadow"), path_of("path/shadow.so"), 0);
    snprintf(list, sizeof list, "%s:%s:", path_of("path"), path_of("nowhere"));
    setenv("FENCHEL_PLUGIN_PATH", list, 1);
    fenp_registry_open();
    const fen_function *f = fenp_function_find("relu", NULL);
    if (f && strcmp(f->summary, "Another relu.") == 0) wrong &= ~1;
    for (int i = 0, n = fenp_modules(&m); i < n; i++) {
        if (!m[i].fault) continue;
        if (strstr(m[i].path, "/relu.so") && begins(m[i].fault, "gives `relu`, which ") && strstr(m[i].fault,
            "path/shadow.so gave before")) wrong &= ~2;
        if (strcmp(m[i].path, path_of("nowhere")) == 0 && begins(m[i].fault, "cannot be searched: No such file")) wrong &= ~4;
    }
    return fenp_function_find("dense", NULL) ? wrong : wrong | 8;
}
static void path(void) {
    compile("shadow");
    FEN_COUNT(in_child(path_in_child), 0);
}

/* Where folders are searched, in which order. */
static int found;
static char names[4][64];
static void see(const char *path) { snprintf(names[found < 4 ? found : 3], 64, "%s", path + strlen(folder) + 8); found++; }
static void complain(const char *where, const char *why) { fen_test_say(0, __LINE__, __FILE__, "%s: %s", where, why); }
static void search(void) {
    char command[256];
    snprintf(command, sizeof command,
        "mkdir -p %s/search/layers/.libs %s/search/metrics && cd %s/search && touch b.so a.so .c.so d.txt layers/.libs/e.so metrics/f.so", folder,
        folder, folder);
    FEN_COUNT(system(command), 0);
    FEN_COUNT(fenp_search(path_of("search"), (fenp_searcher){see, complain}), 4);
    FEN_TEXT(names[0], "a.so");
    FEN_TEXT(names[1], "b.so");
    FEN_TEXT(names[2], "layers/.libs/e.so");
    FEN_TEXT(names[3], "metrics/f.so");
    FEN_COUNT(fenp_search(path_of("nowhere"), (fenp_searcher){see, complain}), -1);
}

static int forget(const char *path, const struct stat *s, int flag, struct FTW *at) { (void)s; (void)flag; (void)at; return remove(path); }

int main(void) {
    static const fen_test tests[] = {
        {"many", many}, {"bad modules", bad_modules}, {"endless", endless}, {"other size", other_size}, {"undefined symbol", undefined_symbol},
        {"surroundings", surroundings}, {"output", output}, {"clash", clash}, {"bad files", bad_files}, {"foreign", foreign},
        {"damages", damages}, {"path", path}, {"search", search}, {NULL, NULL}};
    setenv("XDG_DATA_HOME", "/nonexistent", 1);
    if (!mkdtemp(folder)) return 1;
    int failed = fen_test_run("modules", tests);
    nftw(folder, forget, 16, FTW_DEPTH | FTW_PHYS);
    return failed;
}
