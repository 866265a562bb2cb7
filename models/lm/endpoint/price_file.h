/**
 * A file of prices (YAML or JSON), in whole micro-dollars per million tokens, with the date on which
 * they were looked up:
 *
 *     date: "2025-06-01"
 *     models:
 *       gpt-4o-mini: {input: 150000, output: 600000, cached_input: 75000}
 */
#ifndef REC_MODELS_LM_ENDPOINT_PRICE_FILE_H
#define REC_MODELS_LM_ENDPOINT_PRICE_FILE_H

#include "models/lm/cost.h"

/**
 * @param found  false when the file does not list the model: its price is unknown
 * @return REC_ERR_CONFIG "file:line:column: ..." for a file that breaks the form
 */
rec_status rec_price_read(rec_lm_price *out, bool *found, const char *path, const char *model,
                          rec_error *err);

#endif
