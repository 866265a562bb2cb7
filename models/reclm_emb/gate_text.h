/**
 * What gates (gates.h) see in a text without knowing the catalogue: its words, a title in them, whether it
 * is a dialogue, goes round in circles, names a year. Most read normalised text.
 */
#ifndef REC_MODELS_RECLM_EMB_GATE_TEXT_H
#define REC_MODELS_RECLM_EMB_GATE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "core/status.h"

/** Append lower-case ASCII letters, digits and what is not ASCII, words separated by one blank. */
rec_status rec_emb_normalise(rec_buffer *out, const char *text, rec_error *err);

/** The same of a title alone, without a year in brackets at its end; what was in `out` goes. */
rec_status rec_emb_normalise_title(rec_buffer *out, const char *title, rec_error *err);

/** The next word of a normalised text at *at, of n bytes; *at moves behind it. NULL at the end. */
const char *rec_emb_next_word(size_t *n, const char **at);
size_t rec_emb_count_words(const char *normalised);

/** Do words of the text come as near to the title as the gate forbids? Both normalised; articles around the
 * title do not count. */
rec_status rec_emb_says_title(bool *says, const char *text, const char *title, rec_error *err);

/** Is the text not the title, but within 1 + two fifths of its length in edits? Neither is normalised. */
rec_status rec_emb_is_misspelling(bool *is, const char *text, const char *title, rec_error *err);

/** Put '_' over whole words of the text that are the title, both normalised. */
void rec_emb_blank_out(char *text, const char *title);

/** Do more than a third of the runs of three words stand there before? Small models end so. */
bool rec_emb_turns_in_circles(const char *normalised);

/** Lines "User: ..." and "Assistant: ...": two of the user at least, the user's last, no other speaker. */
bool rec_emb_is_dialogue(const char *text);

/** 1995 of "1995", 1990 of the decade "1990s"; 0: the word is no year from 1800 to 2100. */
int rec_emb_year_of(bool *is_decade, const char *word, size_t n);

#endif
