#include "datasets/splits.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"
#include "core/rng.h"
#include "datasets/moment.h"

static const char *const type_names[] = {"auto",   "leave_one_out", "temporal", "ratio",
                                         "random", "fixed",         "none",     NULL};
static const char *const scope_names[] = {"user", "global", NULL};

const rec_option rec_split_option_table[] = {
    {"type", "how rows are divided; auto: the reader's own parts, else leave_one_out",
     offsetof(rec_split_options, type), REC_OPT_ENUM, .value = REC_SPLIT_AUTO,
     .choices = type_names},
    {"order", "order of a user's rows: keys time, item, file; later ones decide equal times",
     offsetof(rec_split_options, order), REC_OPT_STRINGS, .text = "time,file"},
    {"valid", "share of rows for validation (ratio, random, temporal)",
     offsetof(rec_split_options, valid), REC_OPT_REAL, .value = 0.1, .min = 0, .max = 1},
    {"test", "share of rows for test (ratio, random, temporal)", offsetof(rec_split_options, test),
     REC_OPT_REAL, .value = 0.1, .min = 0, .max = 1},
    {"scope", "shares are taken of each user's rows or of all rows (ratio, random)",
     offsetof(rec_split_options, scope), REC_OPT_ENUM, .value = 0, .choices = scope_names},
    {"valid_from", "temporal: first moment of validation (date or seconds since 1970)",
     offsetof(rec_split_options, valid_from), REC_OPT_STRING, .text = NULL},
    {"test_from", "temporal: first moment of test (date or seconds since 1970)",
     offsetof(rec_split_options, test_from), REC_OPT_STRING, .text = NULL},
    {"min_interactions", "users with fewer rows keep all of them for training",
     offsetof(rec_split_options, min_interactions), REC_OPT_INT, .value = 3, .min = 1, .max = 1e6},
    {"seed", "random: seed of the draw; -1 = seed of the run", offsetof(rec_split_options, seed),
     REC_OPT_INT, .value = -1, .min = -1, .max = 9e15},
    {.key = NULL},
};

const char *rec_split_type_name(int type)
{
    return type_names[type];
}

static void set_part(rec_dataset *d, size_t first, size_t end, rec_part part)
{
    if (end > first)
        memset(d->part + first, (int)part, end - first);
}

/* Floor of the share, robust to 0.1 * 30 = 3.0000000000000004 and its like from below. */
static size_t share_of(double share, size_t n)
{
    return (size_t)floor(share * (double)n + 1e-9);
}

/* Last row test, the one before it validation (as in SASRec, ICDM 2018, section IV.B). */
static void leave_one_out(rec_dataset *d, const rec_split_options *o)
{
    const size_t *start = d->interactions.start;
    for (size_t u = 0; u < d->n_users; u++) {
        if (start[u + 1] - start[u] < (size_t)o->min_interactions)
            continue;
        d->part[start[u + 1] - 1] = REC_PART_TEST;
        if (start[u + 1] - start[u] > 1)
            d->part[start[u + 1] - 2] = REC_PART_VALID;
    }
}

static void ratio_per_user(rec_dataset *d, const rec_split_options *o)
{
    const size_t *start = d->interactions.start;
    for (size_t u = 0; u < d->n_users; u++) {
        size_t n = start[u + 1] - start[u], end = start[u + 1];
        if (n < (size_t)o->min_interactions)
            continue;
        size_t n_test = share_of(o->test, n), n_valid = share_of(o->valid, n);
        set_part(d, end - n_test - n_valid, end - n_test, REC_PART_VALID);
        set_part(d, end - n_test, end, REC_PART_TEST);
    }
}

/* The stream belongs to the user's id, so that other users change nothing. */
static rec_status random_per_user(rec_dataset *d, const rec_split_options *o, uint64_t seed,
                                  rec_error *err)
{
    const size_t *start = d->interactions.start;
    uint32_t *rows = rec_alloc(d->interactions.n, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    for (size_t u = 0; u < d->n_users; u++) {
        size_t n = start[u + 1] - start[u];
        if (n < (size_t)o->min_interactions)
            continue;
        size_t n_test = share_of(o->test, n), n_valid = share_of(o->valid, n);
        for (size_t i = 0; i < n; i++)
            rows[i] = (uint32_t)i;
        uint64_t id = rec_fnv1a(d->user_ids[u], strlen(d->user_ids[u]));
        rec_rng rng = rec_rng_keyed(seed, "split/random", id);
        rec_rng_shuffle(&rng, rows, n, sizeof *rows);
        for (size_t i = 0; i < n_test + n_valid; i++)
            d->part[start[u] + rows[i]] = i < n_test ? REC_PART_TEST : REC_PART_VALID;
    }
    free(rows);
    return REC_OK;
}

typedef struct timed_row {
    double time;
    size_t row;
} timed_row;

static int compare_timed_rows(const void *x, const void *y)
{
    const timed_row *a = x, *b = y;
    int order = (a->time > b->time) - (a->time < b->time);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

/* The latest rows of all users; equal times: by user, then by the user's order. */
static rec_status ratio_global(rec_dataset *d, const rec_split_options *o, rec_error *err)
{
    const rec_interactions *x = &d->interactions;
    timed_row *rows = rec_alloc(x->n, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < x->n; i++)
        rows[i] = (timed_row){.time = x->time[i], .row = i};
    qsort(rows, x->n, sizeof *rows, compare_timed_rows);
    size_t n_test = share_of(o->test, x->n), n_valid = share_of(o->valid, x->n);
    for (size_t i = 0; i < n_test + n_valid; i++)
        d->part[rows[x->n - 1 - i].row] = i < n_test ? REC_PART_TEST : REC_PART_VALID;
    free(rows);
    return REC_OK;
}

static rec_status random_global(rec_dataset *d, const rec_split_options *o, uint64_t seed,
                                rec_error *err)
{
    size_t n = d->interactions.n;
    size_t *rows = rec_alloc(n, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        rows[i] = i;
    rec_rng rng = rec_rng_keyed(seed, "split/random", 0);
    rec_rng_shuffle(&rng, rows, n, sizeof *rows);
    size_t n_test = share_of(o->test, n), n_valid = share_of(o->valid, n);
    for (size_t i = 0; i < n_test + n_valid; i++)
        d->part[rows[i]] = i < n_test ? REC_PART_TEST : REC_PART_VALID;
    free(rows);
    return REC_OK;
}

static int compare_doubles(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* The moments that leave the wanted shares behind them; rows of one moment stay together. */
static rec_status cuts_from_shares(rec_split_counts *counts, const rec_interactions *x,
                                   const rec_split_options *o, rec_error *err)
{
    double *times = rec_memdup(x->time, x->n * sizeof *times, err);
    if (times == NULL)
        return REC_ERR_RESOURCE;
    qsort(times, x->n, sizeof *times, compare_doubles);
    size_t n_test = share_of(o->test, x->n), n_valid = share_of(o->valid, x->n);
    counts->test_from = n_test > 0 ? times[x->n - n_test] : INFINITY;
    counts->valid_from = n_valid > 0 ? times[x->n - n_test - n_valid] : counts->test_from;
    free(times);
    return REC_OK;
}

/* The moments that the options name. */
static rec_status cuts_from_moments(rec_split_counts *counts, const rec_split_options *o,
                                    rec_error *err)
{
    if (o->test_from == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "valid_from without test_from");
    rec_status status = rec_moment_parse(&counts->test_from, o->test_from, "test_from", err);
    counts->valid_from = counts->test_from;
    if (status == REC_OK && o->valid_from != NULL)
        status = rec_moment_parse(&counts->valid_from, o->valid_from, "valid_from", err);
    if (status == REC_OK && counts->valid_from > counts->test_from)
        return rec_fail(err, REC_ERR_CONFIG, "valid_from lies behind test_from");
    return status;
}

static bool by_moments(const rec_split_options *o)
{
    return o->type == REC_SPLIT_TEMPORAL && (o->test_from != NULL || o->valid_from != NULL);
}

static rec_status temporal(rec_dataset *d, rec_split_counts *counts, const rec_split_options *o,
                           rec_error *err)
{
    const rec_interactions *x = &d->interactions;
    rec_status status =
        by_moments(o) ? cuts_from_moments(counts, o, err) : cuts_from_shares(counts, x, o, err);
    if (status != REC_OK)
        return status;
    for (size_t i = 0; i < x->n; i++) {
        if (x->time[i] >= counts->test_from)
            d->part[i] = REC_PART_TEST;
        else if (x->time[i] >= counts->valid_from)
            d->part[i] = REC_PART_VALID;
    }
    return REC_OK;
}

rec_status rec_split_check(const rec_split_options *o, rec_error *err)
{
    rec_split_counts cuts;
    bool shares =
        o->type == REC_SPLIT_RATIO || o->type == REC_SPLIT_RANDOM || o->type == REC_SPLIT_TEMPORAL;
    if (shares && o->valid + o->test > 1.0)
        return rec_fail(err, REC_ERR_CONFIG, "valid + test is more than 1");
    return by_moments(o) ? cuts_from_moments(&cuts, o, err) : REC_OK;
}

static rec_status need_times(const rec_dataset *d, const rec_split_options *o, rec_error *err)
{
    bool by_time = o->type == REC_SPLIT_TEMPORAL || (o->type == REC_SPLIT_RATIO && o->scope == 1);
    if (by_time && d->interactions.time == NULL)
        return rec_fail(err, REC_ERR_DATA,
                        "split %s over all users needs times, and the data has none",
                        type_names[o->type]);
    return REC_OK;
}

static rec_status divide(rec_dataset *d, rec_split_counts *counts, const rec_split_options *o,
                         uint64_t seed, rec_error *err)
{
    switch ((rec_split_type)o->type) {
    case REC_SPLIT_LEAVE_ONE_OUT:
        leave_one_out(d, o);
        return REC_OK;
    case REC_SPLIT_TEMPORAL:
        return temporal(d, counts, o, err);
    case REC_SPLIT_RATIO:
        if (o->scope == 1)
            return ratio_global(d, o, err);
        ratio_per_user(d, o);
        return REC_OK;
    case REC_SPLIT_RANDOM:
        return o->scope == 1 ? random_global(d, o, seed, err) : random_per_user(d, o, seed, err);
    default:
        return REC_OK;
    }
}

static void count_parts(rec_split_counts *counts, const rec_dataset *d)
{
    const rec_interactions *x = &d->interactions;
    for (size_t u = 0; u < x->n_users; u++) {
        size_t n_test = 0;
        for (size_t i = x->start[u]; i < x->start[u + 1]; i++) {
            counts->train += d->part[i] == REC_PART_TRAIN;
            counts->valid += d->part[i] == REC_PART_VALID;
            n_test += d->part[i] == REC_PART_TEST;
            counts->none += d->part[i] == REC_PART_NONE;
        }
        counts->test += n_test;
        counts->test_users += n_test > 0;
    }
}

rec_status rec_dataset_split(rec_dataset *d, rec_split_counts *counts, const rec_split_options *o,
                             uint64_t seed, rec_error *err)
{
    *counts = (rec_split_counts){.valid_from = NAN, .test_from = NAN};
    rec_status status = rec_split_check(o, err);
    if (status == REC_OK)
        status = need_times(d, o, err);
    if (status != REC_OK)
        return status;
    if (o->type != REC_SPLIT_FIXED)
        set_part(d, 0, d->interactions.n, REC_PART_TRAIN);
    status = divide(d, counts, o, o->seed >= 0 ? (uint64_t)o->seed : seed, err);
    if (status != REC_OK)
        return status;
    count_parts(counts, d);
    bool per_user = o->type == REC_SPLIT_LEAVE_ONE_OUT ||
                    ((o->type == REC_SPLIT_RATIO || o->type == REC_SPLIT_RANDOM) && o->scope == 0);
    const size_t *start = d->interactions.start;
    for (size_t u = 0; per_user && u < d->n_users; u++)
        counts->short_users += start[u + 1] - start[u] < (size_t)o->min_interactions;
    if (o->type != REC_SPLIT_NONE && counts->test == 0)
        return rec_fail(err, REC_ERR_DATA,
                        "the test set is empty: %s leaves none of %zu interactions for test",
                        type_names[o->type], d->interactions.n);
    return REC_OK;
}
