/**
 * A metric on the validation part with a model as it stands: what early stopping and tuning look at.
 * The query shows, and masks, the training part; the whole catalogue is ranked.
 */
#ifndef REC_HARNESS_RUN_VALIDATION_H
#define REC_HARNESS_RUN_VALIDATION_H

#include "harness/tasks/task.h"

typedef struct rec_validation rec_validation;

/** *out NULL: the data has no validation part. `data` is borrowed. */
rec_status rec_validation_new(rec_validation **out, const rec_task_data *data, rec_error *err);
void rec_validation_free(rec_validation *v);

/** What a recommender's fit is given; borrowed. */
const rec_validator *rec_validation_validator(const rec_validation *v);

/** Mean over users. REC_ERR_CONFIG for a metric without per-user values. */
rec_status rec_validation_value(double *out, rec_validation *v, const rec_recommender *type,
                                const void *self, const char *metric, rec_error *err);

#endif
