/* Ranking by vectors that are made up here: the artifact of a fit is written by hand, users are means of
 * item vectors, so that no model is needed (spec: zero and constant vectors give the tie rule's result,
 * not the target; a missing vector is missing; a batch of 1 equals a batch of 64). */
#include <math.h>
#include <string.h>

#include "core/tensor_file.h"
#include "harness/systems/system.h"
#include "tests/folder.h"
#include "tests/suite.h"

enum { N_ITEMS = 6, DIM = 2 };

typedef struct opened {
    rec_lm_pool *lms;
    rec_yaml *lms_yaml, *entry, *data;
    rec_dataset *dataset;
    rec_system *system;
} opened;

static rec_yaml *yaml(const char *text)
{
    rec_yaml *y;
    ck_assert_ok(rec_yaml_parse(&y, text, strlen(text), "t.yaml", err));
    return y;
}

/* Six items a .. f; the rows are those of an artifact. */
static void open_with(opened *o, const float *rows, const float *bias, const char *options)
{
    static const char log[] = "1 a b c d\n2 a b d e f\n";
    char text[400];
    rec_tensor_writer *w;
    rec_system_type type;
    test_write("log.txt", log, sizeof log - 1);
    snprintf(text, sizeof text, "{type: sequence, path: \"%s\"}", test_path("log.txt"));
    o->data = yaml(text);
    ck_assert_ok(rec_dataset_load(&o->dataset, o->data, 1, err));
    o->lms_yaml = yaml("m: {backend: scripted}");
    ck_assert_ok(rec_lm_pool_new(&o->lms, o->lms_yaml, err));
    ck_assert_ok(rec_tensor_writer_new(&w, err));
    ck_assert_ok(rec_tensor_writer_add(w, "rows", REC_F32, 2, (size_t[]){N_ITEMS, DIM}, rows, err));
    ck_assert_ok(rec_tensor_writer_add(w, "bias", REC_F32, 1, (size_t[]){N_ITEMS}, bias, err));
    ck_assert_ok(rec_tensor_writer_write(w, test_path("rows.safetensors"), err));
    rec_tensor_writer_free(w);
    ck_assert(rec_system_type_find(&type, "embedder"));
    snprintf(text, sizeof text, "{type: embedder, lm: m, user: mean%s}", options);
    o->entry = yaml(text);
    ck_assert_ok(rec_system_new(&o->system, "e", &type, o->entry, err));
    const rec_system_links links = {.lms = o->lms, .dataset = o->dataset};
    ck_assert_ok(rec_system_connect(o->system, &links, err));
    ck_assert_ok(rec_system_load(o->system, test_path("rows.safetensors"), o->dataset, err));
}

static void close_all(opened *o)
{
    rec_system_free(o->system);
    rec_lm_pool_free(o->lms);
    rec_dataset_free(o->dataset);
    rec_yaml_free(o->data);
    rec_yaml_free(o->entry);
    rec_yaml_free(o->lms_yaml);
}

static rec_request ranking_of(const uint32_t *history, size_t n, const uint32_t *target)
{
    return (rec_request){
        .kind = REC_REQUEST_RANK,
        .rank = {.query = {.user = REC_NO_USER, .history = history, .n_history = n},
                 .targets = target,
                 .n_targets = 1},
        .k = N_ITEMS,
    };
}

static const float no_bias[N_ITEMS];

/* Whatever the target, equal scores are in the order of the items. */
START_TEST(zeros_and_constants_give_the_tie_rule)
{
    static const float zeros[N_ITEMS * DIM], constant[] = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    static const float *const tables[] = {zeros, constant};
    static const char *const similarities[] = {"", ", similarity: dot", ", similarity: l2"};
    const uint32_t history[] = {0}, target = 4;
    for (size_t t = 0; t < 2; t++)
        for (size_t s = 0; s < 3; s++) {
            opened o;
            rec_reply_batch b = {0};
            open_with(&o, tables[t], no_bias, similarities[s]);
            const rec_request r = ranking_of(history, 1, &target);
            ck_assert_ok(rec_system_answer(&b, o.system, &r, 1, N_ITEMS, err));
            ck_assert_uint_eq(b.replies[0].targets[0].rank, 5);
            ck_assert_uint_eq(b.replies[0].targets[0].n_equal, N_ITEMS);
            for (uint32_t i = 0; i < N_ITEMS; i++)
                ck_assert_uint_eq(b.replies[0].items[i], i);
            rec_reply_batch_deinit(&b);
            close_all(&o);
        }
}
END_TEST

/* Unit vectors at 0, 90, 180 ... degrees; the user liked item 1: (0, 1). Scores by hand: b 1, e 0.6,
 * a and d 0, f -0.8, c -1. */
START_TEST(scores_by_hand_and_items_without_a_vector)
{
    static const float rows[] = {1, 0, 0, 1, 0, -1, -1, 0, 0.8f, 0.6f, 0.6f, -0.8f};
    static const uint32_t order[] = {1, 4, 0, 3, 5, 2};
    const uint32_t history[] = {1}, target = 3;
    opened o;
    rec_reply_batch b = {0};
    open_with(&o, rows, no_bias, "");
    rec_request r = ranking_of(history, 1, &target);
    ck_assert_ok(rec_system_answer(&b, o.system, &r, 1, N_ITEMS, err));
    for (size_t i = 0; i < N_ITEMS; i++)
        ck_assert_uint_eq(b.replies[0].items[i], order[i]);
    ck_assert_uint_eq(b.replies[0].targets[0].rank, 4);
    ck_assert_float_eq_tol(b.replies[0].scores[1], 0.6f, 1e-6f);
    rec_reply_batch_deinit(&b);
    close_all(&o);
    const float bias[] = {0, 0, 0, 0, -INFINITY, 0}; /* what a fit makes of a missing vector */
    open_with(&o, rows, bias, "");
    ck_assert_ok(rec_system_answer(&b, o.system, &r, 1, N_ITEMS, err));
    ck_assert_uint_eq(b.replies[0].n_ranked, 5);
    ck_assert_uint_eq(b.replies[0].items[1], 0);
    rec_reply_batch_deinit(&b);
    close_all(&o);
}
END_TEST

START_TEST(a_batch_of_one_is_a_batch_of_many)
{
    static float rows[N_ITEMS * DIM];
    static uint32_t histories[64], targets[64];
    static rec_request requests[64];
    opened o;
    rec_reply_batch all = {0};
    for (size_t i = 0; i < N_ITEMS * DIM; i++)
        rows[i] = sinf((float)(i * i));
    for (size_t i = 0; i < 64; i++) {
        histories[i] = (uint32_t)(i % N_ITEMS);
        targets[i] = (uint32_t)(i % 5);
        requests[i] = ranking_of(&histories[i], 1, &targets[i]);
    }
    open_with(&o, rows, no_bias, ", similarity: dot");
    ck_assert_ok(rec_system_answer(&all, o.system, requests, 64, N_ITEMS, err));
    for (size_t i = 0; i < 64; i++) {
        rec_reply_batch one = {0};
        ck_assert_ok(rec_system_answer(&one, o.system, &requests[i], 1, N_ITEMS, err));
        ck_assert_mem_eq(one.replies[0].items, all.replies[i].items, N_ITEMS * sizeof(uint32_t));
        ck_assert_mem_eq(one.replies[0].scores, all.replies[i].scores, N_ITEMS * sizeof(float));
        rec_reply_batch_deinit(&one);
    }
    rec_reply_batch_deinit(&all);
    close_all(&o);
}
END_TEST

START_TEST(bad_options_and_artifacts)
{
    rec_system_type type;
    rec_system *s;
    ck_assert(rec_system_type_find(&type, "embedder"));
    rec_yaml *y = yaml("{type: embedder, lm: m, user: summary}");
    ck_assert_fails(rec_system_new(&s, "e", &type, y, err), REC_ERR_CONFIG, "summary_lm: missing");
    rec_yaml_free(y);
    opened o;
    static const float rows[N_ITEMS * DIM];
    open_with(&o, rows, no_bias, "");
    test_write("bad.safetensors", "x", 1);
    ck_assert_fails(rec_system_load(o.system, test_path("bad.safetensors"), o.dataset, err),
                    REC_ERR_DATA, "");
    const rec_request text = {.kind = REC_REQUEST_TEXT};
    rec_reply_batch b = {0};
    ck_assert_fails(rec_system_answer(&b, o.system, &text, 1, N_ITEMS, err), REC_ERR_INTERNAL,
                    "asked for text");
    rec_reply_batch_deinit(&b);
    close_all(&o);
    y = yaml("{type: embedder, lm: m, item_text: [title, plot]}");
    ck_assert_ok(rec_system_new(&s, "e", &type, y, err));
    static const char log[] = "1 a b c d\n";
    test_write("log.txt", log, sizeof log - 1);
    char text_of_data[300];
    snprintf(text_of_data, sizeof text_of_data, "{type: sequence, path: \"%s\"}",
             test_path("log.txt"));
    rec_yaml *data = yaml(text_of_data);
    rec_dataset *d;
    ck_assert_ok(rec_dataset_load(&d, data, 1, err));
    const rec_system_links links = {.dataset = d};
    ck_assert_fails(rec_system_connect(s, &links, err), REC_ERR_CONFIG, "no column \"plot\"");
    rec_system_free(s);
    rec_dataset_free(d);
    rec_yaml_free(data);
    rec_yaml_free(y);
}
END_TEST

REC_SUITE("harness/systems/embedder_kind",
          tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, zeros_and_constants_give_the_tie_rule);
          tcase_add_test(t, scores_by_hand_and_items_without_a_vector);
          tcase_add_test(t, a_batch_of_one_is_a_batch_of_many);
          tcase_add_test(t, bad_options_and_artifacts);)
