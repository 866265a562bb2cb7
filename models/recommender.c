#include "models/recommender.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define REC_RECOMMENDER(name) extern const rec_recommender rec_recommender_##name;
#include "models/recommenders/recommenders.def"
#undef REC_RECOMMENDER

#define REC_RECOMMENDER(name) &rec_recommender_##name,
const rec_recommender *const rec_recommenders[] = {
#include "models/recommenders/recommenders.def"
};
#undef REC_RECOMMENDER

const size_t rec_n_recommenders = sizeof rec_recommenders / sizeof *rec_recommenders;

const rec_recommender *rec_recommender_find(const char *name)
{
    for (size_t i = 0; i < rec_n_recommenders; i++)
        if (strcmp(rec_recommenders[i]->name, name) == 0)
            return rec_recommenders[i];
    return NULL;
}

static rec_status unknown_type(const char *type, rec_error *err)
{
    const char *names[sizeof rec_recommenders / sizeof *rec_recommenders];
    for (size_t i = 0; i < rec_n_recommenders; i++)
        names[i] = rec_recommenders[i]->name;
    const char *nearest = rec_nearest(type, names, rec_n_recommenders);
    return rec_fail(err, REC_ERR_CONFIG,
                    "unknown recommender \"%s\"%s%s%s (see `recai list recommenders`)", type,
                    nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                    nearest != NULL ? "\"?" : "");
}

rec_status rec_model_new(rec_model **out, const char *type, const struct rec_yaml *options,
                         const char *const *ignore, rec_error *err)
{
    *out = NULL;
    const rec_recommender *found = rec_recommender_find(type);
    if (found == NULL)
        return unknown_type(type, err);
    rec_model *m = rec_alloc(1, sizeof *m, err);
    void *self = rec_alloc(1, found->size, err);
    rec_status status = REC_ERR_RESOURCE;
    if (m != NULL && self != NULL)
        status = rec_options_parse(self, found->options, options, ignore, err);
    if (status != REC_OK) {
        free(self);
        free(m);
        return status;
    }
    *m = (rec_model){.type = found, .self = self};
    *out = m;
    return REC_OK;
}

void rec_model_free(rec_model *m)
{
    if (m == NULL)
        return;
    if (m->type->deinit != NULL)
        m->type->deinit(m->self);
    rec_options_deinit(m->self, m->type->options);
    free(m->self);
    free(m);
}
