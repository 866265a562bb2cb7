/** The input of a fuzz target as a file, for readers that open paths. One file per process. */
#ifndef REC_TESTS_FUZZ_INPUT_FILE_H
#define REC_TESTS_FUZZ_INPUT_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline const char *fuzz_input_file(const uint8_t *data, size_t n)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/recai-fuzz-%ld", (long)getpid());
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0)
        abort();
    return path;
}

#endif
