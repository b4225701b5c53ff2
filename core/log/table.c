/* log/table.c: a dataset of a user's HDF5 file as a table: rows are its first axis, the others are features.
 * On a damaged file, or one that was made to do harm, the library can crash, come to no end, or ask for any memory. So a child process reads;
 * we look at what it leaves: an answer in shared memory, the cells in a file that has no name. */
#include "log/hdf5_file.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 60, A_SECOND = 10 << 20, HEAP = 1 << 30 };    /* of the child: CPU time, and for each so many bytes of the file one more; its own memory */
enum { BLOCK = 16 << 20, NO_MEMORY = 3 };
typedef struct answer { fenp_cell cell; int rank; int64_t size[FEN_MAX_RANK]; size_t bytes; bool fine; char fault[4096]; } answer;

/* -- In the child -- */

static void no_such(fenp_h5 *h, const char *dataset) {
    fenp_arena a = {NULL};
    fenp_text text = {NULL, 0, 0};
    const char *const *list = fenp_h5_list(h, &a, "/", true, true), *near = fenp_nearest(fenp_arena_text(&a, "/%s", dataset), list);
    for (int i = 0; list[i] && i < 20; i++) fenp_text_add(&text, "%s%s%s", i ? ", " : "", list[i] + 1, i == 19 && list[20] ? ", .." : "");
    if (near) fenp_h5_fail(h, "%s has no dataset \"%s\"; did you mean \"%s\"? It has: %s", h->path, dataset, near + 1, text.at);
    else fenp_h5_fail(h, "%s has no dataset \"%s\"; it has: %s", h->path, dataset, text.at ? text.at : "none");
    fenp_text_free(&text);
    fenp_arena_free(&a);
}

/* The file without a name gets `bytes`; its memory. The parent copies it, so there must be room for twice as many. */
static void *room(fenp_h5 *h, int fd, double bytes) {
    double left = fenp_memory_left();
    void *p = MAP_FAILED;
    errno = ENOMEM;
    if (left < 0 || 2 * bytes < left) p = ftruncate(fd, (off_t)bytes) ? MAP_FAILED : mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) fenp_h5_fail(h, "%s: a dataset of %.3g bytes, %.3g are free: %s", h->path, bytes, left, strerror(errno));
    return p;
}

/* By blocks of rows: of a read the library remembers every chunk that it touches. */
static void read_rows(fenp_h5 *h, int64_t d, const answer *a, char *to) {
    size_t bytes = a->bytes / (size_t)a->size[0];
    int64_t most = bytes < BLOCK ? (int64_t)(BLOCK / bytes) : 1;
    for (int64_t i = 0; i < a->size[0] && !h->failed; i += most)
        fenp_h5_read(h, d, a->cell, i, a->size[0] - i < most ? a->size[0] - i : most, to + (size_t)i * bytes);
}

static void fill(fenp_h5 *h, const char *dataset, int64_t d, answer *a, int fd) {
    fenp_h5_form f;
    if (!fenp_h5_form_of(h, d, &f)) {
        fenp_h5_fail(h, "dataset \"%s\" of %s does not hold numbers; float, double and integers can be read", dataset, h->path);
        return;
    }
    if (f.rank < 1 || f.rank > FEN_MAX_RANK || f.size[0] == 0) {
        fenp_h5_fail(h, "dataset \"%s\" of %s has %d axes and %lld rows; needed: 1 to %d axes, rows first, at least one row", dataset, h->path,
                     f.rank, f.rank ? (long long)f.size[0] : 0, FEN_MAX_RANK);
        return;
    }
    a->cell = f.cell == FENP_CELL_I32 ? FENP_CELL_I64 : f.cell;
    a->rank = f.rank;
    double bytes = (double)fenp_cell_bytes(a->cell);
    for (int i = 0; i < f.rank; i++) bytes *= (double)(a->size[i] = f.size[i]);
    void *data = bytes > 0 ? room(h, fd, bytes) : MAP_FAILED;
    a->bytes = data == MAP_FAILED ? 0 : (size_t)bytes;
    if (a->bytes) read_rows(h, d, a, data);
}

static void read_file(const char *file, const char *dataset, answer *a, int fd) {
    fenp_h5 h;
    fenp_faults faults = {.n = 0};
    if (fenp_h5_open(&h, file, FENP_H5_PLAIN, NULL, 0, &faults, (fenp_place){NULL, 0, 0})) {
        fenp_arena memory = {NULL};
        int64_t d = fenp_h5_find(&h, fenp_arena_text(&memory, "/%s", dataset));
        if (d >= 0) fill(&h, dataset, d, a, fd);
        else no_such(&h, dataset);
    }
    a->fine = !h.failed;
    if (faults.n) strncpy(a->fault, faults.at[0].text, sizeof a->fault - 1);
}

static void without_memory(size_t bytes) {
    (void)bytes;
    _exit(NO_MEMORY);
}

/* It says nothing itself, leaves no core, dies with us, and has limits. */
static void be_careful(const char *file) {
    static const int ends[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGXCPU};
    struct stat info = {.st_size = 0};
    struct rusage own = {.ru_maxrss = 0};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) signal(ends[i], SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fenp_heap.none = without_memory;
    int none = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3 && none >= 0; fd++) dup2(none, fd);
    if (stat(file, &info)) info.st_size = 0;
    rlim_t seconds = SECONDS + (rlim_t)(info.st_size / A_SECOND);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds + 1});
    getrusage(RUSAGE_SELF, &own);
    rlim_t bytes = HEAP + 1024 * (rlim_t)own.ru_maxrss;
    setrlimit(RLIMIT_DATA, &(struct rlimit){bytes, bytes});
}

/* -- In the parent -- */

/* NULL: it did not. */
static const char *ended_badly(int status, fenp_arena *memory) {
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return "comes to no end with it";
    if (WIFSIGNALED(status)) return fenp_arena_text(memory, "crashes on it (%s)", strsignal(WTERMSIG(status)));
    return WEXITSTATUS(status) == NO_MEMORY ? "asks for more memory than there is" : WEXITSTATUS(status) ? "ends the process" : NULL;
}

/* The cells of the types that tables have. What the child says is looked at again: it has read a stranger's file. */
static bool take(const answer *a, int fd, fen_table *t) {
    static const fen_cell cells[] = {[FENP_CELL_F32] = FEN_F32, [FENP_CELL_F64] = FEN_F64, [FENP_CELL_I32] = FEN_I64, [FENP_CELL_I64] = FEN_I64, [FENP_CELL_U8] = FEN_U8};
    struct stat info;
    if (a->cell > FENP_CELL_U8 || a->rank < 1 || a->rank > FEN_MAX_RANK || fstat(fd, &info) || (size_t)info.st_size != a->bytes) return false;
    size_t bytes = fenp_cell_bytes(a->cell);
    for (int i = 0; i < a->rank; i++)
        if (a->size[i] < (i == 0) || __builtin_mul_overflow(bytes, (size_t)a->size[i], &bytes)) return false;
    void *data = bytes ? mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0) : NULL;
    if (bytes != a->bytes || data == MAP_FAILED) return false;
    *t = (fen_table){.cell = cells[a->cell], .rows = a->size[0], .features = fen_features(a->rank - 1, a->size + 1), .data = fenp_new(bytes)};
    if (bytes) memcpy((void *)(uintptr_t)t->data, data, bytes);
    if (bytes) munmap(data, bytes);
    return true;
}

/* Its status; -1: there was no child, errno says why. */
static int in_child(const char *file, const char *dataset, answer *a, int fd) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        be_careful(file);
        read_file(file, dataset, a, fd);
        _exit(0);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return child < 0 ? -1 : status;
}

bool fenp_hdf5_table(const char *file, const char *dataset, fen_table *t, fenp_faults *faults, fenp_place at) {
    answer *a = mmap(NULL, sizeof *a, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int fd = memfd_create("dataset", MFD_CLOEXEC), before = faults->n;
    *t = (fen_table){0};
    while (*dataset == '/') dataset++;
    int status = a == MAP_FAILED || fd < 0 ? -1 : in_child(file, dataset, a, fd);
    fenp_arena memory = {NULL};
    const char *badly = status > 0 ? ended_badly(status, &memory) : NULL;
    if (status < 0) fenp_fail(faults, at, "cannot read %s in a process of its own: %s", file, strerror(errno));
    else if (badly)
        fenp_fail(faults, at, "cannot read dataset \"%s\" of %s: the HDF5 library %s; the file is damaged, or was made to do harm", dataset, file, badly);
    else if (!a->fine) fenp_fail(faults, at, "%s", a->fault);
    else if (!take(a, fd, t)) fenp_fail(faults, at, "cannot read dataset \"%s\" of %s: what came of it does not fit together", dataset, file);
    fenp_arena_free(&memory);
    if (fd >= 0) close(fd);
    if (a != MAP_FAILED) munmap(a, sizeof *a);
    return faults->n == before;
}
