#include "models/reclm_emb/training.h"

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

static void open_all(opened *o, const char *training)
{
    const rec_emb_format format = {.length = {0}};
    const rec_emb_shape shape = {
        .layers = 1, .d_model = 32, .d_ff = 64, .heads = 2, .vocab_size = 600, .seed = 1};
    rec_yaml *map;
    memset(o, 0, sizeof *o);
    o->data = load_data(SYNTH_DATA);
    read_options(&o->options, "{" SYNTH_ROLES ", train_rows: 200, dev_rows: 30}");
    make_corpus(&o->corpus, &o->options, o->data);
    ck_assert_ok(rec_dataset_select(&o->train, o->data, REC_PART_TRAIN, err));
    ck_assert_ok(rec_emb_model_new(&o->model, &shape, (const char *const *)o->corpus.items.texts,
                                   o->corpus.items.n, &format, err));
    ck_assert_ok(rec_yaml_parse(&map, training, strlen(training), "t.yaml", err));
    ck_assert_ok(rec_options_parse(&o->training, rec_emb_training_option_table, map, NULL, err));
    rec_yaml_free(map);
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

START_TEST(options_that_cannot_be_are_refused)
{
    char *task = "u2hi";
    rec_emb_training_options o = {.full = true, .tasks = {.items = &task, .n = 1}};
    ck_assert_fails(rec_emb_training_check(&o, err), REC_ERR_CONFIG,
                    "unknown task \"u2hi\", did you mean \"uh2i\"?");
    o = (rec_emb_training_options){.full = false};
    o.tuning.training.patience = 1;
    ck_assert_fails(rec_emb_training_check(&o, err), REC_ERR_CONFIG, "patience");
}
END_TEST

REC_SUITE("models/reclm_emb/training", tcase_add_test(t, tuning_helps_on_rows_it_never_saw);
          tcase_add_test(t, the_same_seed_gives_the_same_bits);
          tcase_add_test(t, an_adapter_is_merged);
          tcase_add_test(t, mined_negatives_are_wrong_and_seen);
          tcase_add_test(t, options_that_cannot_be_are_refused);)
