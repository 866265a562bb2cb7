#include "models/lm/sequence.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

rec_status rec_sequence_init(rec_sequence *s, const rec_generation *request,
                             const rec_tokenizer *tokenizer, rec_error *err)
{
    rec_status status = REC_OK;
    *s = (rec_sequence){.n_prompt = request->n_prompt};
    s->rng = rec_rng_keyed(request->sampling.seed, "lm/sample", request->id);
    if (tokenizer != NULL)
        rec_token_stream_init(&s->stream, tokenizer, true);
    s->tokens.ids = rec_memdup(request->prompt, request->n_prompt * sizeof *request->prompt, err);
    if (s->tokens.ids == NULL)
        return REC_ERR_RESOURCE;
    s->tokens.n = s->tokens.capacity = request->n_prompt;
    if (request->constraint != NULL)
        status = rec_constraint_clone(&s->constraint, request->constraint, err);
    if (status != REC_OK)
        rec_sequence_deinit(s);
    return status;
}

void rec_sequence_deinit(rec_sequence *s)
{
    rec_token_list_deinit(&s->tokens);
    free(s->logprobs);
    free(s->text_ends);
    rec_constraint_free(s->constraint);
    rec_buffer_deinit(&s->text);
    free(s->seen);
    free(s->bits);
    *s = (rec_sequence){.n_prompt = 0};
}

size_t rec_sequence_n_generated(const rec_sequence *s)
{
    return s->tokens.n - s->n_prompt;
}

size_t rec_sequence_n_pending(const rec_sequence *s)
{
    return s->tokens.n - s->cache.length;
}

static rec_status make_room(rec_sequence *s, size_t n, rec_error *err)
{
    if (n <= s->capacity)
        return REC_OK;
    size_t capacity = s->capacity > 0 ? 2 * s->capacity : 64;
    while (capacity < n)
        capacity *= 2;
    float *logprobs = rec_realloc(s->logprobs, capacity, sizeof *logprobs, err);
    if (logprobs == NULL)
        return REC_ERR_RESOURCE;
    s->logprobs = logprobs;
    size_t *text_ends = rec_realloc(s->text_ends, capacity, sizeof *text_ends, err);
    if (text_ends == NULL)
        return REC_ERR_RESOURCE;
    s->text_ends = text_ends;
    s->capacity = capacity;
    return REC_OK;
}

rec_status rec_sequence_fork(rec_sequence *out, const rec_sequence *s, rec_kv_pool *pool,
                             rec_error *err)
{
    size_t n = rec_sequence_n_generated(s);
    rec_status status = REC_OK;
    *out = (rec_sequence){.n_prompt = s->n_prompt, .sum = s->sum, .rng = s->rng};
    out->tokens.ids = rec_memdup(s->tokens.ids, s->tokens.n * sizeof *s->tokens.ids, err);
    if (out->tokens.ids == NULL)
        return REC_ERR_RESOURCE;
    out->tokens.n = out->tokens.capacity = s->tokens.n;
    REC_TRY(make_room(out, n, err));
    for (size_t i = 0; i < n; i++) {
        out->logprobs[i] = s->logprobs[i];
        out->text_ends[i] = 0;
    }
    if (s->constraint != NULL)
        REC_TRY(rec_constraint_clone(&out->constraint, s->constraint, err));
    REC_TRY(rec_kv_share(&out->cache, pool, &s->cache, s->cache.length, err));
    return REC_OK;
cleanup:
    rec_kv_clear(&out->cache, pool);
    rec_sequence_deinit(out);
    return status;
}

bool rec_is_stop_id(const rec_generation *request, const rec_lm_config *config, uint32_t id)
{
    for (size_t i = 0; i < request->n_stop_ids; i++) {
        if (request->stop_ids[i] == id)
            return true;
    }
    for (size_t i = 0; !request->ignore_eos && i < config->n_eos; i++) {
        if (config->eos[i] == id)
            return true;
    }
    return false;
}

static void finish(rec_sequence *s, rec_finish reason, size_t n_kept)
{
    s->finished = true;
    s->finish = reason;
    s->n_kept = n_kept;
}

/* ---- text ---- */

/* The first place where a stop string begins, or SIZE_MAX. */
static size_t find_stop(const rec_sequence *s, const rec_generation *request, size_t from)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < request->n_stop; i++) {
        size_t n = strlen(request->stop[i]), start = from > n ? from - n : 0;
        const char *found =
            n == 0 || s->text.length == 0
                ? NULL
                : memmem(s->text.data + start, s->text.length - start, request->stop[i], n);
        if (found != NULL && (size_t)(found - s->text.data) < first)
            first = (size_t)(found - s->text.data);
    }
    return first;
}

/* Bytes at the end of the text that may turn out to be the beginning of a stop string. */
static size_t held_back(const rec_sequence *s, const rec_generation *request)
{
    size_t most = 0;
    for (size_t i = 0; i < request->n_stop; i++) {
        size_t n = strlen(request->stop[i]);
        for (size_t k = n < s->text.length ? n : s->text.length; k > most; k--) {
            if (memcmp(s->text.data + s->text.length - k, request->stop[i], k) == 0)
                most = k;
        }
    }
    return most;
}

static rec_status send_text(rec_sequence *s, const rec_generation *request, size_t end,
                            rec_error *err)
{
    if (request->on_text == NULL || end <= s->n_sent)
        return REC_OK;
    size_t from = s->n_sent;
    s->n_sent = end;
    return request->on_text(request->on_text_context, s->text.data + from, end - from, err);
}

/* The text ends in front of a stop string; tokens that reach into it are not part of the result. */
static rec_status stop_at(rec_sequence *s, const rec_generation *request, size_t place,
                          rec_error *err)
{
    size_t n_kept = 0;
    while (n_kept < rec_sequence_n_generated(s) && s->text_ends[n_kept] <= place)
        n_kept++;
    s->text.length = place;
    s->text.data[place] = '\0';
    finish(s, REC_FINISH_STOP, n_kept);
    return send_text(s, request, place, err);
}

static rec_status push_text(rec_sequence *s, const rec_generation *request, uint32_t id,
                            rec_error *err)
{
    size_t before = s->text.length;
    if (s->stream.tokenizer == NULL)
        return REC_OK;
    rec_status status = rec_token_stream_push(&s->text, &s->stream, id, err);
    if (status != REC_OK)
        return status;
    s->text_ends[rec_sequence_n_generated(s) - 1] = s->text.length;
    size_t stop = find_stop(s, request, before);
    if (stop != SIZE_MAX)
        return stop_at(s, request, stop, err);
    return send_text(s, request, s->text.length - held_back(s, request), err);
}

/* ---- tokens ---- */

/* Alternatives belong to the chosen token, not to those that follow it by force. */
static rec_status show(rec_sequence *s, const rec_generation *request, uint32_t id, double logprob,
                       rec_error *err)
{
    const rec_token_view view = {
        .id = id, .logprob = (float)logprob, .top = s->top, .n_top = s->n_top};
    s->n_top = 0;
    return request->on_view != NULL ? request->on_view(request->on_view_context, &view, err)
                                    : REC_OK;
}

static rec_status append(rec_sequence *s, const rec_generation *request, uint32_t id,
                         double logprob, rec_error *err)
{
    size_t n = rec_sequence_n_generated(s);
    rec_status status = REC_OK;
    REC_TRY(make_room(s, n + 1, err));
    REC_TRY(rec_token_list_append(&s->tokens, id, err));
    s->logprobs[n] = (float)logprob;
    s->text_ends[n] = s->text.length;
    s->sum += logprob;
    if (s->constraint != NULL)
        REC_TRY(rec_constraint_advance(s->constraint, id, err));
    REC_TRY(show(s, request, id, logprob, err));
    REC_TRY(push_text(s, request, id, err));
    if (!s->finished && n + 1 >= request->max_tokens)
        finish(s, REC_FINISH_LENGTH, n + 1);
cleanup:
    return status;
}

rec_status rec_sequence_force(rec_sequence *s, const rec_generation *request,
                              const rec_lm_config *config, rec_error *err)
{
    rec_status status = REC_OK;
    while (status == REC_OK && s->constraint != NULL && !s->finished) {
        rec_next_ids allowed;
        status = rec_constraint_allowed(&allowed, s->constraint, err);
        if (status != REC_OK || allowed.free || allowed.n > 1)
            break;
        uint32_t id = allowed.n == 1 ? allowed.ids[0] : 0;
        if (allowed.n == 0 || rec_is_stop_id(request, config, id))
            finish(s, REC_FINISH_STOP, rec_sequence_n_generated(s));
        else
            status = append(s, request, id, 0.0, err); /* the only choice has probability 1 */
    }
    return status;
}

static rec_status call_hook(rec_sequence *s, const rec_generation *request, uint32_t id,
                            const float *hidden, rec_error *err)
{
    rec_token_list more = {.ids = NULL};
    if (request->hook == NULL)
        return REC_OK;
    rec_status status = request->hook(request->hook_context, hidden, id, &more, err);
    for (size_t i = 0; status == REC_OK && i < more.n && !s->finished; i++)
        status = append(s, request, more.ids[i], 0.0, err);
    rec_token_list_deinit(&more);
    return status;
}

rec_status rec_sequence_accept(rec_sequence *s, const rec_generation *request,
                               const rec_lm_config *config, uint32_t id, double logprob,
                               const float *hidden, rec_error *err)
{
    if (rec_is_stop_id(request, config, id)) {
        s->sum += logprob;
        finish(s, REC_FINISH_STOP, rec_sequence_n_generated(s));
        return REC_OK;
    }
    rec_status status = append(s, request, id, logprob, err);
    if (status == REC_OK && !s->finished)
        status = call_hook(s, request, id, hidden, err);
    return status == REC_OK ? rec_sequence_force(s, request, config, err) : status;
}

rec_status rec_sequence_update_seen(rec_sequence *s, size_t vocab_size, rec_error *err)
{
    rec_status status = REC_OK;
    if (s->bits == NULL)
        REC_TRY_NEW(s->bits, vocab_size / 8 + 1, err);
    uint32_t *seen =
        rec_realloc(s->seen, s->n_seen + s->tokens.n - s->n_counted, sizeof *seen, err);
    if (seen == NULL)
        return REC_ERR_RESOURCE;
    s->seen = seen;
    for (; s->n_counted < s->tokens.n; s->n_counted++) {
        uint32_t id = s->tokens.ids[s->n_counted];
        if (id >= vocab_size || (s->bits[id / 8] >> id % 8 & 1))
            continue;
        s->bits[id / 8] |= (unsigned char)(1 << id % 8);
        s->seen[s->n_seen++] = id;
    }
cleanup:
    return status;
}

/* ---- results ---- */

/* The last bytes of a text that was not cut by a stop string. */
static rec_status close_text(rec_sequence *s, const rec_generation *request, rec_error *err)
{
    rec_status status = REC_OK;
    if (s->n_kept == rec_sequence_n_generated(s)) {
        REC_TRY(rec_token_stream_finish(&s->text, &s->stream, err));
        REC_TRY(send_text(s, request, s->text.length, err));
    }
cleanup:
    return status;
}

/* Beams collect tokens only. */
static rec_status decode(rec_sequence *s, const rec_tokenizer *tokenizer, rec_error *err)
{
    rec_buffer_clear(&s->text);
    return rec_tokenizer_decode(&s->text, tokenizer, s->tokens.ids + s->n_prompt, s->n_kept, true,
                                err);
}

rec_status rec_sequence_result(rec_generated *out, rec_sequence *s, const rec_generation *request,
                               const rec_tokenizer *tokenizer, rec_error *err)
{
    rec_status status = REC_OK;
    *out = (rec_generated){.n = s->n_kept, .sum = s->sum, .score = s->sum, .finish = s->finish};
    out->ids = rec_memdup(s->tokens.ids + s->n_prompt, s->n_kept * sizeof *out->ids, err);
    if (out->ids == NULL)
        return REC_ERR_RESOURCE;
    if (tokenizer != NULL) {
        REC_TRY(request->n_beams > 1 ? decode(s, tokenizer, err) : close_text(s, request, err));
        out->text = rec_buffer_take(&s->text, err);
        status = out->text != NULL ? REC_OK : REC_ERR_RESOURCE;
    }
    if (request->logprobs) {
        out->logprobs = s->logprobs;
        s->logprobs = NULL;
    }
cleanup:
    if (status != REC_OK) {
        free(out->ids);
        *out = (rec_generated){.ids = NULL};
    }
    return status;
}
