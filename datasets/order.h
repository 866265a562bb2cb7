/** The order of a user's interactions. Equal keys fall back to the next one, at last to file order. */
#ifndef REC_DATASETS_ORDER_H
#define REC_DATASETS_ORDER_H

#include <stddef.h>

#include "core/option.h"
#include "core/status.h"
#include "datasets/dataset.h"

typedef enum rec_order_key {
    REC_ORDER_TIME,
    REC_ORDER_ITEM, /* dense index: how tools that sort a table by (user, time, item) break ties */
    REC_ORDER_FILE
} rec_order_key;

enum { REC_MAX_ORDER_KEYS = 3 };

typedef struct rec_order {
    rec_order_key keys[REC_MAX_ORDER_KEYS];
    size_t n;
} rec_order;

/** "time", "item", "file", each at most once. REC_ERR_CONFIG without place. */
rec_status rec_order_parse(rec_order *out, const rec_string_list *names, rec_error *err);
const char *rec_order_key_name(rec_order_key key);

/** Sort the rows of every user, which stand in file order; parts go with them. Without times the key
 * "time" decides nothing. */
rec_status rec_dataset_order(rec_dataset *d, const rec_order *order, rec_error *err);

#endif
