#include "models/nn/attention.h"

#include "tests/models/nn/gradient_check.h"

typedef struct setup {
    rec_sequences sequences;
    rec_attention options;
} setup;

enum { Q, K, V };

static double graph(rec_tape *t, rec_params *p, void *context)
{
    const setup *s = context;
    return weighted_sum(t, rec_nn_attention(t, rec_params_tensor(p, Q), rec_params_tensor(p, K),
                                            rec_params_tensor(p, V), &s->sequences, &s->options));
}

/* softmax(scale q k^T) v by its definition, in double. */
static void reference(double *y, rec_params *p, const setup *s)
{
    const rec_attention *o = &s->options;
    size_t d = o->head_dim, group = o->n_heads / o->n_kv_heads;
    const float *q = rec_params_tensor(p, Q)->value, *k = rec_params_tensor(p, K)->value,
                *v = rec_params_tensor(p, V)->value;
    for (size_t n = 0; n < s->sequences.n; n++)
        for (size_t i = s->sequences.start[n]; i < s->sequences.start[n + 1]; i++)
            for (size_t h = 0; h < o->n_heads; h++) {
                double sum = 0.0, *out = y + (i * o->n_heads + h) * d;
                for (size_t c = 0; c < d; c++)
                    out[c] = 0.0;
                for (size_t j = s->sequences.start[n]; j < s->sequences.start[n + 1]; j++) {
                    size_t apart = i > j ? i - j : j - i;
                    if ((o->causal && j > i) || (o->window > 0 && apart >= o->window))
                        continue;
                    double score = 0.0;
                    for (size_t c = 0; c < d; c++)
                        score += (double)q[(i * o->n_heads + h) * d + c] *
                                 k[(j * o->n_kv_heads + h / group) * d + c];
                    double e = exp(score * (o->scale > 0.0f ? o->scale : 1.0 / sqrt((double)d)));
                    sum += e;
                    for (size_t c = 0; c < d; c++)
                        out[c] += e * v[(j * o->n_kv_heads + h / group) * d + c];
                }
                for (size_t c = 0; c < d; c++)
                    out[c] /= sum;
            }
}

static void check_values(const setup *s)
{
    size_t rows = s->sequences.start[s->sequences.n];
    size_t q = s->options.n_heads * s->options.head_dim;
    size_t kv = s->options.n_kv_heads * s->options.head_dim;
    rec_params p;
    params_of(&p, 1.0f, (const size_t[][2]){{rows, q}, {rows, kv}, {rows, kv}, {0, 0}});
    rec_arena arena = {.first = NULL};
    rec_tape t;
    rec_tape_init(&t, &arena);
    rec_tape_begin(&t, REC_TAPE_EVALUATE, 0);
    rec_tensor *y = rec_nn_attention(&t, rec_params_tensor(&p, Q), rec_params_tensor(&p, K),
                                     rec_params_tensor(&p, V), &s->sequences, &s->options);
    ck_assert_ptr_nonnull(y);
    double *want = malloc(rows * q * sizeof *want);
    reference(want, &p, s);
    for (size_t i = 0; i < rows * q; i++)
        ck_assert_double_le(fabs(y->value[i] - want[i]), 2e-6);
    free(want);
    rec_arena_deinit(&arena);
    rec_params_deinit(&p);
}

static void check_all(const setup *s)
{
    size_t rows = s->sequences.start[s->sequences.n];
    size_t q = s->options.n_heads * s->options.head_dim;
    size_t kv = s->options.n_kv_heads * s->options.head_dim;
    rec_params p;
    setup copy = *s;
    check_values(s);
    params_of(&p, 0.7f, (const size_t[][2]){{rows, q}, {rows, kv}, {rows, kv}, {0, 0}});
    check_gradients(&p, graph, &copy, REC_TAPE_TRAIN);
    rec_params_deinit(&p);
}

static const uint32_t ragged[] = {0, 3, 4, 4, 9}; /* lengths 3, 1, 0, 5 */

START_TEST(causal)
{
    check_all(
        &(setup){{4, ragged}, {.n_heads = 2, .n_kv_heads = 2, .head_dim = 5, .causal = true}});
}
END_TEST

START_TEST(bidirectional)
{
    check_all(&(setup){{4, ragged}, {.n_heads = 1, .n_kv_heads = 1, .head_dim = 3, .scale = 0.3f}});
}
END_TEST

START_TEST(grouped_heads)
{
    check_all(
        &(setup){{4, ragged}, {.n_heads = 6, .n_kv_heads = 2, .head_dim = 3, .causal = true}});
}
END_TEST

START_TEST(windows)
{
    setup s = {{4, ragged}, {.n_heads = 2, .n_kv_heads = 1, .head_dim = 3, .window = 2}};
    check_all(&s);
    s.options.causal = true;
    check_all(&s);
}
END_TEST

START_TEST(dropout_of_the_weights)
{
    setup s = {{4, ragged}, {.n_heads = 2, .n_kv_heads = 1, .head_dim = 3, .causal = true}};
    s.options.dropout = 0.4f;
    rec_params p;
    params_of(&p, 0.7f, (const size_t[][2]){{9, 6}, {9, 3}, {9, 3}, {0, 0}});
    check_gradients(&p, graph, &s, REC_TAPE_TRAIN);
    rec_params_deinit(&p);
}
END_TEST

/* Several tiles of queries, through BLAS and through the small kernels. */
static const uint32_t long_ones[] = {0, 150, 210, 211, 281};

START_TEST(long_sequences)
{
    setup s = {{4, long_ones}, {.n_heads = 4, .n_kv_heads = 2, .head_dim = 7, .causal = true}};
    check_values(&s);
    s.options.window = 70;
    check_values(&s);
    s.options.causal = false;
    check_values(&s);
}
END_TEST

START_TEST(long_gradients)
{
    static const uint32_t one[] = {0, 67};
    check_all(&(setup){{1, one}, {.n_heads = 1, .n_kv_heads = 1, .head_dim = 2, .causal = true}});
}
END_TEST

START_TEST(threads_do_not_matter)
{
    setup s = {{4, long_ones}, {.n_heads = 4, .n_kv_heads = 2, .head_dim = 7, .causal = true}};
    s.options.dropout = 0.2f;
    rec_params p;
    params_of(&p, 0.7f, (const size_t[][2]){{281, 28}, {281, 14}, {281, 14}, {0, 0}});
    check_threads(&p, graph, &s);
    rec_params_deinit(&p);
}
END_TEST

REC_SUITE("models/nn/attention", tcase_add_test(t, causal); tcase_add_test(t, bidirectional);
          tcase_add_test(t, grouped_heads); tcase_add_test(t, windows);
          tcase_add_test(t, dropout_of_the_weights); tcase_add_test(t, long_sequences);
          tcase_add_test(t, long_gradients); tcase_add_test(t, threads_do_not_matter);)
