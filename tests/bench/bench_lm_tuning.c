/* Steps of tuning, forward to optimiser: bench_lm_tuning WORK [STEPS [THREADS]] prints JSON: seconds
 * and processor seconds per step (best of STEPS, after one to warm up), the last loss, peak MB.
 *   contrastive  MiniLM's shape, 32 pairs of texts of 32 tokens, InfoNCE, every weight
 *   full         SmolLM2-135M's shape, 4 x 128 tokens, next-token loss, every weight
 *   lora         the same through adapters of rank 8 on all linear maps
 * Weights and tokens are random: speed does not depend on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "models/lm/training/transformer.h"
#include "models/nn/embedding.h"
#include "models/nn/optimizer.h"
#include "models/nn/score_loss.h"

static const char MINILM[] =
    "{\"model_type\": \"bert\", \"vocab_size\": 30522, \"hidden_size\": 384,"
    " \"num_hidden_layers\": 6, \"num_attention_heads\": 12, \"intermediate_size\": 1536,"
    " \"max_position_embeddings\": 512, \"type_vocab_size\": 2, \"hidden_act\": \"gelu\"}";
static const char SMOLLM2[] =
    "{\"model_type\": \"llama\", \"vocab_size\": 49152, \"hidden_size\": 576,"
    " \"num_hidden_layers\": 30, \"num_attention_heads\": 9, \"num_key_value_heads\": 3,"
    " \"intermediate_size\": 1536, \"max_position_embeddings\": 2048, \"rms_norm_eps\": 1e-5,"
    " \"rope_theta\": 100000, \"hidden_act\": \"silu\", \"tie_word_embeddings\": true}";

typedef struct work {
    const char *name, *config;
    size_t n_sequences, length;
    bool adapter;
} work;

static const work works[] = {
    {"contrastive", MINILM, 64, 32, false},
    {"full", SMOLLM2, 4, 128, false},
    {"lora", SMOLLM2, 4, 128, true},
};

typedef struct bench {
    work w;
    rec_transformer *model;
    rec_adapter *adapter;
    rec_optimizer *optimizer;
    rec_arena arena;
    rec_tape tape;
    uint32_t *ids, *start, *rows, *targets;
} bench;

static rec_error error;

static void check(rec_status status)
{
    if (status == REC_OK)
        return;
    fprintf(stderr, "%s\n", error.message);
    exit(status);
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void open_model(bench *b)
{
    cJSON *json = NULL;
    rec_lm_config config;
    check(rec_json_parse(&json, b->w.config, strlen(b->w.config), "config", 1, &error));
    check(rec_lm_config_from_json(&config, json, "config", &error));
    cJSON_Delete(json);
    check(rec_transformer_new(&b->model, &config, 1, &error));
    rec_params *block = rec_transformer_params(b->model);
    if (b->w.adapter) {
        char *all = (char[]){"all-linear"};
        const rec_adapter_options options = {.rank = 8, .alpha = 16, .targets = {&all, 1}};
        check(rec_adapter_new(&b->adapter, b->model, &options, 1, &error));
        block = rec_adapter_params(b->adapter);
    }
    check(rec_params_want_gradients(block, &error));
    const rec_optimizer_options options = {
        .kind = REC_ADAMW, .lr = 1e-4, .beta1 = 0.9, .beta2 = 0.999, .weight_decay = 0.01};
    check(rec_optimizer_new(&b->optimizer, &options, &block, 1, &error));
    rec_tape_init(&b->tape, &b->arena);
}

static void make_batch(bench *b)
{
    size_t n = b->w.n_sequences * b->w.length;
    uint32_t vocab_size = (uint32_t)rec_transformer_config(b->model)->vocab_size;
    b->ids = rec_alloc(n, sizeof *b->ids, &error);
    b->rows = rec_alloc(n, sizeof *b->rows, &error);
    b->targets = rec_alloc(n, sizeof *b->targets, &error);
    b->start = rec_alloc(b->w.n_sequences + 1, sizeof *b->start, &error);
    check(error.status);
    rec_rng rng = rec_rng_keyed(1, "bench", 0);
    for (size_t i = 0; i < n; i++)
        b->ids[i] = rec_rng_below(&rng, vocab_size);
    for (size_t s = 0; s <= b->w.n_sequences; s++)
        b->start[s] = (uint32_t)(s * b->w.length);
}

/* Every token but the first of a sequence is learnt. */
static double next_token_loss(bench *b, rec_tensor *hidden)
{
    size_t n = 0;
    for (size_t s = 0; s < b->w.n_sequences; s++)
        for (uint32_t i = b->start[s]; i + 1 < b->start[s + 1]; i++) {
            b->rows[n] = i;
            b->targets[n++] = b->ids[i + 1];
        }
    const rec_lookup lookup = {hidden, b->rows};
    const rec_softmax softmax = rec_transformer_softmax(b->model);
    return rec_nn_cross_entropy(&b->tape, rec_nn_embed(&b->tape, &lookup, 1, n, 1.0f), &softmax,
                                b->targets, NULL, 0, NULL);
}

/* The first half of the texts are queries, the second half their passages. */
static double contrastive_loss(bench *b, rec_tensor *hidden, const rec_lm_batch *batch)
{
    rec_tensor *all = rec_transformer_pool(&b->tape, b->model, hidden, &batch->sequences);
    size_t n = b->w.n_sequences / 2;
    for (size_t i = 0; i < 2 * n; i++)
        b->rows[i] = (uint32_t)i;
    const rec_lookup query = {all, b->rows}, passage = {all, b->rows + n};
    return rec_nn_info_nce(&b->tape, rec_nn_embed(&b->tape, &query, 1, n, 1.0f),
                           rec_nn_embed(&b->tape, &passage, 1, n, 1.0f), NULL, NULL, NULL, 0.05f, 0);
}

static double step(bench *b)
{
    const rec_lm_batch batch = {.sequences = {b->w.n_sequences, b->start}, .ids = b->ids};
    const rec_forward_options options = {.adapter = b->adapter};
    rec_tape_begin(&b->tape, REC_TAPE_TRAIN, 1);
    rec_tensor *hidden = rec_transformer_forward(&b->tape, b->model, &batch, &options);
    double loss = rec_transformer_output_table(b->model) != NULL
                      ? next_token_loss(b, hidden)
                      : contrastive_loss(b, hidden, &batch);
    check(rec_tape_backward(&b->tape, &error));
    check(rec_optimizer_step(NULL, b->optimizer, 1.0, 1.0, &error));
    return loss;
}

static void measure(bench *b, int n_steps)
{
    double best = 1e9, best_cpu = 1e9, loss = step(b);
    for (int i = 0; i < n_steps; i++) {
        double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        loss = step(b);
        wall = seconds(CLOCK_MONOTONIC) - wall;
        cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        best = wall < best ? wall : best;
        best_cpu = cpu < best_cpu ? cpu : best_cpu;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"seconds\": %.4f, \"cpu\": %.4f, \"loss\": %.4f, \"peak_mb\": %.0f}\n", best,
           best_cpu, loss, (double)usage.ru_maxrss / 1024.0);
}

int main(int argc, char **argv)
{
    bench b = {.model = NULL};
    for (size_t i = 0; argc > 1 && i < sizeof works / sizeof *works; i++)
        if (strcmp(argv[1], works[i].name) == 0)
            b.w = works[i];
    if (b.w.name == NULL) {
        fprintf(stderr, "usage: bench_lm_tuning contrastive|full|lora [STEPS [THREADS]]\n");
        return 2;
    }
    rec_parallel_set_threads(argc > 3 ? (size_t)atoi(argv[3]) : 0);
    open_model(&b);
    make_batch(&b);
    measure(&b, argc > 2 ? atoi(argv[2]) : 2);
    rec_optimizer_free(b.optimizer);
    rec_adapter_free(b.adapter);
    rec_transformer_free(b.model);
    rec_arena_deinit(&b.arena);
    free(b.ids);
    free(b.start);
    free(b.rows);
    free(b.targets);
    return 0;
}
