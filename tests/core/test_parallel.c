#include <math.h>
#include <signal.h>
#include <string.h>

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
    ck_assert_uint_lt(rec_parallel_thread(), rec_parallel_threads());
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
          tcase_add_test(t, a_signal_stops_the_loop);)
