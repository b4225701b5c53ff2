/* log/zip.c: PKWARE's format, as much of it as numpy.load needs: per file a local header, deflated data, a descriptor with checksum and sizes
 * behind them (they are not known before), then the directory. Time stamps are 1980, so equal content is equal bytes. Sizes beyond 4 GB
 * would need the 64-bit form: they are refused. */
#include "log/zip.h"
#include <errno.h>
#include <string.h>
#include <zlib.h>

enum { ROOM = 1 << 16, LOCAL = 30, CENTRAL = 46, END = 22, DESCRIPTOR = 16, EFFORT = 1, VERSION = 20, DATE = 33, BEHIND = 8, DEFLATED = 8, FILES = 65535 };
typedef struct entry { char *name; uint64_t at, packed, bytes; uint32_t sum; } entry;
struct fenp_zip {
    fenp_writer file;
    fenp_arena memory;
    entry *entry;
    int n;
    uint64_t at;                              /* bytes written */
    z_stream stream;
    bool open;                                /* a file is being written */
    unsigned char room[ROOM];
};

static void put(fenp_zip *z, const void *data, size_t n) {
    fenp_writer_add(&z->file, data, n);
    z->at += n;
}
static unsigned char *number(unsigned char *to, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) *to++ = (unsigned char)(value >> 8 * i);
    return to;
}

fenp_zip *fenp_zip_new(const char *path) {
    fenp_zip *z = fenp_new(sizeof *z);
    fenp_writer_begin(&z->file, path);
    return z;
}

/* What has been packed so far goes to the file; `flush` as in zlib. */
static void pack(fenp_zip *z, int flush) {
    entry *e = &z->entry[z->n - 1];
    do {
        z->stream.next_out = z->room;
        z->stream.avail_out = ROOM;
        deflate(&z->stream, flush);
        size_t made = ROOM - z->stream.avail_out;
        e->packed += made;
        put(z, z->room, made);
    } while (z->stream.avail_out == 0);
}

static void end_entry(fenp_zip *z) {
    unsigned char head[DESCRIPTOR], *p = number(head, 0x08074b50, 4);
    if (!z->open) return;
    entry *e = &z->entry[z->n - 1];
    z->stream.avail_in = 0;
    pack(z, Z_FINISH);
    deflateEnd(&z->stream);
    z->open = false;
    p = number(p, e->sum, 4);
    p = number(p, e->packed, 4);
    number(p, e->bytes, 4);
    put(z, head, sizeof head);
    if (!z->file.error && (z->at > UINT32_MAX || e->bytes > UINT32_MAX || z->n > FILES)) z->file.error = EFBIG;
}

/* Version, flags, method, time, date: the part that both headers have. */
static unsigned char *common(unsigned char *p, const entry *e, bool known) {
    p = number(p, VERSION, 2);
    p = number(p, BEHIND, 2);
    p = number(p, DEFLATED, 2);
    p = number(p, 0, 2);
    p = number(p, DATE, 2);
    p = number(p, known ? e->sum : 0, 4);
    p = number(p, known ? e->packed : 0, 4);
    p = number(p, known ? e->bytes : 0, 4);
    p = number(p, strlen(e->name), 2);
    return number(p, 0, 2);
}

void fenp_zip_entry(fenp_zip *z, const char *name) {
    unsigned char head[LOCAL];
    end_entry(z);
    z->entry = fenp_more(z->entry, z->n, sizeof *z->entry);
    entry *e = &z->entry[z->n++];
    *e = (entry){.name = fenp_arena_copy(&z->memory, name, strlen(name)), .at = z->at, .sum = (uint32_t)crc32(0, NULL, 0)};
    z->stream = (z_stream){.zalloc = Z_NULL};
    if (deflateInit2(&z->stream, EFFORT, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) fenp_no_memory(0);
    z->open = true;
    common(number(head, 0x04034b50, 4), e, false);
    put(z, head, LOCAL);
    put(z, name, strlen(name));
}

void fenp_zip_add(fenp_zip *z, const void *data, size_t n) {
    entry *e = &z->entry[z->n - 1];
    const unsigned char *from = data;
    e->bytes += n;
    for (size_t some; n && !z->file.error; n -= some, from += some) {
        some = n < 1 << 30 ? n : 1 << 30;
        e->sum = (uint32_t)crc32(e->sum, from, (unsigned)some);
        z->stream.next_in = (unsigned char *)(uintptr_t)from;
        z->stream.avail_in = (unsigned)some;
        pack(z, Z_NO_FLUSH);
    }
}

static void directory(fenp_zip *z) {
    uint64_t begin = z->at;
    for (int i = 0; i < z->n; i++) {
        unsigned char head[CENTRAL] = {0}, *p = number(head, 0x02014b50, 4);
        const entry *e = &z->entry[i];
        p = common(number(p, VERSION, 2), e, true);
        number(p + 10, e->at, 4);             /* no comment, disk 0, no attributes */
        put(z, head, CENTRAL);
        put(z, e->name, strlen(e->name));
    }
    unsigned char end[END] = {0}, *p = number(end, 0x06054b50, 4) + 4;
    p = number(p, (unsigned)z->n, 2);
    p = number(p, (unsigned)z->n, 2);
    p = number(p, z->at - begin, 4);
    number(p, begin, 4);
    put(z, end, END);
}

bool fenp_zip_end(fenp_zip *z, bool keep, fenp_faults *faults) {
    end_entry(z);
    if (keep) directory(z);
    bool fine = fenp_writer_end(&z->file, keep, faults);
    fenp_delete(z->entry);
    fenp_arena_free(&z->memory);
    fenp_delete(z);
    return fine;
}
