#include "models/item_graph.h"
#include "tests/models/fixture.h"

/* W[0, 1] = 2, W[0, 2] = 5, W[2, 1] = 3. */
static rec_item_graph graph(void)
{
    static const size_t start[] = {0, 2, 2, 3};
    static const uint32_t column[] = {1, 2, 1};
    static const float value[] = {2, 5, 3};
    rec_item_graph g = {.feedback = REC_FEEDBACK_VALUES};
    ck_assert_ok(rec_sparse_init(&g.weights, 3, 3, 3, err));
    memcpy(g.weights.start, start, sizeof start);
    memcpy(g.weights.column, column, sizeof column);
    memcpy(g.weights.value, value, sizeof value);
    return g;
}

START_TEST(scores_are_history_times_weights)
{
    rec_item_graph g = graph();
    const uint32_t history[] = {2, 0};
    const float values[] = {10, 1};
    const rec_query queries[] = {{.history = history, .values = values, .n_history = 2},
                                 {.n_history = 0}};
    float scores[6];
    ck_assert_ok(rec_item_graph_score(scores, &g, queries, 2, err));
    const float expected[] = {0, 32, 5, 0, 0, 0};
    for (size_t i = 0; i < 6; i++)
        ck_assert_float_eq(scores[i], expected[i]);
    ck_assert_uint_eq(rec_item_graph_n_parameters(&g), 3);
    rec_item_graph_deinit(&g);
}
END_TEST

START_TEST(similar_is_the_row)
{
    rec_item_graph g = graph();
    uint32_t items[3];
    float similarities[3];
    size_t n;
    ck_assert_ok(rec_item_graph_similar(items, similarities, &n, &g, 0, 3, err));
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(items[0], 2);
    ck_assert_float_eq(similarities[1], 2);
    ck_assert_ok(rec_item_graph_similar(items, similarities, &n, &g, 1, 3, err));
    ck_assert_uint_eq(n, 0);
    rec_item_graph_deinit(&g);
}
END_TEST

START_TEST(a_file_of_another_catalogue_is_refused)
{
    char path[] = "/tmp/recai_graph_XXXXXX";
    ck_assert_int_ge(mkstemp(path), 0);
    rec_item_graph g = graph(), loaded = {.feedback = REC_FEEDBACK_VALUES};
    rec_tensor_writer *writer;
    rec_tensor_file *file;
    ck_assert_ok(rec_tensor_writer_new(&writer, err));
    ck_assert_ok(rec_item_graph_save(&g, writer, err));
    ck_assert_ok(rec_tensor_writer_write(writer, path, err));
    ck_assert_ok(rec_tensor_file_open(&file, path, err));
    rec_dataset dataset = {.catalogue = {.n_items = 2}};
    ck_assert_fails(rec_item_graph_load(&loaded, file, &dataset, err), REC_ERR_DATA,
                    "weights.start");
    dataset.catalogue.n_items = 3;
    ck_assert_ok(rec_item_graph_load(&loaded, file, &dataset, err));
    ck_assert_mem_eq(loaded.weights.value, g.weights.value, 3 * sizeof(float));
    rec_tensor_file_close(file);
    rec_tensor_writer_free(writer);
    remove(path);
    rec_item_graph_deinit(&loaded);
    rec_item_graph_deinit(&g);
}
END_TEST

REC_SUITE("models/item_graph", tcase_add_test(t, scores_are_history_times_weights);
          tcase_add_test(t, similar_is_the_row);
          tcase_add_test(t, a_file_of_another_catalogue_is_refused);)
