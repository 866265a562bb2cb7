/* Any tokenizer.json, then any text through it: the input is JSON, a NUL, a text. A JSON that is
 * refused falls back to a small byte-level tokenizer, so that the text is always encoded. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/json.h"
#include "models/lm/tokenizers/read.h"
#include "models/lm/tokenizers/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const texts[] = {"Toy Story (1995)", "the the the"};
    static const char *const special[] = {"<|end|>"};
    const uint8_t *cut = memchr(data, 0, size);
    size_t n_json = cut != NULL ? (size_t)(cut - data) : 0;
    rec_tokenizer *t = NULL;
    cJSON *json = NULL;
    if (rec_json_parse(&json, (const char *)data, n_json, "fuzz", 1, NULL) != REC_OK ||
        rec_tokenizer_from_json(&t, json, NULL) != REC_OK)
        t = NULL;
    cJSON_Delete(json);
    if (t == NULL && rec_tokenizer_train(&t, texts, 2, 270, special, 1, NULL) != REC_OK)
        return 0;
    rec_token_list ids = {0};
    rec_buffer out = {0};
    const char *text = (const char *)data + (cut != NULL ? n_json + 1 : 0);
    size_t n = size - (cut != NULL ? n_json + 1 : 0);
    if (rec_tokenizer_encode(&ids, t, text, n,
                             REC_TOKENIZE_ADD_SPECIAL | REC_TOKENIZE_PARSE_SPECIAL, NULL) == REC_OK)
        rec_tokenizer_decode(&out, t, ids.ids, ids.n, true, NULL);
    rec_buffer_deinit(&out);
    rec_token_list_deinit(&ids);
    rec_tokenizer_free(t);
    return 0;
}
