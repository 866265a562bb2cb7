/* The smallest sequence model: the state after an item is its row of a table, the loss a softmax over
 * that table. */
#include "models/sequence_model.h"

#include <math.h>

#include "models/nn/embedding.h"
#include "models/nn/softmax_loss.h"
#include "tests/models/fixture.h"

enum { D = 4, N_ITEMS = 5 };

typedef struct toy {
    rec_sequence_options sequence;
    rec_params params;
    size_t n_batches, n_targets; /* seen by the loss */
} toy;

static const rec_option options[] = {REC_SEQUENCE_OPTIONS(toy), {.key = NULL}};
static const rec_recommender type = {.name = "toy", .size = sizeof(toy), .options = options};

static rec_tensor *states(rec_tape *t, void *self, const rec_packed_batch *b)
{
    toy *m = self;
    rec_lookup lookup = {rec_params_tensor(&m->params, 0), b->inputs};
    return rec_nn_embed(t, &lookup, 1, b->n_rows, 1.0f);
}

static double loss(rec_tape *t, void *self, rec_tensor *x, const rec_packed_batch *b, uint64_t step)
{
    toy *m = self;
    rec_softmax softmax = {.table = rec_params_tensor(&m->params, 0)};
    ck_assert_uint_eq(step, m->n_batches);
    ck_assert_uint_eq(x->rows, b->n_targets);
    m->n_batches++;
    m->n_targets += b->n_targets;
    return rec_nn_cross_entropy(t, x, &softmax, b->targets, NULL, 0.0, NULL);
}

static void init(toy *m)
{
    size_t index;
    *m = (toy){.n_batches = 0};
    ck_assert_ok(rec_options_defaults(m, options, err));
    ck_assert_int_eq(m->sequence.max_length, 50);
    ck_assert_str_eq(m->sequence.metric, "ndcg@10");
    ck_assert_ok(rec_params_add_matrix(&index, &m->params, "items", N_ITEMS, D, err));
    ck_assert_ok(rec_params_allocate(&m->params, err));
    rec_params_fill_normal(&m->params, 0, 0.1f, 1);
    m->sequence.batch_size = 2;
    m->sequence.training.epochs = 3;
}

static rec_sequence_model model_of(toy *m)
{
    return (rec_sequence_model){.type = &type,
                                .self = m,
                                .options = &m->sequence,
                                .params = &m->params,
                                .d_model = D,
                                .version = 1,
                                .states = states,
                                .loss = loss};
}

static void deinit(toy *m)
{
    rec_params_deinit(&m->params);
    rec_options_deinit(m, options);
}

/* Three users of 3, 2 and 2 items: two batches an epoch, 2 + 1 + 1 targets in it, or as many prefixes. */
START_TEST(trains_on_every_target)
{
    const float cells[] = {1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1};
    fixture f = fixture_dense(cells, 3, N_ITEMS);
    rec_fit_data data = {.dataset = &f.dataset, .train = &f.train, .seed = 1};
    for (int samples = REC_SAMPLE_SEQUENCES; samples <= REC_SAMPLE_PREFIXES; samples++) {
        toy m;
        init(&m);
        m.sequence.samples = samples;
        rec_sequence_model model = model_of(&m);
        float before = m.params.value[0];
        ck_assert_ok(rec_sequence_model_fit(&model, &data, err));
        ck_assert_uint_eq(m.n_batches, 3 * 2);
        ck_assert_uint_eq(m.n_targets, 3 * 4);
        ck_assert(m.params.value[0] != before);
        ck_assert_ptr_null(m.params.grad); /* released */
        deinit(&m);
    }
    fixture_deinit(&f);
}
END_TEST

/* More queries than a block holds: each gets its own last row, or zeros. */
START_TEST(encodes_the_last_item)
{
    enum { N = 300 };
    static const uint32_t histories[] = {3, 1, 4, 0, 2};
    rec_query queries[N];
    float out[N * D];
    toy m;
    init(&m);
    rec_sequence_model model = model_of(&m);
    for (size_t q = 0; q < N; q++)
        queries[q] = (rec_query){.history = histories, .n_history = q % 6};
    ck_assert_ok(rec_sequence_model_encode(out, &model, queries, N, err));
    for (size_t q = 0; q < N; q++)
        for (size_t d = 0; d < D; d++)
            ck_assert_float_eq(out[q * D + d],
                               q % 6 == 0 ? 0.0f : m.params.value[histories[q % 6 - 1] * D + d]);
    deinit(&m);
}
END_TEST

START_TEST(a_loss_that_is_not_finite)
{
    const float cells[] = {1, 1, 1, 0, 0};
    fixture f = fixture_dense(cells, 1, N_ITEMS);
    rec_fit_data data = {.dataset = &f.dataset, .train = &f.train, .seed = 1};
    toy m;
    init(&m);
    m.params.value[0] = NAN;
    rec_sequence_model model = model_of(&m);
    ck_assert_fails(rec_sequence_model_fit(&model, &data, err), REC_ERR_MODEL,
                    "toy: the loss is not finite, nor is the output of embed");
    deinit(&m);
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/sequence_model", tcase_add_test(t, trains_on_every_target);
          tcase_add_test(t, encodes_the_last_item); tcase_add_test(t, a_loss_that_is_not_finite);)
