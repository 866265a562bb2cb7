/**
 * What a text must satisfy, whoever wrote it (RecLM-emb's texts were checked by nobody): the answer's
 * title is not said, nothing said is false, the length is in the grid, few texts repeat.
 */
#ifndef REC_MODELS_RECLM_EMB_GATES_H
#define REC_MODELS_RECLM_EMB_GATES_H

#include "models/reclm_emb/writer.h"

typedef struct rec_emb_gates rec_emb_gates;

/** Items are borrowed. */
rec_status rec_emb_gates_new(rec_emb_gates **out, const rec_emb_items *items, rec_error *err);
void rec_emb_gates_free(rec_emb_gates *g);

/** Forget the texts seen so far. */
rec_status rec_emb_gates_begin(rec_emb_gates *g, rec_error *err);

/**
 * WRITTEN, or the first gate that the text does not pass:
 * - WRONG_LENGTH: more than a tenth longer than the cell, or too short to be a text of its kind
 * - MALFORMED: more than a third of its runs of three words stood there before; a dialogue without lines
 *   of the user, or that ends with the assistant; a misspelling that equals its title or is none of it
 * - SAYS_TITLE: words of the text within an edit distance of a quarter of the title's length (titles under
 *   five letters: the same words); in a description or dislike also a word of five letters or more that
 *   stands in no other title. Misspellings are exempt
 * - SAYS_FALSE: a condition does not hold for the item; an attribute's value or a year is named that the
 *   item does not have (summaries: no item of the history) and that is not said to be unwanted. Dialogues:
 *   the conditions only; misspellings are exempt
 * - REPEATS: the text was there, and more than 2 % would repeat
 * Only a text that is WRITTEN is remembered.
 */
rec_status rec_emb_gates_judge(rec_emb_outcome *outcome, rec_emb_gates *g, const rec_emb_ask *ask,
                               const char *text, rec_error *err);

#endif
