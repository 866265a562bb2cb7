/* models/reclm_emb/original/written.c: what a language model wrote for the original, here written by rules
 * (writers/rules.c) at the original's rates; gpt4_data and its tests gpt_summary (US2I), gpt_query (AS2I),
 * gpt_misspell (NM2I), gpt_summary_query (UQ2I), and the additions of gpt4_data_v2, which only train. */
#include "models/reclm_emb/original/original.h"

enum { ANSWERS = 10, QUERIES_OF_SUMMARY = 2, SHORTEST_HISTORY = 4 };

static const rec_emb_finish summary_finish = {.phrase = REC_EMB_PHRASE_SUMMARY,
                                              .is_wrong = rec_emb_is_other};

static bool is_drawn(rec_emb_maker *m, double in_training, double in_tests)
{
    return rec_emb_visit_chance(m, rec_emb_is_test(m) ? in_tests : in_training);
}

/* ---- rows ---- */

/* What is written about an item. */
typedef struct item_text {
    size_t task;
    rec_status (*draft)(bool *made, rec_emb_draft *d, rec_error *err);
    rec_emb_finish finish;
} item_text;

static const item_text description = {
    .task = REC_EMB_TASK_as2i,
    .draft = rec_emb_draft_description,
    .finish = {.phrase = REC_EMB_PHRASE_ATTRIBUTES, .bare = 1.0, .is_wrong = rec_emb_is_other}};
static const item_text misspelling = {
    .task = REC_EMB_TASK_nm2i,
    .draft = rec_emb_draft_misspelling,
    .finish = {.phrase = REC_EMB_PHRASE_TITLE, .bare = 1.0, .is_wrong = rec_emb_is_other_title}};

/* Rows of n such texts; those that cannot be written are missing. */
static rec_status item_rows(rec_emb_maker *m, uint32_t item, const item_text *text, size_t n,
                            rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        bool open, made;
        status = rec_emb_open_row(&open, m, text->task, REC_NO_USER, item, err);
        if (status != REC_OK || !open)
            return status;
        status = text->draft(&made, &m->draft, err);
        if (status == REC_OK)
            status = rec_emb_close_row(m, made, &text->finish, err);
    }
    return status;
}

/* A description of the user with the first `end` items; behind it one of the item that follows, or not. */
static rec_status summary_row(rec_emb_maker *m, uint32_t user, size_t end, bool with_query,
                              rec_error *err)
{
    rec_emb_draft *d = &m->draft;
    size_t task = with_query ? REC_EMB_TASK_uq2i : REC_EMB_TASK_us2i;
    bool open, made;
    rec_status status = rec_emb_open_row(&open, m, task, user, REC_NO_ITEM, err);
    if (status != REC_OK || !open)
        return status;
    REC_TRY(rec_emb_show_history(m, end, err));
    REC_TRY(rec_emb_draft_summary(&made, d, err));
    if (made && with_query) {
        REC_TRY(rec_buffer_puts(&d->query, "; ", err));
        REC_TRY(rec_emb_draft_description(&made, d, err));
    }
    status = rec_emb_close_row(m, made, &summary_finish, err);
cleanup:
    return status;
}

/* ---- gpt4_data ---- */

/* A few users: their description, the item that follows in ten descriptions, and both together. */
static rec_status gpt_user(rec_emb_maker *m, uint32_t user, rec_error *err)
{
    const uint32_t *items;
    size_t n = rec_emb_sequence(&items, m, user), held_out = rec_emb_is_test(m) ? 1 : 2;
    if (n < SHORTEST_HISTORY || !is_drawn(m, 0.008, 0.007))
        return REC_OK;
    rec_status status = summary_row(m, user, n - held_out, false, err);
    for (size_t i = 0; i < QUERIES_OF_SUMMARY && status == REC_OK; i++)
        status = summary_row(m, user, n - held_out, true, err);
    return status == REC_OK ? item_rows(m, items[n - held_out], &description, ANSWERS, err)
                            : status;
}

const rec_emb_generator rec_emb_gpt_user = {
    .name = "gpt_user",
    .unit = REC_EMB_PER_USER,
    .passes = {1, 1},
    .is_sampled = true,
    .makes = 1u << REC_EMB_TASK_us2i | 1u << REC_EMB_TASK_as2i | 1u << REC_EMB_TASK_uq2i,
    .visit = gpt_user,
};

static rec_status gpt_item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    return is_drawn(m, 0.2, 0.15) ? item_rows(m, item, &description, ANSWERS, err) : REC_OK;
}

const rec_emb_generator rec_emb_gpt_item = {
    .name = "gpt_item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {1, 1},
    .is_sampled = true,
    .makes = 1u << REC_EMB_TASK_as2i,
    .visit = gpt_item,
};

static rec_status gpt_misspell(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    bool drawn = is_drawn(m, 0.15, 0.05) && rec_emb_title(m->source.items, item) != NULL;
    return drawn ? item_rows(m, item, &misspelling, ANSWERS, err) : REC_OK;
}

const rec_emb_generator rec_emb_gpt_misspell = {
    .name = "gpt_misspell",
    .unit = REC_EMB_PER_ITEM,
    .passes = {1, 1},
    .is_sampled = true,
    .makes = 1u << REC_EMB_TASK_nm2i,
    .visit = gpt_misspell,
};

/* ---- gpt4_data_v2 ---- */

static rec_status gpt_v2_user(rec_emb_maker *m, uint32_t user, rec_error *err)
{
    const uint32_t *items;
    size_t n = rec_emb_sequence(&items, m, user);
    if (n < SHORTEST_HISTORY)
        return REC_OK;
    size_t end = 1 + rec_rng_below(&m->visit, (uint32_t)(n - 2)); /* 1 .. n - 2 */
    return summary_row(m, user, end, false, err);
}

const rec_emb_generator rec_emb_gpt_v2_user = {
    .name = "gpt_v2_user",
    .unit = REC_EMB_PER_USER,
    .passes = {1, 0},
    .n_units = {10000, 0},
    .is_sampled = true,
    .makes = 1u << REC_EMB_TASK_us2i,
    .visit = gpt_v2_user,
};

/* Who talks about the item that follows; nothing is around what is said. */
static rec_status gpt_v2_dialogue(rec_emb_maker *m, uint32_t user, rec_error *err)
{
    static const rec_emb_finish finish = {
        .phrase = REC_EMB_PHRASE_SUMMARY, .bare = 1.0, .is_wrong = rec_emb_is_other};
    rec_emb_draft *d = &m->draft;
    const uint32_t *items;
    rec_emb_condition facts[REC_EMB_FACTS_MAX];
    size_t n = rec_emb_sequence(&items, m, user), n_facts;
    bool open, made;
    if (n < SHORTEST_HISTORY)
        return REC_OK;
    size_t end = 1 + rec_rng_below(&m->visit, (uint32_t)(n - 2));
    rec_status status = rec_emb_open_row(&open, m, REC_EMB_TASK_dialogue, user, REC_NO_ITEM, err);
    if (status != REC_OK || !open)
        return status;
    const rec_emb_style style = rec_emb_style_draw(REC_EMB_DIALOGUE, &d->rng);
    REC_TRY(rec_emb_show_history(m, end, err));
    REC_TRY(rec_emb_draft_facts(&n_facts, facts, d, REC_EMB_FACTS_MAX, err));
    made = n_facts > 0;
    if (made)
        REC_TRY(rec_emb_draft_text(&made, d, REC_EMB_DIALOGUE, &style, facts, n_facts, err));
    status = rec_emb_close_row(m, made, &finish, err);
cleanup:
    return status;
}

const rec_emb_generator rec_emb_gpt_v2_dialogue = {
    .name = "gpt_v2_dialogue",
    .unit = REC_EMB_PER_USER,
    .passes = {1, 0},
    .n_units = {10000, 0},
    .is_sampled = true,
    .makes = 1u << REC_EMB_TASK_dialogue,
    .visit = gpt_v2_dialogue,
};

static rec_status gpt_v2_item(rec_emb_maker *m, uint32_t item, rec_error *err)
{
    return item_rows(m, item, &description, 1, err);
}

const rec_emb_generator rec_emb_gpt_v2_item = {
    .name = "gpt_v2_item",
    .unit = REC_EMB_PER_ITEM,
    .passes = {1, 0},
    .is_sampled = true,
    .makes = 1u << REC_EMB_TASK_as2i,
    .visit = gpt_v2_item,
};
