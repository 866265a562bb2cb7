/* models/lm/replay.c: recorded answers, and nothing else. A request that was not recorded is a named
 * failure: scores can be computed again by others, without the model and without its key. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/progress.h"
#include "models/lm/backend.h"
#include "models/lm/replies/bundle.h"
#include "models/lm/replies/record.h"

typedef struct replay_options {
    char *path, *identity;
    int64_t context;
} replay_options;

#define FIELD(name) offsetof(replay_options, name)
static const rec_option replay_option_table[] = {
    {"path", "bundle of answers (.jsonl, .jsonl.gz) or a cache (.sqlite)", FIELD(path),
     REC_OPT_STRING, .required = true, .is_file = true},
    {"identity", "whose answers, where the file holds several models' (recai cache stats)",
     FIELD(identity), REC_OPT_STRING, .text = NULL},
    {"context", "tokens of prompt and answer together, as the model had; 0 = unknown",
     FIELD(context), REC_OPT_INT, .value = 0, .min = 0, .max = 1 << 28},
    {.key = NULL},
};
#undef FIELD

typedef struct replay {
    rec_lm base;
    rec_reply_store *store;
    char *identity;
} replay;

static replay *self(rec_lm *lm)
{
    return (replay *)(void *)lm;
}

static rec_status not_recorded(char **failure, const rec_reply_key *key, rec_error *err)
{
    *failure = rec_format(err, "not_recorded: no recorded answer to this request (key %.16s...)",
                          key->hex);
    return *failure != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status find_reply(rec_lm_reply *reply, replay *p, const rec_lm_request *r,
                             rec_error *err)
{
    rec_reply_key key = {.request = NULL};
    char *record = NULL;
    rec_status status;
    REC_TRY(rec_reply_key_generate(&key, p->identity, r, err));
    REC_TRY(rec_reply_store_get(&record, p->store, key.hex, err));
    status = record != NULL ? rec_reply_of_record(reply, record, err)
                            : not_recorded(&reply->failure, &key, err);
    if (status == REC_OK && r->on_text != NULL && reply->failure == NULL)
        status =
            r->on_text(r->on_text_context, reply->best[0].text, strlen(reply->best[0].text), err);
cleanup:
    free(record);
    rec_reply_key_deinit(&key);
    return status;
}

static rec_status replay_generate(rec_lm_reply *replies, rec_lm *lm, const rec_lm_request *requests,
                                  size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = find_reply(&replies[i], self(lm), &requests[i], err);
    return status;
}

static rec_status find_score(rec_lm_score *score, replay *p, const rec_lm_score_request *r,
                             rec_error *err)
{
    rec_reply_key key = {.request = NULL};
    char *record = NULL;
    rec_status status;
    REC_TRY(rec_reply_key_score(&key, p->identity, r, err));
    REC_TRY(rec_reply_store_get(&record, p->store, key.hex, err));
    status = record != NULL ? rec_score_of_record(score, record, err)
                            : not_recorded(&score->failure, &key, err);
cleanup:
    free(record);
    rec_reply_key_deinit(&key);
    return status;
}

static rec_status replay_score(rec_lm_score *scores, rec_lm *lm,
                               const rec_lm_score_request *requests, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = find_score(&scores[i], self(lm), &requests[i], err);
    return status;
}

static rec_status find_vector(float *row, replay *p, const rec_lm_input *input, rec_error *err)
{
    rec_reply_key key = {.request = NULL};
    char *record = NULL;
    rec_status status;
    REC_TRY(rec_reply_key_embed(&key, p->identity, input, err));
    REC_TRY(rec_reply_store_get(&record, p->store, key.hex, err));
    if (record != NULL)
        REC_TRY(rec_embedding_of_record(row, p->base.embed_dim, record, err));
    for (size_t i = 0; record == NULL && i < p->base.embed_dim; i++)
        row[i] = NAN;
    if (record == NULL)
        rec_warn("not_recorded: no recorded embedding of a text (key %.16s...)", key.hex);
cleanup:
    free(record);
    rec_reply_key_deinit(&key);
    return status;
}

static rec_status replay_embed(float *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                               rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = find_vector(out + i * lm->embed_dim, self(lm), &inputs[i], err);
    return status;
}

/* The recorded model's own: what depends on answers depends on nothing else. */
static rec_status replay_identity(const char **out, rec_lm *lm, rec_error *err)
{
    (void)err;
    *out = self(lm)->identity;
    return REC_OK;
}

static void replay_free(rec_lm *lm)
{
    replay *p = self(lm);
    rec_reply_store_close(p->store);
    free(p->identity);
    free(p);
}

static const rec_lm_backend replay_backend = {.name = "replay",
                                              .generate = replay_generate,
                                              .score = replay_score,
                                              .embed = replay_embed,
                                              .identity = replay_identity,
                                              .free = replay_free};

/* ---- opening ---- */

static rec_status is_sqlite(bool *out, const char *path, rec_error *err)
{
    static const char magic[] = "SQLite format 3";
    rec_map map;
    rec_status status = rec_map_open(&map, path, err);
    if (status != REC_OK)
        return status;
    *out = map.length >= sizeof magic && memcmp(map.data, magic, sizeof magic) == 0;
    rec_map_close(&map);
    return REC_OK;
}

static rec_status open_store(replay *p, const char *path, rec_error *err)
{
    bool is_cache;
    size_t n;
    rec_status status = is_sqlite(&is_cache, path, err);
    if (status != REC_OK)
        return status;
    if (is_cache)
        return rec_reply_store_open(&p->store, path, REC_STORE_READ, err);
    status = rec_reply_store_open(&p->store, path, REC_STORE_MEMORY, err);
    return status == REC_OK ? rec_bundle_import(&n, p->store, path, err) : status;
}

static const rec_reply_count *find_count(const rec_reply_count *counts, size_t n,
                                         const char *identity)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(counts[i].identity, identity) == 0)
            return &counts[i];
    return NULL;
}

/* Whose answers; what kinds of them decides what the model can do. */
static rec_status choose_model(replay *p, const replay_options *o, rec_error *err)
{
    rec_reply_count *counts = NULL;
    const rec_reply_count *chosen = NULL;
    size_t n;
    rec_status status;
    REC_TRY(rec_reply_store_counts(&counts, &n, p->store, err));
    if (n == 0)
        REC_TRY(rec_fail(err, REC_ERR_DATA, "%s: holds no answers", o->path));
    if (o->identity == NULL && n > 1)
        REC_TRY(rec_fail(err, REC_ERR_CONFIG,
                         "%s: holds answers of %zu models; choose one with identity "
                         "(\"%.200s\", ...: recai cache stats)",
                         o->path, n, counts[0].identity));
    chosen = o->identity == NULL ? &counts[0] : find_count(counts, n, o->identity);
    if (chosen == NULL)
        REC_TRY(rec_fail(err, REC_ERR_CONFIG, "%s: holds no answers of \"%.200s\" (\"%.200s\")",
                         o->path, o->identity, counts[0].identity));
    p->base.can = (chosen->n[REC_REPLY_GENERATE] > 0 ? REC_LM_GENERATES : 0U) |
                  (chosen->n[REC_REPLY_SCORE] > 0 ? REC_LM_LOGITS : 0U) |
                  (chosen->n[REC_REPLY_EMBED] > 0 ? REC_LM_EMBEDS : 0U);
    p->identity = rec_strdup(chosen->identity, err);
    status = p->identity != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    rec_reply_counts_free(counts, n);
    return status;
}

/* Which of them stands in the file. */
static unsigned replay_can(const void *options)
{
    (void)options;
    return REC_LM_GENERATES | REC_LM_LOGITS | REC_LM_EMBEDS;
}

static rec_status note_dim(void *context, const rec_reply_row *row, rec_error *err)
{
    size_t *dim = context;
    (void)err;
    if (*dim == 0 && row->op == REC_REPLY_EMBED)
        *dim = rec_record_embedding_dim(row->record);
    return REC_OK;
}

static rec_status replay_open(rec_lm **out, const void *options, rec_error *err)
{
    const replay_options *o = options;
    char *path = NULL;
    replay *p;
    rec_status status;
    *out = NULL;
    REC_TRY_NEW(p, 1, err);
    p->base.backend = &replay_backend;
    p->base.context = (size_t)o->context;
    REC_TRY(rec_data_path(&path, o->path, err));
    REC_TRY(open_store(p, path, err));
    REC_TRY(choose_model(p, o, err));
    p->base.identity = p->identity;
    if (p->base.can & REC_LM_EMBEDS)
        REC_TRY(rec_reply_store_each(p->store, p->identity, note_dim, &p->base.embed_dim, err));
    *out = &p->base;
    p = NULL;
cleanup:
    if (p != NULL)
        replay_free(&p->base);
    free(path);
    return status;
}

const rec_lm_backend_type rec_lm_backend_replay = {
    .name = "replay",
    .help = "recorded answers (recai cache export); what was not recorded is a failure",
    .size = sizeof(replay_options),
    .options = replay_option_table,
    .identity_is_all = true,
    .can = replay_can,
    .open = replay_open,
};
