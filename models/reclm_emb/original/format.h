/** Numbers and dates as the original (Python) writes them, blanks as it strips them. */
#ifndef REC_MODELS_RECLM_EMB_ORIGINAL_FORMAT_H
#define REC_MODELS_RECLM_EMB_ORIGINAL_FORMAT_H

#include <stddef.h>

#include "models/reclm_emb/items.h"

/** str(float) of a finite number: the shortest digits that read back, "20.0" for 20. */
void rec_emb_python_float(char out[REC_EMB_NUMBER_MAX], double value);

/** "%B %d, %Y" of a moment, UTC: "May 05, 2015". */
void rec_emb_long_date(char out[REC_EMB_NUMBER_MAX], double seconds);

/** Seconds of a day written "YYYY-MM-DD" or "Month DD, YYYY", as strptime takes them ("2015-1-5", any
 * case, any blanks between words); false for everything else, days that do not exist among it. */
bool rec_emb_read_long_date(double *seconds, const char *text);

/** Move both ends inwards over what str.strip() takes for blanks (Unicode). */
void rec_emb_strip_blanks(const char **text, size_t *n);

/** The same over string.punctuation and string.whitespace (ASCII). */
void rec_emb_strip_marks(const char **text, size_t *n);

#endif
