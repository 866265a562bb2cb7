/** Misspellings as people make them. */
#ifndef REC_MODELS_RECLM_EMB_EDITS_H
#define REC_MODELS_RECLM_EMB_EDITS_H

#include "core/buffer.h"
#include "core/rng.h"

/**
 * Append the text with one edit per eight letters or so, at least one: a letter left out, doubled, put
 * beside its place, replaced by its neighbour on the keyboard, two letters swapped, sounds written
 * otherwise (ph for f), two words joined, a word dropped. Only ASCII letters are touched, so UTF-8
 * stays UTF-8. The result may equal the text when there is nothing to edit.
 */
rec_status rec_emb_misspell(rec_buffer *out, const char *text, rec_rng *rng, rec_error *err);

#endif
