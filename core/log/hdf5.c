/* log/hdf5.c: the only file that includes the HDF5 library. Behaviour of 1.10.8 that is relied on or guarded against:
 * - after a failed write a second close, or the library's own exit handler, can crash: a file on disk that failed stays open, and the
 *   handler is not installed (H5dont_atexit). What was flushed before is readable, as after a kill.
 * - the library never calls fsync; object times make equal files differ, so they are off everywhere.
 * - H5Fget_file_image clears a flag in the superblock but leaves its checksum: images have the old superblock, which has none.
 * - a reader of a broken live file retries with doubling sleeps, for hours: the number of tries is cut. */
#include "log/hdf5_file.h"
#include "base/io.h"
#include <errno.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <string.h>

enum { TRIES = 30, ORDER = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED, NAME = 1024, GROWTH = 1 << 20, CHUNK = 1 << 20, NAMES = 1 << 20 };

/* The error stack belongs to a thread, so each has to be told to be silent. */
static void start(void) {
    static _Thread_local bool silent;
    if (silent) return;
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    silent = true;
}

const char *fenp_hdf5_version(void) {
    static _Thread_local char text[32];
    unsigned a = 0, b = 0, c = 0;
    start();
    H5get_libversion(&a, &b, &c);
    snprintf(text, sizeof text, "%u.%u.%u", a, b, c);
    return text;
}

size_t fenp_cell_bytes(fenp_cell c) {
    static const size_t bytes[] = {4, 8, 4, 8, 1, 1};
    return bytes[c];
}

void fenp_h5_cut(fenp_h5_form *f, int first) {
    int64_t bytes = (int64_t)fenp_cell_bytes(f->cell);
    for (int i = 0; i < f->rank; i++) bytes *= f->chunk[i];
    for (int i = first; i < f->rank && bytes > CHUNK; i++) {
        int64_t rest = bytes / f->chunk[i], most = CHUNK / rest ? CHUNK / rest : 1, parts = (f->chunk[i] + most - 1) / most;
        f->chunk[i] = (f->chunk[i] + parts - 1) / parts;
        bytes = rest * f->chunk[i];
    }
}

/* -- Faults -- */

/* The innermost message is the cause. Of the system's errors it quotes the text: "errno = 28, error message = 'No space left'". */
static herr_t innermost(unsigned n, const H5E_error2_t *e, void *to) {
    static const char mark[] = "error message = '";
    if (n || !e->desc) return 0;
    const char *quoted = strstr(e->desc, mark), *from = quoted ? quoted + strlen(mark) : e->desc;
    if (!strcmp(from, "file signature not found")) from = "it is not an HDF5 file";
    snprintf(to, NAME, "%.*s", (int)(quoted ? strcspn(from, "'") : strlen(from)), from);
    return 0;
}

/* Some of the library's functions forget the reason on their way out; the system's last word is the best then. */
static const char *reason(char cause[NAME]) {
    int last = errno;
    *cause = '\0';
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, cause);
    return *cause ? cause : last ? strerror(last) : "HDF5 gives no reason";
}

static bool poison(fenp_h5 *h, const char *deed, const char *what) {
    char cause[NAME];
    const char *why = reason(cause);
    return fenp_h5_fail(h, "cannot %s%s%s%s: %s", deed, what, *what ? " in " : "", h->path, why);
}

static bool poison_by_id(fenp_h5 *h, const char *deed, hid_t id) {
    char name[NAME] = "a dataset", cause[NAME];
    const char *why = reason(cause);
    H5Iget_name(id, name, sizeof name);
    return fenp_h5_fail(h, "cannot %s%s in %s: %s", deed, name, h->path, why);
}

bool fenp_h5_fail(fenp_h5 *h, const char *format, ...) {
    va_list ap;
    if (!h->failed) {
        va_start(ap, format);
        fenp_vfail(h->faults, h->at, format, ap);
        va_end(ap);
    }
    h->failed = true;
    return false;
}

/* -- Files -- */

static hid_t access_of(fenp_h5_kind kind, const void *data, size_t n) {
    hid_t p = H5Pcreate(H5P_FILE_ACCESS);
    H5F_libver_t least = kind == FENP_H5_LIVE ? H5F_LIBVER_V110 : H5F_LIBVER_EARLIEST, most = least > H5F_LIBVER_V18 ? least : H5F_LIBVER_V18;
    H5Pset_fclose_degree(p, H5F_CLOSE_STRONG);                   /* closes the handles of its datasets too */
    H5Pset_libver_bounds(p, least, most);
    if (kind == FENP_H5_IMAGE) H5Pset_fapl_core(p, GROWTH, 0);
    if (data) H5Pset_file_image(p, (void *)(uintptr_t)data, n);  /* copied by the library, though its argument is not const */
    return p;
}

/* The library looks for an image on the disk first, and takes files of one name for one file: a name that no file has. */
static const char *name_of(char name[64], const char *path, fenp_h5_kind kind) {
    static _Atomic unsigned images;
    if (kind != FENP_H5_IMAGE) return path;
    snprintf(name, 64, "/dev/null/image-%u", images++);
    return name;
}

static void begin(fenp_h5 *h, const char *path, fenp_faults *faults, fenp_place at) {
    size_t n = strlen(path) + 1;
    start();
    *h = (fenp_h5){.path = memcpy(fenp_new(n), path, n), .faults = faults, .at = at};
}

bool fenp_h5_make(fenp_h5 *h, const char *path, fenp_h5_kind kind, fenp_faults *faults) {
    begin(h, path, faults, (fenp_place){NULL, 0, 0});
    hid_t how = H5Pcreate(H5P_FILE_CREATE), access = access_of(kind, NULL, 0);
    H5Pset_link_creation_order(how, ORDER);
    H5Pset_attr_creation_order(how, ORDER);
    H5Pset_obj_track_times(how, 0);
    char name[64];
    hid_t file = H5Fcreate(name_of(name, path, kind), H5F_ACC_EXCL, how, access);
    if (file < 0) poison(h, "make ", "");
    else h->file = file;
    h->disk = kind != FENP_H5_IMAGE;
    H5Pclose(how);
    H5Pclose(access);
    return !h->failed;
}

bool fenp_h5_open(fenp_h5 *h, const char *path, fenp_h5_kind kind, const void *data, size_t n, fenp_faults *faults, fenp_place at) {
    begin(h, path, faults, at);
    hid_t access = access_of(kind, data, n);
    H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
    if (kind == FENP_H5_LIVE) H5Pset_metadata_read_attempts(access, TRIES);
    char name[64];
    hid_t file = H5Fopen(name_of(name, path, kind), H5F_ACC_RDONLY | (kind == FENP_H5_LIVE ? H5F_ACC_SWMR_READ : 0), access);
    if (file < 0) poison(h, "open ", "");
    else h->file = file;
    H5Pclose(access);
    return !h->failed;
}

bool fenp_h5_close(fenp_h5 *h) {
    bool leave = h->failed && h->disk;
    if (h->file && !leave && H5Fclose(h->file) < 0 && h->disk) poison(h, "close ", "");
    bool fine = !h->failed;
    fenp_delete(h->path);
    *h = (fenp_h5){.failed = true};
    return fine;
}

bool fenp_h5_go_live(fenp_h5 *h) {
    if (!h->failed && H5Fstart_swmr_write(h->file) < 0) poison(h, "open to readers ", "");
    return !h->failed;
}

bool fenp_h5_flush(fenp_h5 *h, bool sync) {
    void *fd = NULL;
    if (h->failed) return false;
    if (H5Fflush(h->file, H5F_SCOPE_LOCAL) < 0) return poison(h, "write ", "");
    if (!sync) return true;
    if (H5Fget_vfd_handle(h->file, H5P_DEFAULT, &fd) < 0) return poison(h, "sync ", "");
    if (fenp_io.sync(*(int *)fd) < 0) return fenp_h5_fail(h, "cannot sync %s: %s", h->path, strerror(errno));
    return true;
}

char *fenp_h5_image(fenp_h5 *h, size_t extra, size_t *n) {
    if (!fenp_h5_flush(h, false)) return NULL;
    ssize_t bytes = H5Fget_file_image(h->file, NULL, 0);
    if (bytes < 0) { poison(h, "build ", ""); return NULL; }
    char *data = fenp_new((size_t)bytes + extra);
    if (H5Fget_file_image(h->file, data, (size_t)bytes) != bytes) {
        poison(h, "build ", "");
        fenp_delete(data);
        return NULL;
    }
    *n = (size_t)bytes;
    return data;
}

/* -- Making -- */

static hid_t stored(fenp_cell c) {
    const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_STD_I32LE, H5T_STD_I64LE, H5T_STD_U8LE};
    return types[c];
}

static hid_t native(fenp_cell c) {
    const hid_t types[] = {H5T_NATIVE_FLOAT, H5T_NATIVE_DOUBLE, H5T_NATIVE_INT32, H5T_NATIVE_INT64, H5T_NATIVE_UINT8};
    return types[c];
}

static hid_t text_type(size_t bytes) {
    hid_t t = H5Tcopy(H5T_C_S1);
    H5Tset_size(t, bytes);
    H5Tset_cset(t, H5T_CSET_UTF8);
    return t;
}

static bool is_a(fenp_h5 *h, const char *path, H5O_type_t type) {
    H5O_info_t info;
    if (H5Oget_info_by_name2(h->file, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return poison(h, "read ", path);
    return info.type == type;
}

/* The library cannot tell a parent that is missing from one that it cannot read, so they are asked for one by one. */
static bool there(fenp_h5 *h, const char *path) {
    fenp_arena a = {NULL};
    char *part = fenp_arena_copy(&a, path, strlen(path));
    bool yes = true;
    for (char *c = part + 1; yes && !h->failed; c++) {
        if (*c && *c != '/') continue;
        bool last = !*c;
        *c = '\0';
        htri_t found = H5Lexists(h->file, part, H5P_DEFAULT);
        if (found < 0) poison(h, "read ", part);
        yes = found > 0 && (last || is_a(h, part, H5O_TYPE_GROUP));
        if (last) break;
        *c = '/';
    }
    fenp_arena_free(&a);
    return yes && !h->failed;
}

static void one_group(fenp_h5 *h, const char *path) {
    if (h->failed || !strcmp(path, "/") || there(h, path)) return;
    hid_t how = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(how, ORDER);
    H5Pset_attr_creation_order(how, ORDER);
    H5Pset_obj_track_times(how, 0);
    hid_t g = H5Gcreate2(h->file, path, H5P_DEFAULT, how, H5P_DEFAULT);
    if (g < 0) poison(h, "make group ", path);
    else H5Gclose(g);
    H5Pclose(how);
}

/* Not by the library's "intermediate groups", which would keep times and no order. */
void fenp_h5_group(fenp_h5 *h, const char *path) {
    fenp_arena a = {NULL};
    char *part = fenp_arena_copy(&a, path, strlen(path));
    for (char *c = part + 1; *part && *c; c++) {
        if (*c != '/') continue;
        *c = '\0';
        one_group(h, part);
        *c = '/';
    }
    one_group(h, part);
    fenp_arena_free(&a);
}

static void set_fill(hid_t how, fenp_cell cell) {
    const double real = NAN;
    const int64_t integer = -1;
    if (cell <= FENP_CELL_F64) H5Pset_fill_value(how, H5T_NATIVE_DOUBLE, &real);
    else if (cell != FENP_CELL_U8) H5Pset_fill_value(how, H5T_NATIVE_INT64, &integer);
}

static hid_t plan_of(const fenp_h5_form *f) {
    hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[FENP_H5_RANK];
    for (int i = 0; i < f->rank; i++) chunk[i] = (hsize_t)f->chunk[i];
    H5Pset_obj_track_times(how, 0);
    H5Pset_attr_creation_order(how, ORDER);
    if (f->rank && f->chunk[0]) H5Pset_chunk(how, f->rank, chunk);
    if (f->gzip) H5Pset_deflate(how, (unsigned)f->gzip);
    if (f->checksum) H5Pset_fletcher32(how);
    if (f->grows) set_fill(how, f->cell);
    return how;
}

static hid_t space_of(const fenp_h5_form *f) {
    hsize_t size[FENP_H5_RANK], most[FENP_H5_RANK];
    for (int i = 0; i < f->rank; i++) size[i] = most[i] = (hsize_t)f->size[i];
    if (f->grows) most[0] = H5S_UNLIMITED;
    return f->rank ? H5Screate_simple(f->rank, size, most) : H5Screate(H5S_SCALAR);
}

int64_t fenp_h5_dataset(fenp_h5 *h, const char *path, const fenp_h5_form *form) {
    if (h->failed) return -1;
    hid_t how = plan_of(form), space = space_of(form);
    hid_t d = H5Dcreate2(h->file, path, stored(form->cell), space, H5P_DEFAULT, how, H5P_DEFAULT);
    if (d < 0) poison(h, "make ", path);
    H5Sclose(space);
    H5Pclose(how);
    return d;
}

void fenp_h5_text(fenp_h5 *h, const char *path, const char *text) {
    if (h->failed) return;
    hid_t type = text_type(H5T_VARIABLE), how = plan_of(&(fenp_h5_form){.rank = 0}), space = H5Screate(H5S_SCALAR);
    hid_t d = H5Dcreate2(h->file, path, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    if (d < 0 || H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) < 0) poison(h, "write ", path);
    if (d >= 0) H5Dclose(d);
    H5Sclose(space);
    H5Pclose(how);
    H5Tclose(type);
}

void fenp_h5_scale(fenp_h5 *h, int64_t dataset, const char *name) {
    if (!h->failed && H5DSset_scale(dataset, name) < 0) poison_by_id(h, "make a dimension of ", dataset);
}

void fenp_h5_attach(fenp_h5 *h, int64_t dataset, int axis, int64_t scale) {
    if (!h->failed && H5DSattach_scale(dataset, scale, (unsigned)axis) < 0) poison_by_id(h, "name the axes of ", dataset);
}

static void attribute(fenp_h5 *h, const char *object, const char *name, hid_t file_type, hid_t memory_type, int n, const void *value) {
    hsize_t size = (hsize_t)n;
    if (h->failed) return;
    hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, NULL);
    hid_t a = H5Acreate_by_name(h->file, object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (a < 0 || H5Awrite(a, memory_type, value) < 0) {
        char what[NAME];
        snprintf(what, sizeof what, "attribute %s of %s", name, object);
        poison(h, "write ", what);
    }
    if (a >= 0) H5Aclose(a);
    H5Sclose(space);
}

void fenp_h5_note(fenp_h5 *h, const char *object, const char *name, const char *value) {
    start();
    hid_t type = text_type(strlen(value) + 1);
    attribute(h, object, name, type, type, 1, value);
    H5Tclose(type);
}

/* One text is a list of one: readers of NeXus want the list. */
void fenp_h5_notes(fenp_h5 *h, const char *object, const char *name, const char *const *value, int n) {
    hsize_t size = (hsize_t)n;
    if (h->failed || !n) return;
    hid_t type = text_type(H5T_VARIABLE), space = H5Screate_simple(1, &size, NULL);
    hid_t a = H5Acreate_by_name(h->file, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (a < 0 || H5Awrite(a, type, value) < 0) poison(h, "write an attribute of ", object);
    if (a >= 0) H5Aclose(a);
    H5Sclose(space);
    H5Tclose(type);
}

void fenp_h5_numbers(fenp_h5 *h, const char *object, const char *name, fenp_cell cell, const void *value, int n) {
    if (!h->failed) attribute(h, object, name, stored(cell), native(cell), n, value);
}

bool fenp_h5_has_note(fenp_h5 *h, const char *object, const char *name) {
    htri_t found = h->failed ? 0 : H5Aexists_by_name(h->file, object, name, H5P_DEFAULT);
    return found < 0 ? poison(h, "read the attributes of ", object) : found > 0;
}

bool fenp_h5_read_note(fenp_h5 *h, const char *object, const char *name, char *to, size_t room) {
    if (!fenp_h5_has_note(h, object, name)) return false;
    hid_t a = H5Aopen_by_name(h->file, object, name, H5P_DEFAULT, H5P_DEFAULT), type = H5Aget_type(a), as = text_type(room);
    bool text = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0, fine = text && H5Aread(a, as, to) >= 0;
    if (type < 0 || (text && !fine)) poison(h, "read the attributes of ", object);
    H5Tclose(as);
    if (type >= 0) H5Tclose(type);
    if (a >= 0) H5Aclose(a);
    return fine;
}

/* -- Cells -- */

/* The rank; -1: it cannot be read, -2: it has more axes than we have. */
static int extent(hid_t d, hsize_t size[FENP_H5_RANK], hsize_t most[FENP_H5_RANK]) {
    hid_t space = H5Dget_space(d);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (rank > FENP_H5_RANK) rank = -2;
    if (rank >= 0) H5Sget_simple_extent_dims(space, size, most);
    if (space >= 0) H5Sclose(space);
    return rank;
}

void fenp_h5_extend(fenp_h5 *h, int64_t dataset, int64_t rows) {
    hsize_t size[FENP_H5_RANK], most[FENP_H5_RANK];
    if (h->failed) return;
    if (extent(dataset, size, most) < 1) { poison_by_id(h, "lengthen ", dataset); return; }
    if (size[0] >= (hsize_t)rows) return;
    size[0] = (hsize_t)rows;
    if (H5Dset_extent(dataset, size) < 0) poison_by_id(h, "write ", dataset);
}

/* The dataspaces of rows [first, first + n): in the file and in memory. */
static bool rows_of(hid_t d, int64_t first, int64_t n, hid_t *file, hid_t *memory) {
    hsize_t size[FENP_H5_RANK], most[FENP_H5_RANK], from[FENP_H5_RANK] = {(hsize_t)first};
    int rank = extent(d, size, most);
    *file = *memory = H5S_ALL;
    if (rank <= 0) return rank == 0;
    size[0] = (hsize_t)n;
    *file = H5Dget_space(d);
    *memory = H5Screate_simple(rank, size, NULL);
    return *file >= 0 && *memory >= 0 && H5Sselect_hyperslab(*file, H5S_SELECT_SET, from, NULL, size, NULL) >= 0;
}

static void move(fenp_h5 *h, hid_t d, fenp_cell cell, int64_t first, int64_t n, const void *from, void *to) {
    hid_t file, memory;
    bool fine = rows_of(d, first, n, &file, &memory);
    if (fine && from) fine = H5Dwrite(d, native(cell), memory, file, H5P_DEFAULT, from) >= 0;
    if (fine && to) fine = H5Dread(d, native(cell), memory, file, H5P_DEFAULT, to) >= 0;
    if (!fine) poison_by_id(h, from ? "write " : "read ", d);
    if (file > 0) H5Sclose(file);
    if (memory > 0) H5Sclose(memory);
}

void fenp_h5_write(fenp_h5 *h, int64_t dataset, fenp_cell cell, int64_t first, int64_t n, const void *from) {
    hsize_t size[FENP_H5_RANK], most[FENP_H5_RANK];
    if (h->failed) return;
    if (extent(dataset, size, most) > 0 && most[0] == H5S_UNLIMITED) fenp_h5_extend(h, dataset, first + n);
    if (!h->failed && n) move(h, dataset, cell, first, n, from, NULL);
}

void fenp_h5_read(fenp_h5 *h, int64_t dataset, fenp_cell cell, int64_t first, int64_t n, void *to) {
    if (!h->failed && n) move(h, dataset, cell, first, n, NULL, to);
}

/* -- Looking -- */

int64_t fenp_h5_find(fenp_h5 *h, const char *path) {
    if (h->failed || !there(h, path) || !is_a(h, path, H5O_TYPE_DATASET)) return -1;
    hid_t d = H5Dopen2(h->file, path, H5P_DEFAULT);
    if (d < 0) poison(h, "open ", path);
    return d;
}

static bool cell_of(fenp_h5 *h, hid_t d, fenp_cell *cell) {
    hid_t type = H5Dget_type(d);
    if (type < 0) return poison_by_id(h, "read the type of ", d);
    size_t bytes = H5Tget_size(type);
    H5T_class_t class = H5Tget_class(type);
    bool byte = bytes == 1 && H5Tget_sign(type) == H5T_SGN_NONE;
    H5Tclose(type);
    if (class == H5T_FLOAT) *cell = bytes <= 4 ? FENP_CELL_F32 : FENP_CELL_F64;
    else *cell = byte ? FENP_CELL_U8 : bytes == 4 ? FENP_CELL_I32 : FENP_CELL_I64;
    return class == H5T_FLOAT || class == H5T_INTEGER;
}

static bool plan_to_form(fenp_h5 *h, hid_t d, fenp_h5_form *f) {
    hsize_t chunk[FENP_H5_RANK];
    hid_t how = H5Dget_create_plist(d);
    unsigned flags, level[1];
    size_t n = 1;
    if (how < 0) return poison_by_id(h, "read the layout of ", d);
    if (H5Pget_layout(how) == H5D_CHUNKED && H5Pget_chunk(how, FENP_H5_RANK, chunk) == f->rank)
        for (int i = 0; i < f->rank; i++) f->chunk[i] = (int64_t)chunk[i];
    if (H5Pget_filter_by_id2(how, H5Z_FILTER_DEFLATE, &flags, &n, level, 0, NULL, NULL) >= 0) f->gzip = (int)level[0];
    f->checksum = H5Pget_filter_by_id2(how, H5Z_FILTER_FLETCHER32, &flags, NULL, NULL, 0, NULL, NULL) >= 0;
    H5Pclose(how);
    return true;
}

bool fenp_h5_form_of(fenp_h5 *h, int64_t dataset, fenp_h5_form *form) {
    hsize_t size[FENP_H5_RANK], most[FENP_H5_RANK];
    *form = (fenp_h5_form){.rank = 0};
    if (h->failed) return false;
    form->rank = extent(dataset, size, most);
    if (form->rank == -1) poison_by_id(h, "read the shape of ", dataset);
    if (form->rank < 0 || !cell_of(h, dataset, &form->cell)) return false;
    for (int i = 0; i < form->rank; i++) form->size[i] = (int64_t)size[i];
    form->grows = form->rank > 0 && most[0] == H5S_UNLIMITED;
    return plan_to_form(h, dataset, form);
}

char *fenp_h5_text_of(fenp_h5 *h, fenp_arena *a, int64_t dataset) {
    char *text = NULL, *copy = NULL;
    if (h->failed) return NULL;
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    if (type < 0 || space < 0) poison_by_id(h, "read ", dataset);
    else if (H5Tis_variable_str(type) > 0 && H5Sget_simple_extent_npoints(space) == 1) {
        if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) < 0) poison_by_id(h, "read ", dataset);
        else {
            copy = text ? fenp_arena_copy(a, text, strlen(text)) : fenp_arena_copy(a, "", 0);
            H5Dvlen_reclaim(type, space, H5P_DEFAULT, &text);
        }
    }
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
    return copy;
}

typedef struct found { fenp_arena *a; const char *root; const char **name; int n; H5O_type_t type; bool deep; } found;

static herr_t collect(hid_t id, const char *name, const H5O_info_t *info, void *to) {
    found *f = to;
    (void)id;
    if (f->n == NAMES) return 1;                                 /* a damaged file can have them without end */
    if (!strcmp(name, ".") || info->type != f->type || (!f->deep && strchr(name, '/'))) return 0;
    f->name = fenp_more(f->name, f->n, sizeof *f->name);
    f->name[f->n++] = fenp_arena_text(f->a, "%s/%s", f->root, name);
    return 0;
}

/* The order of creation where the group keeps it. */
static H5_index_t index_of(fenp_h5 *h, const char *group) {
    unsigned order = 0;
    hid_t g = H5Gopen2(h->file, group, H5P_DEFAULT), how = g < 0 ? -1 : H5Gget_create_plist(g);
    if (how < 0 || H5Pget_link_creation_order(how, &order) < 0) poison(h, "read ", group);
    if (how >= 0) H5Pclose(how);
    if (g >= 0) H5Gclose(g);
    return order & H5P_CRT_ORDER_INDEXED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

const char *const *fenp_h5_list(fenp_h5 *h, fenp_arena *a, const char *group, bool datasets, bool deep) {
    found f = {.a = a, .root = strcmp(group, "/") ? group : "", .type = datasets ? H5O_TYPE_DATASET : H5O_TYPE_GROUP, .deep = deep};
    if (!h->failed && (!strcmp(group, "/") || there(h, group)) &&
        H5Ovisit_by_name2(h->file, group, index_of(h, group), H5_ITER_INC, collect, &f, H5O_INFO_BASIC, H5P_DEFAULT) < 0) poison(h, "read ", group);
    const char **list = fenp_arena_new(a, ((size_t)f.n + 1) * sizeof *list);
    if (f.n) memcpy(list, f.name, (size_t)f.n * sizeof *list);
    fenp_delete(f.name);
    return list;
}

/* -- Copies -- */

static bool of_scales(const char *name) {
    static const char *const names[] = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", NULL};
    for (int i = 0; names[i]; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}

/* An attribute's type as it is in the file serves in memory too; of texts of variable length the value is pointers, given back after. */
typedef struct attributes { hid_t from, to; fenp_h5 *in, *out; const char *object; } attributes;

static bool copy_value(const attributes *c, hid_t a, hid_t type, hid_t space, const char *name, size_t bytes) {
    void *value = fenp_new(bytes + (size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(type));
    bool read = H5Aread(a, type, value) >= 0;
    if (!read) poison(c->in, "read the attributes of ", c->object);
    hid_t b = read ? H5Acreate2(c->to, name, type, space, H5P_DEFAULT, H5P_DEFAULT) : -1;
    bool fine = b >= 0 && H5Awrite(b, type, value) >= 0;
    if (read && !fine) poison(c->out, "write the attributes of ", c->object);
    if (read && H5Tis_variable_str(type) > 0) H5Dvlen_reclaim(type, space, H5P_DEFAULT, value);
    fenp_delete(value);
    if (b >= 0) H5Aclose(b);
    return fine;
}

static herr_t copy_attribute(hid_t from, const char *name, const H5A_info_t *info, void *to) {
    const attributes *c = to;
    if (of_scales(name)) return 0;
    hid_t a = H5Aopen(from, name, H5P_DEFAULT), type = a < 0 ? -1 : H5Aget_type(a), space = a < 0 ? -1 : H5Aget_space(a);
    bool fine = type >= 0 && space >= 0;
    if (!fine) poison(c->in, "read the attributes of ", c->object);
    fine = fine && copy_value(c, a, type, space, name, (size_t)info->data_size);
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
    if (a >= 0) H5Aclose(a);
    return fine ? 0 : -1;
}

void fenp_h5_copy_notes(fenp_h5 *h, const char *object, fenp_h5 *other) {
    if (h->failed || other->failed) return;
    attributes c = {H5Oopen(other->file, object, H5P_DEFAULT), -1, other, h, object};
    hsize_t first = 0;
    if (c.from < 0) poison(other, "read ", object);
    else if ((c.to = H5Oopen(h->file, object, H5P_DEFAULT)) < 0) poison(h, "copy the attributes of ", object);
    else if (H5Aiterate2(c.from, H5_INDEX_CRT_ORDER, H5_ITER_INC, &first, copy_attribute, &c) < 0 && !h->failed)
        poison(other, "read the attributes of ", object);
    if (c.from >= 0) H5Oclose(c.from);
    if (c.to >= 0) H5Oclose(c.to);
}

bool fenp_h5_is_scale(fenp_h5 *h, int64_t dataset) {
    htri_t yes = h->failed ? 0 : H5DSis_scale(dataset);
    return yes < 0 ? poison_by_id(h, "read the attributes of ", dataset) : yes > 0;
}

typedef struct scale_name { fenp_h5 *h; char text[NAME]; } scale_name;

/* The name is looked for in the file; why that failed is forgotten when the library returns from its loop. */
static herr_t take_name(hid_t dataset, unsigned axis, hid_t scale, void *to) {
    scale_name *n = to;
    (void)axis;
    if (H5Iget_name(scale, n->text, NAME) >= 0) return 1;
    poison_by_id(n->h, "read the axes of ", dataset);
    return -1;
}

char *fenp_h5_scale_of(fenp_h5 *h, fenp_arena *a, int64_t dataset, int axis) {
    scale_name name = {.h = h};
    errno = 0;
    int n = h->failed ? 0 : H5DSget_num_scales(dataset, (unsigned)axis);
    if (n < 0 || (n > 0 && H5DSiterate_scales(dataset, (unsigned)axis, NULL, take_name, &name) < 0))
        poison_by_id(h, "read the axes of ", dataset);
    return *name.text ? fenp_arena_copy(a, name.text, strlen(name.text)) : NULL;
}
