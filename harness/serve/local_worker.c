#include "harness/serve/local_worker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/serve/local_call.h"
#include "models/lm/local.h"

/* Tokens that are embedded between two forward passes of generation, at least one text; and texts. */
enum { EMBED_TOKENS = 1024, EMBED_TEXTS = 64 };

/* A choice in the generator. */
typedef struct running {
    rec_call *call;
    size_t choice;
    uint64_t ticket;
} running;

typedef struct local_worker {
    rec_worker base;
    rec_lm *lm;               /* owned */
    rec_generator *generator; /* of the model; NULL: it only embeds */
    rec_json_tokens *json;    /* owned; made at the first use */
    running *running;         /* owned list */
    size_t n_running, running_capacity;
    rec_call **embeds; /* owned list, oldest first */
    size_t n_embeds, embeds_capacity;
} local_worker;

static local_worker *self(rec_worker *w)
{
    return (local_worker *)(void *)w;
}

/* ---- on the caller's thread ---- */

static rec_status prepare(rec_worker *w, rec_call *call, rec_api_error *err)
{
    local_worker *l = self(w);
    if (call->kind == REC_CALL_RECOMMEND)
        return rec_api_fail(err, 400, NULL, "model",
                            "a language model recommends nothing; ask a system");
    return rec_local_call_prepare(call, l->lm, &l->json, w->limits.max_tokens, err);
}

/* ---- generation ---- */

static rec_status make_room(void **list, size_t *capacity, size_t n, size_t size, rec_error *err)
{
    if (n <= *capacity)
        return REC_OK;
    void *grown = rec_realloc(*list, 2 * n, size, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    *list = grown;
    *capacity = 2 * n;
    return REC_OK;
}

/* Take a call's choices out of the generator and the list. */
static void drop_choices(local_worker *l, const rec_call *call)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->n_running; i++) {
        if (l->running[i].call == call)
            rec_generator_cancel(l->generator, l->running[i].ticket);
        else
            l->running[kept++] = l->running[i];
    }
    l->n_running = kept;
}

static void start_choices(local_worker *l, rec_call *call)
{
    rec_error err;
    void *list = l->running;
    rec_status status = make_room(&list, &l->running_capacity, l->n_running + call->n_choices,
                                  sizeof *l->running, &err);
    l->running = list;
    for (size_t i = 0; i < call->n_choices && status == REC_OK; i++) {
        rec_generation generation = rec_local_call_generation(call, i);
        running r = {.call = call, .choice = i};
        status = rec_generator_add(&r.ticket, l->generator, &generation, &err);
        if (status == REC_OK)
            l->running[l->n_running++] = r;
    }
    if (status == REC_OK)
        return;
    drop_choices(l, call);
    rec_worker_failed(&l->base, call, &err);
}

static void accept_call(rec_worker *w, rec_call *call)
{
    local_worker *l = self(w);
    rec_error err;
    if (call->kind == REC_CALL_COMPLETE) {
        start_choices(l, call);
        return;
    }
    void *list = l->embeds;
    rec_status status =
        make_room(&list, &l->embeds_capacity, l->n_embeds + 1, sizeof *l->embeds, &err);
    l->embeds = list;
    if (status == REC_OK)
        l->embeds[l->n_embeds++] = call;
    else
        rec_worker_failed(w, call, &err);
}

/* Calls that nobody waits for give their slots back. */
static void drop_cancelled(local_worker *l)
{
    rec_api_error gone;
    rec_api_fail(&gone, 503, NULL, NULL, "the client went away");
    for (size_t i = 0; i < l->n_running;) {
        rec_call *call = l->running[i].call;
        if (!atomic_load(&call->cancelled)) {
            i++;
            continue;
        }
        drop_choices(l, call);
        rec_worker_done(&l->base, call, &gone);
        i = 0; /* the list moved */
    }
}

/* After a failed step: what the generator has dropped failed by itself; if nothing was dropped, the
 * failure concerns all. */
static void fail_dropped(local_worker *l, const rec_error *err)
{
    size_t n_failed = 0;
    for (size_t i = 0; i < l->n_running;) {
        rec_call *call = l->running[i].call;
        if (rec_generator_has(l->generator, l->running[i].ticket)) {
            i++;
            continue;
        }
        drop_choices(l, call);
        rec_worker_failed(&l->base, call, err);
        n_failed++;
        i = 0;
    }
    while (n_failed == 0 && l->n_running > 0) {
        rec_call *call = l->running[0].call;
        drop_choices(l, call);
        rec_worker_failed(&l->base, call, err);
    }
}

/* Finished choices leave; a call leaves with its last one. Listeners of streams hear of every step. */
static void deliver(local_worker *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->n_running; i++) {
        running r = l->running[i];
        rec_generation_result result;
        if (!rec_generator_take(&result, l->generator, r.ticket)) {
            l->running[kept++] = r;
            rec_local_call_announce(r.call);
            continue;
        }
        rec_error err = {.status = REC_OK};
        rec_status status = rec_local_call_take(r.call, r.choice, &result, &err);
        rec_generation_result_deinit(&result);
        if (status != REC_OK) {
            /* its other choices are dropped in the next round */
            rec_call_fail(r.call, &(rec_api_error){.http = 503, .message = "out of memory"});
            atomic_store(&r.call->cancelled, true);
        }
        if (rec_local_call_is_complete(r.call))
            rec_worker_done(&l->base, r.call, NULL);
        else
            rec_local_call_announce(r.call);
    }
    l->n_running = kept;
}

static void step(local_worker *l)
{
    rec_error err;
    bool busy;
    if (rec_generator_step(&busy, l->generator, &err) != REC_OK)
        fail_dropped(l, &err);
    deliver(l);
    atomic_store(&l->base.n_running, rec_generator_n_running(l->generator));
}

/* ---- embeddings ---- */

/* Texts of several calls, embedded together. */
typedef struct slice {
    rec_lm_input inputs[EMBED_TEXTS];
    struct {
        rec_call *call;
        size_t row;
    } of[EMBED_TEXTS];
    size_t n;
} slice;

static void gather(slice *s, local_worker *l)
{
    uint64_t n_tokens = 0;
    s->n = 0;
    for (size_t c = 0; c < l->n_embeds; c++) {
        rec_call *call = l->embeds[c];
        const rec_prompts *prompts = &call->embedding.prompts;
        for (size_t row = rec_local_call_n_embedded(call); row < prompts->n; row++) {
            uint64_t n = rec_local_call_embed_tokens(call, row);
            if (s->n == EMBED_TEXTS || (s->n > 0 && n_tokens + n > EMBED_TOKENS))
                return;
            n_tokens += n;
            s->inputs[s->n] = prompts->inputs[row];
            s->of[s->n].call = call;
            s->of[s->n++].row = row;
        }
    }
}

static rec_status embed_slice(const slice *s, local_worker *l, rec_error *err)
{
    size_t dim = l->lm->embed_dim;
    float *rows = rec_alloc(s->n * dim, sizeof *rows, err);
    if (rows == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_lm_embed(rows, l->lm, s->inputs, s->n, err);
    for (size_t i = 0; status == REC_OK && i < s->n; i++)
        rec_local_call_put_vector(s->of[i].call, s->of[i].row, rows + i * dim);
    free(rows);
    return status;
}

/* Calls that are complete, cancelled or (with an error) in the slice leave the list. */
static void leave(local_worker *l, const slice *s, const rec_error *err)
{
    size_t kept = 0;
    for (size_t c = 0; c < l->n_embeds; c++) {
        rec_call *call = l->embeds[c];
        bool failed = false;
        for (size_t i = 0; err != NULL && i < s->n; i++)
            failed = failed || s->of[i].call == call;
        if (failed)
            rec_worker_failed(&l->base, call, err);
        else if (rec_local_call_n_embedded(call) == call->embedding.prompts.n ||
                 atomic_load(&call->cancelled))
            rec_worker_done(&l->base, call, NULL);
        else
            l->embeds[kept++] = call;
    }
    l->n_embeds = kept;
}

static void embed(local_worker *l)
{
    slice s;
    rec_error err;
    gather(&s, l);
    rec_status status = embed_slice(&s, l, &err);
    leave(l, &s, status == REC_OK ? NULL : &err);
}

/* ---- the worker ---- */

static bool work(rec_worker *w)
{
    local_worker *l = self(w);
    if (l->n_running > 0)
        drop_cancelled(l);
    if (l->n_embeds > 0)
        embed(l);
    if (l->n_running > 0)
        step(l);
    return l->n_running > 0 || l->n_embeds > 0;
}

static void fail_all(rec_worker *w, const rec_api_error *error)
{
    local_worker *l = self(w);
    while (l->n_running > 0) {
        rec_call *call = l->running[0].call;
        drop_choices(l, call);
        rec_worker_done(w, call, error);
    }
    for (size_t c = 0; c < l->n_embeds; c++)
        rec_worker_done(w, l->embeds[c], error);
    l->n_embeds = 0;
}

static void free_worker(rec_worker *w)
{
    local_worker *l = self(w);
    rec_json_tokens_free(l->json);
    rec_lm_free(l->lm);
    free(l->running);
    free(l->embeds);
    free(l);
}

static const rec_worker_class local_class = {.prepare = prepare,
                                             .accept = accept_call,
                                             .work = work,
                                             .fail_all = fail_all,
                                             .free = free_worker};

rec_status rec_local_worker_new(rec_worker **out, rec_lm *lm, const rec_worker_limits *limits,
                                rec_error *err)
{
    local_worker *l;
    rec_status status = REC_OK;
    *out = NULL;
    assert(rec_lm_is_local(lm));
    REC_TRY_NEW(l, 1, err);
    if (lm->can & REC_LM_GENERATES)
        REC_TRY(rec_lm_local_generator(&l->generator, lm, err));
    l->lm = lm;
    status = rec_worker_start(&l->base, &local_class, rec_lm_local_slots(lm), limits, err);
    if (status != REC_OK) {
        l->lm = NULL; /* the caller's still */
        rec_worker_free(&l->base);
        return status;
    }
    *out = &l->base;
    return REC_OK;
cleanup:
    free(l);
    return status;
}
