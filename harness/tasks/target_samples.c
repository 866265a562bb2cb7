#include "harness/tasks/target_samples.h"

#include <cjson/cJSON.h>

#include "harness/tasks/rank_task.h"

static rec_status split_targets(rec_sample_set *set, rec_error *err)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < set->n; i++)
        n += set->samples[i].n_targets;
    rec_sample *samples = rec_arena_alloc(&set->arena, n, sizeof *samples, err);
    if (samples == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < set->n; i++)
        for (size_t t = 0; t < set->samples[i].n_targets; t++, at++) {
            samples[at] = set->samples[i];
            samples[at].turn = (uint32_t)t;
            samples[at].targets += t;
            samples[at].n_targets = 1;
        }
    set->samples = samples;
    set->n = n;
    cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(set->counts, "samples"), (double)n);
    return REC_OK;
}

rec_status rec_target_samples(rec_sample_set *out, const rec_target_options *options,
                              const rec_task_data *data, rec_error *err)
{
    const rec_rank_options rank = {
        .history = options->history,
        .samples = options->samples,
        .history_max = options->history_max,
        .relevance = REC_RELEVANCE_BINARY,
        .mask_history = true,
        .user_rows = true,
    };
    rec_status status = rec_rank_samples(out, &rank, data, REC_TARGETS_TEST, err);
    if (status == REC_OK)
        status = split_targets(out, err);
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}

uint64_t rec_sample_id(const rec_sample *s)
{
    return (uint64_t)s->turn << 32 | s->user;
}
