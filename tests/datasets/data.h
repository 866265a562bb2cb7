/** Files in a folder of their own, and datasets out of configs or out of rows written in the test. */
#ifndef REC_TESTS_DATASETS_DATA_H
#define REC_TESTS_DATASETS_DATA_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/yaml.h"
#include "datasets/builder.h"
#include "datasets/dataset.h"
#include "tests/suite.h"

#define FIXTURES REC_TEST_DIR "/datasets/fixtures/"

static char data_folder[64];

/* tcase_add_checked_fixture(t, data_setup, data_teardown): a fresh folder for each test. */
static inline void data_setup(void)
{
    strcpy(data_folder, "/tmp/recai-data-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(data_folder));
}

static inline void data_teardown(void)
{
    char path[512];
    DIR *dir = opendir(data_folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", data_folder, entry->d_name);
        unlink(path);
    }
    closedir(dir);
    rmdir(data_folder);
}

/** Write bytes to a file of the folder; the path stays valid until the next call. */
static inline const char *data_put_bytes(const char *name, const void *bytes, size_t n)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", data_folder, name);
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
    return path;
}

static inline const char *data_put(const char *name, const char *text)
{
    return data_put_bytes(name, text, strlen(text));
}

/** Parse a `dataset:` mapping; '@' stands for the folder of the test. */
static inline rec_yaml *data_mapping(const char *yaml)
{
    char text[4096];
    size_t n = 0;
    rec_yaml *map;
    for (const char *c = yaml; *c != '\0'; c++) {
        if (*c == '@')
            n += (size_t)snprintf(text + n, sizeof text - n, "%s", data_folder);
        else
            text[n++] = *c;
    }
    ck_assert_ok(rec_yaml_parse(&map, text, n, "test.yaml", err));
    return map;
}

static inline rec_status data_try(rec_dataset **d, const char *yaml, rec_error *error)
{
    rec_yaml *map = data_mapping(yaml);
    rec_status status = rec_dataset_load(d, map, 1, error);
    rec_yaml_free(map);
    return status;
}

static inline rec_dataset *data_load(const char *yaml)
{
    rec_dataset *d;
    ck_assert_ok(data_try(&d, yaml, err));
    return d;
}

typedef struct data_row {
    const char *user, *item;
    float value;
    double time;
    rec_part part;
} data_row;

/** A dataset of rows alone, users' rows in the order given. */
static inline rec_dataset *data_of_rows(const data_row *rows, size_t n, unsigned carried)
{
    rec_builder *b;
    rec_dataset *d;
    ck_assert_ok(rec_builder_new(&b, err));
    rec_builder_set_rows(b, carried);
    for (size_t i = 0; i < n; i++) {
        uint32_t user, item;
        ck_assert_ok(rec_builder_user(&user, b, rows[i].user, strlen(rows[i].user), err));
        ck_assert_ok(rec_builder_item(&item, b, rows[i].item, strlen(rows[i].item), err));
        ck_assert_ok(
            rec_builder_add(b, user, item, rows[i].value, rows[i].time, rows[i].part, err));
    }
    ck_assert_ok(rec_builder_finish(&d, b, err));
    rec_builder_free(b);
    return d;
}

/** A number that stands behind "name": in the rules. */
static inline double data_rule(const rec_dataset *d, const char *name)
{
    char key[128];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(d->rules, key);
    ck_assert_msg(at != NULL, "no %s in %s", key, d->rules);
    return strtod(at + strlen(key), NULL);
}

#endif
