/* Every allocation of the two kinds of rows a table ends with fails once: the ideal ranking, and vectors of
 * passages that are made, stored and read. */
#include "core/parallel.h"
#include "core/yaml.h"
#include "harness/systems/passage_rows.h"
#include "harness/systems/system.h"
#include "tests/failing_malloc.h"
#include "tests/folder.h"
#include "tests/suite.h"

static const uint32_t targets[] = {2};

static rec_status ask_ideal(rec_error *err)
{
    const rec_request request = {
        .kind = REC_REQUEST_RANK, .rank = {.targets = targets, .n_targets = 1}, .k = 2};
    rec_system_type type;
    rec_system *s = NULL;
    rec_yaml *entry = NULL;
    rec_reply_batch replies = {.n = 0};
    rec_status status;
    failing_malloc_check(rec_system_type_find(&type, "ideal"));
    REC_TRY(rec_yaml_parse(&entry, "{type: ideal}", 13, "t.yaml", err));
    REC_TRY(rec_system_new(&s, "ideal", &type, entry, err));
    REC_TRY(rec_system_answer(&replies, s, &request, 1, 5, err));
    failing_malloc_check(replies.replies[0].items[0] == 2);
cleanup:
    rec_reply_batch_deinit(&replies);
    rec_system_free(s);
    rec_yaml_free(entry);
    return status;
}

START_TEST(the_ideal_ranking)
{
    rec_parallel_set_threads(1);
    ck_assert_uint_gt(failing_malloc_exhaust(ask_ideal), 5);
}
END_TEST

static const char *const before[] = {"a b", ""}, *const after[] = {"b c", "a b"};
static rec_emb_model model;
static char path[256];

static rec_status make_store_read(rec_error *err)
{
    rec_passage_rows made = {.n = 0}, read = {.n = 0};
    rec_tensor_writer *writer = NULL;
    rec_tensor_file *file = NULL;
    rec_status status;
    REC_TRY(rec_passage_rows_init(&made, &model, before, 2, NULL, err));
    REC_TRY(rec_tensor_writer_new(&writer, err));
    REC_TRY(rec_passage_rows_add(writer, &made, err));
    REC_TRY(rec_tensor_writer_write(writer, path, err));
    REC_TRY(rec_tensor_file_open(&file, path, err));
    status = rec_passage_rows_read(&read, file, &model, after, 2, err);
cleanup:
    rec_passage_rows_deinit(&read);
    rec_passage_rows_deinit(&made);
    rec_tensor_file_close(file);
    rec_tensor_writer_free(writer);
    return status;
}

/* A progress bar that cannot be had is no failure. */
START_TEST(passage_rows)
{
    const rec_emb_shape shape = {
        .layers = 1, .d_model = 8, .d_ff = 16, .heads = 2, .vocab_size = 300, .seed = 1};
    const rec_emb_format format = {.prefix = {NULL}};
    test_folder();
    rec_parallel_set_threads(1);
    snprintf(path, sizeof path, "%s", test_path("rows.safetensors"));
    ck_assert_ok(rec_emb_model_new(&model, &shape, before, 2, &format, err));
    ck_assert_uint_gt(failing_malloc_survive(make_store_read), 20);
    rec_emb_model_deinit(&model);
    test_folder_remove();
}
END_TEST

REC_SUITE("harness/systems/rows_alloc", tcase_add_test(t, the_ideal_ranking);
          tcase_add_test(t, passage_rows);)
