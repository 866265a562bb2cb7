/** Numbers and dates as the original (Python) writes them; datasets/python_text.h reads them. */
#ifndef REC_MODELS_RECLM_EMB_ORIGINAL_FORMAT_H
#define REC_MODELS_RECLM_EMB_ORIGINAL_FORMAT_H

#include <stddef.h>

#include "models/reclm_emb/items.h"

/** str(float) of a finite number: the shortest digits that read back, "20.0" for 20. */
void rec_emb_float_text(char out[REC_EMB_NUMBER_MAX], double value);

/** "%B %d, %Y" of a moment, UTC: "May 05, 2015". */
void rec_emb_long_date(char out[REC_EMB_NUMBER_MAX], double seconds);

#endif
