/* The reader of qrels and runs. */
#include <zlib.h>

#include "core/parallel.h"
#include "tests/harness/trec/files.h"

static void ck_assert_span(rec_span span, const char *text)
{
    ck_assert_uint_eq(span.length, strlen(text));
    ck_assert_int_eq(memcmp(span.bytes, text, span.length), 0);
}

static const rec_trec_record *record(const rec_trec_file *file, const char *query, size_t i)
{
    const rec_trec_query *q = rec_trec_find(file, (rec_span){query, strlen(query)});
    ck_assert_ptr_nonnull(q);
    for (size_t s = 0; s < q->n_segments; s++) {
        const rec_trec_segment *segment = &file->segments[q->first_segment + s];
        if (i < segment->n)
            return &segment->records[i];
        i -= segment->n;
    }
    ck_abort_msg("query %s has no such record", query);
}

START_TEST(plain_run)
{
    rec_trec_file f = read_text(REC_TREC_RUN, "q2 Q0 a 1 0.5 first\n"
                                              "q10 Q0 b 1 -1e3 second\n"
                                              "q2 Q0 c 2 inf third\n");
    ck_assert_uint_eq(f.n_records, 3);
    ck_assert_uint_eq(f.n_queries, 2);
    ck_assert_span(f.queries[0].id, "q10"); /* byte order */
    ck_assert_span(f.queries[1].id, "q2");
    ck_assert_uint_eq(f.queries[1].n_records, 2);
    ck_assert_double_eq(record(&f, "q2", 0)->value, 0.5);
    ck_assert_double_eq(record(&f, "q2", 1)->value, INFINITY);
    ck_assert_double_eq(record(&f, "q10", 0)->value, -1000);
    ck_assert_span((rec_span){record(&f, "q2", 1)->document, 1}, "c");
    ck_assert_span(f.tag, "third");
    ck_assert_ptr_null(rec_trec_find(&f, (rec_span){"q", 1}));
    rec_trec_file_deinit(&f);
    rec_trec_file_deinit(&f); /* of zeros */
}
END_TEST

/* CRLF, tabs, runs of blanks, blank lines, comments, leading blanks, no newline at the end, fields
 * past the tag, bytes above 0x7f: all the same records. */
START_TEST(forms_of_lines)
{
    rec_trec_file f = read_text(REC_TREC_RUN, "# a comment\r\n"
                                              "\r\n"
                                              "q\tQ0\ta\t1\t2\ttag\r\n"
                                              "  q  Q0   \xe9\xff 2 1 tag more fields\n"
                                              "   \t\n"
                                              "  # another\n"
                                              "q Q0 c 3 0 last");
    ck_assert_uint_eq(f.n_records, 3);
    ck_assert_uint_eq(f.n_queries, 1);
    ck_assert_int_eq(memcmp(record(&f, "q", 1)->document, "\xe9\xff ", 3), 0);
    ck_assert_span(f.tag, "last");
    ck_assert_uint_eq(rec_trec_line(&f, record(&f, "q", 0)->document), 3);
    ck_assert_uint_eq(rec_trec_line(&f, record(&f, "q", 2)->document), 7);
    rec_trec_file_deinit(&f);
    f = read_text(REC_TREC_QRELS, "q 0 a 1\r\nq 0 b -1\t\r\n# no\nq 0 c 0");
    ck_assert_uint_eq(f.n_records, 3);
    ck_assert_double_eq(record(&f, "q", 1)->value, -1);
    ck_assert_double_eq(record(&f, "q", 2)->value, 0);
    rec_trec_file_deinit(&f);
}
END_TEST

START_TEST(errors_name_file_and_line)
{
    static const struct {
        rec_trec_kind kind;
        const char *text, *message;
    } cases[] = {
        {REC_TREC_RUN, "q Q0 a 1 0.5 t\nq Q0 b 2 0.4\n", "run:2: a run line has six fields"},
        {REC_TREC_RUN, "q Q0 a 1 0.5", "run:1: a run line has six fields"},
        {REC_TREC_RUN, "q\n", "run:1: a run line has six fields"},
        {REC_TREC_RUN, "q Q0 a 1 0.5 t\n\nq Q0 a 1 nan t\n",
         "run:3: score \"nan\" is not a number"},
        {REC_TREC_RUN, "q Q0 a 1 -NaN t\n", "run:1: score \"-NaN\""},
        {REC_TREC_RUN, "q Q0 a 1 high t\n", "run:1: score \"high\""},
        {REC_TREC_RUN, "q Q0 a 1 1,5 t\n", "run:1: score \"1,5\""},
        {REC_TREC_RUN, "", "run: no result in this file"},
        {REC_TREC_RUN, "# only\n\n", "run: no result in this file"},
        {REC_TREC_QRELS, "q 0 a 1\nq 0 b\n", "qrels:2: a qrels line has four fields"},
        {REC_TREC_QRELS, "q 0 a 1 x\n", "qrels:1: a qrels line has four fields"},
        {REC_TREC_QRELS, "q 0 a 0.5\n", "qrels:1: relevance \"0.5\" is not a whole number"},
        {REC_TREC_QRELS, "q 0 a 99999999999\n", "qrels:1: relevance"},
        {REC_TREC_QRELS, "", "qrels: no judgment in this file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec_trec_file f;
        const char *name = cases[i].kind == REC_TREC_RUN ? "run" : "qrels";
        test_write(name, cases[i].text, strlen(cases[i].text));
        ck_assert_fails(rec_trec_read(&f, test_path(name), cases[i].kind, err), REC_ERR_DATA,
                        cases[i].message);
    }
    rec_trec_file f;
    ck_assert_fails(rec_trec_read(&f, test_path("missing"), REC_TREC_RUN, err), REC_ERR_DATA,
                    "missing");
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
    const char *texts[] = {"q Q0 a\0 1 0.5 t\n", "q\0Q0 aa 1 0.5 t\n", "q Q0 aa 1 0.5 t\0\n",
                           "q Q0 aa 1 0.5 t \0 ", "\0 Q0 aa 1 0.5 ta\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        rec_trec_file f;
        test_write("run", texts[i], 17);
        ck_assert_fails(rec_trec_read(&f, test_path("run"), REC_TREC_RUN, err), REC_ERR_DATA,
                        "run:1: ");
    }
}
END_TEST

/* Many tiles, a line that spans several of them, queries interleaved; one and two threads. */
START_TEST(large_file)
{
    enum { N = 60000, LONG = 700000 };
    char *text = malloc(N * 40 + LONG + 100), *p = text;
    for (int i = 0; i < N; i++) {
        p += sprintf(p, "q%d Q0 d%d 1 %d t\n", i % 7, i, i);
        if (i != N / 2)
            continue;
        p += sprintf(p, "q3 Q0 ");
        memset(p, 'x', LONG);
        p += LONG;
        p += sprintf(p, " 1 2.5 t\n");
    }
    for (size_t threads = 1; threads <= 2; threads++) {
        rec_parallel_set_threads(threads);
        rec_trec_file f = read_text_n(REC_TREC_RUN, text, (size_t)(p - text));
        ck_assert_uint_eq(f.n_records, N + 1);
        ck_assert_uint_eq(f.n_queries, 7);
        for (int q = 0; q < 7; q++) {
            char id[8];
            sprintf(id, "q%d", q);
            ck_assert_span(f.queries[q].id, id);
            ck_assert_double_eq(record(&f, id, 5)->value, 35 + q);
        }
        ck_assert_double_eq(record(&f, "q3", f.queries[3].n_records - 1)->value,
                            N - 7 + (3 - (N - 7) % 7 + 7) % 7);
        rec_trec_file_deinit(&f);
    }
    free(text);
}
END_TEST

START_TEST(gzip)
{
    gzFile out = gzopen(test_path("run.gz"), "wb");
    gzputs(out, "q Q0 a 1 0.5 t\nq Q0 b 2 0.25 t\n");
    gzclose(out);
    rec_trec_file f;
    ck_assert_ok(rec_trec_read(&f, test_path("run.gz"), REC_TREC_RUN, err));
    ck_assert_uint_eq(f.n_records, 2);
    rec_trec_file_deinit(&f);
}
END_TEST

REC_SUITE("harness/trec/trec", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, plain_run); tcase_add_test(t, forms_of_lines);
          tcase_add_test(t, errors_name_file_and_line); tcase_add_test(t, nul_bytes_are_refused);
          tcase_add_test(t, large_file); tcase_add_test(t, gzip);)
