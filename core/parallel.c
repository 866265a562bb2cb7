#include "core/parallel.h"

#include <omp.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/interrupt.h"

static size_t n_threads;

/* Waiting threads of GNU's OpenMP look at a flag this often (some microseconds) before they sleep;
 * its default of milliseconds starves the thread they wait for when the machine is busy. Read by its
 * own constructor, which has no priority and so comes later (CMakeLists.txt says why that works). */
__attribute__((constructor(101))) static void spin_briefly(void)
{
    if (getenv("OMP_WAIT_POLICY") == NULL)
        setenv("GOMP_SPINCOUNT", "2000", 0);
}

static size_t available_processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (size_t)CPU_COUNT(&set);
    return 1;
}

void rec_parallel_set_threads(size_t n)
{
    n_threads = n > 0 ? n : available_processors();
}

size_t rec_parallel_threads(void)
{
    return n_threads > 0 ? n_threads : available_processors();
}

size_t rec_parallel_thread(void)
{
    return (size_t)omp_get_thread_num();
}

/* What a failed loop keeps: the failure of the lowest tile, so that the message does not depend on
 * the schedule. */
typedef struct failure {
    size_t tile;
    rec_error error;
} failure;

static void keep_lowest(failure *kept, size_t *last, size_t tile, rec_status status,
                        const rec_error *error)
{
#pragma omp critical(rec_parallel_failure)
    if (kept->error.status == REC_OK || tile < kept->tile) {
        kept->tile = tile;
        kept->error = *error;
        kept->error.status = status;
#pragma omp atomic write
        *last = tile;
    }
}

rec_status rec_parallel_tiles(size_t n_tiles, rec_tile_fn fn, void *context, rec_error *err)
{
    failure kept = {.tile = 0};
    size_t last = SIZE_MAX; /* tiles behind a failed one do not start, those before it do */
    size_t team = rec_parallel_threads() < n_tiles ? rec_parallel_threads() : n_tiles;
    /* Inside another loop, or with one tile, run here: OpenMP hangs in a forked child whose parent
     * ran a parallel region, and a team of one is pure overhead. */
    int parallel = team > 1 && !omp_in_parallel();
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)team) if (parallel)
    for (size_t tile = 0; tile < n_tiles; tile++) {
        size_t stop_behind;
#pragma omp atomic read
        stop_behind = last;
        if (tile > stop_behind)
            continue;
        rec_error error = {.status = REC_OK};
        rec_status status = rec_interrupt_check(&error);
        if (status == REC_OK)
            status = fn(context, tile, &error);
        if (status != REC_OK) {
            keep_lowest(&kept, &last, tile, status, &error);
        }
    }
    if (kept.error.status == REC_OK)
        return REC_OK;
    return rec_fail(err, kept.error.status, "%s", kept.error.message);
}
