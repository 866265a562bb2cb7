#include "models/nn/embedding.h"

#include "tests/models/nn/gradient_check.h"

static const uint32_t ids[] = {2, 0, 2, 3, 2}, places[] = {4, 1};

static double embed_graph(rec_tape *t, rec_params *p, void *context)
{
    (void)context;
    static const uint32_t positions[] = {0, 1, 2, 0, 1};
    rec_lookup lookups[] = {{rec_params_tensor(p, 0), ids}, {rec_params_tensor(p, 1), positions}};
    rec_tensor *x = rec_nn_embed(t, lookups, 2, 5, 1.5f);
    x = rec_nn_replace_rows(t, x, rec_params_tensor(p, 2), places);
    /* a tensor of the tape as table, with a row used twice and rows not used */
    static const uint32_t chosen[] = {4, 0, 4};
    return weighted_sum(t, rec_nn_embed(t, &(rec_lookup){x, chosen}, 1, 3, 1.0f)) +
           weighted_sum(t, x);
}

START_TEST(gather_and_replace)
{
    rec_params p;
    params_of(&p, 0.5f, (const size_t[][2]){{4, 3}, {3, 3}, {2, 3}, {0, 0}});
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    rec_tensor *table = rec_params_tensor(&p, 0), *rows = rec_params_tensor(&p, 2);
    rec_tensor *x = rec_nn_embed(&t, &(rec_lookup){table, ids}, 1, 5, 2.0f);
    ck_assert_float_eq(x->value[3 * 3 + 1], 2.0f * table->value[3 * 3 + 1]);
    rec_tensor *y = rec_nn_replace_rows(&t, x, rows, places);
    ck_assert_float_eq(y->value[1 * 3 + 2], rows->value[1 * 3 + 2]);
    ck_assert_float_eq(y->value[0], x->value[0]);
    check_gradients(&p, embed_graph, NULL, REC_TAPE_GRADIENTS);
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}
END_TEST

static double candidate_graph(rec_tape *t, rec_params *p, void *context)
{
    static const uint32_t candidates[] = {1, 3, 0, 3, 3, 2};
    rec_tensor *bias = context != NULL ? rec_params_tensor(p, 2) : NULL;
    return weighted_sum(t, rec_nn_candidate_scores(t, rec_params_tensor(p, 0),
                                                   rec_params_tensor(p, 1), bias, candidates, 2));
}

START_TEST(candidate_scores)
{
    rec_params p;
    int with_bias;
    params_of(&p, 0.5f, (const size_t[][2]){{3, 5}, {4, 5}, {1, 4}, {0, 0}});
    check_gradients(&p, candidate_graph, NULL, REC_TAPE_GRADIENTS);
    check_gradients(&p, candidate_graph, &with_bias, REC_TAPE_GRADIENTS);
    rec_params_deinit(&p);
}
END_TEST

typedef struct many {
    uint32_t ids[3000];
} many;

static double many_graph(rec_tape *t, rec_params *p, void *context)
{
    const many *m = context;
    rec_lookup lookup = {rec_params_tensor(p, 0), m->ids};
    rec_tensor *x = rec_nn_embed(t, &lookup, 1, 1500, 1.0f);
    return weighted_sum(t, rec_nn_candidate_scores(t, x, rec_params_tensor(p, 0), NULL, m->ids, 2));
}

START_TEST(threads_do_not_matter)
{
    rec_params p;
    many m;
    rec_rng rng = rec_rng_keyed(1, "ids", 0);
    for (size_t i = 0; i < 3000; i++)
        m.ids[i] = rec_rng_below(&rng, 41);
    params_of(&p, 0.5f, (const size_t[][2]){{41, 7}, {0, 0}});
    check_threads(&p, many_graph, &m);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/embedding", tcase_add_test(t, gather_and_replace);
          tcase_add_test(t, candidate_scores); tcase_add_test(t, threads_do_not_matter);)
