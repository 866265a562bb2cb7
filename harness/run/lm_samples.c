#include "harness/run/lm_samples.h"

#include <stdlib.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "core/rng.h"

typedef struct drawn {
    uint64_t key; /* of the user */
    size_t place; /* of the sample */
} drawn;

static int compare_keys(const void *a, const void *b)
{
    const drawn *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int compare_places(const void *a, const void *b)
{
    const drawn *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

static rec_status count(rec_sample_set *out, const rec_sample_set *all, rec_error *err)
{
    rec_status status = rec_json_new_object(&out->counts, err);
    if (status == REC_OK)
        status = rec_json_add_count(out->counts, "samples", out->n, err);
    return status == REC_OK ? rec_json_add_count(out->counts, "drawn_from", all->n, err) : status;
}

rec_status rec_lm_samples_init(rec_sample_set *out, const rec_sample_set *all, size_t n,
                               uint64_t seed, rec_error *err)
{
    *out = (rec_sample_set){
        .n = n,
        .n_skipped = all->n_skipped,
        .n_candidates = all->n_candidates,
    };
    drawn *draws = rec_alloc(all->n, sizeof *draws, err);
    out->samples = rec_arena_alloc(&out->arena, n, sizeof *out->samples, err);
    if (draws == NULL || out->samples == NULL || count(out, all, err) != REC_OK) {
        free(draws);
        rec_sample_set_deinit(out);
        return REC_ERR_RESOURCE;
    }
    for (size_t i = 0; i < all->n; i++) {
        rec_rng r = rec_rng_keyed(seed, "task/samples", all->samples[i].user);
        draws[i] = (drawn){rec_rng_u64(&r), i};
    }
    qsort(draws, all->n, sizeof *draws, compare_keys);
    qsort(draws, n, sizeof *draws, compare_places);
    for (size_t i = 0; i < n; i++)
        out->samples[i] = all->samples[draws[i].place];
    free(draws);
    return REC_OK;
}
