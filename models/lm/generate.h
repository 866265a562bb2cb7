/**
 * Generation in batches. A generator holds a bounded cache of keys and values and a number of slots;
 * requests wait in a queue and enter as slots become free, also while others run: what a fixed group
 * of a run needs, and a server with many clients. Each step is one forward pass over everything that
 * runs. Prompts that begin alike are computed once. A request's result depends on the request alone,
 * to the last bit, never on what ran beside it.
 */
#ifndef REC_MODELS_LM_GENERATE_H
#define REC_MODELS_LM_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/constraint.h"
#include "models/lm/engine.h"
#include "models/lm/sample.h"
#include "models/lm/tokenizers/tokenizer.h"

/**
 * Called with each generated token and the hidden state it was chosen from (d_model floats), but for
 * the one that ends the text. Ids put into `append` follow the token as if they had been generated.
 */
typedef rec_status (*rec_token_hook)(void *context, const float *hidden, uint32_t id,
                                     rec_token_list *append, rec_error *err);

/** Called with text as soon as it is certain (whole characters, no beginning of a stop string). */
typedef rec_status (*rec_text_hook)(void *context, const char *text, size_t n, rec_error *err);

/** A token and the natural logarithm of its probability at a place. */
typedef struct rec_token_chance {
    uint32_t id;
    float logprob;
} rec_token_chance;

/** What the model thought of a token that was read or generated, before penalty and temperature. */
typedef struct rec_token_view {
    bool is_prompt;
    uint32_t id;
    float logprob; /* NaN for the first token of a prompt; 0 for one that was forced */
    const rec_token_chance *top; /* the likeliest at its place, best first; valid for the call */
    size_t n_top;                /* 0 where nothing was chosen */
} rec_token_view;

/** Called with each token in turn, before its text. */
typedef rec_status (*rec_view_hook)(void *context, const rec_token_view *token, rec_error *err);

enum { REC_MAX_TOP = 64 }; /* likeliest tokens of a view */

/** A request. Everything is borrowed until its result is there. */
typedef struct rec_generation {
    const uint32_t *prompt; /* (n_prompt), not empty */
    size_t n_prompt;
    const float *vectors; /* for REC_VECTOR_ID in the prompt; or NULL */
    size_t max_tokens;
    rec_sampling sampling;
    uint64_t id; /* with sampling.seed the name of the random stream */
    bool ignore_eos;
    const uint32_t *stop_ids; /* besides the model's end tokens */
    size_t n_stop_ids;
    const char *const *stop; /* strings; the text ends before the first that appears */
    size_t n_stop;
    const rec_constraint *constraint; /* state to start from; or NULL */
    rec_token_hook hook;
    void *hook_context;
    rec_text_hook on_text;
    void *on_text_context;
    bool logprobs;
    rec_view_hook on_view; /* not with beams */
    void *on_view_context;
    size_t n_top;          /* alternatives per view, at most REC_MAX_TOP */
    bool view_prompt;      /* also of the prompt's tokens, which then shares nothing */
    size_t n_beams;        /* above 1: beam search, n_best results */
    size_t n_best;         /* 0 = 1; at most n_beams */
    double length_penalty; /* beams: score = sum of log-probabilities / n_tokens^penalty */
} rec_generation;

typedef enum rec_finish { REC_FINISH_STOP, REC_FINISH_LENGTH } rec_finish;

/** "stop", "length". */
const char *rec_finish_name(rec_finish finish);

typedef struct rec_generated {
    uint32_t *ids; /* owned (n); without the stop token, and without tokens that belong to a stop
                      string */
    size_t n;
    char *text;      /* owned; NULL for a generator without tokenizer */
    float *logprobs; /* owned (n), or NULL; within the allowed tokens where a constraint holds */
    double sum;      /* of the log-probabilities of all generated tokens, a stop token included;
                        0 unless logprobs or beams were asked for */
    double score;    /* beams: what they are ranked by */
    rec_finish finish;
} rec_generated;

typedef struct rec_generation_result {
    rec_generated *best; /* owned (n_best), best first */
    size_t n_best;
    size_t n_prompt, n_shared; /* prompt tokens, and how many of them were not computed again */
    size_t n_passes;           /* forward passes this request took part in */
} rec_generation_result;

void rec_generation_result_deinit(rec_generation_result *r);

typedef struct rec_generator rec_generator;

typedef struct rec_generator_limits {
    size_t n_slots;      /* sequences at once; beams count */
    size_t cache_tokens; /* of keys and values */
    size_t step_tokens;  /* prompt tokens per forward pass: bounds scratch; 0 = 512 */
} rec_generator_limits;

/**
 * @param tokenizer  borrowed; NULL: no texts, no stop strings
 */
rec_status rec_generator_new(rec_generator **out, rec_engine *engine,
                             const rec_tokenizer *tokenizer, const rec_generator_limits *limits,
                             rec_error *err);
void rec_generator_free(rec_generator *g);

/** Bytes of cache and scratch at most: to be stated before work starts. */
size_t rec_generator_bytes(const rec_engine *engine, const rec_generator_limits *limits);

/**
 * Put a request into the queue; *ticket names it. REC_ERR_CONFIG for a request that makes no sense,
 * REC_ERR_MODEL for more tokens than the model has positions, REC_ERR_RESOURCE when it would not
 * fit into the cache even alone.
 */
rec_status rec_generator_add(uint64_t *ticket, rec_generator *g, const rec_generation *request,
                             rec_error *err);

/** One forward pass. *busy tells whether anything is left to do. A failure of one request (its
 * constraint, its hook) ends the step with that request's error; it is dropped. */
rec_status rec_generator_step(bool *busy, rec_generator *g, rec_error *err);

/** Take a finished result; false while it is not there. */
bool rec_generator_take(rec_generation_result *out, rec_generator *g, uint64_t ticket);

/** Is the request still there: waiting, running, or finished and not taken? */
bool rec_generator_has(const rec_generator *g, uint64_t ticket);

/** Sequences that run now. */
size_t rec_generator_n_running(const rec_generator *g);

/** Forget a request, wherever it is. */
void rec_generator_cancel(rec_generator *g, uint64_t ticket);

/** Add n requests and step until all are done: results[i] belongs to requests[i]. On failure all
 * results are empty. */
rec_status rec_generate(rec_generation_result *results, rec_generator *g,
                        const rec_generation *requests, size_t n, rec_error *err);

/** Tokens fed to and chosen by the model so far, for rates. */
void rec_generator_counts(const rec_generator *g, uint64_t *n_fed, uint64_t *n_chosen);

#endif
