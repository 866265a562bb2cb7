/* A journal that opens returns every record it lists, and takes one more. */
#include "core/journal.h"
#include "tests/fuzz/input_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *path = fuzz_input_file(data, n);
    rec_journal *j = NULL;
    rec_error err;
    if (rec_journal_open(&j, path, &err) == REC_OK) {
        if (rec_journal_append(j, "one more", "x", 1, &err) != REC_OK)
            abort();
        for (size_t i = 0; i < rec_journal_count(j); i++) {
            char *bytes;
            size_t length;
            if (rec_journal_get(&bytes, &length, j, rec_journal_key(j, i), &err) != REC_OK)
                abort();
            free(bytes);
        }
        rec_journal_close(j);
    }
    unlink(path);
    return 0;
}
