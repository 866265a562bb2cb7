#include "models/lm/replies/cached.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "models/lm/cost.h"
#include "models/lm/replies/record.h"
#include "models/lm/replies/store.h"

/* Vectors come back all at once: what a crash can lose is a slice. */
enum { SLICE = 256 };

static const char *const modes[] = {"off", "read_write", "read_only", "refresh", NULL};

const rec_option rec_lm_cache_option_table[] = {
    {"mode",
     "read_write; read_only: nothing is recorded; refresh: everything is asked anew and recorded; "
     "off",
     offsetof(rec_lm_cache_options, mode), REC_OPT_ENUM, .value = REC_CACHE_READ_WRITE,
     .choices = modes},
    {"path", "file; default: replies.sqlite in ~/.cache/recai",
     offsetof(rec_lm_cache_options, path), REC_OPT_STRING, .text = NULL},
    {.key = NULL},
};

typedef struct cached {
    rec_lm base;
    rec_lm_backend backend; /* as `inner` calls itself */
    rec_lm *inner;          /* owned */
    rec_reply_store *store; /* NULL: read_only without a file */
    bool reads, writes;
    uint64_t n_hits, n_misses, n_tokens;
} cached;

static cached *self(rec_lm *lm)
{
    return (cached *)(void *)lm;
}

static const cached *self_const(const rec_lm *lm)
{
    return (const cached *)(const void *)lm;
}

/* The record under a key, or NULL. */
static rec_status look_up(char **record, cached *c, const rec_reply_key *key, rec_error *err)
{
    *record = NULL;
    return c->reads ? rec_reply_store_get(record, c->store, key->hex, err) : REC_OK;
}

/* What came of reading a record: one that is no answer is asked for again, which is no error. */
static rec_status take_reading(bool *found, rec_status status, const rec_error *why, rec_error *err)
{
    *found = status == REC_OK;
    return status == REC_ERR_RESOURCE ? rec_fail(err, status, "%s", why->message) : REC_OK;
}

/* An answer that was asked for: NULL record = it could not be written down. */
static rec_status keep(cached *c, const rec_reply_key *key, const char *record, rec_error *err)
{
    if (record == NULL)
        return REC_ERR_RESOURCE;
    const char *identity;
    rec_status status = rec_lm_identity(&identity, c->inner, err);
    return status == REC_OK ? rec_reply_store_put(c->store, key, identity, record, err) : status;
}

/* ---- generation ---- */

/* A request that has to be asked, or is like one that has. */
typedef struct asking {
    cached *c;
    size_t index; /* of the request */
    const rec_lm_request *request;
    rec_reply_key key; /* owned; request NULL = none exists */
    char *record;      /* owned: the answer of a leader, for its followers */
    size_t leader;     /* position of the first one alike */
} asking;

static rec_status deliver(const rec_lm_request *r, const rec_lm_reply *reply, rec_error *err)
{
    rec_status status = REC_OK;
    if (r->on_text != NULL && reply->failure == NULL && reply->n_best > 0)
        status =
            r->on_text(r->on_text_context, reply->best[0].text, strlen(reply->best[0].text), err);
    return status == REC_OK && r->on_reply != NULL ? r->on_reply(r->on_reply_context, reply, err)
                                                   : status;
}

static rec_status hit(cached *c, rec_lm_reply *reply, const rec_lm_request *r, rec_error *err)
{
    c->n_hits++;
    c->n_tokens += reply->tokens_in + reply->tokens_out;
    return deliver(r, reply, err);
}

static rec_status find_reply(bool *found, asking *a, rec_lm_reply *reply, const char *identity,
                             rec_error *err)
{
    char *record = NULL;
    rec_error why;
    rec_status status = REC_OK;
    *found = false;
    if (rec_reply_key_exists(a->request))
        status = rec_reply_key_generate(&a->key, identity, a->request, err);
    if (status == REC_OK && a->key.request != NULL)
        status = look_up(&record, a->c, &a->key, err);
    if (record != NULL)
        status = take_reading(found, rec_reply_of_record(reply, record, &why), &why, err);
    free(record);
    if (!*found)
        return status;
    rec_reply_key_deinit(&a->key);
    return hit(a->c, reply, a->request, err);
}

/* Fill in what is recorded; the rest is put into `list`. */
static rec_status find_recorded(asking *list, size_t *n_list, cached *c, rec_lm_reply *replies,
                                const rec_lm_request *requests, size_t n, rec_error *err)
{
    const char *identity;
    rec_status status = rec_lm_identity(&identity, c->inner, err);
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        asking *a = &list[*n_list];
        bool found;
        *a = (asking){.c = c, .index = i, .request = &requests[i], .leader = *n_list};
        status = find_reply(&found, a, &replies[i], identity, err);
        *n_list += !found;
    }
    return status;
}

static int by_key(const void *x, const void *y)
{
    const asking *a = *(const asking *const *)x, *b = *(const asking *const *)y;
    int order = strcmp(a->key.hex, b->key.hex);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* Of requests alike the first is asked. */
static rec_status find_leaders(asking *list, size_t n, rec_error *err)
{
    asking **sorted = rec_alloc(n, sizeof(asking *), err);
    if (sorted == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &list[i];
    qsort(sorted, n, sizeof(asking *), by_key);
    for (size_t i = 1; i < n; i++)
        if (sorted[i]->key.request != NULL &&
            strcmp(sorted[i]->key.hex, sorted[i - 1]->key.hex) == 0)
            sorted[i]->leader = sorted[i - 1]->leader;
    free(sorted);
    return REC_OK;
}

/* rec_lm_reply_hook: an answer of `inner` arrived. It is recorded before anybody hears of it. */
static rec_status arrived(void *context, const rec_lm_reply *reply, rec_error *err)
{
    asking *a = context;
    rec_status status = REC_OK;
    if (reply->failure == NULL && a->key.request != NULL) {
        a->record = rec_record_of_reply(reply, err);
        status = a->c->writes        ? keep(a->c, &a->key, a->record, err)
                 : a->record != NULL ? REC_OK
                                     : REC_ERR_RESOURCE;
    }
    return status == REC_OK && a->request->on_reply != NULL
               ? a->request->on_reply(a->request->on_reply_context, reply, err)
               : status;
}

static rec_status ask(cached *c, asking *list, size_t n, rec_lm_reply *replies, rec_error *err)
{
    rec_lm_request *requests = NULL;
    rec_lm_reply *answers = NULL;
    size_t n_asked = 0, k = 0;
    rec_status status;
    REC_TRY_NEW(requests, n, err);
    REC_TRY_NEW(answers, n, err);
    for (size_t i = 0; i < n; i++) {
        if (list[i].leader != i)
            continue;
        requests[n_asked] = *list[i].request;
        requests[n_asked].on_reply = arrived;
        requests[n_asked++].on_reply_context = &list[i];
    }
    c->n_misses += n_asked;
    REC_TRY(rec_lm_generate(answers, c->inner, requests, n_asked, err));
    for (size_t i = 0; i < n; i++)
        if (list[i].leader == i)
            replies[list[i].index] = answers[k++];
cleanup:
    free(answers);
    free(requests);
    return status;
}

/* Those alike get a copy of the answer, or of the failure. */
static rec_status follow(cached *c, const asking *list, size_t n, rec_lm_reply *replies,
                         rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        const asking *leader = &list[list[i].leader];
        rec_lm_reply *reply = &replies[list[i].index];
        if (list[i].leader == i)
            continue;
        if (leader->record != NULL) {
            status = rec_reply_of_record(reply, leader->record, err);
            if (status == REC_OK)
                status = hit(c, reply, list[i].request, err);
            continue;
        }
        reply->failure = rec_strdup(replies[leader->index].failure, err);
        status = reply->failure != NULL ? deliver(list[i].request, reply, err) : REC_ERR_RESOURCE;
    }
    return status;
}

static rec_status cached_generate(rec_lm_reply *replies, rec_lm *lm, const rec_lm_request *requests,
                                  size_t n, rec_error *err)
{
    cached *c = self(lm);
    size_t n_list = 0;
    asking *list;
    rec_status status;
    REC_TRY_NEW(list, n, err);
    REC_TRY(find_recorded(list, &n_list, c, replies, requests, n, err));
    REC_TRY(find_leaders(list, n_list, err));
    REC_TRY(ask(c, list, n_list, replies, err));
    REC_TRY(follow(c, list, n_list, replies, err));
cleanup:
    for (size_t i = 0; list != NULL && i < n; i++) {
        rec_reply_key_deinit(&list[i].key);
        free(list[i].record);
    }
    free(list);
    return status;
}

/* ---- log-likelihood ---- */

typedef struct asking_score {
    cached *c;
    const rec_lm_score_request *request;
    rec_reply_key key; /* owned; request NULL = none exists */
    size_t index;
} asking_score;

static rec_status deliver_score(const rec_lm_score_request *r, const rec_lm_score *score,
                                rec_error *err)
{
    return r->on_score != NULL ? r->on_score(r->on_score_context, score, err) : REC_OK;
}

/* rec_lm_score_hook */
static rec_status score_arrived(void *context, const rec_lm_score *score, rec_error *err)
{
    asking_score *a = context;
    rec_status status = REC_OK;
    if (a->c->writes && score->failure == NULL && a->key.request != NULL) {
        char *record = rec_record_of_score(score, err);
        status = keep(a->c, &a->key, record, err);
        free(record);
    }
    return status == REC_OK ? deliver_score(a->request, score, err) : status;
}

static rec_status find_score(bool *found, asking_score *a, rec_lm_score *score,
                             const char *identity, rec_error *err)
{
    const rec_lm_score_request *r = a->request;
    char *record = NULL;
    rec_error why;
    rec_status status = REC_OK;
    if (rec_reply_key_exists_for(&r->prompt) && rec_reply_key_exists_for(&r->completion))
        status = rec_reply_key_score(&a->key, identity, r, err);
    if (status == REC_OK && a->key.request != NULL)
        status = look_up(&record, a->c, &a->key, err);
    *found = false;
    if (record != NULL)
        status = take_reading(found, rec_score_of_record(score, record, &why), &why, err);
    free(record);
    if (!*found)
        return status;
    rec_reply_key_deinit(&a->key);
    a->c->n_hits++;
    a->c->n_tokens += score->tokens_in;
    return deliver_score(r, score, err);
}

static rec_status ask_scores(cached *c, asking_score *list, size_t n, rec_lm_score *scores,
                             rec_error *err)
{
    rec_lm_score_request *requests = NULL;
    rec_lm_score *answers = NULL;
    rec_status status;
    REC_TRY_NEW(requests, n, err);
    REC_TRY_NEW(answers, n, err);
    for (size_t i = 0; i < n; i++) {
        requests[i] = *list[i].request;
        requests[i].on_score = score_arrived;
        requests[i].on_score_context = &list[i];
    }
    c->n_misses += n;
    REC_TRY(rec_lm_score_all(answers, c->inner, requests, n, err));
    for (size_t i = 0; i < n; i++)
        scores[list[i].index] = answers[i];
cleanup:
    free(answers);
    free(requests);
    return status;
}

static rec_status cached_score(rec_lm_score *scores, rec_lm *lm,
                               const rec_lm_score_request *requests, size_t n, rec_error *err)
{
    cached *c = self(lm);
    const char *identity;
    size_t n_list = 0;
    asking_score *list;
    rec_status status;
    REC_TRY_NEW(list, n, err);
    REC_TRY(rec_lm_identity(&identity, c->inner, err));
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        bool found;
        list[n_list] = (asking_score){.c = c, .request = &requests[i], .index = i};
        status = find_score(&found, &list[n_list], &scores[i], identity, err);
        n_list += !found;
    }
    if (status == REC_OK)
        status = ask_scores(c, list, n_list, scores, err);
cleanup:
    for (size_t i = 0; list != NULL && i < n_list; i++)
        rec_reply_key_deinit(&list[i].key);
    free(list);
    return status;
}

/* ---- embeddings ---- */

/* Which of a slice are missing, and their keys. */
typedef struct missing {
    size_t index[SLICE], n;
    rec_reply_key keys[SLICE]; /* owned; request NULL = none exists */
} missing;

static void missing_free(missing *m)
{
    for (size_t i = 0; m != NULL && i < SLICE; i++)
        rec_reply_key_deinit(&m->keys[i]);
    free(m);
}

static rec_status find_vector(missing *m, float *row, cached *c, const char *identity,
                              const rec_lm_input *input, size_t i, rec_error *err)
{
    rec_reply_key *key = &m->keys[m->n];
    char *record = NULL;
    rec_error why;
    rec_status status = REC_OK;
    if (rec_reply_key_exists_for(input))
        status = rec_reply_key_embed(key, identity, input, err);
    if (status == REC_OK && key->request != NULL)
        status = look_up(&record, c, key, err);
    bool found = false;
    if (record != NULL)
        status = take_reading(&found, rec_embedding_of_record(row, c->base.embed_dim, record, &why),
                              &why, err);
    free(record);
    if (found) {
        rec_reply_key_deinit(key);
        c->n_hits++;
    } else {
        m->index[m->n++] = i;
    }
    return status;
}

static rec_status ask_vectors(cached *c, const missing *m, float *out, const rec_lm_input *inputs,
                              rec_error *err)
{
    size_t dim = c->base.embed_dim;
    rec_lm_input asked[SLICE];
    float *rows = rec_alloc(m->n * dim, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    for (size_t k = 0; k < m->n; k++)
        asked[k] = inputs[m->index[k]];
    c->n_misses += m->n;
    rec_status status = rec_lm_embed(rows, c->inner, asked, m->n, err);
    for (size_t k = 0; k < m->n && status == REC_OK; k++) {
        const float *row = rows + k * dim;
        memcpy(out + m->index[k] * dim, row, dim * sizeof *row);
        if (!c->writes || isnan(row[0]) || m->keys[k].request == NULL)
            continue;
        char *record = rec_record_of_embedding(row, dim, err);
        status = keep(c, &m->keys[k], record, err);
        free(record);
    }
    free(rows);
    return status;
}

static rec_status embed_slice(cached *c, float *out, const rec_lm_input *inputs, size_t n,
                              rec_error *err)
{
    const char *identity;
    missing *m;
    rec_status status;
    REC_TRY_NEW(m, 1, err);
    REC_TRY(rec_lm_identity(&identity, c->inner, err));
    for (size_t i = 0; i < n; i++)
        REC_TRY(find_vector(m, out + i * c->base.embed_dim, c, identity, &inputs[i], i, err));
    REC_TRY(ask_vectors(c, m, out, inputs, err));
cleanup:
    missing_free(m);
    return status;
}

static rec_status cached_embed(float *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                               rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i += SLICE)
        status = embed_slice(self(lm), out + i * lm->embed_dim, inputs + i,
                             n - i < SLICE ? n - i : SLICE, err);
    return status;
}

/* ---- the rest is the inner model's ---- */

static rec_status cached_count_tokens(uint64_t *out, rec_lm *lm, const rec_lm_input *inputs,
                                      size_t n, rec_error *err)
{
    return rec_lm_count_tokens(out, self(lm)->inner, inputs, n, err);
}

static rec_status cached_identity(const char **out, rec_lm *lm, rec_error *err)
{
    return rec_lm_identity(out, self(lm)->inner, err);
}

static void cached_ledger(rec_lm_ledger *out, const rec_lm *lm)
{
    const cached *c = self_const(lm);
    rec_lm_ledger_get(out, c->inner);
    out->cache_hits += c->n_hits;
    out->cache_misses += c->n_misses;
    out->cache_tokens += c->n_tokens;
    out->cache_corrupted += c->store != NULL ? rec_reply_store_n_corrupted(c->store) : 0;
}

static bool cached_price(rec_lm_price *out, const rec_lm *lm)
{
    return rec_lm_price_get(out, self_const(lm)->inner);
}

static void cached_share_budget(rec_lm *lm, rec_lm_budget *budget)
{
    rec_lm_share_budget(self(lm)->inner, budget);
}

static void cached_free(rec_lm *lm)
{
    cached *c = self(lm);
    rec_reply_store_close(c->store);
    rec_lm_free(c->inner);
    free(c);
}

static const rec_lm_backend cached_backend = {.reports_early = true,
                                              .generate = cached_generate,
                                              .score = cached_score,
                                              .embed = cached_embed,
                                              .count_tokens = cached_count_tokens,
                                              .identity = cached_identity,
                                              .ledger = cached_ledger,
                                              .price = cached_price,
                                              .share_budget = cached_share_budget,
                                              .free = cached_free};

static rec_status open_store(cached *c, const char *path, rec_error *err)
{
    char *found = NULL;
    rec_status status = rec_reply_store_path(&found, path, err);
    if (status == REC_OK && (c->writes || rec_path_exists(found)))
        status = rec_reply_store_open(&c->store, found,
                                      c->writes ? REC_STORE_WRITE : REC_STORE_READ, err);
    c->reads = c->reads && c->store != NULL;
    free(found);
    return status;
}

rec_status rec_lm_cached_new(rec_lm **out, rec_lm *inner, const char *path, rec_lm_cache_mode mode,
                             rec_error *err)
{
    *out = NULL;
    cached *c = rec_alloc(1, sizeof *c, err);
    if (c == NULL) {
        rec_lm_free(inner);
        return REC_ERR_RESOURCE;
    }
    c->inner = inner;
    c->base = *inner;
    c->backend = cached_backend;
    c->backend.name = inner->backend->name;
    c->base.backend = &c->backend;
    c->reads = mode == REC_CACHE_READ_WRITE || mode == REC_CACHE_READ_ONLY;
    c->writes = mode == REC_CACHE_READ_WRITE || mode == REC_CACHE_REFRESH;
    rec_status status = mode == REC_CACHE_OFF ? REC_OK : open_store(c, path, err);
    if (status != REC_OK) {
        cached_free(&c->base);
        return status;
    }
    *out = &c->base;
    return REC_OK;
}
