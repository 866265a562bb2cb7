/** The back end of rec_lm that runs our own engine. */
#ifndef REC_MODELS_LM_LOCAL_H
#define REC_MODELS_LM_LOCAL_H

#include "core/option.h"
#include "models/lm/input.h"
#include "models/lm/lm.h"
#include "models/lm/weights.h"

typedef enum rec_lm_truncation {
    REC_LM_TRUNCATE_ERROR,  /* a prompt longer than the context is REC_ERR_DATA */
    REC_LM_TRUNCATE_OLDEST, /* its oldest tokens are dropped and counted in the reply */
} rec_lm_truncation;

typedef enum rec_lm_activations {
    REC_LM_ACTIVATIONS_F32,
    REC_LM_ACTIVATIONS_INT8, /* where the matrix is Q8_0 or Q4_1: faster, less exact (docs/lm.md) */
} rec_lm_activations;

extern const char *const rec_lm_activations_names[]; /* "f32", "int8" */

typedef struct rec_lm_local_options {
    char *path;           /* folder, .gguf file or data:NAME */
    char *adapter;        /* folder of an adapter merged into the weights, or NULL */
    char *chat_template;  /* family, where the checkpoint's own is not understood; or NULL */
    int weights;          /* rec_weight_policy */
    int truncate;         /* rec_lm_truncation */
    int activations;      /* rec_lm_activations */
    int64_t context;      /* tokens of prompt and answer together; 0 = the model's, at most 8192 */
    int64_t slots;        /* sequences generated at once */
    int64_t cache_tokens; /* of keys and values; 0 = 512 per slot, and at least one context */
} rec_lm_local_options;

/** Keys path, adapter, weights, chat_template, context, truncate, slots, cache_tokens. */
extern const rec_option rec_lm_local_option_table[];

/** Open a checkpoint. Generation states its memory before it starts (rec_info). */
rec_status rec_lm_local_open(rec_lm **out, const rec_lm_local_options *options, rec_error *err);

/** A back end over a model in memory (one in training). Everything is borrowed; chat may be NULL.
 * Caches are dropped with rec_lm_local_forget when the weights have changed. */
rec_status rec_lm_local_wrap(rec_lm **out, const rec_lm_weights *weights,
                             const rec_tokenizer *tokenizer, const rec_chat_template *chat,
                             const rec_lm_local_options *options, rec_error *err);
void rec_lm_local_forget(rec_lm *lm);

/* What components need of the model itself; borrowed. */
rec_engine *rec_lm_local_engine(rec_lm *lm);
const rec_tokenizer *rec_lm_local_tokenizer(const rec_lm *lm);
const rec_chat_template *rec_lm_local_chat(const rec_lm *lm); /* or NULL */

/* For those who step the generator themselves, as a server does. */

bool rec_lm_is_local(const rec_lm *lm);

/** A request in ids. */
typedef struct rec_lm_local_prepared {
    rec_lm_encoded encoded;    /* owned */
    rec_generation generation; /* max_tokens: what was asked for, or what the context leaves */
    size_t n_dropped;
    uint32_t end_of_turn; /* generation.stop_ids points here: the struct must not be moved then */
} rec_lm_local_prepared;

/** What rec_lm_generate would give the generator. Any number of threads may prepare. On failure the
 * encoded prompt is left, as far as it came. */
rec_status rec_lm_local_prepare(rec_lm_local_prepared *p, const rec_lm *lm, const rec_lm_request *r,
                                rec_error *err);
void rec_lm_local_prepared_deinit(rec_lm_local_prepared *p);

enum { REC_LM_MAX_ENDS = REC_LM_MAX_EOS + 1 };
/** Ids that end a text or a turn: for a constraint to allow at its end. @return how many */
size_t rec_lm_local_ends(uint32_t out[REC_LM_MAX_ENDS], const rec_lm *lm);

/** The generator behind rec_lm_generate; borrowed. Whoever steps it calls no other function of the
 * model from another thread, but for those that take it const. */
rec_status rec_lm_local_generator(rec_generator **out, rec_lm *lm, rec_error *err);
size_t rec_lm_local_slots(const rec_lm *lm);

/** Tokens fed to and chosen by the model so far, for rates. */
void rec_lm_local_counts(const rec_lm *lm, uint64_t *n_fed, uint64_t *n_chosen);

#endif
