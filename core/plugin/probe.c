/* Opens modules in a child process first. dlopen runs code of a file before anything in it can be looked at, and a damaged file can bring it
 * down: who crashes, ends the process or never returns does so there, and gets a sentence. One child serves all files that behave; after one
 * that does not, the rest goes on in another. Only a child's first file is blamed: what came before it may have spoiled the process. */
#include "base/io.h"
#include "plugin/loader.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int fenp_probe_seconds = 5;

typedef struct child { pid_t pid; int pipe; fenp_text heard; int n; bool late; } child;      /* heard: n sentences, a line each */

/* What the host may have set, or sanitizers, would only hide how it ends. What modules print is seen when the host opens them. */
static void be_plain(void) {
    static const int ends[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP, SIGALRM, SIGPIPE, SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) signal(ends[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int none = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && none >= 0; fd++) dup2(none, fd);
}

static bool write_all(int fd, const char *text, size_t n) {
    for (ssize_t done; n; text += done, n -= (size_t)done) {
        done = write(fd, text, n);
        if (done < 0 && errno == EINTR) done = 0;
        if (done < 0) return false;
    }
    return true;
}

static void serve(int fd, const char *const *path, int n, fenp_judge *judge) {
    be_plain();
    for (int i = 0; i < n; i++) {
        const char *says = judge(path[i]);
        if (!says) says = "";
        if (!write_all(fd, says, strlen(says) + 1)) break;
    }
    _exit(0);
}

static bool start(child *c, const char *const *path, int n, fenp_judge *judge) {
    int ends[2];
    *c = (child){.pid = -1, .pipe = -1};
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) & ~O_NONBLOCK);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    c->pid = fork();
    if (c->pid == 0) {
        close(ends[0]);
        serve(ends[1], path, n, judge);
    }
    close(ends[1]);
    c->pipe = ends[0];
    return c->pid > 0;
}

/* Reads what is there; false: no more will come. */
static bool hear(child *c) {
    char text[4096];
    ssize_t n = read(c->pipe, text, sizeof text);
    for (ssize_t i = 0; i < n; i++) {
        fenp_text_add(&c->heard, "%c", !text[i] ? '\n' : text[i] == '\n' ? ' ' : text[i]);
        c->n += !text[i];
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Until all n sentences are there, the child is gone, or one of them takes too long. */
static void listen_to(child *c, int n) {
    for (double until = fenp_clock() + fenp_probe_seconds; c->n < n && !c->late;) {
        struct pollfd p = {.fd = c->pipe, .events = POLLIN};
        int before = c->n;
        poll(&p, 1, 100);
        if (!hear(c)) break;
        if (c->n > before) until = fenp_clock() + fenp_probe_seconds;
        c->late = fenp_clock() > until;
    }
}

/* Its status. One that has said all, is late, or has closed the pipe and lives on, is ended. */
static int bury(child *c, int n) {
    int status = 0;
    bool over = c->n >= n || c->late;
    for (int naps = 0; naps < 1000 && !over; naps++) {
        over = waitpid(c->pid, &status, WNOHANG) != 0;
        if (over) c->pid = 0;
        else poll(NULL, 0, 1);
    }
    if (c->pid > 0) {
        c->late |= c->n < n;
        kill(c->pid, SIGKILL);
        while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) {}
    }
    close(c->pipe);
    return status;
}

static const char *end_text(const child *c, int status, fenp_arena *memory) {
    if (c->pid < 0) return fenp_arena_text(memory, "cannot be tried in a process of its own: %s", strerror(errno));
    if (c->late)
        return fenp_arena_text(memory, "does not return within %d s when it is opened; look at its constructors", fenp_probe_seconds);
    if (WIFSIGNALED(status)) {
        const char *signal = strsignal(WTERMSIG(status));
        return fenp_arena_text(memory, "crashes when it is opened (%s); look at its constructors and tables, or build it again: the file may be "
                               "damaged", signal);
    }
    return fenp_arena_text(memory, "ends the process when it is opened (exit code %d); remove exit from its constructors", WEXITSTATUS(status));
}

/* The sentences that came, to the files that they are about. */
static void hand_out(const child *c, const char **says, fenp_arena *memory) {
    const char *line = c->heard.at;
    for (int i = 0; i < c->n; i++) {
        size_t length = strcspn(line, "\n");
        says[i] = length ? fenp_arena_copy(memory, line, length) : NULL;
        line += length + 1;
    }
}

void fenp_probe(const char *const *path, int n, fenp_judge *judge, const char **says, fenp_arena *memory) {
    fflush(NULL);                             /* a child that ends by exit would print it again */
    for (int done = 0; done < n;) {
        child c;
        int status = 0;
        bool started = start(&c, path + done, n - done, judge);
        if (started) {
            listen_to(&c, n - done);
            status = bury(&c, n - done);
        }
        hand_out(&c, says + done, memory);
        done += c.n;
        if (c.n == 0) says[done++] = end_text(&c, status, memory);
        fenp_text_free(&c.heard);
    }
}
