/* models/reclm_emb/split.c: options of the data, and who is held out. */
#include <stdlib.h>

#include "core/memory.h"
#include "core/rng.h"
#include "models/reclm_emb/data.h"

#define FIELD(name) offsetof(rec_emb_data_options, name)
#define SHARE(key, help, field, share)                                                             \
    {                                                                                              \
        key, help, FIELD(field), REC_OPT_REAL, .value = (share), .min = 0, .max = 0.9              \
    }
#define COUNT(key, help, field, count, most)                                                       \
    {                                                                                              \
        key, help, FIELD(field), REC_OPT_INT, .value = (count), .min = 0, .max = (most)            \
    }
static const char *const compat_names[] = {"fixed", "original", NULL};

const rec_option rec_emb_data_option_table[] = {
    {"roles", "which column plays which role, and what an item is called", FIELD(roles),
     REC_OPT_TABLE, .table = rec_emb_role_options},
    {"compat", "rows as this program makes them, or as the released RecLM-emb does, flaws included",
     FIELD(compat), REC_OPT_ENUM, .value = REC_EMB_FIXED, .choices = compat_names},
    {"files", "folder with train/ and test/ of the original's JSON lines; none: rows are made",
     FIELD(files), REC_OPT_STRING, .text = NULL},
    {"wording", "YAML file of templates and synonyms; none: the ones compiled in", FIELD(wording),
     REC_OPT_STRING, .text = NULL, .is_file = true},
    {"seed", "of the split and of every draw, the same for tasks and systems", FIELD(seed),
     REC_OPT_INT, .value = 2023, .min = 0, .max = 9e15},
    SHARE("dev_users", "share of users kept for development", dev_users, 0.1),
    SHARE("test_users", "share of users kept for tests", test_users, 0.1),
    SHARE("dev_items", "share of items kept for development", dev_items, 0.1),
    SHARE("test_items", "share of items kept for tests", test_items, 0.1),
    COUNT("train_rows", "training rows per task at most", train_rows, 3000, 1e9),
    COUNT("dev_rows", "development rows per task at most", dev_rows, 100, 1e9),
    COUNT("test_rows", "test rows per task at most", test_rows, 500, 1e9),
    {"history_max", "latest items of a history that a query shows", FIELD(history_max), REC_OPT_INT,
     .value = 20, .min = 1, .max = 1000},
    COUNT("negatives", "random negatives stored with a training row", negatives, 7, 1000),
    SHARE("seen_wording", "share of test queries in training wording, for comparison", seen_wording,
          0.3),
    {"generator",
     "who writes summaries, descriptions, misspellings and dialogues: rules, a language model, or "
     "a "
     "file of recorded texts",
     FIELD(generator), REC_OPT_ENUM, .value = REC_EMB_RULES, .choices = rec_emb_generator_choices},
    {"texts", "generator: local-lm: the model and where its texts are kept", FIELD(texts),
     REC_OPT_TABLE, .table = rec_emb_lm_option_table},
    {"answers", "generator: replay: file of recorded texts, JSON lines", FIELD(answers),
     REC_OPT_STRING, .text = NULL, .is_file = true},
    {.key = NULL},
};
#undef COUNT
#undef SHARE
#undef FIELD

bool rec_emb_data_is_original(const rec_emb_data_options *options)
{
    return options->compat == REC_EMB_ORIGINAL || options->files != NULL;
}

rec_status rec_emb_data_items(rec_emb_items *out, const rec_emb_data_options *options,
                              const rec_catalogue *catalogue, rec_error *err)
{
    rec_emb_roles roles = options->roles;
    if (options->compat == REC_EMB_ORIGINAL) {
        roles.layout = REC_EMB_LAYOUT_ORIGINAL;
        roles.values_max = 0;
    }
    return rec_emb_items_init(out, &roles, catalogue, err);
}

/* By a draw of its own for each, so that one more user or item moves no other. */
static void draw_parts(uint8_t *part, size_t n, const char *purpose, double dev, double test,
                       uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        rec_rng rng = rec_rng_keyed(seed, purpose, i);
        double x = rec_rng_uniform(&rng);
        part[i] = x < test ? REC_EMB_TEST : x < test + dev ? REC_EMB_DEV : REC_EMB_TRAIN;
    }
}

static rec_status check_shares(const char *what, double dev, double test, rec_error *err)
{
    return dev + test < 1.0
               ? REC_OK
               : rec_fail(err, REC_ERR_CONFIG,
                          "data: dev_%s and test_%s are %g and %g: nothing is left for training",
                          what, what, dev, test);
}

rec_status rec_emb_split_init(rec_emb_split *out, const rec_emb_data_options *options,
                              size_t n_users, size_t n_items, rec_error *err)
{
    rec_status status;
    *out = (rec_emb_split){.n_users = n_users, .n_items = n_items};
    REC_TRY(check_shares("users", options->dev_users, options->test_users, err));
    REC_TRY(check_shares("items", options->dev_items, options->test_items, err));
    REC_TRY_NEW(out->user_part, n_users, err);
    REC_TRY_NEW(out->item_part, n_items, err);
    draw_parts(out->user_part, n_users, "emb/split/user", options->dev_users, options->test_users,
               (uint64_t)options->seed);
    draw_parts(out->item_part, n_items, "emb/split/item", options->dev_items, options->test_items,
               (uint64_t)options->seed);
cleanup:
    if (status != REC_OK)
        rec_emb_split_deinit(out);
    return status;
}

void rec_emb_split_deinit(rec_emb_split *s)
{
    free(s->user_part);
    free(s->item_part);
    *s = (rec_emb_split){.n_users = 0};
}
