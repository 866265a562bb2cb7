/* RecLM-emb at work; prints JSON: seconds, processor seconds, peak MB.
 *   topk N_ITEMS                exact top 100 of 256 queries over N_ITEMS x 384; also the product alone
 *   embed MODEL FILE N LENGTH   the first N texts of a JSON-lines file ({"text": ...}), cut at LENGTH tokens
 *   tokenize MODEL FILE N LENGTH   the first N titles ({"title": ...}), on one thread
 *   tune MODEL FILE N LENGTH    N steps of 32 pairs of a file of {"query", "pos"}, every weight */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/blas.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/rng.h"
#include "models/lm/training/tuning.h"
#include "models/ranking.h"
#include "models/reclm_emb/model.h"

static rec_error error;

static void check(rec_status status)
{
    if (status == REC_OK)
        return;
    fprintf(stderr, "%s\n", error.message);
    exit((int)status);
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct stopwatch {
    double wall, cpu;
} stopwatch;

static stopwatch start_watch(void)
{
    return (stopwatch){seconds_of(CLOCK_MONOTONIC), seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
}

static void keep_best(stopwatch *best, stopwatch from)
{
    stopwatch now = start_watch();
    best->wall = now.wall - from.wall < best->wall ? now.wall - from.wall : best->wall;
    best->cpu = now.cpu - from.cpu < best->cpu ? now.cpu - from.cpu : best->cpu;
}

static void print_watch(stopwatch from, const char *more)
{
    struct rusage usage;
    stopwatch now = start_watch();
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"seconds\": %.4f, \"cpu\": %.4f, \"peak_mb\": %ld%s}\n", now.wall - from.wall,
           now.cpu - from.cpu, usage.ru_maxrss / 1024, more);
}

/* ---- top k ---- */

enum { DIM = 384, QUERIES = 256, K = 100, TILE = 1024 };

typedef struct space {
    float *rows, *queries;
    size_t n;
} space;

static rec_status encode(float *out, const void *self, const rec_query *queries, size_t n,
                         rec_error *err)
{
    const space *s = self;
    (void)err;
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * DIM, s->queries + queries[i].user * DIM, DIM * sizeof *out);
    return REC_OK;
}

static rec_item_table item_table(const void *self)
{
    const space *s = self;
    return (rec_item_table){.rows = s->rows, .n_items = s->n, .dim = DIM};
}

typedef struct product {
    const space *s;
    float *out; /* (threads, QUERIES, TILE) */
} product;

static rec_status multiply(void *context, size_t tile, rec_error *err)
{
    const product *p = context;
    size_t n = p->s->n - tile * TILE < TILE ? p->s->n - tile * TILE : TILE;
    (void)err;
    rec_gemm_nt(p->out + rec_parallel_thread() * QUERIES * TILE, TILE, p->s->queries, DIM,
                p->s->rows + tile * TILE * DIM, DIM, QUERIES, n, DIM, 1.0f, 0.0f);
    return REC_OK;
}

static void bench_topk(size_t n)
{
    static const rec_recommender type = {.encode = encode, .item_table = item_table};
    space s = {.n = n};
    rec_rank_request requests[QUERIES];
    char more[128];
    s.rows = rec_alloc(n * DIM, sizeof *s.rows, &error);
    s.queries = rec_alloc(QUERIES * DIM, sizeof *s.queries, &error);
    product p = {.s = &s,
                 .out = rec_alloc(rec_parallel_threads() * QUERIES * TILE, sizeof(float), &error)};
    if (s.rows == NULL || s.queries == NULL || p.out == NULL)
        check(REC_ERR_RESOURCE);
    rec_rng rng = rec_rng_keyed(1, "bench", 0);
    for (size_t i = 0; i < n * DIM; i++)
        s.rows[i] = rec_rng_uniform_float(&rng) - 0.5f;
    for (size_t i = 0; i < QUERIES * DIM; i++)
        s.queries[i] = rec_rng_uniform_float(&rng) - 0.5f;
    for (uint32_t i = 0; i < QUERIES; i++)
        requests[i] = (rec_rank_request){.query = {.user = i}};
    stopwatch multiplied = {1e9, 1e9}, ranked_at = multiplied, all = start_watch();
    for (int turn = 0; turn < 3; turn++) {
        rec_ranked ranked;
        stopwatch from = start_watch();
        check(rec_parallel_tiles((n + TILE - 1) / TILE, multiply, &p, &error));
        keep_best(&multiplied, from);
        from = start_watch();
        check(rec_rank(&ranked, &type, &s, requests, QUERIES, K, REC_TIES_INDEX, n, &error));
        keep_best(&ranked_at, from);
        rec_ranked_deinit(&ranked);
    }
    snprintf(more, sizeof more,
             ", \"rank\": %.4f, \"rank_cpu\": %.4f, \"product\": %.4f, \"product_cpu\": %.4f",
             ranked_at.wall, ranked_at.cpu, multiplied.wall, multiplied.cpu);
    print_watch(all, more);
    free(p.out);
    free(s.queries);
    free(s.rows);
}

/* ---- texts ---- */

static void open_model(rec_emb_model *m, const char *path, size_t length)
{
    const rec_emb_format format = {.length = {(int64_t)length, (int64_t)length}};
    check(rec_emb_model_open(m, path, &format, &error));
}

/* N strings of a JSON-lines file by key, from the start again where it has fewer. */
static char **read_texts(const char *path, const char *key, size_t n)
{
    rec_text file;
    char **texts = rec_alloc(n, sizeof *texts, &error);
    size_t n_read = 0;
    check(rec_text_read(&file, path, &error));
    for (size_t at = 0; at < file.length && n_read < n;) {
        const char *end = memchr(file.data + at, '\n', file.length - at);
        size_t n_bytes = end != NULL ? (size_t)(end - file.data) - at : file.length - at;
        cJSON *line;
        check(rec_json_parse(&line, file.data + at, n_bytes, path, n_read + 1, &error));
        texts[n_read++] = rec_strdup(rec_json_string(line, key, &error), &error);
        cJSON_Delete(line);
        at += n_bytes + 1;
    }
    if (n_read == 0)
        check(rec_fail(&error, REC_ERR_DATA, "%s: no text", path));
    for (size_t i = n_read; i < n; i++)
        texts[i] = rec_strdup(texts[i % n_read], &error);
    rec_text_close(&file);
    return texts;
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

/* Tokens of the texts, those cut off not counted. */
static size_t count_tokens(const rec_emb_model *m, char **texts, size_t n, size_t length)
{
    rec_token_list ids = {.ids = NULL};
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        ids.n = 0;
        check(rec_tokenizer_encode(&ids, m->tokenizer, texts[i], strlen(texts[i]),
                                   REC_TOKENIZE_ADD_SPECIAL, &error));
        sum += ids.n < length ? ids.n : length;
    }
    rec_token_list_deinit(&ids);
    return sum;
}

static void bench_embed(const char *model, const char *path, size_t n, size_t length)
{
    rec_emb_model m;
    char more[32];
    char **texts = read_texts(path, "text", n);
    open_model(&m, model, length);
    check(rec_emb_model_settle(&m, &error));
    float *out = rec_alloc(n * m.dim, sizeof *out, &error);
    snprintf(more, sizeof more, ", \"tokens\": %zu", count_tokens(&m, texts, n, length));
    stopwatch from = start_watch();
    check(rec_emb_model_embed(out, &m, REC_EMB_PASSAGE, (const char *const *)texts, n, &error));
    print_watch(from, more);
    free(out);
    free_texts(texts, n);
    rec_emb_model_deinit(&m);
}

static void bench_tokenize(const char *model, const char *path, size_t n, size_t length)
{
    rec_emb_model m;
    char **texts = read_texts(path, "title", n);
    open_model(&m, model, length);
    stopwatch from = start_watch();
    count_tokens(&m, texts, n, length);
    print_watch(from, "");
    free_texts(texts, n);
    rec_emb_model_deinit(&m);
}

enum { BATCH = 32 };

/* An epoch is one step, so that the watch can start behind the first, which makes the memory. */
typedef struct steps {
    stopwatch from;
} steps;

static rec_status next_batch(uint32_t *order, void *context, size_t epoch, rec_error *err)
{
    steps *s = context;
    (void)err;
    if (epoch == 1)
        s->from = start_watch();
    for (uint32_t i = 0; i < BATCH; i++)
        order[i] = (uint32_t)epoch * BATCH + i;
    return REC_OK;
}

static void bench_tune(const char *model, const char *path, size_t n, size_t length)
{
    rec_emb_model m;
    rec_text file;
    rec_lm_pairs pairs;
    rec_lm_tuning tuning;
    rec_training_report report = {.n_epochs = 0};
    steps s = {.from = start_watch()};
    open_model(&m, model, length);
    check(rec_text_read(&file, path, &error));
    const rec_example_format format = {
        .tokenizer = m.tokenizer, .eos = REC_NO_TOKEN, .max_length = length};
    check(rec_lm_pairs_read(&pairs, file.data, file.length, path, &format, &error));
    memset(pairs.negative_start, 0, (pairs.n + 1) * sizeof *pairs.negative_start);
    check(rec_options_defaults(&tuning, rec_lm_tuning_options, &error));
    tuning.batch_size = BATCH;
    tuning.training.epochs = (int64_t)n + 1;
    tuning.training.patience = 0;
    if (pairs.n < (n + 1) * BATCH) {
        fprintf(stderr, "%s: %zu pairs are too few for %zu steps\n", path, pairs.n, n + 1);
        exit(REC_ERR_DATA);
    }
    const rec_lm_tuned tuned = {.model = m.transformer,
                                .arrange = next_batch,
                                .pairs_context = &s,
                                .n_per_epoch = BATCH,
                                .seed = 1,
                                .identity = "bench"};
    check(rec_tune_contrastive(&report, &tuned, &pairs, &tuning, &error));
    print_watch(s.from, "");
    rec_training_report_deinit(&report);
    rec_options_deinit(&tuning, rec_lm_tuning_options);
    rec_lm_pairs_deinit(&pairs);
    rec_text_close(&file);
    rec_emb_model_deinit(&m);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(const char *model, const char *path, size_t n, size_t length);
    } works[] = {{"embed", bench_embed}, {"tokenize", bench_tokenize}, {"tune", bench_tune}};
    rec_progress_set_verbosity(REC_QUIET);
    if (argc == 3 && strcmp(argv[1], "topk") == 0) {
        bench_topk(strtoul(argv[2], NULL, 10));
        return 0;
    }
    for (size_t i = 0; argc == 6 && i < sizeof works / sizeof *works; i++)
        if (strcmp(argv[1], works[i].name) == 0) {
            works[i].run(argv[2], argv[3], strtoul(argv[4], NULL, 10), strtoul(argv[5], NULL, 10));
            return 0;
        }
    return REC_ERR_CONFIG;
}
