#include "harness/run/plan_text.h"

#include <stdlib.h>

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

rec_status rec_plan_print(FILE *out, rec_run *r, rec_error *err)
{
    rec_status status = REC_OK;
    fprintf(out, "data %s: %zu users, %zu items, %zu interactions\n", r->dataset->name,
            r->dataset->n_users, r->dataset->catalogue.n_items, r->dataset->interactions.n);
    for (size_t i = 0; i < r->plan.n && status == REC_OK; i++) {
        bool done = false;
        status = is_done(&done, r, &r->plan.steps[i], err);
        fprintf(out, "%-6s %.12s  %s\n", done ? "kept" : "to do", r->plan.steps[i].key,
                r->plan.steps[i].name);
    }
    return status;
}
