/**
 * Chat templates: how a checkpoint wants a conversation written. The common families are recognised
 * from the text of the Jinja template that comes with the checkpoint; its default system text is
 * read out of it. A template that uses anything beyond its family is an error that names the option
 * by which a user picks a family, never an approximation.
 */
#ifndef REC_MODELS_LM_CHAT_H
#define REC_MODELS_LM_CHAT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "core/status.h"
#include "models/lm/tokenizers/tokenizer.h"

typedef enum rec_role { REC_ROLE_SYSTEM, REC_ROLE_USER, REC_ROLE_ASSISTANT } rec_role;

/** A piece of a message. Neighbours of one role form one message. */
typedef struct rec_chat_part {
    rec_role role;
    const char *text; /* UTF-8, borrowed */
    bool trusted;     /* control-token strings inside become control tokens; false for data */
} rec_chat_part;

/** Text with a mark on every byte: may control tokens be recognised here? */
typedef struct rec_chat_text {
    rec_buffer text;
    rec_buffer trusted; /* one byte, 0 or 1, per byte of text */
} rec_chat_text;

typedef struct rec_chat_template rec_chat_template;

/**
 * @param jinja   template text of the checkpoint, or NULL when it has none
 * @param family  "chatml", "llama2", "llama3", "gemma", "mistral", "phi3", "zephyr": overrides the
 *                recognition; NULL: recognise
 * @return REC_ERR_MODEL when it is not understood whole, or when there is neither
 */
rec_status rec_chat_template_new(rec_chat_template **out, const char *jinja, const char *family,
                                 rec_error *err);
void rec_chat_template_free(rec_chat_template *t);

const char *rec_chat_template_family(const rec_chat_template *t);
/** System text used when a conversation has none, or NULL. */
const char *rec_chat_template_default_system(const rec_chat_template *t);
/** String that ends a turn of the assistant ("<|im_end|>"): the stop token of generation. */
const char *rec_chat_template_end_of_turn(const rec_chat_template *t);

/**
 * Write a conversation as the checkpoint's own template does. Two differences: neighbours of one role are
 * one message; where a template puts the system text into the last user turn and drops it when an answer
 * follows (Mistral v3), it stays. Roles must alternate user, assistant after at most one system message at
 * the start: REC_ERR_CONFIG otherwise where the family insists.
 * @param generate  end with the opening of an assistant turn
 */
rec_status rec_chat_render(rec_chat_text *out, const rec_chat_template *t,
                           const rec_chat_part *parts, size_t n, bool generate, rec_error *err);
void rec_chat_text_deinit(rec_chat_text *text);

/** Ids of a rendered conversation: control tokens only where the bytes are trusted. */
rec_status rec_chat_encode(rec_token_list *ids, const rec_tokenizer *t, const rec_chat_text *text,
                           rec_error *err);

#endif
