/* tests/fuzz/fuzz_csv.c: any bytes as a CSV file; the first byte says which columns are asked for. */
#include "../../plugins/samplers/csv.c"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static memory_file file;
    static const field asked[][4] = {
        {{NULL, NULL}},
        {{"columns", "x y"}, {"columns.0", "0 2"}, {"columns.1", "2"}},
        {{"columns", "y"}, {"columns.0", "0"}, {"integers", "y"}, {"integers.0", "y"}},
        {{"integers", "value"}, {"integers.0", "value"}},
    };
    if (!n) return 0;
    field f[6] = {{"file", file_of(&file, data + 1, n - 1)}};
    for (int i = 0; i < 4; i++) f[1 + i] = asked[*data % 4][i];
    return open_and_look(&csv, f);
}
