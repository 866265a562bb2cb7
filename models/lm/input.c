#include "models/lm/input.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/lm/engine.h"

/* Stands for ids and vectors while a chat template writes the text around them. It counts only where
 * it is trusted, so that no data can hold it. */
static const char placeholder[] = "\x01";

void rec_lm_encoded_deinit(rec_lm_encoded *e)
{
    rec_token_list_deinit(&e->ids);
    free(e->vectors);
    *e = (rec_lm_encoded){.vectors = NULL};
}

void rec_lm_encoder_deinit(rec_lm_encoder *e)
{
    rec_token_list_deinit(&e->before);
    rec_token_list_deinit(&e->after);
}

/* Where the ids of the plain text stand among those with additions. */
static size_t offset_of(const rec_token_list *plain, const rec_token_list *whole)
{
    for (size_t i = 0; i + plain->n <= whole->n; i++) {
        if (memcmp(whole->ids + i, plain->ids, plain->n * sizeof *plain->ids) == 0)
            return i;
    }
    return 0;
}

rec_status rec_lm_encoder_init(rec_lm_encoder *e, const rec_tokenizer *tokenizer,
                               const rec_chat_template *chat, size_t d_model, rec_error *err)
{
    rec_token_list plain = {.ids = NULL}, whole = {.ids = NULL};
    rec_status status = REC_OK;
    *e = (rec_lm_encoder){.tokenizer = tokenizer, .chat = chat, .d_model = d_model};
    REC_TRY(rec_tokenizer_encode(&plain, tokenizer, "a", 1, 0, err));
    REC_TRY(rec_tokenizer_encode(&whole, tokenizer, "a", 1, REC_TOKENIZE_ADD_SPECIAL, err));
    size_t at = offset_of(&plain, &whole);
    for (size_t i = 0; i < at; i++)
        REC_TRY(rec_token_list_append(&e->before, whole.ids[i], err));
    for (size_t i = at + plain.n; i < whole.n; i++)
        REC_TRY(rec_token_list_append(&e->after, whole.ids[i], err));
cleanup:
    rec_token_list_deinit(&plain);
    rec_token_list_deinit(&whole);
    if (status != REC_OK)
        rec_lm_encoder_deinit(e);
    return status;
}

static bool is_text(const rec_lm_part *p)
{
    return p->kind == REC_LM_TRUSTED || p->kind == REC_LM_DATA;
}

static rec_status append_ids(rec_token_list *ids, const uint32_t *from, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_token_list_append(ids, from[i], err);
    return status;
}

static rec_status append_vectors(rec_lm_encoded *out, const rec_lm_part *part, size_t d_model,
                                 rec_error *err)
{
    rec_status status = REC_OK;
    float *vectors =
        rec_realloc(out->vectors, (out->n_vectors + part->n) * d_model, sizeof *vectors, err);
    if (vectors == NULL)
        return REC_ERR_RESOURCE;
    out->vectors = vectors;
    memcpy(vectors + out->n_vectors * d_model, part->vectors, part->n * d_model * sizeof *vectors);
    out->n_vectors += part->n;
    for (size_t i = 0; i < part->n && status == REC_OK; i++)
        status = rec_token_list_append(&out->ids, REC_VECTOR_ID, err);
    return status;
}

static rec_status append_part(rec_lm_encoded *out, const rec_lm_part *part, size_t d_model,
                              rec_error *err)
{
    return part->kind == REC_LM_IDS ? append_ids(&out->ids, part->ids, part->n, err)
                                    : append_vectors(out, part, d_model, err);
}

/* Text with marks, in which trusted placeholders stand for the other parts in turn. */
static rec_status encode_segments(rec_lm_encoded *out, const rec_lm_encoder *e,
                                  const rec_lm_input *input, const char *text, const char *trusted,
                                  size_t length, rec_error *err)
{
    size_t start = 0, part = 0;
    rec_status status = REC_OK;
    for (size_t i = 0; i <= length && status == REC_OK; i++) {
        bool at_end = i == length;
        if (!at_end && !(text[i] == placeholder[0] && trusted[i]))
            continue;
        if (i > start)
            status = rec_tokenizer_encode_marked(&out->ids, e->tokenizer, text + start,
                                                 trusted + start, i - start, err);
        start = i + 1;
        while (!at_end && part < input->n_parts && is_text(&input->parts[part]))
            part++;
        if (!at_end && status == REC_OK && part < input->n_parts)
            status = append_part(out, &input->parts[part++], e->d_model, err);
    }
    return status;
}

static rec_status check_parts(const rec_lm_input *input, rec_error *err)
{
    for (size_t i = 0; i < input->n_parts; i++) {
        if (input->parts[i].kind == REC_LM_TRUSTED &&
            strchr(input->parts[i].text, placeholder[0]) != NULL)
            return rec_fail(err, REC_ERR_INTERNAL, "a trusted text holds a control character");
    }
    return REC_OK;
}

static rec_status encode_chat(rec_lm_encoded *out, const rec_lm_encoder *e,
                              const rec_lm_input *input, rec_error *err)
{
    rec_chat_text text = {.text = {.data = NULL}};
    rec_chat_part *parts = NULL;
    rec_status status = REC_OK;
    if (e->chat == NULL)
        return rec_fail(err, REC_ERR_CONFIG,
                        "this model has no chat template; name a family (chat_template: chatml, "
                        "llama2, llama3, gemma, mistral, phi3, zephyr)");
    REC_TRY_NEW(parts, input->n_parts, err);
    for (size_t i = 0; i < input->n_parts; i++) {
        const rec_lm_part *p = &input->parts[i];
        parts[i] = (rec_chat_part){.role = p->role,
                                   .text = is_text(p) ? p->text : placeholder,
                                   .trusted = p->kind != REC_LM_DATA};
    }
    REC_TRY(rec_chat_render(&text, e->chat, parts, input->n_parts, true, err));
    status =
        encode_segments(out, e, input, text.text.data, text.trusted.data, text.text.length, err);
cleanup:
    rec_chat_text_deinit(&text);
    free(parts);
    return status;
}

static rec_status encode_text(rec_lm_encoded *out, const rec_lm_encoder *e,
                              const rec_lm_input *input, rec_error *err)
{
    rec_buffer text = {.data = NULL}, trusted = {.data = NULL};
    rec_status status = rec_buffer_append(&trusted, "", 0, err);
    for (size_t i = 0; i < input->n_parts && status == REC_OK; i++) {
        const rec_lm_part *p = &input->parts[i];
        const char *piece = is_text(p) ? p->text : placeholder;
        char mark = p->kind != REC_LM_DATA;
        status =
            rec_buffer_append(&text, piece, is_text(p) && p->n > 0 ? p->n : strlen(piece), err);
        while (status == REC_OK && trusted.length < text.length)
            status = rec_buffer_append(&trusted, &mark, 1, err);
    }
    if (status == REC_OK)
        status = encode_segments(out, e, input, text.data, trusted.data, text.length, err);
    rec_buffer_deinit(&text);
    rec_buffer_deinit(&trusted);
    return status;
}

rec_status rec_lm_encode(rec_lm_encoded *out, const rec_lm_encoder *e, const rec_lm_input *input,
                         bool close, rec_error *err)
{
    bool around = !input->chat && !input->bare;
    rec_status status = REC_OK;
    *out = (rec_lm_encoded){.vectors = NULL};
    REC_TRY(check_parts(input, err));
    if (around)
        REC_TRY(append_ids(&out->ids, e->before.ids, e->before.n, err));
    REC_TRY(input->chat ? encode_chat(out, e, input, err) : encode_text(out, e, input, err));
    if (around && close)
        REC_TRY(append_ids(&out->ids, e->after.ids, e->after.n, err));
cleanup:
    if (status != REC_OK)
        rec_lm_encoded_deinit(out);
    return status;
}

size_t rec_lm_encoded_drop_oldest(rec_lm_encoded *x, size_t keep_first, size_t n, size_t d_model)
{
    if (x->ids.n <= n || n < keep_first)
        return 0;
    size_t dropped = x->ids.n - n, kept_vectors = 0, lost_vectors = 0;
    for (size_t i = 0; i < keep_first + dropped; i++) {
        size_t *count = i < keep_first ? &kept_vectors : &lost_vectors;
        *count += x->ids.ids[i] == REC_VECTOR_ID;
    }
    memmove(x->ids.ids + keep_first, x->ids.ids + keep_first + dropped,
            (n - keep_first) * sizeof *x->ids.ids);
    x->ids.n = n;
    if (lost_vectors > 0)
        memmove(x->vectors + kept_vectors * d_model,
                x->vectors + (kept_vectors + lost_vectors) * d_model,
                (x->n_vectors - kept_vectors - lost_vectors) * d_model * sizeof *x->vectors);
    x->n_vectors -= lost_vectors;
    return dropped;
}
