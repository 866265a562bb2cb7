/* Full ranking of the Beauty shapes (22,363 users, 12,101 items, 64 factors, top 10) against bare
 * sgemm calls that make the same scores, in users x items blocks of the size OpenBLAS likes best of
 * those tried; both on the same number of threads. One line for scripts/bench. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/blas.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "models/ranking.h"

enum { N_USERS = 22363, N_ITEMS = 12101, DIM = 64, K = 10, N_HISTORY = 9, REPEATS = 5 };

typedef struct towers {
    float *users, *items;
} towers;

static rec_status encode(float *out, const void *self, const rec_query *queries, size_t n,
                         rec_error *err)
{
    const towers *m = self;
    (void)err;
    for (size_t q = 0; q < n; q++)
        memcpy(out + q * DIM, m->users + (size_t)queries[q].user * DIM, DIM * sizeof *out);
    return REC_OK;
}

static rec_item_table item_table(const void *self)
{
    return (rec_item_table){((const towers *)self)->items, NULL, N_ITEMS, DIM};
}

static const rec_recommender type = {.name = "towers", .encode = encode, .item_table = item_table};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *normal_rows(size_t n, const char *purpose)
{
    float *rows = rec_alloc(n, sizeof *rows, NULL);
    rec_rng r = rec_rng_keyed(1, purpose, 0);
    for (size_t i = 0; rows != NULL && i < n; i++)
        rows[i] = (float)rec_rng_normal(&r);
    return rows;
}

/* Scores of one block of users over the catalogue, nothing else. */
typedef struct product {
    const towers *m;
    size_t rows, columns;
    float *blocks; /* one per thread */
} product;

static rec_status product_tile(void *context, size_t tile, rec_error *err)
{
    const product *p = context;
    float *block = p->blocks + rec_parallel_thread() * p->rows * p->columns;
    size_t first = tile * p->rows, n = N_USERS - first < p->rows ? N_USERS - first : p->rows;
    (void)err;
    for (size_t i = 0; i < N_ITEMS; i += p->columns) {
        size_t width = N_ITEMS - i < p->columns ? N_ITEMS - i : p->columns;
        rec_gemm_nt(block, p->columns, p->m->users + first * DIM, DIM, p->m->items + i * DIM, DIM,
                    n, width, DIM, 1.0f, 0.0f);
    }
    return REC_OK;
}

static double time_product(const towers *m, size_t rows, size_t columns)
{
    product p = {m, rows, columns, NULL};
    p.blocks = rec_alloc(rec_parallel_threads() * rows * columns, sizeof *p.blocks, NULL);
    double start = seconds();
    rec_status status =
        p.blocks == NULL ? REC_ERR_RESOURCE
                         : rec_parallel_tiles((N_USERS + rows - 1) / rows, product_tile, &p, NULL);
    double wall = seconds() - start;
    free(p.blocks);
    return status == REC_OK ? wall : 1e9;
}

static double best_product(const towers *m)
{
    static const size_t shapes[][2] = {
        {256, 512}, {256, 1024}, {512, 512}, {512, 2048}, {1024, N_ITEMS}};
    double best = 1e9;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        double wall = time_product(m, shapes[s][0], shapes[s][1]);
        if (getenv("BENCH_VERBOSE"))
            fprintf(stderr, "%zu x %zu: %.4f s\n", shapes[s][0], shapes[s][1], wall);
        best = wall < best ? wall : best;
    }
    return best;
}

static rec_rank_request *requests_new(uint32_t *history)
{
    rec_rank_request *requests = rec_alloc(N_USERS, sizeof *requests, NULL);
    for (uint32_t u = 0; requests != NULL && u < N_USERS; u++) {
        rec_rng r = rec_rng_keyed(1, "history", u);
        rec_rng_sample(history + u * N_HISTORY, &r, N_ITEMS, N_HISTORY);
        requests[u] = (rec_rank_request){
            .query = {.user = u}, .excluded = history + u * N_HISTORY, .n_excluded = N_HISTORY};
    }
    return requests;
}

static double time_ranking(const towers *m, const rec_rank_request *requests)
{
    rec_ranked out;
    double start = seconds();
    rec_status status =
        rec_rank(&out, &type, m, requests, N_USERS, K, REC_TIES_INDEX, N_ITEMS, NULL);
    double wall = seconds() - start;
    if (status != REC_OK)
        return 1e9;
    rec_ranked_deinit(&out);
    return wall;
}

/* In a process of its own, so that the peak of memory is its own too. */
static void measure(const char *what, const towers *m, const rec_rank_request *requests)
{
    double ours = 1e9, limit = 1e9;
    struct rusage usage = {.ru_maxrss = 0};
    fflush(stdout);
    pid_t child = fork();
    if (child != 0) {
        waitpid(child, NULL, 0);
        return;
    }
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        double wall = time_ranking(m, requests);
        ours = wall < ours ? wall : ours;
        if (repeat == 0)
            getrusage(RUSAGE_SELF, &usage);
        wall = best_product(m);
        limit = wall < limit ? wall : limit;
    }
    printf("%s | %.3f s | sgemm %.3f s | %.2f of rate | %.0f\n", what, ours, limit, limit / ours,
           (double)usage.ru_maxrss / 1024.0);
    exit(0);
}

int main(void)
{
    static const uint32_t target = 17;
    towers m = {normal_rows((size_t)N_USERS * DIM, "users"),
                normal_rows((size_t)N_ITEMS * DIM, "items")};
    uint32_t *history = rec_alloc((size_t)N_USERS * N_HISTORY, sizeof *history, NULL);
    rec_rank_request *requests = history != NULL ? requests_new(history) : NULL;
    if (m.users == NULL || m.items == NULL || requests == NULL)
        return REC_ERR_RESOURCE;
    measure("full ranking 22,363 x 12,101, 64 factors, top 10", &m, requests);
    for (size_t u = 0; u < N_USERS; u++) {
        requests[u].targets = &target;
        requests[u].n_targets = 1;
    }
    measure("the same with the exact rank of a target", &m, requests);
    free(requests);
    free(history);
    free(m.items);
    free(m.users);
    return 0;
}
