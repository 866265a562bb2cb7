/** Words of texts, for retrieval by words. */
#ifndef REC_MODELS_WORDS_H
#define REC_MODELS_WORDS_H

#include <stddef.h>

#include "core/status.h"

/**
 * The words of a text, each followed by one space: maximal runs of letters, marks and digits after
 * compatibility normalisation and case folding (Unicode's NFKC_Casefold), so that "STRASSE" and
 * "Straße" are one word. Scripts without spaces come out as long words.
 * @param out  new string of the caller; empty for a text without words
 * @return REC_ERR_DATA for a text that is not UTF-8
 */
rec_status rec_words_fold(char **out, const char *text, rec_error *err);

/** The next word of a folded text: its start, *n bytes long; NULL at the end. *at moves on. */
const char *rec_words_next(size_t *n, const char **at);

#endif
