/**
 * How a language model is asked for a text, and what of its answer is the text. The contents of the
 * prompts follow RecAI's (RecLM-emb, preprocess: history or attributes, voice, length, clarity, level of
 * education, no title of the answer); the words are our own, in three sets as everything a query is made
 * of.
 */
#ifndef REC_MODELS_RECLM_EMB_WRITERS_PROMPTS_H
#define REC_MODELS_RECLM_EMB_WRITERS_PROMPTS_H

#include <cjson/cJSON.h>

#include "models/reclm_emb/writer.h"

/** Three pieces of one message; `facts` is text of the data. */
typedef struct rec_emb_prompt {
    rec_buffer before, facts, after;
} rec_emb_prompt;

extern const char rec_emb_prompt_system[];

/** *has_facts false: nothing is known to write about. Release with rec_emb_prompt_deinit. */
rec_status rec_emb_prompt_make(bool *has_facts, rec_emb_prompt *out,
                               const rec_emb_writer_source *source, const rec_emb_ask *ask,
                               rec_error *err);
void rec_emb_prompt_deinit(rec_emb_prompt *p);

/** Add "prompt": [{"role", "content"}, ...] to an object. */
rec_status rec_emb_prompt_json(cJSON *json, const rec_emb_prompt *p, rec_error *err);

/**
 * Append what of an answer is the text: without quotation marks, an introduction that ends in a colon and
 * a label ("Request:"), on one line; of a dialogue the lines of the two, without the assistant's last. Nothing is appended when
 * there is none.
 */
rec_status rec_emb_prompt_clean(rec_buffer *out, rec_emb_text_kind kind, const char *answer,
                                rec_error *err);

#endif
