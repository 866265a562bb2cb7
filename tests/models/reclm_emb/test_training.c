#include "models/reclm_emb/training.h"

#include "core/memory.h"
#include "tests/folder.h"
#include "tests/models/reclm_emb/films.h"

typedef struct opened {
    rec_dataset *data;
    rec_emb_data_options options;
    rec_emb_corpus corpus;
    rec_interactions train;
    rec_emb_model model;
    rec_fit_data fit;
    rec_emb_training_options training;
} opened;

static rec_status parse(rec_emb_training_options *o, const char *text, rec_error *why)
{
    rec_yaml *map;
    ck_assert_ok(rec_yaml_parse(&map, text, strlen(text), "t.yaml", err));
    rec_status status = rec_options_parse(o, rec_emb_training_option_table, map, NULL, why);
    rec_yaml_free(map);
    return status;
}

static void open_all(opened *o, const char *training)
{
    const rec_emb_format format = {.length = {0}};
    const rec_emb_shape shape = {
        .layers = 1, .d_model = 32, .d_ff = 64, .heads = 2, .vocab_size = 600, .seed = 1};
    memset(o, 0, sizeof *o);
    o->data = load_data(SYNTH_DATA);
    read_options(&o->options, "{" SYNTH_ROLES ", train_rows: 200, dev_rows: 30}");
    make_corpus(&o->corpus, &o->options, o->data);
    ck_assert_ok(rec_dataset_select(&o->train, o->data, REC_PART_TRAIN, err));
    ck_assert_ok(rec_emb_model_new(&o->model, &shape, (const char *const *)o->corpus.items.texts,
                                   o->corpus.items.n, &format, err));
    ck_assert_ok(parse(&o->training, training, err));
    o->fit = (rec_fit_data){.dataset = o->data, .train = &o->train, .seed = 1};
}

static void close_all(opened *o)
{
    rec_options_deinit(&o->training, rec_emb_training_option_table);
    rec_emb_model_deinit(&o->model);
    rec_interactions_deinit(&o->train);
    rec_emb_corpus_deinit(&o->corpus);
    rec_options_deinit(&o->options, rec_emb_data_option_table);
    rec_dataset_free(o->data);
}

static double dev_value(const opened *o)
{
    double value;
    ck_assert_ok(rec_emb_dev_value(&value, &o->model, &o->corpus, 100, 1, err));
    return value;
}

static void train(opened *o)
{
    rec_training_report report = {.n_epochs = 0};
    ck_assert_ok(rec_emb_train(&report, &o->model, &o->corpus, &o->training, &o->fit, "test", err));
    ck_assert_uint_gt(report.n_epochs, 0);
    rec_training_report_deinit(&report);
}

#define TUNING(epochs)                                                                             \
    "tuning: {batch_size: 16, optimizer: {lr: 0.003}, training: {epochs: " #epochs ", patience: "  \
    "2}}"

/* The planted structure is learnt: development rows the training never saw improve. */
START_TEST(tuning_helps_on_rows_it_never_saw)
{
    opened o;
    open_all(&o, "{pairs: 800, " TUNING(3) "}");
    double before = dev_value(&o);
    train(&o);
    ck_assert_double_gt(dev_value(&o), before + 0.03);
    close_all(&o);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_bits)
{
    float x[2][32];
    for (size_t i = 0; i < 2; i++) {
        opened o;
        open_all(&o, "{pairs: 64, group: 3, hard: bm25, " TUNING(1) "}");
        train(&o);
        ck_assert_ok(
            rec_emb_model_embed(x[i], &o.model, REC_EMB_QUERY, (const char *[]){"heist"}, 1, err));
        close_all(&o);
    }
    ck_assert_mem_eq(x[0], x[1], sizeof x[0]);
}
END_TEST

START_TEST(an_adapter_is_merged)
{
    opened o;
    float before[32], after[32];
    const char *const text[] = {"heist"};
    open_all(&o,
             "{pairs: 64, full: false, tuning: {batch_size: 16, training: {epochs: 1, patience: "
             "0}}, lora: {targets: [query, value]}}");
    ck_assert_ok(rec_emb_model_embed(before, &o.model, REC_EMB_QUERY, text, 1, err));
    train(&o);
    ck_assert_ok(rec_emb_model_embed(after, &o.model, REC_EMB_QUERY, text, 1, err));
    ck_assert_mem_ne(before, after, sizeof before);
    close_all(&o);
}
END_TEST

START_TEST(mined_negatives_are_wrong_and_seen)
{
    static const rec_emb_hard kinds[] = {REC_EMB_HARD_BM25, REC_EMB_HARD_OWN};
    opened o;
    open_all(&o, "{}");
    uint32_t rows[40], out[40 * 3];
    for (uint32_t i = 0; i < 40; i++)
        rows[i] = i * 7;
    for (size_t k = 0; k < 2; k++) {
        size_t n_found = 0;
        ck_assert_ok(rec_emb_mine(out, 3, &o.corpus, rows, 40, kinds[k], &o.model, &o.fit, err));
        for (size_t i = 0; i < 40 * 3; i++) {
            if (out[i] == REC_NO_ITEM)
                continue;
            n_found++;
            ck_assert(
                !rec_emb_row_accepts(&o.corpus.rows.rows[rows[i / 3]], &o.corpus.items, out[i]));
            ck_assert_uint_eq(o.corpus.split.item_part[out[i]], REC_EMB_TRAIN);
        }
        ck_assert_uint_gt(n_found, 60);
    }
    close_all(&o);
}
END_TEST

/* Three tasks with 100, 400 and 900 rows, weights 6, 1 and 0: at mixing 1/2 the odds are 60 : 20 : 0, so
 * of 4000 draws 3000 go to the first; its standard deviation is sqrt(4000 * 3/16) = 27. */
START_TEST(tasks_are_drawn_by_weight_and_size)
{
    const size_t n_rows[REC_EMB_N_TASKS] = {
        [REC_EMB_TASK_uh2i] = 100, [REC_EMB_TASK_sa2i] = 400, [REC_EMB_TASK_title] = 900};
    rec_emb_training_options o;
    size_t n[REC_EMB_N_TASKS] = {0};
    ck_assert_ok(parse(&o, "{weights: {uh2i: 6, title: 0}}", err));
    for (uint64_t i = 0; i < 4000; i++) {
        rec_rng rng = rec_rng_keyed(1, "test", i);
        n[rec_emb_mixing_draw(&o, n_rows, &rng)]++;
    }
    ck_assert_uint_eq(n[REC_EMB_TASK_uh2i] + n[REC_EMB_TASK_sa2i], 4000);
    ck_assert_double_eq_tol((double)n[REC_EMB_TASK_uh2i], 3000.0, 3 * 27.4);
    rec_options_deinit(&o, rec_emb_training_option_table);
}
END_TEST

/* The vector of one text after tuning. */
static void tuned_vector(float out[32], const char *training)
{
    opened o;
    open_all(&o, training);
    train(&o);
    ck_assert_ok(
        rec_emb_model_embed(out, &o.model, REC_EMB_QUERY, (const char *[]){"heist"}, 1, err));
    close_all(&o);
}

#define SHORT "pairs: 32, group: 2, tuning: {batch_size: 16, training: {epochs: 1}}"

START_TEST(a_task_of_weight_0_is_not_trained)
{
    float x[2][32];
    tuned_vector(x[0], "{tasks: [uh2i, i2i], " SHORT "}");
    tuned_vector(x[1], "{weights: {us2i: 0, fa2i: 0, sa2i: 0, as2i: 0, nm2i: 0, vc2i: 0, na2i: 0, "
                       "uq2i: 0, title: 0}, " SHORT "}");
    ck_assert_mem_eq(x[0], x[1], sizeof x[0]);
}
END_TEST

/* Own groups for every task are what in_batch: false is. */
START_TEST(own_groups_are_without_passages_of_the_batch)
{
    float x[3][32];
    tuned_vector(x[0], "{tasks: [uh2i, sa2i], own_group: [sa2i, uh2i], " SHORT "}");
    tuned_vector(x[1], "{tasks: [uh2i, sa2i], pairs: 32, group: 2, tuning: {in_batch: false, "
                       "batch_size: 16, training: {epochs: 1}}}");
    tuned_vector(x[2], "{tasks: [uh2i, sa2i], " SHORT "}");
    ck_assert_mem_eq(x[0], x[1], sizeof x[0]);
    ck_assert_mem_ne(x[0], x[2], sizeof x[0]);
}
END_TEST

START_TEST(masking_can_be_switched_off)
{
    float x[2][32];
    tuned_vector(x[0], "{tasks: [sa2i], " SHORT "}");
    tuned_vector(x[1], "{tasks: [sa2i], mask: false, " SHORT "}");
    ck_assert_mem_ne(x[0], x[1], sizeof x[0]);
}
END_TEST

/* What the tuning read with a prefix is read without one afterwards. */
START_TEST(prefixes_can_be_forgotten)
{
    opened o;
    open_all(&o, "{forget_prefixes: true, " SHORT "}");
    free(o.model.prefix[REC_EMB_QUERY]);
    o.model.prefix[REC_EMB_QUERY] = strdup("query: ");
    train(&o);
    ck_assert_str_eq(o.model.prefix[REC_EMB_QUERY], "");
    close_all(&o);
}
END_TEST

START_TEST(frozen_word_embeddings_keep_their_values)
{
    opened o;
    open_all(&o, "{freeze_word_embeddings: true, " SHORT "}");
    const rec_tensor *words = rec_transformer_tensor(o.model.transformer, REC_LM_EMBED, 0);
    const rec_tensor *query = rec_transformer_tensor(o.model.transformer, REC_LM_Q, 0);
    size_t size[2] = {words->rows * words->cols, query->rows * query->cols};
    float *before[2] = {rec_memdup(words->value, size[0] * sizeof(float), NULL),
                        rec_memdup(query->value, size[1] * sizeof(float), NULL)};
    train(&o);
    ck_assert_mem_eq(words->value, before[0], size[0] * sizeof(float));
    ck_assert_mem_ne(query->value, before[1], size[1] * sizeof(float));
    free(before[1]);
    free(before[0]);
    close_all(&o);
}
END_TEST

static void assert_refused(const char *training, const char *message)
{
    rec_emb_training_options o;
    ck_assert_ok(parse(&o, training, err));
    ck_assert_fails(rec_emb_training_check(&o, err), REC_ERR_CONFIG, message);
    rec_options_deinit(&o, rec_emb_training_option_table);
}

START_TEST(a_group_of_one_task_leaves_the_others_alone)
{
    rec_emb_training_options o;
    float x[3][32];
    ck_assert_ok(parse(&o, "{group: 1, groups: {na2i: 3}}", err));
    ck_assert_uint_eq(rec_emb_group(&o, REC_EMB_TASK_na2i), 3);
    ck_assert_uint_eq(rec_emb_group(&o, REC_EMB_TASK_sa2i), 1);
    ck_assert_ok(rec_emb_training_check(&o, err));
    rec_options_deinit(&o, rec_emb_training_option_table);
    tuned_vector(x[0], "{tasks: [sa2i], " SHORT "}"); /* group: 2 */
    tuned_vector(x[1], "{tasks: [sa2i], groups: {na2i: 3}, " SHORT "}");
    tuned_vector(x[2], "{tasks: [sa2i], groups: {sa2i: 2}, " SHORT "}");
    ck_assert_mem_eq(x[0], x[1], sizeof x[0]);
    ck_assert_mem_eq(x[0], x[2], sizeof x[0]);
    tuned_vector(x[2], "{tasks: [sa2i], groups: {sa2i: 3}, " SHORT "}");
    ck_assert_mem_ne(x[0], x[2], sizeof x[0]);
}
END_TEST

/* What a checkpoint takes: the settings of configs/reclm-emb-movies.yaml, not those of a new model. */
START_TEST(nothing_said_tunes_a_checkpoint)
{
    rec_emb_training_options o;
    ck_assert_ok(parse(&o, "{pairs: 1600}", err));
    ck_assert_int_eq(o.tuning.training.epochs, 3);
    ck_assert_int_eq(o.tuning.training.patience, 2);
    ck_assert_int_eq(o.tuning.batch_size, 32);
    ck_assert_double_eq(o.tuning.optimizer.lr, 3e-4);
    ck_assert_double_eq(o.tuning.optimizer.clip_norm, 1);
    ck_assert_double_eq(o.tuning.temperature, 0.05);
    rec_options_deinit(&o, rec_emb_training_option_table);
}
END_TEST

START_TEST(options_that_cannot_be_are_refused)
{
    rec_emb_training_options o;
    assert_refused("{tasks: [u2hi]}", "tasks: unknown task \"u2hi\", did you mean \"uh2i\"?");
    assert_refused("{own_group: [na2]}", "own_group: unknown task \"na2\", did you mean");
    assert_refused("{full: false, tuning: {training: {patience: 1}}}", "patience");
    assert_refused(
        "{group: 1, own_group: [na2i], tuning: {training: {patience: 1}}}",
        "queries of na2i nothing but their answer; without passages of the batch (own_group)");
    assert_refused("{groups: {na2i: 1}, own_group: [na2i]}", "queries of na2i");
    assert_refused("{group: 1, tuning: {in_batch: false}}", "in_batch: false");
    ck_assert_fails(parse(&o, "{weights: {u2hi: 2}}", err), REC_ERR_CONFIG, "uh2i");
    ck_assert_fails(parse(&o, "{weights: {uh2i: -1}}", err), REC_ERR_CONFIG, "uh2i");
}
END_TEST

REC_SUITE("models/reclm_emb/training", tcase_add_test(t, tuning_helps_on_rows_it_never_saw);
          tcase_add_test(t, the_same_seed_gives_the_same_bits);
          tcase_add_test(t, an_adapter_is_merged);
          tcase_add_test(t, mined_negatives_are_wrong_and_seen);
          tcase_add_test(t, tasks_are_drawn_by_weight_and_size);
          tcase_add_test(t, a_task_of_weight_0_is_not_trained);
          tcase_add_test(t, own_groups_are_without_passages_of_the_batch);
          tcase_add_test(t, masking_can_be_switched_off);
          tcase_add_test(t, prefixes_can_be_forgotten);
          tcase_add_test(t, frozen_word_embeddings_keep_their_values);
          tcase_add_test(t, a_group_of_one_task_leaves_the_others_alone);
          tcase_add_test(t, nothing_said_tunes_a_checkpoint);
          tcase_add_test(t, options_that_cannot_be_are_refused);)
