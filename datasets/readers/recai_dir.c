/* A dataset folder of RecAI's evaluator: metadata.json or .jsonl (one object per line),
 * sequential_data.txt (user, items oldest first), negative_samples.txt, search_data.csv. RecAI resolves
 * titles in five different ways and lets unknown item tokens become a padding item (RecLM-eval,
 * preprocess/); here one ordered list of members decides, and an unknown token is an error. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/item_json.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/records.h"
#include "datasets/sequences.h"
#include "datasets/tabular.h"

enum { ID_MEMBER, ID_LINE };

typedef struct recai_dir {
    char *path;
    int id;
    char *id_member;
    rec_string_list titles, numbers;
    bool allow_untitled, conflicting_titles;
} recai_dir;

static const char *const id_names[] = {"member", "line", NULL};

static const rec_option recai_dir_options[] = {
    {"path", "folder with metadata.json(l) and sequential_data.txt", offsetof(recai_dir, path),
     REC_OPT_STRING, .required = true},
    {"id", "item tokens are a member of the metadata, or its line numbers from 1",
     offsetof(recai_dir, id), REC_OPT_ENUM, .value = ID_MEMBER, .choices = id_names},
    {"id_member", "that member", offsetof(recai_dir, id_member), REC_OPT_STRING, .text = "id"},
    {"titles", "members with the title; the first present wins", offsetof(recai_dir, titles),
     REC_OPT_STRINGS, .text = "title,TitleName,app_name,GameName"},
    {"conflicting_titles", "two of these members may disagree",
     offsetof(recai_dir, conflicting_titles), REC_OPT_BOOL, .value = 0},
    {"allow_untitled", "items may lack a title", offsetof(recai_dir, allow_untitled), REC_OPT_BOOL,
     .value = 0},
    {"numbers", "item columns that are numbers; what is none becomes missing",
     offsetof(recai_dir, numbers), REC_OPT_STRINGS, .text = "price"},
    {.key = NULL},
};

static rec_status check_titles(const rec_builder *b, const recai_dir *o, const char *path,
                               rec_error *err)
{
    size_t n = rec_builder_n_items(b), untitled = 0;
    uint32_t first = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!rec_builder_has_title(b, i) && untitled++ == 0)
            first = i;
    if (untitled == 0 || o->allow_untitled)
        return REC_OK;
    return rec_fail(err, REC_ERR_DATA,
                    "%s: %zu items without a title, the first is \"%s\" (set allow_untitled, or "
                    "name the member in `titles`)",
                    path, untitled, rec_builder_item_id(b, first));
}

static rec_status read_metadata(rec_builder *b, const char *folder, const recai_dir *o,
                                rec_error *err)
{
    char *path = NULL;
    rec_item_json_rules rules = {
        .id = o->id_member,
        .titles = &o->titles,
        .strict_titles = !o->conflicting_titles,
        .first_line_id = o->id == ID_LINE ? 1 : 0,
        .lines = true,
    };
    rec_status status = rec_reader_file(&path, folder, "metadata.json", err);
    if (status == REC_OK && path == NULL)
        status = rec_reader_file(&path, folder, "metadata.jsonl", err);
    if (status == REC_OK && path == NULL)
        return rec_fail(err, REC_ERR_DATA, "%s: neither metadata.json nor metadata.jsonl", folder);
    if (status == REC_OK)
        status = rec_item_json_read(b, path, &rules, err);
    if (status == REC_OK)
        status = check_titles(b, o, path, err);
    free(path);
    return status;
}

static rec_status read_lines(rec_builder *b, const char *folder, const char *name,
                             rec_status (*read)(rec_builder *, const char *,
                                                const rec_sequence_rules *, rec_error *),
                             bool optional, rec_error *err)
{
    char *path = NULL;
    rec_sequence_rules rules = {.declared = true, .users_only = true};
    rec_status status = optional ? rec_reader_file(&path, folder, name, err)
                                 : rec_reader_need_file(&path, folder, name, err);
    if (status == REC_OK && path != NULL)
        status = read(b, path, &rules, err);
    free(path);
    return status;
}

/* query, target, candidates (ids with | between) -> table "queries". */
static rec_status read_queries(rec_builder *b, const char *folder, rec_error *err)
{
    rec_status status = REC_OK;
    char *path = NULL;
    rec_records *r = NULL;
    const rec_field *fields;
    size_t n;
    static const char *const names[] = {"query", "target", "candidates"};
    rec_field_plan plan[] = {{.kind = REC_FIELD_TEXT, .name = "query"},
                             {.kind = REC_FIELD_TEXT, .name = "target"},
                             {.kind = REC_FIELD_TEXTS, .name = "candidates", .separator = '|'}};
    REC_TRY(rec_reader_file(&path, folder, "search_data.csv", err));
    if (path == NULL)
        return REC_OK;
    rec_records_format format = {.delimiter = ",", .quoting = REC_QUOTES_FULL};
    REC_TRY(rec_records_open(&r, path, &format, err));
    REC_TRY(rec_records_next(&fields, &n, r, err));
    for (size_t i = 0; i < 3; i++) {
        if (i < n && rec_field_is(&fields[i], names[i]))
            continue;
        status = rec_fail(err, REC_ERR_DATA, "%s:1: header query,target,candidates is due", path);
        goto cleanup;
    }
    REC_TRY(rec_table_read(b, "queries", r, plan, 3, err));
cleanup:
    rec_records_close(r);
    free(path);
    return status;
}

static rec_status recai_dir_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const recai_dir *o = self;
    char *folder;
    (void)seed;
    rec_status status = rec_data_path(&folder, o->path, err);
    if (status != REC_OK)
        return status;
    status = read_metadata(b, folder, o, err);
    if (status == REC_OK)
        status = read_lines(b, folder, "sequential_data.txt", rec_sequences_read, false, err);
    if (status == REC_OK)
        status =
            read_lines(b, folder, "negative_samples.txt", rec_stored_negatives_read, true, err);
    if (status == REC_OK)
        status = read_queries(b, folder, err);
    if (status == REC_OK)
        status = rec_builder_infer_types(b, &o->numbers, err);
    free(folder);
    return status;
}

static bool recai_dir_recognises(const char *path)
{
    return rec_path_is_folder(path) && rec_folder_has(path, "sequential_data.txt");
}

const rec_reader rec_reader_recai_dir = {
    .name = "recai_dir",
    .help = "dataset folder of RecAI's evaluator",
    .files = "metadata.json(l), sequential_data.txt, negative_samples.txt, search_data.csv",
    .size = sizeof(recai_dir),
    .options = recai_dir_options,
    .recognises = recai_dir_recognises,
    .read = recai_dir_read,
};
