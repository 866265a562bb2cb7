#include "tests/datasets/data.h"

#include "datasets/reader_paths.h"

START_TEST(plain_or_packed)
{
    char *path;
    data_put("a.txt", "x");
    data_put("b.txt.gz", "x");
    ck_assert_ok(rec_reader_file(&path, data_folder, "a.txt", err));
    ck_assert(rec_ends_with(path, "/a.txt"));
    free(path);
    ck_assert_ok(rec_reader_file(&path, data_folder, "b.txt", err));
    ck_assert(rec_ends_with(path, "/b.txt.gz"));
    free(path);
    ck_assert_ok(rec_reader_file(&path, data_folder, "c.txt", err));
    ck_assert_ptr_null(path);
    ck_assert_fails(rec_reader_need_file(&path, data_folder, "c.txt", err), REC_ERR_DATA,
                    "c.txt: no such file");
    ck_assert(rec_folder_has(data_folder, "b.txt"));
    ck_assert(!rec_folder_has(data_folder, "c.txt"));
    ck_assert_ok(rec_reader_file(&path, "/elsewhere", data_put("d", "x"), err)); /* absolute */
    ck_assert(rec_ends_with(path, "/d"));
    free(path);
    ck_assert_fails(rec_reader_file(&path, data_folder, "data:no-such-set", err), REC_ERR_DATA,
                    "no-such-set");
}
END_TEST

START_TEST(the_only_file)
{
    char *path;
    ck_assert_ok(rec_reader_only_file(&path, data_folder, ".inter", "path", err));
    ck_assert_ptr_null(path);
    data_put("x.inter.gz", "x");
    ck_assert_ok(rec_reader_only_file(&path, data_folder, ".inter", "path", err));
    ck_assert(rec_ends_with(path, "x.inter.gz"));
    free(path);
    data_put("y.inter", "x");
    ck_assert_fails(rec_reader_only_file(&path, data_folder, ".inter", "path", err), REC_ERR_DATA,
                    "several *.inter files; name one in `path`");
    ck_assert_fails(rec_reader_only_file(&path, "/nowhere", ".inter", "path", err), REC_ERR_DATA,
                    "/nowhere");
}
END_TEST

START_TEST(folders)
{
    static const char *const pairs[][2] = {{"a/b/c.txt", "a/b"}, {"c.txt", "."}, {"/c.txt", "/"}};
    for (size_t i = 0; i < 3; i++) {
        char *folder = rec_reader_folder_of(pairs[i][0], NULL);
        ck_assert_str_eq(folder, pairs[i][1]);
        free(folder);
    }
}
END_TEST

REC_SUITE("datasets/reader_paths", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, plain_or_packed); tcase_add_test(t, the_only_file);
          tcase_add_test(t, folders);)
