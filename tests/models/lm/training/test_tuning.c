/* Tuning: loss curves of the reference for both public checkpoints (tests/golden/lm/make_tuning.py),
 * and on tiny models what must hold exactly. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/parallel.h"
#include "models/lm/training/tuning.h"
#include "tests/checkpoint.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define CURVES GOLDEN("lm/smollm2_tuning.h5")

static rec_lm_tuning plain_options(size_t epochs, size_t batch_size, double lr, double decay)
{
    rec_lm_tuning o;
    ck_assert_ok(rec_options_defaults(&o, rec_lm_tuning_options, err));
    o.training.epochs = (int64_t)epochs;
    o.batch_size = (int64_t)batch_size;
    o.optimizer.lr = lr;
    o.optimizer.weight_decay = decay;
    o.optimizer.clip_norm = 0;
    return o;
}

/* NULL, and a line that says so, when the checkpoint is not there. */
static rec_transformer *checkpoint(const char *name)
{
    char *path = NULL;
    rec_transformer *m = NULL;
    rec_lm_files files;
    rec_lm_weights weights;
    if (!checkpoint_is_there(name))
        return NULL;
    ck_assert_ok(rec_data_path(&path, name, err));
    ck_assert_ok(rec_lm_files_find(&files, path, err));
    ck_assert_ok(rec_lm_weights_open(&weights, &files, REC_WEIGHTS_F32, err));
    ck_assert_ok(rec_transformer_from_weights(&m, &weights, err));
    rec_lm_weights_deinit(&weights);
    rec_lm_files_deinit(&files);
    free(path);
    return m;
}

static void read_sft(rec_lm_examples *x)
{
    size_t n;
    int64_t *ids = golden_integers(CURVES, "input_ids", &n),
            *labels = golden_integers(CURVES, "labels", &n);
    for (size_t s = 0; s < 2; s++) {
        uint32_t row[33];
        uint8_t learnt[33];
        for (size_t i = 0; i < 33; i++) {
            row[i] = (uint32_t)ids[s * 33 + i];
            learnt[i] = labels[s * 33 + i] >= 0;
        }
        ck_assert_ok(rec_lm_examples_add(x, row, learnt, 33, err));
    }
    free(labels);
    free(ids);
}

static void assert_curve(const rec_training_report *report, const char *name)
{
    size_t n;
    float *wanted = golden_floats(CURVES, name, &n);
    ck_assert_uint_eq(report->n_epochs, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs(report->loss_train[i] / (double)wanted[i] - 1.0) < 1e-3,
                      "%s step %zu: loss %.6f, wanted %.6f", name, i, report->loss_train[i],
                      (double)wanted[i]);
    free(wanted);
}

START_TEST(smollm2_full_curve)
{
    rec_lm_tuned tuned = {.model = checkpoint("data:smollm2"), .identity = "test"};
    rec_lm_examples x = {.n = 0};
    rec_training_report report;
    if (tuned.model == NULL)
        return;
    read_sft(&x);
    rec_lm_tuning options = plain_options(5, 2, 1e-5, 0);
    ck_assert_ok(rec_tune_supervised(&report, &tuned, &x, &options, err));
    assert_curve(&report, "full_loss");
    rec_training_report_deinit(&report);
    rec_lm_examples_deinit(&x);
    rec_transformer_free(tuned.model);
}
END_TEST

START_TEST(smollm2_lora_curve)
{
    char *targets[] = {"q_proj", "v_proj"};
    const rec_adapter_options lora = {.rank = 4, .alpha = 8, .targets = {targets, 2}};
    rec_lm_tuned tuned = {.model = checkpoint("data:smollm2"), .identity = "test"};
    rec_lm_examples x = {.n = 0};
    rec_training_report report;
    if (tuned.model == NULL)
        return;
    read_sft(&x);
    ck_assert_ok(rec_adapter_new(&tuned.adapter, tuned.model, &lora, 0, err));
    rec_params *p = rec_adapter_params(tuned.adapter);
    float *a = golden_floats(CURVES, "lora_a", NULL);
    for (size_t i = 0; i < 60; i++) /* layer 0 q, layer 0 v, layer 1 q, ...; each A then B */
        memcpy(rec_params_tensor(p, 2 * i)->value, a + i * 4 * 576, 4 * 576 * sizeof *a);
    free(a);
    rec_lm_tuning options = plain_options(8, 2, 1e-3, 0);
    ck_assert_ok(rec_tune_supervised(&report, &tuned, &x, &options, err));
    assert_curve(&report, "lora_loss");
    rec_training_report_deinit(&report);
    rec_lm_examples_deinit(&x);
    rec_adapter_free(tuned.adapter);
    rec_transformer_free(tuned.model);
}
END_TEST

START_TEST(minilm_contrastive_curve)
{
    static const char pairs_text[] =
        "{\"query\": \"space opera with rebels\", \"pos\": \"Star Wars (1977)\"}\n"
        "{\"query\": \"animated film about toys\", \"pos\": \"Toy Story (1995)\"}\n"
        "{\"query\": \"crime saga in los angeles\", \"pos\": \"Heat (1995)\"}\n"
        "{\"query\": \"hair care for curls\", \"pos\": \"shampoo for curly hair\"}\n";
    rec_lm_tuned tuned = {.model = checkpoint("data:minilm"), .identity = "test"};
    rec_training_report report;
    rec_lm_pairs pairs;
    rec_tokenizer *tokenizer = NULL;
    char *path = NULL;
    if (tuned.model == NULL)
        return;
    ck_assert_ok(rec_data_path(&path, "data:minilm", err));
    ck_assert_ok(rec_tokenizer_read(&tokenizer, path, err));
    const rec_example_format format = {
        .tokenizer = tokenizer, .eos = REC_NO_TOKEN, .max_length = 256};
    ck_assert_ok(rec_lm_pairs_read(&pairs, pairs_text, strlen(pairs_text), "pairs", &format, err));
    rec_lm_tuning options = plain_options(6, 4, 2e-5, 0.01);
    options.chunk = _i; /* 0: at once; 3: in chunks */
    ck_assert_ok(rec_tune_contrastive(&report, &tuned, &pairs, &options, err));
    size_t n;
    float *wanted = golden_floats(CURVES, "contrastive_loss", &n);
    for (size_t i = 0; i < n; i++) /* relative, with the rounding of cosines near the end of it */
        ck_assert_double_eq_tol(report.loss_train[i], (double)wanted[i],
                                1e-3 * (double)wanted[i] + 2e-6);
    free(wanted);
    rec_training_report_deinit(&report);
    rec_lm_pairs_deinit(&pairs);
    rec_tokenizer_free(tokenizer);
    rec_transformer_free(tuned.model);
    free(path);
}
END_TEST

/* ---- tiny models ---- */

static const rec_lm_config tiny = {
    .arch = REC_ARCH_LLAMA,
    .has_head = true,
    .tied = true,
    .n_layers = 2,
    .d_model = 16,
    .d_ff = 24,
    .n_heads = 2,
    .n_kv_heads = 1,
    .head_dim = 8,
    .vocab_size = 23,
    .max_positions = 16,
    .norm_eps = 1e-5,
    .embed_scale = 1,
    .attention_scale = 0.35,
    .rope = {.theta = 10000},
    .rope_sliding = {.theta = 10000},
    .pooling = REC_POOL_LAST,
    .normalise = true,
    .bos = UINT32_MAX,
    .pad = UINT32_MAX,
};

/* Ten sequences counting up from different numbers: the next token is a function of the last. */
static void counting(rec_lm_examples *x)
{
    for (uint32_t s = 0; s < 10; s++) {
        uint32_t ids[6];
        uint8_t learnt[6] = {0, 1, 1, 1, 1, 1};
        for (uint32_t i = 0; i < 6; i++)
            ids[i] = (s * 2 + i) % 23;
        ck_assert_ok(rec_lm_examples_add(x, ids, learnt, 6, err));
    }
}

START_TEST(learns_to_count)
{
    rec_lm_tuned tuned = {.identity = "test", .seed = 1};
    rec_lm_examples x = {.n = 0};
    rec_training_report report;
    counting(&x);
    ck_assert_ok(rec_transformer_new(&tuned.model, &tiny, 2, err));
    rec_lm_tuning options = plain_options(60, 4, 1e-2, 0);
    options.recompute = _i == 1;
    ck_assert_ok(rec_tune_supervised(&report, &tuned, &x, &options, err));
    ck_assert_double_gt(report.loss_train[0], 2.5); /* ln 23 = 3.1 at first */
    ck_assert_double_lt(report.loss_train[59], 0.1);
    rec_training_report_deinit(&report);
    rec_lm_examples_deinit(&x);
    rec_transformer_free(tuned.model);
}
END_TEST

/* Parameters after 4 epochs, dropout included. */
static void train_tiny(float *out, size_t threads)
{
    rec_lm_examples x = {.n = 0};
    rec_training_report report;
    rec_lm_tuned tuned = {.identity = "test", .seed = 1};
    rec_lm_tuning options = plain_options(4, 4, 1e-2, 0.01);
    options.dropout = 0.1;
    counting(&x);
    rec_parallel_set_threads(threads);
    ck_assert_ok(rec_transformer_new(&tuned.model, &tiny, 2, err));
    ck_assert_ok(rec_tune_supervised(&report, &tuned, &x, &options, err));
    rec_params *p = rec_transformer_params(tuned.model);
    memcpy(out, p->value, p->size * sizeof *out);
    rec_training_report_deinit(&report);
    rec_transformer_free(tuned.model);
    rec_lm_examples_deinit(&x);
}

START_TEST(same_bits_for_any_number_of_threads)
{
    static float one[20000], two[20000];
    train_tiny(one, 1);
    train_tiny(two, 2);
    ck_assert_mem_eq(one, two, sizeof one);
}
END_TEST

/* Pairs of a number and its double, on a decoder pooled at its last token. */
static void doubles(rec_lm_pairs *p)
{
    *p = (rec_lm_pairs){.n = 0};
    static uint32_t query[8], positive[8], negative[8];
    static size_t negative_start[9];
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t q[] = {1, i + 2}, d[] = {2, (2 * i + 3) % 23}, w[] = {2, (2 * i + 4) % 23};
        query[i] = (uint32_t)p->texts.n;
        ck_assert_ok(rec_lm_examples_add(&p->texts, q, NULL, 2, err));
        positive[i] = (uint32_t)p->texts.n;
        ck_assert_ok(rec_lm_examples_add(&p->texts, d, NULL, 2, err));
        negative[i] = (uint32_t)p->texts.n;
        ck_assert_ok(rec_lm_examples_add(&p->texts, w, NULL, 2, err));
        negative_start[i + 1] = i + 1;
    }
    p->n = 8;
    p->query = query;
    p->positive = positive;
    p->negative = negative;
    p->negative_start = negative_start;
}

/* In chunks or at once: the same curve up to the order of additions, dropout included. */
START_TEST(chunks_change_memory_not_results)
{
    double losses[2];
    for (int i = 0; i < 2; i++) {
        rec_lm_tuned tuned = {.identity = "test", .seed = 1};
        rec_training_report report;
        rec_lm_pairs pairs;
        doubles(&pairs);
        ck_assert_ok(rec_transformer_new(&tuned.model, &tiny, 2, err));
        rec_lm_tuning options = plain_options(10, 4, 1e-2, 0);
        options.chunk = i == 0 ? 0 : 5;
        ck_assert_ok(rec_tune_contrastive(&report, &tuned, &pairs, &options, err));
        losses[i] = report.loss_train[9];
        ck_assert_double_lt(report.loss_train[9], report.loss_train[0]);
        rec_training_report_deinit(&report);
        rec_lm_examples_deinit(&pairs.texts);
        rec_transformer_free(tuned.model);
    }
    ck_assert_double_eq_tol(losses[0], losses[1], 1e-3 * losses[0] + 1e-5);
}
END_TEST

/* Without in-batch negatives a query sees its positive and its own negative: two passages with
 * random embeddings, so the first loss is near ln 2 at a high temperature. */
START_TEST(own_negatives_alone)
{
    rec_lm_tuned tuned = {.identity = "test", .seed = 1};
    rec_training_report report;
    rec_lm_pairs pairs;
    doubles(&pairs);
    ck_assert_ok(rec_transformer_new(&tuned.model, &tiny, 2, err));
    rec_lm_tuning options = plain_options(1, 8, 1e-5, 0);
    options.in_batch = false;
    options.temperature = 50;
    ck_assert_ok(rec_tune_contrastive(&report, &tuned, &pairs, &options, err));
    ck_assert_double_eq_tol(report.loss_train[0], log(2.0), 0.03);
    rec_training_report_deinit(&report);
    options.in_batch = true; /* 8 positives + 8 negatives */
    ck_assert_ok(rec_tune_contrastive(&report, &tuned, &pairs, &options, err));
    ck_assert_double_eq_tol(report.loss_train[0], log(16.0), 0.03);
    rec_training_report_deinit(&report);
    rec_lm_examples_deinit(&pairs.texts);
    rec_transformer_free(tuned.model);
}
END_TEST

/* ---- memory ---- */

/* Peak of the tape for a batch of two sequences of 150 tokens. */
static size_t tape_peak(const rec_lm_config *config, bool recompute)
{
    static uint32_t ids[300], start[] = {0, 150, 300};
    rec_transformer *m = NULL;
    rec_arena arena = {.first = NULL};
    rec_tape tape;
    const rec_lm_batch batch = {.sequences = {2, start}, .ids = ids};
    const rec_forward_options options = {.recompute = recompute};
    ck_assert_ok(rec_transformer_new(&m, config, 1, err));
    ck_assert_ok(rec_params_want_gradients(rec_transformer_params(m), err));
    rec_tape_init(&tape, &arena);
    rec_tape_begin(&tape, REC_TAPE_TRAIN, 0);
    rec_tensor *hidden = rec_transformer_forward(&tape, m, &batch, &options);
    if (config->encoder) {
        rec_tape_seed_gradient(&tape, hidden, hidden->value);
    } else {
        rec_softmax softmax = rec_transformer_softmax(m);
        rec_nn_cross_entropy(&tape, hidden, &softmax, ids, NULL, 0, NULL);
    }
    ck_assert_ok(rec_tape_backward(&tape, err));
    size_t peak = arena.peak;
    rec_arena_deinit(&arena);
    rec_transformer_free(m);
    return peak;
}

/* What is printed before training starts is what training takes, give or take a fifth. */
START_TEST(memory_is_foretold)
{
    rec_lm_config c = tiny;
    rec_lm_tuning options = plain_options(1, 2, 1e-3, 0);
    c.n_layers = 6;
    c.d_model = 64;
    c.d_ff = 160;
    c.n_heads = 4;
    c.head_dim = 16;
    c.vocab_size = 700;
    c.max_positions = 200;
    c.encoder = _i == 2;
    if (c.encoder) {
        c.arch = REC_ARCH_BERT;
        c.has_head = c.tied = false;
        c.n_kv_heads = 4;
        c.n_token_types = 2;
        c.qkv_bias = c.o_bias = true;
    }
    options.recompute = _i == 1;
    double peak = (double)tape_peak(&c, options.recompute);
    double told = (double)rec_lm_tuning_bytes(&c, 0, &options, 300);
    ck_assert_msg(told > 0.95 * peak && told < 1.25 * peak, "%.0f bytes foretold, %.0f taken", told,
                  peak);
    /* AdamW: a gradient and two moments per number; SGD: a gradient and a momentum */
    double more = (double)rec_lm_tuning_bytes(&c, 1000, &options, 300) - told;
    ck_assert_double_eq(more, 12000);
    options.optimizer.kind = REC_SGD;
    ck_assert_double_eq((double)rec_lm_tuning_bytes(&c, 1000, &options, 300) - told, 8000);
}
END_TEST

REC_SUITE("models/lm/training/tuning", tcase_add_loop_test(t, memory_is_foretold, 0, 3);
          tcase_add_test(t, smollm2_full_curve); tcase_add_test(t, smollm2_lora_curve);
          tcase_add_loop_test(t, minilm_contrastive_curve, 0, 1);
          tcase_add_loop_test(t, minilm_contrastive_curve, 3, 4);
          tcase_add_loop_test(t, learns_to_count, 0, 2);
          tcase_add_test(t, same_bits_for_any_number_of_threads);
          tcase_add_test(t, chunks_change_memory_not_results);
          tcase_add_test(t, own_negatives_alone);)
