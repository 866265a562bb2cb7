#include "harness/systems/request.h"

#include <string.h>

#include "tests/suite.h"

static void encode(rec_buffer *bytes)
{
    static const uint32_t items[] = {7, 2};
    static const float scores[] = {1.5f, -2.0f};
    static const rec_target_rank targets[] = {{3, 2, 1}};
    rec_reply replies[] = {
        {.kind = REC_REQUEST_RANK,
         .n_ranked = 2,
         .n_pool = 9,
         .n_targets = 1,
         .items = items,
         .scores = scores,
         .targets = targets},
        {.kind = REC_REQUEST_TEXT,
         .text = "grüß dich",
         .tokens_in = 5,
         .tokens_out = 3,
         .cost_microdollars = -1},
        {.kind = REC_REQUEST_TEXT, .text = NULL},
    };
    rec_reply_batch batch = {.replies = replies, .n = 3};
    ck_assert_ok(rec_replies_encode(bytes, &batch, err));
}

START_TEST(bytes_read_back)
{
    rec_buffer bytes = {0}, again = {0};
    rec_reply_batch batch = {0};
    encode(&bytes);
    ck_assert_ok(rec_replies_decode(&batch, bytes.data, bytes.length, err));
    ck_assert_uint_eq(batch.n, 3);
    ck_assert_uint_eq(batch.replies[0].items[1], 2);
    ck_assert_float_eq(batch.replies[0].scores[1], -2.0f);
    ck_assert_uint_eq(batch.replies[0].n_pool, 9);
    ck_assert_uint_eq(batch.replies[0].targets[0].n_above, 2);
    ck_assert_str_eq(batch.replies[1].text, "grüß dich");
    ck_assert_int_eq(batch.replies[1].cost_microdollars, -1);
    ck_assert_ptr_null(batch.replies[2].text);
    ck_assert_ok(rec_replies_encode(&again, &batch, err));
    ck_assert_uint_eq(again.length, bytes.length);
    ck_assert_mem_eq(again.data, bytes.data, bytes.length);
    rec_reply_batch_deinit(&batch);
    rec_buffer_deinit(&bytes);
    rec_buffer_deinit(&again);
}
END_TEST

START_TEST(damage_is_noticed)
{
    rec_buffer bytes = {0};
    rec_reply_batch batch = {0};
    encode(&bytes);
    for (size_t n = 0; n < bytes.length; n++) /* cut off anywhere */
        ck_assert_fails(rec_replies_decode(&batch, bytes.data, n, err), REC_ERR_DATA,
                        "not a batch of replies");
    ck_assert_ok(rec_buffer_append(&bytes, "x", 1, err)); /* too long */
    ck_assert_fails(rec_replies_decode(&batch, bytes.data, bytes.length, err), REC_ERR_DATA,
                    "not a batch");
    bytes.data[12] = 9; /* a kind that does not exist */
    ck_assert_fails(rec_replies_decode(&batch, bytes.data, bytes.length - 1, err), REC_ERR_DATA,
                    "not a batch");
    memset(bytes.data + 4, 0xff, 8); /* more replies than bytes */
    ck_assert_fails(rec_replies_decode(&batch, bytes.data, bytes.length - 1, err), REC_ERR_DATA,
                    "not a batch");
    rec_buffer_deinit(&bytes);
}
END_TEST

START_TEST(lists_of_a_ranking)
{
    rec_ranked ranked = {
        .k = 2,
        .n = 2,
        .items = (uint32_t[]){4, 5, 6, REC_NO_ITEM},
        .scores = (float[]){2, 1, 3, 0},
        .n_ranked = (uint32_t[]){2, 1},
        .n_pool = (uint32_t[]){8, 1},
        .target_start = (size_t[]){0, 1, 1},
        .target_ranks = (rec_target_rank[]){{5, 4, 1}},
    };
    rec_reply_batch batch = {0};
    ck_assert_ok(rec_replies_from_ranked(&batch, &ranked, err));
    ck_assert_uint_eq(batch.replies[0].n_targets, 1);
    ck_assert_uint_eq(batch.replies[0].targets[0].rank, 5);
    ck_assert_uint_eq(batch.replies[1].n_targets, 0);
    ck_assert_uint_eq(batch.replies[1].n_ranked, 1);
    ck_assert_uint_eq(batch.replies[1].items[0], 6);
    rec_reply_batch_deinit(&batch);
}
END_TEST

REC_SUITE("harness/systems/request", tcase_add_test(t, bytes_read_back);
          tcase_add_test(t, damage_is_noticed); tcase_add_test(t, lists_of_a_ranking);)
