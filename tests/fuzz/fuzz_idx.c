/* tests/fuzz/fuzz_idx.c: any bytes as IDX files, plain or packed. The first byte says which are given (1: images, 2: labels, 4: scale), the
 * next two how many of the others are the images. */
#include "../../plugins/samplers/idx.c"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static memory_file images, labels;
    if (n < 3) return 0;
    size_t first = (size_t)data[1] << 8 | data[2], way = data[0];
    data += 3, n -= 3;
    if (first > n) first = n;
    field f[4] = {{NULL, NULL}};
    int k = 0;
    if (way & 1) f[k++] = (field){"images", file_of(&images, data, first)};
    if (way & 2) f[k++] = (field){"labels", file_of(&labels, data + first, n - first)};
    f[k] = (field){"scale", way & 4 ? "-1 1" : "0 1"};
    return open_and_look(&idx, f);
}
