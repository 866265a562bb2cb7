/* Bytes as sequences, as stored candidates and as JSON attributes of the same items. */
#include "tests/fuzz/check_dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    fuzz_load("{type: sequence, path: '%1$s', negative_samples: '%1$s', split: {type: none}}", data,
              n);
    fuzz_load("{type: sequence, path: '%1$s', items: '%1$s'}", data, n);
    return 0;
}
