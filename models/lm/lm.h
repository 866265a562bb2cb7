/**
 * A language model as everything above uses it, always in batches: generate, log-likelihood of
 * continuations, embed, count tokens. What lies behind is a back end: `local` (our engine), a server,
 * a script, recorded answers. Inputs are lists of parts, so that text which comes from data can never
 * become a control token.
 */
#ifndef REC_MODELS_LM_LM_H
#define REC_MODELS_LM_LM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "models/lm/chat.h"
#include "models/lm/constraint.h"
#include "models/lm/generate.h"
#include "models/lm/sample.h"
#include "models/lm/tokenizers/tokenizer.h"

/** What a back end can do; a set of them is an `unsigned`. */
typedef enum rec_lm_capability {
    REC_LM_GENERATES = 1,
    REC_LM_EMBEDS = 2,
    REC_LM_TOKENS = 4,   /* knows its tokens: counts, ids in replies and inputs */
    REC_LM_LOGITS = 8,   /* log-probabilities of given text */
    REC_LM_INJECTS = 16, /* vectors in inputs, hooks that see hidden states */
    REC_LM_CONSTRAINS = 32,
    REC_LM_TRAINS =
        64, /* an entry's (backend.h): its checkpoint is here, to be opened for training */
} rec_lm_capability;

typedef enum rec_lm_part_kind {
    REC_LM_TRUSTED, /* text of ours: control-token strings become control tokens */
    REC_LM_DATA,    /* text of others: never */
    REC_LM_IDS,
    REC_LM_VECTORS, /* rows that enter the sequence as embeddings */
} rec_lm_part_kind;

typedef struct rec_lm_part {
    rec_role role; /* chats only */
    rec_lm_part_kind kind;
    const char *text;     /* TRUSTED, DATA: UTF-8; n bytes, 0 = up to the terminator */
    const uint32_t *ids;  /* IDS (n) */
    const float *vectors; /* VECTORS (n, d_model) */
    size_t n;
} rec_lm_part;

/** Everything is borrowed. */
typedef struct rec_lm_input {
    const rec_lm_part *parts;
    size_t n_parts;
    bool chat; /* parts are messages (neighbours of one role form one), an assistant turn is opened;
                  otherwise they are one text, with what the tokenizer adds in front (<s>) */
    bool bare; /* not a chat: nothing is added */
} rec_lm_input;

/**
 * What the caller knows about a question beyond its text. Rule-based models (`scripted`) answer from
 * it; every other back end ignores it, and it is no part of cache keys. Everything is borrowed.
 */
typedef struct rec_lm_answer_key {
    const char *const *candidates; /* answers the prompt offers, in its order: titles, or letters */
    size_t n_candidates;
    const char *const *targets; /* right answers, best first, spelt as in `candidates` */
    size_t n_targets;
    const char *const *popular; /* titles, most popular first: what `popularity` answers with */
    size_t n_popular;
    size_t n_wanted; /* answers asked for; 0 = as many as there are candidates */
} rec_lm_answer_key;

typedef struct rec_lm_reply rec_lm_reply;
/** @param reply  borrowed during the call */
typedef rec_status (*rec_lm_reply_hook)(void *context, const rec_lm_reply *reply, rec_error *err);

typedef struct rec_lm_request {
    rec_lm_input input;
    size_t max_tokens; /* 0 = what the context leaves */
    rec_sampling sampling;
    uint64_t id;             /* stable: with sampling.seed it names the random draws */
    const char *const *stop; /* strings */
    size_t n_stop;
    size_t n_beams, n_best;
    double length_penalty;
    bool logprobs;
    const rec_constraint *constraint;
    rec_token_hook hook;
    void *hook_context;
    rec_text_hook on_text;
    void *on_text_context;
    uint32_t repeat; /* which of several answers to one question: keeps recorded answers apart */
    const rec_lm_answer_key *key; /* or NULL */
    rec_lm_reply_hook on_reply;   /* called once, as soon as the reply is there; or NULL */
    void *on_reply_context;
} rec_lm_request;

struct rec_lm_reply {
    rec_generated *best; /* owned (n_best), best first; ids NULL where a back end has none */
    size_t n_best;
    uint64_t tokens_in, tokens_out;
    uint64_t tokens_shared;    /* prompt tokens that were not computed again */
    uint64_t tokens_dropped;   /* prompt tokens that the context had no room for */
    int64_t cost_microdollars; /* 0 for local models, -1 = unknown; of a cached reply: back then */
    bool cached;               /* recorded earlier: no model was asked */
    char *failure;             /* owned: "name: why there is no answer"; NULL when there is one */
};

void rec_lm_reply_deinit(rec_lm_reply *r);

/** Score `completion` given `prompt`; a prompt without parts: the text alone, whose first token has
 * no log-probability. Nothing is added to either. */
typedef struct rec_lm_score rec_lm_score;
/** @param score  borrowed during the call */
typedef rec_status (*rec_lm_score_hook)(void *context, const rec_lm_score *score, rec_error *err);

typedef struct rec_lm_score_request {
    rec_lm_input prompt, completion;
    rec_lm_score_hook on_score; /* called once, as soon as the score is there; or NULL */
    void *on_score_context;
} rec_lm_score_request;

struct rec_lm_score {
    uint32_t *ids;   /* owned (n): tokens of the completion */
    float *logprobs; /* owned (n), natural logarithms; the first is NaN without a prompt */
    size_t n;
    double sum; /* without the missing one */
    uint64_t tokens_in;
    char *failure; /* owned: "name: why there is none"; NULL when there is one */
};

void rec_lm_score_deinit(rec_lm_score *s);

typedef struct rec_lm rec_lm;
struct rec_lm_ledger; /* models/lm/cost.h */
struct rec_lm_price;
struct rec_lm_budget;

/** What a back end provides; functions for what it cannot do are NULL. */
typedef struct rec_lm_backend {
    const char *name;
    bool reports_early; /* generate() and score() themselves call on_reply and on_score as each
                           answer arrives; otherwise that happens when all are there */
    rec_status (*generate)(rec_lm_reply *replies, rec_lm *lm, const rec_lm_request *requests,
                           size_t n, rec_error *err);
    rec_status (*score)(rec_lm_score *scores, rec_lm *lm, const rec_lm_score_request *requests,
                        size_t n, rec_error *err);
    rec_status (*embed)(float *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                        rec_error *err);
    rec_status (*count_tokens)(uint64_t *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                               rec_error *err);
    rec_status (*identity)(const char **out, rec_lm *lm, rec_error *err);
    /* Of what costs money or goes over a network; NULL elsewhere. See models/lm/cost.h. */
    void (*ledger)(struct rec_lm_ledger *out, const rec_lm *lm);
    bool (*price)(struct rec_lm_price *out, const rec_lm *lm);
    void (*share_budget)(rec_lm *lm, struct rec_lm_budget *budget);
    void (*free)(rec_lm *lm);
} rec_lm_backend;

/** The beginning of every back end's object. */
struct rec_lm {
    const rec_lm_backend *backend;
    unsigned can;         /* rec_lm_capability */
    size_t context;       /* tokens of prompt and answer together; 0 = unknown */
    size_t embed_dim;     /* of embed(); 0 = unknown or none */
    bool paid;            /* calls cost money: models/lm/cost.h */
    const char *identity; /* what replies depend on (hash of the weights, name of a model); owned by
                             the back end: part of cache keys */
};

void rec_lm_free(rec_lm *lm);

/** What replies depend on besides the request (hash of the weights, name of a server's model): part
 * of cache keys and reports. Borrowed from the model. */
rec_status rec_lm_identity(const char **out, rec_lm *lm, rec_error *err);

/** "generate, tokens, logits": for messages. Cut at `size`. */
void rec_lm_capabilities_text(char *out, size_t size, unsigned capabilities);

/**
 * replies[i] answers requests[i]; whatever shares the call may share a batch, no reply depends on it.
 * A request that failed by itself (a server's error) has a `failure`; REC_ERR_* is for what concerns
 * all of them, then no reply is left. REC_ERR_CONFIG names a capability the back end lacks.
 */
rec_status rec_lm_generate(rec_lm_reply *replies, rec_lm *lm, const rec_lm_request *requests,
                           size_t n, rec_error *err);

/** As above: scores[i].failure where one request failed by itself. */
rec_status rec_lm_score_all(rec_lm_score *scores, rec_lm *lm, const rec_lm_score_request *requests,
                            size_t n, rec_error *err);

/** out (n, lm->embed_dim). Inputs are plain texts; longer ones are cut as the model was trained. The
 * row of an input that failed by itself (a server's error, which is warned about) is all NaN. */
rec_status rec_lm_embed(float *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                        rec_error *err);

rec_status rec_lm_count_tokens(uint64_t *out, rec_lm *lm, const rec_lm_input *inputs, size_t n,
                               rec_error *err);

#endif
