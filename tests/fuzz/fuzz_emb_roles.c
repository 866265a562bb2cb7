/* Any bytes as `data:` options of RecLM-emb over a small catalogue, and as a request over it: a message, or
 * rows that keep their word. */
#include <stdlib.h>
#include <string.h>

#include "core/yaml.h"
#include "models/reclm_emb/corpus.h"
#include "models/reclm_emb/read_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static rec_dataset *catalogue(void)
{
    static const char text[] = "{type: synth, users: 20, items: 12, topics: 3, mean_length: 6}";
    rec_error err;
    rec_yaml *map;
    rec_dataset *d;
    if (rec_yaml_parse(&map, text, strlen(text), "fuzz", &err) != REC_OK ||
        rec_dataset_load(&d, map, 1, &err) != REC_OK)
        abort();
    rec_yaml_free(map);
    return d;
}

static void check_rows(const rec_emb_corpus *c)
{
    for (size_t i = 0; i < c->rows.n; i++) {
        const rec_emb_row *row = &c->rows.rows[i];
        for (size_t k = 0; k < row->n_negatives; k++)
            if (rec_emb_row_accepts(row, &c->items, row->negatives[k]))
                abort();
    }
}

static void make_rows(const rec_emb_data_options *o, const rec_dataset *d)
{
    rec_emb_corpus_plan plan = {.parts = {true, true, true}};
    rec_emb_corpus c;
    rec_error err;
    memset(plan.tasks, true, sizeof plan.tasks);
    if (rec_emb_corpus_init(&c, o, d, &plan, &err) != REC_OK)
        return;
    check_rows(&c);
    rec_emb_corpus_deinit(&c);
}

static void read_request(const char *text, const rec_dataset *d)
{
    const rec_emb_roles roles = {.noun = "film", .nouns = "films"};
    rec_emb_items items;
    rec_emb_condition conditions[8];
    rec_error err;
    if (rec_emb_items_init(&items, &roles, &d->catalogue, &err) != REC_OK)
        abort();
    size_t n = rec_emb_read_query(conditions, 8, &items, text);
    if (n > 8)
        abort();
    for (size_t i = 0; i < n; i++)
        rec_emb_holds(&items, &conditions[i], 0);
    rec_emb_items_deinit(&items);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static rec_dataset *d;
    rec_emb_data_options o;
    rec_error err;
    rec_yaml *map;
    char *text = calloc(n + 1, 1);
    if (text == NULL)
        abort();
    memcpy(text, data, n);
    d = d == NULL ? catalogue() : d;
    read_request(text, d);
    if (rec_yaml_parse(&map, text, n, "fuzz.yaml", &err) == REC_OK) {
        if (rec_options_parse(&o, rec_emb_data_option_table, map, NULL, &err) == REC_OK) {
            free(o.wording); /* a path: not what is fuzzed here */
            o.wording = NULL;
            make_rows(&o, d);
            rec_options_deinit(&o, rec_emb_data_option_table);
        }
        rec_yaml_free(map);
    }
    free(text);
    return 0;
}
