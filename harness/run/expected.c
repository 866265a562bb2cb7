#include "harness/run/expected.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static rec_status measure(rec_expected *row, const rec_report *r, rec_error *err)
{
    const rec_result *result = rec_report_result(r, row->task, row->system);
    for (size_t i = 0; result != NULL && i < result->n_figures; i++) {
        const rec_figure *f = &result->figures[i];
        char *label = rec_report_label(f->metric, f->k, 0, err);
        if (label == NULL)
            return REC_ERR_RESOURCE;
        if (strcmp(label, row->metric) == 0)
            row->measured = f->mean;
        free(label);
    }
    row->within = rec_expected_holds(row);
    return REC_OK;
}

static rec_status add_row(rec_report *r, const rec_expected_row *from, rec_error *err)
{
    rec_expected *row = &r->expected[r->n_expected++];
    *row = (rec_expected){
        .system = rec_strdup(from->system, err),
        .task = rec_strdup(from->task, err),
        .metric = rec_strdup(from->metric, err),
        .published = from->value,
        .digits = (int)from->digits,
        .tol = from->tol >= 0.0 ? from->tol : 0.0,
        .side = (rec_expected_side)from->side,
        .source = rec_strdup(from->source != NULL ? from->source : "", err),
        .measured = NAN,
    };
    if (row->system == NULL || row->task == NULL || row->metric == NULL || row->source == NULL)
        return REC_ERR_RESOURCE;
    return measure(row, r, err);
}

rec_status rec_report_expect(rec_report *r, const rec_config *c, rec_error *err)
{
    r->expected = rec_alloc(c->n_expected, sizeof *r->expected, err);
    if (r->expected == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (size_t i = 0; i < c->n_expected && status == REC_OK; i++)
        status = add_row(r, &c->expected[i], err);
    return status;
}

size_t rec_report_n_missed(const rec_report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_expected; i++)
        n += !r->expected[i].within;
    return n;
}
