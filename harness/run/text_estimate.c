#include "harness/run/text_estimate.h"

#include <string.h>

#include "models/lm/cost.h"

enum { MAX_LOOKED_AT = 32, BYTES_PER_TOKEN = 4 };

static void add_request(rec_text_estimate *e, const rec_request *r)
{
    double bytes = 0.0;
    if (r->kind == REC_REQUEST_RANK)
        return;
    for (size_t i = 0; i < r->n_parts; i++)
        bytes += (double)strlen(r->parts[i].text);
    double n = r->kind == REC_REQUEST_CHOOSE ? (double)r->n_choices : 1.0;
    e->n_requests += n;
    e->tokens_in += n * bytes / BYTES_PER_TOKEN;
    e->tokens_out += r->kind == REC_REQUEST_TEXT ? (double)r->text.max_tokens : 0.0;
}

/* The questions of a sample's first round. */
static rec_status look_at(rec_text_estimate *e, const rec_run *r, const rec_step *step,
                          const rec_sample_set *whole, const rec_sample *sample, rec_error *err)
{
    const rec_task_entry *task = &r->config->tasks[step->task];
    rec_task_data data = r->data;
    data.seed = step->seed;
    rec_job job = {
        .task = task,
        .data = &data,
        .set = whole,
        .sample = sample,
        .can = r->config->systems[step->system].prototype->type.can,
        .arena = {.block_size = 1 << 12},
    };
    rec_status status = task->type->step(&job, NULL, err);
    for (size_t i = 0; status == REC_OK && i < job.n_requests; i++)
        if (job.requests[i].to == REC_PARTY_SYSTEM)
            add_request(e, &job.requests[i]);
    rec_arena_deinit(&job.arena);
    return status;
}

/* The model a system asks: the first of lms: that its options name. */
static const char *model_of(const rec_system_entry *e)
{
    const void *values = rec_system_option_values(e->prototype);
    for (const rec_option *o = e->prototype->type.options; o != NULL && o->key != NULL; o++)
        if (o->type == REC_OPT_REFERENCE && strcmp(o->refers_to, "lm") == 0)
            return *(char *const *)((const char *)values + o->offset);
    return NULL;
}

static rec_status set_cost(rec_text_estimate *e, const rec_run *r, const rec_step *step,
                           rec_error *err)
{
    const char *name = model_of(&r->config->systems[step->system]);
    rec_lm *lm = NULL;
    rec_lm_price price;
    e->cost_microdollars = -1;
    if (name == NULL)
        return REC_OK;
    rec_status status = rec_lm_pool_get(&lm, r->config->lms, name, err);
    if (status != REC_OK)
        return status;
    if (!lm->paid)
        e->cost_microdollars = 0;
    else if (rec_lm_price_get(&price, lm))
        e->cost_microdollars = rec_lm_microdollars(
            rec_lm_price_picodollars(&price, (uint64_t)e->tokens_in, 0, (uint64_t)e->tokens_out));
    return REC_OK;
}

rec_status rec_text_estimate_step(rec_text_estimate *out, rec_run *r, const rec_step *step,
                                  rec_error *err)
{
    const rec_sample_set *samples, *whole;
    *out = (rec_text_estimate){0};
    const rec_task *type = r->config->tasks[step->task].type;
    if (!rec_task_is_text(type, r->config->systems[step->system].prototype->type.can))
        return REC_OK;
    rec_status status = rec_run_samples_for(&samples, r, step, err);
    if (status == REC_OK)
        status = rec_run_samples(&whole, r, step->task, step->seed_index, err);
    if (status == REC_OK)
        status = rec_run_prepare_text(r, step, err);
    if (status != REC_OK)
        return status;
    size_t n = samples->n < MAX_LOOKED_AT ? samples->n : MAX_LOOKED_AT;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = look_at(out, r, step, whole, &samples->samples[i * samples->n / n], err);
    if (status != REC_OK || n == 0)
        return status;
    double scale = (double)samples->n / (double)n;
    out->n_requests *= scale;
    out->tokens_in *= scale;
    out->tokens_out *= scale;
    return set_cost(out, r, step, err);
}
