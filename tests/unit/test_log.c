/* Unit tests of core/log: checkpoint arrays, the log while it is written, after a kill, continued, on a full disk. */
#include "base/io.h"
#include "log/hdf5_file.h"
#include "log/log.h"
#include "test.h"
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const fenp_place nowhere = {NULL, 0, 0};
static char folder[] = "/tmp/fenchel-log-XXXXXX";

static char *in_folder(const char *name) {
    static char path[8][256];
    static int k;
    k = (k + 1) % 8;
    snprintf(path[k], sizeof path[k], "%s/%s", folder, name);
    return path[k];
}
static char *run_named(const char *name) {
    char *run = in_folder(name);
    fenp_faults f = {0};
    fenp_folder(run, &f);
    fenp_faults_free(&f);
    return run;
}
static bool says(fenp_faults *f, const char *part) {
    bool found = false;
    for (int i = 0; i < f->n; i++) found |= strstr(f->at[i].text, part) != NULL;
    if (!found && f->n) printf("      found: %s\n      needed: %s\n", f->at[0].text, part);
    fenp_faults_free(f);
    return found;
}

/* -- Checkpoint arrays -- */

static const float weight[3][4] = {{1, 2, 3, 4}, {-0.0f, 1e-40f, 3e38f, 5}, {0.1f, 0.2f, 0.3f, 0.4f}};
static const double rate = 0.1, table[2][2][2] = {{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
static const int64_t step = INT64_MAX - 3;
static const int32_t list[5] = {1, -2, 3, INT32_MIN, 0};
static const uint8_t byte = 255;
static const fenp_array arrays[] = {
    {"/params/critic/dense/weight", FENP_CELL_F32, 2, {3, 4}, weight}, {"/params/critic/dense_2/weight", FENP_CELL_F64, 3, {2, 2, 2}, table},
    {"/optimizer/rate", FENP_CELL_F64, 0, {0}, &rate},                 {"/loop/step", FENP_CELL_I64, 0, {0}, &step},
    {"/loop/list", FENP_CELL_I32, 1, {5}, list},                       {"/loop/byte", FENP_CELL_U8, 0, {0}, &byte},
    {"/loop/empty", FENP_CELL_F64, 2, {3, 0}, NULL},                   {"/texts/name", FENP_CELL_TEXT, 0, {0}, "h\xc3\xa4llo\nworld"},
    {"/texts/nothing", FENP_CELL_TEXT, 0, {0}, ""},
};
enum { ARRAYS = sizeof arrays / sizeof *arrays };

static size_t bytes_of(const fenp_array *a) {
    size_t n = a->cell == FENP_CELL_TEXT ? strlen(a->data) + 1 : fenp_cell_bytes(a->cell);
    for (int i = 0; i < a->rank; i++) n *= (size_t)a->size[i];
    return n;
}
static bool same_array(const fenp_array *a, const fenp_array *b) {
    if (!b || a->cell != b->cell || a->rank != b->rank || memcmp(a->size, b->size, (size_t)a->rank * 8)) return false;
    return bytes_of(a) == bytes_of(b) && (!bytes_of(a) || !memcmp(a->data, b->data, bytes_of(a)));
}
static bool same_arrays(const fenp_arrays *r) {
    bool same = r->n == ARRAYS;
    for (int i = 0; i < ARRAYS; i++) same &= same_array(&arrays[i], fenp_arrays_find(r, arrays[i].path));
    return same;
}
static void arrays_round_trip(void) {
    fenp_faults f = {0};
    fenp_arrays r;
    char *path = in_folder("round.h5");
    FEN_TRUE(fenp_arrays_write(path, arrays, ARRAYS, &f));
    FEN_TRUE(fenp_arrays_read(path, &r, &f, nowhere));
    FEN_TRUE(same_arrays(&r));
    FEN_TRUE(fenp_arrays_find(&r, "/loop/other") == NULL);
    fenp_arrays_free(&r);
    FEN_COUNT(f.n, 0);
}
static void arrays_equal_bytes(void) {
    fenp_faults f = {0};
    size_t n = 0, m = 0;
    char *one = in_folder("one.h5"), *two = in_folder("two.h5");
    fenp_arrays_write(one, arrays, ARRAYS, &f);
    sleep(1);                                                    /* an object time would differ */
    fenp_arrays_write(two, arrays, ARRAYS, &f);
    char *a = fenp_read(one, 0, &n, &f, nowhere), *b = fenp_read(two, 0, &m, &f, nowhere);
    FEN_COUNT(n, m);
    FEN_TRUE(a && b && n == m && !memcmp(a, b, n));
    fenp_delete(a);
    fenp_delete(b);
}
static void arrays_large(void) {
    fenp_faults f = {0};
    fenp_arrays r;
    const int64_t n = 3, m = 333, k = 777;
    double *x = fenp_new((size_t)(n * m * k) * 8);
    for (int64_t i = 0; i < n * m * k; i++) x[i] = (double)i / 7;
    const fenp_array a = {"/params/large", FENP_CELL_F64, 3, {n, m, k}, x};
    FEN_TRUE(fenp_arrays_write(in_folder("large.h5"), &a, 1, &f));
    FEN_TRUE(fenp_arrays_read(in_folder("large.h5"), &r, &f, nowhere));
    FEN_TRUE(r.n == 1 && same_array(&a, &r.at[0]));
    fenp_arrays_free(&r);
    fenp_delete(x);
}
static void write_file(const char *path, const char *data, size_t n) {
    FILE *to = fopen(path, "w");
    if (to) fwrite(data, 1, n, to), fclose(to);
}
static void arrays_flips(void) {
    fenp_faults f = {0};
    fenp_arrays r;
    size_t n = 0;
    uint64_t state = 12345;
    int found = 0;
    char *path = in_folder("flip.h5");
    fenp_arrays_write(path, arrays, ARRAYS, &f);
    char *data = fenp_read(path, 0, &n, &f, nowhere);
    for (int i = 0; i < 200; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t bit = (size_t)(state >> 20) % (8 * n);
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
        write_file(path, data, n);
        bool read = fenp_arrays_read(path, &r, &f, nowhere);
        found += !read && says(&f, "is not a whole checkpoint");
        fenp_arrays_free(&r);
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
    }
    FEN_COUNT(found, 200);
    fenp_delete(data);
}
static void arrays_cut(void) {
    fenp_faults f = {0};
    fenp_arrays r;
    size_t n = 0;
    int found = 0;
    char *path = in_folder("cut.h5");
    fenp_arrays_write(path, arrays, ARRAYS, &f);
    char *data = fenp_read(path, 0, &n, &f, nowhere);
    for (size_t i = 0; i < 100; i++) {
        write_file(path, data, i < 50 ? i : n - 1 - (i - 50) * (n - 60) / 50);
        found += !fenp_arrays_read(path, &r, &f, nowhere) && says(&f, "is not a whole checkpoint");
    }
    FEN_COUNT(found, 100);
    fenp_delete(data);
    FEN_TRUE(!fenp_arrays_read(in_folder("missing.h5"), &r, &f, nowhere) && says(&f, "No such file"));
}
static int refuse_sync(int fd) { (void)fd; errno = EIO; return -1; }

static void arrays_disk_fault(void) {
    fenp_faults f = {0};
    fenp_arrays r;
    fenp_io_calls real = fenp_io;
    char *path = in_folder("fault.h5");
    FEN_TRUE(fenp_arrays_write(path, arrays, ARRAYS, &f));
    fenp_io.sync = refuse_sync;
    FEN_TRUE(!fenp_arrays_write(path, arrays, 1, &f) && says(&f, "Input/output error"));
    fenp_io = real;
    FEN_TRUE(fenp_arrays_read(path, &r, &f, nowhere) && same_arrays(&r));       /* the old one is whole */
    fenp_arrays_free(&r);
}
static void tables(void) {
    fenp_faults f = {0};
    fen_table t;
    char *path = in_folder("table.h5");
    fenp_arrays_write(path, arrays, ARRAYS, &f);
    FEN_TRUE(fenp_hdf5_table(path, "params/critic/dense/weight", &t, &f, nowhere));
    FEN_TRUE(t.cell == FEN_F32 && t.rows == 3 && t.features.rank == 1 && t.features.size[0] == 4 && !memcmp(t.data, weight, sizeof weight));
    fenp_delete((void *)(uintptr_t)t.data);
    FEN_TRUE(fenp_hdf5_table(path, "/loop/list", &t, &f, nowhere));
    FEN_TRUE(t.cell == FEN_I64 && t.rows == 5 && t.features.rank == 0 && ((const int64_t *)t.data)[3] == INT32_MIN);
    fenp_delete((void *)(uintptr_t)t.data);
    FEN_TRUE(!fenp_hdf5_table(path, "loop/lost", &t, &f, nowhere) && says(&f, "did you mean \"loop/list\"?"));
    FEN_TRUE(!fenp_hdf5_table(path, "loop", &t, &f, nowhere) && says(&f, "has no dataset \"loop\""));
    FEN_TRUE(!fenp_hdf5_table(path, "loop/empty/x/y", &t, &f, nowhere) && says(&f, "It has: params/critic/dense/weight, "));
    write_file(path, "a,b,c\n1,2,3\n", 12);
    FEN_TRUE(!fenp_hdf5_table(path, "a", &t, &f, nowhere) && says(&f, "it is not an HDF5 file"));
}

/* -- The log: the same series as log_writer, values are functions of the step -- */

static const double grid[] = {0, 0.5, 1};
static const fenp_series series[] = {
    {.group = "train", .name = "a", .unit = "nats", .about = "a loss", .cell = FENP_CELL_F64},
    {.group = "train", .name = "b", .cell = FENP_CELL_F64},
    {.group = "evaluate", .name = "score", .cell = FENP_CELL_F64, .rank = 1, .dimension = {{"score_0", 2, NULL}}},
    {.group = "samples", .name = "digits", .cell = FENP_CELL_U8, .rank = 3,
     .dimension = {{"height", 4, NULL}, {"width", 4, NULL}, {"channel", 1, NULL}}},
    {.group = "tensors", .name = "curve", .cell = FENP_CELL_F64, .rank = 1, .dimension = {{"t", 3, grid}}},
};
static const fenp_note texts[] = {{"config_yaml", "name: test\n"}}, notes[] = {{"title", "test"}};
enum { SERIES = sizeof series / sizeof *series };

static fenp_log *log_new(const char *run, fenp_faults *f) { return fenp_log_new(run, series, SERIES, texts, 1, notes, 1, f); }
static fenp_log *log_on(const char *run, int64_t last, fenp_faults *f) { return fenp_log_continue(run, series, SERIES, texts, 1, notes, 1, last, last, f); }

static bool write_rows(fenp_log *l, int64_t from, int64_t to, fenp_faults *f) {
    uint8_t digits[16];
    for (int64_t s = from; s <= to && !f->n; s++) {
        double a = (double)s / 8, b = -(double)s, score[] = {(double)s, 2 * (double)s}, curve[] = {(double)s, 1, 2};
        fenp_log_row(l, 0, s, &a, f);
        if (s % 2 == 0) fenp_log_row(l, 1, s, &b, f);
        fenp_log_time(l, "train", s, 1e9 + (double)s, f);
        if (s % 5) continue;
        memset(digits, (int)(s % 256), sizeof digits);
        fenp_log_row(l, 2, s, score, f);
        fenp_log_time(l, "evaluate", s, 1e9, f);
        if (s % 10 == 0) fenp_log_row(l, 3, s, digits, f);
        fenp_log_row(l, 4, s, curve, f);
    }
    return f->n == 0;
}
/* Rows of train/a and train/b that are there and right. */
static int64_t right_rows(const char *run, fenp_faults *f) {
    int64_t *s, n, *t, m, right = 0;
    double *a, *b;
    if (!fenp_log_read(run, "train", "a", &s, &a, &n, f) || !fenp_log_read(run, "train", "b", &t, &b, &m, f)) return -1;
    for (int64_t i = 0; i < n && i < m; i++) {
        bool missing = s[i] % 2 != 0;
        right += s[i] == i + 1 && t[i] == i + 1 && a[i] == (double)s[i] / 8 && (missing ? isnan(b[i]) : b[i] == -(double)s[i]);
    }
    fenp_delete(s), fenp_delete(a), fenp_delete(t), fenp_delete(b);
    return n == right ? n : -2;
}
static void log_while_open(void) {
    fenp_faults f = {0};
    char *run = run_named("open"), text[512];
    fenp_log *l = log_new(run, &f);
    FEN_TRUE(l != NULL);
    if (!l) { fenp_faults_print(&f, stdout); return; }
    FEN_COUNT(right_rows(run, &f), 0);
    write_rows(l, 1, 100, &f);
    FEN_TRUE(fenp_log_flush(l, false, &f));
    FEN_COUNT(right_rows(run, &f), 100);
    write_rows(l, 101, 1000, &f);                                /* more than a block: written without being asked */
    FEN_TRUE(right_rows(run, &f) >= 768);
    FEN_TRUE(fenp_log_flush(l, true, &f));
    FEN_COUNT(right_rows(run, &f), 1000);
    FEN_TRUE(fenp_log_close(l, "finished", &f));
    FEN_COUNT(right_rows(run, &f), 1000);
    fenp_text shown = {NULL, 0, 0};
    FEN_TRUE(fenp_log_show(run, (fenp_log_view){.columns = 100, .utf8 = true}, &shown, &f));
    snprintf(text, sizeof text, "%s: finished\ntrain, steps 1 to 1000\n", run);
    FEN_TRUE(shown.at && !strncmp(shown.at, text, strlen(text)) && strstr(shown.at, "125        0.125          125 nats"));
    fenp_text_free(&shown);
    FEN_COUNT(f.n, 0);
}
static void log_flush_in_row(void) {
    fenp_faults f = {0};
    char *run = run_named("middle");
    fenp_log *l = log_new(run, &f);
    double a = 101.0 / 8;
    write_rows(l, 1, 100, &f);
    fenp_log_row(l, 0, 101, &a, &f);
    fenp_log_flush(l, false, &f);                                /* the value that was given waits for its row */
    FEN_COUNT(right_rows(run, &f), 100);
    fenp_log_time(l, "train", 101, 1e9, &f);
    write_rows(l, 102, 110, &f);
    FEN_TRUE(fenp_log_close(l, "interrupted", &f));
    FEN_COUNT(right_rows(run, &f), 110);
}

/* Every dataset of both but wall_time and /run has the same cells and attributes of axes. */
static void compare(const char *one, const char *two) {
    fenp_faults f = {0};
    fenp_arena m = {NULL};
    fenp_h5 a, b;
    fenp_h5_open(&a, one, FENP_H5_LIVE, NULL, 0, &f, nowhere);
    fenp_h5_open(&b, two, FENP_H5_LIVE, NULL, 0, &f, nowhere);
    const char *const *x = fenp_h5_list(&a, &m, "/", true, true), *const *y = fenp_h5_list(&b, &m, "/", true, true);
    int n = 0;
    for (; x[n] && y[n]; n++) {
        fenp_h5_form p, q;
        FEN_TEXT(x[n], y[n]);
        if (strstr(x[n], "wall_time") || !strncmp(x[n], "/run/", 5)) continue;
        int64_t d = fenp_h5_find(&a, x[n]), e = fenp_h5_find(&b, x[n]);
        FEN_TRUE(fenp_h5_form_of(&a, d, &p) && fenp_h5_form_of(&b, e, &q) && !memcmp(p.size, q.size, sizeof p.size) && p.cell == q.cell);
        size_t bytes = fenp_cell_bytes(p.cell);
        for (int i = 0; i < p.rank; i++) bytes *= (size_t)p.size[i];
        char *u = fenp_new(bytes), *v = fenp_new(bytes);
        fenp_h5_read(&a, d, p.cell, 0, p.size[0], u);
        fenp_h5_read(&b, e, p.cell, 0, p.size[0], v);
        fen_test_say(!memcmp(u, v, bytes), __LINE__, __FILE__, "%s differs", x[n]);
        fenp_delete(u), fenp_delete(v);
    }
    FEN_TRUE(n > 10 && !x[n] && !y[n]);
    FEN_COUNT(f.n, 0);
    fenp_h5_close(&a), fenp_h5_close(&b);
    fenp_arena_free(&m);
}
static void log_continued(void) {
    fenp_faults f = {0};
    char *whole = run_named("whole"), *cut = run_named("cut"), one[256], two[256];
    fenp_log *l = log_new(whole, &f);
    write_rows(l, 1, 700, &f);
    fenp_log_close(l, "finished", &f);
    pid_t child = fork();
    if (child == 0) {
        l = log_new(cut, &f);
        write_rows(l, 1, 400, &f);
        fenp_log_flush(l, false, &f);
        kill(getpid(), SIGKILL);
    }
    waitpid(child, NULL, 0);
    FEN_COUNT(right_rows(cut, &f), 400);
    for (int64_t last = 323; last < 700; last += 333) {           /* 323, then 656 of a closed one */
        l = log_on(cut, last, &f);
        FEN_TRUE(l != NULL && right_rows(cut, &f) == last);
        write_rows(l, last + 1, 700, &f);
        FEN_TRUE(fenp_log_close(l, "finished", &f));
    }
    snprintf(one, sizeof one, "%s/log.h5", whole), snprintf(two, sizeof two, "%s/log.h5", cut);
    compare(one, two);
    FEN_TRUE(fenp_log_snapshot(cut, in_folder("snapshot.h5"), &f));
    compare(one, in_folder("snapshot.h5"));
    FEN_TRUE(fenp_log_snapshot(cut, two, &f));                   /* onto itself */
    compare(one, two);
    FEN_COUNT(f.n, 0);
}
static void log_refusals(void) {
    fenp_faults f = {0};
    char *run = run_named("refused");
    fenp_series bad = {.group = "train", .name = "a/b", .cell = FENP_CELL_F64}, twice[] = {series[0], series[0]};
    FEN_TRUE(!fenp_log_new(run, &bad, 1, NULL, 0, NULL, 0, &f) && says(&f, "a name without \"/\""));
    bad.name = "step";
    FEN_TRUE(!fenp_log_new(run, &bad, 1, NULL, 0, NULL, 0, &f) && says(&f, "/train/step"));
    FEN_TRUE(!fenp_log_new(run, twice, 2, NULL, 0, NULL, 0, &f) && says(&f, "/train/a"));
    bad.group = "other";
    FEN_TRUE(!fenp_log_new(run, &bad, 1, NULL, 0, NULL, 0, &f) && says(&f, "no group \"other\""));
    FEN_TRUE(!log_on(run, 10, &f) && says(&f, "is no run's folder: it has no log.h5"));
    FEN_TRUE(!log_new(in_folder("no/such/folder"), &f) && says(&f, "No such file"));
    int64_t *s, n;
    double *v;
    fenp_log *l = log_new(run, &f);
    write_rows(l, 1, 5, &f);
    FEN_TRUE(!fenp_log_read(run, "train", "c", &s, &v, &n, &f) && says(&f, "it has: step, wall_time, a, b"));
    FEN_TRUE(!fenp_log_time(l, "train", 5, 0, &f) && says(&f, "does not follow"));
    FEN_TRUE(!fenp_log_close(l, "finished", &f));
    fenp_faults_free(&f);
}
/* Axes of one name and other sizes; a series that has an axis' name. */
static void log_axes(void) {
    fenp_faults f = {0};
    fenp_arena m = {NULL};
    fenp_h5 h;
    static const double x[] = {1, 2}, y[] = {1, 3};
    static const fenp_series s[] = {
        {.group = "tensors", .name = "one", .cell = FENP_CELL_F64, .rank = 1, .dimension = {{"t", 2, x}}},
        {.group = "tensors", .name = "two", .cell = FENP_CELL_F64, .rank = 1, .dimension = {{"t", 2, y}}},
        {.group = "tensors", .name = "three", .cell = FENP_CELL_F64, .rank = 2, .dimension = {{"t", 2, x}, {"t", 2, x}}},
        {.group = "tensors", .name = "u", .cell = FENP_CELL_F64, .rank = 1, .dimension = {{"u", 3, NULL}}},
        {.group = "tensors", .name = "four", .cell = FENP_CELL_F64, .rank = 1, .dimension = {{"one_step", 3, NULL}}},
    };
    static const struct { const char *path; int axis; const char *scale; } needed[] = {
        {"/tensors/one", 0, "/tensors/one_step"}, {"/tensors/one", 1, "/tensors/t"}, {"/tensors/two", 1, "/tensors/two_t"},
        {"/tensors/three", 1, "/tensors/t"},
        {"/tensors/three", 2, "/tensors/t_2"}, {"/tensors/u", 1, "/tensors/u_u"}, {"/tensors/four", 1, "/tensors/four_one_step"},
    };
    char *run = run_named("axes"), path[256];
    fenp_log *l = fenp_log_new(run, s, 5, NULL, 0, NULL, 0, &f);
    FEN_TRUE(l && fenp_log_close(l, "finished", &f));
    fenp_faults_print(&f, stdout);
    snprintf(path, sizeof path, "%s/log.h5", run);
    fenp_h5_open(&h, path, FENP_H5_PLAIN, NULL, 0, &f, nowhere);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        FEN_TEXT(fenp_h5_scale_of(&h, &m, fenp_h5_find(&h, needed[i].path), needed[i].axis), needed[i].scale);
    fenp_h5_close(&h);
    fenp_arena_free(&m);
}
static int refuse_rename(const char *from, const char *to) { (void)from; (void)to; errno = EROFS; return -1; }

static void log_disk_fault(void) {
    fenp_faults f = {0};
    fenp_io_calls real = fenp_io;
    char *run = run_named("fault"), path[256];
    fenp_io.rename = refuse_rename;
    FEN_TRUE(!log_new(run, &f) && says(&f, "Read-only file system"));
    fenp_io = real;
    snprintf(path, sizeof path, "%s/log.h5.new", run);
    FEN_TRUE(access(path, F_OK) < 0);
    fenp_log *l = log_new(run, &f);
    write_rows(l, 1, 50, &f);
    fenp_io.sync = refuse_sync;
    FEN_TRUE(!fenp_log_flush(l, true, &f) && says(&f, "cannot sync"));
    fenp_io = real;
    FEN_TRUE(!fenp_log_flush(l, true, &f) && f.n == 0);          /* after one fault it is silent, and stays failed */
    FEN_TRUE(!fenp_log_close(l, "failed", &f));
    FEN_COUNT(right_rows(run, &f), 50);
    l = log_on(run, 10, &f);
    FEN_TRUE(l && fenp_log_close(l, "finished", &f) && right_rows(run, &f) == 10);
    fenp_faults_free(&f);
}
/* The limit of file sizes stands for the full disk: a write ends in the middle. The child must end by itself, with the fault. */
static void log_full_disk(void) {
    fenp_faults f = {0};
    char *run = run_named("full");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {100000, 100000};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        fenp_log *l = log_new(run, &f);
        for (int64_t s = 1; l && s < 100000 && !f.n; s += 100) {
            write_rows(l, s, s + 99, &f);
            fenp_log_flush(l, false, &f);
        }
        bool fine = f.n == 1 && strstr(f.at[0].text, "File too large") && strstr(f.at[0].text, "log.h5");
        fine &= !fenp_log_close(l, "failed", &f) && f.n == 1;
        exit(fine ? 7 : 8);                                      /* by way of the exit handlers */
    }
    int state = 0;
    waitpid(child, &state, 0);
    FEN_TRUE(WIFEXITED(state) && WEXITSTATUS(state) == 7);
    FEN_TRUE(right_rows(run, &f) > 100);
}

static const fen_test tests[] = {
    {"arrays: round trip", arrays_round_trip}, {"arrays: equal bytes", arrays_equal_bytes}, {"arrays: large", arrays_large},
    {"arrays: 200 flipped bits", arrays_flips}, {"arrays: 100 lengths", arrays_cut}, {"arrays: disk fault", arrays_disk_fault},
    {"tables", tables}, {"log: read while open", log_while_open}, {"log: flush within a row", log_flush_in_row},
    {"log: kill and continue equals uninterrupted", log_continued}, {"log: refusals", log_refusals}, {"log: names of axes", log_axes},
    {"log: disk fault", log_disk_fault}, {"log: full disk", log_full_disk}, {NULL, NULL},
};

int main(void) {
    if (!mkdtemp(folder)) return 1;
    int code = fen_test_run("log", tests);
    char remove_all[64];
    snprintf(remove_all, sizeof remove_all, "rm -rf %s", folder);
    return system(remove_all) || code;
}
