#include "harness/report/filter.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

bool rec_show_wants(const rec_string_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return list->n == 0;
}

bool rec_show_wants_metric(const rec_string_list *list, const char *metric, size_t k)
{
    if (rec_show_wants(list, metric))
        return true;
    char label[REC_REPORT_LABEL_MAX];
    rec_report_label_put(label, metric, k);
    return rec_show_wants(list, label);
}

const char *rec_show_slice(const char *metric)
{
    const char *dot = strchr(metric, '.');
    return dot != NULL ? dot + 1 : NULL;
}

bool rec_show_wants_whole(const rec_string_list *list, const char *metric, size_t k)
{
    return (list->n > 0 || rec_show_slice(metric) == NULL) &&
           rec_show_wants_metric(list, metric, k);
}

/* Names of one kind that a report has, for messages. */
typedef struct name_list {
    const char **names; /* owned; the texts are the report's, or in `owned` */
    char **owned;
    size_t n, n_owned;
} name_list;

static void name_list_deinit(name_list *l)
{
    for (size_t i = 0; i < l->n_owned; i++)
        free(l->owned[i]);
    free(l->owned);
    free(l->names);
}

static rec_status check_names(const rec_string_list *wanted, const name_list *known,
                              const char *kind, rec_error *err)
{
    for (size_t i = 0; i < wanted->n; i++) {
        bool found = false;
        for (size_t j = 0; j < known->n && !found; j++)
            found = strcmp(wanted->items[i], known->names[j]) == 0;
        if (found)
            continue;
        const char *nearest = rec_nearest(wanted->items[i], known->names, known->n);
        if (nearest != NULL)
            return rec_fail(err, REC_ERR_CONFIG,
                            "the report has no %s \"%s\" (did you mean \"%s\"?)", kind,
                            wanted->items[i], nearest);
        return rec_fail(err, REC_ERR_CONFIG, "the report has no %s \"%s\" (it has %s, ...)", kind,
                        wanted->items[i], known->n > 0 ? known->names[0] : "none");
    }
    return REC_OK;
}

static rec_status metric_names(name_list *out, const rec_report *r, rec_error *err)
{
    rec_status status = REC_OK;
    size_t n = 0;
    for (size_t i = 0; i < r->n_results; i++)
        n += r->results[i].n_figures;
    REC_TRY_NEW(out->names, 2 * n, err);
    REC_TRY_NEW(out->owned, n, err);
    for (size_t i = 0; i < r->n_results; i++) {
        for (size_t f = 0; f < r->results[i].n_figures; f++) {
            const rec_figure *figure = &r->results[i].figures[f];
            char *label = rec_report_label(figure->metric, figure->k, 0, err);
            if (label == NULL)
                REC_TRY(REC_ERR_RESOURCE);
            out->owned[out->n_owned++] = label;
            out->names[out->n++] = label;
            out->names[out->n++] = figure->metric;
        }
    }
cleanup:
    return status;
}

rec_status rec_show_check(const rec_show_filter *filter, const rec_report *r, rec_error *err)
{
    name_list tasks = {0}, systems = {0}, metrics = {0};
    rec_status status;
    REC_TRY_NEW(tasks.names, r->n_results, err);
    REC_TRY_NEW(systems.names, r->n_results, err);
    for (size_t i = 0; i < r->n_results; i++) {
        tasks.names[tasks.n++] = r->results[i].task;
        systems.names[systems.n++] = r->results[i].system;
    }
    REC_TRY(metric_names(&metrics, r, err));
    REC_TRY(check_names(&filter->tasks, &tasks, "task", err));
    REC_TRY(check_names(&filter->systems, &systems, "system", err));
    status = check_names(&filter->metrics, &metrics, "metric", err);
cleanup:
    name_list_deinit(&tasks);
    name_list_deinit(&systems);
    name_list_deinit(&metrics);
    return status;
}

/* The metric of an expectation is a label already. */
bool rec_show_wants_expected(const rec_show_filter *filter, const rec_expected *e)
{
    size_t stem = strcspn(e->metric, "@");
    bool metric = rec_show_wants(&filter->metrics, e->metric);
    for (size_t i = 0; i < filter->metrics.n && !metric; i++)
        metric = strlen(filter->metrics.items[i]) == stem &&
                 strncmp(filter->metrics.items[i], e->metric, stem) == 0;
    return metric && rec_show_wants(&filter->tasks, e->task) &&
           rec_show_wants(&filter->systems, e->system);
}
