/* What code that runs while a module is opened may change for the whole process: how floats round, the locale, signals, the working folder, the
 * umask, an alarm. Each would change results, or how a run ends, far from its cause. All is put back; the first change has a sentence. */
#include "plugin/loader.h"
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { SIGNALS = 65 };
struct fenp_surroundings {
    fenv_t floating;
    unsigned control;
    int rounding;
    char locale[512];
    bool all;                                 /* what follows is known */
    struct sigaction action[SIGNALS];
    bool handled[SIGNALS];
    sigset_t blocked;
    struct stat folder;
    int folder_fd;
    mode_t umask;
    struct itimerval alarm;
};

static unsigned control_of_floats(void) {
#if defined(__SSE2__)
    return __builtin_ia32_stmxcsr() & ~0x3fu;                        /* without the six sticky flags */
#elif defined(__aarch64__)
    return (unsigned)__builtin_aarch64_get_fpcr();
#else
    return 0;
#endif
}
static mode_t umask_now(void) { mode_t m = umask(077); umask(m); return m; }

static void remember_process(fenp_surroundings *s) {
    for (int i = 1; i < SIGNALS; i++) s->handled[i] = sigaction(i, NULL, &s->action[i]) == 0;
    sigprocmask(SIG_SETMASK, NULL, &s->blocked);
    s->folder_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s->folder_fd >= 0 && fstat(s->folder_fd, &s->folder) != 0) { close(s->folder_fd); s->folder_fd = -1; }
    s->umask = umask_now();
    getitimer(ITIMER_REAL, &s->alarm);
}

fenp_surroundings *fenp_surroundings_now(bool all) {
    fenp_surroundings *s = fenp_new(sizeof *s);
    s->all = all;
    s->folder_fd = -1;
    fegetenv(&s->floating);
    s->control = control_of_floats();
    s->rounding = fegetround();
    const char *now = setlocale(LC_ALL, NULL);
    snprintf(s->locale, sizeof s->locale, "%s", now ? now : "C");
    if (all) remember_process(s);
    return s;
}

static const char *floats_restored(const fenp_surroundings *s) {
    if (control_of_floats() == s->control && fegetround() == s->rounding) return NULL;
    fesetenv(&s->floating);
    return "changes the floating-point state of the whole process when it is opened; build it without -ffast-math";
}
static const char *locale_restored(const fenp_surroundings *s) {
    const char *now = setlocale(LC_ALL, NULL);
    if (!now || strcmp(now, s->locale) == 0) return NULL;
    setlocale(LC_ALL, s->locale);
    return "changes the locale of the whole process when it is opened; remove its setlocale";
}
static bool same_action(const struct sigaction *x, const struct sigaction *y) {
    return x->sa_flags == y->sa_flags && ((x->sa_flags & SA_SIGINFO) ? x->sa_sigaction == y->sa_sigaction : x->sa_handler == y->sa_handler);
}
static const char *signals_restored(const fenp_surroundings *s, fenp_arena *memory) {
    const char *why = NULL;
    struct sigaction now;
    for (int i = 1; i < SIGNALS; i++) {
        if (!s->handled[i] || sigaction(i, NULL, &now) != 0 || same_action(&now, &s->action[i])) continue;
        sigaction(i, &s->action[i], NULL);
        if (!why) why = fenp_arena_text(memory, "changes what signal %d (%s) does to the whole process when it is opened; remove its sigaction", i,
                                        strsignal(i));
    }
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, &s->blocked, &blocked);
    for (int i = 1; i < SIGNALS && !why; i++)
        if (sigismember(&blocked, i) != sigismember(&s->blocked, i))
            why = fenp_arena_text(memory, "blocks or unblocks signal %d (%s) when it is opened; remove its sigprocmask", i, strsignal(i));
    return why;
}
static const char *folder_restored(const fenp_surroundings *s) {
    struct stat now;
    if (s->folder_fd < 0) return NULL;
    bool same = stat(".", &now) == 0 && now.st_dev == s->folder.st_dev && now.st_ino == s->folder.st_ino;
    bool back = same || fchdir(s->folder_fd) == 0;
    close(s->folder_fd);
    if (same) return NULL;
    return back ? "changes the working folder of the process when it is opened; remove its chdir"
                : "changes the working folder of the process when it is opened, and there is no way back; remove its chdir";
}
static const char *umask_restored(const fenp_surroundings *s) {
    if (umask(s->umask) == s->umask) return NULL;
    return "changes the umask of the process when it is opened, so who may read its files; remove its umask";
}
static const char *alarm_restored(const fenp_surroundings *s) {
    struct itimerval now;
    getitimer(ITIMER_REAL, &now);
    bool runs = now.it_value.tv_sec || now.it_value.tv_usec, ran = s->alarm.it_value.tv_sec || s->alarm.it_value.tv_usec;
    if (runs == ran) return NULL;
    setitimer(ITIMER_REAL, &s->alarm, NULL);
    return "sets or stops the alarm of the process when it is opened; remove its alarm or setitimer";
}

const char *fenp_surroundings_restored(fenp_surroundings *s, fenp_arena *memory) {
    const char *why[] = {
        floats_restored(s), locale_restored(s), s->all ? alarm_restored(s) : NULL, s->all ? signals_restored(s, memory) : NULL,
        s->all ? folder_restored(s) : NULL, s->all ? umask_restored(s) : NULL,
    };
    const char *first = NULL;
    for (size_t i = 0; i < sizeof why / sizeof *why && !first; i++) first = why[i];
    fenp_delete(s);
    return first;
}
