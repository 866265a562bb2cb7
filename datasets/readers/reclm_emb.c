/* A dataset folder of RecLM-emb: metadata.json (one object per line, ids are line numbers from 1),
 * sequential_data.txt (user, items oldest first). */
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/item_fields.h"
#include "datasets/json_lines.h"
#include "datasets/reader.h"
#include "datasets/reader_paths.h"
#include "datasets/sequences.h"

enum { CONVERSION_FIXED, CONVERSION_ORIGINAL };

typedef struct reclm_emb {
    char *path;
    int conversion;
    rec_item_fields fields;
} reclm_emb;

static const char *const conversion_names[] = {"fixed", "original", NULL};

#define NAMES(field, help, names)                                                                  \
    {                                                                                              \
#field, help, offsetof(reclm_emb, fields.field), REC_OPT_STRINGS, .text = names            \
    }
static const rec_option reclm_emb_options[] = {
    {"path", "folder with metadata.json(l) and sequential_data.txt", offsetof(reclm_emb, path),
     REC_OPT_STRING, .required = true},
    {"conversion",
     "members as they are meant, or as the released code reads them, for its item texts",
     offsetof(reclm_emb, conversion), REC_OPT_ENUM, .value = CONVERSION_FIXED,
     .choices = conversion_names},
    NAMES(title, "members with the title; of all of these the first wins",
          "TitleName,app_name,title"),
    NAMES(tags, "members with tags", "GPT_tags,tags,popular_tags,genres"),
    NAMES(game_details, "members with further tags", "specs,game_details"),
    NAMES(publisher, "members with the publisher", "PublisherCurated,publisher"),
    NAMES(developer, "members with the developer", "DeveloperCurated,developer"),
    NAMES(primary_genre, "members with the main genre", "PrimaryGenre"),
    NAMES(subgenre, "members with the genre below it", "SubGenre"),
    NAMES(price, "members with the price", "SuggestPrice,price"),
    NAMES(release_date, "members with the date", "ReleaseDateCurated,release_date"),
    NAMES(description, "members with running text",
          "ProductDescription,desc_snippet,game_description,description"),
    {.key = NULL},
};
#undef NAMES

typedef struct reading {
    rec_builder *b;
    const reclm_emb *options;
    size_t n_lines;
} reading;

static rec_status add_line(void *context, const cJSON *object, size_t line, rec_error *err)
{
    reading *r = context;
    char id[32];
    uint32_t item;
    (void)line; /* blank ones have no item */
    int n = snprintf(id, sizeof id, "%zu", ++r->n_lines);
    rec_status status = rec_builder_item(&item, r->b, id, (size_t)n, err);
    if (status != REC_OK)
        return status;
    return r->options->conversion == CONVERSION_ORIGINAL
               ? rec_item_fields_add_original(r->b, item, object, &r->options->fields, err)
               : rec_item_fields_add(r->b, item, object, &r->options->fields, err);
}

static rec_status read_metadata(rec_builder *b, const char *folder, const reclm_emb *o,
                                rec_error *err)
{
    reading r = {.b = b, .options = o};
    char *path = NULL;
    rec_status status = rec_reader_file(&path, folder, "metadata.json", err);
    if (status == REC_OK && path == NULL)
        status = rec_reader_need_file(&path, folder, "metadata.jsonl", err);
    if (status == REC_OK)
        status = rec_json_lines_read(path, b, add_line, &r, err);
    free(path);
    return status;
}

static rec_status reclm_emb_read(const void *self, rec_builder *b, uint64_t seed, rec_error *err)
{
    const reclm_emb *o = self;
    const rec_sequence_rules rules = {.declared = true};
    char *folder = NULL, *path = NULL;
    rec_status status;
    (void)seed;
    REC_TRY(rec_data_path(&folder, o->path, err));
    REC_TRY(read_metadata(b, folder, o, err));
    REC_TRY(rec_reader_need_file(&path, folder, "sequential_data.txt", err));
    status = rec_sequences_read(b, path, &rules, err);
cleanup:
    free(path);
    free(folder);
    return status;
}

const rec_reader rec_reader_reclm_emb = {
    .name = "reclm_emb",
    .help = "dataset folder of RecLM-emb, whose items have attributes under many names",
    .files = "metadata.json(l), sequential_data.txt",
    .size = sizeof(reclm_emb),
    .options = reclm_emb_options,
    .read = reclm_emb_read,
};
