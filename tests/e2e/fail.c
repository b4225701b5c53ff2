/* tests/e2e/fail.c: preloaded by faults.py, it makes calls of a program fail by their number. Which calls count:
 *   FAIL_WHAT   memory: malloc and its kin, called by us, libyaml, libpng, zlib   (HDF5's own are its own: it cannot be made proof against them)
 *               files:  open, read, write, sync, close, rename, .. called by us and zlib
 *               hdf5:   the same, called by HDF5
 *               disk:   bytes written by us and HDF5; FAIL_AT of them are free
 *   FAIL_AT     the first that fails, from 1; 0: none
 *   FAIL_HOW    once, on (all from there), kill (the process, in place of the call)
 *   FAIL_ERRNO  the error of files and hdf5 (5: EIO)
 *   FAIL_COUNT  a file that is told at the end how many there were
 * Who calls is known by the return address. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

typedef enum kind { NONE, MEMORY, FILES, HDF5, DISK } kind;
typedef enum way { ONCE, ON, KILL } way;
static struct { kind what; way how; long at; int error; _Atomic long n; bool ready; } plan;

__attribute__((constructor)) static void begin(void) {
    static const char *const kinds[] = {"none", "memory", "files", "hdf5", "disk"}, *const ways[] = {"once", "on", "kill"};
    const char *what = getenv("FAIL_WHAT"), *how = getenv("FAIL_HOW"), *at = getenv("FAIL_AT"), *error = getenv("FAIL_ERRNO");
    for (int i = 0; what && i < 5; i++) if (!strcmp(what, kinds[i])) plan.what = (kind)i;
    for (int i = 0; how && i < 3; i++) if (!strcmp(how, ways[i])) plan.how = (way)i;
    plan.at = at ? atol(at) : 0;
    plan.error = error ? atoi(error) : EIO;
    plan.ready = true;
}
__attribute__((destructor)) static void report(void) {
    const char *path = getenv("FAIL_COUNT");
    char text[32];
    plan.what = NONE;
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    int n = snprintf(text, sizeof text, "%ld\n", plan.n);
    if (fd >= 0 && write(fd, text, (size_t)n) < 0) plan.error = errno;
    if (fd >= 0) close(fd);
}

/* Whether the code there is of one of the libraries that count. */
static bool counts(const void *from, kind what) {
    static const char *const own[] = {"libfenchel", "fenchel", "lt-fenchel", NULL}, *const helpers[] = {"libyaml", "libpng", "libz.", NULL};
    Dl_info info;
    if (!plan.ready || !dladdr(from, &info) || !info.dli_fname) return false;
    const char *slash = strrchr(info.dli_fname, '/'), *name = slash ? slash + 1 : info.dli_fname;
    bool hdf5 = !strncmp(name, "libhdf5", 7);
    if (what == HDF5 || (what == DISK && hdf5)) return hdf5;
    if (strstr(info.dli_fname, "/plugins/")) return true;
    for (int i = 0; own[i]; i++) if (!strncmp(name, own[i], strlen(own[i]))) return true;
    for (int i = 0; helpers[i]; i++) if (!strncmp(name, helpers[i], strlen(helpers[i]))) return what == MEMORY || i == 2;
    return false;
}
static bool refused(void) {
    long n = ++plan.n;
    if (!plan.at || n < plan.at || (plan.how == ONCE && n > plan.at)) return false;
    if (plan.how == KILL) raise(SIGKILL);
    return true;
}
static bool no_memory(const void *from) {
    if (plan.what != MEMORY || !counts(from, MEMORY) || !refused()) return false;
    errno = ENOMEM;
    return true;
}
static bool no_file(const void *from) {
    if ((plan.what != FILES && plan.what != HDF5) || !counts(from, plan.what) || !refused()) return false;
    errno = plan.error;
    return true;
}
/* Of n bytes as many as there is room for; -1: none. */
static ssize_t room_for(const void *from, size_t n) {
    if (plan.what != DISK || !counts(from, DISK)) return (ssize_t)n;
    long before = plan.n, left = plan.at - before;
    if (!plan.at || left >= (long)n) { plan.n += (long)n; return (ssize_t)n; }
    if (left > 0) { plan.n = plan.at; return left; }
    errno = ENOSPC;
    return -1;
}

#define FROM __builtin_return_address(0)
#define REAL(name) ({ static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name); real; })

void *malloc(size_t n)                  { return no_memory(FROM) ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size)     { return no_memory(FROM) ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n)        { return no_memory(FROM) ? NULL : __libc_realloc(p, n); }
void *aligned_alloc(size_t a, size_t n) { return no_memory(FROM) ? NULL : __libc_memalign(a, n); }
int posix_memalign(void **p, size_t a, size_t n) { return no_memory(FROM) || !(*p = __libc_memalign(a, n)) ? ENOMEM : 0; }

static mode_t mode_of(int flags, va_list ap) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0; }
int open(const char *path, int flags, ...) {
    va_list ap;
    va_start(ap, flags);
    mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return no_file(FROM) ? -1 : REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    va_list ap;
    va_start(ap, flags);
    mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return no_file(FROM) ? -1 : REAL(open64)(path, flags, mode);
}
FILE *fopen(const char *path, const char *how)   { return no_file(FROM) ? NULL : REAL(fopen)(path, how); }
FILE *fopen64(const char *path, const char *how) { return no_file(FROM) ? NULL : REAL(fopen64)(path, how); }
size_t fread(void *to, size_t size, size_t n, FILE *f) { return no_file(FROM) ? 0 : REAL(fread)(to, size, n, f); }
ssize_t read(int fd, void *to, size_t n)         { return no_file(FROM) ? -1 : REAL(read)(fd, to, n); }
ssize_t pread(int fd, void *to, size_t n, off_t at)     { return no_file(FROM) ? -1 : REAL(pread)(fd, to, n, at); }
ssize_t pread64(int fd, void *to, size_t n, off64_t at) { return no_file(FROM) ? -1 : REAL(pread64)(fd, to, n, at); }
ssize_t write(int fd, const void *data, size_t n) {
    ssize_t room = room_for(FROM, n);
    return room < 0 || no_file(FROM) ? -1 : REAL(write)(fd, data, (size_t)room);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
    ssize_t room = room_for(FROM, n);
    return room < 0 || no_file(FROM) ? -1 : REAL(pwrite)(fd, data, (size_t)room, at);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    ssize_t room = room_for(FROM, n);
    return room < 0 || no_file(FROM) ? -1 : REAL(pwrite64)(fd, data, (size_t)room, at);
}
int fsync(int fd)                                { return no_file(FROM) ? -1 : REAL(fsync)(fd); }
int ftruncate(int fd, off_t n)                   { return no_file(FROM) ? -1 : REAL(ftruncate)(fd, n); }
int ftruncate64(int fd, off64_t n)               { return no_file(FROM) ? -1 : REAL(ftruncate64)(fd, n); }
int rename(const char *from, const char *to)     { return no_file(FROM) ? -1 : REAL(rename)(from, to); }
int mkdir(const char *path, mode_t mode)         { return no_file(FROM) ? -1 : REAL(mkdir)(path, mode); }
int unlink(const char *path)                     { return no_file(FROM) ? -1 : REAL(unlink)(path); }
DIR *opendir(const char *path)                   { return no_file(FROM) ? NULL : REAL(opendir)(path); }
/* The descriptor and the stream are gone whatever the answer is. */
int close(int fd) {
    bool fail = no_file(FROM);
    int error = errno, done = REAL(close)(fd);
    if (fail) errno = error;
    return fail ? -1 : done;
}
int fclose(FILE *f) {
    bool fail = no_file(FROM);
    int error = errno, done = REAL(fclose)(f);
    if (fail) errno = error;
    return fail ? EOF : done;
}
int fflush(FILE *f) {
    bool fail = no_file(FROM);
    int error = errno, done = REAL(fflush)(f);
    if (fail) errno = error;
    return fail ? EOF : done;
}
