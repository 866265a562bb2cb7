/* The files of LLMRank ("Large language models are zero-shot rankers for recommender systems", ECIR
 * 2024): NAME.inter with user, history as a list and the next item; NAME.item with titles. The history
 * is for training, the next item for test. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/records.h"
#include "datasets/tabular.h"

typedef struct llmrank {
    char *path, *items;
} llmrank;

static const rec_option llmrank_options[] = {
    {"path", "folder with one *.inter, or that file", offsetof(llmrank, path), REC_OPT_STRING,
     .required = true},
    {"items", "title file; default: the only *.item of the folder", offsetof(llmrank, items),
     REC_OPT_STRING, .text = NULL},
    {.key = NULL},
};

static const rec_records_format tab_separated = {.delimiter = "\t"};

static rec_status check_header(rec_records *r, const char *const *names, size_t n_names,
                               rec_error *err)
{
    const rec_field *fields;
    size_t n;
    rec_status status = rec_records_next(&fields, &n, r, err);
    if (status != REC_OK)
        return status;
    if (n == 0)
        return rec_fail(err, REC_ERR_DATA, "%s: empty file", rec_records_path(r));
    for (size_t i = 0; i < n_names; i++)
        if (i >= n || !rec_field_is(&fields[i], names[i]))
            return rec_records_fail(err, r, i < n ? &fields[i] : NULL, "header: %s is due here",
                                    names[i]);
    return REC_OK;
}

static rec_status read_titles(rec_builder *b, const char *path, rec_error *err)
{
    static const char *const names[] = {"item_id:token", "title:token_seq"};
    rec_field_plan plan[] = {{.kind = REC_FIELD_ID}, {.kind = REC_FIELD_TITLE}};
    rec_records *r = NULL;
    rec_status status = rec_records_open(&r, path, &tab_separated, err);
    if (status == REC_OK)
        status = check_header(r, names, 2, err);
    if (status == REC_OK)
        status = rec_items_read(b, r, plan, 2, err);
    rec_records_close(r);
    return status;
}

static rec_status add_item(rec_builder *b, uint32_t user, const rec_records *r, const char *id,
                           size_t length, const rec_field *field, rec_part part, rec_error *err)
{
    uint32_t item = rec_builder_find_item(b, id, length);
    if (item == REC_NO_ITEM)
        return rec_records_fail(err, r, field, "item \"%.*s\" is not in the title file",
                                (int)length, id);
    return rec_builder_add(b, user, item, 1.0f, 0.0, part, err);
}

static rec_status read_row(rec_builder *b, const rec_records *r, const rec_field *fields, size_t n,
                           rec_error *err)
{
    uint32_t user;
    size_t n_users = rec_builder_n_users(b);
    if (n != 3)
        return rec_records_fail(err, r, NULL, "%zu fields, but 3 are expected", n);
    rec_status status = rec_builder_user(&user, b, fields[0].text, fields[0].length, err);
    if (status != REC_OK)
        return status == REC_ERR_DATA ? rec_records_fail(err, r, &fields[0], "empty user id")
                                      : status;
    if (user < n_users)
        return rec_records_fail(err, r, &fields[0], "user \"%.*s\" has two lines",
                                (int)fields[0].length, fields[0].text);
    const char *p = fields[1].text, *end = p + fields[1].length;
    while (p < end && status == REC_OK) {
        const char *stop = memchr(p, ' ', (size_t)(end - p));
        stop = stop != NULL ? stop : end;
        if (stop > p)
            status = add_item(b, user, r, p, (size_t)(stop - p), &fields[1], REC_PART_TRAIN, err);
        p = stop + 1;
    }
    if (status == REC_OK)
        status =
            add_item(b, user, r, fields[2].text, fields[2].length, &fields[2], REC_PART_TEST, err);
    return status;
}

static rec_status read_inter(rec_builder *b, const char *path, rec_error *err)
{
    static const char *const names[] = {"user_id:token", "item_id_list:token_seq", "item_id:token"};
    rec_status status = REC_OK;
    rec_records *r = NULL;
    const rec_field *fields;
    size_t n;
    rec_builder_set_rows(b, REC_ROWS_PART);
    REC_TRY(rec_records_open(&r, path, &tab_separated, err));
    REC_TRY(check_header(r, names, 3, err));
    for (;;) {
        REC_TRY(rec_records_next(&fields, &n, r, err));
        if (n == 0)
            break;
        REC_TRY(read_row(b, r, fields, n, err));
    }
    if (!rec_builder_has_rows(b)) {
        status = rec_fail(err, REC_ERR_DATA, "%s: a header and no interactions", path);
        goto cleanup;
    }
    REC_TRY(rec_builder_count_records(b, r, err));
cleanup:
    rec_records_close(r);
    return status;
}

static rec_status find_files(char **inter, char **items, const llmrank *o, rec_error *err)
{
    rec_status status = REC_OK;
    char *path = NULL, *folder = NULL;
    REC_TRY(rec_data_path(&path, o->path, err));
    bool is_folder = rec_path_is_folder(path);
    folder = is_folder ? rec_strdup(path, err) : rec_reader_folder_of(path, err);
    if (folder == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    if (is_folder) {
        REC_TRY(rec_reader_only_file(inter, folder, ".inter", "path", err));
    } else {
        *inter = path;
        path = NULL;
    }
    if (*inter == NULL)
        status = rec_fail(err, REC_ERR_DATA, "%s: no .inter file in this folder", folder);
    else if (o->items != NULL)
        status = rec_reader_need_file(items, folder, o->items, err);
    else
        status = rec_reader_only_file(items, folder, ".item", "items", err);
    if (status == REC_OK && *items == NULL)
        status = rec_fail(err, REC_ERR_DATA, "%s: no .item file in this folder", folder);
cleanup:
    free(folder);
    free(path);
    return status;
}

static rec_status llmrank_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    char *inter = NULL, *items = NULL;
    (void)seed;
    rec_status status = find_files(&inter, &items, self, err);
    if (status == REC_OK)
        status = read_titles(b, items, err);
    if (status == REC_OK)
        status = read_inter(b, inter, err);
    free(items);
    free(inter);
    return status;
}

static bool llmrank_recognises(const char *path)
{
    static const char wanted[] = "user_id:token\titem_id_list:token_seq";
    char *file = NULL;
    rec_text text;
    if (rec_path_is_folder(path) &&
        (rec_reader_only_file(&file, path, ".inter", "path", NULL) != REC_OK || file == NULL))
        return false;
    bool found = false;
    if (rec_text_read(&text, file != NULL ? file : path, NULL) == REC_OK) {
        found = text.length > sizeof wanted && memcmp(text.data, wanted, sizeof wanted - 1) == 0;
        rec_text_close(&text);
    }
    free(file);
    return found;
}

const rec_reader rec_reader_llmrank = {
    .name = "llmrank",
    .help = "LLMRank: history as a list, next item, titles",
    .files = "NAME.inter (user_id, item_id_list, item_id), NAME.item (item_id, title)",
    .size = sizeof(llmrank),
    .options = llmrank_options,
    .recognises = llmrank_recognises,
    .read = llmrank_read,
};
