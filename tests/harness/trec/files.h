/** TREC files written by a test. Needs the fixtures of tests/folder.h. */
#ifndef REC_TESTS_HARNESS_TREC_FILES_H
#define REC_TESTS_HARNESS_TREC_FILES_H

#include <math.h>

#include "harness/trec/evaluate.h"
#include "tests/folder.h"
#include "tests/suite.h"

static inline rec_trec_file read_text_n(rec_trec_kind kind, const char *text, size_t n)
{
    rec_trec_file file = {0};
    const char *name = kind == REC_TREC_RUN ? "run" : "qrels";
    test_write(name, text, n);
    ck_assert_ok(rec_trec_read(&file, test_path(name), kind, err));
    return file;
}

static inline rec_trec_file read_text(rec_trec_kind kind, const char *text)
{
    return read_text_n(kind, text, strlen(text));
}

static inline rec_trec_measures parse_measures(const char *names)
{
    rec_trec_measures list = {0};
    char *copy = strdup(names);
    ck_assert_ok(rec_trec_measures_parse(&list, &copy, 1, 10, err));
    free(copy);
    return list;
}

static const rec_trec_options default_options = {.level = 1};

#endif
