/**
 * The compiled character map of SentencePiece normalisers ("Precompiled" in tokenizer.json; XLM-R,
 * multilingual E5): a double array over UTF-8 bytes whose values are offsets into a block of replacement
 * texts. "SentencePiece", EMNLP 2018 (demonstrations), section 3.3; the array is that of Darts-clone.
 */
#ifndef REC_MODELS_LM_TOKENIZERS_CHARSMAP_H
#define REC_MODELS_LM_TOKENIZERS_CHARSMAP_H

#include <stddef.h>

#include "core/buffer.h"
#include "core/status.h"

typedef struct rec_charsmap rec_charsmap;

/**
 * @param base64  as tokenizer.json has it: a little-endian size, the array, replacements ended by NUL
 * @return REC_ERR_MODEL for a block that is cut off or no base64
 */
rec_status rec_charsmap_new(rec_charsmap **out, const char *base64, rec_error *err);
void rec_charsmap_free(rec_charsmap *m);

/**
 * Replacement of the shortest mapped beginning of key[0..n), borrowed; NULL when none is mapped. Whatever
 * the array holds, nothing outside of it is read, and the result is UTF-8.
 */
const char *rec_charsmap_find(const rec_charsmap *m, const char *key, size_t n);

/**
 * Append the normal form of a text as the reference does (tokenizers, normalizers/precompiled.rs): a
 * grapheme cluster of fewer than six bytes whose beginning is mapped becomes that replacement, whole;
 * otherwise character by character.
 */
rec_status rec_charsmap_apply(rec_buffer *out, const rec_charsmap *m, const char *text, size_t n,
                              rec_error *err);

#endif
