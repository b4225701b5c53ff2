/* base/io.c: reading and replacing whole files, folders, paths, the clock. A file that replaces another is written beside it,
 * synced and renamed, so that a kill or a full disk at any moment leaves the old one or the new one, never a part. */
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int plain_open(const char *path, int flags, unsigned mode) { return open(path, flags, (mode_t)mode); }

fenp_io_calls fenp_io = {.open = plain_open, .write = write, .sync = fsync, .close = close, .rename = rename};

static const fenp_place nowhere = {NULL, 0, 0};

/* Reads what is there, be it a file, a pipe or a device; `limit` also stops endless ones. Returns errno, 0 when all was read. */
static int read_all(int fd, size_t limit, size_t first, char **data, size_t *n) {
    size_t room = first + 1;
    *data = fenp_new(room + 1);
    for (*n = 0; ; ) {
        if (*n == room) {
            char *more = memcpy(fenp_new(2 * room + 1), *data, *n);
            fenp_delete(*data);
            *data = more;
            room *= 2;
        }
        ssize_t got = read(fd, *data + *n, room - *n);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got < 0 ? errno : 0;
        *n += (size_t)got;
        if (limit && *n > limit) return EFBIG;
    }
}

static void read_fault(const char *path, int error, size_t limit, fenp_faults *faults, fenp_place at) {
    if (error == EFBIG && limit) fenp_fail(faults, at, "cannot read %s: it has more than the %zu bytes allowed here", path, limit);
    else fenp_fail(faults, at, "cannot read %s: %s", path, strerror(error));
}

char *fenp_read(const char *path, size_t limit, size_t *n, fenp_faults *faults, fenp_place at) {
    struct stat info;
    char *data = NULL;
    size_t bytes = 0;
    int fd = fenp_io.open(path, O_RDONLY | O_CLOEXEC, 0);
    int error = fd < 0 || fstat(fd, &info) < 0 ? errno : 0;
    if (!error && limit && info.st_size > 0 && (size_t)info.st_size > limit) error = EFBIG;
    if (!error) error = read_all(fd, limit, S_ISREG(info.st_mode) ? (size_t)info.st_size : 4096, &data, &bytes);
    if (fd >= 0) fenp_io.close(fd);
    if (n) *n = error ? 0 : bytes;
    if (!error) return data;
    read_fault(path, error, limit, faults, at);
    fenp_delete(data);
    return NULL;
}

static int write_all(int fd, const char *data, size_t n) {
    while (n) {
        ssize_t done = fenp_io.write(fd, data, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return done < 0 ? errno : EIO;
        data += done;
        n -= (size_t)done;
    }
    return 0;
}

static char *folder_of(fenp_arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return fenp_arena_copy(a, ".", 1);
    return slash == path ? fenp_arena_copy(a, "/", 1) : fenp_arena_copy(a, path, (size_t)(slash - path));
}

/* Some file systems do not sync folders and say EINVAL: there is nothing more to be done there. */
int fenp_sync_folder(const char *folder) {
    int fd = fenp_io.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0) return errno;
    int error = fenp_io.sync(fd) < 0 && errno != EINVAL ? errno : 0;
    fenp_io.close(fd);
    return error;
}

void fenp_writer_begin(fenp_writer *w, const char *path) {
    *w = (fenp_writer){.memory = {NULL}};
    w->path = fenp_arena_copy(&w->memory, path, strlen(path));
    w->beside = fenp_arena_text(&w->memory, "%s.tmp", path);
    w->fd = fenp_io.open(w->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (w->fd < 0) w->error = errno;
}

void fenp_writer_add(fenp_writer *w, const void *data, size_t n) {
    if (!w->error) w->error = write_all(w->fd, data, n);
}

/* Closed in any case, as the error of close may be the only word of a lost write. */
static bool end(fenp_writer *w, bool keep, bool synced, fenp_faults *faults) {
    if (!w->error && keep && synced && fenp_io.sync(w->fd) < 0) w->error = errno;
    if (w->fd >= 0 && fenp_io.close(w->fd) < 0 && !w->error) w->error = errno;
    if (!w->error && keep && fenp_io.rename(w->beside, w->path) < 0) w->error = errno;
    if (w->error || !keep) unlink(w->beside);
    else if (synced) w->error = fenp_sync_folder(folder_of(&w->memory, w->path));
    if (w->error) fenp_fail(faults, nowhere, "cannot write %s: %s", w->path, strerror(w->error));
    fenp_arena_free(&w->memory);
    return !w->error && keep;
}
bool fenp_writer_end(fenp_writer *w, bool keep, fenp_faults *faults) { return end(w, keep, true, faults); }

static bool replace(const char *path, const void *data, size_t n, bool synced, fenp_faults *faults) {
    fenp_writer w;
    fenp_writer_begin(&w, path);
    fenp_writer_add(&w, data, n);
    return end(&w, true, synced, faults);
}

bool fenp_replace(const char *path, const void *data, size_t n, fenp_faults *faults)      { return replace(path, data, n, true, faults); }
bool fenp_replace_soon(const char *path, const void *data, size_t n, fenp_faults *faults) { return replace(path, data, n, false, faults); }

static int make_folder(const char *path) {
    struct stat info;
    if (mkdir(path, 0777) == 0) return 0;
    int error = errno;
    if (stat(path, &info) < 0) return error;
    return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
}

bool fenp_folder(const char *path, fenp_faults *faults) {
    fenp_arena a = {NULL};
    char *part = fenp_arena_copy(&a, path, strlen(path));
    int error = 0;
    for (char *c = part; *c && !error; c++) {
        if (*c != '/' || c == part || c[-1] == '/') continue;
        *c = '\0';
        error = make_folder(part);
        *c = '/';
    }
    if (!error) error = make_folder(part);
    if (error) fenp_fail(faults, nowhere, "cannot make folder %s: %s", path, strerror(error));
    fenp_arena_free(&a);
    return !error;
}

static const char *without_dot(const char *path) {
    while (path[0] == '.' && path[1] == '/')
        for (path += 2; *path == '/'; path++) {}
    return path;
}

/* Parents (..) stay in the text: behind a link they are the system's matter. */
/* "a/../b" is "b", "a/./b" is "a/b"; in place, for an absolute path. Folders that are links lead elsewhere: experiments have none. */
static char *collapsed(char *path) {
    char *to = path;
    for (const char *from = path; *from;) {
        size_t n = 1 + strcspn(from + 1, "/");
        if (n == 3 && strncmp(from, "/..", 3) == 0) while (to > path && *--to != '/') {}
        else if (!(n == 2 && from[1] == '.') && !(n == 1 && from[1] == '/')) { memmove(to, from, n); to += n; }
        from += n;
    }
    *to = 0;
    return path;
}
char *fenp_path_beside(fenp_arena *a, const char *file, const char *path) {
    if (path[0] == '/') return fenp_arena_copy(a, path, strlen(path));
    const char *folder = file ? without_dot(folder_of(a, file)) : ".";
    bool here = strcmp(folder, ".") == 0;
    path = without_dot(path);
    if (folder[0] == '/') return collapsed(fenp_arena_text(a, "%s/%s", folder[1] ? folder : "", path));
    char *current = getcwd(NULL, 0);
    char *full = fenp_arena_text(a, "%s%s%s/%s", current ? current : ".", here ? "" : "/", here ? "" : folder, path);
    free(current);
    return collapsed(full);
}

double fenp_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
