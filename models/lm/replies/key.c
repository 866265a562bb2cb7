#include "models/lm/replies/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "core/utf8.h"

static const char *const op_names[] = {"generate", "score", "embed"};

const char *rec_reply_op_name(rec_reply_op op)
{
    return op_names[op];
}

bool rec_reply_op_of(rec_reply_op *out, const char *name)
{
    for (size_t i = 0; i < sizeof op_names / sizeof *op_names; i++) {
        *out = (rec_reply_op)i;
        if (strcmp(name, op_names[i]) == 0)
            return true;
    }
    return false;
}

void rec_reply_key_deinit(rec_reply_key *k)
{
    free(k->request);
    *k = (rec_reply_key){.request = NULL};
}

bool rec_reply_key_exists_for(const rec_lm_input *input)
{
    for (size_t i = 0; i < input->n_parts; i++)
        if (input->parts[i].kind == REC_LM_VECTORS)
            return false;
    return true;
}

bool rec_reply_key_exists(const rec_lm_request *r)
{
    return r->constraint == NULL && r->hook == NULL && rec_reply_key_exists_for(&r->input);
}

/* ---- parts ---- */

static const char *role_name(rec_role role)
{
    return role == REC_ROLE_SYSTEM ? "system" : role == REC_ROLE_USER ? "user" : "assistant";
}

static rec_status add_bytes(cJSON *parent, const char *key, const char *bytes, size_t n,
                            rec_error *err)
{
    if (!rec_utf8_valid(bytes, n))
        return rec_fail(err, REC_ERR_DATA, "a prompt that is not UTF-8 cannot be recorded");
    cJSON *text = rec_json_text(bytes, n);
    bool added = text != NULL && (key != NULL ? cJSON_AddItemToObject(parent, key, text)
                                              : cJSON_AddItemToArray(parent, text));
    if (added)
        return REC_OK;
    cJSON_Delete(text);
    return rec_fail(err, REC_ERR_RESOURCE, "out of memory (key of a reply)");
}

static bool same_form(const rec_lm_part *a, const rec_lm_part *b, bool chat)
{
    return a->kind == b->kind && (!chat || a->role == b->role);
}

static rec_status add_ids(cJSON *parent, const rec_lm_part *p, rec_error *err)
{
    cJSON *list;
    rec_status status = rec_json_add_array(&list, parent, "ids", err);
    for (size_t i = 0; i < p->n && status == REC_OK; i++)
        status = rec_json_add_count(list, NULL, p->ids[i], err);
    return status;
}

/* The part at *i and its neighbours of the same form, as one. */
static rec_status add_part(cJSON *list, size_t *i, const rec_lm_input *input, rec_error *err)
{
    const rec_lm_part *first = &input->parts[*i];
    rec_buffer text = {.data = NULL};
    cJSON *part;
    rec_status status;
    REC_TRY(rec_json_add_object(&part, list, NULL, err));
    if (input->chat)
        REC_TRY(rec_json_add_text(part, "role", role_name(first->role), err));
    if (first->kind == REC_LM_IDS) {
        ++*i;
        return add_ids(part, first, err);
    }
    REC_TRY(rec_buffer_puts(&text, "", err));
    for (; *i < input->n_parts && same_form(first, &input->parts[*i], input->chat); ++*i) {
        const rec_lm_part *p = &input->parts[*i];
        REC_TRY(rec_buffer_append(&text, p->text, p->n > 0 ? p->n : strlen(p->text), err));
    }
    REC_TRY(add_bytes(part, first->kind == REC_LM_DATA ? "data" : "trusted", text.data, text.length,
                      err));
cleanup:
    rec_buffer_deinit(&text);
    return status;
}

static rec_status add_input(cJSON *parent, const char *key, const rec_lm_input *input,
                            rec_error *err)
{
    cJSON *object, *list;
    rec_status status;
    REC_TRY(rec_json_add_object(&object, parent, key, err));
    REC_TRY(rec_json_add_bool(object, "chat", input->chat, err));
    REC_TRY(rec_json_add_bool(object, "bare", input->bare, err));
    REC_TRY(rec_json_add_array(&list, object, "parts", err));
    for (size_t i = 0; i < input->n_parts && status == REC_OK;)
        status = add_part(list, &i, input, err);
cleanup:
    return status;
}

/* ---- requests ---- */

/* 64 bits do not fit into the numbers of JSON. */
static rec_status add_u64(cJSON *parent, const char *key, uint64_t value, rec_error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return rec_json_add_text(parent, key, text, err);
}

static rec_status begin(cJSON **root, const char *identity, rec_reply_op op, rec_error *err)
{
    rec_status status = rec_json_new_object(root, err);
    if (status == REC_OK)
        status = rec_json_add_text(*root, "op", op_names[op], err);
    return status == REC_OK ? rec_json_add_text(*root, "identity", identity, err) : status;
}

static rec_status finish(rec_reply_key *out, const cJSON *root, rec_reply_op op, rec_error *err)
{
    rec_reply_key k = {.op = op, .request = rec_json_print(root, err)};
    rec_status status = k.request != NULL
                            ? rec_sha256_bytes(k.hex, k.request, strlen(k.request), err)
                            : REC_ERR_RESOURCE;
    if (status == REC_OK)
        *out = k;
    else
        rec_reply_key_deinit(&k);
    return status;
}

static rec_status add_sampling(cJSON *root, const rec_lm_request *r, rec_error *err)
{
    const rec_sampling *s = &r->sampling;
    rec_status status;
    REC_TRY(rec_json_add_real(root, "temperature", s->temperature, err));
    REC_TRY(rec_json_add_count(root, "top_k", s->top_k, err));
    REC_TRY(rec_json_add_real(root, "top_p", s->top_p, err));
    REC_TRY(rec_json_add_real(root, "min_p", s->min_p, err));
    REC_TRY(rec_json_add_real(root, "repetition_penalty", s->repetition_penalty, err));
    REC_TRY(add_u64(root, "seed", s->seed, err));
    REC_TRY(add_u64(root, "id", s->temperature > 0.0 ? r->id : 0, err));
    REC_TRY(rec_json_add_count(root, "repeat", r->repeat, err));
cleanup:
    return status;
}

static rec_status add_limits(cJSON *root, const rec_lm_request *r, rec_error *err)
{
    cJSON *stop;
    rec_status status;
    REC_TRY(rec_json_add_count(root, "max_tokens", r->max_tokens, err));
    REC_TRY(rec_json_add_array(&stop, root, "stop", err));
    for (size_t i = 0; i < r->n_stop; i++)
        REC_TRY(add_bytes(stop, NULL, r->stop[i], strlen(r->stop[i]), err));
    REC_TRY(rec_json_add_count(root, "n_beams", r->n_beams, err));
    REC_TRY(rec_json_add_count(root, "n_best", r->n_best, err));
    REC_TRY(rec_json_add_real(root, "length_penalty", r->length_penalty, err));
    REC_TRY(rec_json_add_bool(root, "logprobs", r->logprobs, err));
cleanup:
    return status;
}

rec_status rec_reply_key_generate(rec_reply_key *out, const char *identity, const rec_lm_request *r,
                                  rec_error *err)
{
    cJSON *root = NULL;
    rec_status status;
    REC_TRY(begin(&root, identity, REC_REPLY_GENERATE, err));
    REC_TRY(add_input(root, "input", &r->input, err));
    REC_TRY(add_limits(root, r, err));
    REC_TRY(add_sampling(root, r, err));
    REC_TRY(finish(out, root, REC_REPLY_GENERATE, err));
cleanup:
    cJSON_Delete(root);
    return status;
}

rec_status rec_reply_key_score(rec_reply_key *out, const char *identity,
                               const rec_lm_score_request *r, rec_error *err)
{
    cJSON *root = NULL;
    rec_status status;
    REC_TRY(begin(&root, identity, REC_REPLY_SCORE, err));
    REC_TRY(add_input(root, "prompt", &r->prompt, err));
    REC_TRY(add_input(root, "completion", &r->completion, err));
    REC_TRY(finish(out, root, REC_REPLY_SCORE, err));
cleanup:
    cJSON_Delete(root);
    return status;
}

rec_status rec_reply_key_embed(rec_reply_key *out, const char *identity, const rec_lm_input *input,
                               rec_error *err)
{
    cJSON *root = NULL;
    rec_status status;
    REC_TRY(begin(&root, identity, REC_REPLY_EMBED, err));
    REC_TRY(add_input(root, "input", input, err));
    REC_TRY(finish(out, root, REC_REPLY_EMBED, err));
cleanup:
    cJSON_Delete(root);
    return status;
}
