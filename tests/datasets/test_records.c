#include "tests/datasets/data.h"

#include <zlib.h>

#include "datasets/records.h"

static rec_records *scan(const char *text, rec_records_format format)
{
    rec_records *r;
    ck_assert_ok(rec_records_open_bytes(&r, text, strlen(text), "t", &format, err));
    return r;
}

/* The next record has these fields, "|" between. */
static void check_next(rec_records *r, const char *expected)
{
    const rec_field *fields;
    size_t n, length = 0;
    char joined[256] = "";
    ck_assert_ok(rec_records_next(&fields, &n, r, err));
    for (size_t i = 0; i < n; i++)
        length += (size_t)snprintf(joined + length, sizeof joined - length, "%s%.*s",
                                   i > 0 ? "|" : "", (int)fields[i].length, fields[i].text);
    ck_assert_str_eq(joined, expected);
}

static void check_end(rec_records *r)
{
    const rec_field *fields;
    size_t n;
    ck_assert_ok(rec_records_next(&fields, &n, r, err));
    ck_assert_uint_eq(n, 0);
    ck_assert_ok(rec_records_next(&fields, &n, r, err)); /* and stays there */
    ck_assert_uint_eq(n, 0);
    rec_records_close(r);
}

START_TEST(tabs_and_line_ends)
{
    rec_records *r = scan("\xEF\xBB\xBF"
                          "a\tb\r\n\r\n\n\t\nlast\tone",
                          (rec_records_format){.delimiter = "\t"});
    check_next(r, "a|b");
    check_next(r, "|"); /* two empty fields are no blank line */
    ck_assert_uint_eq(rec_records_line(r), 4);
    check_next(r, "last|one");
    ck_assert_uint_eq(rec_records_line(r), 5);
    rec_records_counts c = rec_records_get_counts(r);
    ck_assert_uint_eq(c.crlf, 2);
    ck_assert_uint_eq(c.bom, 1);
    ck_assert_uint_eq(c.blank, 2);
    ck_assert_uint_eq(c.records, 3);
    check_end(r);
}
END_TEST

START_TEST(other_delimiters)
{
    rec_records *r = scan("1::Toy: Story::a\n", (rec_records_format){.delimiter = "::"});
    check_next(r, "1|Toy: Story|a");
    check_end(r);
    r = scan("  1 \t 2  3 \n   \n4\n", (rec_records_format){.delimiter = " "});
    check_next(r, "1|2|3");
    check_next(r, "4");
    check_end(r);
    r = scan("{\"a\": 1,\t2}\n  \n", (rec_records_format){.delimiter = NULL});
    check_next(r, "{\"a\": 1,\t2}");
    check_end(r);
}
END_TEST

START_TEST(quoted_fields)
{
    rec_records_format full = {.delimiter = ",", .quoting = REC_QUOTES_FULL};
    rec_records *r = scan("\"a, b\",\"say \"\"hi\"\"\",\"\"\nx,\"two\nlines\",y\nz,a\"b,c\n", full);
    check_next(r, "a, b|say \"hi\"|");
    check_next(r, "x|two\nlines|y");
    ck_assert_uint_eq(rec_records_line(r), 2);
    check_next(r, "z|a\"b|c"); /* a quote inside a field is a character */
    ck_assert_uint_eq(rec_records_line(r), 4);
    ck_assert_uint_eq(rec_records_get_counts(r).quoted, 4);
    check_end(r);
    rec_records_format line = {.delimiter = "\t", .quoting = REC_QUOTES_LINE};
    r = scan("\"196\"\t\"242\"\n\"Quote\" Unquote\t1\n\"open\t2\n", line);
    check_next(r, "196|242");
    check_next(r, "\"Quote\" Unquote|1");
    check_next(r, "\"open|2");
    check_end(r);
    r = scan("\"196\"\t1\n", (rec_records_format){.delimiter = "\t"});
    check_next(r, "\"196\"|1");
    check_end(r);
}
END_TEST

START_TEST(bad_bytes_have_a_place)
{
    const rec_field *fields;
    size_t n;
    rec_records_format tab = {.delimiter = "\t"};
    rec_records *r = scan("ok\tfine\nab\tc\xFF\n", tab);
    check_next(r, "ok|fine");
    ck_assert_fails(rec_records_next(&fields, &n, r, err), REC_ERR_DATA, "t:2:5: not UTF-8");
    rec_records_close(r);
    ck_assert_ok(rec_records_open_bytes(&r, "a\0b\n", 4, "t", &tab, err));
    ck_assert_fails(rec_records_next(&fields, &n, r, err), REC_ERR_DATA, "t:1:2: NUL");
    rec_records_close(r);
    r = scan("x\n\"a,b\n\n", (rec_records_format){.delimiter = ",", .quoting = REC_QUOTES_FULL});
    check_next(r, "x");
    ck_assert_fails(rec_records_next(&fields, &n, r, err), REC_ERR_DATA,
                    "t:2: a quoted field never ends");
    rec_records_close(r);
    r = scan("Caf\xE9|1\nna\xC3\xAFve|2\n", (rec_records_format){.delimiter = "|", .latin1 = true});
    check_next(r, "Caf\xC3\xA9|1"); /* E9 is é in ISO-8859-1 */
    check_next(r, "na\xC3\xAFve|2");
    ck_assert_uint_eq(rec_records_get_counts(r).latin1, 1);
    check_end(r);
}
END_TEST

START_TEST(numbers_have_a_place)
{
    const rec_field *fields;
    size_t n;
    double value;
    rec_records *r = scan("1\tx\t1e999\n", (rec_records_format){.delimiter = "\t"});
    ck_assert_ok(rec_records_next(&fields, &n, r, err));
    ck_assert_ok(rec_records_number(&value, r, &fields[0], "rating", err));
    ck_assert_fails(rec_records_number(&value, r, &fields[1], "rating", err), REC_ERR_DATA,
                    "t:1:3: rating: \"x\" is not a number");
    ck_assert_fails(rec_records_number(&value, r, &fields[2], "rating", err), REC_ERR_DATA,
                    "t:1:5: rating: \"1e999\" is too large");
    rec_records_close(r);
}
END_TEST

/* A file larger than the buffer, one record longer than the buffer, plain and packed: all the same. */
static void check_large(const char *path, size_t n_records, size_t long_length)
{
    rec_records *r;
    const rec_field *fields;
    size_t n;
    ck_assert_ok(rec_records_open(&r, path, &(rec_records_format){.delimiter = "\t"}, err));
    size_t wrong = 0; /* one assertion per record would take seconds */
    for (size_t i = 0; i < n_records; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "%zu", i);
        if (rec_records_next(&fields, &n, r, NULL) != REC_OK || n != 2 ||
            !rec_field_is(&fields[0], expected) ||
            fields[1].length != (i == 1000 ? long_length : 20))
            wrong++;
    }
    ck_assert_uint_eq(wrong, 0);
    check_end(r);
}

START_TEST(records_cross_the_buffer)
{
    enum { N = 120000, LONG = 3000000 };
    char path[512], packed[512];
    snprintf(path, sizeof path, "%s/large", data_folder);
    snprintf(packed, sizeof packed, "%s/large.gz", data_folder);
    FILE *f = fopen(path, "wb");
    gzFile g = gzopen(packed, "wb1");
    char *filler = malloc(LONG);
    memset(filler, 'y', LONG);
    for (size_t i = 0; i < N; i++) {
        int length = i == 1000 ? LONG : 20;
        fprintf(f, "%zu\t%.*s\n", i, length, filler);
        char start[32];
        gzputs(g, (snprintf(start, sizeof start, "%zu\t", i), start));
        gzwrite(g, filler, (unsigned)length);
        gzputs(g, "\n");
    }
    fclose(f);
    gzclose(g);
    free(filler);
    check_large(path, N, LONG);
    check_large(packed, N, LONG);
    ck_assert_int_eq(truncate(packed, 20000), 0);
    rec_records *r;
    const rec_field *fields;
    size_t n = 1;
    rec_status status = REC_OK;
    rec_error error;
    ck_assert_ok(rec_records_open(&r, packed, &(rec_records_format){.delimiter = "\t"}, err));
    while (status == REC_OK && n > 0)
        status = rec_records_next(&fields, &n, r, &error);
    ck_assert_int_eq(status, REC_ERR_DATA);
    ck_assert_ptr_nonnull(strstr(error.message, "damaged gzip file: it ends too early"));
    rec_records_close(r);
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
    rec_records *r;
    rec_records_format tab = {.delimiter = "\t"};
    ck_assert_fails(rec_records_open(&r, "/nowhere/x", &tab, err), REC_ERR_DATA,
                    "/nowhere/x: cannot open");
    ck_assert_ptr_null(r);
    const rec_field *fields;
    size_t n;
    ck_assert_ok(rec_records_open(&r, data_folder, &tab, err));
    ck_assert_fails(rec_records_next(&fields, &n, r, err), REC_ERR_DATA, "cannot read");
    rec_records_close(r);
    rec_records_close(NULL);
}
END_TEST

REC_SUITE("datasets/records", tcase_add_checked_fixture(t, data_setup, data_teardown);
          tcase_add_test(t, tabs_and_line_ends); tcase_add_test(t, other_delimiters);
          tcase_add_test(t, quoted_fields); tcase_add_test(t, bad_bytes_have_a_place);
          tcase_add_test(t, numbers_have_a_place); tcase_add_test(t, records_cross_the_buffer);
          tcase_add_test(t, files_that_cannot_be_read);)
