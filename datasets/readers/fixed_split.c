/* A split that others made, one file per part: "user item value" triples or "user item item ..." lists.
 * The defaults read the MCRec files of "A troubling analysis of reproducibility and progress in
 * recommender systems research", ACM TOIS 39(2), 2021 (NAME.train.rating, NAME.test.rating). Items
 * that occur in the test lists alone belong to the catalogue. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/records.h"
#include "datasets/sequences.h"
#include "datasets/tabular.h"

enum { TRIPLES, LISTS };

typedef struct fixed_split {
    char *path, *train, *valid, *test;
    int train_format, valid_format, test_format;
} fixed_split;

static const char *const format_names[] = {"triples", "lists", NULL};

static const rec_option fixed_split_options[] = {
    {"path", "folder of the files", offsetof(fixed_split, path), REC_OPT_STRING, .required = true},
    {"train", "training file; default: the only *.train.rating", offsetof(fixed_split, train),
     REC_OPT_STRING, .text = NULL},
    {"valid", "validation file; default: none", offsetof(fixed_split, valid), REC_OPT_STRING,
     .text = NULL},
    {"test", "test file; default: the only *.test.rating", offsetof(fixed_split, test),
     REC_OPT_STRING, .text = NULL},
    {"train_format", "triples \"user item [value [time]]\" or lists \"user item item ...\"",
     offsetof(fixed_split, train_format), REC_OPT_ENUM, .value = TRIPLES, .choices = format_names},
    {"valid_format", "the same for validation", offsetof(fixed_split, valid_format), REC_OPT_ENUM,
     .value = LISTS, .choices = format_names},
    {"test_format", "the same for test", offsetof(fixed_split, test_format), REC_OPT_ENUM,
     .value = LISTS, .choices = format_names},
    {.key = NULL},
};

static rec_status read_triples(rec_builder *b, const char *path, rec_part part, rec_error *err)
{
    rec_status status = REC_OK;
    rec_records *r = NULL;
    const rec_field *fields;
    size_t n, width = 0;
    REC_TRY(rec_records_open(&r, path, &(rec_records_format){.delimiter = " "}, err));
    REC_TRY(
        rec_records_next(&fields, &n, r, err)); /* the first line decides how wide the file is */
    width = n;
    rec_records_close(r);
    r = NULL;
    if (width < 2 || width > 4) {
        status = rec_fail(err, REC_ERR_DATA,
                          "%s:1: %zu fields; \"user item [value [time]]\" is due", path, width);
        goto cleanup;
    }
    rec_row_layout layout = {.user = 0,
                             .item = 1,
                             .value = width > 2 ? 2 : REC_NO_FIELD,
                             .time = REC_NO_FIELD,
                             .n_fields = width};
    REC_TRY(rec_records_open(&r, path, &(rec_records_format){.delimiter = " "}, err));
    REC_TRY(rec_rows_read(b, r, &layout, part, err));
cleanup:
    rec_records_close(r);
    return status;
}

static rec_status read_part(rec_builder *b, const char *folder, const char *name,
                            const char *ending, const char *option, int format, rec_part part,
                            rec_error *err)
{
    char *path = NULL;
    rec_status status = name != NULL ? rec_reader_need_file(&path, folder, name, err)
                                     : rec_reader_only_file(&path, folder, ending, option, err);
    if (status == REC_OK && path == NULL && part != REC_PART_VALID)
        status = rec_fail(err, REC_ERR_DATA, "%s: no *%s file; name one in `%s`", folder, ending,
                          option);
    if (status == REC_OK && path != NULL) {
        rec_sequence_rules rules = {.part = part};
        status = format == TRIPLES ? read_triples(b, path, part, err)
                                   : rec_sequences_read(b, path, &rules, err);
    }
    free(path);
    return status;
}

static rec_status fixed_split_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const fixed_split *o = self;
    char *folder;
    (void)seed;
    rec_status status = rec_data_path(&folder, o->path, err);
    if (status != REC_OK)
        return status;
    rec_builder_set_rows(b, REC_ROWS_VALUE | REC_ROWS_PART);
    status = read_part(b, folder, o->train, ".train.rating", "train", o->train_format,
                       REC_PART_TRAIN, err);
    if (status == REC_OK)
        status = read_part(b, folder, o->valid, ".valid.rating", "valid", o->valid_format,
                           REC_PART_VALID, err);
    if (status == REC_OK)
        status = read_part(b, folder, o->test, ".test.rating", "test", o->test_format,
                           REC_PART_TEST, err);
    free(folder);
    return status;
}

static bool fixed_split_recognises(const char *path)
{
    char *file = NULL;
    if (!rec_path_is_folder(path))
        return false;
    bool found =
        rec_reader_only_file(&file, path, ".train.rating", "train", NULL) == REC_OK && file != NULL;
    free(file);
    return found;
}

const rec_reader rec_reader_fixed_split = {
    .name = "fixed_split",
    .help = "one file per part, made by others",
    .files = "NAME.train.rating (triples), NAME.test.rating (lists), as in TOIS 2021's MCRec data",
    .size = sizeof(fixed_split),
    .options = fixed_split_options,
    .recognises = fixed_split_recognises,
    .read = fixed_split_read,
};
