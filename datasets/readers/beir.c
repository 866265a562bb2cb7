/* A retrieval collection in the layout of BEIR ("BEIR: a heterogeneous benchmark for zero-shot evaluation of
 * information retrieval models", NeurIPS 2021 datasets track): corpus.jsonl {_id, title, text}, queries.jsonl
 * {_id, text}, qrels/SPLIT.tsv (query-id, corpus-id, score). Passages are items, and there are no users:
 * the tables `queries` and `qrels` are what the task `search` asks.
 *
 * A query's metadata may list ids that are no answer to it ({"excluded": [...]}), as the rows that
 * `recai data reclm-emb --layout beir` writes do. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "datasets/json_lines.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/records.h"
#include "datasets/strings.h"
#include "datasets/tabular.h"

typedef struct beir {
    char *path, *qrels;
} beir;

static const rec_option beir_options[] = {
    {"path", "folder with corpus.jsonl, queries.jsonl and qrels/", offsetof(beir, path),
     REC_OPT_STRING, .required = true},
    {"qrels", "which judgments: qrels/NAME.tsv", offsetof(beir, qrels), REC_OPT_STRING,
     .text = "test"},
    {.key = NULL},
};

typedef struct reading {
    rec_builder *b;
    rec_column_builder *passage;               /* item column `text` */
    rec_table_builder *queries, *judgments;    /* tables */
    rec_column_builder *id, *query, *excluded; /* of queries */
    rec_column_builder *of, *item, *level;     /* of qrels */
    rec_interner judged;                       /* ids of queries that have judgments */
    rec_strings *pool;                         /* of it */
    bool *is_asked;                            /* (judged.n) the query has a text */
    size_t n_asked;
} reading;

static rec_status make_columns(reading *r, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_builder_column(&r->passage, r->b, "text", REC_COLUMN_TEXT, err));
    REC_TRY(rec_builder_table(&r->queries, r->b, "queries", err));
    REC_TRY(rec_table_builder_column(&r->id, r->queries, "id", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&r->query, r->queries, "query", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&r->excluded, r->queries, "excluded", REC_COLUMN_TEXTS, err));
    REC_TRY(rec_builder_table(&r->judgments, r->b, "qrels", err));
    REC_TRY(rec_table_builder_column(&r->of, r->judgments, "query", REC_COLUMN_TEXT, err));
    REC_TRY(rec_table_builder_column(&r->item, r->judgments, "item", REC_COLUMN_TEXT, err));
    status = rec_table_builder_column(&r->level, r->judgments, "level", REC_COLUMN_NUMBER, err);
cleanup:
    return status;
}

/* A member that is an id: text, or a number. */
static rec_status id_of(const char **id, char number[32], const cJSON *object, rec_error *err)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, "_id");
    *id = member != NULL ? rec_json_scalar(member, number) : NULL;
    return *id != NULL && **id != '\0' ? REC_OK : rec_fail(err, REC_ERR_DATA, "no \"_id\"");
}

/* ---- the corpus ---- */

/* The title that people see may lie in the metadata, where `title` is empty because the text has it. */
static const char *title_of(const cJSON *object)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(object, "metadata");
    const char *title = rec_json_string(object, "title", NULL);
    if ((title == NULL || *title == '\0') && cJSON_IsObject(metadata))
        title = rec_json_string(metadata, "title", NULL);
    return title != NULL ? title : "";
}

static rec_status add_passage(void *context, const cJSON *object, size_t line, rec_error *err)
{
    reading *r = context;
    char number[32];
    const char *id, *title = title_of(object), *text = rec_json_string(object, "text", err);
    uint32_t item;
    size_t n_items = rec_builder_n_items(r->b);
    rec_status status;
    (void)line;
    if (text == NULL)
        return REC_ERR_DATA;
    REC_TRY(id_of(&id, number, object, err));
    REC_TRY(rec_builder_item(&item, r->b, id, strlen(id), err));
    if (item < n_items)
        return rec_fail(err, REC_ERR_DATA, "passage \"%s\" has two lines", id);
    REC_TRY(rec_builder_title(r->b, item, title, strlen(title), err));
    status = rec_column_set_text(r->passage, item, text, strlen(text), err);
cleanup:
    return status;
}

/* ---- judgments ---- */

static bool is_header(const rec_field *fields)
{
    return rec_field_is(&fields[0], "query-id") && rec_field_is(&fields[1], "corpus-id");
}

static rec_status add_judgment(reading *r, const rec_records *records, const rec_field *fields,
                               rec_error *err)
{
    double level;
    uint32_t number;
    size_t row;
    rec_status status;
    REC_TRY(rec_records_number(&level, records, &fields[2], "score", err));
    if (rec_builder_find_item(r->b, fields[1].text, fields[1].length) == REC_NO_ITEM)
        return rec_records_fail(err, records, &fields[1], "passage \"%.*s\" is not in corpus.jsonl",
                                (int)fields[1].length, fields[1].text);
    REC_TRY(rec_interner_add(&number, &r->judged, fields[0].text, fields[0].length, err));
    row = rec_table_builder_row(r->judgments);
    REC_TRY(rec_column_set_text(r->of, row, fields[0].text, fields[0].length, err));
    REC_TRY(rec_column_set_text(r->item, row, fields[1].text, fields[1].length, err));
    status = rec_column_set_number(r->level, row, level, err);
cleanup:
    return status;
}

static rec_status read_judgments(reading *r, const char *path, rec_error *err)
{
    static const rec_records_format tabs = {.delimiter = "\t"};
    rec_records *records = NULL;
    const rec_field *fields;
    size_t n, n_read = 0;
    rec_status status;
    REC_TRY(rec_records_open(&records, path, &tabs, err));
    for (;; n_read++) {
        REC_TRY(rec_records_next(&fields, &n, records, err));
        if (n == 0)
            break;
        if (n != 3)
            REC_TRY(rec_records_fail(err, records, NULL,
                                     "%zu fields; query-id, corpus-id and score are expected", n));
        if (n_read > 0 || !is_header(fields))
            REC_TRY(add_judgment(r, records, fields, err));
    }
    if (r->judged.n == 0)
        REC_TRY(rec_fail(err, REC_ERR_DATA, "%s: no judgment", path));
    status = rec_builder_count_records(r->b, records, err);
cleanup:
    rec_records_close(records);
    return status;
}

/* ---- queries ---- */

static rec_status add_query(void *context, const cJSON *object, size_t line, rec_error *err)
{
    reading *r = context;
    char number[32];
    const char *id, *text = rec_json_string(object, "text", err);
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(object, "metadata");
    const cJSON *excluded = cJSON_GetObjectItemCaseSensitive(metadata, "excluded");
    uint32_t judged;
    size_t row;
    rec_status status;
    (void)line;
    if (text == NULL)
        return REC_ERR_DATA;
    REC_TRY(id_of(&id, number, object, err));
    judged = rec_interner_find(&r->judged, id, strlen(id));
    if (judged == UINT32_MAX)
        return rec_builder_count(r->b, "queries_without_judgment", 1, err);
    if (r->is_asked[judged])
        return rec_fail(err, REC_ERR_DATA, "query \"%s\" has two lines", id);
    r->is_asked[judged] = true;
    r->n_asked++;
    row = rec_table_builder_row(r->queries);
    REC_TRY(rec_column_set_text(r->id, row, id, strlen(id), err));
    REC_TRY(rec_column_set_text(r->query, row, text, strlen(text), err));
    if (cJSON_IsArray(excluded))
        status = rec_json_add_list(r->excluded, row, excluded, err);
cleanup:
    return status;
}

static rec_status read_lines(reading *r, const char *folder, const char *name, rec_json_line_fn add,
                             rec_error *err)
{
    char *path = NULL;
    rec_status status = rec_reader_need_file(&path, folder, name, err);
    if (status == REC_OK)
        status = rec_json_lines_read(path, r->b, add, r, err);
    free(path);
    return status;
}

static rec_status beir_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const beir *o = self;
    reading r = {.b = b};
    char *folder = NULL, *name = NULL, *judgments = NULL;
    rec_status status;
    (void)seed;
    REC_TRY(rec_data_path(&folder, o->path, err));
    name = rec_format(err, "qrels/%s.tsv", o->qrels);
    if (name == NULL)
        REC_TRY(REC_ERR_RESOURCE);
    REC_TRY(rec_strings_new(&r.pool, err));
    r.judged.pool = r.pool;
    REC_TRY(make_columns(&r, err));
    REC_TRY(read_lines(&r, folder, "corpus.jsonl", add_passage, err));
    REC_TRY(rec_reader_need_file(&judgments, folder, name, err));
    REC_TRY(read_judgments(&r, judgments, err));
    REC_TRY_NEW(r.is_asked, r.judged.n, err);
    REC_TRY(read_lines(&r, folder, "queries.jsonl", add_query, err));
    status = rec_builder_count(b, "judged_queries_without_text", r.judged.n - r.n_asked, err);
cleanup:
    free(r.is_asked);
    rec_interner_deinit(&r.judged);
    rec_strings_free(r.pool);
    free(judgments);
    free(name);
    free(folder);
    return status;
}

static bool beir_recognises(const char *path)
{
    return rec_path_is_folder(path) && rec_folder_has(path, "corpus.jsonl") &&
           rec_folder_has(path, "queries.jsonl");
}

const rec_reader rec_reader_beir = {
    .name = "beir",
    .help = "passages, queries and judgments in the layout of BEIR",
    .files = "corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv",
    .size = sizeof(beir),
    .options = beir_options,
    .recognises = beir_recognises,
    .read = beir_read,
};
