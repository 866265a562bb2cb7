#include <string.h>

#include "models/lm/tokenizers/tokenizer.h"
#include "tests/failing_malloc.h"
#include "tests/golden.h"
#include "tests/suite.h"

static const char *const paths[] = {GOLDEN("lm/tokenizer/tokenizer.json"),
                                    GOLDEN("tokenizers/spm-llama/tokenizer.json"),
                                    GOLDEN("tokenizers/unigram-precompiled/tokenizer.json"),
                                    GOLDEN("tokenizers/wordpiece-cased/tokenizer.json")};
static const char *path;

/* Read, encode, decode. */
static rec_status use(rec_error *err)
{
    static const char text[] = "The Lion King (1994), cafe\xCC\x81 \xEF\xAC\x81nale";
    rec_tokenizer *t = NULL;
    rec_token_list ids = {.ids = NULL};
    rec_buffer out = {.data = NULL};
    rec_status status = REC_OK;
    REC_TRY(rec_tokenizer_read(&t, path, err));
    REC_TRY(rec_tokenizer_encode(&ids, t, text, strlen(text), REC_TOKENIZE_ADD_SPECIAL, err));
    failing_malloc_check(ids.n > 5);
    REC_TRY(rec_tokenizer_decode(&out, t, ids.ids, ids.n, true, err));
cleanup:
    rec_buffer_deinit(&out);
    rec_token_list_deinit(&ids);
    rec_tokenizer_free(t);
    return status;
}

static rec_status train(rec_error *err)
{
    static const char *const texts[] = {"Toy Story (1995)", "Toy Story 2", "Heat"};
    static const char *const special[] = {"<|end|>"};
    rec_tokenizer *t = NULL;
    rec_status status = rec_tokenizer_train(&t, texts, 3, 262, special, 1, err);
    rec_tokenizer_free(t);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    path = paths[_i];
    ck_assert_uint_gt(failing_malloc_exhaust(use), 50);
}
END_TEST

START_TEST(every_allocation_of_training_may_fail)
{
    ck_assert_uint_gt(failing_malloc_exhaust(train), 50);
}
END_TEST

REC_SUITE("models/lm/tokenizers/tokenizer_alloc",
          tcase_add_loop_test(t, every_allocation_may_fail, 0, 4);
          tcase_add_test(t, every_allocation_of_training_may_fail);)
