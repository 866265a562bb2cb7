#include <cjson/cJSON.h>
#include <math.h>

#include "models/recommender.h"

rec_status rec_fit_add_curve(const rec_fit_data *data, const char *name, const double *values,
                             size_t n, rec_error *err)
{
    if (data->curves == NULL)
        return REC_OK;
    cJSON *list = cJSON_AddArrayToObject(data->curves, name);
    bool complete = list != NULL;
    for (size_t i = 0; i < n && complete; i++) {
        cJSON *value = isfinite(values[i]) ? cJSON_CreateNumber(values[i]) : cJSON_CreateNull();
        complete = value != NULL && cJSON_AddItemToArray(list, value);
    }
    return complete ? REC_OK : rec_fail(err, REC_ERR_RESOURCE, "out of memory (curve %s)", name);
}
