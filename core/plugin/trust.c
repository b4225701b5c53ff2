/* Which files may be opened as modules. dlopen runs code of a file before anything in it can be looked at, so the file and all
 * its parents must belong to root or to the user, and nobody else may be able to write them: whoever writes a parent can replace
 * the file. A sticky parent of root (/tmp) passes: nobody else can replace a file in it. Group write passes where the group
 * is the user's own and has no other member (the usual umask 002). A cut-off file would end dlopen by SIGBUS, so the bounds
 * that its ELF header speaks of are held against its size first. */
#include "plugin/loader.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The group is the user's own: it has the user's name, and no member beside the user. */
static bool own_group(gid_t gid) {
    const struct passwd *me = getpwuid(geteuid());
    char name[256];
    if (!me || strlen(me->pw_name) >= sizeof name) return false;
    strcpy(name, me->pw_name);
    const struct group *g = getgrgid(gid);
    if (!g || strcmp(g->gr_name, name) != 0) return false;
    for (char **m = g->gr_mem; m && *m; m++)
        if (strcmp(*m, name) != 0) return false;
    return true;
}

/* What is wrong with owner or mode; NULL: nothing. */
static const char *mode_refuses(const struct stat *s) {
    if (s->st_uid != 0 && s->st_uid != geteuid()) return "belongs to another user; needs root or yourself as owner";
    if (S_ISDIR(s->st_mode) && (s->st_mode & S_ISVTX) && s->st_uid == 0) return NULL;
    if (s->st_mode & S_IWOTH) return "may be written by everybody; run chmod o-w";
    if ((s->st_mode & S_IWGRP) && !own_group(s->st_gid)) return "may be written by its group; run chmod g-w";
    return NULL;
}

static const char *parents_refuse(const char *path, fenp_arena *memory) {
    char *folder = fenp_arena_text(memory, "%s", path);
    for (char *cut; (cut = strrchr(folder, '/'));) {
        cut[cut == folder] = '\0';
        struct stat s;
        const char *why = stat(folder, &s) != 0 ? strerror(errno) : mode_refuses(&s);
        if (why) return fenp_arena_text(memory, "is not opened: its folder %s %s", folder, why);
        if (cut == folder) break;
    }
    return NULL;
}

static bool inside(uint64_t offset, uint64_t bytes, uint64_t size) { return offset <= size && bytes <= size - offset; }

/* All that the loader will map lies within the file. */
static bool segments_inside(int fd, const ElfW(Ehdr) *h, uint64_t size) {
    if (h->e_phentsize != sizeof(ElfW(Phdr)) || !inside(h->e_phoff, (uint64_t)h->e_phnum * sizeof(ElfW(Phdr)), size)) return false;
    for (int i = 0; i < h->e_phnum; i++) {
        ElfW(Phdr) p;
        if (pread(fd, &p, sizeof p, (off_t)(h->e_phoff + (uint64_t)i * sizeof p)) != sizeof p) return false;    /* errno: 0 at the file's end */
        if (p.p_type == PT_LOAD && !inside(p.p_offset, p.p_filesz, size)) return false;
    }
    return true;
}

static const char *elf_refuses(int fd, uint64_t size, fenp_arena *memory) {
    ElfW(Ehdr) h;
    ssize_t got = pread(fd, &h, sizeof h, 0);
    if (got < 0) return fenp_arena_text(memory, "cannot be read: %s", strerror(errno));
    if (got != sizeof h || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0)
        return "is not an ELF file; needs a compiled module (.so)";
    if (h.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) || h.e_type != ET_DYN)
        return "is not a shared object of this machine; needs one linked with -shared";
    errno = 0;
    if (!inside(h.e_shoff, (uint64_t)h.e_shnum * h.e_shentsize, size) || !segments_inside(fd, &h, size))
        return errno ? fenp_arena_text(memory, "cannot be read: %s", strerror(errno)) : fenp_arena_text(memory, "is cut off: it has %llu bytes, its header speaks of more; build it again", (unsigned long long)size);
    return NULL;
}

const char *fenp_file_refuses(const char *path, fenp_arena *memory) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return fenp_arena_text(memory, "cannot be read: %s", strerror(errno));
    struct stat s;
    const char *why = NULL;
    if (fstat(fd, &s) != 0) why = fenp_arena_text(memory, "cannot be read: %s", strerror(errno));
    else if (!S_ISREG(s.st_mode)) why = "is not a regular file";
    else if ((why = mode_refuses(&s))) why = fenp_arena_text(memory, "is not opened: it %s", why);
    if (!why) why = parents_refuse(path, memory);
    if (!why) why = elf_refuses(fd, (uint64_t)s.st_size, memory);
    close(fd);
    return why;
}
