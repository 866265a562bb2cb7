/* models/reclm_emb/original/users.c: rows about users; user2item (UH2I) and queryuser2item (UQ2I). */
#include "models/reclm_emb/original/original.h"

/* Negatives are outside the whole sequence, the item of the test included. */
static bool is_outside(const rec_emb_maker *m, uint32_t item)
{
    const uint32_t *items;
    size_t n = rec_emb_sequence(&items, m, m->draft.row->user);
    for (size_t i = 0; i < n; i++)
        if (items[i] == item)
            return false;
    return true;
}

static rec_status history_row(rec_emb_maker *m, uint32_t user, size_t end, rec_error *err)
{
    static const rec_emb_finish finish = {
        .phrase = REC_EMB_PHRASE_HISTORY, .bare = 0.5, .is_wrong = is_outside};
    bool open, made = true;
    rec_status status = rec_emb_open_row(&open, m, REC_EMB_TASK_uh2i, user, REC_NO_ITEM, err);
    if (status != REC_OK || !open)
        return status;
    status = rec_emb_show_history(m, end, err);
    if (status == REC_OK)
        status = rec_emb_draft_history(&made, &m->draft, err);
    return status == REC_OK ? rec_emb_close_row(m, made, &finish, err) : status;
}

/* Training keeps each place between the first and the last with probability 2 / (length - 1). */
static rec_status user2item(rec_emb_maker *m, uint32_t user, rec_error *err)
{
    const uint32_t *items;
    size_t n = rec_emb_sequence(&items, m, user);
    rec_status status = REC_OK;
    if (n < 2)
        return REC_OK;
    if (rec_emb_is_test(m))
        return history_row(m, user, n - 1, err);
    for (size_t t = 1; t + 1 < n && status == REC_OK; t++)
        if (rec_emb_visit_chance(m, 2.0 / ((double)n - 1.0)))
            status = history_row(m, user, t, err);
    return status;
}

const rec_emb_generator rec_emb_user2item = {
    .name = "user2item",
    .unit = REC_EMB_PER_USER,
    .passes = {1, 1},
    .n_units = {30000, 50000},
    .makes = 1u << REC_EMB_TASK_uh2i,
    .visit = user2item,
};

/* The second last item in training, the last in tests, and a wish that it satisfies. */
static rec_status queryuser2item(rec_emb_maker *m, uint32_t user, rec_error *err)
{
    static const rec_emb_finish finish = {.phrase = REC_EMB_PHRASE_WISH,
                                          .is_wrong = rec_emb_is_other};
    const uint32_t *items;
    size_t n = rec_emb_sequence(&items, m, user), held_out = rec_emb_is_test(m) ? 1 : 2;
    bool open, made;
    if (n <= held_out)
        return REC_OK; /* no history */
    rec_status status = rec_emb_open_row(&open, m, REC_EMB_TASK_uq2i, user, REC_NO_ITEM, err);
    if (status != REC_OK || !open)
        return status;
    REC_TRY(rec_emb_show_history(m, n - held_out, err));
    REC_TRY(rec_emb_draft_history(&made, &m->draft, err));
    if (made)
        REC_TRY(rec_emb_original_wish(&made, m, rec_emb_chance(m, REC_EMB_FULL_SHARE), 4, err));
    status = rec_emb_close_row(m, made, &finish, err);
cleanup:
    return status;
}

const rec_emb_generator rec_emb_queryuser2item = {
    .name = "queryuser2item",
    .unit = REC_EMB_PER_USER,
    .passes = {1, 1},
    .n_units = {12000, 25000},
    .makes = 1u << REC_EMB_TASK_uq2i,
    .visit = queryuser2item,
};
