#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/option.h"
#include "tests/suite.h"

typedef struct inner {
    char *path;
} inner;

typedef struct plugin {
    char *path, *name;
    inner nested;
} plugin;

static const rec_option inner_options[] = {
    {"weights", "a file", offsetof(inner, path), REC_OPT_STRING, .is_file = true},
    {.key = NULL},
};

static const rec_option options[] = {
    {"path", "a file", offsetof(plugin, path), REC_OPT_STRING, .is_file = true},
    {"name", "no file", offsetof(plugin, name), REC_OPT_STRING, .text = NULL},
    {"nested", "more", offsetof(plugin, nested), REC_OPT_TABLE, .table = inner_options},
    {.key = NULL},
};

static void hash_of(char hex[REC_SHA256_HEX], const plugin *p)
{
    ck_assert_ok(rec_options_files_sha256(hex, p, options, err));
}

START_TEST(content_decides)
{
    char folder[] = "/tmp/recai_option_XXXXXX", one[64], two[64];
    char a[REC_SHA256_HEX], b[REC_SHA256_HEX];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(one, sizeof one, "%s/one", folder);
    snprintf(two, sizeof two, "%s/two", folder);
    ck_assert_ok(rec_atomic_write(one, "x", 1, err));
    ck_assert_ok(rec_atomic_write(two, "x", 1, err));
    plugin p = {.name = "whatever"};
    hash_of(a, &p);
    ck_assert_str_eq(a, ""); /* no file */
    p.path = one;
    hash_of(a, &p);
    ck_assert_uint_eq(strlen(a), 64);
    p.path = two;
    hash_of(b, &p);
    ck_assert_str_eq(a, b); /* another name, the same content */
    p = (plugin){.nested.path = one};
    hash_of(b, &p);
    ck_assert_str_ne(a, b); /* another option */
    ck_assert_ok(rec_atomic_write(one, "y", 1, err));
    p = (plugin){.path = one};
    hash_of(b, &p);
    ck_assert_str_ne(a, b);
    setenv("RECAI_DATA", folder, 1);
    p.path = "data:one";
    hash_of(a, &p);
    ck_assert_str_eq(a, b);
    unlink(one);
    unlink(two);
    rmdir(folder);
}
END_TEST

START_TEST(missing_file_is_named)
{
    char hex[REC_SHA256_HEX];
    plugin p = {.nested.path = "/nowhere/weights.npy"};
    ck_assert_fails(rec_options_files_sha256(hex, &p, options, err), REC_ERR_DATA,
                    "weights: /nowhere/weights.npy");
    ck_assert_str_eq(hex, "");
}
END_TEST

REC_SUITE("core/option_files", tcase_add_test(t, content_decides);
          tcase_add_test(t, missing_file_is_named);)
