#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/interrupt.h"
#include "core/parallel.h"
#include "tests/suite.h"

enum { TILES = 97, TILE = 31 };

typedef struct sums {
    double of_tile[TILES];
    int calls[TILES];
    size_t fail_from; /* tiles from here on fail */
} sums;

static rec_status sum_tile(void *context, size_t tile, rec_error *err)
{
    sums *s = context;
    s->calls[tile]++;
    if (rec_parallel_thread() >= rec_parallel_threads())
        return rec_fail(err, REC_ERR_INTERNAL, "thread %zu", rec_parallel_thread());
    for (size_t i = tile * TILE; i < (tile + 1) * TILE; i++)
        s->of_tile[tile] += sin((double)i);
    if (tile >= s->fail_from)
        return rec_fail(err, REC_ERR_DATA, "tile %zu", tile);
    return REC_OK;
}

static double sum_with(size_t n_threads)
{
    sums s = {.fail_from = TILES};
    rec_parallel_set_threads(n_threads);
    ck_assert_uint_eq(rec_parallel_threads(), n_threads);
    ck_assert_ok(rec_parallel_tiles(TILES, sum_tile, &s, err));
    double total = 0.0;
    for (size_t tile = 0; tile < TILES; tile++) {
        ck_assert_int_eq(s.calls[tile], 1);
        total += s.of_tile[tile];
    }
    return total;
}

START_TEST(same_bits_for_any_number_of_threads)
{
    double one = sum_with(1), two = sum_with(2), seven = sum_with(7);
    ck_assert_mem_eq(&one, &two, sizeof one);
    ck_assert_mem_eq(&one, &seven, sizeof one);
}
END_TEST

START_TEST(all_processors_by_default)
{
    ck_assert_uint_ge(rec_parallel_threads(), 1);
    rec_parallel_set_threads(3);
    rec_parallel_set_threads(0);
    ck_assert_uint_ge(rec_parallel_threads(), 1);
    ck_assert_ok(rec_parallel_tiles(0, sum_tile, NULL, err)); /* nothing to do */
}
END_TEST

/* Every tile from 40 on fails. Tiles are handed out in order, so tile 40 runs before any that could
 * stop the loop. */
START_TEST(failure_of_the_lowest_tile)
{
    for (size_t n_threads = 1; n_threads <= 7; n_threads += 3) {
        sums s = {.fail_from = 40};
        rec_parallel_set_threads(n_threads);
        ck_assert_fails(rec_parallel_tiles(TILES, sum_tile, &s, err), REC_ERR_DATA, "tile 40");
        ck_assert_int_eq(s.calls[TILES - 1], 0); /* no new tile starts after a failure */
    }
}
END_TEST

static rec_status nested(void *context, size_t tile, rec_error *err)
{
    sums *s = (sums *)context + tile;
    s->fail_from = TILES;
    return rec_parallel_tiles(TILES, sum_tile, s, err);
}

START_TEST(a_loop_inside_a_loop_runs_serially)
{
    static sums s[4];
    rec_parallel_set_threads(2);
    ck_assert_ok(rec_parallel_tiles(4, nested, s, err));
    for (int i = 1; i < 4; i++)
        ck_assert_mem_eq(s[0].of_tile, s[i].of_tile, sizeof s[0].of_tile);
}
END_TEST

START_TEST(a_forked_child_has_loops_of_its_own)
{
    double expected = sum_with(2);
    pid_t child = fork();
    if (child == 0) { /* no assertion here: it would report for the parent */
        sums s = {.fail_from = TILES};
        double total = 0.0;
        rec_status status = rec_parallel_tiles(TILES, sum_tile, &s, NULL);
        for (size_t tile = 0; tile < TILES; tile++)
            total += s.of_tile[tile];
        _exit(status == REC_OK && memcmp(&total, &expected, sizeof total) == 0 ? 0 : 1);
    }
    int exited;
    ck_assert_int_eq(waitpid(child, &exited, 0), child);
    ck_assert(WIFEXITED(exited) && WEXITSTATUS(exited) == 0);
}
END_TEST

static void *sum_in_thread(void *out)
{
    sums s = {.fail_from = TILES};
    for (int i = 0; i < 50; i++) {
        memset(&s, 0, sizeof s);
        s.fail_from = TILES;
        if (rec_parallel_tiles(TILES, sum_tile, &s, NULL) != REC_OK)
            return NULL;
    }
    for (size_t tile = 0; tile < TILES; tile++)
        *(double *)out += s.of_tile[tile];
    return out;
}

/* The pool serves one of them at a time; the others run their loops alone. */
START_TEST(loops_of_several_threads_at_once)
{
    double expected = sum_with(2), totals[4] = {0};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, sum_in_thread, &totals[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        ck_assert_ptr_nonnull(result);
        ck_assert_mem_eq(&totals[i], &expected, sizeof expected);
    }
}
END_TEST

/* Short loops one after the other: threads that come late must not touch a loop that is gone. */
START_TEST(many_short_loops)
{
    rec_parallel_set_threads(4);
    for (int i = 0; i < 20000; i++) {
        sums s = {.fail_from = TILES};
        ck_assert(rec_parallel_tiles(3, sum_tile, &s, NULL) == REC_OK);
        if (s.calls[0] != 1 || s.calls[1] != 1 || s.calls[2] != 1 || s.calls[3] != 0)
            ck_abort_msg("loop %d", i);
    }
}
END_TEST

START_TEST(a_signal_stops_the_loop)
{
    sums s = {.fail_from = TILES};
    rec_parallel_set_threads(2);
    rec_interrupt_install();
    ck_assert_int_eq(rec_interrupt_signal(), 0);
    raise(SIGTERM);
    ck_assert_int_eq(rec_interrupt_signal(), SIGTERM);
    ck_assert_fails(rec_parallel_tiles(TILES, sum_tile, &s, err), REC_ERR_INTERRUPTED,
                    "stopped by SIGTERM");
    for (size_t tile = 0; tile < TILES; tile++)
        ck_assert_int_eq(s.calls[tile], 0);
}
END_TEST

REC_SUITE("core/parallel", tcase_add_test(t, same_bits_for_any_number_of_threads);
          tcase_add_test(t, all_processors_by_default);
          tcase_add_test(t, failure_of_the_lowest_tile);
          tcase_add_test(t, a_loop_inside_a_loop_runs_serially);
          tcase_add_test(t, a_forked_child_has_loops_of_its_own);
          tcase_add_test(t, loops_of_several_threads_at_once); tcase_add_test(t, many_short_loops);
          tcase_add_test(t, a_signal_stops_the_loop);)
