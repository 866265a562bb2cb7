/* Bytes as a RecBole .inter file. */
#include "tests/fuzz/check_dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    fuzz_load("{type: recbole, path: '%s', item_info: '', filter: {duplicates: sum}}", data, n);
    return 0;
}
