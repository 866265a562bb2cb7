/* Bytes as lines of the released RecLM-emb's files: a message, or rows that name users and items there are.
 * The first byte says which file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/yaml.h"
#include "models/reclm_emb/original/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static rec_dataset *dataset(void)
{
    static const char text[] = "{type: synth, users: 60, items: 50, mean_length: 8}";
    static rec_dataset *d;
    rec_yaml *map;
    if (d != NULL)
        return d;
    if (rec_yaml_parse(&map, text, strlen(text), "fuzz", NULL) != REC_OK ||
        rec_dataset_load(&d, map, 1, NULL) != REC_OK)
        abort();
    rec_yaml_free(map);
    return d;
}

static void check_items(const uint32_t *items, size_t n_listed, size_t n_items)
{
    for (size_t i = 0; i < n_listed; i++)
        if (items[i] >= n_items)
            abort();
}

static void check_row(const rec_emb_row *row, const rec_dataset *d)
{
    size_t n = d->catalogue.n_items;
    if ((row->user != REC_NO_USER && row->user >= d->n_users) ||
        (row->item != REC_NO_ITEM && row->item >= n) || row->query == NULL)
        abort();
    check_items(row->history, row->n_history, n);
    check_items(row->excluded, row->n_excluded, n);
    check_items(row->positives, row->n_positives, n);
    check_items(row->negatives, row->n_negatives, n);
    check_items(row->answers, row->n_answers, n);
    if (row->part == REC_EMB_TRAIN ? row->n_positives == 0 : row->n_answers == 0)
        abort();
}

static void take_line(rec_emb_corpus *c, rec_emb_text_index *texts, uint8_t which, const char *text,
                      size_t n)
{
    const rec_emb_file *file = &rec_emb_files[which % rec_emb_n_files];
    cJSON *json;
    if (rec_json_parse(&json, text, n, "line", 1, NULL) != REC_OK)
        return;
    for (size_t p = 0; p < REC_EMB_N_PARTS; p++)
        if (file->in[p])
            (void)rec_emb_original_line(c, texts, file, (rec_emb_part)p, 20, json, NULL);
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const rec_emb_data_options options = {.compat = REC_EMB_ORIGINAL,
                                                 .roles = {.noun = "film", .nouns = "films"}};
    rec_emb_corpus c = {.dataset = dataset()};
    rec_emb_text_index texts = {.pool = NULL};
    if (n < 2)
        return 0;
    if (rec_emb_data_items(&c.items, &options, &c.dataset->catalogue, NULL) != REC_OK)
        abort();
    for (size_t at = 1; at < n;) {
        const uint8_t *end = memchr(data + at, '\n', n - at);
        size_t length = end != NULL ? (size_t)(end - data) - at : n - at;
        take_line(&c, &texts, data[0], (const char *)data + at, length);
        at += length + 1;
    }
    for (size_t i = 0; i < c.rows.n; i++)
        check_row(&c.rows.rows[i], c.dataset);
    rec_emb_text_index_deinit(&texts);
    rec_emb_corpus_deinit(&c);
    return 0;
}
