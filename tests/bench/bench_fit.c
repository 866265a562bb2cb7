/* Fit one recommender and rank its test users: bench_fit TYPE MODEL_YAML DATASET_YAML [SEED...]
 * prints one JSON line per seed: seconds of the fit, precision, recall, ndcg (ideal cut at k) and
 * ndcg_full (ideal over all relevant) at 10 with the trained user rows and from histories alone,
 * peak MB. Train and validation rows are the history and are masked. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/yaml.h"
#include "models/ranking.h"

enum { K = 10 };

static rec_error error;

static void check(rec_status status)
{
    if (status == REC_OK)
        return;
    fprintf(stderr, "%s\n", error.message);
    exit(status);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct figures {
    double precision, recall, ndcg, ndcg_full, mrr;
} figures;

static double discount(size_t rank)
{
    return 1.0 / log2((double)rank + 1.0);
}

static void add_user(figures *f, const rec_target_rank *ranks, size_t n)
{
    double gain = 0.0, ideal = 0.0, ideal_full = 0.0, first = 0.0;
    size_t hits = 0;
    for (size_t i = 0; i < n; i++) {
        ideal_full += discount(i + 1);
        ideal += i < K ? discount(i + 1) : 0.0;
        if (ranks[i].rank == 0 || ranks[i].rank > K)
            continue;
        hits++;
        gain += discount(ranks[i].rank);
        first = fmax(first, 1.0 / ranks[i].rank);
    }
    f->precision += (double)hits / K;
    f->recall += (double)hits / (double)n;
    f->ndcg += gain / ideal;
    f->ndcg_full += gain / ideal_full;
    f->mrr += first;
}

static figures evaluate(const rec_model *m, const rec_dataset *d, unsigned known, unsigned wanted,
                        bool by_row)
{
    rec_interactions seen, test;
    rec_ranked ranked;
    figures f = {0};
    size_t n = 0;
    check(rec_dataset_select(&seen, d, known, &error));
    check(rec_dataset_select(&test, d, wanted, &error));
    rec_rank_request *requests = rec_alloc(d->n_users, sizeof *requests, NULL);
    for (uint32_t u = 0; u < d->n_users; u++) {
        if (test.start[u + 1] == test.start[u])
            continue;
        size_t first = seen.start[u], length = seen.start[u + 1] - first;
        requests[n++] =
            (rec_rank_request){.query = {.user = by_row ? u : REC_NO_USER,
                                         .history = seen.item + first,
                                         .values = seen.value != NULL ? seen.value + first : NULL,
                                         .n_history = length},
                               .excluded = seen.item + first,
                               .n_excluded = length,
                               .targets = test.item + test.start[u],
                               .n_targets = test.start[u + 1] - test.start[u]};
    }
    check(rec_rank(&ranked, m->type, m->self, requests, n, K, REC_TIES_INDEX, d->catalogue.n_items,
                   &error));
    for (size_t i = 0; i < n; i++)
        add_user(&f, ranked.target_ranks + ranked.target_start[i], requests[i].n_targets);
    f = (figures){f.precision / (double)n, f.recall / (double)n, f.ndcg / (double)n,
                  f.ndcg_full / (double)n, f.mrr / (double)n};
    rec_ranked_deinit(&ranked);
    free(requests);
    rec_interactions_deinit(&seen);
    rec_interactions_deinit(&test);
    return f;
}

static rec_status validate(double *out, void *context, const rec_recommender *type,
                           const void *self, const char *metric, rec_error *err)
{
    rec_model m = {type, (void *)(uintptr_t)self};
    figures f = evaluate(&m, context, REC_PART_TRAIN, REC_PART_VALID, true);
    (void)err;
    *out = strncmp(metric, "mrr", 3) == 0 ? f.mrr : f.ndcg;
    return REC_OK;
}

static void print_figures(const char *name, figures f)
{
    printf(", \"%s\": {\"precision\": %.4f, \"recall\": %.4f, \"ndcg\": %.4f, \"ndcg_full\": %.4f, "
           "\"mrr\": %.4f}",
           name, f.precision, f.recall, f.ndcg, f.ndcg_full, f.mrr);
}

static void run(const char *type, const rec_yaml *options, rec_dataset *d, uint64_t seed)
{
    rec_model *m;
    rec_interactions train;
    struct rusage usage;
    check(rec_model_new(&m, type, options, NULL, &error));
    check(rec_dataset_select(&train, d, REC_PART_TRAIN, &error));
    rec_validator validator = {validate, d};
    rec_fit_data data = {.dataset = d, .train = &train, .validator = &validator, .seed = seed};
    double start = seconds();
    check(m->type->fit(m->self, &data, &error));
    double wall = seconds() - start;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"type\": \"%s\", \"seed\": %llu, \"seconds\": %.4f, \"peak_mb\": %.0f", type,
           (unsigned long long)seed, wall, (double)usage.ru_maxrss / 1024.0);
    if (m->type->has_user_rows)
        print_figures("rows", evaluate(m, d, REC_PART_TRAIN | REC_PART_VALID, REC_PART_TEST, true));
    print_figures("histories",
                  evaluate(m, d, REC_PART_TRAIN | REC_PART_VALID, REC_PART_TEST, false));
    printf("}\n");
    fflush(stdout);
    rec_interactions_deinit(&train);
    rec_model_free(m);
}

static rec_yaml *parse(const char *text)
{
    rec_yaml *tree = NULL;
    check(rec_yaml_parse(&tree, text, strlen(text), "argument", &error));
    return tree;
}

int main(int argc, char **argv)
{
    rec_dataset *d;
    if (argc < 4)
        return fprintf(stderr, "usage: bench_fit TYPE MODEL_YAML DATASET_YAML [SEED...]\n"), 2;
    rec_yaml *options = parse(argv[2]), *data = parse(argv[3]);
    check(rec_dataset_load(&d, data, 1, &error));
    run(argv[1], options, d, argc > 4 ? strtoull(argv[4], NULL, 10) : 1);
    for (int i = 5; i < argc; i++)
        run(argv[1], options, d, strtoull(argv[i], NULL, 10));
    rec_dataset_free(d);
    rec_yaml_free(options);
    rec_yaml_free(data);
    return 0;
}
