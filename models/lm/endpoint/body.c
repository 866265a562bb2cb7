#include "models/lm/endpoint/body.h"

#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "core/rng.h"
#include "core/utf8.h"

static const char *role_name(rec_role role)
{
    return role == REC_ROLE_SYSTEM ? "system" : role == REC_ROLE_USER ? "user" : "assistant";
}

static const char *role_label(rec_role role)
{
    return role == REC_ROLE_SYSTEM ? "System" : role == REC_ROLE_USER ? "User" : "Assistant";
}

bool rec_body_is_chat(const rec_body_options *o, const rec_lm_input *input)
{
    return input->chat && !o->flat;
}

static rec_status append_part(rec_buffer *out, const rec_lm_part *part, rec_error *err)
{
    return rec_buffer_append(out, part->text, part->n > 0 ? part->n : strlen(part->text), err);
}

rec_status rec_body_text(rec_buffer *out, const rec_lm_input *input, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < input->n_parts && status == REC_OK; i++)
        status = append_part(out, &input->parts[i], err);
    return status;
}

/* "User: ...\n\nAssistant:" for servers without a chat interface. */
static rec_status flat_text(rec_buffer *out, const rec_lm_input *input, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < input->n_parts && status == REC_OK; i++) {
        const rec_lm_part *p = &input->parts[i];
        if (i == 0 || p->role != input->parts[i - 1].role)
            status =
                rec_buffer_printf(out, err, "%s%s: ", i > 0 ? "\n\n" : "", role_label(p->role));
        if (status == REC_OK)
            status = append_part(out, p, err);
    }
    return status == REC_OK ? rec_buffer_puts(out, "\n\nAssistant:", err) : status;
}

/* Strings of models may not hold NUL or broken UTF-8; ours may come from any data set. */
static rec_status add_text(cJSON *parent, const char *key, const rec_buffer *text, rec_error *err)
{
    if (strlen(text->data) != text->length || !rec_utf8_valid(text->data, text->length))
        return rec_fail(err, REC_ERR_DATA,
                        "a prompt that is not UTF-8, or holds a NUL, cannot be sent to a server");
    return rec_json_add_text(parent, key, text->data, err);
}

static rec_status add_messages(cJSON *body, const rec_lm_input *input, rec_error *err)
{
    cJSON *messages, *message;
    rec_buffer text = {.data = NULL};
    rec_status status;
    REC_TRY(rec_json_add_array(&messages, body, "messages", err));
    for (size_t i = 0; i < input->n_parts;) {
        rec_role role = input->parts[i].role;
        rec_buffer_clear(&text);
        REC_TRY(rec_buffer_puts(&text, "", err));
        for (; i < input->n_parts && input->parts[i].role == role; i++)
            REC_TRY(append_part(&text, &input->parts[i], err));
        REC_TRY(rec_json_add_object(&message, messages, NULL, err));
        REC_TRY(rec_json_add_text(message, "role", role_name(role), err));
        REC_TRY(add_text(message, "content", &text, err));
    }
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

static rec_status add_prompt(cJSON *body, const rec_lm_input *input, rec_error *err)
{
    rec_buffer text = {.data = NULL};
    rec_status status =
        input->chat ? flat_text(&text, input, err) : rec_body_text(&text, input, err);
    if (status == REC_OK)
        status = add_text(body, "prompt", &text, err);
    rec_buffer_deinit(&text);
    return status;
}

static size_t seed_of(const rec_lm_request *r)
{
    rec_rng rng = rec_rng_keyed(r->sampling.seed, "endpoint/seed", r->id);
    rec_rng_seek(&rng, r->repeat);
    return rec_rng_u32(&rng) >> 1;
}

/* What differs from what servers assume is sent; temperature always, as their default is 1. */
static rec_status add_sampling(cJSON *body, const rec_body_options *o, const rec_lm_request *r,
                               rec_error *err)
{
    const rec_sampling *s = &r->sampling;
    double temperature = o->temperature >= 0.0 ? o->temperature : s->temperature;
    double top_p = o->top_p >= 0.0 ? o->top_p : s->top_p;
    bool random = temperature > 0.0;
    rec_status status;
    REC_TRY(rec_json_add_real(body, "temperature", temperature, err));
    if (random && top_p < 1.0)
        REC_TRY(rec_json_add_real(body, "top_p", top_p, err));
    if (random && s->top_k > 0)
        REC_TRY(rec_json_add_count(body, "top_k", s->top_k, err));
    if (random && s->min_p > 0.0)
        REC_TRY(rec_json_add_real(body, "min_p", s->min_p, err));
    if (s->repetition_penalty != 1.0 && s->repetition_penalty != 0.0)
        REC_TRY(rec_json_add_real(body, "repetition_penalty", s->repetition_penalty, err));
    if (random)
        REC_TRY(rec_json_add_count(body, "seed", seed_of(r), err));
cleanup:
    return status;
}

static rec_status add_limits(cJSON *body, const rec_body_options *o, const rec_lm_request *r,
                             rec_error *err)
{
    size_t max_tokens = r->max_tokens > 0 ? r->max_tokens : o->max_tokens;
    cJSON *stop;
    rec_status status = REC_OK;
    if (max_tokens > 0)
        REC_TRY(rec_json_add_count(
            body, rec_body_is_chat(o, &r->input) ? o->length_key : "max_tokens", max_tokens, err));
    if (r->n_stop > 0)
        REC_TRY(rec_json_add_array(&stop, body, "stop", err));
    for (size_t i = 0; i < r->n_stop; i++)
        REC_TRY(rec_json_add_text(stop, NULL, r->stop[i], err));
    if (r->n_best > 1)
        REC_TRY(rec_json_add_count(body, "n", r->n_best, err));
cleanup:
    return status;
}

/* Keys of the user's own: some are left out, some are added or replace ours. */
static rec_status apply_extras(cJSON *body, const rec_body_options *o, rec_error *err)
{
    const cJSON *member;
    for (size_t i = 0; i < o->omit.n; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(body, o->omit.items[i]);
    cJSON_ArrayForEach(member, o->extra)
    {
        cJSON *copy = cJSON_Duplicate(member, true);
        cJSON_DeleteItemFromObjectCaseSensitive(body, member->string);
        if (copy == NULL || !cJSON_AddItemToObject(body, member->string, copy)) {
            cJSON_Delete(copy);
            return rec_fail(err, REC_ERR_RESOURCE, "out of memory (request)");
        }
    }
    return REC_OK;
}

/* Ends a body: extras, text, and the object's end. */
static rec_status print(char **out, cJSON *body, const rec_body_options *o, rec_error *err)
{
    rec_status status = apply_extras(body, o, err);
    if (status == REC_OK && (*out = rec_json_print(body, err)) == NULL)
        status = REC_ERR_RESOURCE;
    return status;
}

rec_status rec_body_generate(char **out, const rec_body_options *o, const rec_lm_request *r,
                             rec_error *err)
{
    cJSON *body = NULL;
    rec_status status;
    bool chat = rec_body_is_chat(o, &r->input);
    *out = NULL;
    if (r->n_beams > 1)
        return rec_fail(err, REC_ERR_CONFIG,
                        "beam search is not part of the OpenAI interface (n_beams: 1)");
    REC_TRY(rec_json_new_object(&body, err));
    REC_TRY(rec_json_add_text(body, "model", o->model, err));
    REC_TRY(chat ? add_messages(body, &r->input, err) : add_prompt(body, &r->input, err));
    REC_TRY(add_limits(body, o, r, err));
    REC_TRY(add_sampling(body, o, r, err));
    if (r->logprobs && chat)
        REC_TRY(rec_json_add_bool(body, "logprobs", true, err));
    if (r->logprobs && !chat)
        REC_TRY(rec_json_add_count(body, "logprobs", 1, err));
    REC_TRY(print(out, body, o, err));
cleanup:
    cJSON_Delete(body);
    return status;
}

static size_t n_code_points(const char *text, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

/* One token more than none: servers differ in what they make of max_tokens: 0. */
rec_status rec_body_score(char **out, size_t *from, size_t *to, const rec_body_options *o,
                          const rec_lm_score_request *r, rec_error *err)
{
    cJSON *body = NULL;
    rec_buffer text = {.data = NULL};
    rec_status status;
    *out = NULL;
    REC_TRY(rec_body_text(&text, &r->prompt, err));
    *from = n_code_points(text.data, text.length);
    REC_TRY(rec_body_text(&text, &r->completion, err));
    *to = n_code_points(text.data, text.length);
    if (*to == *from)
        REC_TRY(rec_fail(err, REC_ERR_DATA, "an empty text: nothing to score"));
    REC_TRY(rec_json_new_object(&body, err));
    REC_TRY(rec_json_add_text(body, "model", o->model, err));
    REC_TRY(add_text(body, "prompt", &text, err));
    REC_TRY(rec_json_add_count(body, "max_tokens", 1, err));
    REC_TRY(rec_json_add_count(body, "temperature", 0, err));
    REC_TRY(rec_json_add_count(body, "logprobs", 1, err));
    REC_TRY(rec_json_add_bool(body, "echo", true, err));
    REC_TRY(print(out, body, o, err));
cleanup:
    rec_buffer_deinit(&text);
    cJSON_Delete(body);
    return status;
}

rec_status rec_body_embed(char **out, const rec_body_options *o, const rec_lm_input *inputs,
                          size_t n, rec_error *err)
{
    cJSON *body = NULL, *list;
    rec_buffer text = {.data = NULL};
    rec_status status;
    *out = NULL;
    REC_TRY(rec_json_new_object(&body, err));
    REC_TRY(rec_json_add_text(body, "model", o->model, err));
    REC_TRY(rec_json_add_array(&list, body, "input", err));
    for (size_t i = 0; i < n; i++) {
        rec_buffer_clear(&text);
        REC_TRY(rec_body_text(&text, &inputs[i], err));
        REC_TRY(add_text(list, NULL, &text, err));
    }
    REC_TRY(print(out, body, o, err));
cleanup:
    rec_buffer_deinit(&text);
    cJSON_Delete(body);
    return status;
}
