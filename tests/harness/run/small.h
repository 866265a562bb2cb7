/**
 * A data set small enough to rank by hand: 4 users, 6 items (a..f = 0..5), leave-one-out.
 *
 *     user  train      valid  test     popularity in train: a 3, b 3, c 1, d 1, e 0, f 0
 *     1     a b        c      d
 *     2     a b        d      e
 *     3     a c        e      b
 *     4     b d        f      a
 *
 * pop orders the catalogue a b c d e f (equal counts by index).
 */
#ifndef REC_TESTS_HARNESS_RUN_SMALL_H
#define REC_TESTS_HARNESS_RUN_SMALL_H

#include "harness/run/config.h"
#include "tests/folder.h"
#include "tests/suite.h"

static inline void small_data(void)
{
    test_folder();
    static const char text[] = "1 a b c d\n2 a b d e\n3 a c e b\n4 b d f a\n";
    test_write("small.txt", text, sizeof text - 1);
    static const char negatives[] = "1 e f\n2 c f\n3 d f\n4 c e\n";
    test_write("negatives.txt", negatives, sizeof negatives - 1);
}

/* `rest` is YAML: systems, tasks and what else is wanted. */
static inline rec_config *small_config(const char *rest)
{
    char text[4096];
    snprintf(text, sizeof text,
             "name: small\ndataset: {type: sequence, path: \"%s\", negative_samples: \"%s\"}\n%s",
             test_path("small.txt"), test_path("negatives.txt"), rest);
    rec_config *config;
    ck_assert_ok(rec_config_parse(&config, text, strlen(text), "small.yaml", NULL, err));
    return config;
}

#endif
