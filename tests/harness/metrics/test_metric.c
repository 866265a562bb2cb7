/* Names and labels of metrics. */
#include <stdio.h>
#include <string.h>

#include "harness/metrics/metric.h"
#include "tests/suite.h"

START_TEST(every_entry_says_everything)
{
    ck_assert_uint_ge(rec_n_metrics, 6);
    for (size_t i = 0; i < rec_n_metrics; i++) {
        const rec_metric *m = rec_metrics[i];
        ck_assert_ptr_eq(rec_metric_find(m->name), m); /* names are unique */
        ck_assert(m->help != NULL && m->formula != NULL);
        int n_values = (m->value_at != NULL) + (m->run_value != NULL) + (m->list_value != NULL);
        ck_assert_int_eq(n_values, 1);
        ck_assert(!(m->has_cutoff && m->has_percent));
    }
    ck_assert_ptr_null(rec_metric_find("ndcg@10"));
}
END_TEST

START_TEST(labels_round_trip)
{
    const char *labels[] = {"ndcg@10", "map", "mrr@1", "recip_rank", "rbp.80"};
    size_t cutoffs[] = {10, REC_WHOLE_LIST, 1, 0, 80};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        const rec_metric *m = NULL;
        size_t k = 0;
        ck_assert_ok(rec_metric_parse(&m, &k, labels[i], err));
        ck_assert_uint_eq(k, cutoffs[i]);
        char label[REC_METRIC_LABEL_MAX];
        rec_metric_label(label, m, k);
        ck_assert_str_eq(label, labels[i]);
    }
}
END_TEST

START_TEST(bad_labels_are_refused)
{
    const rec_metric *m;
    size_t k;
    ck_assert_fails(rec_metric_parse(&m, &k, "ndgc@10", err), REC_ERR_CONFIG,
                    "did you mean \"ndcg\"");
    ck_assert_fails(rec_metric_parse(&m, &k, "", err), REC_ERR_CONFIG, "recai list metrics");
    ck_assert_fails(rec_metric_parse(&m, &k, "ndcg@", err), REC_ERR_CONFIG, "cut-off");
    ck_assert_fails(rec_metric_parse(&m, &k, "ndcg@0", err), REC_ERR_CONFIG, "cut-off");
    ck_assert_fails(rec_metric_parse(&m, &k, "ndcg@-1", err), REC_ERR_CONFIG, "cut-off");
    ck_assert_fails(rec_metric_parse(&m, &k, "ndcg@1x", err), REC_ERR_CONFIG, "cut-off");
    ck_assert_fails(rec_metric_parse(&m, &k, "ndcg.10", err), REC_ERR_CONFIG, "cut-off");
    ck_assert_fails(rec_metric_parse(&m, &k, "recip_rank@5", err), REC_ERR_CONFIG,
                    "recip_rank has no cut-off");
    ck_assert_fails(rec_metric_parse(&m, &k, "ndcg@99999999999999999999", err), REC_ERR_CONFIG,
                    "cut-off");
}
END_TEST

/* docs/metrics.md says what each one is. */
START_TEST(every_entry_is_documented)
{
    FILE *file = fopen(REC_SOURCE_DIR "/docs/metrics.md", "r");
    ck_assert_ptr_nonnull(file);
    static char text[200000];
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (size_t i = 0; i < rec_n_metrics; i++) {
        const rec_metric *m = rec_metrics[i];
        char label[REC_METRIC_LABEL_MAX];
        snprintf(label, sizeof label, "`%s%s`", m->name,
                 m->has_percent  ? ".p"
                 : m->has_cutoff ? "@k"
                                 : "");
        ck_assert_msg(strstr(text, label) != NULL, "%s is not in docs/metrics.md", label);
    }
}
END_TEST

REC_SUITE("harness/metrics/metric", tcase_add_test(t, every_entry_says_everything);
          tcase_add_test(t, labels_round_trip); tcase_add_test(t, every_entry_is_documented);
          tcase_add_test(t, bad_labels_are_refused);)
