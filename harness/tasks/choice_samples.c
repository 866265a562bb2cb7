/* harness/tasks/choice_samples.c: options of multiple-choice questions. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"
#include "harness/replies/titles.h"
#include "harness/systems/item_text.h"
#include "harness/tasks/candidates.h"
#include "harness/tasks/choice.h"

const char *const rec_choice_negatives_names[] = {"uniform", "popularity", NULL};

typedef struct builder {
    const rec_choice_options *options;
    const rec_task_data *data;
    rec_sample_set *set;
    const char *purpose; /* names the random draws of this task */
    rec_popularity_draw popularity;
    rec_arena scratch;
    char **canonical; /* owned (n_items), each too: titles in canonical form */
    uint32_t *taken;  /* owned (n_items): items the user touched, ascending */
    size_t n_taken;
    size_t n_too_short; /* users whose history has no two different items */
} builder;

static rec_status make_canonical(builder *b, rec_error *err)
{
    const rec_catalogue *c = &b->data->dataset->catalogue;
    rec_status status = REC_OK;
    b->canonical = rec_alloc(c->n_items, sizeof *b->canonical, err);
    if (b->canonical == NULL)
        return REC_ERR_RESOURCE;
    for (uint32_t i = 0; i < c->n_items && status == REC_OK; i++) {
        const char *title = rec_item_title(c, i);
        status = rec_title_canonical(&b->canonical[i], rec_span_of(title), err);
        if (status == REC_OK && b->canonical[i][0] == '\0') { /* no letter in it: it is itself */
            free(b->canonical[i]);
            b->canonical[i] = rec_strdup(title, err);
            status = b->canonical[i] != NULL ? REC_OK : REC_ERR_RESOURCE;
        }
    }
    return status;
}

static void collect_taken(builder *b, uint32_t user)
{
    const rec_interactions *x = &b->data->dataset->interactions;
    size_t start = x->start[user], n = x->start[user + 1] - start;
    memcpy(b->taken, x->item + start, n * sizeof *b->taken);
    b->n_taken = rec_sort_distinct_u32(b->taken, n);
}

static bool has_title(const builder *b, const uint32_t *items, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(b->canonical[items[i]], b->canonical[item]) == 0)
            return true;
    return false;
}

/* n options with the target first. More are drawn than are needed: those whose title another option
 * has, in whatever spelling, are passed over. */
static rec_status draw_options(uint32_t *out, size_t n, builder *b, uint32_t target, rec_rng *rng,
                               rec_error *err)
{
    size_t n_items = b->data->dataset->catalogue.n_items, n_left = n_items - b->n_taken;
    size_t n_drawn = 2 * n + 8 < n_left ? 2 * n + 8 : n_left, n_kept = 1;
    rec_arena_mark mark = rec_arena_get_mark(&b->scratch);
    uint32_t *drawn = rec_arena_alloc(&b->scratch, n_drawn, sizeof *drawn, err);
    if (drawn == NULL)
        return REC_ERR_RESOURCE;
    rec_status status =
        b->options->negatives == REC_CHOICE_POPULARITY
            ? rec_draw_popular(drawn, n_drawn, &b->popularity, b->taken, b->n_taken, rng,
                               &b->scratch, err)
            : rec_draw_uniform(drawn, n_drawn, n_items, b->taken, b->n_taken, rng, err);
    out[0] = target;
    for (size_t i = 0; i < n_drawn && n_kept < n && status == REC_OK; i++)
        if (!has_title(b, out, n_kept, drawn[i]))
            out[n_kept++] = drawn[i];
    if (status == REC_OK && n_kept < n)
        status =
            rec_fail(err, REC_ERR_DATA,
                     "only %zu items with different titles are left for %zu options", n_kept, n);
    rec_arena_rewind(&b->scratch, mark);
    return status;
}

static rec_status add_options(rec_sample *s, builder *b, rec_error *err)
{
    size_t n = (size_t)b->options->n_options;
    uint32_t *options = rec_arena_alloc(&b->set->arena, n, sizeof *options, err);
    if (options == NULL)
        return REC_ERR_RESOURCE;
    rec_rng rng = rec_rng_keyed(b->data->seed, b->purpose, rec_sample_id(s));
    collect_taken(b, s->user);
    rec_status status = draw_options(options, n, b, s->targets[0], &rng, err);
    if (status != REC_OK)
        return rec_error_prefix(err, "user %s", b->data->dataset->user_ids[s->user]);
    rec_rng_shuffle(&rng, options, n, sizeof *options);
    s->candidates = options;
    s->n_candidates = n;
    s->seen = NULL;
    s->n_seen = 0;
    return REC_OK;
}

/* An item of the history becomes the target, all its occurrences leave the history, what is left is
 * shuffled. *ok false: no other item would be left. */
static rec_status take_target_from_history(bool *ok, rec_sample *s, builder *b, rec_error *err)
{
    const rec_query *q = &s->query;
    uint32_t *history = rec_arena_alloc(&b->set->arena, q->n_history + 1, sizeof *history, err);
    uint32_t *target = rec_arena_alloc(&b->set->arena, 1, sizeof *target, err);
    if (history == NULL || target == NULL)
        return REC_ERR_RESOURCE;
    *ok = false;
    if (q->n_history == 0)
        return REC_OK;
    rec_rng rng = rec_rng_keyed(b->data->seed, "choice/history", rec_sample_id(s));
    size_t n = 0;
    *target = q->history[rec_rng_below(&rng, (uint32_t)q->n_history)];
    for (size_t i = 0; i < q->n_history; i++)
        if (q->history[i] != *target)
            history[n++] = q->history[i];
    rec_rng_shuffle(&rng, history, n, sizeof *history);
    s->query = (rec_query){.user = REC_NO_USER, .history = history, .n_history = n};
    s->targets = target;
    s->gains = NULL;
    *ok = n > 0;
    return REC_OK;
}

/* One question per user: the history has as many whatever was to be predicted. */
static rec_status build(builder *b, rec_choice_target target, rec_error *err)
{
    rec_sample_set *set = b->set;
    rec_status status = REC_OK;
    size_t n_kept = 0;
    for (size_t i = 0; i < set->n && status == REC_OK; i++) {
        rec_sample s = set->samples[i];
        bool ok = true;
        if (target == REC_CHOICE_HISTORY_ITEM && s.turn > 0)
            continue;
        if (target == REC_CHOICE_HISTORY_ITEM)
            status = take_target_from_history(&ok, &s, b, err);
        b->n_too_short += !ok;
        if (status == REC_OK && ok) {
            status = add_options(&s, b, err);
            set->samples[n_kept++] = s;
        }
    }
    set->n = n_kept;
    set->n_skipped += b->n_too_short;
    set->n_candidates = (size_t)b->options->n_options;
    if (status == REC_OK && n_kept == 0)
        status = rec_fail(err, REC_ERR_DATA, "no user has two different items in its history");
    return status;
}

static rec_status count(const builder *b, rec_choice_target target, rec_error *err)
{
    cJSON *counts = b->set->counts;
    cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(counts, "samples"), (double)b->set->n);
    bool complete =
        cJSON_AddNumberToObject(counts, "histories_too_short", (double)b->n_too_short) != NULL &&
        (target != REC_CHOICE_HISTORY_ITEM ||
         cJSON_AddStringToObject(counts, "targets",
                                 "of the history: recommenders were fitted on "
                                 "them") != NULL);
    return complete ? REC_OK : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
}

static void builder_deinit(builder *b)
{
    for (size_t i = 0; b->canonical != NULL && i < b->data->dataset->catalogue.n_items; i++)
        free(b->canonical[i]);
    free(b->canonical);
    free(b->taken);
    rec_popularity_draw_deinit(&b->popularity);
    rec_arena_deinit(&b->scratch);
}

rec_status rec_choice_samples(rec_sample_set *out, const rec_choice_options *o,
                              rec_choice_target target, const char *purpose,
                              const rec_task_data *data, rec_error *err)
{
    builder b = {.options = o, .data = data, .set = out, .purpose = purpose};
    const rec_interactions *x = &data->dataset->interactions;
    size_t longest = 0;
    rec_status status = rec_target_samples(out, &o->samples, data, err);
    if (status != REC_OK)
        return status;
    for (size_t u = 0; u < x->n_users; u++)
        longest = x->start[u + 1] - x->start[u] > longest ? x->start[u + 1] - x->start[u] : longest;
    REC_TRY_NEW(b.taken, longest, err);
    REC_TRY(make_canonical(&b, err));
    REC_TRY(rec_popularity_draw_init(&b.popularity, data->popularity,
                                     data->dataset->catalogue.n_items, err));
    if (target == REC_CHOICE_HISTORY_ITEM)
        cJSON_DeleteItemFromObjectCaseSensitive(out->counts, "targets");
    REC_TRY(build(&b, target, err));
    status = count(&b, target, err);
cleanup:
    builder_deinit(&b);
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}
