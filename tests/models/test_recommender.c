#include "tests/models/fixture.h"

START_TEST(every_plug_in_is_complete)
{
    for (size_t i = 0; i < rec_n_recommenders; i++) {
        const rec_recommender *r = rec_recommenders[i];
        ck_assert_ptr_eq(rec_recommender_find(r->name), r);
        ck_assert_ptr_nonnull(r->help);
        ck_assert_uint_gt(r->size, 0);
        ck_assert_msg(r->score != NULL || r->encode != NULL, "%s", r->name);
        ck_assert_msg((r->encode == NULL) == (r->item_table == NULL), "%s", r->name);
    }
    ck_assert_ptr_null(rec_recommender_find("nothing"));
}
END_TEST

START_TEST(unknown_types_and_options_are_refused)
{
    rec_model *m;
    ck_assert_fails(rec_model_new(&m, "item_kn", NULL, NULL, err), REC_ERR_CONFIG,
                    "did you mean \"item_knn\"");
    ck_assert_ptr_null(m);
    rec_yaml *tree;
    ck_assert_ok(rec_yaml_parse(&tree, "{lambada: 3}", 12, "a.yaml", err));
    ck_assert_fails(rec_model_new(&m, "ease", tree, NULL, err), REC_ERR_CONFIG, "lambada");
    ck_assert_ptr_null(m);
    rec_yaml_free(tree);
    rec_model_free(NULL);
}
END_TEST

START_TEST(a_file_of_another_type_or_shape_is_refused)
{
    char path[] = "/tmp/recai_model_XXXXXX";
    ck_assert_int_ge(mkstemp(path), 0);
    const float cells[] = {1, 0, 1, 1, 1, 0};
    fixture f = fixture_dense(cells, 2, 3);
    rec_model *pop = fixture_fitted("pop", NULL, &f), *ease = fixture_model("ease", NULL);
    ck_assert_ok(rec_model_save(pop, path, err));
    ck_assert_fails(rec_model_load(ease, path, &f.dataset, err), REC_ERR_DATA,
                    "written by recommender \"pop\"");
    rec_model *again = fixture_model("pop", NULL);
    f.dataset.catalogue.n_items = 4;
    ck_assert_fails(rec_model_load(again, path, &f.dataset, err), REC_ERR_DATA, "count");
    ck_assert_fails(rec_model_load(again, "/nonexistent/x", &f.dataset, err), REC_ERR_DATA,
                    "/nonexistent/x");
    remove(path);
    rec_model_free(again);
    rec_model_free(ease);
    rec_model_free(pop);
    fixture_deinit(&f);
}
END_TEST

REC_SUITE("models/recommender", tcase_add_test(t, every_plug_in_is_complete);
          tcase_add_test(t, unknown_types_and_options_are_refused);
          tcase_add_test(t, a_file_of_another_type_or_shape_is_refused);)
