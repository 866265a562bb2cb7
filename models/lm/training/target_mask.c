#include "models/lm/training/target_mask.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

void rec_target_mask_deinit(rec_target_mask *m)
{
    free(m->start);
    free(m->ids);
    *m = (rec_target_mask){.n_rows = 0};
}

void rec_target_mask_clear(rec_target_mask *m)
{
    m->n_rows = 0;
}

rec_allowed rec_target_mask_allowed(const rec_target_mask *m)
{
    return (rec_allowed){.start = m->start, .ids = m->ids};
}

static size_t n_ids_of(const rec_target_mask *m)
{
    return m->n_rows > 0 ? m->start[m->n_rows] : 0;
}

static rec_status reserve(rec_target_mask *m, size_t n_ids, rec_error *err)
{
    if (m->n_rows + 2 > m->row_capacity) {
        size_t capacity = 2 * m->row_capacity + 64;
        size_t *start = rec_realloc(m->start, capacity, sizeof *start, err);
        if (start == NULL)
            return REC_ERR_RESOURCE;
        m->start = start;
        m->row_capacity = capacity;
    }
    if (n_ids_of(m) + n_ids > m->id_capacity) {
        size_t capacity = 2 * m->id_capacity + n_ids + 256;
        uint32_t *ids = rec_realloc(m->ids, capacity, sizeof *ids, err);
        if (ids == NULL)
            return REC_ERR_RESOURCE;
        m->ids = ids;
        m->id_capacity = capacity;
    }
    return REC_OK;
}

static rec_status append_row(rec_target_mask *m, const rec_next_ids *next, rec_error *err)
{
    size_t n = next->free ? 0 : next->n; /* an empty range is a free row */
    rec_status status = reserve(m, n, err);
    if (status != REC_OK)
        return status;
    size_t from = n_ids_of(m);
    if (n > 0)
        memcpy(m->ids + from, next->ids, n * sizeof *m->ids);
    m->start[m->n_rows] = from;
    m->start[++m->n_rows] = from + n;
    return REC_OK;
}

rec_status rec_target_mask_follow(rec_target_mask *m, rec_constraint *state,
                                  const uint32_t *targets, size_t n, size_t vocab_size,
                                  rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        rec_next_ids next = {.free = true};
        if (state != NULL)
            status = rec_constraint_allowed(&next, state, err);
        if (status != REC_OK)
            return status;
        if (!rec_next_ids_has(&next, targets[i]))
            return rec_fail(err, REC_ERR_DATA,
                            "learnt token %zu (id %u): the constraint does not allow it there", i,
                            (unsigned)targets[i]);
        if (!next.free && next.ids[next.n - 1] >= vocab_size)
            return rec_fail(err, REC_ERR_MODEL,
                            "the constraint allows id %u, the vocabulary has %zu",
                            (unsigned)next.ids[next.n - 1], vocab_size);
        status = append_row(m, &next, err);
        if (status == REC_OK && state != NULL)
            status = rec_constraint_advance(state, targets[i], err);
    }
    return status;
}
