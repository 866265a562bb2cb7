/** Public checkpoints (scripts/fetch minilm smollm2) for tests that need one. */
#ifndef REC_TESTS_CHECKPOINT_H
#define REC_TESTS_CHECKPOINT_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"

/** Is "data:NAME" there? If not, the test says so and skips; where RECAI_REQUIRE_MODELS is 1 in CI it
 * fails. */
static inline bool checkpoint_is_there(const char *name)
{
    char *path = NULL;
    const char *ci = getenv("CI"), *required = getenv("RECAI_REQUIRE_MODELS");
    if (rec_data_path(&path, name, NULL) == REC_OK) {
        free(path);
        return true;
    }
    if (ci != NULL && strcmp(ci, "true") == 0 && required != NULL && strcmp(required, "1") == 0)
        ck_abort_msg("%s is missing (scripts/fetch)", name);
    fprintf(stderr, "skipped: %s is not there (scripts/fetch)\n", name);
    return false;
}

#endif
