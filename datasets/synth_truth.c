#include "datasets/synth_truth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

rec_status rec_synth_truth_init(rec_synth_truth *t, size_t n_users, size_t n_items, size_t n_topics,
                                size_t n_classes, rec_error *err)
{
    rec_status status = REC_OK;
    *t = (rec_synth_truth){
        .n_users = n_users, .n_items = n_items, .n_topics = n_topics, .n_classes = n_classes};
    REC_TRY_NEW(t->theta, n_classes * n_topics, err);
    REC_TRY_NEW(t->thrifty, n_classes, err);
    REC_TRY_NEW(t->topic, n_items, err);
    REC_TRY_NEW(t->weight, n_items, err);
    REC_TRY_NEW(t->cheap, n_items, err);
    REC_TRY_NEW(t->follows, n_items, err);
    REC_TRY_NEW(t->user_class, n_users, err);
cleanup:
    if (status != REC_OK)
        rec_synth_truth_deinit(t);
    return status;
}

void rec_synth_truth_deinit(rec_synth_truth *t)
{
    free(t->theta);
    free(t->thrifty);
    free(t->topic);
    free(t->weight);
    free(t->cheap);
    free(t->follows);
    free(t->user_class);
    *t = (rec_synth_truth){.n_users = 0};
}

static double attraction(const rec_synth_truth *t, size_t c, size_t item)
{
    return t->weight[item] * (t->thrifty[c] && t->cheap[item] ? exp(t->price_effect) : 1.0);
}

rec_status rec_synth_class_distribution(double *out, const rec_synth_truth *t, size_t c,
                                        rec_error *err)
{
    double *total = rec_alloc(t->n_topics, sizeof *total, err);
    if (total == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < t->n_items; i++)
        total[t->topic[i]] += attraction(t, c, i);
    double present = 0.0; /* topics that filters emptied give their share to the others */
    for (size_t k = 0; k < t->n_topics; k++)
        present += total[k] > 0 ? t->theta[c * t->n_topics + k] : 0.0;
    if (!(present > 0)) {
        free(total);
        return rec_fail(err, REC_ERR_DATA, "no item is left that taste class %zu chooses", c);
    }
    for (size_t i = 0; i < t->n_items; i++) {
        size_t k = t->topic[i];
        out[i] = t->theta[c * t->n_topics + k] / present * attraction(t, c, i) / total[k];
    }
    free(total);
    return REC_OK;
}

/* ---- tables ---- */

static rec_status number_column(rec_column_builder **out, rec_table_builder *t, const char *name,
                                rec_error *err)
{
    return rec_table_builder_column(out, t, name, REC_COLUMN_NUMBER, err);
}

static rec_status set_id(rec_column_builder *c, size_t row, const char *id, rec_error *err)
{
    return rec_column_set_text(c, row, id, strlen(id), err);
}

static rec_status write_parameters(rec_builder *b, const rec_synth_truth *t, rec_error *err)
{
    rec_status status = REC_OK;
    rec_table_builder *table;
    rec_column_builder *sequence, *price, *topics;
    REC_TRY(rec_builder_table(&table, b, "truth", err));
    REC_TRY(number_column(&sequence, table, "sequence", err));
    REC_TRY(number_column(&price, table, "price_effect", err));
    REC_TRY(number_column(&topics, table, "topics", err));
    size_t row = rec_table_builder_row(table);
    REC_TRY(rec_column_set_number(sequence, row, t->sequence, err));
    REC_TRY(rec_column_set_number(price, row, t->price_effect, err));
    REC_TRY(rec_column_set_number(topics, row, (double)t->n_topics, err));
cleanup:
    return status;
}

static rec_status write_items(rec_builder *b, const rec_synth_truth *t, rec_error *err)
{
    rec_status status = REC_OK;
    rec_table_builder *table;
    rec_column_builder *id, *topic, *weight, *cheap, *follows;
    REC_TRY(rec_builder_table(&table, b, "truth_items", err));
    REC_TRY(rec_table_builder_column(&id, table, "item_id", REC_COLUMN_TEXT, err));
    REC_TRY(number_column(&topic, table, "topic", err));
    REC_TRY(number_column(&weight, table, "weight", err));
    REC_TRY(number_column(&cheap, table, "cheap", err));
    REC_TRY(rec_table_builder_column(&follows, table, "follows", REC_COLUMN_TEXT, err));
    for (uint32_t i = 0; i < t->n_items; i++) {
        size_t row = rec_table_builder_row(table);
        REC_TRY(set_id(id, row, rec_builder_item_id(b, i), err));
        REC_TRY(rec_column_set_number(topic, row, t->topic[i], err));
        REC_TRY(rec_column_set_number(weight, row, t->weight[i], err));
        REC_TRY(rec_column_set_number(cheap, row, t->cheap[i], err));
        if (t->follows[i] != REC_NO_ITEM)
            REC_TRY(set_id(follows, row, rec_builder_item_id(b, t->follows[i]), err));
    }
cleanup:
    return status;
}

static rec_status write_users(rec_builder *b, const rec_synth_truth *t, rec_error *err)
{
    rec_status status = REC_OK;
    rec_table_builder *table;
    rec_column_builder *id, *class;
    REC_TRY(rec_builder_table(&table, b, "truth_users", err));
    REC_TRY(rec_table_builder_column(&id, table, "user_id", REC_COLUMN_TEXT, err));
    REC_TRY(number_column(&class, table, "class", err));
    for (uint32_t u = 0; u < t->n_users; u++) {
        size_t row = rec_table_builder_row(table);
        REC_TRY(set_id(id, row, rec_builder_user_id(b, u), err));
        REC_TRY(rec_column_set_number(class, row, t->user_class[u], err));
    }
cleanup:
    return status;
}

static rec_status write_classes(rec_builder *b, const rec_synth_truth *t, rec_error *err)
{
    rec_status status = REC_OK;
    rec_table_builder *table;
    rec_column_builder *thrifty, *theta;
    REC_TRY(rec_builder_table(&table, b, "truth_classes", err));
    REC_TRY(number_column(&thrifty, table, "thrifty", err));
    for (size_t c = 0; c < t->n_classes; c++)
        REC_TRY(rec_column_set_number(thrifty, rec_table_builder_row(table), t->thrifty[c], err));
    for (size_t k = 0; k < t->n_topics; k++) {
        char name[32];
        snprintf(name, sizeof name, "topic_%zu", k);
        REC_TRY(number_column(&theta, table, name, err));
        for (size_t c = 0; c < t->n_classes; c++)
            REC_TRY(rec_column_set_number(theta, c, t->theta[c * t->n_topics + k], err));
    }
cleanup:
    return status;
}

rec_status rec_synth_truth_write(rec_builder *b, const rec_synth_truth *t, rec_error *err)
{
    rec_status status = write_parameters(b, t, err);
    if (status == REC_OK)
        status = write_items(b, t, err);
    if (status == REC_OK)
        status = write_users(b, t, err);
    if (status == REC_OK)
        status = write_classes(b, t, err);
    return status;
}

static rec_status need_table(const rec_table **out, const rec_dataset *d, const char *name,
                             rec_error *err)
{
    *out = rec_dataset_table(d, name);
    if (*out != NULL)
        return REC_OK;
    return rec_fail(err, REC_ERR_DATA,
                    "dataset %s has no table \"%s\": only synthetic data (type: synth) has a known "
                    "truth",
                    d->name != NULL ? d->name : "", name);
}

/* A column of a type that must be there. */
static rec_status need_column(const rec_column **out, const rec_table *t, const char *name,
                              rec_column_type type, rec_error *err)
{
    *out = rec_table_column(t, name);
    if (*out != NULL && (*out)->type == type)
        return REC_OK;
    return rec_fail(err, REC_ERR_DATA, "table %s has no fitting column \"%s\"", t->name, name);
}

/* A count or index out of a number column; REC_ERR_DATA unless it is an integer below `limit`. */
static rec_status need_index(size_t *out, const rec_table *t, const rec_column *c, size_t row,
                             size_t limit, rec_error *err)
{
    double value = c->number[row];
    if (!(value >= 0 && value < (double)limit && value == floor(value)))
        return rec_fail(err, REC_ERR_DATA, "table %s, row %zu: %s is out of range", t->name, row,
                        c->name);
    *out = (size_t)value;
    return REC_OK;
}

static rec_status read_items(rec_synth_truth *t, const rec_dataset *d, const rec_table *table,
                             rec_error *err)
{
    rec_status status = REC_OK;
    const rec_column *id, *topic, *weight, *cheap, *follows;
    REC_TRY(need_column(&id, table, "item_id", REC_COLUMN_TEXT, err));
    REC_TRY(need_column(&topic, table, "topic", REC_COLUMN_NUMBER, err));
    REC_TRY(need_column(&weight, table, "weight", REC_COLUMN_NUMBER, err));
    REC_TRY(need_column(&cheap, table, "cheap", REC_COLUMN_NUMBER, err));
    REC_TRY(need_column(&follows, table, "follows", REC_COLUMN_TEXT, err));
    for (size_t row = 0; row < table->n_rows; row++) {
        size_t k, flag;
        uint32_t item = id->text[row] != NULL ? rec_dataset_item(d, id->text[row]) : REC_NO_ITEM;
        if (item == REC_NO_ITEM)
            continue; /* dropped by a filter */
        REC_TRY(need_index(&k, table, topic, row, t->n_topics, err));
        REC_TRY(need_index(&flag, table, cheap, row, 2, err));
        t->topic[item] = (uint32_t)k;
        t->cheap[item] = (uint8_t)flag;
        t->weight[item] = weight->number[row];
        t->follows[item] =
            follows->text[row] != NULL ? rec_dataset_item(d, follows->text[row]) : REC_NO_ITEM;
    }
cleanup:
    return status;
}

static rec_status read_users(rec_synth_truth *t, const rec_dataset *d, const rec_table *table,
                             rec_error *err)
{
    rec_status status = REC_OK;
    const rec_column *id, *class;
    REC_TRY(need_column(&id, table, "user_id", REC_COLUMN_TEXT, err));
    REC_TRY(need_column(&class, table, "class", REC_COLUMN_NUMBER, err));
    for (size_t row = 0; row < table->n_rows; row++) {
        size_t c;
        uint32_t user = id->text[row] != NULL ? rec_dataset_user(d, id->text[row]) : REC_NO_USER;
        if (user == REC_NO_USER)
            continue;
        REC_TRY(need_index(&c, table, class, row, t->n_classes, err));
        t->user_class[user] = (uint32_t)c;
    }
cleanup:
    return status;
}

static rec_status read_classes(rec_synth_truth *t, const rec_table *table, rec_error *err)
{
    rec_status status = REC_OK;
    const rec_column *thrifty, *theta;
    REC_TRY(need_column(&thrifty, table, "thrifty", REC_COLUMN_NUMBER, err));
    for (size_t c = 0; c < t->n_classes; c++)
        t->thrifty[c] = thrifty->number[c] != 0;
    for (size_t k = 0; k < t->n_topics; k++) {
        char name[32];
        snprintf(name, sizeof name, "topic_%zu", k);
        REC_TRY(need_column(&theta, table, name, REC_COLUMN_NUMBER, err));
        for (size_t c = 0; c < t->n_classes; c++)
            t->theta[c * t->n_topics + k] = theta->number[c];
    }
cleanup:
    return status;
}

rec_status rec_synth_truth_read(rec_synth_truth *t, const rec_dataset *d, rec_error *err)
{
    rec_status status = REC_OK;
    const rec_table *parameters, *items, *users, *classes;
    const rec_column *sequence, *price, *topics;
    size_t n_topics = 0;
    *t = (rec_synth_truth){.n_users = 0};
    REC_TRY(need_table(&parameters, d, "truth", err));
    REC_TRY(need_table(&items, d, "truth_items", err));
    REC_TRY(need_table(&users, d, "truth_users", err));
    REC_TRY(need_table(&classes, d, "truth_classes", err));
    REC_TRY(need_column(&sequence, parameters, "sequence", REC_COLUMN_NUMBER, err));
    REC_TRY(need_column(&price, parameters, "price_effect", REC_COLUMN_NUMBER, err));
    REC_TRY(need_column(&topics, parameters, "topics", REC_COLUMN_NUMBER, err));
    if (parameters->n_rows != 1) {
        status = rec_fail(err, REC_ERR_DATA, "table truth: one row is due");
        goto cleanup;
    }
    REC_TRY(need_index(&n_topics, parameters, topics, 0, 1 << 20, err));
    REC_TRY(
        rec_synth_truth_init(t, d->n_users, d->catalogue.n_items, n_topics, classes->n_rows, err));
    t->sequence = sequence->number[0];
    t->price_effect = price->number[0];
    for (size_t i = 0; i < t->n_items; i++)
        t->follows[i] = REC_NO_ITEM;
    REC_TRY(read_items(t, d, items, err));
    REC_TRY(read_users(t, d, users, err));
    REC_TRY(read_classes(t, classes, err));
cleanup:
    if (status != REC_OK)
        rec_synth_truth_deinit(t);
    return status;
}
