#include "harness/run/estimate.h"

#include <math.h>
#include <stdlib.h>

#include "core/blas.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "harness/run/host.h"

enum { SIDE = 256, PRODUCTS = 20, PLACES = 1 << 14, STEPS = 1 << 21 };

static double measure_flops(float *a, float *b, float *c)
{
    double start = rec_now();
    for (int i = 0; i < PRODUCTS; i++)
        rec_gemm_nt(c, SIDE, a, SIDE, b, SIDE, SIDE, SIDE, SIDE, 1.0f, 0.0f);
    return PRODUCTS * 2.0 * SIDE * SIDE * SIDE / (rec_now() - start);
}

static double measure_steps(double *sums, const uint32_t *places)
{
    double start = rec_now();
    for (size_t i = 0; i < STEPS; i++)
        sums[places[i % PLACES]] += 1.0;
    return STEPS / (rec_now() - start);
}

rec_status rec_machine_measure(rec_machine *out, rec_error *err)
{
    rec_status status;
    float *matrices = NULL;
    double *sums = NULL;
    uint32_t *places = NULL;
    REC_TRY_NEW(matrices, (size_t)3 * SIDE * SIDE, err);
    REC_TRY_NEW(sums, PLACES, err);
    REC_TRY_NEW(places, PLACES, err);
    rec_rng rng = rec_rng_keyed(0, "estimate", 0);
    for (size_t i = 0; i < PLACES; i++)
        places[i] = rec_rng_below(&rng, PLACES);
    double threads = (double)rec_parallel_threads();
    measure_flops(matrices, matrices + SIDE * SIDE, matrices + 2 * SIDE * SIDE); /* warm up */
    out->flops_per_second =
        threads * measure_flops(matrices, matrices + SIDE * SIDE, matrices + 2 * SIDE * SIDE);
    out->steps_per_second = threads * measure_steps(sums, places);
    status = REC_OK;
cleanup:
    free(matrices);
    free(sums);
    free(places);
    return status;
}

rec_fit_size rec_fit_size_of(const rec_interactions *train)
{
    rec_fit_size size = {.n_users = (double)train->n_users,
                         .n_items = (double)train->n_items,
                         .n_interactions = (double)train->n};
    double *per_item = calloc(train->n_items > 0 ? train->n_items : 1, sizeof *per_item);
    for (size_t u = 0; u < train->n_users; u++) {
        double n = (double)(train->start[u + 1] - train->start[u]);
        size.user_pairs += n * n;
    }
    for (size_t i = 0; per_item != NULL && i < train->n; i++)
        per_item[train->item[i]]++;
    for (size_t i = 0; per_item != NULL && i < train->n_items; i++)
        size.item_pairs += per_item[i] * per_item[i];
    free(per_item);
    return size;
}

static rec_estimate fit_estimate(const rec_system_entry *e, const rec_machine *machine,
                                 const rec_fit_size *size)
{
    rec_fit_cost cost;
    if (!e->prototype->type.has_fit)
        return (rec_estimate){0.0, 0.0};
    if (!rec_system_cost(&cost, e->prototype, size))
        return (rec_estimate){NAN, NAN};
    return (rec_estimate){cost.dense_flops / machine->flops_per_second +
                              cost.sparse_steps / machine->steps_per_second,
                          cost.bytes};
}

rec_estimate rec_step_estimate(const rec_run *r, const rec_step *step, const rec_machine *machine,
                               const rec_fit_size *size, size_t n_samples)
{
    const rec_system_entry *e = &r->config->systems[step->system];
    if (step->kind == REC_STEP_FIT)
        return fit_estimate(e, machine, size);
    const rec_task *task = r->config->tasks[step->task].type;
    if (rec_task_is_text(task, e->prototype->type.can))
        return (rec_estimate){NAN, NAN}; /* rec_text_estimate_step knows more */
    double list = (double)r->config->tasks[step->task].type->list_length(
        r->config->tasks[step->task].options);
    /* rows of scores do not run at the rate of large products: a quarter of it, as measured */
    double flops = (double)n_samples * rec_system_query_flops(e->prototype, size);
    return (rec_estimate){4.0 * flops / machine->flops_per_second,
                          (double)n_samples * (list * 8.0 + 64.0)};
}
