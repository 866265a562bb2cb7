/* A catalogue that has changed embeds what is new: known rows are the stored bits, wherever they stand. */
#include "harness/systems/passage_rows.h"

#include <math.h>

#include "tests/folder.h"
#include "tests/suite.h"

enum { DIM = 16 };

static const char *const before[] = {"title: Heat, genre: crime", "", "title: Big, genre: comedy"};
static const char *const after[] = {"title: Big, genre: comedy", "title: Alien, genre: horror",
                                    "title: Heat, genre: crime", ""};
static rec_emb_model model;

static void setup(void)
{
    const rec_emb_shape shape = {
        .layers = 1, .d_model = DIM, .d_ff = 32, .heads = 2, .vocab_size = 320, .seed = 1};
    const rec_emb_format format = {.prefix = {NULL}};
    test_folder();
    ck_assert_ok(rec_emb_model_new(&model, &shape, before, 3, &format, err));
}

static void teardown(void)
{
    rec_emb_model_deinit(&model);
    test_folder_remove();
}

static void store(const char *path, const rec_passage_rows *rows)
{
    rec_tensor_writer *writer;
    ck_assert_ok(rec_tensor_writer_new(&writer, err));
    ck_assert_ok(rec_passage_rows_add(writer, rows, err));
    ck_assert_ok(rec_tensor_writer_write(writer, path, err));
    rec_tensor_writer_free(writer);
}

static rec_passage_rows read_rows(const char *path, const char *const *texts, size_t n)
{
    rec_tensor_file *file;
    rec_passage_rows out;
    ck_assert_ok(rec_tensor_file_open(&file, path, err));
    ck_assert_ok(rec_passage_rows_read(&out, file, &model, texts, n, err));
    rec_tensor_file_close(file);
    return out;
}

/* Rows of the stored file are set to numbers that no model gives, so that what is taken from it shows. */
static void mark(rec_passage_rows *rows)
{
    for (size_t i = 0; i < rows->n * DIM; i++)
        rows->rows[i] = 100.0f + (float)i;
}

START_TEST(the_same_texts_are_as_stored)
{
    rec_passage_rows made, read;
    ck_assert_ok(rec_passage_rows_init(&made, &model, before, 3, NULL, err));
    ck_assert_float_eq(made.bias[0], 0.0f);
    ck_assert(isinf(made.bias[1]));
    mark(&made);
    store(test_path("a.safetensors"), &made);
    read = read_rows(test_path("a.safetensors"), before, 3);
    ck_assert_mem_eq(read.rows, made.rows, 3 * DIM * sizeof(float));
    ck_assert_mem_eq(read.bias, made.bias, 3 * sizeof(float));
    rec_passage_rows_deinit(&read);
    rec_passage_rows_deinit(&made);
}
END_TEST

START_TEST(a_changed_catalogue_embeds_what_is_new)
{
    rec_passage_rows made, read;
    float alien[DIM];
    ck_assert_ok(rec_passage_rows_init(&made, &model, before, 3, NULL, err));
    mark(&made);
    store(test_path("a.safetensors"), &made);
    read = read_rows(test_path("a.safetensors"), after, 4);
    ck_assert_uint_eq(read.n, 4);
    ck_assert_mem_eq(read.rows, made.rows + 2 * DIM, DIM * sizeof(float)); /* Big */
    ck_assert_mem_eq(read.rows + 2 * DIM, made.rows, DIM * sizeof(float)); /* Heat */
    ck_assert_ok(rec_emb_model_embed(alien, &model, REC_EMB_PASSAGE, &after[1], 1, err));
    ck_assert_mem_eq(read.rows + DIM, alien, sizeof alien);
    ck_assert(isinf(read.bias[3]) && read.bias[1] == 0.0f);
    rec_passage_rows_deinit(&read);
    rec_passage_rows_deinit(&made);
}
END_TEST

/* Stored before there were keys: as many texts are taken for the same, others are all embedded. */
START_TEST(files_without_keys)
{
    rec_passage_rows made, read, fresh;
    ck_assert_ok(rec_passage_rows_init(&made, &model, before, 3, NULL, err));
    ck_assert_ok(rec_passage_rows_init(&fresh, &model, after, 4, NULL, err));
    mark(&made);
    free(made.keys);
    made.keys = NULL;
    store(test_path("a.safetensors"), &made);
    read = read_rows(test_path("a.safetensors"), before, 3);
    ck_assert_mem_eq(read.rows, made.rows, 3 * DIM * sizeof(float));
    rec_passage_rows_deinit(&read);
    read = read_rows(test_path("a.safetensors"), after, 4);
    ck_assert_mem_eq(read.rows, fresh.rows, 3 * DIM * sizeof(float));
    rec_passage_rows_deinit(&read);
    rec_passage_rows_deinit(&fresh);
    rec_passage_rows_deinit(&made);
}
END_TEST

START_TEST(rows_of_another_width_are_refused)
{
    rec_tensor_writer *writer;
    rec_tensor_file *file;
    rec_passage_rows out;
    const float rows[2] = {0}, bias[1] = {0};
    const size_t one = 1;
    ck_assert_ok(rec_tensor_writer_new(&writer, err));
    ck_assert_ok(rec_tensor_writer_add(writer, "items", REC_F32, 2, (size_t[]){1, 2}, rows, err));
    ck_assert_ok(rec_tensor_writer_add(writer, "bias", REC_F32, 1, &one, bias, err));
    ck_assert_ok(rec_tensor_writer_write(writer, test_path("b.safetensors"), err));
    rec_tensor_writer_free(writer);
    ck_assert_ok(rec_tensor_file_open(&file, test_path("b.safetensors"), err));
    ck_assert_fails(rec_passage_rows_read(&out, file, &model, before, 3, err), REC_ERR_DATA,
                    "tensor items");
    rec_tensor_file_close(file);
}
END_TEST

REC_SUITE("harness/systems/passage_rows", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, the_same_texts_are_as_stored);
          tcase_add_test(t, a_changed_catalogue_embeds_what_is_new);
          tcase_add_test(t, files_without_keys);
          tcase_add_test(t, rows_of_another_width_are_refused);)
