#include <math.h>
#include <string.h>

#include "models/process_protocol.h"
#include "tests/suite.h"

static char *user_ids[] = {"1", "zwei \"2\""};
static char *item_ids[] = {"a", "b", "c"};
static size_t start[] = {0, 2, 2};
static uint32_t item[] = {2, 0};
static float value[] = {1.5f, -2};
static double when[] = {10, 12.5};

static rec_dataset dataset(void)
{
    rec_dataset d = {.name = (char *)"tiny", .n_users = 2, .user_ids = user_ids};
    d.catalogue.n_items = 3;
    d.catalogue.ids = item_ids;
    return d;
}

static void world_init(rec_process_world *w, bool with_train)
{
    rec_dataset d = dataset();
    rec_interactions train = {2, 3, 2, start, item, value, when};
    ck_assert_ok(rec_process_world_init(w, &d, with_train ? &train : NULL, 9, err));
}

START_TEST(introduction)
{
    rec_process_world w;
    rec_buffer text = {0};
    world_init(&w, true);
    ck_assert_ok(rec_process_introduction(&text, &w, err));
    ck_assert_str_eq(
        text.data,
        "{\"type\":\"start\",\"protocol\":1,\"dataset\":\"tiny\",\"sends_train\":true,"
        "\"items\":[\"a\",\"b\",\"c\"]}\n"
        "{\"type\":\"train\",\"user\":\"1\",\"items\":[\"c\",\"a\"],\"values\":[1.5,-2],"
        "\"times\":[10,12.5]}\n"
        "{\"type\":\"train\",\"user\":\"zwei \\\"2\\\"\",\"items\":[],\"values\":[],\"times\":[]}\n"
        "{\"type\":\"fit\",\"seed\":9}\n");
    rec_buffer_deinit(&text);
    rec_process_world_deinit(&w);
    world_init(&w, false);
    ck_assert_ok(rec_process_introduction(&text, &w, err));
    ck_assert_ptr_null(strstr(text.data, "train\","));
    ck_assert_ptr_nonnull(strstr(text.data, "\"sends_train\":false"));
    rec_buffer_deinit(&text);
    rec_process_world_deinit(&w);
}
END_TEST

START_TEST(request)
{
    const uint32_t history[] = {1, 1};
    const rec_query queries[] = {
        {.user = 1, .history = history, .n_history = 2},
        {.user = REC_NO_USER, .text = "red\nshoes"},
    };
    rec_process_world w;
    rec_buffer text = {0};
    world_init(&w, false);
    ck_assert_ok(rec_process_request(&text, &w, 7, queries, 2, err));
    ck_assert_str_eq(text.data, "{\"type\":\"score\",\"id\":7,\"queries\":["
                                "{\"user\":\"zwei \\\"2\\\"\",\"history\":[\"b\",\"b\"]},"
                                "{\"history\":[],\"text\":\"red\\nshoes\"}]}\n");
    rec_buffer_deinit(&text);
    rec_process_world_deinit(&w);
}
END_TEST

static rec_status parse(float scores[6], const char *line, rec_error *err)
{
    rec_process_world w;
    world_init(&w, false);
    rec_status status = rec_process_parse_scores(scores, &w, line, strlen(line), 7, 2, err);
    rec_process_world_deinit(&w);
    return status;
}

START_TEST(scores_in_both_forms)
{
    float scores[6];
    ck_assert_ok(parse(scores,
                       "{\"id\": 7, \"results\": [[1, null, -2.5], "
                       "{\"items\": [\"c\", \"a\"], \"scores\": [3, 4]}]}",
                       err));
    ck_assert_mem_eq(scores, ((float[]){1, -INFINITY, -2.5f, 4, -INFINITY, 3}), sizeof scores);
}
END_TEST

START_TEST(wrong_answers)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"{\"id\": 6, \"results\": []}", "its id is not that of the request"},
        {"{\"results\": []}", "its id is not that of the request"},
        {"{\"id\": 7, \"results\": [[1, 2, 3]]}", "wanted 2 results"},
        {"{\"id\": 7}", "wanted 2 results"},
        {"{\"id\": 7, \"results\": [[1, 2], []]}", "one number or null per item"},
        {"{\"id\": 7, \"results\": [[1, 2, 3, 4], []]}", "one number or null per item"},
        {"{\"id\": 7, \"results\": [[1, \"2\", 3], []]}", "one number or null per item"},
        {"{\"id\": 7, \"results\": [{\"items\": [\"a\"], \"scores\": []}, []]}", "same length"},
        {"{\"id\": 7, \"results\": [{\"items\": [\"x\"], \"scores\": [1]}, []]}",
         "no item has the id \"x\""},
        {"{\"id\": 7, \"results\": [{\"items\": [1], \"scores\": [1]}, []]}", "(not a text)"},
        {"{\"id\": 7, \"results\": [{\"items\": [\"a\"], \"scores\": [null]}, []]}",
         "a score is not a finite number"},
        {"{\"id\": 7, \"results\": [{\"items\": [\"a\"], \"scores\": [1e200]}, []]}",
         "a score is not a finite number"},
        {"{\"id\": 7, \"results\": [3, 4]}", "same length"},
        {"[]", "not an object"},
        {"{\"error\": \"no such user\"}", "the program says: no such user"},
        {"Traceback", "answer of the program:1:1"},
        {"", "answer of the program:1:1"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        float scores[6];
        ck_assert_fails(parse(scores, cases[c].line, err), REC_ERR_MODEL, cases[c].message);
    }
}
END_TEST

START_TEST(ready_or_not)
{
    const char *ready = "{\"type\": \"ready\"}", *other = "{\"type\": \"steady\"}";
    const char *error = "{\"error\": \"no GPU\"}";
    ck_assert_ok(rec_process_parse_ready(ready, strlen(ready), err));
    ck_assert_fails(rec_process_parse_ready(other, strlen(other), err), REC_ERR_MODEL,
                    "wanted {\"type\": \"ready\"}");
    ck_assert_fails(rec_process_parse_ready(error, strlen(error), err), REC_ERR_MODEL,
                    "the program says: no GPU");
}
END_TEST

REC_SUITE("models/process_protocol", tcase_add_test(t, introduction); tcase_add_test(t, request);
          tcase_add_test(t, scores_in_both_forms); tcase_add_test(t, wrong_answers);
          tcase_add_test(t, ready_or_not);)
