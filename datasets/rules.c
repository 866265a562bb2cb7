#include "datasets/rules.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/json.h"

/* Every member goes through these; cJSON gives NULL only when memory is short, and then on to the
 * end every call does nothing and the print fails once. */
static void put(cJSON *object, const char *key, cJSON *value, bool *failed)
{
    if (value == NULL || object == NULL || !cJSON_AddItemToObject(object, key, value)) {
        cJSON_Delete(value);
        *failed = true;
    }
}

static void put_count(cJSON *object, const char *key, size_t n, bool *failed)
{
    put(object, key, cJSON_CreateNumber((double)n), failed);
}

static cJSON *put_object(cJSON *object, const char *key, bool *failed)
{
    cJSON *child = cJSON_CreateObject();
    put(object, key, child, failed);
    return *failed ? NULL : child;
}

static void put_warning(cJSON *warnings, size_t n, const char *what, bool *failed)
{
    char text[256];
    if (n == 0)
        return;
    snprintf(text, sizeof text, "%zu %s", n, what);
    cJSON *item = cJSON_CreateString(text);
    if (item == NULL || !cJSON_AddItemToArray(warnings, item)) {
        cJSON_Delete(item);
        *failed = true;
    }
}

static rec_status put_options(cJSON *object, const char *key, const void *self,
                              const rec_option *table, bool *failed, rec_error *err)
{
    cJSON *options = rec_options_json(self, table, err);
    if (options == NULL)
        return REC_ERR_RESOURCE;
    put(object, key, options, failed);
    return REC_OK;
}

static void put_order(cJSON *root, const rec_rules *r, bool *failed)
{
    cJSON *order = cJSON_CreateArray();
    for (size_t i = 0; order != NULL && i < r->order.n; i++)
        if (!cJSON_AddItemToArray(order, cJSON_CreateString(rec_order_key_name(r->order.keys[i]))))
            *failed = true;
    put(root, "order", order, failed);
}

/* What rows carry: without times the key "time" of the order decided nothing. */
static void put_carried(cJSON *root, const rec_dataset *d, bool *failed)
{
    put(root, "has_times", cJSON_CreateBool(d->interactions.time != NULL), failed);
    put(root, "has_values", cJSON_CreateBool(d->interactions.value != NULL), failed);
}

static void put_filter_counts(cJSON *root, const rec_filter_counts *c, bool *failed)
{
    cJSON *dropped = put_object(root, "dropped", failed);
    put_count(dropped, "rows_below_min_rating", c->below_min_rating, failed);
    put_count(dropped, "rows_outside_window", c->outside_window, failed);
    put_count(dropped, "rows_duplicate", c->duplicates, failed);
    put_count(dropped, "rows_below_k_core", c->below_k_core, failed);
    put_count(dropped, "users_without_rows", c->users_dropped, failed);
    put_count(dropped, "items", c->items_dropped, failed);
    put_count(dropped, "negatives", c->negatives_dropped, failed);
}

static void put_split_counts(cJSON *root, const rec_rules *r, bool *failed)
{
    const rec_split_counts *c = &r->divided;
    cJSON *parts = put_object(root, "parts", failed);
    put_count(parts, "train", c->train, failed);
    put_count(parts, "valid", c->valid, failed);
    put_count(parts, "test", c->test, failed);
    put_count(parts, "none", c->none, failed);
    put_count(parts, "test_users", c->test_users, failed);
    put_count(parts, "short_users", c->short_users, failed);
    if (isfinite(c->valid_from))
        put(parts, "valid_from", cJSON_CreateNumber(c->valid_from), failed);
    if (isfinite(c->test_from))
        put(parts, "test_from", cJSON_CreateNumber(c->test_from), failed);
}

static void put_candidates(cJSON *root, const rec_negatives_counts *c, bool *failed)
{
    cJSON *candidates = put_object(root, "candidates", failed);
    put(candidates, "type", cJSON_CreateString(rec_negatives_type_name(c->type)), failed);
    put_count(candidates, "users", c->users, failed);
    put_count(candidates, "rows", c->rows, failed);
    put_count(candidates, "short_users", c->short_users, failed);
    put_count(candidates, "repeated", c->repeated, failed);
    put_count(candidates, "in_history", c->in_history, failed);
}

static void put_leaks(cJSON *root, const rec_leaks *l, bool *failed)
{
    cJSON *leaks = put_object(root, "leaks", failed);
    put_count(leaks, "test_pairs_in_train", l->test_pairs_in_train, failed);
    put_count(leaks, "test_pairs_in_valid", l->test_pairs_in_valid, failed);
    put_count(leaks, "train_after_own_test", l->train_after_own_test, failed);
    put_count(leaks, "train_after_first_test", l->train_after_first_test, failed);
    put_count(leaks, "test_items_unseen", l->test_items_unseen, failed);
    put_count(leaks, "test_rows_unseen", l->test_rows_unseen, failed);
    put_count(leaks, "test_users_unseen", l->test_users_unseen, failed);
    put_count(leaks, "tied_at_boundary", l->tied_at_boundary, failed);
}

static size_t items_without_title(const rec_dataset *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->catalogue.n_items; i++)
        n += d->catalogue.titles[i] == NULL;
    return n;
}

/* What a careful reader of the figures wants to be told, in words. */
static void put_warnings(cJSON *root, const rec_rules *r, const rec_dataset *d, bool *failed)
{
    cJSON *warnings = cJSON_CreateArray();
    put(root, "warnings", warnings, failed);
    if (*failed)
        return;
    size_t untitled = items_without_title(d);
    put_warning(warnings, untitled < d->catalogue.n_items ? untitled : 0, "items have no title",
                failed);
    put_warning(warnings, r->leaks.tied_at_boundary,
                "test users: the first tested and the last earlier interaction have the same time, "
                "so the order rule decides what is tested",
                failed);
    put_warning(warnings, r->leaks.test_pairs_in_train, "test interactions are in training as well",
                failed);
    put_warning(warnings, r->leaks.test_rows_unseen,
                "test interactions are with items that have no training row", failed);
    put_warning(warnings, r->leaks.test_users_unseen, "test users have no training row", failed);
    put_warning(warnings, r->divided.short_users,
                "users have too few interactions and are all training", failed);
    put_warning(warnings, r->filtered.duplicates, "repeated interactions were dropped", failed);
    put_warning(warnings, r->sampled.short_users, "test users have too few candidates", failed);
}

static void put_counts(cJSON *root, const rec_rules *r, bool *failed)
{
    cJSON *counts = put_object(root, "counts", failed);
    for (size_t i = 0; r->builder != NULL && i < rec_builder_n_counts(r->builder); i++) {
        size_t n;
        const char *name = rec_builder_count_at(&n, r->builder, i);
        put_count(counts, name, n, failed);
    }
}

rec_status rec_rules_print(char **out, const rec_rules *r, const rec_dataset *d, rec_error *err)
{
    rec_status status = REC_OK;
    bool failed = false;
    cJSON *root = cJSON_CreateObject();
    *out = NULL;
    put(root, "reader", cJSON_CreateString(r->reader->name), &failed);
    REC_TRY(
        put_options(root, "reader_options", r->reader_options, r->reader->options, &failed, err));
    REC_TRY(put_options(root, "filter", r->filter, rec_filter_option_table, &failed, err));
    put_filter_counts(root, &r->filtered, &failed);
    put_order(root, r, &failed);
    put_carried(root, d, &failed);
    REC_TRY(put_options(root, "split", r->split, rec_split_option_table, &failed, err));
    put_split_counts(root, r, &failed);
    REC_TRY(put_options(root, "negatives", r->negatives, rec_negatives_option_table, &failed, err));
    put_candidates(root, &r->sampled, &failed);
    put_counts(root, r, &failed);
    put_leaks(root, &r->leaks, &failed);
    put_warnings(root, r, d, &failed);
    if (failed)
        status = rec_fail(err, REC_ERR_RESOURCE, "out of memory (rules of the dataset)");
    else if ((*out = rec_json_print(root, err)) == NULL)
        status = REC_ERR_RESOURCE;
cleanup:
    cJSON_Delete(root);
    return status;
}
