/* base/left.c: how much memory the machine and the control group have left. */
#include "base/memory.h"
#include <stdio.h>
#include <string.h>

/* The number in a file of one line or, with a label, behind it; -1: none. */
static double number_in(const char *path, const char *label) {
    FILE *f = fopen(path, "re");
    char line[128];
    double x = -1;
    while (f && x < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, label, strlen(label)) == 0 && sscanf(line + strlen(label), "%lf", &x) != 1) x = -1;
    if (f) fclose(f);
    return x;
}
/* Of the control group that this process sees as its root (version 2, version 1); -1: no limit. Cached files are given back when asked for. */
static double left_to_group(void) {
    static const char *const files[][4] = {
        {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat", "inactive_file "},
        {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory/memory.stat",
         "total_inactive_file "}};
    for (int i = 0; i < 2; i++) {
        double most = number_in(files[i][0], ""), used = number_in(files[i][1], ""), cached = number_in(files[i][2], files[i][3]);
        if (most > 0 && most < 1e18 && used >= 0) return most - used + (cached > 0 ? cached : 0);
    }
    return -1;
}
double fenp_memory_left(void) {
    double kilobytes = number_in("/proc/meminfo", "MemAvailable:"), left = kilobytes < 0 ? -1 : 1024 * kilobytes, group = left_to_group();
    return group >= 0 && (left < 0 || group < left) ? group : left;
}
