/* Any config.json: what is accepted describes itself and is written back to a config that reads the same. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "models/lm/config.h"
#include "models/lm/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static rec_status touch(void *context, const rec_lm_tensor *tensor, rec_error *err)
{
    (void)err;
    *(size_t *)context += strlen(tensor->name) + strlen(tensor->gguf) + (tensor->cols > 0);
    return REC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    cJSON *json = NULL;
    rec_lm_config config, again;
    rec_error err;
    if (rec_json_parse(&json, (const char *)data, n, "fuzz", 1, &err) == REC_OK &&
        rec_lm_config_from_json(&config, json, "fuzz", &err) == REC_OK) {
        size_t sum = 0;
        if (config.n_layers < 100 && rec_lm_each_tensor(&config, touch, &sum, &err) != REC_OK)
            abort();
        cJSON *written = rec_lm_config_to_json(&config, &err);
        if (written != NULL && (rec_lm_config_from_json(&again, written, "fuzz", &err) != REC_OK ||
                                again.d_model != config.d_model || again.arch != config.arch))
            abort();
        cJSON_Delete(written);
    }
    cJSON_Delete(json);
    return 0;
}
