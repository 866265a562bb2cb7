/* harness/tasks/conversation_step.c: one dialogue. The user speaks (asking its model as often as it
 * has to), the system replies, the reply is read: a job that is replayed from its journal goes the same
 * way again. Each side sees its own words as the assistant's and the other's as the user's; the
 * system's instructions stay out of the transcript. */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "harness/replies/list_parser.h"
#include "harness/simulators/title_leak.h"
#include "harness/systems/item_text.h"
#include "harness/tasks/conversation.h"
#include "harness/tasks/title_hit.h"

enum { START, USER, SYSTEM };

static const rec_conversation_options *options_of(const rec_job *job)
{
    return job->task->options;
}

static const rec_catalogue *catalogue_of(const rec_job *job)
{
    return &job->data->dataset->catalogue;
}

static bool scores(const rec_job *job)
{
    return (job->can & REC_CAN_SCORE) != 0;
}

/* ---- the beginning ---- */

static rec_status write_instructions(rec_conversation *d, rec_job *job, rec_error *err)
{
    const rec_conversation_options *o = options_of(job);
    const rec_prompt_slot n = {.name = "n", .number = (size_t)o->list};
    rec_prompt_options prompt = o->prompt;
    char nothing[] = "";
    prompt.user = nothing;
    return rec_prompt_build(&d->instructions, &prompt, &n, 1, catalogue_of(job), &job->arena, err);
}

static rec_status write_key(rec_conversation *d, rec_job *job, rec_error *err)
{
    const rec_conversation_text *text = job->set->text;
    rec_status status =
        rec_answer_key_fill(&d->key, catalogue_of(job)->titles, NULL, 0, job->sample->targets,
                            job->sample->n_targets, &job->arena, err);
    d->key.n_wanted = (size_t)options_of(job)->list;
    rec_popular_titles_offer(&d->key, &text->popular);
    return status;
}

/* Recorded or simulated, a user who says the title of a target gives it away. */
static rec_status note_leak(rec_conversation *d, const rec_job *job, const char *words,
                            rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < job->sample->n_targets && status == REC_OK && !d->has_leaked; i++) {
        const char *title = catalogue_of(job)->titles[job->sample->targets[i]];
        if (title != NULL)
            status = rec_says_title(&d->has_leaked, words, title, err);
    }
    return status;
}

/* Recorded messages alternate, and the user's is the last. */
static rec_status add_context(rec_conversation *d, const rec_job *job, const char *const *context,
                              size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        bool is_user = (n - i) % 2 == 1;
        d->messages[i] = (rec_message){
            .speaker = is_user ? REC_SPEAKER_USER : REC_SPEAKER_RECOMMENDER,
            .text = context[i],
        };
        if (is_user)
            status = note_leak(d, job, context[i], err);
    }
    d->n = d->n_context = n;
    return status;
}

static rec_status begin(rec_job *job, rec_error *err)
{
    const rec_conversation_options *o = options_of(job);
    const rec_sample *s = job->sample;
    size_t n_context;
    const char *const *context = rec_dialogue_context(&n_context, o, job->data->dataset, s);
    rec_conversation *d = rec_arena_alloc(&job->arena, 1, sizeof *d, err);
    rec_message *messages =
        rec_arena_alloc(&job->arena, n_context + 2 * (size_t)o->max_turns, sizeof *messages, err);
    if (d == NULL || messages == NULL)
        return REC_ERR_RESOURCE;
    *d = (rec_conversation){
        .user = {.options = &o->simulator,
                 .dataset = job->data->dataset,
                 .history = s->query.history,
                 .n_history = s->query.n_history,
                 .targets = s->targets,
                 .n_targets = s->n_targets,
                 .seed = job->data->seed,
                 .id = rec_sample_id(s),
                 .is_reclm = o->compat != 0,
                 .arena = &job->arena},
        .messages = messages,
    };
    job->state = d;
    rec_status status = add_context(d, job, context, n_context, err);
    if (status != REC_OK || scores(job))
        return status;
    status = write_instructions(d, job, err);
    return status == REC_OK ? write_key(d, job, err) : status;
}

/* ---- the end ---- */

static rec_status end(rec_job *job, bool has_failed, rec_error *err)
{
    const rec_conversation *d = job->state;
    job->n_requests = 0;
    job->has_failed = has_failed;
    if (!has_failed)
        rec_conversation_set_values(job, d);
    return rec_conversation_keep_transcript(job, d, err);
}

/* ---- the system's turn ---- */

static rec_status ask_for_text(rec_job *job, const rec_conversation *d, rec_error *err)
{
    size_t n = d->instructions.n_parts;
    rec_text_part *parts = rec_arena_alloc(&job->arena, n + d->n, sizeof *parts, err);
    if (parts == NULL)
        return REC_ERR_RESOURCE;
    if (n > 0)
        memcpy(parts, d->instructions.parts, n * sizeof *parts);
    for (size_t i = 0; i < d->n; i++)
        parts[n + i] = (rec_text_part){
            .role = d->messages[i].speaker == REC_SPEAKER_USER ? "user" : "assistant",
            .text = d->messages[i].text,
            .is_data = true,
            .drop_order = i + 1 < d->n ? (uint32_t)i + 1 : 0, /* the last message must stay */
        };
    rec_request request = d->instructions;
    request.parts = parts;
    request.n_parts = n + d->n;
    request.key = &d->key;
    request.text.seed = job->data->seed;
    request.text.id = rec_sample_id(job->sample) << 8 | d->n_turns;
    return rec_job_ask(job, &request, 1, err);
}

/* A system that scores does not listen: it is asked once, for the items of all turns. */
static rec_status ask_for_ranking(rec_job *job, rec_error *err)
{
    const rec_sample *s = job->sample;
    const rec_conversation_options *o = options_of(job);
    const rec_request request = {
        .to = REC_PARTY_SYSTEM,
        .kind = REC_REQUEST_RANK,
        .rank = {.query = s->query,
                 .excluded = s->seen,
                 .n_excluded = s->n_seen,
                 .name = s->name != NULL ? s->name : job->data->dataset->user_ids[s->user],
                 .item_names = catalogue_of(job)->ids},
        .k = (size_t)(o->list * o->max_turns),
    };
    return rec_job_ask(job, &request, 1, err);
}

static rec_status next_page(rec_job *job, rec_conversation *d, rec_error *err);

static rec_status ask_system(rec_job *job, rec_conversation *d, rec_error *err)
{
    job->stage = SYSTEM;
    if (!scores(job))
        return ask_for_text(job, d, err);
    return d->ranked == NULL ? ask_for_ranking(job, err) : next_page(job, d, err);
}

/* ---- the user's turn ---- */

static rec_status user_turn(rec_job *job, rec_conversation *d, const rec_reply *replies,
                            rec_error *err)
{
    const rec_simulator *simulator = rec_simulator_type(&options_of(job)->simulator);
    const rec_dialogue so_far = {.messages = d->messages, .n = d->n};
    bool is_compat = options_of(job)->compat != 0;
    rec_user_turn turn;
    job->stage = USER;
    rec_status status = simulator->speak(&turn, &d->user, &so_far, replies, err);
    if (status != REC_OK)
        return status;
    if (turn.n_requests > 0)
        return rec_job_ask(job, turn.requests, turn.n_requests, err);
    if (turn.text == NULL)
        return end(job, true, err);
    d->messages[d->n++] = (rec_message){.speaker = REC_SPEAKER_USER, .text = turn.text};
    d->has_violated = d->has_violated || turn.is_violation;
    d->has_accepted = d->has_accepted || turn.accepts;
    d->has_given_up = d->has_given_up || turn.ends;
    status = note_leak(d, job, turn.text, err);
    if (status != REC_OK)
        return status;
    if ((turn.accepts && !is_compat) || turn.ends)
        return end(job, false, err);
    return ask_system(job, d, err);
}

/* ---- a reply is there ---- */

static bool is_target(const rec_sample *s, uint32_t item)
{
    for (size_t i = 0; i < s->n_targets; i++)
        if (s->targets[i] == item)
            return true;
    return false;
}

static rec_status after_reply(rec_job *job, rec_conversation *d, bool is_hit, rec_error *err)
{
    const rec_conversation_options *o = options_of(job);
    d->n_turns++;
    d->n_listed += d->messages[d->n - 1].n_items;
    if (is_hit && d->hit_turn == 0)
        d->hit_turn = d->n_turns;
    if ((is_hit && o->compat == 0) || d->n_turns == (size_t)o->max_turns)
        return end(job, false, err);
    return user_turn(job, d, NULL, err);
}

/* Where titles have a year, the same title without one names a target, too, unless it is another item's. */
static rec_status target_without_year(uint32_t *item, const char *title, const rec_job *job,
                                      rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < job->sample->n_targets && *item == REC_NO_ITEM && status == REC_OK;
         i++) {
        const char *target = catalogue_of(job)->titles[job->sample->targets[i]];
        bool is_same = false;
        if (target != NULL)
            status = rec_is_title_without_year(&is_same, title, target, err);
        if (is_same)
            *item = job->sample->targets[i];
    }
    return status;
}

/* Items of the list in the reply, each once; those out of the catalogue are none. */
static rec_status ground(rec_message *m, rec_title_list *list, const rec_job *job, rec_arena *arena,
                         rec_error *err)
{
    const rec_conversation_text *text = job->set->text;
    const rec_grounding_context context = {.targets = job->sample->targets,
                                           .n_targets = job->sample->n_targets};
    rec_grounded_list grounded = {0};
    rec_status status;
    REC_TRY(rec_list_parser_find("auto")->parse(list, m->text, rec_grounder_titles(text->grounder),
                                                err));
    REC_TRY(rec_ground_list(&grounded, text->grounder, list, &context, err));
    uint32_t *items = rec_arena_alloc(arena, grounded.n, sizeof *items, err);
    if (items == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    m->items = items;
    for (size_t i = 0; i < grounded.n; i++) {
        if (grounded.items[i] == REC_NO_ITEM)
            REC_TRY(target_without_year(&grounded.items[i], list->titles[i], job, err));
        bool is_new = grounded.items[i] != REC_NO_ITEM;
        for (size_t j = 0; j < m->n_items && is_new; j++)
            is_new = items[j] != grounded.items[i];
        if (is_new)
            items[m->n_items++] = grounded.items[i];
    }
cleanup:
    rec_grounded_list_deinit(&grounded);
    return status;
}

/* A target among the listed items, or named in other words of the reply: the user hears it, too. */
static rec_status find_hit(bool *is_hit, const rec_message *m, const rec_title_list *list,
                           const rec_job *job, rec_error *err)
{
    const rec_sample *s = job->sample;
    const rec_conversation_text *text = job->set->text;
    *is_hit = false;
    if (options_of(job)->compat != 0)
        return rec_reclm_mentions_title(
            is_hit, m->text, rec_item_title(catalogue_of(job), s->targets[0]), text->corpus, err);
    for (size_t i = 0; i < m->n_items && !*is_hit; i++)
        *is_hit = is_target(s, m->items[i]);
    rec_status status = REC_OK;
    for (size_t i = 0; i < s->n_targets && !*is_hit && status == REC_OK; i++) {
        const char *title = catalogue_of(job)->titles[s->targets[i]];
        if (title != NULL)
            status = rec_mentions_title(is_hit, m->text, title, list, err);
    }
    return status;
}

static rec_status text_reply(rec_job *job, rec_conversation *d, const rec_reply *reply,
                             rec_error *err)
{
    rec_title_list list = {0};
    bool is_hit = false;
    if (reply->text == NULL)
        return end(job, true, err);
    rec_message *m = &d->messages[d->n++];
    *m = (rec_message){.speaker = REC_SPEAKER_RECOMMENDER,
                       .text = rec_arena_strdup(&job->arena, reply->text, err)};
    rec_status status = m->text != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = ground(m, &list, job, &job->arena, err);
    if (status == REC_OK)
        status = find_hit(&is_hit, m, &list, job, err);
    rec_title_list_deinit(&list);
    return status == REC_OK ? after_reply(job, d, is_hit, err) : status;
}

/* The next items of the ranking as a numbered list: what a model would write. */
static rec_status next_page(rec_job *job, rec_conversation *d, rec_error *err)
{
    size_t list = (size_t)options_of(job)->list, first = d->n_turns * list;
    size_t n = first < d->n_ranked ? d->n_ranked - first : 0;
    bool is_hit = false;
    rec_buffer text = {0};
    rec_status status = rec_buffer_puts(&text, "", err);
    n = n < list ? n : list;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        uint32_t item = d->ranked[first + i];
        is_hit = is_hit || is_target(job->sample, item);
        status = rec_buffer_printf(&text, err, "%s%zu. %s", i > 0 ? "\n" : "", i + 1,
                                   rec_item_title(catalogue_of(job), item));
    }
    const char *words = status == REC_OK ? rec_arena_strdup(&job->arena, text.data, err) : NULL;
    rec_buffer_deinit(&text);
    if (words == NULL)
        return status != REC_OK ? status : REC_ERR_RESOURCE;
    d->messages[d->n++] = (rec_message){.speaker = REC_SPEAKER_RECOMMENDER,
                                        .text = words,
                                        .items = d->ranked + first,
                                        .n_items = n};
    return after_reply(job, d, is_hit, err);
}

/* A journal is data from outside: items must exist before they index anything. */
static rec_status take_ranking(rec_job *job, rec_conversation *d, const rec_reply *reply,
                               rec_error *err)
{
    bool is_good = reply->kind == REC_REQUEST_RANK;
    for (size_t i = 0; is_good && i < reply->n_ranked; i++)
        is_good = reply->items[i] < catalogue_of(job)->n_items;
    if (!is_good)
        return rec_fail(err, REC_ERR_DATA, "a stored ranking does not fit its sample: use --fresh");
    uint32_t *items = rec_arena_alloc(&job->arena, reply->n_ranked, sizeof *items, err);
    if (items == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < reply->n_ranked; i++) /* expectations are over dialogues without a hit */
        if (!job->expects_ties || !is_target(job->sample, reply->items[i]))
            items[d->n_ranked++] = reply->items[i];
    d->ranked = items;
    d->n_pool = reply->n_pool;
    return next_page(job, d, err);
}

rec_status rec_conversation_step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    if (job->stage == START) {
        rec_status status = begin(job, err);
        rec_conversation *d = job->state;
        if (status != REC_OK)
            return status;
        return d->n > 0 ? ask_system(job, d, err) : user_turn(job, d, NULL, err);
    }
    rec_conversation *d = job->state;
    d->n_tokens += replies[0].tokens_in + replies[0].tokens_out;
    if (job->stage == USER)
        return user_turn(job, d, replies, err);
    return scores(job) ? take_ranking(job, d, &replies[0], err)
                       : text_reply(job, d, &replies[0], err);
}
