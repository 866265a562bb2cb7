/* Inference of language models: bench_lm WORK MODEL [WEIGHTS [REPEATS [THREADS [TEXTS]]]] prints JSON:
 * seconds and processor seconds (best of REPEATS), units of work per repeat, peak MB.
 *   embed     texts (lines of TEXTS) to embeddings                              unit: text
 *   encode    64 texts of 32 tokens through an encoder, pooled                  unit: text
 *   prompt    a prompt of 512 tokens and the logits behind it                   unit: token
 *   decode    64 greedy tokens of one stream behind a prompt of 16              unit: token
 *   batch     64 prompts (64 tokens in common, 16 of their own) x 64 new tokens unit: new token
 *   load      opening the checkpoint until the first token of a prompt of 8     unit: 1
 *   tokenize  lines of TEXTS to ids on one thread                               unit: byte
 * WEIGHTS: file, f32, f16, q8_0, q4_1, with "+int8" for activations of 8 bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "models/lm/local.h"

enum { PROMPT = 512, SHORT_PROMPT = 16, NEW_TOKENS = 64, STREAMS = 64, COMMON = 64, OWN = 16 };
enum { ENCODE_TEXTS = 64, ENCODE_TOKENS = 32 };

typedef struct bench {
    rec_lm_local_options options;
    rec_lm *lm;
    char *text;   /* content of TEXTS */
    char **lines; /* into it */
    size_t n_lines, n_bytes;
    uint32_t *ids; /* random tokens */
    rec_arena arena;
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

/* ---- input ---- */

static void read_lines(bench *b, const char *path)
{
    rec_text text;
    size_t n = 1;
    check(rec_text_read(&text, path, &error));
    b->text = rec_alloc(text.length + 1, 1, &error);
    check(error.status);
    memcpy(b->text, text.data, text.length);
    b->text[text.length] = '\0';
    for (size_t i = 0; i < text.length; i++)
        n += text.data[i] == '\n';
    rec_text_close(&text);
    b->lines = rec_alloc(n, sizeof *b->lines, &error);
    check(error.status);
    for (char *line = strtok(b->text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        b->lines[b->n_lines++] = line;
        b->n_bytes += strlen(line);
    }
}

/* The same ids in every run, none of them special. */
static void make_ids(bench *b, size_t vocab_size)
{
    enum { N = STREAMS * (COMMON + OWN) + ENCODE_TEXTS * ENCODE_TOKENS + PROMPT };
    uint32_t state = 1;
    b->ids = rec_alloc(N, sizeof *b->ids, &error);
    check(error.status);
    for (size_t i = 0; i < N; i++) {
        state = state * 1664525u + 1013904223u;
        b->ids[i] = (uint32_t)(1000 + (state >> 8) % (vocab_size - 2000));
    }
}

/* ---- works: each returns its units ---- */

static double embed(bench *b)
{
    float *out = rec_alloc(b->n_lines * b->lm->embed_dim, sizeof *out, &error);
    rec_lm_part *parts = rec_alloc(b->n_lines, sizeof *parts, &error);
    rec_lm_input *inputs = rec_alloc(b->n_lines, sizeof *inputs, &error);
    check(error.status);
    for (size_t i = 0; i < b->n_lines; i++) {
        parts[i] = (rec_lm_part){.kind = REC_LM_DATA, .text = b->lines[i]};
        inputs[i] = (rec_lm_input){.parts = &parts[i], .n_parts = 1};
    }
    check(rec_lm_embed(out, b->lm, inputs, b->n_lines, &error));
    free(out);
    free(parts);
    free(inputs);
    return (double)b->n_lines;
}

static double encode(bench *b)
{
    rec_engine *e = rec_lm_local_engine(b->lm);
    size_t d = rec_engine_config(e)->d_model;
    rec_chunk chunks[ENCODE_TEXTS];
    float *hidden, *out = rec_alloc(d, sizeof *out, &error);
    rec_arena_mark mark = rec_arena_get_mark(&b->arena);
    for (size_t i = 0; i < ENCODE_TEXTS; i++)
        chunks[i] = (rec_chunk){.ids = b->ids + i * ENCODE_TOKENS, .n = ENCODE_TOKENS};
    check(rec_engine_forward(&hidden, e, NULL, chunks, ENCODE_TEXTS, &b->arena, &error));
    for (size_t i = 0; i < ENCODE_TEXTS; i++)
        rec_engine_pool(out, e, hidden + i * ENCODE_TOKENS * d, ENCODE_TOKENS);
    rec_arena_rewind(&b->arena, mark);
    free(out);
    return ENCODE_TEXTS;
}

static double prompt(bench *b)
{
    rec_engine *e = rec_lm_local_engine(b->lm);
    const rec_lm_config *c = rec_engine_config(e);
    rec_kv_pool *pool;
    rec_kv cache = {.pages = NULL};
    float *hidden, *logits = rec_alloc(c->vocab_size, sizeof *logits, &error);
    rec_arena_mark mark = rec_arena_get_mark(&b->arena);
    check(rec_kv_pool_new(&pool, c, PROMPT, &error));
    rec_chunk chunk = {.ids = b->ids, .n = PROMPT, .cache = &cache};
    check(rec_engine_forward(&hidden, e, pool, &chunk, 1, &b->arena, &error));
    check(rec_engine_logits(logits, e, hidden + (PROMPT - 1) * c->d_model, c->d_model, 1, &b->arena,
                            &error));
    rec_arena_rewind(&b->arena, mark);
    rec_kv_clear(&cache, pool);
    rec_kv_pool_free(pool);
    free(logits);
    return PROMPT;
}

static double generate(bench *b, size_t n, size_t n_prompt, size_t n_new)
{
    const rec_generator_limits limits = {.n_slots = n, .cache_tokens = n * (PROMPT + NEW_TOKENS)};
    rec_generator *g;
    rec_generation requests[STREAMS];
    rec_generation_result results[STREAMS];
    uint32_t *prompts = rec_alloc(n * n_prompt, sizeof *prompts, &error);
    check(error.status);
    check(rec_generator_new(&g, rec_lm_local_engine(b->lm), NULL, &limits, &error));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n_prompt; j++) /* the first of many are common */
            prompts[i * n_prompt + j] = b->ids[n > 1 && j >= COMMON ? i * OWN + j : j];
        requests[i] = (rec_generation){.prompt = prompts + i * n_prompt,
                                       .n_prompt = n_prompt,
                                       .max_tokens = n_new,
                                       .sampling = rec_sampling_greedy(),
                                       .ignore_eos = true};
    }
    check(rec_generate(results, g, requests, n, &error));
    for (size_t i = 0; i < n; i++)
        rec_generation_result_deinit(&results[i]);
    rec_generator_free(g);
    free(prompts);
    return (double)(n * n_new);
}

static double decode(bench *b)
{
    return generate(b, 1, SHORT_PROMPT, NEW_TOKENS);
}

static double batch(bench *b)
{
    return generate(b, STREAMS, COMMON + OWN, NEW_TOKENS);
}

static double load(bench *b)
{
    check(rec_lm_local_open(&b->lm, &b->options, &error));
    make_ids(b, rec_engine_config(rec_lm_local_engine(b->lm))->vocab_size);
    generate(b, 1, 8, 1);
    rec_lm_free(b->lm);
    free(b->ids);
    b->ids = NULL;
    b->lm = NULL;
    return 1;
}

static double tokenize(bench *b)
{
    rec_token_list ids = {.ids = NULL};
    for (size_t i = 0; i < b->n_lines; i++) {
        ids.n = 0;
        check(rec_tokenizer_encode(&ids, rec_lm_local_tokenizer(b->lm), b->lines[i],
                                   strlen(b->lines[i]), 0, &error));
    }
    rec_token_list_deinit(&ids);
    return (double)b->n_bytes;
}

typedef struct work {
    const char *name;
    double (*run)(bench *b);
} work;

static const work works[] = {{"embed", embed},      {"encode", encode}, {"prompt", prompt},
                             {"decode", decode},    {"batch", batch},   {"load", load},
                             {"tokenize", tokenize}};

static void measure(bench *b, const work *w, int repeats)
{
    double best = 1e9, best_cpu = 1e9, units = 0;
    for (int i = 0; i < repeats; i++) {
        double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        units = w->run(b);
        wall = seconds(CLOCK_MONOTONIC) - wall;
        cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        best = wall < best ? wall : best;
        best_cpu = cpu < best_cpu ? cpu : best_cpu;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf(
        "{\"seconds\": %.4f, \"cpu\": %.4f, \"units\": %.0f, \"rate\": %.1f, \"peak_mb\": %.0f}\n",
        best, best_cpu, units, units / best, (double)usage.ru_maxrss / 1024.0);
}

static void set_weights(bench *b, const char *name)
{
    size_t length = strcspn(name, "+");
    b->options.activations =
        strcmp(name + length, "+int8") == 0 ? REC_LM_ACTIVATIONS_INT8 : REC_LM_ACTIVATIONS_F32;
    b->options.weights = -1;
    for (int i = 0; rec_weight_policy_names[i] != NULL; i++)
        if (strlen(rec_weight_policy_names[i]) == length &&
            strncmp(rec_weight_policy_names[i], name, length) == 0)
            b->options.weights = i;
    if (b->options.weights < 0) {
        fprintf(stderr, "unknown weights: %s\n", name);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    bench b = {.options = {.slots = 1}};
    const work *w = NULL;
    for (size_t i = 0; argc > 2 && i < sizeof works / sizeof *works; i++)
        if (strcmp(argv[1], works[i].name) == 0)
            w = &works[i];
    if (w == NULL) {
        fprintf(stderr, "usage: bench_lm WORK MODEL [WEIGHTS [REPEATS [THREADS [TEXTS]]]]\n");
        return 2;
    }
    b.options.path = argv[2];
    set_weights(&b, argc > 3 ? argv[3] : "file");
    rec_parallel_set_threads(argc > 5 ? (size_t)atoi(argv[5]) : 0);
    if (argc > 6)
        read_lines(&b, argv[6]);
    if (w->run != load) {
        check(rec_lm_local_open(&b.lm, &b.options, &error));
        make_ids(&b, rec_engine_config(rec_lm_local_engine(b.lm))->vocab_size);
    }
    measure(&b, w, argc > 4 ? atoi(argv[4]) : 1);
    rec_lm_free(b.lm);
    rec_arena_deinit(&b.arena);
    free(b.ids);
    free(b.lines);
    free(b.text);
    return 0;
}
