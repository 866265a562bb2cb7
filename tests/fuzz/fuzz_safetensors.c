/* A tensor file that opens can be read to the last byte. */
#include "core/tensor_file.h"
#include "tests/fuzz/input_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *path = fuzz_input_file(data, n);
    rec_tensor_file *f = NULL;
    rec_error err;
    if (rec_tensor_file_open(&f, path, &err) == REC_OK) {
        unsigned sum = 0;
        for (size_t i = 0; i < rec_tensor_file_count(f); i++) {
            const rec_tensor_view *v = rec_tensor_file_at(f, i);
            const unsigned char *bytes = v->data;
            for (size_t b = 0; b < v->n_bytes; b++)
                sum += bytes[b];
            if (rec_tensor_file_find(f, v->name) != v)
                abort();
        }
        volatile unsigned sink = sum; /* the reads must happen */
        (void)sink;
        rec_tensor_file_close(f);
    }
    unlink(path);
    return 0;
}
