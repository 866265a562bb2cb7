#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "harness/report/h5.h"
#include "tests/harness/report/fixture.h"
#include "tests/suite.h"

static char path[64];
static rec_report *report;
static char *bytes; /* of the written file */
static size_t n_bytes;

static void setup(void)
{
    rec_text text;
    strcpy(path, "/tmp/recai-test-XXXXXX");
    close(mkstemp(path));
    ck_assert_ok(fixture_report(&report, (fixture_options){0}, err));
    ck_assert_ok(rec_report_write(report, path, err));
    ck_assert_ok(rec_text_read(&text, path, err));
    bytes = malloc(text.length);
    memcpy(bytes, text.data, text.length);
    n_bytes = text.length;
    rec_text_close(&text);
}

static void teardown(void)
{
    rec_report_free(report);
    free(bytes);
    unlink(path);
}

START_TEST(everything_comes_back)
{
    rec_report *r = NULL;
    ck_assert_ok(rec_report_read(&r, path, err));
    ck_assert_int_eq(r->schema, REC_REPORT_SCHEMA);
    ck_assert_str_eq(r->config, report->config);
    ck_assert_uint_eq(r->seeds[1], 18446744073709551615u);
    ck_assert_str_eq(r->item_titles[1], report->item_titles[1]);
    ck_assert_ptr_null(r->item_titles[2]);
    ck_assert_str_eq(r->systems[1].name, "odd/%name");
    ck_assert_str_eq(r->systems[2].fit_on, "");
    ck_assert_ptr_null(r->systems[1].trials);
    ck_assert_str_eq(r->systems[0].curves[1].metric, "loss_valid");
    ck_assert_uint_eq(r->systems[0].curve_lengths[1], 2);
    const rec_result *x = rec_report_result(r, "retrieval", "agent");
    ck_assert_str_eq(x->texts[1].name, "reply");
    ck_assert_ptr_null(x->texts[1].texts[0]);
    ck_assert_str_eq(x->texts[1].texts[1], "line one\nline \"two\" \xE2\x82\xAC 1");
    ck_assert_uint_eq(x->list_items[2], UINT32_MAX);
    ck_assert_float_eq(x->list_scores[1], 0.5f);
    ck_assert_int_eq(x->turns[0], -1);
    ck_assert_int_eq(x->cost_microdollars, -1);
    ck_assert_uint_eq(x->tokens_in, 1234567890123u);
    const rec_result *ease = rec_report_result(r, "retrieval", "ease");
    ck_assert(isnan(rec_result_column(ease, "ndcg", 10)->values[3]));
    ck_assert(isnan(rec_result_figure(ease, "rank", 0)->sd_seeds));
    ck_assert(!rec_result_figure(ease, "rank", 0)->higher_is_better);
    ck_assert_str_eq(rec_report_result(r, "ranking20", "agent")->not_applicable,
                     "the system cannot score");
    ck_assert_int_eq(r->expected[1].digits, -1);
    ck_assert(r->expected[1].side == REC_SIDE_AT_LEAST && !r->expected[1].within &&
              r->expected[0].side == REC_SIDE_BOTH);
    rec_report_free(r);
}
END_TEST

START_TEST(parts_are_left_out)
{
    rec_report *r = NULL;
    ck_assert_ok(rec_report_read_parts(&r, path, REC_REPORT_FIGURES, err));
    ck_assert_uint_eq(r->results[0].n_figures, 3);
    ck_assert_uint_eq(r->results[0].n_samples, 0);
    ck_assert_ptr_null(r->item_ids);
    rec_report_free(r);
    ck_assert_ok(rec_report_read_parts(&r, path, REC_REPORT_SAMPLES, err));
    ck_assert_uint_eq(r->results[0].n_samples, 80);
    ck_assert_uint_eq(r->results[0].list_length, 0);
    ck_assert_uint_eq(r->results[3].n_texts, 0);
    rec_report_free(r);
}
END_TEST

static void write_bytes(const void *content, size_t n)
{
    unlink(path); /* replacing a truncated file is slow: file systems flush it */
    FILE *f = fopen(path, "wb");
    ck_assert_uint_eq(fwrite(content, 1, n, f), n);
    fclose(f);
}

START_TEST(every_truncation_is_told)
{
    rec_report *r = NULL;
    for (size_t n = 0; n < n_bytes; n += n < 1100 ? 1 : n_bytes / 50) {
        write_bytes(bytes, n);
        ck_assert_fails(rec_report_read(&r, path, err), REC_ERR_DATA,
                        n == 0 ? "the file is empty" : "cut off");
    }
    write_bytes(bytes, n_bytes - 1);
    ck_assert_fails(rec_report_read(&r, path, err), REC_ERR_DATA, "cut off");
}
END_TEST

START_TEST(every_flipped_bit_is_told)
{
    rec_report *r = NULL;
    for (size_t i = 0; i < n_bytes; i += i < 700 ? 1 : n_bytes / 200) {
        bytes[i] ^= (char)(1 << i % 8);
        write_bytes(bytes, n_bytes);
        ck_assert_fails(rec_report_read(&r, path, err), REC_ERR_DATA, path);
        bytes[i] ^= (char)(1 << i % 8);
    }
}
END_TEST

START_TEST(bytes_after_the_end_are_told)
{
    rec_report *r = NULL;
    bytes = realloc(bytes, n_bytes + 1);
    bytes[n_bytes] = 0;
    write_bytes(bytes, n_bytes + 1);
    ck_assert_fails(rec_report_read(&r, path, err), REC_ERR_DATA, "damaged or edited");
}
END_TEST

START_TEST(foreign_files)
{
    rec_report *r = NULL;
    ck_assert_fails(rec_report_read(&r, "/nonexistent.h5", err), REC_ERR_DATA, "/nonexistent.h5");
    ck_assert_fails(rec_report_read(&r, "/tmp", err), REC_ERR_DATA, "/tmp");
    write_bytes("a,b,c\n1,2,3\n", 12);
    ck_assert_fails(rec_report_read(&r, path, err), REC_ERR_DATA, "not a report");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    ck_assert_fails(rec_report_read(&r, path, err), REC_ERR_DATA, "an HDF5 file, but not a report");
}
END_TEST

START_TEST(a_newer_schema_is_refused)
{
    rec_report *r = NULL;
    char *schema = strstr(bytes, "schema ");
    schema[7] = '9';
    write_bytes(bytes, n_bytes);
    ck_assert_fails(rec_report_read(&r, path, err), REC_ERR_DATA, "schema 9 is newer");
}
END_TEST

/* Someone else's HDF5 file under a valid envelope: every missing or odd piece is an error. */
static void check_crafted(const char *what, void (*change)(hid_t file))
{
    rec_report *r = NULL;
    write_bytes(bytes, n_bytes);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    ck_assert_int_ge(file, 0);
    change(file);
    H5Fclose(file);
    rec_text text;
    ck_assert_ok(rec_text_read(&text, path, err));
    char *image = malloc(text.length);
    size_t n = text.length;
    memcpy(image, text.data, n);
    rec_text_close(&text);
    ck_assert_ok(rec_h5_envelope(image, image + REC_H5_USER_BLOCK, n - REC_H5_USER_BLOCK, err));
    write_bytes(image, n);
    free(image);
    ck_assert_fails(rec_report_read(&r, path, err), REC_ERR_DATA, what);
}

static void no_dataset(hid_t file)
{
    H5Ldelete(file, "dataset", H5P_DEFAULT);
}

static void no_seeds(hid_t file)
{
    H5Adelete(file, "seeds");
}

static void text_seeds(hid_t file)
{
    hid_t space = H5Screate(H5S_SCALAR);
    H5Adelete(file, "seeds");
    H5Aclose(H5Acreate2(file, "seeds", H5T_C_S1, space, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
}

static void short_column(hid_t file)
{
    H5Ldelete(file, "tasks/retrieval/ease/samples/ndcg@10", H5P_DEFAULT);
    hsize_t n = 3;
    hid_t space = H5Screate_simple(1, &n, NULL);
    H5Dclose(H5Dcreate2(file, "tasks/retrieval/ease/samples/ndcg@10", H5T_NATIVE_DOUBLE, space,
                        H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
}

static void three_dimensions(hid_t file)
{
    H5Ldelete(file, "tasks/retrieval/ease/lists/items", H5P_DEFAULT);
    hsize_t n[3] = {80, 3, 1};
    hid_t space = H5Screate_simple(3, n, NULL);
    H5Dclose(H5Dcreate2(file, "tasks/retrieval/ease/lists/items", H5T_NATIVE_UINT32, space,
                        H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
}

static void lists_of_other_length(hid_t file)
{
    H5Ldelete(file, "tasks/retrieval/ease/lists/items", H5P_DEFAULT);
    hsize_t n[2] = {80, 2};
    hid_t space = H5Screate_simple(2, n, NULL);
    H5Dclose(H5Dcreate2(file, "tasks/retrieval/ease/lists/items", H5T_NATIVE_UINT32, space,
                        H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
}

static void metrics_of_numbers(hid_t file)
{
    H5Ldelete(file, "tasks/retrieval/ease/metrics", H5P_DEFAULT);
    hsize_t n = 3;
    hid_t space = H5Screate_simple(1, &n, NULL);
    H5Dclose(H5Dcreate2(file, "tasks/retrieval/ease/metrics", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT,
                        H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
}

static void no_system_name(hid_t file)
{
    hid_t group = H5Gopen2(file, "systems/odd%2F%25name", H5P_DEFAULT);
    H5Adelete(group, "name");
    H5Gclose(group);
}

static void group_in_place_of_array(hid_t file)
{
    H5Ldelete(file, "tasks/retrieval/ease/samples/rank", H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "tasks/retrieval/ease/samples/rank", H5P_DEFAULT, H5P_DEFAULT,
                        H5P_DEFAULT));
}

START_TEST(crafted_files)
{
    check_crafted("no group \"dataset\"", no_dataset);
    check_crafted("attribute \"seeds\" is missing", no_seeds);
    check_crafted("attribute \"seeds\" is missing or of another type", text_seeds);
    check_crafted("tasks/retrieval: ease: \"ndcg@10\" has 3 rows instead of 80", short_column);
    check_crafted("\"items\" is not a table or an array", three_dimensions);
    check_crafted("the lists do not match", lists_of_other_length);
    check_crafted("\"metrics\" cannot be read", metrics_of_numbers);
    check_crafted("a system has no name", no_system_name);
    check_crafted("\"rank\" is not a table or an array", group_in_place_of_array);
}
END_TEST

REC_SUITE("harness/report/read", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, everything_comes_back); tcase_add_test(t, parts_are_left_out);
          tcase_add_test(t, every_truncation_is_told); tcase_add_test(t, every_flipped_bit_is_told);
          tcase_add_test(t, bytes_after_the_end_are_told); tcase_add_test(t, foreign_files);
          tcase_add_test(t, a_newer_schema_is_refused); tcase_add_test(t, crafted_files);)
