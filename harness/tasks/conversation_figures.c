/* harness/tasks/conversation_figures.c: what a dialogue comes to: its figures and its transcript. */
#include <math.h>
#include <stdlib.h>

#include "core/json_build.h"
#include "harness/replies/titles.h"
#include "harness/tasks/columns.h"
#include "harness/tasks/conversation.h"

static rec_status message_json(cJSON *list, const rec_message *m, const rec_catalogue *c,
                               bool is_seed, rec_error *err)
{
    cJSON *object, *items;
    const char *speaker = m->speaker == REC_SPEAKER_USER ? "user" : "recommender";
    char *text = NULL;
    rec_status status;
    REC_TRY(rec_title_repair(&text, rec_span_of(m->text), err)); /* a model may break a character */
    REC_TRY(rec_json_add_object(&object, list, NULL, err));
    REC_TRY(rec_json_add_text(object, "speaker", speaker, err));
    REC_TRY(rec_json_add_text(object, "text", text, err));
    if (is_seed)
        REC_TRY(rec_json_add_bool(object, "recorded", true, err));
    if (m->n_items == 0)
        goto cleanup;
    REC_TRY(rec_json_add_array(&items, object, "items", err));
    for (size_t i = 0; i < m->n_items; i++)
        REC_TRY(rec_json_add_text(items, NULL, c->ids[m->items[i]], err));
cleanup:
    free(text);
    return status;
}

rec_status rec_conversation_keep_transcript(rec_job *job, const rec_conversation *d, rec_error *err)
{
    cJSON *list = NULL;
    char *text = NULL;
    rec_status status;
    if (job->texts == NULL)
        return REC_OK;
    REC_TRY(rec_json_new_array(&list, err));
    for (size_t i = 0; i < d->n; i++)
        REC_TRY(message_json(list, &d->messages[i], &job->data->dataset->catalogue,
                             i < d->n_context, err));
    text = rec_json_print(list, err);
    status = text != NULL ? rec_job_set_text(job, REC_CONVERSATION_TRANSCRIPT, text, err)
                          : REC_ERR_RESOURCE;
cleanup:
    cJSON_Delete(list);
    free(text);
    return status;
}

/* Turns count up to the first hit; a dialogue without one counts as long as it could have been. */
static void set_values(rec_job *job, const rec_conversation *d)
{
    const rec_conversation_options *o = job->task->options;
    size_t max_turns = (size_t)o->max_turns;
    bool is_hit = d->hit_turn > 0;
    double hit = is_hit ? 1.0 : 0.0, turns = (double)(is_hit ? d->hit_turn : max_turns);
    rec_job_set(job, "recall", REC_WHOLE_LIST, hit);
    for (size_t t = 1; t <= max_turns; t++)
        rec_job_set(job, "recall", t, is_hit && d->hit_turn <= t ? 1.0 : 0.0);
    rec_job_set(job, "recall_clean", 0, d->has_leaked ? NAN : hit);
    rec_job_set(job, "AT", 0, turns);
    rec_job_set(job, "AT_success", 0, is_hit ? turns : NAN);
    rec_job_set(job, "acceptance_rate", 0, d->has_accepted || is_hit ? 1.0 : 0.0);
    rec_job_set(job, "give_up_rate", 0, d->has_given_up ? 1.0 : 0.0);
    rec_job_set(job, "reclm_recall", REC_WHOLE_LIST, hit);
    rec_job_set(job, "reclm_AT", 0, turns);
    rec_job_set(job, "leak_rate", 0, d->has_leaked ? 1.0 : 0.0);
    rec_job_set(job, "violation_rate", 0, d->has_violated ? 1.0 : 0.0);
    rec_job_set(job, "listed", 0, d->n_turns > 0 ? (double)d->n_listed / (double)d->n_turns : NAN);
    rec_job_set(job, "tokens", 0, (double)d->n_tokens);
}

/* P(hit) after so many of n_pool items in random order, with n_targets among them: one minus
 * the hypergeometric chance of none. */
static double chance_of_hit(size_t n_shown, size_t n_pool, size_t n_targets)
{
    double miss = 1.0;
    if (n_targets > n_pool)
        return 0.0;
    for (size_t i = 0; i < n_shown && miss > 0.0; i++)
        miss *=
            i + n_targets < n_pool ? (double)(n_pool - n_targets - i) / (double)(n_pool - i) : 0.0;
    return 1.0 - miss;
}

/* Of a system whose scores are constant by design the order means nothing: its figures are expected
 * values over random orders, with as many turns as the user granted a dialogue without a hit. */
static void set_expected_values(rec_job *job, const rec_conversation *d)
{
    const rec_conversation_options *o = job->task->options;
    size_t max_turns = (size_t)o->max_turns, list = (size_t)o->list;
    double before = 0.0, turns = 0.0;
    for (size_t t = 1; t <= max_turns; t++) {
        size_t n_heard = t < d->n_turns ? t : d->n_turns;
        double now = chance_of_hit(n_heard * list, d->n_pool, job->sample->n_targets);
        rec_job_set(job, "recall", t, now);
        turns += (double)t * (now - before);
        before = now;
    }
    rec_job_set(job, "recall", REC_WHOLE_LIST, before);
    rec_job_set(job, "recall_clean", 0, d->has_leaked ? NAN : before);
    rec_job_set(job, "AT", 0, turns + (double)max_turns * (1.0 - before));
    rec_job_set(job, "acceptance_rate", 0, before);
}

void rec_conversation_set_values(rec_job *job, const rec_conversation *d)
{
    if (job->expects_ties)
        set_expected_values(job, d);
    else
        set_values(job, d);
}
