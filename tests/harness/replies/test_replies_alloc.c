/* Every allocation of reading, grounding and judging a reply fails once: a status, no leak. */
#include "core/rng.h"
#include "harness/replies/errors.h"
#include "harness/replies/grounding.h"
#include "harness/replies/letters.h"
#include "harness/replies/list_parser.h"
#include "harness/replies/reclm_errors.h"
#include "harness/replies/reclm_ranking.h"
#include "harness/replies/titles.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

static char *const titles[] = {"Toy Story", "Portal", "Portal 2", "Me, Myself & Irene"};
static const uint32_t candidates[] = {1, 0, 2};

static const char *const replies[] = {"Toy Story<end>Portel Story<end>",
                                      "[\"Portal\", {\"title\": \"Toy Story\"}]",
                                      "1. **Portal** - x\n2. Toy Story - y",
                                      "- Portal\n- Toy Story",
                                      "Here are titles: Me, Myself & Irene, Portal, Nowhere",
                                      "Portal\nToy Story"};

static rec_status read_lists(rec_error *err)
{
    rec_grounder *g = NULL;
    rec_title_list list = {0};
    rec_grounded_list grounded = {0};
    rec_grounding_context context = {.candidates = candidates, .n_candidates = 3};
    rec_shown_items shown = {.candidates = candidates, .n_candidates = 3};
    rec_list_errors errors;
    rec_status status;
    REC_TRY(rec_grounder_new(&g, titles, 4, REC_SIMILAR_LIST_METRICS, err));
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++)
        for (size_t p = 0; p < rec_n_list_parsers; p++) {
            REC_TRY(rec_list_parsers[p]->parse(&list, replies[i], rec_grounder_titles(g), err));
            REC_TRY(rec_ground_list(&grounded, g, &list, &context, err));
            REC_TRY(rec_list_errors_find(&errors, &list, &grounded, &shown, err));
            rec_grounded_list_deinit(&grounded);
        }
cleanup:
    rec_grounded_list_deinit(&grounded);
    rec_title_list_deinit(&list);
    rec_grounder_free(g);
    return status;
}

static rec_status read_letters(rec_error *err)
{
    static const char *const letter_replies[] = {"portal", "toy stery", "I like Portal 2 most"};
    rec_letter_answer answer;
    rec_status status = REC_OK;
    for (size_t i = 0; i < 3; i++)
        for (size_t p = 0; p < rec_n_letter_parsers; p++)
            REC_TRY(rec_letter_parsers[p]->parse(&answer, letter_replies[i],
                                                 (const char *const *)titles, 4, err));
cleanup:
    return status;
}

static rec_status judge_as_reclm(rec_error *err)
{
    static const char *const texts[] = {"Toy Story", "Portal", "Portal 2"};
    rec_tfidf *corpus = NULL;
    rec_title_list list = {0};
    rec_reclm_errors errors;
    rec_reclm_ranking ranking = {texts, 3, texts, 1, 3};
    rec_rng rng = rec_rng_keyed(1, "test", 1);
    float gains[3];
    char *title = NULL;
    const rec_catalogue catalogue = {.n_items = 3, .titles = (char **)texts};
    rec_status status;
    REC_TRY(rec_reclm_corpus(&corpus, &catalogue, REC_TITLE_ERRORS, err));
    REC_TRY(rec_reclm_repair(&list, "portal<end>Toy<end>", &ranking, &rng, err));
    REC_TRY(rec_reclm_gains(gains, corpus, &list, texts, 1, 0.6, err));
    REC_TRY(rec_reclm_errors_find(&errors, corpus, &list, texts, 1, texts, 3, 0.8, err));
    REC_TRY(rec_title_of_item(&title, &catalogue, 0, REC_TITLE_GENERATOR, err));
cleanup:
    free(title);
    rec_title_list_deinit(&list);
    rec_tfidf_free(corpus);
    return status;
}

START_TEST(lists)
{
    ck_assert_uint_gt(failing_malloc_exhaust(read_lists), 100);
}
END_TEST

START_TEST(letters)
{
    ck_assert_uint_gt(failing_malloc_exhaust(read_letters), 20);
}
END_TEST

START_TEST(reclm)
{
    ck_assert_uint_gt(failing_malloc_exhaust(judge_as_reclm), 20);
}
END_TEST

REC_SUITE("harness/replies/alloc", tcase_add_test(t, lists); tcase_add_test(t, letters);
          tcase_add_test(t, reclm);)
