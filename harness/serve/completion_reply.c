#include "harness/serve/completion_reply.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"

size_t rec_utf8_count(const char *text, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

/* ---- log-probabilities ---- */

static rec_status add_token_text(cJSON *parent, const char *key, const rec_token_trace *t,
                                 uint32_t id, rec_error *err)
{
    rec_buffer text = {.data = NULL};
    rec_status status = rec_token_text(&text, t->tokenizer, id, err);
    if (status == REC_OK)
        status = rec_json_add_text(parent, key, text.data, err);
    rec_buffer_deinit(&text);
    return status;
}

static rec_status add_bytes(cJSON *parent, const rec_token_trace *t, uint32_t id, rec_error *err)
{
    rec_buffer bytes = {.data = NULL};
    cJSON *list;
    rec_status status;
    REC_TRY(rec_json_add_array(&list, parent, "bytes", err));
    REC_TRY(rec_tokenizer_token_bytes(&bytes, t->tokenizer, id, err));
    for (size_t i = 0; i < bytes.length; i++)
        REC_TRY(rec_json_add_count(list, NULL, (unsigned char)bytes.data[i], err));
cleanup:
    rec_buffer_deinit(&bytes);
    return status;
}

/* {"token", "logprob", "bytes"} */
static rec_status add_chance(cJSON **out, cJSON *list, const rec_token_trace *t,
                             rec_token_chance chance, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_json_add_object(out, list, NULL, err));
    REC_TRY(add_token_text(*out, "token", t, chance.id, err));
    REC_TRY(rec_json_add_real(*out, "logprob", (double)chance.logprob, err));
    REC_TRY(add_bytes(*out, t, chance.id, err));
cleanup:
    return status;
}

static rec_status add_chat_logprobs(cJSON *choice, const rec_completion_piece *p, rec_error *err)
{
    const rec_token_trace *t = p->trace;
    cJSON *logprobs, *content, *object, *top, *alternative;
    rec_status status;
    REC_TRY(rec_json_add_object(&logprobs, choice, "logprobs", err));
    REC_TRY(rec_json_add_array(&content, logprobs, "content", err));
    for (size_t i = p->first; i < p->end; i++) {
        const rec_traced_token *token = &t->tokens[i];
        rec_token_chance chosen = {.id = token->id, .logprob = token->logprob};
        REC_TRY(add_chance(&object, content, t, chosen, err));
        REC_TRY(rec_json_add_array(&top, object, "top_logprobs", err));
        for (size_t k = 0; k < token->n_top; k++)
            REC_TRY(add_chance(&alternative, top, t, t->top[token->top + k], err));
    }
cleanup:
    return status;
}

/* An object of token texts; of two tokens with one text the likelier stays. */
static rec_status add_alternatives(cJSON *list, const rec_token_trace *t,
                                   const rec_traced_token *token, rec_error *err)
{
    rec_token_chance chosen = {.id = token->id, .logprob = token->logprob};
    rec_buffer text = {.data = NULL};
    cJSON *object;
    rec_status status;
    if (token->n_top == 0)
        return rec_json_add_text(list, NULL, NULL, err);
    REC_TRY(rec_json_add_object(&object, list, NULL, err));
    for (size_t k = 0; k <= token->n_top; k++) {
        rec_token_chance c = k < token->n_top ? t->top[token->top + k] : chosen;
        rec_buffer_clear(&text);
        REC_TRY(rec_token_text(&text, t->tokenizer, c.id, err));
        if (cJSON_GetObjectItemCaseSensitive(object, text.data) == NULL)
            REC_TRY(rec_json_add_real(object, text.data, (double)c.logprob, err));
    }
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

static rec_status add_text_logprobs(cJSON *choice, const rec_completion_piece *p, rec_error *err)
{
    const rec_token_trace *t = p->trace;
    cJSON *logprobs, *tokens, *values, *top, *offsets;
    size_t bytes = 0, chars = p->chars_before;
    rec_status status;
    REC_TRY(rec_json_add_object(&logprobs, choice, "logprobs", err));
    REC_TRY(rec_json_add_array(&tokens, logprobs, "tokens", err));
    REC_TRY(rec_json_add_array(&values, logprobs, "token_logprobs", err));
    REC_TRY(rec_json_add_array(&top, logprobs, "top_logprobs", err));
    REC_TRY(rec_json_add_array(&offsets, logprobs, "text_offset", err));
    for (size_t i = p->first; i < p->end; i++) {
        const rec_traced_token *token = &t->tokens[i];
        REC_TRY(add_token_text(tokens, NULL, t, token->id, err));
        REC_TRY(rec_json_add_real(values, NULL, (double)token->logprob, err));
        REC_TRY(add_alternatives(top, t, token, err));
        REC_TRY(rec_json_add_count(offsets, NULL, chars, err));
        size_t end = token->text_end > p->bytes_before ? token->text_end - p->bytes_before : 0;
        end = end < p->n_bytes ? end : p->n_bytes;
        chars += end > bytes ? rec_utf8_count(p->text + bytes, end - bytes) : 0;
        bytes = end > bytes ? end : bytes;
    }
cleanup:
    return status;
}

/* ---- objects ---- */

static rec_status add_text(cJSON *parent, const char *key, const rec_completion_piece *p,
                           rec_error *err)
{
    char *text = rec_format(err, "%.*s", (int)p->n_bytes, p->n_bytes > 0 ? p->text : "");
    rec_status status = text != NULL ? rec_json_add_text(parent, key, text, err) : REC_ERR_RESOURCE;
    free(text);
    return status;
}

/* "message" of a whole answer, "delta" of a piece. */
static rec_status add_speech(cJSON *choice, const char *key, bool with_role,
                             const rec_completion_piece *p, bool with_text, rec_error *err)
{
    cJSON *object;
    rec_status status;
    REC_TRY(rec_json_add_object(&object, choice, key, err));
    if (with_role)
        REC_TRY(rec_json_add_text(object, "role", "assistant", err));
    if (with_text)
        REC_TRY(add_text(object, "content", p, err));
cleanup:
    return status;
}

static rec_status add_choice(cJSON *choices, const rec_completion_head *head,
                             const rec_completion_piece *p, bool streamed, rec_error *err)
{
    cJSON *choice;
    rec_status status;
    REC_TRY(rec_json_add_object(&choice, choices, NULL, err));
    REC_TRY(rec_json_add_count(choice, "index", p->index, err));
    if (!head->chat)
        REC_TRY(add_text(choice, "text", p, err));
    else if (streamed)
        REC_TRY(add_speech(choice, "delta", p->is_first, p, p->is_first || p->n_bytes > 0, err));
    else
        REC_TRY(add_speech(choice, "message", true, p, true, err));
    if (p->trace == NULL || (streamed && p->first == p->end))
        REC_TRY(rec_json_add_text(choice, "logprobs", NULL, err));
    else
        REC_TRY(head->chat ? add_chat_logprobs(choice, p, err) : add_text_logprobs(choice, p, err));
    REC_TRY(rec_json_add_text(choice, "finish_reason", p->finish, err));
cleanup:
    return status;
}

static rec_status new_object(cJSON **root, cJSON **choices, const rec_completion_head *head,
                             const char *object, rec_error *err)
{
    rec_status status;
    *root = NULL;
    REC_TRY(rec_json_new_object(root, err));
    REC_TRY(rec_json_add_text(*root, "id", head->id, err));
    REC_TRY(rec_json_add_text(*root, "object", object, err));
    REC_TRY(rec_json_add_count(*root, "created", (size_t)head->created, err));
    REC_TRY(rec_json_add_text(*root, "model", head->model, err));
    REC_TRY(rec_json_add_array(choices, *root, "choices", err));
cleanup:
    return status;
}

static rec_status add_usage(cJSON *root, const rec_completion_usage *u, rec_error *err)
{
    cJSON *usage, *details;
    rec_status status;
    REC_TRY(rec_json_add_object(&usage, root, "usage", err));
    REC_TRY(rec_json_add_count(usage, "prompt_tokens", (size_t)u->n_prompt, err));
    REC_TRY(rec_json_add_count(usage, "completion_tokens", (size_t)u->n_generated, err));
    REC_TRY(rec_json_add_count(usage, "total_tokens", (size_t)(u->n_prompt + u->n_generated), err));
    REC_TRY(rec_json_add_object(&details, usage, "prompt_tokens_details", err));
    REC_TRY(rec_json_add_count(details, "cached_tokens", (size_t)u->n_shared, err));
cleanup:
    return status;
}

char *rec_completion_reply(const rec_completion_head *head, const rec_completion_piece *choices,
                           size_t n, const rec_completion_usage *usage, rec_error *err)
{
    cJSON *root = NULL, *list;
    char *text = NULL;
    rec_status status;
    REC_TRY(
        new_object(&root, &list, head, head->chat ? "chat.completion" : "text_completion", err));
    for (size_t i = 0; i < n; i++)
        REC_TRY(add_choice(list, head, &choices[i], false, err));
    REC_TRY(add_usage(root, usage, err));
    text = rec_json_print(root, err);
cleanup:
    cJSON_Delete(root);
    return text;
}

/* ---- events ---- */

static rec_status append_event(rec_buffer *out, const cJSON *root, rec_error *err)
{
    char *text = rec_json_print(root, err);
    if (text == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_buffer_printf(out, err, "data: %s\n\n", text);
    free(text);
    return status;
}

static const char *event_object(const rec_completion_head *head)
{
    return head->chat ? "chat.completion.chunk" : "text_completion";
}

rec_status rec_completion_event(rec_buffer *out, const rec_completion_head *head,
                                const rec_completion_piece *piece, rec_error *err)
{
    cJSON *root = NULL, *list;
    rec_status status;
    REC_TRY(new_object(&root, &list, head, event_object(head), err));
    REC_TRY(add_choice(list, head, piece, true, err));
    status = append_event(out, root, err);
cleanup:
    cJSON_Delete(root);
    return status;
}

rec_status rec_completion_end(rec_buffer *out, const rec_completion_head *head,
                              const rec_completion_usage *usage, rec_error *err)
{
    cJSON *root = NULL, *list;
    rec_status status = REC_OK;
    if (usage != NULL) {
        REC_TRY(new_object(&root, &list, head, event_object(head), err));
        REC_TRY(add_usage(root, usage, err));
        REC_TRY(append_event(out, root, err));
    }
    status = rec_buffer_puts(out, "data: [DONE]\n\n", err);
cleanup:
    cJSON_Delete(root);
    return status;
}

rec_status rec_completion_error_event(rec_buffer *out, const rec_api_error *api, rec_error *err)
{
    char *text = rec_api_error_json(api, err);
    if (text == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_buffer_printf(out, err, "data: %s\n\n", text);
    free(text);
    return status;
}
