#include "harness/run/plan_text.h"

#include <math.h>
#include <stdlib.h>

#include "harness/run/estimate.h"
#include "harness/run/text_estimate.h"

static rec_status is_done(bool *done, const rec_run *r, const rec_step *step, rec_error *err)
{
    char *path =
        rec_artifact_path(r, step->path, step->kind == REC_STEP_FIT ? "json" : "journal", err);
    if (path == NULL)
        return REC_ERR_RESOURCE;
    *done = rec_path_exists(path);
    free(path);
    return REC_OK;
}

static void print_amounts(FILE *out, rec_estimate e)
{
    if (isnan(e.seconds))
        fprintf(out, "%10s %10s", "?", "?");
    else
        fprintf(out, "%8.*f s %6.0f MiB", e.seconds < 10.0 ? 2 : 0, e.seconds,
                ceil(e.bytes / (1 << 20)));
}

/* Time adds up; models live one after the other, so the largest counts for memory. */
static void add(rec_estimate *total, bool *is_partial, rec_estimate e)
{
    if (isnan(e.seconds)) {
        *is_partial = true;
        return;
    }
    total->seconds += e.seconds;
    total->bytes = e.bytes > total->bytes ? e.bytes : total->bytes;
}

/* "12300 tokens in, at most 25600 out, at most $0.0200" behind a step that asks in text. */
static rec_status print_tokens(FILE *out, rec_run *r, const rec_step *step, rec_text_estimate *sum,
                               rec_error *err)
{
    rec_text_estimate e;
    rec_status status = rec_text_estimate_step(&e, r, step, err);
    if (status != REC_OK || e.n_requests <= 0.0)
        return status;
    fprintf(out, " (%.0f questions, %.0f tokens in, at most %.0f out", e.n_requests, e.tokens_in,
            e.tokens_out);
    if (e.cost_microdollars > 0)
        fprintf(out, ", at most $%.4f", (double)e.cost_microdollars / 1e6);
    fprintf(out, "%s)", e.cost_microdollars < 0 ? ", price unknown" : "");
    sum->n_requests += e.n_requests;
    sum->tokens_in += e.tokens_in;
    sum->tokens_out += e.tokens_out;
    sum->cost_microdollars += e.cost_microdollars > 0 ? e.cost_microdollars : 0;
    return REC_OK;
}

static rec_status print_step(FILE *out, rec_run *r, const rec_step *step, rec_estimate *total,
                             bool *is_partial, rec_text_estimate *texts, const rec_machine *machine,
                             const rec_fit_size *size, rec_error *err)
{
    const rec_sample_set *samples = NULL;
    bool done = false;
    rec_status status = is_done(&done, r, step, err);
    if (status == REC_OK && step->kind == REC_STEP_REPLIES)
        status = rec_run_samples_for(&samples, r, step, err);
    if (status != REC_OK)
        return status;
    fprintf(out, "%.12s  %-7s", step->key, done ? "kept" : "to do");
    if (done) {
        fprintf(out, "%20s", "");
    } else {
        rec_estimate e =
            rec_step_estimate(r, step, machine, size, samples != NULL ? samples->n : 0);
        const rec_system_entry *s = &r->config->systems[step->system];
        if (step->kind == REC_STEP_FIT && s->common.tune != NULL)
            e.seconds *= 1.0 + (double)s->n_trials;
        add(total, is_partial, e);
        print_amounts(out, e);
    }
    fprintf(out, "  %s", step->name);
    if (!done && step->kind == REC_STEP_REPLIES)
        status = print_tokens(out, r, step, texts, err);
    fprintf(out, "\n");
    return status;
}

static void print_not_applicable(FILE *out, const rec_config *c)
{
    char reason[160];
    for (size_t t = 0; t < c->n_tasks; t++)
        for (size_t s = 0; s < c->n_systems; s++)
            if (rec_not_applicable(reason, sizeof reason, &c->tasks[t],
                                   &c->systems[s].prototype->type) != NULL)
                fprintf(out, "not applicable: %s x %s (%s)\n", c->tasks[t].name, c->systems[s].name,
                        reason);
}

rec_status rec_plan_print(FILE *out, rec_run *r, rec_error *err)
{
    rec_machine machine;
    rec_interactions train = {0};
    rec_estimate total = {0.0, 0.0};
    rec_text_estimate texts = {0};
    bool is_partial = false;
    rec_status status;
    REC_TRY(rec_machine_measure(&machine, err));
    REC_TRY(rec_dataset_select(&train, r->dataset, REC_PART_TRAIN, err));
    const rec_fit_size size = rec_fit_size_of(&train);
    fprintf(out, "data %s: %zu users, %zu items, %zu interactions\n", r->dataset->name,
            r->dataset->n_users, r->dataset->catalogue.n_items, r->dataset->interactions.n);
    fprintf(out, "%-12s  %-7s%10s %10s  %s\n", "key", "", "time", "memory", "step");
    for (size_t i = 0; i < r->plan.n; i++)
        REC_TRY(print_step(out, r, &r->plan.steps[i], &total, &is_partial, &texts, &machine, &size,
                           err));
    print_not_applicable(out, r->config);
    fprintf(out, "%-12s  %-7s", "", "");
    print_amounts(out, total);
    fprintf(out, "  all that is to do, estimated%s\n",
            is_partial ? " (without the steps marked ?)" : "");
    if (texts.n_requests > 0.0)
        fprintf(
            out,
            "in text: %.0f questions, %.0f tokens in, at most %.0f out, at most $%.4f where "
            "prices are known;\nrounds that depend on answers (dialogues, judges) come on top\n",
            texts.n_requests, texts.tokens_in, texts.tokens_out,
            (double)texts.cost_microdollars / 1e6);
cleanup:
    rec_interactions_deinit(&train);
    return status;
}
