#include "harness/tasks/text_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/replies/errors.h"
#include "harness/replies/grounding.h"
#include "harness/replies/reclm_errors.h"
#include "harness/replies/reclm_ranking.h"
#include "harness/replies/titles.h"
#include "harness/systems/item_text.h"
#include "harness/tasks/answer_key.h"
#include "harness/tasks/columns.h"
#include "harness/tasks/rank_task.h"

const char *const rec_text_compat_names[] = {"none", "reclm", NULL};
const char *const rec_text_list_texts[] = {"prompt", "reply", "parsed", "parser", NULL};
enum { TEXT_PROMPT, TEXT_REPLY, TEXT_PARSED, TEXT_PARSER };

static const char *const slots[] = {"history", "candidates", "n", "k", "query", NULL};

/* Every shift of the candidates in every wording; question q is shift q % permutations. */
static size_t n_questions(const rec_text_list_options *o)
{
    return (size_t)o->permutations * rec_prompt_n_wordings(&o->prompt);
}

/* ---- columns ---- */

static const char consistency_name[] = "consistency";

/* RecLM-eval's figures, in the order of reclm_values(). */
static const char *const reclm_names[] = {"reclm_history_error_rate", "reclm_duplicate_error_rate",
                                          "reclm_candidate_error_rate", "reclm_copy_error",
                                          "reclm_abort_rate"};
enum { N_RECLM = sizeof reclm_names / sizeof *reclm_names };

static rec_status add_column(rec_task_entry *entry, const char *name, bool higher_is_better,
                             rec_error *err)
{
    const rec_task_column column = {.metric = name, .higher_is_better = higher_is_better};
    rec_status status = rec_task_add_column(entry, &column, err);
    if (status == REC_OK)
        entry->n_text_columns++;
    return status;
}

static rec_status unknown_error(const char *name, const rec_yaml *map, rec_error *err)
{
    const char *names[64];
    size_t n = 0;
    for (; n < rec_n_error_metrics && n < sizeof names / sizeof *names; n++)
        names[n] = rec_error_metrics[n].name;
    char hint[REC_HINT_MAX];
    rec_hint(hint, name, names, n);
    const rec_yaml *node = rec_yaml_get(map, "errors");
    return rec_yaml_fail(err, node != NULL ? node : map, "errors: unknown figure \"%.80s\"%s", name,
                         hint);
}

static rec_status add_errors(rec_task_entry *entry, const rec_text_list_options *o,
                             bool has_candidates, const rec_yaml *map, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < o->errors.n && status == REC_OK; i++) {
        const rec_error_metric *m = rec_error_metric_find(o->errors.items[i]);
        if (m == NULL)
            return unknown_error(o->errors.items[i], map, err);
        if (!m->needs_candidates || has_candidates)
            status = add_column(entry, m->name, m->higher_is_better, err);
    }
    return status;
}

rec_status rec_text_list_columns(rec_task_entry *entry, const rec_text_list_options *o,
                                 bool has_candidates, const rec_yaml *map, rec_error *err)
{
    rec_status status = REC_OK;
    if (o->prompt.user != NULL)
        status = rec_prompt_check(&o->prompt, slots, map, err);
    if (status == REC_OK && o->repair && o->compat != REC_COMPAT_RECLM)
        status =
            rec_yaml_fail(err, map, "repair: only with compat: reclm; answers are not repaired");
    if (status == REC_OK && o->permutations > 1 && !has_candidates)
        status = rec_yaml_fail(err, map, "permutations: the task shows no candidates");
    if (status == REC_OK)
        status = add_errors(entry, o, has_candidates, map, err);
    for (size_t i = 0; o->compat == REC_COMPAT_RECLM && i < N_RECLM && status == REC_OK; i++)
        status = add_column(entry, reclm_names[i], false, err);
    if (status == REC_OK && n_questions(o) > 1)
        status = add_column(entry, consistency_name, true, err);
    return status;
}

/* ---- what replies are read with ---- */

typedef struct text_data {
    rec_grounder *grounder;
    rec_popular_titles popular;
    char **titles;           /* owned (n_items): as prompts show them */
    rec_tfidf *list_corpus;  /* compat: of the list metrics */
    rec_tfidf *error_corpus; /* compat: of the error rates */
    size_t n_items;
} text_data;

static void text_data_free(void *self)
{
    text_data *t = self;
    rec_grounder_free(t->grounder);
    rec_popular_titles_deinit(&t->popular);
    rec_tfidf_free(t->list_corpus);
    rec_tfidf_free(t->error_corpus);
    for (size_t i = 0; t->titles != NULL && i < t->n_items; i++)
        free(t->titles[i]);
    free(t->titles);
    free(t);
}

static rec_status copy_titles(text_data *t, const rec_catalogue *c, rec_error *err)
{
    t->titles = rec_alloc(c->n_items, sizeof *t->titles, err);
    if (t->titles == NULL)
        return REC_ERR_RESOURCE;
    t->n_items = c->n_items;
    for (size_t i = 0; i < c->n_items; i++) {
        t->titles[i] = rec_strdup(rec_item_title(c, (uint32_t)i), err);
        if (t->titles[i] == NULL)
            return REC_ERR_RESOURCE;
    }
    return REC_OK;
}

static rec_status make_corpora(text_data *t, const rec_catalogue *c, rec_error *err)
{
    rec_status status = rec_reclm_corpus(&t->list_corpus, c, REC_TITLE_LIST_METRICS, err);
    return status == REC_OK ? rec_reclm_corpus(&t->error_corpus, c, REC_TITLE_ERRORS, err) : status;
}

rec_status rec_text_list_prepare(rec_sample_set *set, const rec_text_list_options *o,
                                 const rec_task_data *data, rec_error *err)
{
    const rec_catalogue *c = &data->dataset->catalogue;
    if (o->prompt.user == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "prompt: user: missing");
    text_data *t = rec_alloc(1, sizeof *t, err);
    if (t == NULL)
        return REC_ERR_RESOURCE;
    rec_status status;
    REC_TRY(copy_titles(t, c, err));
    REC_TRY(rec_grounder_new(&t->grounder, t->titles, c->n_items, REC_SIMILAR_ERRORS, err));
    REC_TRY(rec_popular_titles_init(&t->popular, data, err));
    if (o->compat == REC_COMPAT_RECLM)
        REC_TRY(make_corpora(t, c, err));
    set->text = t;
    set->text_free = text_data_free;
cleanup:
    if (status != REC_OK)
        text_data_free(t);
    return status;
}

/* ---- asking ---- */

/* A job between its rounds. */
typedef struct asked {
    uint32_t **orders;     /* (n_questions): candidates as shown; NULL pointers without */
    rec_request *requests; /* (n_questions) */
    rec_lm_answer_key *keys;
} asked;

static size_t n_wanted(const rec_text_list_options *o, const rec_sample *s)
{
    return o->list > 0 ? (size_t)o->list : s->n_candidates;
}

/* Shift `p` of `n_shifts`: the candidates from place p * n / n_shifts on, then those before. */
static rec_status shift_candidates(uint32_t **out, rec_job *job, size_t p, size_t n_shifts,
                                   rec_error *err)
{
    const rec_sample *s = job->sample;
    *out = NULL;
    if (s->candidates == NULL)
        return REC_OK;
    *out = rec_arena_alloc(&job->arena, s->n_candidates, sizeof **out, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < s->n_candidates; i++)
        (*out)[i] = s->candidates[(i + p * s->n_candidates / n_shifts) % s->n_candidates];
    return REC_OK;
}

static rec_status build_request(rec_request *out, rec_job *job, const rec_text_list_options *o,
                                size_t wording, const uint32_t *order, rec_error *err)
{
    const rec_sample *s = job->sample;
    const rec_prompt_options prompt = rec_prompt_wording(&o->prompt, wording);
    const rec_prompt_slot filled[] = {
        rec_prompt_history(&o->prompt, &s->query),
        {.name = "candidates",
         .items = order,
         .n = s->n_candidates,
         .is_list = true,
         .item_format = o->prompt.candidate_item,
         .separator = o->prompt.candidate_separator},
        {.name = "n", .number = s->n_candidates},
        {.name = "k", .number = n_wanted(o, s)},
        {.name = "query", .text = s->query.text != NULL ? s->query.text : ""},
    };
    rec_status status = rec_prompt_build(out, &prompt, filled, sizeof filled / sizeof *filled,
                                         &job->data->dataset->catalogue, &job->arena, err);
    out->to = REC_PARTY_SYSTEM;
    out->text.seed = job->data->seed;
    out->text.id = (uint64_t)s->turn << 32 | s->user;
    return status;
}

static rec_status ask(rec_job *job, const rec_text_list_options *o, rec_error *err)
{
    const text_data *t = job->set->text;
    const rec_sample *s = job->sample;
    size_t n = n_questions(o);
    asked *a = rec_arena_alloc(&job->arena, 1, sizeof *a, err);
    if (a == NULL)
        return REC_ERR_RESOURCE;
    a->orders = rec_arena_alloc(&job->arena, n, sizeof *a->orders, err);
    a->requests = rec_arena_alloc(&job->arena, n, sizeof *a->requests, err);
    a->keys = rec_arena_alloc(&job->arena, n, sizeof *a->keys, err);
    if (a->orders == NULL || a->requests == NULL || a->keys == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (size_t p = 0; p < n && status == REC_OK; p++) {
        a->requests[p] = (rec_request){.key = &a->keys[p]};
        size_t n_shifts = (size_t)o->permutations;
        status = shift_candidates(&a->orders[p], job, p % n_shifts, n_shifts, err);
        if (status == REC_OK)
            status = build_request(&a->requests[p], job, o, p / n_shifts, a->orders[p], err);
        if (status == REC_OK)
            status = rec_answer_key_fill(&a->keys[p], t->titles, a->orders[p], s->n_candidates,
                                         s->targets, s->n_targets, &job->arena, err);
        a->keys[p].n_wanted = n_wanted(o, s);
        rec_popular_titles_offer(&a->keys[p], &t->popular);
    }
    job->stage = 1;
    job->state = a;
    return status == REC_OK ? rec_job_ask(job, a->requests, n, err) : status;
}

/* ---- reading ---- */

static const char *const *titles_of(const rec_job *job, const uint32_t *items, size_t n,
                                    rec_arena *arena, rec_error *err)
{
    const text_data *t = job->set->text;
    const char **titles = rec_arena_alloc(arena, n, sizeof *titles, err);
    for (size_t i = 0; titles != NULL && i < n; i++)
        titles[i] = t->titles[items[i]];
    return titles;
}

/* What one answer was and is. */
typedef struct answer {
    const uint32_t *order; /* candidates as shown, or NULL */
    rec_title_list list;
    rec_grounded_list grounded;
    uint32_t first; /* item that leads the list, or REC_NO_ITEM */
} answer;

static void answer_deinit(answer *a)
{
    rec_title_list_deinit(&a->list);
    rec_grounded_list_deinit(&a->grounded);
}

/* RecLM-eval's local models, whose shuffle has no seed; here the sample names it. */
static rec_status repair(answer *a, rec_job *job, const char *text, rec_error *err)
{
    const rec_sample *s = job->sample;
    const rec_reclm_ranking shown = {
        .candidates = titles_of(job, a->order, s->n_candidates, &job->arena, err),
        .n_candidates = s->n_candidates,
        .history = titles_of(job, s->query.history, s->query.n_history, &job->arena, err),
        .n_history = s->query.n_history,
        .top_k = 20,
    };
    if (shown.candidates == NULL || shown.history == NULL)
        return REC_ERR_RESOURCE;
    rec_rng rng =
        rec_rng_keyed(job->data->seed, "reclm/padding", (uint64_t)s->turn << 32 | s->user);
    return rec_reclm_repair(&a->list, text, &shown, &rng, err);
}

static rec_status read_answer(answer *a, rec_job *job, const rec_text_list_options *o,
                              const char *text, rec_error *err)
{
    const text_data *t = job->set->text;
    const rec_sample *s = job->sample;
    rec_status status;
    if (o->repair)
        status = repair(a, job, text, err);
    else
        status = rec_list_parsers[o->parser]->parse(&a->list, text,
                                                    rec_grounder_titles(t->grounder), err);
    if (status != REC_OK)
        return status;
    const rec_grounding_context context = {
        .targets = s->targets,
        .n_targets = s->n_targets,
        .candidates = a->order,
        .n_candidates = s->n_candidates,
        .history = s->query.history,
        .n_history = s->query.n_history,
    };
    status = rec_ground_list(&a->grounded, t->grounder, &a->list, &context, err);
    a->first = status == REC_OK && a->grounded.n > 0 ? a->grounded.items[0] : REC_NO_ITEM;
    return status;
}

/* ---- scoring ---- */

static bool contains(const uint32_t *items, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++)
        if (items[i] == item)
            return true;
    return false;
}

static void place_target(rec_target_rank *targets, const rec_sample *s, uint32_t item, size_t rank)
{
    for (size_t t = 0; t < s->n_targets; t++)
        if (s->targets[t] == item)
            targets[t] = (rec_target_rank){(uint32_t)rank, (uint32_t)rank - 1, 1};
}

/* Places by items: a title out of the catalogue takes a place, an item named again does not. */
static void place_by_items(rec_reply *r, uint32_t *kept, rec_target_rank *targets, size_t *n_places,
                           const rec_job *job, const answer *a)
{
    size_t n_kept = 0;
    *n_places = 0;
    for (size_t i = 0; i < a->grounded.n; i++) {
        uint32_t item = a->grounded.items[i];
        if (item != REC_NO_ITEM && contains(kept, n_kept, item))
            continue;
        ++*n_places;
        if (item == REC_NO_ITEM)
            continue;
        kept[n_kept++] = item;
        place_target(targets, job->sample, item, *n_places);
    }
    r->n_ranked = (uint32_t)n_kept;
}

/* Places as RecLM-eval judges them: titles similar to a target are hits, as many as there are targets. */
static rec_status place_by_titles(rec_target_rank *targets, size_t *n_places, rec_job *job,
                                  const answer *a, rec_error *err)
{
    const text_data *t = job->set->text;
    const rec_sample *s = job->sample;
    const char *const *wanted = titles_of(job, s->targets, s->n_targets, &job->arena, err);
    float *gains = rec_arena_alloc(&job->arena, a->list.n, sizeof *gains, err);
    if (wanted == NULL || gains == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_reclm_gains(gains, t->list_corpus, &a->list, wanted, s->n_targets,
                                        REC_SIMILAR_LIST_METRICS, err);
    size_t n_hits = 0;
    memset(targets, 0, s->n_targets * sizeof *targets);
    for (size_t i = 0; i < a->list.n && status == REC_OK; i++)
        if (gains[i] > 0.0f && n_hits < s->n_targets)
            targets[n_hits++] = (rec_target_rank){(uint32_t)i + 1, (uint32_t)i, 1};
    *n_places = a->list.n;
    return status;
}

static void keep_list(rec_job *job, const rec_reply *r)
{
    size_t length = job->task->type->list_length(job->task->options);
    for (size_t i = 0; i < r->n_ranked && i < length; i++) {
        job->list_items[i] = r->items[i];
        job->list_scores[i] = -(float)i; /* an order without scores */
    }
}

static rec_status score_list(rec_job *job, const rec_text_list_options *o, const answer *a,
                             bool is_first, rec_error *err)
{
    const rec_sample *s = job->sample;
    size_t n_places, n_catalogue = job->data->dataset->catalogue.n_items;
    uint32_t *kept = rec_arena_alloc(&job->arena, a->grounded.n, sizeof *kept, err);
    float *scores = rec_arena_alloc(&job->arena, a->grounded.n, sizeof *scores, err);
    rec_target_rank *targets = rec_arena_alloc(&job->arena, s->n_targets, sizeof *targets, err);
    if (kept == NULL || scores == NULL || targets == NULL)
        return REC_ERR_RESOURCE;
    memset(targets, 0, s->n_targets * sizeof *targets);
    rec_reply r = {.kind = REC_REQUEST_RANK,
                   .n_targets = (uint32_t)s->n_targets,
                   .items = kept,
                   .scores = scores,
                   .targets = targets};
    place_by_items(&r, kept, targets, &n_places, job, a);
    rec_status status = REC_OK;
    if (o->compat == REC_COMPAT_RECLM)
        status = place_by_titles(targets, &n_places, job, a, err);
    size_t n_pool = s->candidates != NULL ? s->n_candidates : n_catalogue;
    r.n_pool = (uint32_t)(n_pool > n_places ? n_pool : n_places);
    if (status == REC_OK && is_first)
        keep_list(job, &r);
    return status == REC_OK ? rec_rank_score(job, REC_TIES_INDEX, &r, n_places, err) : status;
}

/* Columns from `at` on, in the order in which they were added. */
static rec_status score_errors(rec_job *job, size_t *at, const rec_text_list_options *o,
                               const answer *a, rec_error *err)
{
    const rec_sample *s = job->sample;
    const rec_shown_items shown = {
        .history = s->query.history,
        .n_history = s->query.n_history,
        .candidates = a->order,
        .n_candidates = s->n_candidates,
        .targets = s->targets,
        .n_targets = s->n_targets,
        .n_wanted = n_wanted(o, s),
    };
    rec_list_errors errors;
    rec_status status = rec_list_errors_find(&errors, &a->list, &a->grounded, &shown, err);
    for (size_t i = 0; i < o->errors.n && status == REC_OK; i++) {
        const rec_error_metric *m = rec_error_metric_find(o->errors.items[i]);
        if (m->needs_candidates && s->candidates == NULL)
            continue;
        job->values[*at] = m->value(&errors);
        if (m->weight != NULL)
            job->weights[*at] = m->weight(&errors);
        ++*at;
    }
    return status;
}

static rec_status score_reclm(rec_job *job, size_t *at, const answer *a, rec_error *err)
{
    const text_data *t = job->set->text;
    const rec_sample *s = job->sample;
    const char *const *history =
        titles_of(job, s->query.history, s->query.n_history, &job->arena, err);
    const char *const *candidates =
        titles_of(job, a->order, a->order != NULL ? s->n_candidates : 0, &job->arena, err);
    if (history == NULL || candidates == NULL)
        return REC_ERR_RESOURCE;
    rec_reclm_errors e = {0};
    rec_status status = rec_reclm_errors_find(
        &e, t->error_corpus, &a->list, history, s->query.n_history, candidates,
        a->order != NULL ? s->n_candidates : 0, REC_SIMILAR_ERRORS, err);
    const double values[N_RECLM] = {e.history, e.duplicate, e.candidate, (double)e.n_copied,
                                    a->list.n == 0};
    for (size_t i = 0; i < N_RECLM; i++)
        job->values[(*at)++] = values[i];
    return status;
}

static rec_status score_answer(rec_job *job, const rec_text_list_options *o, const answer *a,
                               bool is_first, rec_error *err)
{
    size_t at = job->n_columns - job->task->n_text_columns;
    rec_status status = score_list(job, o, a, is_first, err);
    if (status == REC_OK)
        status = score_errors(job, &at, o, a, err);
    if (status == REC_OK && o->compat == REC_COMPAT_RECLM)
        status = score_reclm(job, &at, a, err);
    return status;
}

/* ---- texts of the report ---- */

static rec_status keep_texts(rec_job *job, const char *reply, const answer *a, rec_error *err)
{
    const asked *asking = job->state;
    const char *prompt = rec_request_text(&asking->requests[0], &job->arena, err);
    rec_buffer parsed = {0};
    rec_status status = prompt != NULL ? rec_buffer_puts(&parsed, "", err) : REC_ERR_RESOURCE;
    for (size_t i = 0; i < a->list.n && status == REC_OK; i++) {
        uint32_t item = a->grounded.items[i];
        const char *id =
            item != REC_NO_ITEM ? job->data->dataset->catalogue.ids[item] : "out of catalogue";
        status =
            rec_buffer_printf(&parsed, err, "%s%s [%s]", i > 0 ? "\n" : "", a->list.titles[i], id);
    }
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_PROMPT, prompt, err);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_REPLY, reply, err);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_PARSED, parsed.data, err);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_PARSER, rec_list_mode_names[a->list.mode], err);
    rec_buffer_deinit(&parsed);
    return status;
}

/* ---- one job ---- */

/* Means over the answers to all shifts; a figure that one of them lacks is missing. */
typedef struct sums {
    double *values, *weights;
    size_t n;
} sums;

static rec_status sums_init(sums *s, rec_job *job, rec_error *err)
{
    s->n = 0;
    s->values = rec_arena_alloc(&job->arena, job->n_columns, sizeof *s->values, err);
    s->weights = rec_arena_alloc(&job->arena, job->n_columns, sizeof *s->weights, err);
    if (s->values == NULL || s->weights == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < job->n_columns; i++)
        s->values[i] = s->weights[i] = 0.0;
    return REC_OK;
}

static void sums_add(sums *s, const rec_job *job)
{
    for (size_t i = 0; i < job->n_columns; i++) {
        s->values[i] += job->values[i];
        s->weights[i] += job->weights[i];
    }
    s->n++;
}

static void sums_finish(const sums *s, rec_job *job)
{
    for (size_t i = 0; i < job->n_columns; i++) {
        job->values[i] = s->values[i] / (double)s->n;
        job->weights[i] = s->weights[i] / (double)s->n;
    }
}

/* Share of pairs of answers that put the same item first. */
static double consistency(const uint32_t *firsts, size_t n)
{
    size_t n_equal = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            n_equal += firsts[i] == firsts[j] && firsts[i] != REC_NO_ITEM;
    return (double)n_equal / ((double)n * (double)(n - 1) / 2.0);
}

static rec_status take_reply(uint32_t *first, sums *s, rec_job *job, const rec_text_list_options *o,
                             size_t p, const char *text, rec_error *err)
{
    const asked *asking = job->state;
    answer a = {.order = asking->orders[p]};
    rec_status status = read_answer(&a, job, o, text, err);
    if (status == REC_OK)
        status = score_answer(job, o, &a, p == 0, err);
    if (status == REC_OK && p == 0)
        status = keep_texts(job, text, &a, err);
    sums_add(s, job);
    *first = a.first;
    answer_deinit(&a);
    return status;
}

static rec_status take_replies(rec_job *job, const rec_text_list_options *o,
                               const rec_reply *replies, rec_error *err)
{
    size_t n = n_questions(o);
    uint32_t *firsts = rec_arena_alloc(&job->arena, n, sizeof *firsts, err);
    sums s;
    rec_status status = firsts != NULL ? sums_init(&s, job, err) : REC_ERR_RESOURCE;
    for (size_t p = 0; p < n && status == REC_OK; p++)
        status = take_reply(&firsts[p], &s, job, o, p, replies[p].text, err);
    if (status != REC_OK)
        return status;
    sums_finish(&s, job);
    if (n > 1)
        job->values[job->n_columns - 1] = consistency(firsts, n);
    return REC_OK;
}

rec_status rec_text_list_step(rec_job *job, const rec_text_list_options *o,
                              const rec_reply *replies, rec_error *err)
{
    if (job->stage == 0)
        return ask(job, o, err);
    job->n_requests = 0;
    for (size_t p = 0; p < n_questions(o); p++)
        if (replies[p].text == NULL) {
            job->has_failed = true;
            return rec_job_set_text(job, TEXT_REPLY,
                                    replies[p].failure != NULL ? replies[p].failure : "", err);
        }
    return take_replies(job, o, replies, err);
}
