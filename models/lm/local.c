#include "models/lm/local.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/progress.h"
#include "models/lm/backend.h"
#include "models/lm/checkpoint.h"
#include "models/lm/input.h"
#include "models/lm/kernels.h"
#include "models/lm/score.h"

enum { CONTEXT_MAX = 8192, SLOT_TOKENS = 512, EMBED_TOKENS = 2048, EMBED_CHUNKS = 256 };

typedef struct local {
    rec_lm base;
    rec_lm_files files;     /* owned */
    rec_lm_weights weights; /* owned when opened, a copy of the struct when wrapped */
    bool owns;              /* weights, tokenizer and chat */
    const rec_tokenizer *tokenizer;
    const rec_chat_template *chat; /* or NULL */
    rec_engine *engine;
    rec_lm_encoder encoder;
    rec_generator *generator; /* made at the first use */
    rec_lm_local_options options;
    char identity[REC_SHA256_HEX];
    uint64_t n_fed;        /* by scoring and embedding */
    rec_arena embed_arena; /* of one batch; kept, since blocks that come and go scatter the heap */
} local;

static const rec_lm_backend local_backend;

static const char *const truncations[] = {"error", "oldest", NULL};

const char *const rec_lm_activations_names[] = {"f32", "int8", NULL};

#define FIELD(name) offsetof(rec_lm_local_options, name)
const rec_option rec_lm_local_option_table[] = {
    {"path", "folder with config.json, .gguf file, or data:NAME", FIELD(path), REC_OPT_STRING,
     .required = true},
    {"adapter", "folder of a low-rank adapter (PEFT) that is merged into the weights",
     FIELD(adapter), REC_OPT_STRING, .text = NULL},
    {"weights", "how matrices are kept in memory", FIELD(weights), REC_OPT_ENUM,
     .value = REC_WEIGHTS_FILE, .choices = rec_weight_policy_names},
    {"activations", "what quantised matrices (q8_0, q4_1) are multiplied with", FIELD(activations),
     REC_OPT_ENUM, .value = REC_LM_ACTIVATIONS_F32, .choices = rec_lm_activations_names},
    {"chat_template", "family: chatml, llama2, llama3, gemma, mistral, phi3, zephyr",
     FIELD(chat_template), REC_OPT_STRING, .text = NULL},
    {"context", "tokens of prompt and answer together; 0 = the model's, at most 8192",
     FIELD(context), REC_OPT_INT, .value = 0, .min = 0, .max = 1 << 24},
    {"truncate", "prompts longer than the context: an error, or drop their oldest tokens",
     FIELD(truncate), REC_OPT_ENUM, .value = REC_LM_TRUNCATE_ERROR, .choices = truncations},
    {"slots", "sequences generated at once", FIELD(slots), REC_OPT_INT, .value = 32, .min = 1,
     .max = 4096},
    {"cache_tokens", "tokens whose keys and values are kept; 0 = 512 per slot", FIELD(cache_tokens),
     REC_OPT_INT, .value = 0, .min = 0, .max = 1e9},
    {.key = NULL},
};
#undef FIELD

static local *self(rec_lm *lm)
{
    return (local *)(void *)lm;
}

static const local *self_const(const rec_lm *lm)
{
    return (const local *)(const void *)lm;
}

rec_engine *rec_lm_local_engine(rec_lm *lm)
{
    return self(lm)->engine;
}

const rec_tokenizer *rec_lm_local_tokenizer(const rec_lm *lm)
{
    return self_const(lm)->tokenizer;
}

bool rec_lm_is_local(const rec_lm *lm)
{
    return lm->backend == &local_backend;
}

size_t rec_lm_local_slots(const rec_lm *lm)
{
    return (size_t)self_const(lm)->options.slots;
}

const rec_chat_template *rec_lm_local_chat(const rec_lm *lm)
{
    return self_const(lm)->chat;
}

void rec_lm_local_counts(const rec_lm *lm, uint64_t *n_fed, uint64_t *n_chosen)
{
    *n_fed = *n_chosen = 0;
    if (self_const(lm)->generator != NULL)
        rec_generator_counts(self_const(lm)->generator, n_fed, n_chosen);
    *n_fed += self_const(lm)->n_fed;
}

void rec_lm_local_forget(rec_lm *lm)
{
    rec_generator_free(self(lm)->generator);
    self(lm)->generator = NULL;
}

static void local_free(rec_lm *lm)
{
    local *l = self(lm);
    rec_generator_free(l->generator);
    rec_lm_encoder_deinit(&l->encoder);
    rec_arena_deinit(&l->embed_arena);
    rec_engine_free(l->engine);
    if (l->owns) {
        rec_tokenizer_free((rec_tokenizer *)(uintptr_t)l->tokenizer);
        rec_chat_template_free((rec_chat_template *)(uintptr_t)l->chat);
        rec_lm_weights_deinit(&l->weights);
    }
    rec_lm_files_deinit(&l->files);
    free(l);
}

/* ---- generation ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static rec_status open_generator(local *l, rec_error *err)
{
    rec_generator_limits limits = {.n_slots = (size_t)l->options.slots,
                                   .cache_tokens = (size_t)l->options.cache_tokens};
    if (l->generator != NULL)
        return REC_OK;
    if (limits.cache_tokens == 0)
        limits.cache_tokens = limits.n_slots * SLOT_TOKENS;
    if (limits.cache_tokens < l->base.context)
        limits.cache_tokens = l->base.context;
    rec_status status = rec_generator_new(&l->generator, l->engine, l->tokenizer, &limits, err);
    if (status == REC_OK)
        rec_info("generation: %zu sequences at once, up to %.0f MB for keys, values and scratch",
                 limits.n_slots, (double)rec_generator_bytes(l->engine, &limits) * 1e-6);
    return status;
}

/* Room for the answer: what was asked for, or what the context leaves. A prompt that leaves none is
 * cut or refused. */
static rec_status fit(rec_lm_local_prepared *p, const local *l, const rec_lm_request *r,
                      rec_error *err)
{
    size_t context = l->base.context, wanted = r->max_tokens > 0 ? r->max_tokens : 1;
    wanted = least(wanted, context / 2 > 0 ? context / 2 : 1);
    size_t room = context - wanted, before = r->input.chat ? 0 : l->encoder.before.n;
    if (p->encoded.ids.n == 0)
        return rec_fail(err, REC_ERR_DATA, "an empty prompt: nothing to go on from");
    if (p->encoded.ids.n > room && l->options.truncate == REC_LM_TRUNCATE_ERROR &&
        p->encoded.ids.n >= context)
        return rec_fail(err, REC_ERR_DATA,
                        "a prompt of %zu tokens; the context has %zu (truncate: oldest drops the "
                        "beginning)",
                        p->encoded.ids.n, context);
    if (p->encoded.ids.n > room && l->options.truncate == REC_LM_TRUNCATE_OLDEST)
        p->n_dropped =
            rec_lm_encoded_drop_oldest(&p->encoded, before, room, l->weights.config.d_model);
    size_t left = context - p->encoded.ids.n;
    p->generation.max_tokens = r->max_tokens > 0 ? least(r->max_tokens, left) : left;
    return REC_OK;
}

size_t rec_lm_local_ends(uint32_t out[REC_LM_MAX_ENDS], const rec_lm *lm)
{
    const local *l = self_const(lm);
    const rec_lm_config *c = &l->weights.config;
    const char *end = l->chat != NULL ? rec_chat_template_end_of_turn(l->chat) : NULL;
    uint32_t id = end != NULL ? rec_tokenizer_find(l->tokenizer, end) : REC_NO_TOKEN;
    size_t n = 0;
    for (; n < c->n_eos; n++)
        out[n] = c->eos[n];
    if (id != REC_NO_TOKEN)
        out[n++] = id;
    return n;
}

rec_status rec_lm_local_generator(rec_generator **out, rec_lm *lm, rec_error *err)
{
    rec_status status = open_generator(self(lm), err);
    *out = self(lm)->generator;
    return status;
}

void rec_lm_local_prepared_deinit(rec_lm_local_prepared *p)
{
    rec_lm_encoded_deinit(&p->encoded);
}

rec_status rec_lm_local_prepare(rec_lm_local_prepared *p, const rec_lm *lm, const rec_lm_request *r,
                                rec_error *err)
{
    const local *l = self_const(lm);
    *p = (rec_lm_local_prepared){.n_dropped = 0};
    rec_status status = rec_lm_encode(&p->encoded, &l->encoder, &r->input, false, err);
    if (status == REC_OK)
        status = fit(p, l, r, err);
    if (status != REC_OK)
        return status;
    rec_generation *g = &p->generation;
    *g = (rec_generation){.prompt = p->encoded.ids.ids,
                          .n_prompt = p->encoded.ids.n,
                          .vectors = p->encoded.vectors,
                          .max_tokens = g->max_tokens,
                          .sampling = r->sampling,
                          .id = r->id,
                          .stop = r->stop,
                          .n_stop = r->n_stop,
                          .constraint = r->constraint,
                          .hook = r->hook,
                          .hook_context = r->hook_context,
                          .on_text = r->on_text,
                          .on_text_context = r->on_text_context,
                          .logprobs = r->logprobs,
                          .n_beams = r->n_beams,
                          .n_best = r->n_best,
                          .length_penalty = r->length_penalty};
    const char *end = l->chat != NULL ? rec_chat_template_end_of_turn(l->chat) : NULL;
    p->end_of_turn = end != NULL ? rec_tokenizer_find(l->tokenizer, end) : REC_NO_TOKEN;
    if (p->end_of_turn != REC_NO_TOKEN) {
        g->stop_ids = &p->end_of_turn;
        g->n_stop_ids = 1;
    }
    return REC_OK;
}

static void fill_reply(rec_lm_reply *reply, rec_generation_result *result,
                       const rec_lm_local_prepared *p)
{
    *reply = (rec_lm_reply){.best = result->best,
                            .n_best = result->n_best,
                            .tokens_in = p->encoded.ids.n,
                            .tokens_shared = result->n_shared,
                            .tokens_dropped = p->n_dropped};
    for (size_t i = 0; i < result->n_best; i++)
        reply->tokens_out += result->best[i].n;
    *result = (rec_generation_result){.best = NULL};
}

static rec_status local_generate(rec_lm_reply *replies, rec_lm *lm, const rec_lm_request *requests,
                                 size_t n, rec_error *err)
{
    local *l = self(lm);
    rec_lm_local_prepared *prepared = NULL;
    rec_generation *generations = NULL;
    rec_generation_result *results = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(prepared, n, err);
    REC_TRY_NEW(generations, n, err);
    REC_TRY_NEW(results, n, err);
    REC_TRY(open_generator(l, err));
    for (size_t i = 0; i < n; i++) {
        REC_TRY(rec_lm_local_prepare(&prepared[i], lm, &requests[i], err));
        generations[i] = prepared[i].generation;
    }
    REC_TRY(rec_generate(results, l->generator, generations, n, err));
    for (size_t i = 0; i < n; i++)
        fill_reply(&replies[i], &results[i], &prepared[i]);
cleanup:
    for (size_t i = 0; prepared != NULL && i < n; i++)
        rec_lm_local_prepared_deinit(&prepared[i]);
    free(results);
    free(generations);
    free(prepared);
    return status;
}

/* ---- log-likelihood ---- */

typedef struct scoring {
    rec_lm_encoded prompt, completion; /* the completion's ids are appended to the prompt's */
    rec_score_request request;
    float *logprobs; /* of the tokens that have one */
} scoring;

static rec_status prepare_score(scoring *s, local *l, const rec_lm_score_request *r, rec_error *err)
{
    rec_lm_input prompt = r->prompt, completion = r->completion;
    rec_status status = REC_OK;
    prompt.bare = completion.bare = true; /* nothing is added */
    REC_TRY(rec_lm_encode(&s->prompt, &l->encoder, &prompt, false, err));
    REC_TRY(rec_lm_encode(&s->completion, &l->encoder, &completion, false, err));
    size_t n_prompt = s->prompt.ids.n, n = s->completion.ids.n;
    for (size_t i = 0; i < n; i++)
        REC_TRY(rec_token_list_append(&s->prompt.ids, s->completion.ids.ids[i], err));
    if (n == 0)
        return rec_fail(err, REC_ERR_DATA, "an empty text: nothing to score");
    if (s->completion.n_vectors > 0)
        return rec_fail(err, REC_ERR_CONFIG, "vectors have no log-probability");
    if (n_prompt + n > l->base.context)
        return rec_fail(err, REC_ERR_DATA, "%zu tokens to score; the context has %zu", n_prompt + n,
                        l->base.context);
    s->request = (rec_score_request){.ids = s->prompt.ids.ids,
                                     .n = n_prompt + n,
                                     .first = n_prompt,
                                     .vectors = s->prompt.vectors};
    REC_TRY_NEW(s->logprobs, n, err);
    l->n_fed += n_prompt + n;
cleanup:
    return status;
}

static rec_status fill_score(rec_lm_score *out, scoring *s, rec_error *err)
{
    size_t n = s->completion.ids.n, missing = s->request.first == 0;
    float *logprobs = rec_alloc(n, sizeof *logprobs, err);
    if (logprobs == NULL)
        return REC_ERR_RESOURCE;
    *out = (rec_lm_score){
        .ids = s->completion.ids.ids, .logprobs = logprobs, .n = n, .tokens_in = s->request.n};
    s->completion.ids = (rec_token_list){.ids = NULL};
    if (missing)
        logprobs[0] = NAN;
    for (size_t i = missing; i < n; i++) {
        logprobs[i] = s->logprobs[i - missing];
        out->sum += (double)logprobs[i];
    }
    return REC_OK;
}

static rec_status local_score(rec_lm_score *scores, rec_lm *lm,
                              const rec_lm_score_request *requests, size_t n, rec_error *err)
{
    local *l = self(lm);
    scoring *items = NULL;
    rec_score_request *ids = NULL;
    float **logprobs = NULL;
    rec_kv_pool *pool = NULL;
    rec_status status = REC_OK;
    REC_TRY_NEW(items, n, err);
    REC_TRY_NEW(ids, n, err);
    REC_TRY_NEW(logprobs, n, err);
    for (size_t i = 0; i < n; i++) {
        REC_TRY(prepare_score(&items[i], l, &requests[i], err));
        ids[i] = items[i].request;
        logprobs[i] = items[i].logprobs;
    }
    REC_TRY(rec_kv_pool_new(&pool, &l->weights.config, rec_score_cache_tokens(ids, n), err));
    REC_TRY(rec_score(logprobs, l->engine, pool, ids, n, err));
    for (size_t i = 0; i < n; i++)
        REC_TRY(fill_score(&scores[i], &items[i], err));
cleanup:
    rec_kv_pool_free(pool);
    for (size_t i = 0; items != NULL && i < n; i++) {
        rec_lm_encoded_deinit(&items[i].prompt);
        rec_lm_encoded_deinit(&items[i].completion);
        free(items[i].logprobs);
    }
    free(logprobs);
    free(ids);
    free(items);
    return status;
}

/* ---- embeddings ---- */

/* Texts are cut so that what the tokenizer puts around them still fits. */
static rec_status encode_for_embedding(rec_lm_encoded *out, local *l, const rec_lm_input *input,
                                       rec_error *err)
{
    rec_lm_input bare = *input;
    const rec_lm_config *c = &l->weights.config;
    size_t most = c->max_pooled > 0 ? least(c->max_pooled, l->base.context) : l->base.context;
    size_t around = l->encoder.before.n + l->encoder.after.n;
    rec_lm_encoded text;
    bare.chat = false;
    bare.bare = true;
    rec_status status = rec_lm_encode(&text, &l->encoder, &bare, false, err);
    if (status != REC_OK)
        return status;
    size_t kept = input->bare ? least(text.ids.n, most)
                              : least(text.ids.n, most > around ? most - around : 0);
    *out = (rec_lm_encoded){.vectors = text.vectors, .n_vectors = text.n_vectors};
    text.vectors = NULL;
    for (size_t i = 0; !input->bare && status == REC_OK && i < l->encoder.before.n; i++)
        status = rec_token_list_append(&out->ids, l->encoder.before.ids[i], err);
    for (size_t i = 0; status == REC_OK && i < kept; i++)
        status = rec_token_list_append(&out->ids, text.ids.ids[i], err);
    for (size_t i = 0; !input->bare && status == REC_OK && i < l->encoder.after.n; i++)
        status = rec_token_list_append(&out->ids, l->encoder.after.ids[i], err);
    if (status == REC_OK && out->ids.n == 0)
        status = rec_fail(err, REC_ERR_DATA, "an empty text: nothing to embed");
    rec_lm_encoded_deinit(&text);
    return status;
}

/* One pass over chunks; decoders get caches for its duration. */
static rec_status embed_pass(float *out, local *l, rec_chunk *chunks, size_t n, rec_arena *arena,
                             rec_error *err)
{
    const rec_lm_config *c = &l->weights.config;
    rec_kv_pool *pool = NULL;
    rec_kv caches[EMBED_CHUNKS];
    float *hidden = NULL;
    size_t n_tokens = 0;
    rec_status status = REC_OK;
    memset(caches, 0, sizeof caches);
    for (size_t i = 0; i < n; i++) {
        n_tokens += chunks[i].n + REC_KV_PAGE;
        chunks[i].cache = c->encoder ? NULL : &caches[i];
    }
    if (!c->encoder)
        REC_TRY(rec_kv_pool_new(&pool, c, n_tokens, err));
    REC_TRY(rec_engine_forward(&hidden, l->engine, pool, chunks, n, arena, err));
    for (size_t i = 0; i < n; i++) {
        rec_engine_pool(out + i * c->d_model, l->engine, hidden, chunks[i].n);
        hidden += chunks[i].n * c->d_model;
        l->n_fed += chunks[i].n;
    }
cleanup:
    for (size_t i = 0; i < n && pool != NULL; i++)
        rec_kv_clear(&caches[i], pool);
    rec_kv_pool_free(pool);
    return status;
}

static rec_status embed_batch(size_t *n_done, float *out, local *l, const rec_lm_input *inputs,
                              size_t n, rec_arena *arena, rec_error *err)
{
    rec_lm_encoded encoded[EMBED_CHUNKS];
    rec_chunk chunks[EMBED_CHUNKS];
    size_t n_tokens = 0, m = 0;
    rec_status status = REC_OK;
    while (status == REC_OK && m < n && m < EMBED_CHUNKS && n_tokens < EMBED_TOKENS) {
        status = encode_for_embedding(&encoded[m], l, &inputs[m], err);
        chunks[m] = (rec_chunk){
            .ids = encoded[m].ids.ids, .n = encoded[m].ids.n, .vectors = encoded[m].vectors};
        n_tokens += encoded[m].ids.n;
        m++;
    }
    if (status == REC_OK)
        status = rec_interrupt_check(err);
    if (status == REC_OK)
        status = embed_pass(out, l, chunks, m, arena, err);
    for (size_t i = 0; i < m; i++)
        rec_lm_encoded_deinit(&encoded[i]);
    *n_done = m;
    return status;
}

static rec_status local_embed(float *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                              rec_error *err)
{
    rec_arena *arena = &self(lm)->embed_arena;
    rec_status status = REC_OK;
    for (size_t i = 0, done = 0; i < n && status == REC_OK; i += done) {
        status =
            embed_batch(&done, out + i * lm->embed_dim, self(lm), inputs + i, n - i, arena, err);
        rec_arena_reset(arena);
    }
    return status;
}

/* ---- the rest ---- */

static rec_status local_count_tokens(uint64_t *out, rec_lm *lm, const rec_lm_input *inputs,
                                     size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        rec_lm_encoded encoded;
        status = rec_lm_encode(&encoded, &self(lm)->encoder, &inputs[i], false, err);
        out[i] = encoded.ids.n;
        rec_lm_encoded_deinit(&encoded);
    }
    return status;
}

/* Content hash of the files, and how the numbers are kept. */
static rec_status local_identity(const char **out, rec_lm *lm, rec_error *err)
{
    local *l = self(lm);
    char **paths = NULL, hex[REC_SHA256_HEX];
    size_t n = 0;
    rec_sha256 *h = NULL;
    rec_status status = REC_OK;
    *out = l->identity;
    if (l->identity[0] != '\0')
        return REC_OK;
    if (l->files.folder == NULL && l->files.gguf == NULL)
        return rec_fail(err, REC_ERR_INTERNAL, "a model in memory has no identity");
    REC_TRY(rec_lm_files_list(&paths, &n, &l->files, err));
    REC_TRY(rec_sha256_new(&h, err));
    for (size_t i = 0; i < n; i++) {
        REC_TRY(rec_sha256_file(hex, paths[i], err));
        rec_sha256_update_string(h, hex);
    }
    rec_sha256_update_string(h, rec_weight_policy_names[l->options.weights]);
    if (l->options.activations != REC_LM_ACTIVATIONS_F32)
        rec_sha256_update_string(h, rec_lm_activations_names[l->options.activations]);
    rec_sha256_finish(l->identity, h);
    h = NULL;
cleanup:
    rec_sha256_finish(NULL, h);
    for (size_t i = 0; i < n; i++)
        free(paths[i]);
    free(paths);
    return status;
}

static const rec_lm_backend local_backend = {.name = "local",
                                             .generate = local_generate,
                                             .score = local_score,
                                             .embed = local_embed,
                                             .count_tokens = local_count_tokens,
                                             .identity = local_identity,
                                             .free = local_free};

enum {
    ENCODER_CAN = REC_LM_EMBEDS | REC_LM_TOKENS,
    DECODER_CAN = REC_LM_GENERATES | REC_LM_LOGITS | REC_LM_INJECTS | REC_LM_CONSTRAINS
};

/* Which of the two it is stands in the checkpoint. */
static unsigned local_can(const void *options)
{
    (void)options;
    return ENCODER_CAN | DECODER_CAN | REC_LM_TRAINS;
}

/* With weights, tokenizer and chat in place. */
static rec_status finish_opening(local *l, const rec_lm_local_options *options, rec_error *err)
{
    const rec_lm_config *c = &l->weights.config;
    rec_status status = REC_OK;
    REC_TRY(rec_tokenizer_check_fit(l->tokenizer, c->vocab_size,
                                    options->path != NULL ? options->path : "model in memory",
                                    err));
    REC_TRY(rec_engine_new(&l->engine, &l->weights, err));
    REC_TRY(rec_lm_encoder_init(&l->encoder, l->tokenizer, l->chat, c->d_model, err));
    l->options = *options;
    l->options.path = l->options.adapter = l->options.chat_template = NULL; /* not ours */
    l->base = (rec_lm){.backend = &local_backend, .can = ENCODER_CAN};
    if (!c->encoder && c->has_head)
        l->base.can |= DECODER_CAN;
    l->base.embed_dim = c->d_model;
    l->base.context = options->context > 0 ? least((size_t)options->context, c->max_positions)
                                           : least(c->max_positions, CONTEXT_MAX);
cleanup:
    return status;
}

rec_status rec_lm_local_open(rec_lm **out, const rec_lm_local_options *options, rec_error *err)
{
    local *l;
    rec_tokenizer *tokenizer = NULL;
    rec_chat_template *chat = NULL;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(l, 1, err);
    l->owns = true;
    REC_TRY(rec_lm_files_find(&l->files, options->path, err));
    REC_TRY(rec_lm_files_set_adapter(&l->files, options->adapter, err));
    REC_TRY(rec_lm_weights_open(&l->weights, &l->files, (rec_weight_policy)options->weights, err));
    if (options->activations == REC_LM_ACTIVATIONS_INT8)
        REC_TRY(rec_lm_weights_add_panels(&l->weights, err));
    else if (l->weights.config.encoder)
        REC_TRY(rec_lm_weights_add_float_panels(&l->weights, err));
    REC_TRY(rec_lm_open_tokenizer(&tokenizer, &l->files, err));
    l->tokenizer = tokenizer;
    REC_TRY(rec_lm_open_chat(&chat, &l->files, options->chat_template, err));
    l->chat = chat;
    REC_TRY(finish_opening(l, options, err));
    *out = &l->base;
    return REC_OK;
cleanup:
    if (l != NULL)
        local_free(&l->base);
    return status;
}

static rec_status open_entry(rec_lm **out, const void *options, rec_error *err)
{
    return rec_lm_local_open(out, options, err);
}

const rec_lm_backend_type rec_lm_backend_local = {
    .name = "local",
    .help = "a checkpoint, run here: Hugging Face folder or GGUF",
    .size = sizeof(rec_lm_local_options),
    .options = rec_lm_local_option_table,
    .can = local_can,
    .open = open_entry,
};

rec_status rec_lm_local_wrap(rec_lm **out, const rec_lm_weights *weights,
                             const rec_tokenizer *tokenizer, const rec_chat_template *chat,
                             const rec_lm_local_options *options, rec_error *err)
{
    local *l;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(l, 1, err);
    l->weights = *weights;
    l->tokenizer = tokenizer;
    l->chat = chat;
    REC_TRY(finish_opening(l, options, err));
    *out = &l->base;
    return REC_OK;
cleanup:
    if (l != NULL)
        local_free(&l->base);
    return status;
}
