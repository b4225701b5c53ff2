/* cores.c: how many physical cores this process may use: those of its affinity mask, threads of one core counted once, and no more
 * than the quota of its control groups (version 2: cpu.max, version 1: cpu.cfs_quota_us) allows, at most 16.
 * Sources: Linux, Documentation/admin-guide/{cputopology,cgroup-v2}.rst. */
#include "base/pool.h"
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 16, PATH = 4096 };

static bool read_line(const char *path, char *line, int n) {
    FILE *f = fopen(path, "re");
    bool fine = f && fgets(line, n, f);
    if (f) fclose(f);
    return fine;
}
/* The first thread of cpu's core, itself where the system does not say: "0,4" and "0-1" begin with it. */
static int first_sibling(int cpu) {
    char path[128], line[128];
    int first = cpu;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    if (read_line(path, line, sizeof line) && sscanf(line, "%d", &first) != 1) first = cpu;
    return first;
}
static int by_affinity(void) {
    cpu_set_t mine, seen;
    CPU_ZERO(&seen);
    if (sched_getaffinity(0, sizeof mine, &mine)) return 1;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &mine)) continue;
        int first = first_sibling((int)cpu);
        CPU_SET(first >= 0 && first < CPU_SETSIZE ? (size_t)first : cpu, &seen);
    }
    return CPU_COUNT(&seen);
}
/* Whole cores of one group's quota; `most` where it has none. */
static int quota(const char *root, const char *group, bool second, int most) {
    char path[PATH + 64], line[128];
    long long used = -1, period = 100000;
    snprintf(path, sizeof path, "%s%s/%s", root, group, second ? "cpu.max" : "cpu.cfs_quota_us");
    if (!read_line(path, line, sizeof line)) return most;
    if (second) { if (sscanf(line, "%lld %lld", &used, &period) != 2) return most; }
    else {
        if (sscanf(line, "%lld", &used) != 1) return most;
        snprintf(path, sizeof path, "%s%s/cpu.cfs_period_us", root, group);
        if (!read_line(path, line, sizeof line) || sscanf(line, "%lld", &period) != 1) return most;
    }
    if (used <= 0 || period <= 0 || used / period >= most) return most;
    return used / period < 1 ? 1 : (int)(used / period);
}
/* The least quota from the group up to the root: a parent's holds for its children. */
static int least_quota(const char *root, char *group, bool second, int most) {
    for (;;) {
        most = quota(root, group, second, most);
        char *slash = strrchr(group, '/');
        if (!slash) return most;
        *slash = 0;
    }
}
static int by_quota(int most) {
    char line[PATH];
    FILE *f = fopen("/proc/self/cgroup", "re");
    while (f && fgets(line, sizeof line, f)) {                    /* "0::/group", "4:cpu,cpuacct:/group" */
        line[strcspn(line, "\n")] = 0;
        char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
        if (!group) continue;
        *group++ = 0;
        if (!strcmp(group, "/")) *group = 0;
        bool second = !names[1];
        if (second) most = least_quota("/sys/fs/cgroup", group, true, most);
        else if (strstr(names + 1, "cpu") && !strstr(names + 1, "cpuset")) most = least_quota("/sys/fs/cgroup/cpu", group, false, most);
    }
    if (f) fclose(f);
    return most;
}
int fenp_pool_cores(void) {
    int n = by_quota(by_affinity());
    return n < 1 ? 1 : n > MOST ? MOST : n;
}
