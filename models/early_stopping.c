#include "models/early_stopping.h"

#include <math.h>
#include <stddef.h>

const rec_option rec_early_stopping_table[] = {
    {.key = "metric",
     .help = "validation metric such as mrr@10, larger is better; none: all epochs run",
     .offset = offsetof(rec_early_stopping, metric),
     .type = REC_OPT_STRING},
    {.key = "patience",
     .help = "stop after this many epochs without a better value",
     .offset = offsetof(rec_early_stopping, patience),
     .type = REC_OPT_INT,
     .value = 10,
     .min = 1,
     .max = 1e6},
    {.key = "every",
     .help = "epochs between two validations",
     .offset = offsetof(rec_early_stopping, every),
     .type = REC_OPT_INT,
     .value = 1,
     .min = 1,
     .max = 1e6},
    {.key = NULL},
};

rec_status rec_early_stopping_check(const rec_early_stopping *o, const rec_fit_data *data,
                                    const char *model, rec_error *err)
{
    if (o->metric == NULL || data->validator != NULL)
        return REC_OK;
    return rec_fail(err, REC_ERR_CONFIG,
                    "%s: early_stopping: no validation rows to look at (split them off, fit on "
                    "train, or leave early_stopping.metric out)",
                    model);
}

rec_status rec_early_stopping_look(bool *improved, bool *stop, rec_best_epoch *best,
                                   const rec_early_stopping *o, const rec_fit_data *data,
                                   const rec_recommender *type, const void *self, int64_t epoch,
                                   rec_error *err)
{
    double value;
    *improved = false;
    *stop = false;
    if (o->metric == NULL || (epoch + 1) % o->every != 0)
        return REC_OK;
    rec_status status =
        data->validator->value(&value, data->validator->context, type, self, o->metric, err);
    if (status != REC_OK)
        return status;
    if (isnan(value))
        return rec_fail(err, REC_ERR_MODEL, "%s: validation metric %s is not a number", type->name,
                        o->metric);
    *improved = best->epoch < 0 || value > best->value;
    if (*improved)
        *best = (rec_best_epoch){value, epoch};
    *stop = epoch - best->epoch >= o->patience;
    return REC_OK;
}
