/* tests/fuzz/replay.c: the corpus of a target, each file given to it once: what a fuzzer found stays found, without clang. Linked with
 * fuzz_NAME.c as replay_NAME, it plays tests/fuzz/corpus/NAME, or the files that it is given. Each in a process of its own with
 * a limit of time, so that one that crashes is named and the others are still played. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 20, TOGETHER = 50 };
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static int passed, failed;

static void play(const char *path) {
    FILE *f = fopen(path, "rb");
    long n = -1;
    if (f && fseek(f, 0, SEEK_END) == 0) n = ftell(f);
    uint8_t *data = n < 0 ? NULL : malloc((size_t)n + !n);              /* of its very size, for the sanitizers */
    if (!data || fseek(f, 0, SEEK_SET) || fread(data, 1, (size_t)n, f) != (size_t)n) {
        printf("cannot read %s: %s\n", path, strerror(errno));
        _exit(2);
    }
    fclose(f);
    alarm(SECONDS);
    LLVMFuzzerTestOneInput(data, (size_t)n);
    alarm(0);
    free(data);
}

static int in_child(char *const *path, int n) {
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < n; i++) play(path[i]);
        exit(0);
    }
    return child < 0 || waitpid(child, &status, 0) < 0 ? -1 : status;
}

/* A process for many of them; where it ends badly, one for each. */
static void play_all(char *const *path, int n) {
    for (int i = 0; i < n; i += TOGETHER) {
        int many = n - i < TOGETHER ? n - i : TOGETHER;
        bool well = in_child(path + i, many) == 0;
        for (int k = i; k < i + many; k++) {
            int status = well ? 0 : in_child(path + k, 1);
            if (status == 0) { passed++; continue; }
            failed++;
            printf("FAIL  %s: %s %d\n", path[k], WIFSIGNALED(status) ? "ended by signal" : "exit code",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        }
    }
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static int list(const char *folder, char ***path) {
    struct dirent *e;
    DIR *d = opendir(folder);
    int n = 0;
    *path = NULL;
    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.') continue;
        size_t room = strlen(folder) + strlen(e->d_name) + 2;
        *path = realloc(*path, (size_t)(n + 1) * sizeof **path);
        (*path)[n] = malloc(room);
        snprintf((*path)[n++], room, "%s/%s", folder, e->d_name);
    }
    if (d) closedir(d);
    if (n) qsort(*path, (size_t)n, sizeof **path, by_name);
    return n;
}

int main(int argc, char **argv) {
    const char *source = getenv("FENCHEL_SRCDIR"), *name = strrchr(argv[0], '_');
    char folder[4096], **path = argv + 1;
    int n = argc - 1;
    if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&argc, &argv);
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", source ? source : ".", name ? name + 1 : "");
    if (!n) n = list(folder, &path);
    if (!n) printf("FAIL  %s has no files\n", folder);
    play_all(path, n);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
