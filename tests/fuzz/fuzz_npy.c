/* tests/fuzz/fuzz_npy.c: any bytes as a .npy file; the first byte is odd where `scale` is given. */
#include "../../plugins/samplers/npy.c"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static memory_file file;
    if (!n) return 0;
    field f[3] = {{"file", file_of(&file, data + 1, n - 1)}, {"scale", *data & 1 ? "-1 1" : "0 0"}, {NULL, NULL}};
    return open_and_look(&npy, f);
}
