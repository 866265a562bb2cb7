/* A folder of random weights and a trained tokenizer opens like a checkpoint. */
#include <string.h>

#include "core/file.h"
#include "models/lm/checkpoint.h"
#include "models/lm/training/scratch.h"
#include "models/lm/weights.h"
#include "tests/folder.h"
#include "tests/suite.h"

static const char *const texts[] = {"Toy Story (1995)", "Toy Story 2 (1999)", "Heat (1995)"};

static rec_lm_scratch_options small(void)
{
    rec_lm_scratch_options o;
    ck_assert_ok(rec_options_defaults(&o, rec_lm_scratch_option_table, err));
    o.layers = 2;
    o.d_model = 24;
    o.heads = 3;
    o.vocab_size = 262;
    o.context = 40;
    return o;
}

START_TEST(what_is_written_opens)
{
    rec_lm_scratch_options o = small();
    rec_lm_files files;
    rec_lm_weights w;
    rec_tokenizer *t = NULL;
    rec_chat_template *chat = NULL;
    o.tied = _i == 0;
    ck_assert_ok(rec_lm_scratch_write(test_path("m"), &o, texts, 3, err));
    ck_assert_ok(rec_lm_files_find(&files, test_path("m"), err));
    ck_assert_ok(rec_lm_weights_open(&w, &files, REC_WEIGHTS_FILE, err));
    ck_assert_ok(rec_lm_open_tokenizer(&t, &files, err));
    ck_assert_ok(rec_lm_open_chat(&chat, &files, NULL, err));
    const rec_lm_config *c = &w.config;
    ck_assert(c->n_layers == 2 && c->d_model == 24 && c->d_ff == 64 && c->n_kv_heads == 3);
    ck_assert(c->max_positions == 40 && c->vocab_size == 262 && c->tied == o.tied);
    ck_assert(c->n_eos == 1 && c->eos[0] == 2 && c->pad == 0 && c->bos == UINT32_MAX);
    ck_assert_uint_eq(rec_tokenizer_vocab_size(t), 262);
    ck_assert_uint_eq(rec_tokenizer_find(t, "<|im_end|>"), 2);
    ck_assert_str_eq(rec_chat_template_family(chat), "chatml");
    ck_assert_ptr_null(rec_chat_template_default_system(chat));
    rec_token_list ids = {.ids = NULL};
    ck_assert_ok(rec_tokenizer_encode(&ids, t, "Toy Story", 9, 0, err));
    ck_assert_uint_lt(ids.n, 9); /* merges were learnt */
    rec_token_list_deinit(&ids);
    rec_chat_template_free(chat);
    rec_tokenizer_free(t);
    rec_lm_weights_deinit(&w);
    rec_lm_files_deinit(&files);
}
END_TEST

/* Texts with few pairs: as many tokens as there are. */
START_TEST(no_more_tokens_than_pairs)
{
    static const char *const one[] = {"ab"};
    rec_lm_scratch_options o = small();
    rec_lm_config config;
    o.vocab_size = 400;
    ck_assert_ok(rec_lm_scratch_write(test_path("m"), &o, one, 1, err));
    ck_assert_ok(rec_lm_config_read(&config, test_path("m"), err));
    ck_assert_uint_ge(config.vocab_size, 259);
    ck_assert_uint_le(config.vocab_size, 260);
}
END_TEST

START_TEST(sizes_that_do_not_fit)
{
    rec_lm_scratch_options o = small();
    o.heads = 5;
    ck_assert_fails(rec_lm_scratch_write(test_path("m"), &o, texts, 3, err), REC_ERR_CONFIG,
                    "d_model 24 does not give 5 heads");
    o.heads = 8; /* three numbers each: rotation takes pairs */
    ck_assert_fails(rec_lm_scratch_write(test_path("m"), &o, texts, 3, err), REC_ERR_CONFIG,
                    "an even number");
    o.heads = 4;
    o.kv_heads = 3;
    ck_assert_fails(rec_lm_scratch_write(test_path("m"), &o, texts, 3, err), REC_ERR_CONFIG,
                    "heads 4 is no multiple of kv_heads 3");
    ck_assert(!rec_path_exists(test_path("m")));
}
END_TEST

REC_SUITE("models/lm/training/scratch",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_loop_test(t, what_is_written_opens, 0, 2);
          tcase_add_test(t, no_more_tokens_than_pairs); tcase_add_test(t, sizes_that_do_not_fit);)
