/* A constrained training with an adapter, from examples to the folder and back. */
#include <string.h>

#include "core/progress.h"
#include "models/lm/token_trie.h"
#include "models/lm/training/tuning.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/models/lm/training/tiny_transformer.h"

static rec_lm_tuning options;
static char target[256];

static void set_up(void)
{
    test_folder();
    strcpy(target, test_path("adapter"));
    rec_progress_set_verbosity(REC_QUIET);
    ck_assert_ok(rec_options_defaults(&options, rec_lm_tuning_options, err));
    options.training.epochs = 1;
    options.batch_size = 2;
}

static rec_status constrain(rec_constraint **out, void *context, size_t example, rec_error *err)
{
    static const uint32_t end[] = {1};
    static const rec_trie_rules rules = {
        .open = REC_TRIE_NONE, .end = end, .n_end = 1, .min_items = 1, .max_items = 1};
    (void)example;
    return rec_token_trie_start(out, context, &rules, err);
}

static rec_status add_examples(rec_lm_examples *x, rec_error *err)
{
    static const uint32_t ids[] = {2, 3, 4, 1};
    static const uint8_t learnt[] = {0, 1, 1, 1};
    rec_status status = REC_OK;
    for (int i = 0; i < 2 && status == REC_OK; i++)
        status = rec_lm_examples_add(x, ids, learnt, 4, err);
    return status;
}

static rec_status tune(rec_error *err)
{
    static const uint32_t title[] = {3, 4}, *const titles[] = {title};
    static const size_t lengths[] = {2};
    char *names[] = {"q_proj"};
    const rec_adapter_options lora = {.rank = 2, .alpha = 4, .targets = {names, 1}};
    rec_lm_tuned tuned = {.identity = "test", .constrain = constrain};
    rec_adapter *again = NULL;
    rec_token_trie *trie = NULL;
    rec_lm_examples x = {.n = 0};
    rec_training_report report = {.n_epochs = 0};
    rec_status status = REC_OK;
    REC_TRY(rec_token_trie_new(&trie, titles, lengths, 1, err));
    tuned.constrain_context = trie;
    REC_TRY(add_examples(&x, err));
    REC_TRY(rec_transformer_new(&tuned.model, &tiny, 1, err));
    REC_TRY(rec_transformer_grow_vocabulary(tuned.model, 1, 1, err));
    rec_transformer_train_new_rows(tuned.model, 11);
    REC_TRY(rec_adapter_new(&tuned.adapter, tuned.model, &lora, 1, err));
    REC_TRY(rec_tune_supervised(&report, &tuned, &x, &options, err));
    REC_TRY(rec_adapter_save(tuned.adapter, tuned.model, target, "tiny", err));
    REC_TRY(rec_adapter_load(&again, tuned.model, target, err));
cleanup:
    rec_adapter_free(again);
    rec_training_report_deinit(&report);
    rec_adapter_free(tuned.adapter);
    rec_transformer_free(tuned.model);
    rec_lm_examples_deinit(&x);
    rec_token_trie_free(trie);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_uint_gt(failing_malloc_survive(tune), 100);
}
END_TEST

REC_SUITE("models/lm/training/tuning_alloc",
          tcase_add_checked_fixture(t, set_up, test_folder_remove);
          tcase_add_test(t, every_allocation_may_fail);)
