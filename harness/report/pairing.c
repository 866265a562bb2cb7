#include "harness/report/pairing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* A sample by its id without the seed. */
typedef struct sample_key {
    const char *id;   /* borrowed */
    const char *user; /* borrowed; the id where the result has no users */
    size_t index;     /* in the result */
} sample_key;

struct rec_pairing {
    size_t n_users;
    const char **users; /* (n_users) borrowed, in byte order */
    size_t n_samples[2];
    size_t *user_of[2]; /* (n_samples) index of the user; SIZE_MAX: not a common sample */
};

static const char *without_seed(const rec_result *x, size_t i)
{
    const char *id = x->sample_ids[i];
    char seed[24];
    if (x->seeds == NULL)
        return id;
    int n = snprintf(seed, sizeof seed, "%llu/", (unsigned long long)x->seeds[i]);
    return strncmp(id, seed, (size_t)n) == 0 ? id + n : id;
}

static int by_id(const void *a, const void *b)
{
    const sample_key *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static sample_key *sorted_keys(const rec_result *x, rec_error *err)
{
    sample_key *keys = rec_alloc(x->n_samples, sizeof *keys, err);
    if (keys == NULL)
        return NULL;
    for (size_t i = 0; i < x->n_samples; i++) {
        const char *id = x->sample_ids[i] != NULL ? without_seed(x, i) : "";
        bool has_user = x->users != NULL && x->users[i] != NULL;
        keys[i] = (sample_key){id, has_user ? x->users[i] : id, i};
    }
    qsort(keys, x->n_samples, sizeof *keys, by_id);
    return keys;
}

/* End of the run of equal ids that starts at `start`. */
static size_t run_end(const sample_key *keys, size_t n, size_t start)
{
    size_t end = start;
    while (end < n && strcmp(keys[end].id, keys[start].id) == 0)
        end++;
    return end;
}

/* What the walk over two sorted lists of samples finds. */
typedef struct match {
    const rec_result *results[2];
    sample_key *keys[2]; /* owned */
    const char **users;  /* owned; user of each common id */
    size_t n_common;
    size_t n_alone[2];    /* ids on one side only */
    const char *alone[2]; /* the first of them */
} match;

static void take_alone(match *m, size_t side, size_t *at)
{
    if (m->n_alone[side]++ == 0)
        m->alone[side] = m->keys[side][*at].id;
    *at = run_end(m->keys[side], m->results[side]->n_samples, *at);
}

/* Marks common samples by setting user_of to 0 and collects their users. */
static void walk(match *m, size_t *user_of[2])
{
    size_t at[2] = {0, 0}, n[2] = {m->results[0]->n_samples, m->results[1]->n_samples};
    while (at[0] < n[0] || at[1] < n[1]) {
        int order = at[0] == n[0]   ? 1
                    : at[1] == n[1] ? -1
                                    : strcmp(m->keys[0][at[0]].id, m->keys[1][at[1]].id);
        if (order != 0) {
            take_alone(m, order < 0 ? 0 : 1, &at[order < 0 ? 0 : 1]);
            continue;
        }
        m->users[m->n_common++] = m->keys[0][at[0]].user;
        for (size_t side = 0; side < 2; side++) {
            size_t end = run_end(m->keys[side], n[side], at[side]);
            for (; at[side] < end; at[side]++)
                user_of[side][m->keys[side][at[side]].index] = 0;
        }
    }
}

static rec_status check_match(const match *m, const char *const names[2], bool intersection,
                              rec_error *err)
{
    const char *task = m->results[0]->task;
    if (m->n_common == 0)
        return rec_fail(err, REC_ERR_DATA, "%s: %s and %s have no sample in common", task, names[0],
                        names[1]);
    size_t side = m->n_alone[0] > 0 ? 0 : 1;
    if (intersection || m->n_alone[side] == 0)
        return REC_OK;
    return rec_fail(
        err, REC_ERR_DATA,
        "%s: different test sets: %zu samples only in %s, %zu only in %s (such as \"%s\" "
        "in %s); --intersection compares the %zu common ones",
        task, m->n_alone[0], names[0], m->n_alone[1], names[1], m->alone[side], names[side],
        m->n_common);
}

static size_t drop_repeats(const char **texts, size_t n)
{
    size_t kept = 0;
    qsort(texts, n, sizeof *texts, by_text);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    return kept;
}

/* A user of side b that no sample of a names belongs to no pair. */
static void assign_users(rec_pairing *p, const match *m)
{
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < p->n_samples[side]; i++) {
            const sample_key *key = &m->keys[side][i];
            size_t *user = &p->user_of[side][key->index];
            if (*user == SIZE_MAX)
                continue;
            const char **found =
                bsearch(&key->user, p->users, p->n_users, sizeof *p->users, by_text);
            *user = found != NULL ? (size_t)(found - p->users) : SIZE_MAX;
        }
    }
}

static rec_status match_samples(rec_pairing *p, match *m, const char *const names[2],
                                bool intersection, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t side = 0; side < 2; side++) {
        size_t n = m->results[side]->n_samples;
        p->n_samples[side] = n;
        REC_TRY_NEW(p->user_of[side], n, err);
        memset(p->user_of[side], 0xFF, n * sizeof *p->user_of[side]); /* SIZE_MAX */
        m->keys[side] = sorted_keys(m->results[side], err);
        if (m->keys[side] == NULL)
            REC_TRY(REC_ERR_RESOURCE);
    }
    REC_TRY_NEW(m->users, m->results[0]->n_samples, err);
    walk(m, p->user_of);
    REC_TRY(check_match(m, names, intersection, err));
    p->users = m->users;
    m->users = NULL;
    p->n_users = drop_repeats(p->users, m->n_common);
    assign_users(p, m);
cleanup:
    return status;
}

rec_status rec_pairing_new(rec_pairing **out, const rec_result *a, const rec_result *b,
                           const char *const names[2], bool intersection, rec_error *err)
{
    match m = {.results = {a, b}};
    rec_pairing *p = NULL;
    rec_status status;
    if (a->n_candidates != b->n_candidates)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: %s ranks %zu candidates, %s %zu (0 = the whole catalogue): such "
                        "figures are not comparable",
                        a->task, names[0], a->n_candidates, names[1], b->n_candidates);
    REC_TRY_NEW(p, 1, err);
    REC_TRY(match_samples(p, &m, names, intersection, err));
    *out = p;
    p = NULL;
cleanup:
    free(m.keys[0]);
    free(m.keys[1]);
    free(m.users);
    rec_pairing_free(p);
    return status;
}

void rec_pairing_free(rec_pairing *p)
{
    if (p == NULL)
        return;
    free(p->users);
    free(p->user_of[0]);
    free(p->user_of[1]);
    free(p);
}

/* means (n_users): of the defined values of each user's samples; NaN without any. Returns how many
 * users have one. */
static size_t user_means(double *means, double *counts, const rec_pairing *p, size_t side,
                         const double *values)
{
    size_t n = 0;
    memset(means, 0, p->n_users * sizeof *means);
    memset(counts, 0, p->n_users * sizeof *counts);
    for (size_t i = 0; i < p->n_samples[side]; i++) {
        size_t user = p->user_of[side][i];
        if (user == SIZE_MAX || isnan(values[i]))
            continue;
        means[user] += values[i];
        counts[user] += 1.0;
    }
    for (size_t u = 0; u < p->n_users; u++) {
        n += counts[u] > 0.0;
        means[u] = counts[u] > 0.0 ? means[u] / counts[u] : (double)NAN;
    }
    return n;
}

rec_status rec_pairing_values(rec_pairs *out, const rec_pairing *p, const double *a,
                              const double *b, rec_error *err)
{
    double *counts = NULL;
    rec_status status = REC_OK;
    *out = (rec_pairs){0};
    REC_TRY_NEW(counts, p->n_users, err);
    REC_TRY_NEW(out->a, p->n_users, err);
    REC_TRY_NEW(out->b, p->n_users, err);
    REC_TRY_NEW(out->users, p->n_users, err);
    out->n_a = user_means(out->a, counts, p, 0, a);
    out->n_b = user_means(out->b, counts, p, 1, b);
    for (size_t u = 0; u < p->n_users; u++) {
        if (isnan(out->a[u]) || isnan(out->b[u]))
            continue;
        out->a[out->n] = out->a[u];
        out->b[out->n] = out->b[u];
        out->users[out->n++] = p->users[u];
    }
cleanup:
    free(counts);
    if (status != REC_OK)
        rec_pairs_deinit(out);
    return status;
}

void rec_pairs_deinit(rec_pairs *x)
{
    free(x->a);
    free(x->b);
    free(x->users);
    *x = (rec_pairs){0};
}
