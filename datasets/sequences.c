#include "datasets/sequences.h"

#include <string.h>

#include "core/interrupt.h"
#include "datasets/records.h"
#include "datasets/tabular.h"

static const rec_records_format blank_separated = {.delimiter = " "};

/* The first unknown item of a declared catalogue is where the error points; how many follow says
 * whether it is a typing error or the wrong file. */
typedef struct unknown_items {
    size_t n, line, column;
    char id[64];
} unknown_items;

static rec_status find_item(uint32_t *item, rec_builder *b, const rec_records *r,
                            const rec_field *field, bool declared, unknown_items *unknown,
                            rec_error *err)
{
    if (!declared)
        return rec_builder_item(item, b, field->text, field->length, err);
    *item = rec_builder_find_item(b, field->text, field->length);
    if (*item == REC_NO_ITEM && unknown->n++ == 0) {
        size_t length = field->length < sizeof unknown->id ? field->length : sizeof unknown->id - 1;
        memcpy(unknown->id, field->text, length);
        unknown->id[length] = '\0';
        unknown->line = rec_records_line(r);
        unknown->column = field->column;
    }
    return REC_OK;
}

static rec_status refuse_unknown(const rec_records *r, const unknown_items *unknown, rec_error *err)
{
    if (unknown->n == 0)
        return REC_OK;
    return rec_fail(err, REC_ERR_DATA,
                    "%s:%zu:%zu: item \"%s\" is not in the catalogue (%zu unknown items in this "
                    "file)",
                    rec_records_path(r), unknown->line, unknown->column, unknown->id, unknown->n);
}

static rec_status read_sequence(rec_builder *b, const rec_records *r, const rec_field *fields,
                                size_t n, const rec_sequence_rules *rules, unknown_items *unknown,
                                rec_error *err)
{
    uint32_t user, item;
    size_t n_users = rec_builder_n_users(b);
    if (n < 2)
        return rec_records_fail(err, r, NULL, "a user and no items");
    rec_status status = rec_builder_user(&user, b, fields[0].text, fields[0].length, err);
    if (status == REC_OK && user < n_users && !rec_builder_has_parts(b))
        status = rec_builder_count(b, "lines_of_known_users", 1, err);
    for (size_t i = 1; i < n && status == REC_OK; i++) {
        status = find_item(&item, b, r, &fields[i], rules->declared, unknown, err);
        if (status == REC_OK && item != REC_NO_ITEM)
            status = rec_builder_add(b, user, item, 1.0f, 0.0, rules->part, err);
    }
    return status;
}

rec_status rec_sequences_read(rec_builder *b, const char *path, const rec_sequence_rules *rules,
                              rec_error *err)
{
    rec_status status = REC_OK;
    rec_records *r = NULL;
    const rec_field *fields;
    size_t n;
    unknown_items unknown = {.n = 0};
    REC_TRY(rec_records_open(&r, path, &blank_separated, err));
    for (;;) {
        REC_TRY(rec_records_next(&fields, &n, r, err));
        if (n == 0)
            break;
        REC_TRY(read_sequence(b, r, fields, n, rules, &unknown, err));
        if (rec_records_line(r) % 4096 == 0)
            REC_TRY(rec_interrupt_check(err));
    }
    if (rec_records_get_counts(r).records == 0) {
        status = rec_fail(err, REC_ERR_DATA, "%s: empty file; lines \"user item item ...\" are due",
                          path);
        goto cleanup;
    }
    REC_TRY(refuse_unknown(r, &unknown, err));
    REC_TRY(rec_builder_count_records(b, r, err));
cleanup:
    rec_records_close(r);
    return status;
}

static rec_status read_candidates(rec_builder *b, const rec_records *r, const rec_field *fields,
                                  size_t n, const rec_sequence_rules *rules, unknown_items *unknown,
                                  rec_error *err)
{
    uint32_t item;
    size_t n_items = rec_builder_n_items(b);
    uint32_t user = rec_builder_find_user(b, fields[0].text, fields[0].length);
    if (user == REC_NO_USER && rules->users_only)
        return rec_records_fail(err, r, &fields[0], "user \"%.*s\" has candidates and no sequence",
                                (int)fields[0].length, fields[0].text);
    if (user == REC_NO_USER)
        return rec_builder_count(b, "negatives_of_unknown_users", n - 1, err);
    rec_status status = REC_OK;
    for (size_t i = 1; i < n && status == REC_OK; i++) {
        status = find_item(&item, b, r, &fields[i], rules->declared, unknown, err);
        if (status == REC_OK && item != REC_NO_ITEM)
            status = rec_builder_negative(b, user, item, err);
    }
    if (status == REC_OK)
        status =
            rec_builder_count(b, "items_only_in_negatives", rec_builder_n_items(b) - n_items, err);
    return status;
}

rec_status rec_stored_negatives_read(rec_builder *b, const char *path,
                                     const rec_sequence_rules *rules, rec_error *err)
{
    rec_status status = REC_OK;
    rec_records *r = NULL;
    const rec_field *fields;
    size_t n;
    unknown_items unknown = {.n = 0};
    REC_TRY(rec_records_open(&r, path, &blank_separated, err));
    for (;;) {
        REC_TRY(rec_records_next(&fields, &n, r, err));
        if (n == 0)
            break;
        REC_TRY(read_candidates(b, r, fields, n, rules, &unknown, err));
    }
    REC_TRY(refuse_unknown(r, &unknown, err));
    REC_TRY(rec_builder_count_records(b, r, err));
cleanup:
    rec_records_close(r);
    return status;
}
