/* What the released code makes of an invented catalogue (golden/reclm_emb.py): texts of 1,100 items under
 * every alias, the 20 most similar of each item, and which items satisfy 120 test lines. */
#include <stdio.h>
#include <stdlib.h>

#include "core/hash.h"
#include "datasets/json_lines.h"
#include "datasets/records.h"
#include "models/reclm_emb/original/files.h"
#include "models/reclm_emb/original/original.h"
#include "tests/golden.h"
#include "tests/models/reclm_emb/films.h"

#define FOLDER GOLDEN("reclm_emb")

typedef struct shop {
    rec_dataset *d;
    rec_emb_data_options o;
    rec_emb_corpus c;
    rec_emb_text_index texts;
    rec_emb_original_facts facts;
    size_t n_texts, n_near, n_tied, n_judged;
} shop;

static void shop_open(shop *s)
{
    memset(s, 0, sizeof *s);
    s->d = load_data("{type: reclm_emb, conversion: original, path: '" FOLDER
                     "', split: {type: none}}");
    read_options(&s->o,
                 "{compat: original, roles: {lists: [tags, game_details], words: [publisher, "
                 "developer, primary_genre, subgenre]}}");
    s->c.dataset = s->d;
    ck_assert_ok(rec_emb_data_items(&s->c.items, &s->o, &s->d->catalogue, err));
    ck_assert_ok(rec_emb_original_facts_init(&s->facts, &s->c.items, &s->d->interactions, err));
}

static void shop_close(shop *s)
{
    rec_emb_original_facts_deinit(&s->facts);
    rec_emb_text_index_deinit(&s->texts);
    rec_emb_corpus_deinit(&s->c);
    rec_options_deinit(&s->o, rec_emb_data_option_table);
    rec_dataset_free(s->d);
}

static void check_text(const shop *s, uint32_t item, const rec_field *hash)
{
    char own[REC_SHA256_HEX];
    const char *text = s->c.items.texts[item];
    ck_assert_ok(rec_sha256_bytes(own, text, strlen(text), err));
    ck_assert_msg(hash->length == 16 && memcmp(own, hash->text, 16) == 0, "item %u: \"%s\"",
                  item + 1, text);
}

/* The set, whatever its order. */
static void check_near(const shop *s, uint32_t item, const rec_field *numbers, size_t n)
{
    const rec_emb_neighbours *x = &s->facts.neighbours;
    ck_assert_uint_eq(x->start[item + 1] - x->start[item], n);
    for (size_t i = 0; i < n; i++) {
        uint32_t wanted = (uint32_t)strtoul(numbers[i].text, NULL, 10) - 1;
        bool found = false;
        for (size_t k = x->start[item]; k < x->start[item + 1]; k++)
            found = found || x->item[k] == wanted;
        ck_assert_msg(found, "item %u lacks %u", item + 1, wanted + 1);
    }
}

static void check_record(shop *s, const rec_field *fields, size_t n)
{
    uint32_t item = (uint32_t)strtoul(fields[1].text, NULL, 10) - 1;
    if (rec_field_is(&fields[0], "text")) {
        check_text(s, item, &fields[2]);
        s->n_texts++;
    } else if (rec_field_is(&fields[0], "near")) {
        check_near(s, item, fields + 2, n - 2);
        s->n_near++;
    } else {
        s->n_tied++; /* equals at the cut: the original goes by order of sight, ours by number */
    }
}

START_TEST(items_and_their_neighbours)
{
    shop s;
    rec_records *r;
    const rec_field *fields;
    size_t n;
    const rec_records_format format = {.delimiter = " "};
    shop_open(&s);
    ck_assert_ok(rec_records_open(&r, FOLDER "/items.txt.gz", &format, err));
    for (;;) {
        ck_assert_ok(rec_records_next(&fields, &n, r, err));
        if (n == 0)
            break;
        check_record(&s, fields, n);
    }
    rec_records_close(r);
    ck_assert_uint_ge(s.n_texts, 1000);
    ck_assert_uint_ge(s.n_near, 100);
    ck_assert_uint_le(s.n_tied, 10);
    shop_close(&s);
}
END_TEST

static rec_status check_line(void *context, const cJSON *line, size_t number, rec_error *err)
{
    shop *s = context;
    const char *name = cJSON_GetObjectItemCaseSensitive(line, "file")->valuestring;
    const cJSON *satisfied = cJSON_GetObjectItemCaseSensitive(line, "satisfied"), *item;
    const rec_emb_file *file = rec_emb_files;
    size_t n = 0, n_rows = s->c.rows.n;
    while (strcmp(file->name, name) != 0)
        file++;
    rec_status status = rec_emb_original_line(&s->c, &s->texts, file, REC_EMB_TEST, 20,
                                              cJSON_GetObjectItemCaseSensitive(line, "line"), err);
    if (status != REC_OK)
        return status;
    s->n_judged += s->c.items.n;
    if (cJSON_GetArraySize(satisfied) == 0) { /* a price that is its own bound */
        ck_assert_uint_eq(s->c.rows.n, n_rows);
        return REC_OK;
    }
    const rec_emb_row *row = &s->c.rows.rows[s->c.rows.n - 1];
    ck_assert_uint_eq(s->c.rows.n, n_rows + 1);
    cJSON_ArrayForEach(item, satisfied)
    {
        ck_assert_msg(n < row->n_answers && row->answers[n] + 1 == (uint32_t)item->valuedouble,
                      "line %zu: %s", number, row->query);
        n++;
    }
    ck_assert_uint_eq(n, row->n_answers);
    return REC_OK;
}

START_TEST(predicates_hold_where_the_released_code_says_so)
{
    shop s;
    shop_open(&s);
    ck_assert_ok(rec_json_lines_read(FOLDER "/judged.jsonl.gz", NULL, check_line, &s, err));
    ck_assert_uint_ge(s.n_judged, 2000);
    shop_close(&s);
}
END_TEST

/* Rows of a catalogue with everything odd: no crash, no endless loop, and what they say holds. */
START_TEST(rows_of_an_odd_catalogue)
{
    shop s;
    size_t n[REC_EMB_N_TASKS] = {0};
    shop_open(&s);
    rec_emb_corpus_deinit(&s.c);
    make_corpus(&s.c, &s.o, s.d);
    for (size_t i = 0; i < s.c.rows.n; i++) {
        const rec_emb_row *row = &s.c.rows.rows[i];
        n[row->task]++;
        if (row->part == REC_EMB_TEST)
            ck_assert_uint_gt(row->n_answers, 0);
        else
            ck_assert(row->n_positives > 0 && row->n_negatives >= 4);
    }
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        ck_assert_msg(n[t] > 0, "%s", rec_emb_tasks[t]->name);
    shop_close(&s);
}
END_TEST

REC_SUITE("models/reclm_emb/original/golden", tcase_add_test(t, items_and_their_neighbours);
          tcase_add_test(t, rows_of_an_odd_catalogue);
          tcase_add_test(t, predicates_hold_where_the_released_code_says_so);)
