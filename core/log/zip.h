/* log/zip.h: an archive of files written one after the other; zip.c alone of the core includes zlib. Errors stay in the writer. */
#ifndef FENCHEL_LOG_ZIP_H
#define FENCHEL_LOG_ZIP_H
#include "base/io.h"

typedef struct fenp_zip fenp_zip;
fenp_zip *fenp_zip_new(const char *path);
void fenp_zip_entry(fenp_zip *z, const char *name);                  /* begins a file; ends the one before */
void fenp_zip_add(fenp_zip *z, const void *data, size_t n);
bool fenp_zip_end(fenp_zip *z, bool keep, fenp_faults *faults);      /* frees z; not keep: no file is left, false */
#endif
