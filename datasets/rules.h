/** The record of how a dataset came about: rec_dataset.rules, shown by `recai data` and the report. */
#ifndef REC_DATASETS_RULES_H
#define REC_DATASETS_RULES_H

#include "core/status.h"
#include "datasets/builder.h"
#include "datasets/filters.h"
#include "datasets/leaks.h"
#include "datasets/negatives.h"
#include "datasets/order.h"
#include "datasets/reader.h"
#include "datasets/splits.h"

typedef struct rec_rules {
    const rec_reader *reader;
    const void *reader_options;
    const rec_filter_options *filter;
    rec_filter_counts filtered;
    rec_order order;
    const rec_split_options *split; /* type resolved */
    rec_split_counts divided;
    const rec_negatives_options *negatives;
    rec_negatives_counts sampled;
    const rec_builder *builder; /* its counts */
    rec_leaks leaks;
} rec_rules;

/** JSON text of the caller: {reader, filter, order, split, negatives, counts, leaks, warnings}. */
rec_status rec_rules_print(char **out, const rec_rules *rules, const rec_dataset *d,
                           rec_error *err);

#endif
