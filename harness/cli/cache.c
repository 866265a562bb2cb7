/* harness/cli/cache.c: recai cache ACTION [FILE], recorded answers of language models */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/progress.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"
#include "harness/report/sheet.h"
#include "models/lm/replies/bundle.h"

typedef struct cache_flags {
    char *cache, *identity;
    int format;
} cache_flags;

#define FIELD(name) offsetof(cache_flags, name)
static const rec_option options[] = {
    {"cache", "file of the cache; default: replies.sqlite in ~/.cache/recai", FIELD(cache),
     REC_OPT_STRING, .text = NULL},
    {"identity", "export: only the answers of this model, as stats names it", FIELD(identity),
     REC_OPT_STRING, .text = NULL},
    {"format", "stats: form of the table", FIELD(format), REC_OPT_ENUM, .value = REC_FORMAT_TABLE,
     .choices = rec_format_names},
    {.key = NULL},
};
#undef FIELD

static const rec_flag_alias aliases[] = {{'f', "format"}, {0, NULL}};

static rec_status stats_sheet(rec_buffer *out, const rec_reply_count *counts, size_t n,
                              rec_format_kind format, rec_error *err)
{
    static const char *const columns[] = {"generated", "scored", "embedded"};
    rec_sheet *sheet = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(&sheet, NULL, err));
    REC_TRY(rec_sheet_column(sheet, "model", false, err));
    for (size_t k = 0; k < 3; k++)
        REC_TRY(rec_sheet_column(sheet, columns[k], true, err));
    for (size_t i = 0; i < n; i++) {
        REC_TRY(rec_sheet_cell(sheet, err, "%s", counts[i].identity));
        for (size_t k = 0; k < 3; k++)
            REC_TRY(rec_sheet_cell(sheet, err, "%" PRIu64, counts[i].n[k]));
    }
    REC_TRY(rec_sheet_print(out, sheet, format, 0, err));
cleanup:
    rec_sheet_free(sheet);
    return status;
}

static rec_status stats(rec_reply_store *store, const cache_flags *f, rec_error *err)
{
    rec_reply_count *counts = NULL;
    rec_buffer out = {.data = NULL};
    size_t n;
    rec_status status;
    if (f->format == REC_FORMAT_JSON)
        return rec_fail(err, REC_ERR_CONFIG,
                        "--format json: not a form of this table (allowed: table, md, csv, "
                        "latex, html)");
    REC_TRY(rec_reply_store_counts(&counts, &n, store, err));
    REC_TRY(stats_sheet(&out, counts, n, (rec_format_kind)f->format, err));
    REC_TRY(rec_output_write(&out, err));
cleanup:
    rec_buffer_deinit(&out);
    rec_reply_counts_free(counts, n);
    return status;
}

typedef enum action { STATS, EXPORT, IMPORT } action;

static rec_status find_action(action *out, char *const *arguments, size_t n, rec_error *err)
{
    static const char *const names[] = {"stats", "export", "import"};
    char hint[REC_HINT_MAX];
    for (size_t i = 0; i < 3; i++) {
        *out = (action)i;
        if (strcmp(arguments[0], names[i]) != 0)
            continue;
        if (*out == STATS && n > 1)
            return rec_fail(err, REC_ERR_CONFIG, "stats takes no FILE");
        if (*out != STATS && n == 1)
            return rec_fail(err, REC_ERR_CONFIG, "%s needs a FILE", names[i]);
        return REC_OK;
    }
    return rec_fail(err, REC_ERR_CONFIG, "unknown action \"%.80s\"%s (stats, export, import)",
                    arguments[0], rec_hint(hint, arguments[0], names, 3));
}

static rec_status act(rec_reply_store *store, action a, const char *file, const char *path,
                      const cache_flags *f, rec_error *err)
{
    size_t n;
    rec_status status;
    if (a == STATS)
        return stats(store, f, err);
    if (a == EXPORT)
        status = rec_bundle_export(&n, file, store, f->identity, err);
    else
        status = rec_bundle_import(&n, store, file, err);
    if (status == REC_OK)
        rec_info("%zu answers written to %s", n, a == EXPORT ? file : path);
    if (status == REC_OK && rec_reply_store_n_corrupted(store) > 0)
        rec_warn("%s: %" PRIu64 " damaged entries left out", path,
                 rec_reply_store_n_corrupted(store));
    return status;
}

static rec_status cache(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const cache_flags *f = self;
    rec_reply_store *store = NULL;
    char *path = NULL;
    action a;
    rec_status status;
    REC_TRY(find_action(&a, arguments, n_arguments, err));
    REC_TRY(rec_reply_store_path(&path, f->cache, err));
    REC_TRY(
        rec_reply_store_open(&store, path, a == IMPORT ? REC_STORE_WRITE : REC_STORE_READ, err));
    REC_TRY(act(store, a, n_arguments > 1 ? arguments[1] : NULL, path, f, err));
cleanup:
    rec_reply_store_close(store);
    free(path);
    return status;
}

const rec_command rec_command_cache = {
    .name = "cache",
    .arguments = "stats|export|import [FILE]",
    .help = "recorded answers of language models: what there is, hand on, take in",
    .details = "  stats        models in the cache, and how many answers of each\n"
               "  export FILE  write a bundle (JSON lines) that `backend: replay` reads\n"
               "  import FILE  put the answers of a bundle into the cache",
    .examples = "  recai cache stats\n"
                "  recai cache export answers.jsonl\n"
                "  recai cache import answers.jsonl --cache project.sqlite",
    .size = sizeof(cache_flags),
    .options = options,
    .aliases = aliases,
    .min_arguments = 1,
    .max_arguments = 2,
    .run = cache,
};
