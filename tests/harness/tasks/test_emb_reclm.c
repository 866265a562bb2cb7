#include "harness/tasks/emb_reclm.h"

#include <math.h>

#include "core/sorted.h"
#include "datasets/json_lines.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define NEAR(a, b) ck_assert_double_le(fabs((a) - (b)), 1e-12)

/* Truth {2, 9}, list 1 2 3 4 5: one hit at rank 2. ndcg = (1 / log2 3) / (1 + 1 / log2 3) = 0.38685. */
START_TEST(a_list_by_hand)
{
    const uint32_t list[] = {1, 2, 3, 4, 5}, truth[] = {2, 9};
    rec_reclm_figures f = rec_reclm_judge(list, 5, truth, 2);
    NEAR(f.precision, 0.2);
    NEAR(f.coverage, 0.2);
    NEAR(f.recall, 0.5);
    ck_assert_double_le(fabs(f.ndcg - 0.38685), 1e-5);
    NEAR(f.hit, 1.0);
    f = rec_reclm_judge(list, 1, truth, 2); /* cut before it */
    ck_assert(f.precision == 0.0 && f.recall == 0.0 && f.ndcg == 0.0 && f.hit == 0.0);
}
END_TEST

static size_t numbers_of(uint32_t *out, const cJSON *line, const char *key)
{
    const cJSON *number;
    size_t n = 0;
    cJSON_ArrayForEach(number, cJSON_GetObjectItemCaseSensitive(line, key))
    {
        out[n++] = (uint32_t)number->valuedouble;
    }
    return n;
}

static rec_status check_ranking(void *context, const cJSON *line, size_t number, rec_error *err)
{
    uint32_t list[32], truth[256];
    size_t n = numbers_of(list, line, "shown"), n_truth = numbers_of(truth, line, "truth");
    const cJSON *figures = cJSON_GetObjectItemCaseSensitive(line, "figures");
    (void)number;
    (void)err;
    rec_sort_u32(truth, n_truth);
    rec_reclm_figures f = rec_reclm_judge(list, n, truth, n_truth);
    const double ours[] = {f.precision, f.recall, f.coverage, f.ndcg, f.hit};
    for (int i = 0; i < 5; i++)
        NEAR(ours[i], cJSON_GetArrayItem(figures, i)->valuedouble);
    (*(size_t *)context)++;
    return REC_OK;
}

/* golden/reclm_emb.py: evaluate_once_id of the released code; short lists, one truth and many. */
START_TEST(rankings_as_the_released_code_judges_them)
{
    size_t n = 0;
    ck_assert_ok(
        rec_json_lines_read(GOLDEN("reclm_emb/rankings.jsonl.gz"), NULL, check_ranking, &n, err));
    ck_assert_uint_ge(n, 200);
}
END_TEST

REC_SUITE("harness/tasks/emb_reclm", tcase_add_test(t, a_list_by_hand);
          tcase_add_test(t, rankings_as_the_released_code_judges_them);)
