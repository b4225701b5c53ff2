/* Unit tests of core/report: pixels of sheets and plots (PNG files are decoded by Python's own zlib), ticks, the progress line. */
#include "report/canvas.h"
#include "base/io.h"
#include "test.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const fenp_place nowhere = {NULL, 0, 0};
static char folder[] = "/tmp/fenchel-report-XXXXXX";

static char *in_folder(const char *name) {
    static char path[8][256];
    static int k;
    k = (k + 1) % 8;
    snprintf(path[k], sizeof path[k], "%s/%s", folder, name);
    return path[k];
}

/* -- Pictures -- */

static void bytes(void) {
    const double x[] = {-1, 0, 0.25, 0.5, 1, 2, NAN, INFINITY, -INFINITY};
    const uint8_t needed[] = {0, 0, 64, 128, 255, 255, 0, 255, 0};
    uint8_t y[9];
    fenp_to_bytes(x, 9, 0, 1, y);
    for (int i = 0; i < 9; i++) FEN_COUNT(y[i], needed[i]);
    fenp_to_bytes(x + 1, 1, -1, 1, y);
    FEN_COUNT(y[0], 128);
    fenp_to_bytes(x + 1, 3, 1, 1, y);                            /* an empty range divides by nothing */
    FEN_COUNT(y[0] + y[1] + y[2], 0);
}
static uint8_t at(const uint8_t *sheet, int width, int channels, int y, int x, int channel) { return sheet[(y * width + x) * channels + channel]; }

static void check_sheet(int n, int channels, int columns, int needed_height, int needed_width) {
    enum { H = 6, W = 5 };
    int height, width, right = 0, all = 0;
    uint8_t *images = fenp_new((size_t)(n * H * W * channels));
    for (int i = 0; i < n * H * W * channels; i++) images[i] = (uint8_t)(i * 7 + i / 30);
    uint8_t *sheet = fenp_sheet(images, n, H, W, channels, columns, &height, &width);
    int across = (needed_width + 2) / (W + 2);
    FEN_COUNT(height, needed_height);
    FEN_COUNT(width, needed_width);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < channels; c++, all++) {
                int i = y / (H + 2) * across + x / (W + 2), v = y % (H + 2), u = x % (W + 2);
                bool image = i < n && v < H && u < W;
                right += at(sheet, width, channels, y, x, c) == (image ? images[((i * H + v) * W + u) * channels + c] : 128);
            }
    FEN_COUNT(right, all);
    fenp_delete(sheet);
    fenp_delete(images);
}
static void sheets(void) {
    check_sheet(10, 1, 0, 3 * 6 + 4, 4 * 5 + 6);
    check_sheet(10, 3, 5, 2 * 6 + 2, 5 * 5 + 8);
    check_sheet(1, 3, 0, 6, 5);
    check_sheet(3, 1, 99, 6, 3 * 5 + 4);
    check_sheet(64, 1, 0, 8 * 6 + 14, 8 * 5 + 14);
}

/* Size, channels, and the pixels [y][x][channel] of a PNG file, by Python's zlib and the filters of the PNG specification, 9.2. */
static const char decoder[] =
    "import sys,zlib,struct\n"
    "d=open(sys.argv[1],'rb').read()\n"
    "assert d[:8]==b'\\x89PNG\\r\\n\\x1a\\n'\n"
    "i=8;z=b''\n"
    "while i<len(d):\n"
    "    n,k=struct.unpack('>I4s',d[i:i+8])\n"
    "    assert zlib.crc32(d[i+4:i+8+n])==struct.unpack('>I',d[i+8+n:i+12+n])[0]\n"
    "    if k==b'IHDR': w,h,b,t=struct.unpack('>IIBB',d[i+8:i+18])\n"
    "    if k==b'IDAT': z+=d[i+8:i+8+n]\n"
    "    i+=12+n\n"
    "c={0:1,2:3}[t];assert b==8\n"
    "r=zlib.decompress(z);s=w*c;last=bytearray(s);out=bytearray()\n"
    "def paeth(a,b,c):\n"
    "    p=a+b-c;q=[abs(p-a),abs(p-b),abs(p-c)];return (a,b,c)[q.index(min(q))]\n"
    "for y in range(h):\n"
    "    f=r[y*(s+1)];x=bytearray(r[y*(s+1)+1:(y+1)*(s+1)])\n"
    "    for j in range(s):\n"
    "        a=x[j-c] if j>=c else 0;e=last[j-c] if j>=c else 0\n"
    "        x[j]=(x[j]+(0,a,last[j],(a+last[j])//2,paeth(a,last[j],e))[f])&255\n"
    "    out+=x;last=x\n"
    "open(sys.argv[1]+'.raw','wb').write(struct.pack('<iii',w,h,c)+out)\n";

typedef struct picture { int32_t width, height, channels; uint8_t *pixel; char *data; } picture;

static picture decoded(const char *path) {
    char command[700], raw[300];
    picture p = {0};
    fenp_faults f = {0};
    size_t n = 0;
    FILE *script = fopen(in_folder("decode.py"), "w");
    if (script) fputs(decoder, script), fclose(script);
    snprintf(command, sizeof command, "/usr/bin/python3 %s/decode.py %s", folder, path);
    snprintf(raw, sizeof raw, "%s.raw", path);
    if (system(command) == 0) p.data = fenp_read(raw, 0, &n, &f, nowhere);
    if (p.data) memcpy(&p.width, p.data, 4), memcpy(&p.height, p.data + 4, 4), memcpy(&p.channels, p.data + 8, 4), p.pixel = (uint8_t *)p.data + 12;
    FEN_TRUE(p.data && n == 12 + (size_t)p.width * (size_t)p.height * (size_t)p.channels);
    fenp_faults_free(&f);
    return p;
}
static bool is_colour(const picture *p, double x, double y, int red, int green, int blue) {
    if (!p->pixel) return false;
    const uint8_t *c = p->pixel + ((int)y * p->width + (int)x) * 3;
    bool same = abs(c[0] - red) <= 2 && abs(c[1] - green) <= 2 && abs(c[2] - blue) <= 2;
    if (!same) printf("      pixel %d %d: found %d %d %d, needed %d %d %d\n", (int)x, (int)y, c[0], c[1], c[2], red, green, blue);
    return same;
}
static void png_files(void) {
    fenp_faults f = {0};
    uint8_t grey[7 * 5], colour[7 * 5 * 3];
    for (int i = 0; i < 35; i++) grey[i] = (uint8_t)(i * 7);
    for (int i = 0; i < 105; i++) colour[i] = (uint8_t)(i * 53);
    FEN_TRUE(fenp_png_write(in_folder("grey.png"), grey, 7, 5, 1, &f) && fenp_png_write(in_folder("colour.png"), colour, 7, 5, 3, &f));
    picture p = decoded(in_folder("grey.png")), q = decoded(in_folder("colour.png"));
    FEN_TRUE(p.width == 7 && p.height == 5 && p.channels == 1 && !memcmp(p.pixel, grey, sizeof grey));
    FEN_TRUE(q.width == 7 && q.height == 5 && q.channels == 3 && !memcmp(q.pixel, colour, sizeof colour));
    fenp_delete(p.data);
    fenp_delete(q.data);
    FEN_TRUE(!fenp_png_write("/no/such/folder/x.png", grey, 7, 5, 1, &f));
    FEN_TRUE(f.n == 1 && strstr(f.at[0].text, "/no/such/folder/x.png") && strstr(f.at[0].text, "No such file"));
    FEN_TRUE(!fenp_png_write(in_folder("none.png"), grey, 0, 5, 1, &f));
    fenp_faults_free(&f);
}

/* -- Plots -- */

static void ticks(void) {
    static const struct { double low, high; int most, n; double first, last; const char *label; } cases[] = {
        {0, 1, 8, 6, 0, 1, "1.0"}, {-3.2, 3.2, 8, 7, -3, 3, "3"}, {0, 5000, 10, 11, 0, 5000, "5000"}, {1e6, 2.1e7, 8, 4, 5e6, 2e7, "2e7"},
        {0, 3e-5, 8, 7, 0, 3e-5, "3e-5"}, {99.95, 100.05, 5, 5, 99.96, 100.04, "100.04"}, {-0.1, 0, 5, 6, -0.1, 0, "0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double t[16];
        char label[40];
        int n = fenp_ticks(cases[i].low, cases[i].high, cases[i].most, t);
        FEN_COUNT(n, cases[i].n);
        FEN_NEAR(t[0], cases[i].first, 1e-9 * fabs(cases[i].high - cases[i].low));
        FEN_NEAR(t[n - 1], cases[i].last, 1e-9 * fabs(cases[i].high - cases[i].low));
        fenp_tick_label(label, sizeof label, t[n - 1], t[1] - t[0]);
        FEN_TEXT(label, cases[i].label);
    }
}
static void canvas(void) {
    fenp_canvas c;
    int inside = 0, outside = 0;
    fenp_canvas_new(&c, 40, 30);
    fenp_canvas_disc(&c, 20, 15, 8, (fenp_colour){0, 0, 0}, 1);
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 40; x++) {
            double r = hypot(x + 0.5 - 20, y + 0.5 - 15);
            if (r < 7 && c.pixel[(y * 40 + x) * 3] != 0) inside++;
            if (r > 9 && c.pixel[(y * 40 + x) * 3] != 255) outside++;
        }
    FEN_COUNT(inside, 0);
    FEN_COUNT(outside, 0);
    c.clip = (fenp_box){0, 0, 10, 30};
    fenp_canvas_line(&c, -1e6, 3.5, 1e6, 3.5, 1, (fenp_colour){200, 0, 0}, 1);   /* far beyond the edges, cut at the clip box */
    FEN_TRUE(c.pixel[(3 * 40 + 9) * 3] == 200 && c.pixel[(3 * 40 + 9) * 3 + 1] == 0 && c.pixel[(3 * 40 + 10) * 3] == 255);
    FEN_TRUE(c.pixel[(2 * 40 + 5) * 3] == 255 && c.pixel[(4 * 40 + 5) * 3] == 255);
    fenp_canvas_free(&c);
    FEN_NEAR(fenp_canvas_text_width("HH", 2), 2 * (4 + 2 + 4), 0);
    FEN_NEAR(fenp_canvas_text_width("\xc3\xa4", 1), fenp_canvas_text_width("?", 1), 0);
}
/* Where a plot of this range has its data, by the contract of fenp_axes. */
static fenp_axes axes_of(const double x[2], const double y[2]) {
    fenp_axes a;
    fenp_axes_new(&a, "t", x, y, 0, true);
    fenp_canvas_free(&a.canvas);
    return a;
}
static void plot_lines(void) {
    fenp_faults f = {0};
    enum { N = 50000 };
    double *x = fenp_new(N * 8), *y = fenp_new(N * 8), *z = fenp_new(N * 8);
    for (int i = 0; i < N; i++) x[i] = i, y[i] = 100, z[i] = i % 3 ? NAN : i < N / 2 ? 0 : 200;
    const fenp_curve c[] = {{"flat", x, y, N}, {"step", x, z, N}};
    double start = fenp_clock();
    FEN_TRUE(fenp_plot_lines(in_folder("lines.png"), "title", c, 2, &f));
    FEN_TRUE(fenp_clock() - start < 5);
    fenp_axes a = axes_of((double[]){0, N - 1}, (double[]){-8, 208});
    picture p = decoded(in_folder("lines.png"));
    FEN_TRUE(p.width == 640 && p.height == 480 && p.channels == 3);
    FEN_TRUE(is_colour(&p, 2, 2, 255, 255, 255));
    FEN_TRUE(is_colour(&p, fenp_axes_x(&a, N / 4.0), fenp_axes_y(&a, 100), 0, 114, 178));
    FEN_TRUE(is_colour(&p, fenp_axes_x(&a, N / 4.0), fenp_axes_y(&a, 0), 213, 94, 0));       /* over missing rows */
    FEN_TRUE(is_colour(&p, fenp_axes_x(&a, N * 0.7), fenp_axes_y(&a, 200), 213, 94, 0));
    FEN_TRUE(is_colour(&p, fenp_axes_x(&a, N / 4.0) + 5, fenp_axes_y(&a, 200) + 4, 255, 255, 255));
    fenp_delete(p.data);
    fenp_delete(x), fenp_delete(y), fenp_delete(z);
}
static void plot_others(void) {
    fenp_faults f = {0};
    const double u[] = {-0.77, 0.77, 0}, v[] = {-0.77, 0.77, NAN}, h[] = {0.5, 0.5, 0.5, 0.5, 0, 1}, z[] = {0, 1, 2, 3, NAN, 5};
    const fenp_curve points = {"points", u, v, 3}, values = {"h", h, NULL, 6}, none = {"none", u, v, 0};
    FEN_TRUE(fenp_plot_points(in_folder("points.png"), "", &points, 1, &f));
    fenp_axes a = axes_of((double[]){-0.77 * 1.08 * 1.4, 0.77 * 1.08 * 1.4}, (double[]){-0.77 * 1.08, 0.77 * 1.08});
    picture p = decoded(in_folder("points.png"));
    FEN_TRUE(is_colour(&p, fenp_axes_x(&a, 0.77), fenp_axes_y(&a, 0.77), 102, 170, 209));           /* 0.6 of blue over white */
    FEN_TRUE(is_colour(&p, fenp_axes_x(&a, -0.77), fenp_axes_y(&a, -0.77), 102, 170, 209));
    fenp_delete(p.data);
    FEN_TRUE(fenp_plot_histograms(in_folder("h.png"), "", &values, 1, &f));
    a = axes_of((double[]){0, 1}, (double[]){0, 4.0 / 6 * 5 * 1.06});                         /* 5 bins, 4 of 6 in the middle one */
    p = decoded(in_folder("h.png"));
    FEN_TRUE(is_colour(&p, fenp_axes_x(&a, 0.41), fenp_axes_y(&a, 3.28), 178, 213, 232));     /* 0.3 of blue over white */
    FEN_TRUE(is_colour(&p, fenp_axes_x(&a, 0.36), fenp_axes_y(&a, 3.28), 255, 255, 255));
    fenp_delete(p.data);
    FEN_TRUE(fenp_plot_heat(in_folder("heat.png"), "", z, 2, 3, (double[]){0, 3}, (double[]){0, 2}, &f));
    p = decoded(in_folder("heat.png"));
    FEN_TRUE(is_colour(&p, 60, 420, 68, 1, 84) && is_colour(&p, 500, 60, 253, 231, 37) && is_colour(&p, 280, 60, 210, 210, 210));
    fenp_delete(p.data);
    FEN_TRUE(fenp_plot_lines(in_folder("x.png"), "", &none, 1, &f) && fenp_plot_points(in_folder("x.png"), "", &none, 1, &f));
    FEN_TRUE(fenp_plot_histograms(in_folder("x.png"), "", &none, 1, &f) && fenp_plot_lines(in_folder("x.png"), "", NULL, 0, &f));
    FEN_COUNT(f.n, 0);
}

/* -- Progress -- */

static double now;
static double fake_clock(void) { return now; }

static char *content(FILE *f) {
    static char text[100000];
    rewind(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    return text;
}
/* Lines come after 10 s, then each 1.5 times as long after the last, at most 5 min. */
static void progress_lines(void) {
    FILE *to = tmpfile(), *also = tmpfile();
    const fenp_shown s[] = {{"critic", 0.125}, {"generator", -2}};
    double due = 10, wait = 10;
    int needed = 0, lines = 0;
    now = 1000;
    fenp_progress_clock = fake_clock;
    fenp_progress *p = fenp_progress_new(to, also);
    fenp_progress_say(p, "begin %d", 7);
    for (int64_t i = 1; i <= 40000; i++) {
        now += 0.125;
        fenp_progress_step(p, "gan", i, 80000, 0.5, s, 2);
    }
    for (; due <= 5000; needed++) wait = fmin(wait * 1.5, 300), due += wait;
    fenp_progress_free(p);
    fenp_progress_clock = fenp_clock;
    char *text = content(to);
    FEN_TRUE(!strncmp(text, "begin 7\ngan 80/80000 (0 %), 8.00/s, eta 2:46:30, epoch 0.50, critic 0.125, generator -2\ngan 200/80000 (0 %)", 90));
    for (char *c = text; *c; c++) lines += *c == '\n';
    FEN_COUNT(lines, needed + 1);
    FEN_TRUE(!strpbrk(text, "\r\033"));
    char *copy = strdup(text);
    FEN_TEXT(copy, content(also));
    free(copy);
    fclose(to), fclose(also);
}
/* On a terminal of 60 columns: each redraw begins with a carriage return and fits; at most ten a second. */
static void progress_bar(void) {
    int master = posix_openpt(O_RDWR | O_NOCTTY), most = 0, redraws = 0;
    struct winsize size = {.ws_row = 24, .ws_col = 60};
    static char text[200000];
    size_t n = 0;
    if (master < 0 || grantpt(master) || unlockpt(master)) { FEN_TRUE(master < 0); return; }
    ioctl(master, TIOCSWINSZ, &size);
    FILE *to = fopen(ptsname(master), "r+"), *also = tmpfile();
    fcntl(master, F_SETFL, O_NONBLOCK);
    setenv("TERM", "xterm", 1), setenv("NO_COLOR", "1", 1), setenv("LC_ALL", "C", 1);
    now = 0;
    fenp_progress_clock = fake_clock;
    fenp_progress *p = fenp_progress_new(to, also);
    const fenp_shown s[] = {{"critic", 0.125}, {"generator", -2}, {"a_long_name_that_cannot_fit_in_the_line_any_more", 3}};
    for (int64_t i = 1; i <= 3000; i++) {
        now += 0.004;
        fenp_progress_step(p, "main", i, 3000, (double)i / 1000, s, 3);
        if (i == 1500) fenp_progress_say(p, "half");
        for (ssize_t got; (got = read(master, text + n, sizeof text - 1 - n)) > 0; ) n += (size_t)got;
    }
    fenp_progress_free(p);
    for (ssize_t got; (got = read(master, text + n, sizeof text - 1 - n)) > 0; ) n += (size_t)got;
    fenp_progress_clock = fenp_clock;
    char *lines = strdup(text);
    for (char *line = strtok(lines, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        char *end = strstr(line, "\033[K");
        if (!end) continue;
        if (end > line) redraws++;
        if (end - line > most) most = (int)(end - line);
    }
    free(lines);
    FEN_TRUE(most <= 59 && most > 40);
    FEN_TRUE(redraws >= 60 && redraws <= 122);                    /* 12 s */
    FEN_TRUE(strstr(text, "\033[Khalf\r\n") && !strstr(text, "\033[3") && !strstr(text, "a_long_name"));
    FEN_TRUE(strstr(text, "3000/3000  250/s  epoch 3.00  critic 0.125\033[K") != NULL);
    FEN_TRUE(!strncmp(content(also), "half\nmain 25", 12));
    FEN_TRUE(!strpbrk(content(also), "\r\033"));
    unsetenv("NO_COLOR"), unsetenv("LC_ALL");
    fclose(to), fclose(also), close(master);
}
/* While the clock stands, a step says nothing: a run of microseconds a round must not be slowed by its progress. */
static void progress_silence(void) {
    FILE *to = tmpfile();
    const fenp_shown s = {"loss", 1};
    now = 0;
    fenp_progress_clock = fake_clock;
    fenp_progress *p = fenp_progress_new(to, NULL);
    fenp_progress_step(p, "main", 1, 1 << 30, -1, &s, 1);
    fflush(to);
    long said = ftell(to);
    for (int64_t i = 2; i < 400000; i++) fenp_progress_step(p, "main", i, 1 << 30, -1, &s, 1);
    fflush(to);
    FEN_TRUE(ftell(to) == said);
    fenp_progress_free(p);
    fenp_progress_clock = fenp_clock;
    fclose(to);
}

static const fen_test tests[] = {
    {"bytes", bytes}, {"sheets", sheets}, {"png files", png_files}, {"ticks", ticks}, {"canvas", canvas}, {"plot: lines", plot_lines},
    {"plot: points, histograms, heat", plot_others}, {"progress: lines", progress_lines}, {"progress: bar", progress_bar},
    {"progress: silence", progress_silence}, {NULL, NULL},
};

int main(void) {
    if (!mkdtemp(folder)) return 1;
    int code = fen_test_run("report", tests);
    char remove_all[64];
    snprintf(remove_all, sizeof remove_all, "rm -rf %s", folder);
    return system(remove_all) || code;
}
