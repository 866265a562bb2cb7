/* bench_ease [N_ITEMS]: fitting ease on data of the Beauty shapes (22,363 users with 7 of 12,101
 * items) against LAPACK's Cholesky factor and inverse (dpotrf, dpotri) of the same matrix on as many
 * threads, and how far the two inverses are apart. Lines for scripts/bench. */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/lapack.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "models/recommender.h"

enum { N_USERS = 22363, N_HISTORY = 7 };
static const double lambda = 250; /* the default of ease */

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(const rec_error *error)
{
    fprintf(stderr, "bench_ease: %s\n", error->message);
    exit(error->status);
}

static void *allocate(size_t n, size_t size)
{
    rec_error error;
    void *p = rec_alloc(n, size, &error);
    if (p == NULL)
        fail(&error);
    return p;
}

/* Popularity falls with the item's index: the square of a uniform number. */
static rec_interactions histories(size_t n_items)
{
    rec_interactions x = {.n_users = N_USERS, .n_items = n_items, .n = (size_t)N_USERS * N_HISTORY};
    x.start = allocate(N_USERS + 1, sizeof *x.start);
    x.item = allocate(x.n, sizeof *x.item);
    for (size_t u = 0; u < N_USERS; u++) {
        rec_rng rng = rec_rng_keyed(1, "bench/ease", u);
        x.start[u + 1] = x.start[u] + N_HISTORY;
        for (size_t i = x.start[u]; i < x.start[u + 1]; i++) {
            double r = rec_rng_uniform(&rng);
            x.item[i] = (uint32_t)(r * r * (double)n_items);
        }
    }
    return x;
}

static void regularised_gram(double *out, const rec_interactions *x)
{
    size_t n = x->n_items;
    memset(out, 0, n * n * sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i * n + i] = lambda;
    for (size_t a = 0; a < x->n; a++)
        for (size_t b = a - a % N_HISTORY; b < a - a % N_HISTORY + N_HISTORY; b++)
            out[x->item[a] * n + x->item[b]] += 1.0;
}

static double time_ease(const rec_interactions *x)
{
    rec_model *m;
    rec_fit_data data = {.train = x};
    rec_error error = {.status = REC_OK};
    if (rec_model_new(&m, "ease", NULL, NULL, &error) != REC_OK)
        fail(&error);
    double start = seconds();
    rec_status status = m->type->fit(m->self, &data, &error);
    double wall = seconds() - start;
    rec_model_free(m);
    if (status != REC_OK)
        fail(&error);
    return wall;
}

static double time_lapack(double *a, size_t n)
{
    int order = (int)n, info;
    openblas_set_num_threads((int)rec_parallel_threads());
    double start = seconds();
    dpotrf_("U", &order, a, &order, &info, 1);
    if (info == 0)
        dpotri_("U", &order, a, &order, &info, 1);
    double wall = seconds() - start;
    openblas_set_num_threads(1); /* as core/blas.h wants it */
    return info == 0 ? wall : NAN;
}

/* Largest difference over the lower triangle, relative to the greatest element. */
static double difference(const double *a, const double *b, size_t n)
{
    double largest = 0.0, apart = 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            largest = fmax(largest, fabs(a[i * n + j]));
            apart = fmax(apart, fabs(a[i * n + j] - b[i * n + j]));
        }
    return apart / largest;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 12101;
    rec_interactions x = histories(n);
    struct rusage usage;
    double ours = time_ease(&x);
    getrusage(RUSAGE_SELF, &usage);
    double *lapack = allocate(n * n, sizeof *lapack), *tiles = allocate(n * n, sizeof *tiles);
    regularised_gram(lapack, &x);
    memcpy(tiles, lapack, n * n * sizeof *tiles);
    double peer = time_lapack(lapack, n);
    double inverse = seconds();
    if (rec_spd_inverse(tiles, n, NULL) != REC_OK)
        return REC_ERR_INTERNAL;
    inverse = seconds() - inverse;
    printf("ease fit, %zu items | %.2f s | potrf + potri %.2f s | %.2f of time | %.0f\n", n, ours,
           peer, ours / peer, (double)usage.ru_maxrss / 1024.0);
    printf("  its inverse alone | %.2f s | potrf + potri %.2f s | %.2f of time |\n", inverse, peer,
           inverse / peer);
    printf("  its inverse, difference from LAPACK's | %.1e | at most 1e-12 | |\n",
           difference(lapack, tiles, n));
    free(tiles);
    free(lapack);
    free(x.item);
    free(x.start);
    return 0;
}
