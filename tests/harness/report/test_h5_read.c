/* What h5_write puts into a file is what h5_read gets out of it, and nothing else is. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/h5.h"
#include "harness/report/h5_read.h"
#include "harness/report/h5_write.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_h5_writer *w;
static hid_t file, group;

static void setup(void)
{
    test_folder();
    ck_assert_ok(rec_h5_writer_new(&w, err));
    file = H5I_INVALID_HID;
    ck_assert_ok(rec_h5_put_group(&group, w, w->file, "a/b", err));
}

static void teardown(void)
{
    if (file >= 0) {
        H5Gclose(group);
        H5Fclose(file);
    }
    rec_h5_writer_free(w);
    test_folder_remove();
}

/* From now on `group` is that of the finished file. */
static void reopen(void)
{
    char *bytes;
    size_t n;
    H5Gclose(group);
    ck_assert_ok(rec_h5_writer_finish(&bytes, &n, w, err));
    ck_assert_ok(rec_h5_envelope(bytes, bytes + REC_H5_USER_BLOCK, n - REC_H5_USER_BLOCK, err));
    test_write("x.h5", bytes, n);
    ck_assert_ok(rec_h5_check_envelope(test_path("x.h5"), err));
    ck_assert_ok(rec_h5_open(&file, test_path("x.h5"), err));
    ck_assert_ok(rec_h5_get_group(&group, file, "a%2Fb", err));
}

START_TEST(attributes)
{
    const uint64_t list[] = {1, UINT64_MAX};
    ck_assert_ok(rec_h5_put_text(w, group, "text", "caf\xC3\xA9", err));
    ck_assert_ok(rec_h5_put_text(w, group, "empty", "", err));
    ck_assert_ok(rec_h5_put_text(w, group, "none", NULL, err));
    ck_assert_ok(rec_h5_put_u64(group, "u64", UINT64_MAX, err));
    ck_assert_ok(rec_h5_put_i64(group, "i64", -5, err));
    ck_assert_ok(rec_h5_put_real(group, "real", 0.1, err));
    ck_assert_ok(rec_h5_put_u64s(group, "list", list, 2, err));
    ck_assert_ok(rec_h5_put_u64s(group, "no list", NULL, 0, err));
    reopen();
    char *text, *empty, *none;
    uint64_t u64, *values, *no_values;
    int64_t i64;
    double real;
    size_t n, n_none;
    ck_assert_ok(rec_h5_get_text(&text, group, "text", err));
    ck_assert_ok(rec_h5_get_text(&empty, group, "empty", err));
    ck_assert_ok(rec_h5_get_text(&none, group, "none", err));
    ck_assert_ok(rec_h5_get_u64(&u64, group, "u64", err));
    ck_assert_ok(rec_h5_get_i64(&i64, group, "i64", err));
    ck_assert_ok(rec_h5_get_real(&real, group, "real", err));
    ck_assert_ok(rec_h5_get_u64s(&values, &n, group, "list", err));
    ck_assert_ok(rec_h5_get_u64s(&no_values, &n_none, group, "no list", err));
    ck_assert_str_eq(text, "caf\xC3\xA9");
    ck_assert_str_eq(empty, "");
    ck_assert_ptr_null(none);
    ck_assert_uint_eq(u64, UINT64_MAX);
    ck_assert_int_eq(i64, -5);
    ck_assert_double_eq(real, 0.1);
    ck_assert(n == 2 && values[1] == UINT64_MAX && n_none == 0);
    ck_assert_fails(rec_h5_get_u64(&u64, group, "real", err), REC_ERR_DATA, "another type");
    ck_assert_fails(rec_h5_get_real(&real, group, "text", err), REC_ERR_DATA, "another type");
    ck_assert_fails(rec_h5_get_text(&none, group, "u64", err), REC_ERR_DATA, "another type");
    ck_assert_fails(rec_h5_get_u64(&u64, group, "list", err), REC_ERR_DATA, "\"list\"");
    ck_assert_fails(rec_h5_get_i64(&i64, group, "absent", err), REC_ERR_DATA, "missing");
    free(text);
    free(empty);
    free(values);
    free(no_values);
}
END_TEST

/* More rows than a chunk holds, two dimensions, no rows, texts with a gap. */
START_TEST(arrays)
{
    enum { N = REC_H5_BLOCK + 7 };
    double *reals = malloc(N * sizeof *reals);
    const float pairs[] = {1, 2, 3, 4, 5, 6};
    char *texts[] = {(char *)"one", NULL, (char *)"", (char *)"four"};
    for (size_t i = 0; i < N; i++)
        reals[i] = (double)i;
    ck_assert_ok(rec_h5_put_array(group, "reals", H5T_NATIVE_DOUBLE, reals, N, 0, err));
    ck_assert_ok(rec_h5_put_array(group, "pairs", H5T_NATIVE_FLOAT, pairs, 3, 2, err));
    ck_assert_ok(rec_h5_put_array(group, "rowless", H5T_NATIVE_FLOAT, pairs, 0, 0, err));
    ck_assert_ok(rec_h5_put_array(group, "none", H5T_NATIVE_FLOAT, NULL, 3, 2, err));
    ck_assert_ok(rec_h5_put_texts(w, group, "texts", texts, 4, err));
    hid_t set;
    ck_assert_ok(rec_h5_open_array(&set, group, "pairs", err));
    ck_assert_ok(rec_h5_put_u64(set, "k", 10, err));
    H5Dclose(set);
    reopen();
    void *values;
    size_t rows, columns;
    ck_assert_ok(rec_h5_get_array(&values, &rows, &columns, group, "reals", H5T_NATIVE_DOUBLE,
                                  sizeof(double), err));
    ck_assert(rows == N && columns == 0);
    ck_assert_mem_eq(values, reals, N * sizeof *reals);
    free(values);
    free(reals);
    ck_assert_ok(rec_h5_get_array(&values, &rows, &columns, group, "pairs", H5T_NATIVE_FLOAT,
                                  sizeof(float), err));
    ck_assert(rows == 3 && columns == 2 && ((float *)values)[5] == 6.0f);
    free(values);
    ck_assert_ok(rec_h5_get_array(&values, &rows, &columns, group, "rowless", H5T_NATIVE_FLOAT,
                                  sizeof(float), err));
    ck_assert(values != NULL && rows == 0);
    free(values);
    ck_assert_ok(rec_h5_get_array(&values, &rows, &columns, group, "none", H5T_NATIVE_FLOAT,
                                  sizeof(float), err));
    ck_assert_ptr_null(values);
    ck_assert_fails(rec_h5_get_array(&values, &rows, &columns, group, "texts", H5T_NATIVE_FLOAT,
                                     sizeof(float), err),
                    REC_ERR_DATA, "\"texts\" cannot be read");
    char **again;
    ck_assert_ok(rec_h5_get_texts(&again, &rows, group, "texts", err));
    ck_assert_uint_eq(rows, 4);
    ck_assert_ptr_null(again[1]);
    ck_assert_str_eq(again[2], "");
    ck_assert_str_eq(again[3], "four");
    for (size_t i = 0; i < 4; i++)
        free(again[i]);
    free(again);
}
END_TEST

START_TEST(links_keep_their_order)
{
    hid_t inner;
    const char *const names[] = {"zeta", "..", "alpha"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_ok(rec_h5_put_group(&inner, w, group, names[i], err));
        H5Gclose(inner);
    }
    ck_assert_fails(rec_h5_put_group(&inner, w, group, "zeta", err), REC_ERR_INTERNAL, "zeta");
    reopen();
    char **links;
    size_t n;
    ck_assert_ok(rec_h5_get_links(&links, &n, group, err));
    ck_assert_uint_eq(n, 3);
    ck_assert_str_eq(links[0], "zeta");
    ck_assert_str_eq(links[1], "%2E%2E");
    ck_assert_str_eq(links[2], "alpha");
    ck_assert(rec_h5_has(group, "alpha") && !rec_h5_has(group, "beta"));
    ck_assert_fails(rec_h5_get_group(&inner, group, "beta", err), REC_ERR_DATA,
                    "no group \"beta\"");
    for (size_t i = 0; i < n; i++)
        free(links[i]);
    free(links);
}
END_TEST

/* The length in the superblock is the file's: nothing is lost, nothing is padded. */
START_TEST(image_length)
{
    rec_h5_image none = {.bytes = NULL};
    char zeros[600] = {0};
    rec_h5_image blank = {.bytes = zeros, .capacity = sizeof zeros};
    ck_assert_uint_eq(rec_h5_image_length(&none, REC_H5_USER_BLOCK), 0);
    ck_assert_uint_eq(rec_h5_image_length(&blank, REC_H5_USER_BLOCK), 0);
    reopen();
    hsize_t size = 0;
    ck_assert_int_ge(H5Fget_filesize(file, &size), 0);
    ck_assert_uint_eq(rec_h5_image_length(&w->image, REC_H5_USER_BLOCK), size);
}
END_TEST

REC_SUITE("harness/report/h5_read", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, attributes); tcase_add_test(t, arrays);
          tcase_add_test(t, links_keep_their_order); tcase_add_test(t, image_length);)
