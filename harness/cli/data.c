/* harness/cli/data.c: recai data CONFIG|PATH, recai data reclm-emb CONFIG */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "datasets/export.h"
#include "datasets/reader.h"
#include "harness/cli/command.h"
#include "harness/cli/data_reclm_emb.h"
#include "harness/cli/output.h"
#include "harness/report/dataset_show.h"
#include "harness/run/config.h"
#include "harness/run/config_tree.h"

typedef struct data_flags {
    rec_string_list set;
    char *reader, *write, *out;
    int64_t seed;
    int format, layout;
} data_flags;

/* By rec_emb_files_layout. */
static const char *const layout_names[] = {"own", "original", "beir", NULL};

static const rec_option data_options[] = {
    {"set", "override a key of the config: dataset.split.type=none (repeatable)",
     offsetof(data_flags, set), REC_OPT_STRINGS, .text = NULL},
    {"reader", "format of a folder or file; default: guessed (recai list readers)",
     offsetof(data_flags, reader), REC_OPT_STRING, .text = NULL},
    {"seed", "seed of a split or sample that draws; default: that of the config, else 42",
     offsetof(data_flags, seed), REC_OPT_INT, .value = -1, .min = -1, .max = 9e15},
    {"write", "also write the data as RecBole files into this folder (converts any format)",
     offsetof(data_flags, write), REC_OPT_STRING, .text = NULL},
    {"out", "reclm-emb: folder of the files", offsetof(data_flags, out), REC_OPT_STRING,
     .text = NULL},
    {"layout",
     "reclm-emb: files of this program, of the released RecLM-emb (names, ids), or BEIR's for "
     "other harnesses",
     offsetof(data_flags, layout), REC_OPT_ENUM, .value = REC_EMB_FILES_OWN,
     .choices = layout_names},
    {"format", "form of the result", offsetof(data_flags, format), REC_OPT_ENUM, .value = 0,
     .choices = rec_format_names},
    {.key = NULL},
};

static const rec_flag_alias data_aliases[] = {{'f', "format"}, {0, NULL}};

static bool is_config(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static rec_status guess_reader(const rec_reader **out, const char *path, rec_error *err)
{
    for (size_t i = 0; i < rec_n_readers; i++) {
        if (rec_readers[i]->recognises != NULL && rec_readers[i]->recognises(path)) {
            *out = rec_readers[i];
            return REC_OK;
        }
    }
    return rec_fail(err, REC_ERR_DATA,
                    "%s: no known format; name it with --reader (recai list readers), or write a "
                    "config with a `dataset:` mapping",
                    path);
}

/* {type: READER, path: PATH}; the tree lives until the caller frees it. */
static rec_status map_of_path(rec_yaml **out, const char *given, const data_flags *f,
                              rec_error *err)
{
    rec_status status = REC_OK;
    char *path = NULL;
    const rec_reader *reader = f->reader != NULL ? rec_reader_find(f->reader) : NULL;
    rec_yaml *map = NULL;
    if (f->reader != NULL && reader == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "--reader: unknown reader \"%s\" (recai list readers)",
                        f->reader);
    REC_TRY(rec_data_path(&path, given, err));
    if (reader == NULL)
        REC_TRY(guess_reader(&reader, path, err));
    map = rec_yaml_new(REC_YAML_MAP, NULL, "command line", err);
    rec_yaml *type = rec_yaml_new(REC_YAML_SCALAR, reader->name, "command line", err);
    rec_yaml *place = rec_yaml_new(REC_YAML_SCALAR, given, "command line", err);
    if (map == NULL || type == NULL || place == NULL) {
        rec_yaml_free(type);
        rec_yaml_free(place);
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    status = rec_yaml_put(map, "type", NULL, type, err);
    if (status == REC_OK)
        status = rec_yaml_put(map, "path", NULL, place, err);
    else
        rec_yaml_free(place);
cleanup:
    if (status != REC_OK) {
        rec_yaml_free(map);
        map = NULL;
    }
    *out = map;
    free(path);
    return status;
}

static rec_status seed_of(uint64_t *seed, const rec_yaml *root, const data_flags *f, rec_error *err)
{
    int64_t value = 42;
    const rec_yaml *one = rec_yaml_get(root, "seed"), *list = rec_yaml_get(root, "seeds");
    if (f->seed >= 0)
        value = f->seed;
    else if (one != NULL || (list != NULL && list->n > 0)) {
        rec_status status = rec_yaml_int(&value, one != NULL ? one : list->items[0], err);
        if (status != REC_OK)
            return status;
    }
    *seed = (uint64_t)value;
    return REC_OK;
}

/* Of the config only the `dataset:` mapping and the seed count here: the rest may be missing. */
static rec_status load_tree(rec_dataset **out, rec_config_tree *tree, const char *path,
                            const data_flags *f, rec_error *err)
{
    rec_status status = REC_OK;
    uint64_t seed;
    REC_TRY(rec_config_tree_read(tree, path, err));
    for (size_t i = 0; i < f->set.n; i++)
        REC_TRY(rec_config_tree_set(tree, f->set.items[i], err));
    REC_TRY(rec_config_check_keys(tree->root, err));
    const rec_yaml *map = rec_yaml_get(tree->root, "dataset");
    if (map == NULL)
        return rec_yaml_fail(err, tree->root, "no `dataset:` mapping in this config");
    REC_TRY(seed_of(&seed, tree->root, f, err));
    status = rec_dataset_load(out, map, seed, err);
cleanup:
    return status;
}

static rec_status load_config(rec_dataset **out, const char *path, const data_flags *f,
                              rec_error *err)
{
    rec_config_tree tree = {.root = NULL};
    rec_status status = load_tree(out, &tree, path, f, err);
    rec_config_tree_deinit(&tree);
    return status;
}

/* recai data reclm-emb CONFIG --out DIR */
static rec_status write_reclm_emb(const char *path, const data_flags *f, rec_error *err)
{
    rec_config_tree tree = {.root = NULL};
    rec_dataset *d = NULL;
    if (path == NULL || f->out == NULL)
        return rec_fail(err, REC_ERR_CONFIG,
                        "%s is missing: recai data reclm-emb CONFIG --out FOLDER",
                        path == NULL ? "a config" : "--out");
    rec_status status = load_tree(&d, &tree, path, f, err);
    if (status == REC_OK)
        status = rec_data_reclm_emb(d, tree.root, f->out, (rec_emb_files_layout)f->layout, err);
    rec_dataset_free(d);
    rec_config_tree_deinit(&tree);
    return status;
}

static rec_status load_path(rec_dataset **out, const char *path, const data_flags *f,
                            rec_error *err)
{
    rec_yaml *map = NULL;
    uint64_t seed;
    rec_status status = map_of_path(&map, path, f, err);
    if (status == REC_OK)
        status = seed_of(&seed, map, f, err);
    if (status == REC_OK)
        status = rec_dataset_load(out, map, seed, err);
    rec_yaml_free(map);
    return status;
}

static rec_status data(void *flags, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const data_flags *f = flags;
    rec_status status = REC_OK;
    rec_dataset *d = NULL;
    rec_buffer out = {.length = 0};
    if (strcmp(arguments[0], "reclm-emb") == 0)
        return write_reclm_emb(n_arguments > 1 ? arguments[1] : NULL, f, err);
    if (n_arguments > 1)
        return rec_fail(err, REC_ERR_CONFIG, "one CONFIG or PATH, not %zu", n_arguments);
    REC_TRY(is_config(arguments[0]) ? load_config(&d, arguments[0], f, err)
                                    : load_path(&d, arguments[0], f, err));
    if (f->write != NULL)
        REC_TRY(rec_dataset_export(d, f->write, d->name, err));
    REC_TRY(rec_dataset_show(&out, d, (rec_format_kind)f->format, rec_output_width(), err));
    status = rec_output_write(&out, err);
cleanup:
    rec_buffer_deinit(&out);
    rec_dataset_free(d);
    return status;
}

const rec_command rec_command_data = {
    .name = "data",
    .arguments = "[reclm-emb] CONFIG|PATH",
    .help = "describe a data set: sizes, columns, oddities, split, leak check",
    .details =
        "CONFIG is a YAML file with a `dataset:` mapping; PATH a folder or file whose format is\n"
        "guessed (docs/data.md). The leak check counts test pairs that are also in training,\n"
        "training interactions later than the test, and items that only the test knows.\n"
        "`reclm-emb` writes the rows that RecLM-emb is trained and tested on instead, and checks\n"
        "that they share nothing they must not (docs/reclm-emb.md).",
    .examples = "  recai data configs/quickstart.yaml\n"
                "  recai data data:ml-100k\n"
                "  recai data data:amazon-games --write games-recbole\n"
                "  recai data reclm-emb configs/reclm-emb-movies.yaml --out rows/\n"
                "  recai data reclm-emb configs/reclm-emb-movies.yaml --layout beir --out beir/\n"
                "  recai data --reader sequence Beauty.txt --format json | jq .statistics",
    .size = sizeof(data_flags),
    .options = data_options,
    .aliases = data_aliases,
    .min_arguments = 1,
    .max_arguments = 2,
    .run = data,
};
