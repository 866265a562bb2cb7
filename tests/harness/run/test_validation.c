#include "harness/run/validation.h"

#include "harness/run/models.h"
#include "tests/harness/run/small.h"

/* pop over the small data, histories are the train rows, targets the validation rows:
 *   user 1: a b masked, c d e f left, target c at 1      user 2: a b, target d at 2
 *   user 3: a c, b d e f left, target e at 3             user 4: b d, a c e f left, target f at 4 */
START_TEST(pop_by_hand)
{
    rec_config *c = small_config("systems: [{type: pop}]\ntasks: [{type: retrieval}]\n");
    rec_run *run;
    rec_validation *v;
    rec_system *pop;
    rec_model_facts facts;
    double value;
    ck_assert_ok(rec_run_open(&run, c, test_path("run"), (rec_run_flags){0}, err));
    ck_assert_ok(rec_run_model(&pop, &facts, run, &run->plan.steps[0], err));
    ck_assert_ok(rec_run_validation(&v, run, err));
    const rec_model *model = pop->self;
    const rec_validator *validator = rec_validation_validator(v);
    ck_assert_ok(
        validator->value(&value, validator->context, model->type, model->self, "mrr@10", err));
    ck_assert_double_eq_tol(value, (1.0 + 0.5 + 1.0 / 3.0 + 0.25) / 4.0, 1e-15);
    ck_assert_ok(rec_validation_value(&value, v, model->type, model->self, "hit@2", err));
    ck_assert_double_eq_tol(value, 0.5, 1e-15);
    ck_assert_fails(rec_validation_value(&value, v, model->type, model->self, "mrr", err),
                    REC_ERR_CONFIG, "a cut-off");
    ck_assert_fails(rec_validation_value(&value, v, model->type, model->self, "gini@5", err),
                    REC_ERR_CONFIG, "a value per user");
    rec_system_free(pop);
    rec_model_facts_deinit(&facts);
    rec_run_close(run);
    rec_config_free(c);
}
END_TEST

START_TEST(data_without_a_validation_part)
{
    rec_config *c = small_config("systems: [{type: pop}]\ntasks: [{type: retrieval}]\n");
    rec_run *run;
    rec_validation *v;
    ck_assert_ok(rec_run_open(&run, c, test_path("run"), (rec_run_flags){0}, err));
    for (size_t i = 0; i < run->dataset->interactions.n; i++)
        if (run->dataset->part[i] == REC_PART_VALID)
            run->dataset->part[i] = REC_PART_TRAIN;
    ck_assert_ok(rec_run_validation(&v, run, err));
    ck_assert_ptr_null(v);
    ck_assert_ptr_null(rec_validation_validator(v));
    rec_run_close(run);
    rec_config_free(c);
}
END_TEST

REC_SUITE("harness/run/validation", tcase_add_checked_fixture(t, small_data, test_folder_remove);
          tcase_add_test(t, pop_by_hand); tcase_add_test(t, data_without_a_validation_part);)
