/** A fresh folder per test: test_folder() before, test_folder_remove() after; both for checked
 * fixtures. test_path("a") is "<folder>/a" in static storage, good for eight calls. */
#ifndef REC_TESTS_FOLDER_H
#define REC_TESTS_FOLDER_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char test_folder_name[32];

static inline void test_folder(void)
{
    strcpy(test_folder_name, "/tmp/recai-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(test_folder_name));
}

static inline void test_folder_remove(void)
{
    char command[128];
    snprintf(command, sizeof command, "chmod -R u+w %s; rm -r %s", test_folder_name,
             test_folder_name);
    ck_assert_int_eq(system(command), 0);
}

static inline const char *test_path(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, 256, "%.60s/%.180s", test_folder_name, name);
    return path;
}

static inline void test_write(const char *name, const void *bytes, size_t n)
{
    unlink(test_path(name)); /* file systems flush what replaces a truncated file: slow */
    FILE *f = fopen(test_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

#endif
