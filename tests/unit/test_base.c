/* Unit tests of core/base: memory, faults, randomness, files. */
#include "base/io.h"
#include "base/random.h"
#include "base/sha256.h"
#include "test.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const fenp_place nowhere = {NULL, 0, 0};

static void new_memory(void) {
    static const size_t sizes[] = {0, 1, 63, 64, 65, 4096, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = fenp_new(sizes[i]), sum = 0;
        for (size_t k = 0; k < sizes[i]; k++) sum |= p[k];
        FEN_COUNT((uintptr_t)p % 64, 0);
        FEN_COUNT(sum, 0);
        fenp_delete(p);
    }
    fenp_delete(NULL);
}

/* Runs `body` in a child; its exit code, and what it wrote to stderr. */
static int in_child(void (*body)(void), char *text, size_t room) {
    int ends[2];
    if (pipe(ends) < 0) return -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        body();
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; n + 1 < room && (got = read(ends[0], text + n, room - 1 - n)) > 0; ) n += (size_t)got;
    text[n] = '\0';
    close(ends[0]);
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
static void third_fails(void) {
    fenp_memory_fail_at = 3;
    for (int i = 0; i < 2; i++) fenp_delete(fenp_new(8));
    if (fenp_memory_fail_at != 1) _exit(9);
    fenp_new(12345);
    _exit(8);
}
static void too_large(void)    { fenp_new(SIZE_MAX - 5); }
static void overflow(void)     { fenp_product(SIZE_MAX / 2, 3); }
static void no_memory(void) {
    static void (*const bodies[])(void) = {third_fails, too_large, overflow};
    char text[512];
    for (int i = 0; i < 3; i++) {
        FEN_COUNT(in_child(bodies[i], text, sizeof text), 1);
        FEN_TRUE(strncmp(text, "fenchel: out of memory", 22) == 0);
        FEN_TRUE(strchr(text, '\n') == text + strlen(text) - 1);
    }
    in_child(third_fails, text, sizeof text);
    FEN_TRUE(strstr(text, "12345 bytes") != NULL);
    FEN_COUNT(fenp_product(6, 7), 42);
}

static void more(void) {
    int *list = NULL;
    for (int n = 0; n < 1000; n++) {
        list = fenp_more(list, n, sizeof *list);
        list[n] = 3 * n + 1;
    }
    int wrong = 0;
    for (int n = 0; n < 1000; n++) wrong += list[n] != 3 * n + 1;
    FEN_COUNT(wrong, 0);
    for (int n = 8; n >= 2; n--) {                /* a list that became shorter and grows again */
        list = fenp_more(list, n, sizeof *list);
        FEN_COUNT(list[n - 1], 3 * (n - 1) + 1);
    }
    fenp_delete(list);
    for (int n = 0; n < 70; n += 23) {            /* none there yet */
        char *room = fenp_more(NULL, n, 1);
        room[n] = 'x';
        FEN_COUNT(room[n], 'x');
        fenp_delete(room);
    }
}

static void arena(void) {
    fenp_arena a = {NULL};
    char *kept[200];
    int wrong = 0;
    for (int i = 0; i < 200; i++) {
        size_t bytes = i % 50 == 49 ? 3000000 : (size_t)(i * 37 % 900);
        kept[i] = fenp_arena_new(&a, bytes + 16);
        for (size_t k = 0; k < bytes + 16; k++) wrong += kept[i][k] != 0;
        wrong += (uintptr_t)kept[i] % 16 != 0;
        memset(kept[i], 0x55, bytes + 16);
        snprintf(kept[i], 16, "%d", i);
    }
    for (int i = 0; i < 200; i++) wrong += atoi(kept[i]) != i;
    FEN_COUNT(wrong, 0);
    FEN_TEXT(fenp_arena_copy(&a, "weight", 3), "wei");
    FEN_TEXT(fenp_arena_copy(&a, NULL, 0), "");
    FEN_TEXT(fenp_arena_text(&a, "%s/%d", "dense", 7), "dense/7");
    FEN_TEXT(fenp_arena_text(&a, "%s", ""), "");
    FEN_COUNT(strlen(fenp_arena_text(&a, "%100000d", 1)), 100000);
    fenp_arena_free(&a);
    FEN_TRUE(a.first == NULL);
}

static void text(void) {
    fenp_text t = {NULL, 0, 0};
    for (int i = 0; i < 500; i++) fenp_text_add(&t, "%03d,", i);
    FEN_COUNT(t.n, 2000);
    FEN_COUNT(strlen(t.at), 2000);
    FEN_TRUE(strncmp(t.at + 4 * 321, "321,322,", 8) == 0);
    fenp_text_free(&t);
    fenp_text_add(&t, "%s", "");
    FEN_TEXT(t.at, "");
    fenp_text_free(&t);
    FEN_TRUE(t.at == NULL && t.n == 0);
}

static void map(void) {
    fenp_map m = {0};
    static int value[3000];
    char key[32];
    FEN_TRUE(fenp_map_get(&m, "none") == NULL);
    for (int i = 0; i < 3000; i++) {
        snprintf(key, sizeof key, "params/%d", i);
        fenp_map_set(&m, key, &value[i]);
    }
    int wrong = 0;
    for (int i = 0; i < 3000; i++) {
        snprintf(key, sizeof key, "params/%d", i);
        wrong += fenp_map_get(&m, key) != &value[i] || strcmp(m.key[i], key) != 0 || m.value[i] != &value[i];
    }
    FEN_COUNT(wrong, 0);
    fenp_map_set(&m, "params/17", &value[0]);
    FEN_COUNT(m.n, 3000);
    FEN_TRUE(fenp_map_get(&m, "params/17") == &value[0]);
    FEN_TRUE(fenp_map_get(&m, "params") == NULL);
    fenp_map_free(&m);
    FEN_COUNT(m.n, 0);
}

static void faults_print(void) {
    fenp_faults f = {0};
    char *printed = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&printed, &n);
    fenp_fail(&f, (fenp_place){"b.yaml", 1, 1}, "last");
    fenp_fail(&f, (fenp_place){"a.yaml", 10, 2}, "ten");
    fenp_fail(&f, (fenp_place){"a.yaml", 9, 30}, "nine %d", 9);
    fenp_fail(&f, (fenp_place){"a.yaml", 9, 4}, "second at 9:4");
    fenp_fail(&f, (fenp_place){"a.yaml", 9, 4}, "a third there");
    fenp_fail(&f, (fenp_place){"a.yaml", 9, 4}, "second at 9:4");
    fenp_fail(&f, (fenp_place){"c.yaml", 0, 0}, "no line");
    fenp_fail(&f, nowhere, "line\nend and \033[31mcolour");
    fenp_faults_print(&f, to);
    fclose(to);
    FEN_TEXT(printed, "line end and  [31mcolour\n"
                      "a.yaml:9:4: second at 9:4\n"
                      "a.yaml:9:4: a third there\n"
                      "a.yaml:9:30: nine 9\n"
                      "a.yaml:10:2: ten\n"
                      "b.yaml:1:1: last\n"
                      "c.yaml: no line\n");
    free(printed);
    fenp_faults_free(&f);
    FEN_COUNT(f.n, 0);
}

static void nearest(void) {
    static const char *const names[] = {"dense", "dropout", "relu", "elu", "leaky_relu", "batch_norm", "langevin", NULL};
    static const struct { const char *given, *near; } table[] = {
        {"dense", "dense"}, {"dens", "dense"}, {"Dense", "dense"}, {"dnese", "dense"},   /* same, missing, replaced, swapped */
        {"rleu", "relu"}, {"batchnorm", "batch_norm"}, {"langevine", "langevin"}, {"leaky-relu", "leaky_relu"},
        {"eluu", "elu"}, {"velu", "relu"},                                               /* a tie (relu, elu): the first */
        {"convolution", NULL}, {"x", NULL}, {"", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) FEN_TEXT(fenp_nearest(table[i].given, names), table[i].near);
    char longest[200];
    memset(longest, 'd', sizeof longest);
    longest[199] = '\0';
    FEN_TEXT(fenp_nearest(longest, names), NULL);
}

/* The known answers that its authors publish with Random123 (file kat_vectors). */
static void philox(void) {
    static const struct { uint32_t counter[4], key[2], out[4]; } table[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    uint32_t out[4], same[4];
    for (size_t i = 0; i < 3; i++) {
        fenp_philox4x32(table[i].counter, table[i].key, out);
        for (int k = 0; k < 4; k++) FEN_COUNT(out[k], table[i].out[k]);
    }
    fenp_philox(0, 0, out);
    FEN_COUNT(out[0], 0x6627e8d5);
    fenp_philox(0x0123456789abcdef, 0x1122334455667788, out);
    fenp_philox4x32((const uint32_t[]){0x55667788, 0x11223344, 0, 0}, (const uint32_t[]){0x89abcdef, 0x01234567}, same);
    for (int k = 0; k < 4; k++) FEN_COUNT(out[k], same[k]);
}

/* FNV-1a's published values; splitmix64's first outputs from seed 0 are steps of key 0. */
static void hash_and_keys(void) {
    FEN_TRUE(fenp_hash("") == 0xcbf29ce484222325u);
    FEN_TRUE(fenp_hash("a") == 0xaf63dc4c8601ec8cu);
    FEN_TRUE(fenp_hash("foobar") == 0x85944171f73967e8u);
    FEN_TRUE(fenp_key_step(0, 0) == 0xe220a8397b1dcdafu);
    FEN_TRUE(fenp_key_step(0, 1) == 0x6e789e6aa1b965f4u);
    FEN_TRUE(fenp_key_step(0, 2) == 0x06c45d188009454fu);
}

static void unit(void) {
    FEN_TRUE(fenp_unit(0, 0) == 0x1p-53);
    FEN_TRUE(fenp_unit(~0u, ~0u) == 1 - 0x1p-53);
    FEN_NEAR(fenp_unit(0x80000000u, 0), 0.5, 1e-15);
    double sum = 0, squares = 0;
    int n = 0;
    for (uint64_t block = 0; block < 20000; block++) {
        uint32_t r[4];
        fenp_philox(7, block, r);
        for (int k = 0; k < 4; k += 2, n++) {
            double u = fenp_unit(r[k], r[k + 1]);
            sum += u;
            squares += u * u;
        }
    }
    FEN_NEAR(sum / n, 0.5, 5 * sqrt(1.0 / 12 / n));
    FEN_NEAR(squares / n, 1.0 / 3, 5 * sqrt(4.0 / 45 / n));
}

static void shuffled_is_permutation(void) {
    static const uint64_t sizes[] = {1, 2, 3, 4, 5, 15, 16, 17, 100, 1000, 60000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t n = sizes[i];
        unsigned char *met = fenp_new(n);
        int twice = 0;
        for (uint64_t k = 0; k < n; k++) {
            uint64_t j = fenp_shuffled(42 + i, k, n);
            twice += j >= n || met[j]++;
        }
        FEN_COUNT(twice, 0);
        fenp_delete(met);
    }
    FEN_TRUE(fenp_shuffled(1, (uint64_t)1 << 40, (uint64_t)3 << 40) < (uint64_t)3 << 40);
    FEN_TRUE(fenp_shuffled(1, 5, UINT64_MAX) != 5);
}

/* Over many keys each ordered pair of images of (0, 1) is equally often: chi-square, 5 standard deviations. */
static void shuffled_is_uniform(void) {
    static const int sizes[] = {3, 7, 10, 16};
    for (int s = 0; s < 4; s++) {
        int n = sizes[s], keys = 200 * n * n;
        double count[16][16] = {{0}}, each = (double)keys / (n * (n - 1)), chi = 0, freedom = n * (n - 1) - 1;
        for (int k = 0; k < keys; k++) {
            uint64_t key = fenp_key_step(99, (uint64_t)k);
            count[fenp_shuffled(key, 0, (uint64_t)n)][fenp_shuffled(key, 1, (uint64_t)n)]++;
        }
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) chi += i == j ? 0 : (count[i][j] - each) * (count[i][j] - each) / each;
        FEN_NEAR(chi, freedom, 5 * sqrt(2 * freedom));
    }
}

/* A folder of this test's own. */
static const char *scratch(void) {
    static char path[64];
    if (!*path) {
        strcpy(path, "/tmp/fenchel-test-XXXXXX");
        if (!mkdtemp(path)) *path = '\0';
    }
    return path;
}
static const char *in_scratch(const char *name) {
    static char path[4][128];
    static int next;
    char *at = path[next++ % 4];
    snprintf(at, sizeof path[0], "%s/%s", scratch(), name);
    return at;
}

static void read_and_replace(void) {
    fenp_faults f = {0};
    size_t n = 99;
    char data[70000];
    memset(data, 'd', sizeof data);
    FEN_TRUE(fenp_replace(in_scratch("a"), data, sizeof data, &f));
    FEN_TRUE(fenp_replace(in_scratch("a"), data, 69999, &f));
    char *back = fenp_read(in_scratch("a"), 0, &n, &f, nowhere);
    FEN_COUNT(n, 69999);
    FEN_TRUE(back && strlen(back) == n && memcmp(back, data, n) == 0);
    fenp_delete(back);
    FEN_TRUE(access(in_scratch("a.tmp"), F_OK) < 0);
    back = fenp_read(in_scratch("a"), 69999, &n, &f, nowhere);
    FEN_TRUE(back != NULL);
    fenp_delete(back);
    FEN_TRUE(fenp_replace(in_scratch("empty"), NULL, 0, &f));
    back = fenp_read(in_scratch("empty"), 10, &n, &f, nowhere);
    FEN_TEXT(back, "");
    fenp_delete(back);
    back = fenp_read("/proc/self/status", 0, &n, &f, nowhere);               /* says size 0, has more */
    FEN_TRUE(back && strstr(back, "VmPeak") != NULL && strlen(back) == n);
    fenp_delete(back);
    FEN_COUNT(f.n, 0);
    fenp_faults_free(&f);
}

static void read_faults(void) {
    fenp_faults f = {0};
    fenp_place at = {"x.yaml", 3, 9};
    size_t n;
    FEN_TRUE(fenp_replace(in_scratch("ten"), "0123456789", 10, &f));
    FEN_TRUE(!fenp_read(in_scratch("none"), 0, &n, &f, at));
    FEN_TRUE(!fenp_read(scratch(), 0, &n, &f, at));
    FEN_TRUE(!fenp_read(in_scratch("ten"), 9, &n, &f, at));
    FEN_TRUE(!fenp_read("/dev/zero", 5000, &n, &f, at));
    FEN_COUNT(f.n, 4);
    static const char *const say[] = {"No such file", "Is a directory", "more than the 9 bytes", "more than the 5000 bytes"};
    for (int i = 0; i < f.n; i++) {
        FEN_TRUE(strstr(f.at[i].text, say[i]) != NULL);
        FEN_COUNT(f.at[i].at.line, 3);
    }
    fenp_faults_free(&f);
}

/* Each call of a replacement fails once, and once all writes are short: the old file stays, nothing lies about. */
static int calls_left;
static bool strike(void) { errno = ENOSPC; return calls_left > 0 && --calls_left == 0; }
static fenp_io_calls real;
static int     bad_open(const char *p, int flags, unsigned mode)  { return strike() ? -1 : real.open(p, flags, mode); }
static ssize_t bad_write(int fd, const void *d, size_t n)         { return strike() ? -1 : real.write(fd, d, n > 3 ? 3 : n); }
static int     bad_sync(int fd)                                   { return strike() ? -1 : real.sync(fd); }
static int     bad_close(int fd)                                  { int r = real.close(fd); return strike() ? -1 : r; }
static int     bad_rename(const char *from, const char *to)       { return strike() ? -1 : real.rename(from, to); }

static void replace_fails(void) {
    fenp_faults f = {0};
    char path[128];
    strcpy(path, in_scratch("kept"));
    FEN_TRUE(fenp_replace(path, "old", 3, &f));
    real = fenp_io;
    fenp_io = (fenp_io_calls){bad_open, bad_write, bad_sync, bad_close, bad_rename};
    int failed = 0;
    for (int call = 1; call <= 7; call++) {       /* open, write 3, write 2, sync, close, rename, then the folder */
        calls_left = call;
        bool fine = fenp_replace(path, "fresh", 5, &f);
        failed += !fine;
        calls_left = 0;
        size_t n;
        char *now = fenp_read(path, 0, &n, &f, nowhere);
        FEN_TEXT(now, call <= 6 ? "old" : "fresh");
        fenp_delete(now);
        FEN_TRUE(access(in_scratch("kept.tmp"), F_OK) < 0);
    }
    fenp_io = real;
    FEN_COUNT(failed, 7);
    FEN_COUNT(f.n, 7);
    for (int i = 0; i < f.n; i++) FEN_TRUE(strstr(f.at[i].text, "No space left") != NULL);
    fenp_faults_free(&f);
}

static void folders(void) {
    fenp_faults f = {0};
    struct stat info;
    FEN_TRUE(fenp_folder(in_scratch("p/q//r/"), &f));
    FEN_TRUE(fenp_folder(in_scratch("p/q/r"), &f));
    FEN_TRUE(fenp_folder("/", &f) && fenp_folder(".", &f));
    FEN_TRUE(stat(in_scratch("p/q/r"), &info) == 0 && S_ISDIR(info.st_mode));
    FEN_COUNT(f.n, 0);
    FEN_TRUE(fenp_replace(in_scratch("file"), "x", 1, &f));
    FEN_TRUE(!fenp_folder(in_scratch("file"), &f));
    FEN_TRUE(!fenp_folder(in_scratch("file/under"), &f));
    FEN_COUNT(f.n, 2);
    fenp_faults_free(&f);
}

/* The examples of FIPS 180-4's companion: "abc", the empty text, two blocks, a million times "a" in uneven pieces. */
static void sums(void) {
    static const struct { const char *text, *digits; } table[] = {
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char digits[65], many[1000];
    fenp_sha256 s;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fenp_sha256_start(&s);
        fenp_sha256_add(&s, table[i].text, strlen(table[i].text));
        fenp_sha256_finish(&s, digits);
        FEN_TEXT(digits, table[i].digits);
    }
    memset(many, 'a', sizeof many);
    fenp_sha256_start(&s);
    for (size_t left = 1000000, n = 1; left > 0; left -= n, n = n * 3 % 997 + 1) fenp_sha256_add(&s, many, n = n < left ? n : left);
    fenp_sha256_finish(&s, digits);
    FEN_TEXT(digits, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void paths(void) {
    fenp_arena a = {NULL};
    char current[4096], needed[4200];
    if (!getcwd(current, sizeof current)) *current = '\0';
    static const struct { const char *file, *path, *after; } table[] = {     /* after the current folder */
        {NULL, "d/x", "/d/x"}, {NULL, "./x", "/x"}, {"e.yaml", "x", "/x"}, {"./e.yaml", "x", "/x"}, {"sub/e.yaml", "x", "/sub/x"},
        {"./sub/e.yaml", "./x", "/sub/x"}, {"sub/e.yaml", "../x", "/x"}, {"a/b/e.yaml", "../../c/./x", "/c/x"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(needed, sizeof needed, "%s%s", current, table[i].after);
        FEN_TEXT(fenp_path_beside(&a, table[i].file, table[i].path), needed);
    }
    FEN_TEXT(fenp_path_beside(&a, "sub/e.yaml", "/abs/x"), "/abs/x");
    FEN_TEXT(fenp_path_beside(&a, "/r/e.yaml", "data/x"), "/r/data/x");
    FEN_TEXT(fenp_path_beside(&a, "/e.yaml", "x"), "/x");
    FEN_TEXT(fenp_path_beside(&a, "/e.yaml", "../../x"), "/x");
    fenp_arena_free(&a);
}

static void time_passes(void) {
    double before = fenp_clock();
    usleep(3000);
    double passed = fenp_clock() - before;
    FEN_TRUE(passed >= 0.003 && passed < 60);
}

static int remove_scratch(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch());
    return *scratch() ? system(command) : 0;
}

static const fen_test tests[] = {
    {"new memory is zeroed and aligned", new_memory}, {"without memory the program ends with a sentence", no_memory},
    {"lists grow and keep their items", more}, {"arena", arena}, {"text", text}, {"map", map},
    {"faults are printed sorted, once, a line each", faults_print}, {"nearest name", nearest},
    {"Philox gives the published numbers", philox}, {"hash and key steps give the published numbers", hash_and_keys},
    {"uniforms lie within (0, 1) and have its moments", unit}, {"shuffled is a permutation", shuffled_is_permutation},
    {"shuffled pairs are uniform over keys", shuffled_is_uniform}, {"read and replace", read_and_replace},
    {"reading fails with a sentence", read_faults}, {"a replacement that fails leaves the old file", replace_fails},
    {"folders", folders}, {"paths beside a file", paths}, {"sha256", sums}, {"clock", time_passes}, {NULL, NULL}
};
int main(void) {
    int failed = fen_test_run("base", tests);
    return remove_scratch() || failed;
}
