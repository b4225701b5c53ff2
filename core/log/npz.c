/* log/npz.c: all arrays of a log as a .npz file: an archive (zip.c) with a .npy file for each dataset, so numpy.load(FILE)["train/step"] works.
 * A .npy file is \x93NUMPY, version 1.0, the header's length, the header, cells in C order. Texts become Unicode strings (UTF-32). */
#include "log/live.h"
#include "log/zip.h"
#include <string.h>

enum { BLOCK = 4 << 20, ALIGN = 64 };
typedef struct packer { fenp_h5 h; fenp_arena memory; fenp_zip *zip; int arrays; } packer;

static const char *const kinds[] = {[FENP_CELL_F32] = "<f4", [FENP_CELL_F64] = "<f8", [FENP_CELL_I32] = "<i4", [FENP_CELL_I64] = "<i8", [FENP_CELL_U8] = "|u1"};

/* The header ends with a line end, where the cells begin at a multiple of 64. */
static void begin(packer *p, const char *path, const char *kind, const char *shape) {
    char *text = fenp_arena_text(&p->memory, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, shape);
    size_t n = strlen(text), whole = (10 + n + 1 + ALIGN - 1) / ALIGN * ALIGN;
    char *head = fenp_arena_new(&p->memory, whole);
    memcpy(head, "\x93NUMPY\x01\x00", 8);
    head[8] = (char)((whole - 10) & 255);
    head[9] = (char)((whole - 10) >> 8);
    memset(head + 10, ' ', whole - 10);
    memcpy(head + 10, text, n);
    head[whole - 1] = '\n';
    fenp_zip_entry(p->zip, fenp_arena_text(&p->memory, "%s.npy", path + 1));
    fenp_zip_add(p->zip, head, whole);
    p->arrays++;
}

/* "3, 28, 28", of one axis "3,". */
static const char *shape_text(packer *p, const fenp_h5_form *f, int64_t rows) {
    const char *text = "";
    for (int i = 0; i < f->rank; i++)
        text = fenp_arena_text(&p->memory, "%s%s%lld%s", text, i ? ", " : "", (long long)(i ? f->size[i] : rows), f->rank == 1 ? "," : "");
    return text;
}

static void add_numbers(packer *p, const char *path, int64_t d, const fenp_h5_form *f, int64_t rows) {
    size_t bytes = fenp_cell_bytes(f->cell);
    for (int i = 1; i < f->rank; i++) bytes = fenp_product(bytes, (size_t)f->size[i]);
    int64_t most = bytes && bytes < BLOCK ? (int64_t)(BLOCK / bytes) : 1;
    char *block = fenp_new(fenp_product((size_t)most, bytes));
    begin(p, path, kinds[f->cell], shape_text(p, f, rows));
    for (int64_t i = 0; i < rows && !p->h.failed; i += most) {
        int64_t n = rows - i < most ? rows - i : most;
        fenp_h5_read(&p->h, d, f->cell, i, n, block);
        if (!p->h.failed) fenp_zip_add(p->zip, block, (size_t)n * bytes);
    }
    fenp_delete(block);
}

/* One letter of UTF-8; what is none counts as it is. */
static uint32_t letter(const char **s) {
    const unsigned char *c = (const unsigned char *)*s;
    int more = c[0] >= 0xF0 ? 3 : c[0] >= 0xE0 ? 2 : c[0] >= 0xC0 ? 1 : 0;
    uint32_t x = more ? c[0] & (0x3Fu >> more) : c[0];
    for (int i = 1; i <= more; i++) {
        if ((c[i] & 0xC0) != 0x80) { ++*s; return c[0]; }
        x = x << 6 | (c[i] & 0x3Fu);
    }
    *s += 1 + more;
    return x < 0x110000 ? x : 0xFFFD;
}

static void add_text(packer *p, const char *path, const char *text) {
    size_t n = 0;
    unsigned char *cells = fenp_new(fenp_product(strlen(text) + 1, 4));
    for (const char *s = text; *s; n++) {
        uint32_t x = letter(&s);
        for (int i = 0; i < 4; i++) cells[4 * n + (size_t)i] = (unsigned char)(x >> 8 * i);
    }
    begin(p, path, fenp_arena_text(&p->memory, "<U%zu", n ? n : 1), "");
    fenp_zip_add(p->zip, cells, 4 * (n ? n : 1));
    fenp_delete(cells);
}

static void add(packer *p, const char *path, const fenp_seen *grown, int n) {
    fenp_h5_form f;
    int64_t d = fenp_h5_find(&p->h, path);
    if (d < 0) return;
    for (int i = 0; i < n; i++)
        if (!strcmp(grown[i].path, path)) { add_numbers(p, path, grown[i].id, &grown[i].form, grown[i].rows); return; }
    char *text = fenp_h5_text_of(&p->h, &p->memory, d);
    if (text) add_text(p, path, text);
    else if (fenp_h5_form_of(&p->h, d, &f) && !f.grows) add_numbers(p, path, d, &f, f.rank ? f.size[0] : 1);
}

/* Steps are those of the series beside them, which were counted first. */
static void add_steps(packer *p, const char *group, const fenp_seen *s, int n) {
    for (int i = 0; i < n; i++) {
        if (i && fenp_live_shared(group)) break;
        const char *path = fenp_live_scale(&p->memory, group, s[i].name);
        begin(p, path, "<i8", fenp_arena_text(&p->memory, "%lld,", (long long)s[i].rows));
        fenp_zip_add(p->zip, s[i].step, (size_t)s[i].rows * sizeof *s[i].step);
    }
}

static void add_group(packer *p, const char *group) {
    int n;
    const fenp_seen *s = fenp_live_series(&p->h, &p->memory, group, &n);
    const char *const *list = fenp_h5_list(&p->h, &p->memory, fenp_arena_text(&p->memory, "/%s", group), true, false);
    add_steps(p, group, s, n);
    for (int i = 0; list[i] && !p->h.failed; i++) add(p, list[i], s, n);
}

bool fenp_log_export_npz(const char *run, const char *to, fenp_text *made, fenp_faults *faults) {
    packer p = {.memory = {NULL}};
    bool fine = fenp_live_open(&p.h, run, faults);
    if (fine) {
        p.zip = fenp_zip_new(to);
        for (int i = 0; fenp_log_groups[i]; i++) add_group(&p, fenp_log_groups[i]);
        const char *const *texts = fenp_h5_list(&p.h, &p.memory, "/run", true, false);
        for (int i = 0; texts[i] && !p.h.failed; i++) add(&p, texts[i], NULL, 0);
        fine = fenp_zip_end(p.zip, !p.h.failed, faults);
        if (fine) fenp_text_add(made, "%s: %d arrays\n", to, p.arrays);
    }
    fenp_arena_free(&p.memory);
    return fenp_h5_close(&p.h) && fine;
}
