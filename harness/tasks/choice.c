#include "harness/tasks/choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/stats/stats.h"
#include "harness/systems/item_text.h"
#include "harness/tasks/columns.h"

const char *const rec_choice_answer_names[] = {"generate", "likelihood", NULL};
const char *const rec_choice_texts[] = {"prompt", "reply", "parsed", "parser", NULL};
enum { TEXT_PROMPT, TEXT_REPLY, TEXT_PARSED, TEXT_PARSER };

static const char *const slots[] = {"history", "options", "n", "last_letter", NULL};
static const char *const letters[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I",
                                      "J", "K", "L", "M", "N", "O", "P", "Q", "R",
                                      "S", "T", "U", "V", "W", "X", "Y", "Z"};

/* Every shift of the options in every wording; question q is shift q % permutations. */
static size_t n_questions(const rec_choice_options *o)
{
    return (size_t)o->permutations * rec_prompt_n_wordings(&o->prompt);
}

/* ---- columns ---- */

static rec_status add_text_column(rec_task_entry *entry, const rec_task_column *column,
                                  rec_error *err)
{
    rec_status status = rec_task_add_column(entry, column, err);
    if (status == REC_OK)
        entry->n_text_columns++;
    return status;
}

rec_status rec_choice_columns(rec_task_entry *entry, const rec_choice_options *o,
                              const rec_yaml *map, rec_error *err)
{
    const rec_task_column acc = {.metric = "acc", .k = 1, .higher_is_better = true};
    const rec_task_column text[] = {
        {.metric = "acc_answered", .higher_is_better = true},
        {.metric = "none_ratio"},
        {.metric = "position_chi2", .is_whole_run = true},
        {.metric = "position_p", .is_whole_run = true, .higher_is_better = true},
    };
    const rec_task_column reclm[] = {{.metric = "reclm_acc", .k = 1, .higher_is_better = true},
                                     {.metric = "reclm_none_ratio"}};
    rec_status status = REC_OK;
    if (o->prompt.user != NULL)
        status = rec_prompt_check(&o->prompt, slots, map, err);
    if (status == REC_OK && o->permutations > o->n_options)
        status = rec_yaml_fail(err, map, "permutations: there are only %lld options",
                               (long long)o->n_options);
    if (status == REC_OK)
        status = rec_task_add_column(entry, &acc, err);
    for (size_t i = 0; i < sizeof text / sizeof *text && status == REC_OK; i++)
        status = add_text_column(entry, &text[i], err);
    for (size_t i = 0; i < 2 && o->compat == REC_COMPAT_RECLM && status == REC_OK; i++)
        status = add_text_column(entry, &reclm[i], err);
    if (status == REC_OK && n_questions(o) > 1)
        status = add_text_column(
            entry, &(rec_task_column){.metric = "consistency", .higher_is_better = true}, err);
    for (size_t k = 1; o->letters && k <= (size_t)o->n_options && status == REC_OK; k++)
        status = add_text_column(entry, &(rec_task_column){.metric = "letter_share", .k = k}, err);
    return status;
}

/* ---- by score ---- */

static rec_ties ties_of(const rec_job *job, const rec_choice_options *o)
{
    return job->expects_ties ? REC_TIES_EXPECTED : (rec_ties)o->ties;
}

static rec_status ask_for_scores(rec_job *job, const rec_choice_options *o, rec_error *err)
{
    const rec_sample *s = job->sample;
    const rec_request request = {
        .to = REC_PARTY_SYSTEM,
        .kind = REC_REQUEST_RANK,
        .rank = {.query = s->query,
                 .candidates = s->candidates,
                 .n_candidates = s->n_candidates,
                 .targets = s->targets,
                 .n_targets = 1,
                 .name = job->data->dataset->user_ids[s->user],
                 .item_names = job->data->dataset->catalogue.ids},
        .k = 1,
        .ties = ties_of(job, o),
    };
    return rec_job_ask(job, &request, 1, err);
}

static rec_status take_ranking(rec_job *job, const rec_choice_options *o, const rec_reply *reply,
                               rec_error *err)
{
    if (reply->failure != NULL) {
        job->has_failed = true;
        return REC_OK;
    }
    bool fits = reply->kind == REC_REQUEST_RANK && reply->n_targets == 1 && reply->n_ranked <= 1 &&
                (reply->n_ranked == 0 || reply->items[0] < job->data->dataset->catalogue.n_items);
    if (!fits)
        return rec_fail(err, REC_ERR_DATA, "a stored ranking does not fit its sample: use --fresh");
    const rec_target_rank *t = reply->targets;
    double acc = t->rank == 1;
    if (ties_of(job, o) == REC_TIES_EXPECTED) /* any of the equal ones may come first */
        acc = t->rank > 0 && t->n_above == 0 ? 1.0 / (double)t->n_equal : 0.0;
    rec_job_set(job, "acc", 1, acc);
    if (reply->n_ranked > 0) {
        job->list_items[0] = reply->items[0];
        job->list_scores[0] = reply->scores[0];
    }
    return REC_OK;
}

/* ---- in text: asking ---- */

/* A job between its rounds; arrays in its arena, (n_questions). */
typedef struct asked {
    uint32_t **orders; /* options as lettered */
    rec_request *requests;
    rec_lm_answer_key *keys;
} asked;

static rec_status build_request(rec_request *out, rec_job *job, const rec_choice_options *o,
                                size_t wording, const uint32_t *order, rec_error *err)
{
    const rec_sample *s = job->sample;
    const rec_prompt_options prompt = rec_prompt_wording(&o->prompt, wording);
    const rec_prompt_slot filled[] = {
        rec_prompt_history(&o->prompt, &s->query),
        {.name = "options",
         .items = order,
         .n = s->n_candidates,
         .is_list = true,
         .item_format = o->prompt.candidate_item,
         .separator = o->prompt.candidate_separator},
        {.name = "n", .number = s->n_candidates},
        {.name = "last_letter", .text = letters[s->n_candidates - 1]},
    };
    rec_status status = rec_prompt_build(out, &prompt, filled, sizeof filled / sizeof *filled,
                                         &job->data->dataset->catalogue, &job->arena, err);
    out->to = REC_PARTY_SYSTEM;
    out->text.seed = job->data->seed;
    out->text.id = rec_sample_id(s);
    if (o->answer == REC_CHOICE_LIKELIHOOD) {
        out->kind = REC_REQUEST_CHOOSE;
        out->choices = letters;
        out->n_choices = s->n_candidates;
    }
    return status;
}

static size_t place_of(const uint32_t *items, size_t n, uint32_t item)
{
    size_t i = 0;
    while (i < n && items[i] != item)
        i++;
    return i;
}

/* Letters, the right one, and all by popularity: what rule-based models answer from. */
static rec_status fill_key(rec_lm_answer_key *key, rec_job *job, const uint32_t *order,
                           rec_error *err)
{
    const rec_sample *s = job->sample;
    size_t n = s->n_candidates;
    const char **popular = rec_arena_alloc(&job->arena, n, sizeof *popular, err);
    const char **target = rec_arena_alloc(&job->arena, 1, sizeof *target, err);
    bool *is_named = rec_arena_alloc(&job->arena, n, sizeof *is_named, err);
    if (popular == NULL || target == NULL || is_named == NULL)
        return REC_ERR_RESOURCE;
    memset(is_named, 0, n * sizeof *is_named);
    for (size_t i = 0; i < n; i++) {
        size_t best = n;
        for (size_t j = 0; j < n; j++)
            if (!is_named[j] &&
                (best == n || job->data->popularity[order[j]] > job->data->popularity[order[best]]))
                best = j;
        is_named[best] = true;
        popular[i] = letters[best];
    }
    *target = letters[place_of(order, n, s->targets[0])];
    *key = (rec_lm_answer_key){.candidates = letters,
                               .n_candidates = n,
                               .targets = target,
                               .n_targets = 1,
                               .popular = popular,
                               .n_popular = n,
                               .n_wanted = 1};
    return REC_OK;
}

static rec_status add_question(asked *a, size_t p, rec_job *job, const rec_choice_options *o,
                               rec_error *err)
{
    const rec_sample *s = job->sample;
    size_t n_shifts = (size_t)o->permutations;
    size_t n = s->n_candidates, shift = p % n_shifts * n / n_shifts;
    uint32_t *order = rec_arena_alloc(&job->arena, n, sizeof *order, err);
    if (order == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        order[i] = s->candidates[(i + shift) % n];
    a->orders[p] = order;
    a->requests[p] = (rec_request){.key = &a->keys[p]};
    rec_status status = build_request(&a->requests[p], job, o, p / n_shifts, order, err);
    return status == REC_OK ? fill_key(&a->keys[p], job, order, err) : status;
}

static rec_status ask_in_text(rec_job *job, const rec_choice_options *o, rec_error *err)
{
    size_t n = n_questions(o);
    asked *a = rec_arena_alloc(&job->arena, 1, sizeof *a, err);
    if (a == NULL)
        return REC_ERR_RESOURCE;
    if (o->prompt.user == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "prompt: user: missing");
    a->orders = rec_arena_alloc(&job->arena, n, sizeof *a->orders, err);
    a->requests = rec_arena_alloc(&job->arena, n, sizeof *a->requests, err);
    a->keys = rec_arena_alloc(&job->arena, n, sizeof *a->keys, err);
    if (a->orders == NULL || a->requests == NULL || a->keys == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (size_t p = 0; p < n && status == REC_OK; p++)
        status = add_question(a, p, job, o, err);
    job->state = a;
    return status == REC_OK ? rec_job_ask(job, a->requests, n, err) : status;
}

/* ---- in text: reading ---- */

static rec_status read_letter(rec_letter_answer *out, rec_job *job, const rec_choice_options *o,
                              const rec_reply *reply, const uint32_t *order, rec_error *err)
{
    size_t n = job->sample->n_candidates;
    if (reply->kind == REC_REQUEST_CHOOSE) {
        if (reply->n_ranked != n)
            return rec_fail(err, REC_ERR_DATA,
                            "stored scores do not fit their sample: use --fresh");
        *out = (rec_letter_answer){.option = (unsigned)rec_argmax(reply->scores, n)};
        return REC_OK;
    }
    const char **titles = rec_arena_alloc(&job->arena, n, sizeof *titles, err);
    if (titles == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        titles[i] = rec_item_title(&job->data->dataset->catalogue, order[i]);
    return rec_letter_parsers[o->parser]->parse(out, reply->text, titles, n, err);
}

static rec_status likelihoods_text(const char **out, rec_job *job, const rec_reply *reply,
                                   rec_error *err)
{
    rec_buffer text = {0};
    rec_status status = rec_buffer_puts(&text, "", err);
    for (size_t i = 0; i < reply->n_ranked && status == REC_OK; i++)
        status = rec_buffer_printf(&text, err, "%s%s %.4f", i > 0 ? ", " : "", letters[i],
                                   (double)reply->scores[i]);
    char *kept = status == REC_OK ? rec_arena_alloc(&job->arena, text.length + 1, 1, err) : NULL;
    if (kept != NULL)
        memcpy(kept, text.data, text.length + 1);
    rec_buffer_deinit(&text);
    *out = kept;
    return kept != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status keep_texts(rec_job *job, const rec_reply *reply, const rec_letter_answer *answer,
                             rec_error *err)
{
    const asked *a = job->state;
    const char *prompt = rec_request_text(&a->requests[0], &job->arena, err), *text = reply->text;
    bool is_scored = reply->kind == REC_REQUEST_CHOOSE;
    rec_status status = prompt != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK && is_scored)
        status = likelihoods_text(&text, job, reply, err);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_PROMPT, prompt, err);
    if (status == REC_OK)
        status = rec_job_set_text(job, TEXT_REPLY, text, err);
    if (status == REC_OK)
        status = rec_job_set_text(
            job, TEXT_PARSED, answer->option != REC_NO_OPTION ? letters[answer->option] : "", err);
    return status == REC_OK
               ? rec_job_set_text(job, TEXT_PARSER,
                                  is_scored ? "likelihood" : rec_letter_mode_names[answer->mode],
                                  err)
               : status;
}

static void set_letter_values(rec_job *job, const rec_choice_options *o, unsigned option,
                              uint32_t item)
{
    if (item != REC_NO_ITEM)
        job->list_items[0] = item;
    for (size_t k = 1; o->letters && k <= (size_t)o->n_options; k++)
        if (item != REC_NO_ITEM)
            rec_job_set(job, "letter_share", k, option + 1 == k);
}

/* Share of pairs of answers that chose the same item. */
static double consistency(const uint32_t *chosen, size_t n)
{
    size_t n_equal = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            n_equal += chosen[i] == chosen[j] && chosen[i] != REC_NO_ITEM;
    return (double)n_equal / ((double)n * (double)(n - 1) / 2.0);
}

static rec_status take_texts(rec_job *job, const rec_choice_options *o, const rec_reply *replies,
                             rec_error *err)
{
    const asked *a = job->state;
    size_t n = n_questions(o), n_right = 0, n_answered = 0;
    uint32_t *chosen = rec_arena_alloc(&job->arena, n, sizeof *chosen, err);
    rec_status status = chosen != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (size_t p = 0; p < n && status == REC_OK; p++) {
        rec_letter_answer answer;
        status = read_letter(&answer, job, o, &replies[p], a->orders[p], err);
        if (status != REC_OK)
            break;
        bool is_answer = answer.option < job->sample->n_candidates;
        chosen[p] = is_answer ? a->orders[p][answer.option] : REC_NO_ITEM;
        n_answered += is_answer;
        n_right += chosen[p] == job->sample->targets[0];
        if (p == 0) {
            set_letter_values(job, o, answer.option, chosen[p]);
            status = keep_texts(job, &replies[p], &answer, err);
        }
    }
    if (status != REC_OK)
        return status;
    rec_job_set(job, "acc", 1, (double)n_right / (double)n);
    rec_job_set_weighted(job, "acc_answered", 0, (double)n_right / (double)n_answered,
                         (double)n_answered / (double)n);
    rec_job_set(job, "none_ratio", 0, 1.0 - (double)n_answered / (double)n);
    rec_job_set(job, "reclm_acc", 1, (double)n_right / (double)n);
    rec_job_set(job, "reclm_none_ratio", 0, 1.0 - (double)n_answered / (double)n);
    if (n > 1)
        rec_job_set(job, "consistency", 0, consistency(chosen, n));
    return REC_OK;
}

static bool is_failed(const rec_reply *reply)
{
    return reply->failure != NULL || (reply->kind == REC_REQUEST_TEXT && reply->text == NULL);
}

rec_status rec_choice_step(rec_job *job, const rec_choice_options *o, const rec_reply *replies,
                           rec_error *err)
{
    bool is_text = rec_task_is_text(job->task->type, job->can);
    if (job->stage == 0) {
        job->stage = 1;
        return is_text ? ask_in_text(job, o, err) : ask_for_scores(job, o, err);
    }
    job->n_requests = 0;
    if (!is_text)
        return take_ranking(job, o, replies, err);
    for (size_t p = 0; p < n_questions(o); p++)
        if (is_failed(&replies[p])) {
            job->has_failed = true;
            return rec_job_set_text(job, TEXT_REPLY,
                                    replies[p].failure != NULL ? replies[p].failure : "", err);
        }
    return take_texts(job, o, replies, err);
}

/* ---- whole run ---- */

/* Are all letters answered equally often? Pearson's chi-square over the answers to unshifted questions;
 * the right letters are uniform by construction, so a lean is the system's. */
rec_status rec_choice_whole_run(double *values, const rec_task_outcome *outcome, rec_error *err)
{
    size_t counts[REC_MAX_OPTIONS] = {0}, n = 0, n_options = 0;
    double chi2 = 0.0;
    (void)err;
    size_t chi2_column = rec_task_column_index(outcome->task, "position_chi2", 0);
    size_t p_column = rec_task_column_index(outcome->task, "position_p", 0);
    if (chi2_column >= outcome->n_columns || p_column >= outcome->n_columns)
        return REC_OK;
    for (size_t i = 0; i < outcome->n_samples; i++) {
        const rec_sample *s = &outcome->samples[i];
        size_t place = place_of(s->candidates, s->n_candidates, outcome->list_items[i]);
        n_options = s->n_candidates;
        if (place < s->n_candidates) {
            counts[place]++;
            n++;
        }
    }
    for (size_t k = 0; k < n_options && n > 0; k++) {
        double expected = (double)n / (double)n_options, d = (double)counts[k] - expected;
        chi2 += d * d / expected;
    }
    values[chi2_column] = n > 0 ? chi2 : NAN;
    values[p_column] = n > 0 ? rec_chi_square_sf(chi2, n_options - 1) : NAN;
    return REC_OK;
}
