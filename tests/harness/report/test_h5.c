#include <stdlib.h>
#include <string.h>

#include "harness/report/h5.h"
#include "tests/suite.h"

static void check_link(const char *name, const char *expected)
{
    char *link = rec_h5_link_name(name, NULL);
    ck_assert_str_eq(link, expected);
    free(link);
}

/* "/" parts paths, "." is the group itself; "%" is encoded so that two names never share a link. */
START_TEST(link_names)
{
    check_link("ease", "ease");
    check_link("ndcg@10", "ndcg@10");
    check_link("a/b", "a%2Fb");
    check_link("a%2Fb", "a%252Fb");
    check_link(".", "%2E");
    check_link("..", "%2E%2E");
    check_link("v1.2", "v1.2");
}
END_TEST

START_TEST(types_are_those_of_h5py)
{
    hid_t text = rec_h5_text_type(), boolean = rec_h5_bool_type();
    ck_assert(H5Tis_variable_str(text) > 0);
    ck_assert_int_eq(H5Tget_cset(text), H5T_CSET_UTF8);
    ck_assert_int_eq(H5Tget_class(boolean), H5T_ENUM);
    ck_assert_int_eq(H5Tget_nmembers(boolean), 2);
    ck_assert_uint_eq(H5Tget_size(boolean), 1);
    H5Tclose(text);
    H5Tclose(boolean);
}
END_TEST

START_TEST(rows_of_the_tables)
{
    hid_t figure = rec_h5_figure_type(), expected = rec_h5_expected_type();
    ck_assert_int_eq(H5Tget_nmembers(figure), 10);
    ck_assert_int_eq(H5Tget_member_index(figure, "ci_low"), 5);
    ck_assert_uint_eq(H5Tget_size(figure), sizeof(rec_h5_figure));
    ck_assert_int_eq(H5Tget_nmembers(expected), 10);
    ck_assert_uint_eq(
        H5Tget_member_offset(expected, (unsigned)H5Tget_member_index(expected, "tol")),
        offsetof(rec_h5_expected, tol));
    H5Tclose(figure);
    H5Tclose(expected);
}
END_TEST

START_TEST(failures_say_why)
{
    rec_h5_silence();
    ck_assert_int_lt(H5Fopen("/nonexistent/report.h5", H5F_ACC_RDONLY, H5P_DEFAULT), 0);
    ck_assert_fails(rec_h5_fail(err, REC_ERR_DATA, "cannot open %s", "it"), REC_ERR_DATA,
                    "cannot open it (HDF5: unable to open file");
    ck_assert_fails(rec_h5_fail(err, REC_ERR_DATA, "again"), REC_ERR_DATA, "no reason given");
}
END_TEST

REC_SUITE("harness/report/h5", tcase_add_test(t, link_names);
          tcase_add_test(t, types_are_those_of_h5py); tcase_add_test(t, rows_of_the_tables);
          tcase_add_test(t, failures_say_why);)
