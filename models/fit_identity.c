#include "models/fit_identity.h"

#include <stdlib.h>

#include "core/json.h"

rec_status rec_fit_identity(char hex[REC_SHA256_HEX], const rec_recommender *type, const void *self,
                            const rec_fit_data *data, unsigned version, rec_error *err)
{
    const rec_interactions *x = data->train;
    rec_sha256 *h = NULL;
    char *text = NULL;
    rec_status status = REC_OK;
    cJSON *options = rec_options_json(self, type->options, err);
    if (options == NULL)
        return REC_ERR_RESOURCE;
    text = rec_json_print(options, err);
    if (text == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(rec_sha256_new(&h, err));
    rec_sha256_update_string(h, type->name);
    rec_sha256_update_string(h, text);
    rec_sha256_update(h, &version, sizeof version);
    rec_sha256_update(h, &data->seed, sizeof data->seed);
    rec_sha256_update(h, x->start, (x->n_users + 1) * sizeof *x->start);
    rec_sha256_update(h, x->item, x->n * sizeof *x->item);
    rec_sha256_finish(hex, h);
cleanup:
    cJSON_Delete(options);
    free(text);
    return status;
}
