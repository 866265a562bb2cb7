/* Bytes as a CSV file of interactions and, being the only file there is, of items as well. */
#include "tests/fuzz/check_dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    fuzz_load("{type: csv, path: '%1$s', header: false, user: 1, item: 2, items: '%1$s', "
              "item_id: 2, title: 3, split: {type: none}}",
              data, n);
    fuzz_load("{type: csv, path: '%s', delimiter: '::', latin1: true, filter: {k_core: 2}}", data,
              n);
    return 0;
}
