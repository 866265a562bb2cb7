/* One line per user, "user item item ...", oldest first: the files of SASRec, S3-Rec and RecAI. Beside
 * it, attributes as JSON ({"item": [1, 2]}, as in S3-Rec's *_item2attributes.json), titles or a
 * declared catalogue as item metadata, and stored negatives in the same line format. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/item_json.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/sequences.h"

typedef struct sequence {
    char *path, *items, *attributes, *negative_samples;
} sequence;

static const rec_option sequence_options[] = {
    {"path", "file of lines \"user item item ...\"", offsetof(sequence, path), REC_OPT_STRING,
     .required = true},
    {"items",
     "JSON metadata that declares the catalogue: an item outside it is an error; beside "
     "`path` unless a path of its own",
     offsetof(sequence, items), REC_OPT_STRING, .text = NULL},
    {"attributes", "JSON {item: [attribute, ...]} for known items", offsetof(sequence, attributes),
     REC_OPT_STRING, .text = NULL},
    {"negative_samples", "file of lines \"user item item ...\" with stored candidates",
     offsetof(sequence, negative_samples), REC_OPT_STRING, .text = NULL},
    {.key = NULL},
};

static rec_status read_json(rec_builder *b, const char *folder, const char *name, bool known_only,
                            rec_error *err)
{
    char *path = NULL;
    if (name == NULL)
        return REC_OK;
    rec_item_json_rules rules = {.known_only = known_only};
    rec_status status = rec_reader_need_file(&path, folder, name, err);
    if (status == REC_OK)
        status = rec_item_json_read(b, path, &rules, err);
    free(path);
    return status;
}

static rec_status read_negatives(rec_builder *b, const char *folder, const sequence *o,
                                 rec_error *err)
{
    char *path = NULL;
    if (o->negative_samples == NULL)
        return REC_OK;
    rec_sequence_rules rules = {.declared = o->items != NULL};
    rec_status status = rec_reader_need_file(&path, folder, o->negative_samples, err);
    if (status == REC_OK)
        status = rec_stored_negatives_read(b, path, &rules, err);
    free(path);
    return status;
}

static rec_status sequence_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const sequence *o = self;
    rec_status status = REC_OK;
    char *path = NULL, *folder = NULL;
    (void)seed;
    REC_TRY(rec_data_path(&path, o->path, err));
    folder = rec_reader_folder_of(path, err);
    if (folder == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY(read_json(b, folder, o->items, false, err));
    rec_sequence_rules rules = {.declared = o->items != NULL};
    REC_TRY(rec_sequences_read(b, path, &rules, err));
    REC_TRY(read_json(b, folder, o->attributes, true, err));
    REC_TRY(read_negatives(b, folder, o, err));
    REC_TRY(rec_builder_infer_types(b, NULL, err));
cleanup:
    free(folder);
    free(path);
    return status;
}

static bool sequence_recognises(const char *path)
{
    return rec_ends_with(path, ".txt") && !rec_path_is_folder(path);
}

const rec_reader rec_reader_sequence = {
    .name = "sequence",
    .help = "one line per user: user item item ...",
    .files = "NAME.txt; attribute JSON, item metadata JSON, stored negatives",
    .size = sizeof(sequence),
    .options = sequence_options,
    .recognises = sequence_recognises,
    .read = sequence_read,
};
