/* models/reclm_emb/writers/local_lm.c: texts of a language model of `lms:`. Wishes are gathered, asked in
 * batches, and every answer is put into the file as it arrives, with what was asked, so that a run that
 * was stopped goes on and a second one asks nothing. What the model fails to write stays missing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/interrupt.h"
#include "core/json_build.h"
#include "core/memory.h"
#include "core/progress.h"
#include "models/reclm_emb/writers/prompts.h"
#include "models/reclm_emb/writers/texts_file.h"
#include "models/reclm_emb/writers/type.h"

#define FIELD(name) offsetof(rec_emb_lm_options, name)
const rec_option rec_emb_lm_option_table[] = {
    {"lm", "who writes, an entry of lms:", FIELD(lm), REC_OPT_REFERENCE, .refers_to = "lm",
     .needs = REC_LM_GENERATES},
    {"file",
     "where prompts and texts are kept, one JSON line each; an existing one is gone on with",
     FIELD(file), REC_OPT_STRING, .text = NULL},
    {"temperature", "0 = the likeliest text", FIELD(temperature), REC_OPT_REAL, .value = 1,
     .min = 0, .max = 10},
    {"top_p", "likeliest tokens of this total probability; 1 = all", FIELD(top_p), REC_OPT_REAL,
     .value = 1, .min = 0.01, .max = 1},
    {"max_tokens", "of an answer", FIELD(max_tokens), REC_OPT_INT, .value = 512, .min = 1,
     .max = 1 << 20},
    {.key = NULL},
};
#undef FIELD

enum { BATCH = 32 };

/* What is to be asked. */
typedef struct wish {
    char *id;      /* owned */
    cJSON *inputs; /* owned */
    rec_emb_prompt prompt;
    char key[REC_SHA256_HEX];
    rec_emb_text_kind kind;
    struct local_lm *owner;
} wish;

typedef struct local_lm {
    rec_emb_writer_source source;
    rec_emb_texts_file *file;
    rec_lm *lm; /* of the pool, once something is asked */
    const char *identity;
    wish *wishes; /* owned */
    size_t n, capacity;
} local_lm;

static void wish_deinit(wish *w)
{
    free(w->id);
    cJSON_Delete(w->inputs);
    rec_emb_prompt_deinit(&w->prompt);
}

/* ---- the writer ---- */

static rec_status open_local(void **self, const rec_emb_writer_source *source, rec_error *err)
{
    const rec_emb_lm_options *o = source->lm;
    rec_status status;
    if (o->lm == NULL || o->file == NULL)
        return rec_fail(err, REC_ERR_CONFIG,
                        "data: generator: local-lm needs `texts: {lm: NAME, file: FILE}`, who "
                        "writes and where it is kept");
    local_lm *l = rec_alloc(1, sizeof *l, err);
    if (l == NULL)
        return REC_ERR_RESOURCE;
    l->source = *source;
    *self = l;
    REC_TRY(rec_lm_pool_get(&l->lm, source->lms, o->lm, err));
    REC_TRY(rec_lm_identity(&l->identity, l->lm, err));
    status = rec_emb_texts_open(&l->file, o->file, true, source->dataset, err);
cleanup:
    return status; /* the caller frees, as after success */
}

static void free_local(void *self)
{
    local_lm *l = self;
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->n; i++)
        wish_deinit(&l->wishes[i]);
    free(l->wishes);
    rec_emb_texts_free(l->file);
    free(l);
}

/* ---- wishes ---- */

/* All that an answer depends on. */
static rec_status key_of(char hex[REC_SHA256_HEX], const local_lm *l, const wish *w, rec_error *err)
{
    const rec_emb_lm_options *o = l->source.lm;
    rec_sha256 *h;
    char numbers[128];
    rec_status status = rec_sha256_new(&h, err);
    if (status != REC_OK)
        return status;
    snprintf(numbers, sizeof numbers, "%.17g %.17g %lld %llu", o->temperature, o->top_p,
             (long long)o->max_tokens, (unsigned long long)l->source.seed);
    rec_sha256_update_string(h, rec_emb_writer_local_lm.name);
    rec_sha256_update_string(h, l->identity);
    rec_sha256_update_string(h, numbers);
    rec_sha256_update_string(h, w->id);
    rec_sha256_update_string(h, rec_emb_prompt_system);
    rec_sha256_update_string(h, w->prompt.before.data);
    rec_sha256_update_string(h, w->prompt.facts.data);
    rec_sha256_update_string(h, w->prompt.after.data);
    rec_sha256_finish(hex, h);
    return REC_OK;
}

/* The record that answers the wish; NULL: none, or one of another prompt, model or sampling. */
static const rec_emb_text_record *answer_of(const local_lm *l, const wish *w)
{
    const rec_emb_text_record *record = rec_emb_texts_find(l->file, w->id);
    bool is_same = record != NULL && record->key != NULL && strcmp(record->key, w->key) == 0;
    return is_same ? record : NULL;
}

static rec_status add_wish(local_lm *l, wish *w, const rec_emb_ask *ask, rec_error *err)
{
    if (l->n == l->capacity) {
        size_t capacity = l->capacity > 0 ? 2 * l->capacity : 64;
        wish *grown = rec_realloc(l->wishes, capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        l->wishes = grown;
        l->capacity = capacity;
    }
    rec_status status = rec_emb_inputs_json(&w->inputs, &l->source, ask, err);
    if (status != REC_OK)
        return status;
    l->wishes[l->n++] = *w;
    *w = (wish){.id = NULL}; /* taken */
    return REC_OK;
}

static rec_status write_answered(rec_emb_outcome *outcome, rec_buffer *out, void *self,
                                 const rec_emb_writer_source *source, const rec_emb_ask *ask,
                                 rec_error *err)
{
    local_lm *l = self;
    wish w = {.kind = ask->kind, .owner = l};
    bool has_facts;
    rec_status status;
    *outcome = REC_EMB_NO_FACTS;
    REC_TRY(rec_emb_prompt_make(&has_facts, &w.prompt, source, ask, err));
    if (!has_facts)
        goto cleanup;
    w.id = rec_strdup(ask->id, err);
    status = w.id != NULL ? REC_OK : REC_ERR_RESOURCE;
    REC_TRY(status);
    REC_TRY(key_of(w.key, l, &w, err));
    const rec_emb_text_record *record = answer_of(l, &w);
    if (record == NULL) {
        *outcome = REC_EMB_PENDING;
        status = add_wish(l, &w, ask, err);
    } else {
        *outcome = record->text != NULL ? REC_EMB_WRITTEN : REC_EMB_NO_ANSWER;
        if (record->text != NULL)
            status = rec_buffer_puts(out, record->text, err);
    }
cleanup:
    wish_deinit(&w);
    return status;
}

/* ---- records ---- */

static rec_status add_sampling(cJSON *json, const local_lm *l, rec_error *err)
{
    const rec_emb_lm_options *o = l->source.lm;
    cJSON *sampling;
    rec_status status;
    REC_TRY(rec_json_add_object(&sampling, json, "sampling", err));
    REC_TRY(rec_json_add_real(sampling, "temperature", o->temperature, err));
    REC_TRY(rec_json_add_real(sampling, "top_p", o->top_p, err));
    REC_TRY(rec_json_add_count(sampling, "max_tokens", (size_t)o->max_tokens, err));
    status = rec_json_add_count(sampling, "seed", l->source.seed, err);
cleanup:
    return status;
}

/* Status, text, and the answer as it came. */
static rec_status add_answer(cJSON *json, const wish *w, const rec_lm_reply *reply, rec_error *err)
{
    const char *answer = reply->failure == NULL && reply->n_best > 0 ? reply->best[0].text : NULL;
    rec_buffer text = {.length = 0};
    rec_status status = answer != NULL ? rec_emb_prompt_clean(&text, w->kind, answer, err) : REC_OK;
    bool is_ok = status == REC_OK && text.length > 0;
    if (status == REC_OK)
        status = rec_json_add_text(json, "status", is_ok ? "ok" : "failed", err);
    if (status == REC_OK && is_ok)
        status = rec_json_add_text(json, "text", text.data, err);
    if (status == REC_OK && !is_ok)
        status = rec_json_add_text(
            json, "reason", reply->failure != NULL ? reply->failure : "no text in the answer", err);
    if (status == REC_OK && answer != NULL)
        status = rec_json_add_text(json, "answer", answer, err);
    rec_buffer_deinit(&text);
    return status;
}

static rec_status record_of(cJSON **out, const wish *w, const rec_lm_reply *reply, rec_error *err)
{
    const local_lm *l = w->owner;
    rec_status status;
    REC_TRY(rec_json_new_object(out, err));
    REC_TRY(rec_json_add_text(*out, "id", w->id, err));
    REC_TRY(add_answer(*out, w, reply, err));
    REC_TRY(rec_json_add_text(*out, "generator", rec_emb_writer_local_lm.name, err));
    REC_TRY(rec_json_add_text(*out, "model", l->identity, err));
    REC_TRY(rec_json_add_text(*out, "key", w->key, err));
    REC_TRY(add_sampling(*out, l, err));
    REC_TRY(rec_json_take(*out, "inputs", cJSON_Duplicate(w->inputs, true), err));
    status = rec_emb_prompt_json(*out, &w->prompt, err);
cleanup:
    return status;
}

static rec_status keep_reply(void *context, const rec_lm_reply *reply, rec_error *err)
{
    const wish *w = context;
    cJSON *json = NULL;
    rec_status status = record_of(&json, w, reply, err);
    if (status == REC_OK)
        status = rec_emb_texts_append(w->owner->file, json, err);
    cJSON_Delete(json);
    return status;
}

/* ---- asking ---- */

enum { PARTS = 4 };

static void fill_request(rec_lm_request *r, rec_lm_part *parts, local_lm *l, wish *w)
{
    const rec_emb_lm_options *o = l->source.lm;
    parts[0] = (rec_lm_part){REC_ROLE_SYSTEM, REC_LM_TRUSTED, .text = rec_emb_prompt_system};
    parts[1] = (rec_lm_part){REC_ROLE_USER, REC_LM_TRUSTED, .text = w->prompt.before.data};
    parts[2] = (rec_lm_part){REC_ROLE_USER, REC_LM_DATA, .text = w->prompt.facts.data};
    parts[3] = (rec_lm_part){REC_ROLE_USER, REC_LM_TRUSTED, .text = w->prompt.after.data};
    *r = (rec_lm_request){.input = {.parts = parts, .n_parts = PARTS, .chat = true},
                          .max_tokens = (size_t)o->max_tokens,
                          .sampling = rec_sampling_greedy(),
                          .id = rec_fnv1a(w->id, strlen(w->id)),
                          .on_reply = keep_reply,
                          .on_reply_context = w};
    r->sampling.temperature = o->temperature;
    r->sampling.top_p = o->top_p;
    r->sampling.seed = l->source.seed;
}

static rec_status ask_batch(local_lm *l, wish *wishes, size_t n, rec_error *err)
{
    rec_lm_request requests[BATCH];
    rec_lm_part parts[BATCH][PARTS];
    rec_lm_reply replies[BATCH] = {{.best = NULL}};
    for (size_t i = 0; i < n; i++)
        fill_request(&requests[i], parts[i], l, &wishes[i]);
    rec_status status = rec_interrupt_check(err);
    if (status == REC_OK)
        status = rec_lm_generate(replies, l->lm, requests, n, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        rec_lm_reply_deinit(&replies[i]);
    return status;
}

/* The file may have grown since it was read: another run asked the same. */
static rec_status drop_answered(local_lm *l, rec_error *err)
{
    size_t kept = 0;
    rec_emb_texts_free(l->file);
    l->file = NULL;
    rec_status status =
        rec_emb_texts_open(&l->file, l->source.lm->file, true, l->source.dataset, err);
    for (size_t i = 0; i < l->n && status == REC_OK; i++) {
        if (answer_of(l, &l->wishes[i]) != NULL)
            wish_deinit(&l->wishes[i]);
        else
            l->wishes[kept++] = l->wishes[i];
    }
    if (status == REC_OK)
        l->n = kept;
    return status;
}

static rec_status answer_wishes(void *self, rec_error *err)
{
    local_lm *l = self;
    rec_lock *lock = NULL;
    rec_progress *progress = NULL;
    char *lock_path = NULL;
    rec_status status = REC_OK;
    if (l->n == 0)
        return REC_OK;
    lock_path = rec_format(err, "%s.lock", l->source.lm->file);
    status = lock_path != NULL ? REC_OK : REC_ERR_RESOURCE;
    REC_TRY(status);
    REC_TRY(rec_lock_take(&lock, lock_path, err));
    REC_TRY(drop_answered(l, err));
    progress = rec_progress_start("write", "texts", l->n);
    for (size_t i = 0; i < l->n; i += BATCH) {
        size_t n = l->n - i < BATCH ? l->n - i : BATCH;
        REC_TRY(ask_batch(l, l->wishes + i, n, err));
        rec_progress_add(progress, n);
    }
    for (size_t i = 0; i < l->n; i++)
        wish_deinit(&l->wishes[i]);
    l->n = 0;
cleanup:
    rec_progress_end(progress);
    rec_lock_free(lock);
    free(lock_path);
    return status;
}

const rec_emb_writer_type rec_emb_writer_local_lm = {.name = "local-lm-1",
                                                     .is_outside = true,
                                                     .open = open_local,
                                                     .write = write_answered,
                                                     .answer = answer_wishes,
                                                     .free = free_local};
