/* child.c: a test in a child process with a time limit: a crash, an endless loop and an exit are findings, and the host stays alive. What the
 * child finds comes over a pipe, a line each; the last line says that it ended by itself. */
#include "conformance/conformance.h"
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char whole[] = "\n.\n"; /* what the child writes last */

void fenp_child_start(fenp_child *k, void (*run)(void *context, int out), void *context, int seconds) {
    int ends[2];
    *k = (fenp_child){.pipe = -1, .until = fenp_clock() + seconds, .seconds = seconds};
    fflush(NULL);
    if (pipe(ends) != 0 || (k->pid = fork()) < 0) {
        fenp_text_add(&k->said, "cannot be started: %s", strerror(errno));
        return;
    }
    if (k->pid == 0) {
        close(ends[0]);
        dup2(STDERR_FILENO, STDOUT_FILENO); /* what a plugin prints is no result */
        signal(SIGPIPE, SIG_DFL);
        run(context, ends[1]);
        ssize_t n = write(ends[1], whole, sizeof whole - 1);
        _exit(n == (ssize_t)sizeof whole - 1 ? 0 : 1);
    }
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    k->pipe = ends[0];
    k->running = true;
}

static bool ended_whole(const fenp_child *k) {
    size_t n = sizeof whole - 1;
    return k->said.n >= n && memcmp(k->said.at + k->said.n - n, whole, n) == 0;
}
static void say_end(fenp_child *k, int status, bool late) {
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGFPE, "SIGFPE"},  {SIGBUS, "SIGBUS"},
                 {SIGILL, "SIGILL"},   {SIGKILL, "SIGKILL"}, {SIGTRAP, "SIGTRAP"}};
    const char *name = "a signal";
    for (size_t i = 0; i < sizeof names / sizeof *names && WIFSIGNALED(status); i++)
        if (names[i].number == WTERMSIG(status)) name = names[i].name;
    if (!late && WIFEXITED(status) && WEXITSTATUS(status) == 0 && ended_whole(k)) {
        k->said.n -= sizeof whole - 1;
        k->said.at[k->said.n] = 0;
        return;
    }
    if (k->said.n) fenp_text_add(&k->said, "\n");
    if (late) fenp_text_add(&k->said, "still running after %d s; needs an end", k->seconds);
    else if (WIFSIGNALED(status)) fenp_text_add(&k->said, "killed by %s", name);
    else fenp_text_add(&k->said, "ended the process (exit code %d); a plugin must return", WEXITSTATUS(status));
}
/* What has come; false: the pipe is closed. */
static bool read_some(fenp_child *k) {
    char text[4096];
    ssize_t n;
    while ((n = read(k->pipe, text, sizeof text)) > 0) fenp_text_add(&k->said, "%.*s", (int)n, text);
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}
bool fenp_child_poll(fenp_child *k, double seconds) {
    if (!k->running) return true;
    struct pollfd p = {.fd = k->pipe, .events = POLLIN};
    double left = k->until - fenp_clock(), wait = seconds < left ? seconds : left > 0 ? left : 0;
    poll(&p, 1, (int)(wait * 1000) + 1);
    bool open = read_some(k), late = open && fenp_clock() >= k->until;
    if (open && !late) return false;
    int status = 0;
    if (late) kill(k->pid, SIGKILL);
    while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR) {}
    read_some(k);
    close(k->pipe);
    k->running = false;
    say_end(k, status, late);
    return true;
}
