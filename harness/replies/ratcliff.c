#include "harness/replies/ratcliff.h"

#include <stdlib.h>

#include "core/memory.h"

enum { AUTOJUNK_LENGTH = 200, AUTOJUNK_SHARE = 100, N_BYTES = 256 };

/* Places of each byte in b, ascending: place[start[c] .. start[c + 1]). */
typedef struct positions {
    uint32_t start[N_BYTES + 1];
    uint32_t *place; /* (b.n) owned */
} positions;

typedef struct block {
    size_t a, b, n;
} block;

typedef struct range {
    size_t a_low, a_high, b_low, b_high;
} range;

typedef struct matcher {
    rec_span a, b;
    positions in_b;
    uint32_t *run, *next_run; /* (b.n + 1) owned: length of the match that ends at a place of b */
    range *pending;           /* owned stack */
    size_t n_pending, capacity;
} matcher;

static void matcher_deinit(matcher *m)
{
    free(m->in_b.place);
    free(m->run);
    free(m->next_run);
    free(m->pending);
}

static rec_status index_b(positions *p, rec_span b, rec_error *err)
{
    rec_status status = REC_OK;
    uint32_t count[N_BYTES] = {0}, at[N_BYTES];
    REC_TRY_NEW(p->place, b.n, err);
    for (size_t j = 0; j < b.n; j++)
        count[(unsigned char)b.text[j]]++;
    for (size_t c = 0; c < N_BYTES; c++) {
        if (b.n >= AUTOJUNK_LENGTH && count[c] > b.n / AUTOJUNK_SHARE + 1)
            count[c] = 0;
        at[c] = p->start[c];
        p->start[c + 1] = p->start[c] + count[c];
    }
    for (size_t j = 0; j < b.n; j++) {
        unsigned char c = (unsigned char)b.text[j];
        if (count[c] > 0)
            p->place[at[c]++] = (uint32_t)j;
    }
cleanup:
    return status;
}

static rec_status matcher_init(matcher *m, rec_span a, rec_span b, rec_error *err)
{
    rec_status status;
    *m = (matcher){.a = a, .b = b};
    REC_TRY(index_b(&m->in_b, b, err));
    REC_TRY_NEW(m->run, b.n + 1, err);
    REC_TRY_NEW(m->next_run, b.n + 1, err);
cleanup:
    return status;
}

/* Of one row of a against its places in b; runs are kept at j + 1, so that place 0 has a left. */
static void extend_runs(block *best, matcher *m, size_t i, const range *r)
{
    unsigned char c = (unsigned char)m->a.text[i];
    for (uint32_t p = m->in_b.start[c]; p < m->in_b.start[c + 1]; p++) {
        size_t j = m->in_b.place[p];
        if (j < r->b_low)
            continue;
        if (j >= r->b_high)
            break;
        uint32_t k = m->next_run[j + 1] = m->run[j] + 1;
        if (k > best->n)
            *best = (block){i + 1 - k, j + 1 - k, k};
    }
}

static void clear_runs(uint32_t *run, const matcher *m, size_t i)
{
    unsigned char c = (unsigned char)m->a.text[i];
    for (uint32_t p = m->in_b.start[c]; p < m->in_b.start[c + 1]; p++)
        run[m->in_b.place[p] + 1] = 0;
}

/* The longest block that starts earliest in a, then in b; lengthened by equal characters around it,
 * which may be frequent ones. */
static block longest_match(matcher *m, const range *r)
{
    block best = {r->a_low, r->b_low, 0};
    for (size_t i = r->a_low; i < r->a_high; i++) {
        extend_runs(&best, m, i, r);
        if (i > r->a_low)
            clear_runs(m->run, m, i - 1);
        uint32_t *run = m->run;
        m->run = m->next_run;
        m->next_run = run;
    }
    if (r->a_high > r->a_low)
        clear_runs(m->run, m, r->a_high - 1);
    while (best.a > r->a_low && best.b > r->b_low && m->a.text[best.a - 1] == m->b.text[best.b - 1])
        best = (block){best.a - 1, best.b - 1, best.n + 1};
    while (best.a + best.n < r->a_high && best.b + best.n < r->b_high &&
           m->a.text[best.a + best.n] == m->b.text[best.b + best.n])
        best.n++;
    return best;
}

static rec_status push(matcher *m, range r, rec_error *err)
{
    if (r.a_low >= r.a_high || r.b_low >= r.b_high)
        return REC_OK;
    if (m->n_pending == m->capacity) {
        size_t capacity = m->capacity > 0 ? 2 * m->capacity : 32;
        range *grown = rec_realloc(m->pending, capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        m->pending = grown;
        m->capacity = capacity;
    }
    m->pending[m->n_pending++] = r;
    return REC_OK;
}

static rec_status count_matches(size_t *out, matcher *m, rec_error *err)
{
    rec_status status;
    *out = 0;
    REC_TRY(push(m, (range){0, m->a.n, 0, m->b.n}, err));
    while (m->n_pending > 0) {
        range r = m->pending[--m->n_pending];
        block match = longest_match(m, &r);
        if (match.n == 0)
            continue;
        *out += match.n;
        REC_TRY(push(m, (range){r.a_low, match.a, r.b_low, match.b}, err));
        REC_TRY(push(m, (range){match.a + match.n, r.a_high, match.b + match.n, r.b_high}, err));
    }
cleanup:
    return status;
}

double rec_ratcliff_bound(rec_span a, rec_span b)
{
    size_t shorter = a.n < b.n ? a.n : b.n;
    return a.n + b.n > 0 ? 2.0 * (double)shorter / (double)(a.n + b.n) : 1.0;
}

rec_status rec_ratcliff(double *out, rec_span a, rec_span b, rec_error *err)
{
    matcher m = {.n_pending = 0};
    rec_status status;
    size_t n_matching;
    *out = 0.0;
    if (a.n > INT32_MAX || b.n > INT32_MAX)
        return rec_fail(err, REC_ERR_RESOURCE, "texts of %zu and %zu bytes are too long to compare",
                        a.n, b.n);
    REC_TRY(matcher_init(&m, a, b, err));
    REC_TRY(count_matches(&n_matching, &m, err));
    *out = a.n + b.n > 0 ? 2.0 * (double)n_matching / (double)(a.n + b.n) : 1.0;
cleanup:
    matcher_deinit(&m);
    return status;
}
