/** Reading the corpora of tests/golden/replies/: JSON, one record per line. */
#ifndef REC_TESTS_REPLIES_CORPUS_H
#define REC_TESTS_REPLIES_CORPUS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "tests/suite.h"

static inline const cJSON *corpus_member(const cJSON *object, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    ck_assert_msg(value != NULL, "no member %s", key);
    return value;
}

static inline const char *corpus_text(const cJSON *object, const char *key)
{
    return corpus_member(object, key)->valuestring;
}

/** Calls `each` for the records of a file; the number of records. */
static inline size_t corpus_read(const char *name, void (*each)(const cJSON *record, size_t i))
{
    char path[512];
    snprintf(path, sizeof path, REC_TEST_DIR "/golden/replies/%s", name);
    size_t n = 0, room = 0;
    char *line = NULL;
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    for (; getline(&line, &room, file) > 0; n++) {
        cJSON *record = cJSON_Parse(line);
        ck_assert_ptr_nonnull(record);
        each(record, n);
        cJSON_Delete(record);
    }
    fclose(file);
    free(line);
    return n;
}

#endif
