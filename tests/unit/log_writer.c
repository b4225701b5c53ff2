/* log_writer: a small run that only logs, for tests which read or kill it: log_writer RUN FIRST LAST [DELAY_US]; and what looks at a
 * log: log_writer show RUN, log_writer snapshot RUN FILE; and log_writer table FILE DATASET. FIRST 0 begins the log,
 * else it goes on behind FIRST. Each value is a function of its step, so that a reader can check any row. It prints each step after
 * which it flushed. Values: train/a = step / 8, train/b = -step where step is even, else missing; evaluate/score = [step, 2 step];
 * samples/digits [2, 4, 4, 1] = step mod 256; tensors/curve [3] = step + index. */
#include "log/log.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double grid[] = {0, 0.5, 1};
static const fenp_note split = {"split", "test"};
static const fenp_series series[] = {
    {.group = "train", .name = "a", .unit = "nats", .about = "a loss", .cell = FENP_CELL_F64},
    {.group = "train", .name = "b", .unit = NULL, .about = "every other round", .cell = FENP_CELL_F64},
    {.group = "evaluate", .name = "score", .unit = "1", .about = "two numbers", .note = &split, .notes = 1, .cell = FENP_CELL_F64, .rank = 1,
     .dimension = {{"score_0", 2, NULL}}},
    {.group = "samples", .name = "digits", .unit = "1", .about = "pictures", .cell = FENP_CELL_U8, .rank = 4,
     .dimension = {{"batch", 2, NULL}, {"height", 4, NULL}, {"width", 4, NULL}, {"channel", 1, NULL}}},
    {.group = "tensors", .name = "curve", .unit = "nats", .about = "over t", .cell = FENP_CELL_F64, .rank = 1, .dimension = {{"t", 3, grid}}},
};
static const fenp_note texts[] = {{"config_yaml", "name: log-writer\nabout: \"\xc3\xa4\"\n"}, {"resolved_yaml", "name: log-writer\n"}};
static const fenp_note notes[] = {{"title", "log-writer"}, {"seed", "1"}};

static void train(fenp_log *l, int64_t step, fenp_faults *f) {
    double a = (double)step / 8, b = -(double)step;
    fenp_log_row(l, 0, step, &a, f);
    if (step % 2 == 0) fenp_log_row(l, 1, step, &b, f);
    fenp_log_time(l, "train", step, (double)time(NULL), f);
}

static void evaluate(fenp_log *l, int64_t step, fenp_faults *f) {
    double score[] = {(double)step, 2 * (double)step}, curve[] = {(double)step, (double)step + 1, (double)step + 2};
    uint8_t digits[32];
    memset(digits, (int)(step % 256), sizeof digits);
    fenp_log_row(l, 2, step, score, f);
    fenp_log_time(l, "evaluate", step, (double)time(NULL), f);
    fenp_log_row(l, 3, step, digits, f);
    fenp_log_row(l, 4, step, curve, f);
}

/* cell, rows, features, values. */
static bool print_table(const char *file, const char *dataset, fenp_faults *f) {
    static const char *const cells[] = {"u8", "i64", "f32", "f64"};
    fen_table t;
    if (!fenp_hdf5_table(file, dataset, &t, f, (fenp_place){NULL, 0, 0})) return false;
    int64_t n = t.rows;
    printf("%s %lld", cells[t.cell], (long long)t.rows);
    for (int i = 0; i < t.features.rank; i++) printf(" %lld", (long long)t.features.size[i]), n *= t.features.size[i];
    printf(":");
    for (int64_t i = 0; i < n; i++) {
        if (t.cell == FEN_I64) printf(" %lld", (long long)((const int64_t *)t.data)[i]);
        else if (t.cell == FEN_U8) printf(" %d", ((const uint8_t *)t.data)[i]);
        else printf(" %.17g", t.cell == FEN_F32 ? (double)((const float *)t.data)[i] : ((const double *)t.data)[i]);
    }
    printf("\n");
    fenp_delete((void *)(uintptr_t)t.data);
    return true;
}

static int look(int n, char **word) {
    fenp_faults f = {0};
    fenp_text text = {NULL, 0, 0};
    bool fine = !strcmp(word[1], "show") && n == 3 && fenp_log_show(word[2], (fenp_log_view){.columns = 80}, &text, &f);
    if (!strcmp(word[1], "snapshot") && n == 4) fine = fenp_log_snapshot(word[2], word[3], &f);
    if (!strcmp(word[1], "table") && n == 4) fine = print_table(word[2], word[3], &f);
    if (fine && text.n) fputs(text.at, stdout);
    fenp_faults_print(&f, stderr);
    fenp_faults_free(&f);
    fenp_text_free(&text);
    return !fine;
}

int main(int n, char **word) {
    fenp_faults f = {0};
    if (n < 3) return 2;
    if (!strcmp(word[1], "show") || !strcmp(word[1], "snapshot") || !strcmp(word[1], "table")) return look(n, word);
    if (n < 4) return 2;
    int64_t first = atoll(word[2]), last = atoll(word[3]);
    useconds_t delay = n > 4 ? (useconds_t)atoi(word[4]) : 0;
    fenp_log *l = first ? fenp_log_continue(word[1], series, 5, texts, 2, notes, 2, first, first, &f)
                        : fenp_log_new(word[1], series, 5, texts, 2, notes, 2, &f);
    for (int64_t step = first + 1; l && step <= last && !f.n; step++) {
        train(l, step, &f);
        if (step % 5 == 0) evaluate(l, step, &f);
        if (step % 7 == 0 && fenp_log_flush(l, step % 70 == 0, &f)) printf("%lld\n", (long long)step), fflush(stdout);
        if (delay) usleep(delay);
    }
    bool fine = l && fenp_log_close(l, "finished", &f);
    fenp_faults_print(&f, stderr);
    return !fine;
}
