#include "harness/trec/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/option.h"
#include "harness/trec/number.h"
#include "harness/trec/values.h"

/* How the numbers after a name are read. */
typedef enum form { PLAIN, CUTOFFS, LEVELS, PARAMETERS } form;

enum { OFFICIAL = 1, SET = 2, ALL = 4, SINCE_10 = 8 };

#define RANKS "5,10,15,20,30,100,200,500,1000"
#define RECALL_LEVELS "0,.1,.2,.3,.4,.5,.6,.7,.8,.9,1"
#define MULTIPLES_OF_R ".2,.4,.6,.8,1,1.2,1.4,1.6,1.8,2"

typedef struct entry {
    const char *name;
    form form;
    rec_trec_summary_kind summary;
    const char *metric; /* or NULL: value */
    rec_trec_value_fn value;
    const char *defaults;
    int nicknames;
} entry;

#define REC_TREC_METRIC(name, form, summary, metric, defaults, nicknames)                          \
    {#name, form, summary, metric, NULL, defaults, (nicknames) | ALL},
#define REC_TREC_VALUE(name, form, summary, value, defaults, nicknames)                            \
    {#name, form, summary, NULL, value, defaults, (nicknames) | ALL},
static const entry entries[] = {
#include "harness/trec/measures.def"
};
#undef REC_TREC_METRIC
#undef REC_TREC_VALUE

enum { N_ENTRIES = sizeof entries / sizeof *entries };

#define REC_TREC_METRIC(name, ...) #name,
#define REC_TREC_VALUE(name, ...) #name,
const char *const rec_trec_measure_names[] = {
#include "harness/trec/measures.def"
    NULL,
};
#undef REC_TREC_METRIC
#undef REC_TREC_VALUE

static const struct nickname {
    const char *name;
    int mark;
} nicknames[] = {{"official", OFFICIAL}, {"set", SET}, {"all_trec", ALL}};

/* --- one name -------------------------------------------------------------------------------- */

static const entry *find_entry(const char *name, size_t length)
{
    for (size_t i = 0; i < N_ENTRIES; i++)
        if (strlen(entries[i].name) == length && memcmp(entries[i].name, name, length) == 0)
            return &entries[i];
    return NULL;
}

static rec_status append(rec_trec_measures *list, const rec_trec_measure *measure, rec_error *err)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].label, measure->label) == 0) {
            list->items[i].by_default = list->items[i].by_default && measure->by_default;
            return REC_OK;
        }
    rec_trec_measure *grown = rec_realloc(list->items, list->n + 1, sizeof *grown, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    list->items = grown;
    list->items[list->n++] = *measure;
    return REC_OK;
}

/* Comma-separated numbers; returns how many, or 0 if one of them is not a number or there are too
 * many. */
static size_t parse_numbers(double out[REC_TREC_PARAMETERS_MAX], const char *text)
{
    size_t n = 0;
    for (;; n++) {
        size_t length = strcspn(text, ",");
        if (n == REC_TREC_PARAMETERS_MAX || !rec_parse_double(&out[n], text, length) ||
            !isfinite(out[n]))
            return 0;
        if (text[length] == '\0')
            return n + 1;
        text += length + 1;
    }
}

static rec_status append_entry(rec_trec_measures *list, const entry *e, double number,
                               rec_trec_measure *measure, rec_error *err)
{
    measure->is_trec = true;
    measure->summary = e->summary;
    measure->value = e->value;
    measure->order = (size_t)(e - entries);
    if (e->metric != NULL) {
        measure->metric = rec_metric_find(e->metric);
        measure->k = e->form == CUTOFFS            ? (size_t)number
                     : measure->metric->has_cutoff ? REC_WHOLE_LIST
                                                   : 0;
    }
    return append(list, measure, err);
}

/* One measure per number: P_5, P_10; iprec_at_recall_0.10. */
static rec_status append_each(rec_trec_measures *list, const entry *e, const double *numbers,
                              size_t n, bool by_default, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        rec_trec_measure measure = {.parameters = {numbers[i]}, .by_default = by_default};
        if (e->form == CUTOFFS &&
            !(numbers[i] >= 1.0 && numbers[i] <= 1e9 && numbers[i] == floor(numbers[i])))
            return rec_fail(err, REC_ERR_CONFIG,
                            "measure %s: a cut-off is a whole number from 1 on", e->name);
        if (e->form == CUTOFFS)
            snprintf(measure.label, sizeof measure.label, "%s_%.0f", e->name, numbers[i]);
        else
            snprintf(measure.label, sizeof measure.label, "%s_%3.2f", e->name, numbers[i]);
        status = append_entry(list, e, numbers[i], &measure, err);
    }
    return status;
}

/* One measure with all the numbers; the name repeats them if they were given. */
static rec_status append_whole(rec_trec_measures *list, const entry *e, const double *numbers,
                               size_t n, const char *given, rec_error *err)
{
    rec_trec_measure measure = {.by_default = e->form == PARAMETERS && *given == '\0'};
    for (size_t i = 0; i < REC_TREC_PARAMETERS_MAX; i++)
        measure.parameters[i] = i < n ? numbers[i] : NAN;
    snprintf(measure.label, sizeof measure.label, *given != '\0' ? "%s_%s" : "%s", e->name, given);
    return append_entry(list, e, 0.0, &measure, err);
}

static rec_status add_entry(rec_trec_measures *list, const entry *e, const char *given,
                            rec_error *err)
{
    double numbers[REC_TREC_PARAMETERS_MAX], defaults[REC_TREC_PARAMETERS_MAX];
    size_t n_defaults = e->form == PLAIN ? 0 : parse_numbers(defaults, e->defaults);
    if (e->form == PLAIN && *given != '\0')
        return rec_fail(err, REC_ERR_CONFIG, "measure %s takes no numbers, not \"%s\"", e->name,
                        given);
    if (e->form == PLAIN)
        return append_whole(list, e, NULL, 0, "", err);
    size_t n = parse_numbers(numbers, *given != '\0' ? given : e->defaults);
    if (n == 0)
        return rec_fail(err, REC_ERR_CONFIG,
                        "measure %s: \"%s\" is not a list of at most %d numbers", e->name, given,
                        REC_TREC_PARAMETERS_MAX);
    if (e->form != PARAMETERS)
        return append_each(list, e, numbers, n, *given == '\0', err);
    if (n != n_defaults && e->value != rec_trec_11pt_avg)
        return rec_fail(err, REC_ERR_CONFIG, "measure %s takes %zu numbers, not %zu", e->name,
                        n_defaults, n);
    return append_whole(list, e, numbers, n, given, err);
}

static rec_status add_nickname(rec_trec_measures *list, int mark, int version, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < N_ENTRIES && status == REC_OK; i++)
        if (entries[i].nicknames & mark && (version >= 10 || !(entries[i].nicknames & SINCE_10)))
            status = add_entry(list, &entries[i], "", err);
    return status;
}

/* "P_5", "set_F_0.5": the entry, and in *numbers what stands after its name. */
static const entry *split_label(const char **numbers, const char *label)
{
    size_t length = strcspn(label, ".,");
    const char *underscore = strrchr(label, '_');
    const entry *e = find_entry(label, length);
    if (e != NULL) {
        *numbers = label[length] != '\0' ? label + length + 1 : "";
        return e;
    }
    if (underscore == NULL)
        return NULL;
    *numbers = underscore + 1;
    return find_entry(label, (size_t)(underscore - label));
}

static rec_status fail_unknown(const char *label, rec_error *err)
{
    const char *names[128];
    size_t n = 0;
    for (size_t i = 0; i < N_ENTRIES && n < 128; i++)
        names[n++] = entries[i].name;
    for (size_t i = 0; i < rec_n_metrics && n < 128; i++)
        names[n++] = rec_metrics[i]->name;
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(label, "@.,"), label);
    const char *nearest = rec_nearest(word, names, n);
    if (nearest != NULL)
        return rec_fail(err, REC_ERR_CONFIG, "unknown measure \"%s\", did you mean \"%s\"?", label,
                        nearest);
    return rec_fail(err, REC_ERR_CONFIG,
                    "unknown measure \"%s\" (\"recai list metrics\" and trec_eval's names)", label);
}

static rec_status add_metric(rec_trec_measures *list, const char *label, rec_error *err)
{
    rec_trec_measure measure = {.summary = REC_TREC_MEAN};
    rec_status status = rec_metric_parse(&measure.metric, &measure.k, label, err);
    if (status != REC_OK)
        return status;
    if (measure.metric->value_at == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "measure %s needs a catalogue, which eval has not",
                        measure.metric->name);
    rec_metric_label(measure.label, measure.metric, measure.k);
    return append(list, &measure, err);
}

/* `label` holds one name with its numbers: "P.5,10", "ndcg@10", "official". */
static rec_status add_label(rec_trec_measures *list, const char *label, int version, rec_error *err)
{
    const char *numbers;
    for (size_t i = 0; i < sizeof nicknames / sizeof *nicknames; i++)
        if (strcmp(label, nicknames[i].name) == 0)
            return add_nickname(list, nicknames[i].mark, version, err);
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(label, "@."), label);
    const entry *e = strchr(label, '@') == NULL ? split_label(&numbers, label) : NULL;
    if (e != NULL)
        return add_entry(list, e, numbers, err);
    return rec_metric_find(name) != NULL ? add_metric(list, label, err) : fail_unknown(label, err);
}

/* --- the list -------------------------------------------------------------------------------- */

/* Does this part of a comma list belong to the name before it? */
static bool is_number(const char *text, size_t length)
{
    double number;
    return rec_parse_double(&number, text, length);
}

/* "ndcg@10,P.5,10,map" -> ndcg@10; P.5,10; map */
static rec_status add_names(rec_trec_measures *list, const char *names, int version, rec_error *err)
{
    rec_status status = REC_OK;
    while (status == REC_OK) {
        size_t length = strcspn(names, ",");
        while (names[length] == ',') {
            size_t next = strcspn(names + length + 1, ",");
            if (!is_number(names + length + 1, next))
                break;
            length += 1 + next;
        }
        char *label = rec_format(err, "%.*s", (int)length, names);
        if (label == NULL)
            return REC_ERR_RESOURCE;
        status = add_label(list, label, version, err);
        free(label);
        if (names[length] == '\0')
            break;
        names += length + 1;
    }
    return status;
}

static int compare_order(const void *left, const void *right)
{
    const rec_trec_measure *a = left, *b = right;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return (a->parameters[0] > b->parameters[0]) - (a->parameters[0] < b->parameters[0]);
}

/* Usual numbers of a measure give way to numbers that were asked for. */
static void drop_replaced(rec_trec_measures *list)
{
    bool asked[N_ENTRIES] = {false};
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].is_trec && !list->items[i].by_default)
            asked[list->items[i].order] = true;
    for (size_t i = 0; i < list->n; i++) {
        const rec_trec_measure *m = &list->items[i];
        if (!(m->by_default && asked[m->order]))
            list->items[kept++] = *m;
    }
    list->n = kept;
}

/* trec_eval prints in the order of its table. */
static void sort_if_trec(rec_trec_measures *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (!list->items[i].is_trec)
            return;
    qsort(list->items, list->n, sizeof *list->items, compare_order);
}

rec_status rec_trec_measures_parse(rec_trec_measures *out, char *const *names, size_t n,
                                   int version, rec_error *err)
{
    rec_status status = REC_OK;
    *out = (rec_trec_measures){0};
    if (n == 0)
        REC_TRY(add_nickname(out, OFFICIAL, version, err));
    for (size_t i = 0; i < n; i++)
        REC_TRY(add_names(out, names[i], version, err));
    drop_replaced(out);
    sort_if_trec(out);
cleanup:
    if (status != REC_OK)
        rec_trec_measures_deinit(out);
    return status;
}

void rec_trec_measures_deinit(rec_trec_measures *measures)
{
    free(measures->items);
    *measures = (rec_trec_measures){0};
}
