#include "harness/metrics/metric.h"

#include <stdio.h>
#include <string.h>

#include "core/option.h"

#define REC_METRIC(name) extern const rec_metric rec_metric_##name;
#include "harness/metrics/metrics.def"
#undef REC_METRIC

#define REC_METRIC(name) &rec_metric_##name,
const rec_metric *const rec_metrics[] = {
#include "harness/metrics/metrics.def"
};
#undef REC_METRIC

const size_t rec_n_metrics = sizeof rec_metrics / sizeof rec_metrics[0];

enum { MAX_CUTOFF = 1000000000 };

static const rec_metric *find(const char *name, size_t length)
{
    for (size_t i = 0; i < rec_n_metrics; i++)
        if (strlen(rec_metrics[i]->name) == length &&
            memcmp(rec_metrics[i]->name, name, length) == 0)
            return rec_metrics[i];
    return NULL;
}

const rec_metric *rec_metric_find(const char *name)
{
    return find(name, strlen(name));
}

static rec_status fail_unknown(const char *label, size_t length, rec_error *err)
{
    const char *names[sizeof rec_metrics / sizeof rec_metrics[0]];
    for (size_t i = 0; i < rec_n_metrics; i++)
        names[i] = rec_metrics[i]->name;
    char word[REC_METRIC_LABEL_MAX];
    snprintf(word, sizeof word, "%.*s", (int)length, label);
    const char *nearest = rec_nearest(word, names, rec_n_metrics);
    if (nearest != NULL)
        return rec_fail(err, REC_ERR_CONFIG, "unknown metric \"%s\", did you mean \"%s\"?", word,
                        nearest);
    return rec_fail(err, REC_ERR_CONFIG, "unknown metric \"%s\" (see recai list metrics)", word);
}

/* A decimal number 1..MAX_CUTOFF without sign or blanks; 0 for anything else. */
static size_t parse_count(const char *digits)
{
    size_t value = 0;
    if (*digits == '\0')
        return 0;
    for (; *digits != '\0'; digits++) {
        if (*digits < '0' || *digits > '9')
            return 0;
        value = value * 10 + (size_t)(*digits - '0');
        if (value > MAX_CUTOFF)
            return 0;
    }
    return value;
}

/* The digits after the point of a fraction, in hundredths: "8" and "80" are 80, "05" is 5. */
static size_t parse_percent(const char *digits)
{
    size_t n = strlen(digits);
    if (n == 0 || n > 2 || strspn(digits, "0123456789") != n)
        return 0;
    return 10 * (size_t)(digits[0] - '0') + (n == 2 ? (size_t)(digits[1] - '0') : 0);
}

rec_status rec_metric_parse(const rec_metric **metric, size_t *k, const char *label, rec_error *err)
{
    size_t length = strcspn(label, "@.");
    const rec_metric *found = find(label, length);
    if (found == NULL)
        return fail_unknown(label, length, err);
    char mark = label[length];
    const char *number = label + length + (mark != '\0');
    size_t value;
    if (found->has_percent) {
        value = mark == '.' ? parse_percent(number) : 0;
        if (value == 0)
            return rec_fail(err, REC_ERR_CONFIG,
                            "metric \"%s\": %s takes a fraction in hundredths, as in %s.80", label,
                            found->name, found->name);
    } else if (mark == '\0') {
        value = found->has_cutoff ? REC_WHOLE_LIST : 0;
    } else if (!found->has_cutoff) {
        return rec_fail(err, REC_ERR_CONFIG, "metric \"%s\": %s has no cut-off", label,
                        found->name);
    } else {
        value = mark == '@' ? parse_count(number) : 0;
        if (value == 0)
            return rec_fail(err, REC_ERR_CONFIG,
                            "metric \"%s\": the cut-off is a number from 1 to %d, as in %s@10",
                            label, MAX_CUTOFF, found->name);
    }
    *metric = found;
    *k = value;
    return REC_OK;
}

void rec_metric_label(char out[REC_METRIC_LABEL_MAX], const rec_metric *metric, size_t k)
{
    if (metric->has_percent)
        snprintf(out, REC_METRIC_LABEL_MAX, "%s.%02zu", metric->name, k);
    else if (metric->has_cutoff && k != REC_WHOLE_LIST)
        snprintf(out, REC_METRIC_LABEL_MAX, "%s@%zu", metric->name, k);
    else
        snprintf(out, REC_METRIC_LABEL_MAX, "%s", metric->name);
}
