/* report/progress.c: the sign of life. On a terminal one line, redrawn at most ten times a second; elsewhere, and in console.log, whole lines
 * at growing intervals, since a log of bars cannot be read, and none at all looks like a hang.
 * The rate is an exponentially weighted mean over about ten seconds. The clock is looked at every few calls only: so many that
 * looking stays rare, so few that a step which suddenly takes long is not waited out many times. */
#include "base/io.h"
#include "report/report.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MOST_SKIPPED = 32, BAR = 30, LEAST_BAR = 5 };
static const double redraw = 0.1, first_wait = 10, growth = 1.5, most_wait = 300, memory = 10;

double (*fenp_progress_clock)(void) = fenp_clock;

struct fenp_progress {
    FILE *to, *also;
    bool terminal, colour, utf8, drawn;       /* drawn: the cursor stands behind a bar */
    int skip, skipped;                        /* calls to skip before the next look at the clock; those left */
    const char *pointer;                      /* the caller's, only compared */
    char *phase;
    double looked, shown, due, wait;          /* last look, last bar; when the next plain line is due, the interval then */
    double marked, seconds;                   /* time of the last mark; seconds a step, 0: not known yet */
    int64_t mark;                             /* steps done then */
};

bool fenp_terminal_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strstr(value, "UTF-8") || strstr(value, "utf8");
    }
    return false;
}

fenp_progress *fenp_progress_new(FILE *to, FILE *also) {
    fenp_progress *p = fenp_new(sizeof *p);
    const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");
    p->to = to;
    p->also = also;
    p->terminal = to && isatty(fileno(to)) && term && strcmp(term, "dumb");
    p->colour = !(plain && *plain);
    p->utf8 = fenp_terminal_utf8();
    p->looked = p->shown = p->marked = fenp_progress_clock();
    p->wait = first_wait;
    p->due = p->looked + first_wait;
    return p;
}

static void clear(fenp_progress *p) {
    if (p->drawn) fputs("\r\033[K", p->to);
    p->drawn = false;
}

static void whole_line(fenp_progress *p, const char *text) {
    if (p->to) {
        clear(p);
        fprintf(p->to, "%s\n", text);
        fflush(p->to);
    }
    if (!p->also) return;
    fprintf(p->also, "%s\n", text);
    fflush(p->also);
}

void fenp_progress_say(fenp_progress *p, const char *format, ...) {
    fenp_arena a = {NULL};
    va_list ap;
    va_start(ap, format);
    whole_line(p, fenp_arena_vtext(&a, format, ap));
    p->mark = -1;                             /* what was measured meanwhile is no step: the rate begins anew */
    va_end(ap);
    fenp_arena_free(&a);
}

/* -- What is shown -- */

static void add_time(fenp_text *t, double seconds) {
    long s = lround(fmin(fmax(seconds, 0), 1e9));
    if (s < 3600) fenp_text_add(t, "%ld:%02ld", s / 60, s % 60);
    else if (s < 100 * 3600) fenp_text_add(t, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else fenp_text_add(t, "%ld days", (s + 43200) / 86400);
}

static void add_rate(fenp_text *t, const char *between, double seconds, int64_t left) {
    double rate = 1 / seconds;
    if (!(seconds > 0)) return;
    fenp_text_add(t, "%s%.*f/s", between, rate < 10 ? 2 : rate < 100 ? 1 : 0, rate);
    if (left <= 0) return;
    fenp_text_add(t, "%seta ", between);
    add_time(t, (double)left * seconds);
}

static void add_values(fenp_text *t, const char *between, double epoch, const fenp_shown *s, int n) {
    if (epoch >= 0) fenp_text_add(t, "%sepoch %.2f", between, epoch);
    for (int i = 0; i < n; i++) fenp_text_add(t, "%s%s %.4g", between, s[i].name, s[i].value);
}

typedef struct state { const char *phase; int64_t done, total; double epoch; const fenp_shown *s; int n; } state;

static void plain_line(fenp_progress *p, const state *x) {
    fenp_text t = {NULL, 0, 0};
    fenp_text_add(&t, "%s%s%lld", x->phase, *x->phase ? " " : "", (long long)x->done);
    if (x->total > 0) fenp_text_add(&t, "/%lld (%.0f %%)", (long long)x->total, floor(100 * (double)x->done / (double)x->total));
    add_rate(&t, ", ", p->seconds, x->total - x->done);
    add_values(&t, ", ", x->epoch, x->s, x->n);
    if (p->terminal) {
        if (p->also) fprintf(p->also, "%s\n", t.at), fflush(p->also);
    } else whole_line(p, t.at);
    fenp_text_free(&t);
}

int fenp_terminal_columns(FILE *to) {
    struct winsize size = {0};
    const char *given = getenv("COLUMNS");
    if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    int n = given ? atoi(given) : 0;
    return n > 0 ? n : 80;
}

static void add_bar(fenp_text *t, const fenp_progress *p, double share, int width) {
    int full = (int)(fmin(fmax(share, 0), 1) * width + 0.5);
    const char *on = p->utf8 ? "\u2501" : "=", *off = p->utf8 ? "\u2500" : "-";
    fenp_text_add(t, " %s", p->colour ? "\033[32m" : "");
    for (int i = 0; i < full; i++) fenp_text_add(t, "%s", on);
    fenp_text_add(t, "%s", p->colour ? "\033[2;39m" : "");
    for (int i = full; i < width; i++) fenp_text_add(t, "%s", off);
    fenp_text_add(t, "%s", p->colour ? "\033[0m" : "");
}

/* Columns of UTF-8, each letter counted as one. */
static int letters(const char *text) {
    int n = 0;
    for (; *text; text++) n += (*text & 0xC0) != 0x80;
    return n;
}

/* As many of the values as fit; the bar takes what is left. A line that wraps could not be redrawn, so the last column stays free. */
static void bar_line(fenp_progress *p, const state *x) {
    fenp_text t = {NULL, 0, 0}, tail = {NULL, 0, 0};
    int room = fenp_terminal_columns(p->to) - 1 - letters(x->phase), shown = x->n, left;
    for (;; shown--) {
        tail.n = 0;
        fenp_text_add(&tail, "  %*lld", x->total > 0 ? snprintf(NULL, 0, "%lld", (long long)x->total) : 1, (long long)x->done);
        if (x->total > 0) fenp_text_add(&tail, "/%lld", (long long)x->total);
        add_rate(&tail, "  ", p->seconds, x->total - x->done);
        add_values(&tail, "  ", shown >= 0 ? x->epoch : -1, x->s, shown);
        left = room - letters(tail.at) - 1;
        if (shown < 0 || left >= (x->total > 0 ? LEAST_BAR : 0)) break;
    }
    fenp_text_add(&t, "\r%s", x->phase);
    if (x->total > 0 && left >= LEAST_BAR) add_bar(&t, p, (double)x->done / (double)x->total, left < BAR ? left : BAR);
    if (left >= -1) fenp_text_add(&t, "%s", tail.at);
    fprintf(p->to, "%s\033[K", t.at);
    fflush(p->to);
    p->drawn = true;
    fenp_text_free(&t);
    fenp_text_free(&tail);
}

/* -- When -- */

static void new_phase(fenp_progress *p, const state *x, double now) {
    size_t n = strlen(x->phase) + 1;
    fenp_delete(p->phase);
    p->phase = memcpy(fenp_new(n), x->phase, n);
    p->marked = now;
    p->mark = x->done;
    p->seconds = 0;
}

static void measure(fenp_progress *p, const state *x, double now) {
    if (!p->phase || strcmp(p->phase, x->phase) || (p->mark >= 0 && x->done < p->mark)) new_phase(p, x, now);
    if (p->mark < 0) {
        p->marked = now;
        p->mark = x->done;
        return;
    }
    double time = now - p->marked;
    if (time < redraw || x->done == p->mark) return;
    double each = time / (double)(x->done - p->mark);
    p->seconds = p->seconds > 0 ? p->seconds + (1 - exp(-time / memory)) * (each - p->seconds) : each;
    p->marked = now;
    p->mark = x->done;
}

/* So that about 20 looks fall between two redraws. */
static void adapt(fenp_progress *p, double now) {
    double each = (now - p->looked) / (p->skip + 1);
    int fit = each > 0 ? (int)fmin(MOST_SKIPPED, redraw / 20 / each) : MOST_SKIPPED;
    p->skip = fit > 2 * p->skip + 1 ? 2 * p->skip + 1 : fit;
    p->skipped = p->skip;
    p->looked = now;
}

static void look(fenp_progress *p, const state *x) {
    double now = fenp_progress_clock();
    bool other = p->pointer != x->phase, end = x->total > 0 && x->done >= x->total;
    p->pointer = x->phase;
    adapt(p, now);
    measure(p, x, now);
    if (p->terminal && (now - p->shown >= redraw || other || end)) {
        bar_line(p, x);
        p->shown = now;
    }
    if (now < p->due) return;
    plain_line(p, x);
    p->wait = fmin(p->wait * growth, most_wait);
    p->due = now + p->wait;
}

void fenp_progress_step(fenp_progress *p, const char *phase, int64_t done, int64_t total, double epoch, const fenp_shown *s, int n) {
    if (p->skipped > 0 && phase == p->pointer && done != total) { p->skipped--; return; }
    look(p, &(state){phase ? phase : "", done, total, epoch, s, n});
}

/* The last bar stays. */
void fenp_progress_free(fenp_progress *p) {
    if (!p) return;
    if (p->drawn) fputc('\n', p->to), fflush(p->to);
    fenp_delete(p->phase);
    fenp_delete(p);
}
