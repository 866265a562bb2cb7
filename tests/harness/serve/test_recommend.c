/* Requests for recommendations in items of a data set, and their answer. */
#include "harness/serve/recommend.h"

#include <string.h>

#include "tests/harness/run/small.h"

static rec_config *config;
static rec_dataset *data;

static void set_up(void)
{
    small_data();
    config = small_config("systems: [{type: pop}]\ntasks: [{type: retrieval}]\n");
    ck_assert_ok(rec_dataset_load(&data, config->dataset, 1, err));
}

static void tear_down(void)
{
    rec_dataset_free(data);
    rec_config_free(config);
    test_folder_remove();
}

static rec_status parse(rec_recommend_request *r, const char *body, rec_api_error *api)
{
    *api = (rec_api_error){.http = 0};
    return rec_recommend_request_parse(r, body, strlen(body), api);
}

static void refused(const char *body, const char *param, const char *message)
{
    rec_recommend_request r;
    rec_recommend_query q;
    rec_api_error api;
    rec_status status = parse(&r, body, &api);
    if (status == REC_OK) {
        status = rec_recommend_query_init(&q, &r, data, &api);
        rec_recommend_request_deinit(&r);
    }
    ck_assert_int_ne(status, REC_OK);
    ck_assert_int_eq(api.http, 400);
    ck_assert_str_eq(api.param, param);
    ck_assert_msg(strstr(api.message, message) != NULL, "%s", api.message);
}

/* a..f are 0..5: the history is excluded, once each, with what else is to be. */
START_TEST(history)
{
    rec_recommend_request r;
    rec_recommend_query q;
    rec_api_error api;
    ck_assert_int_eq(parse(&r,
                           "{\"model\":\"pop\",\"history\":[\"c\",\"a\",\"c\"],"
                           "\"exclude\":[\"f\"],\"candidates\":[\"e\",\"b\",\"e\"],\"k\":3}",
                           &api),
                     REC_OK);
    ck_assert_str_eq(r.model, "pop");
    ck_assert_uint_eq(r.k, 3);
    ck_assert_int_eq(rec_recommend_query_init(&q, &r, data, &api), REC_OK);
    ck_assert_uint_eq(q.query.user, REC_NO_USER);
    ck_assert_uint_eq(q.query.n_history, 3);
    ck_assert_uint_eq(q.query.history[1], 0);
    ck_assert_uint_eq(q.n_excluded, 3);
    ck_assert_uint_eq(q.excluded[0], 0);
    ck_assert_uint_eq(q.excluded[2], 5);
    ck_assert_uint_eq(q.n_candidates, 2);
    ck_assert_uint_eq(q.candidates[0], 1);
    rec_recommend_query_deinit(&q);
    rec_recommend_request_deinit(&r);
}
END_TEST

START_TEST(user)
{
    rec_recommend_request r;
    rec_recommend_query q;
    rec_api_error api;
    ck_assert_int_eq(parse(&r, "{\"user\":\"2\",\"repeat\":true}", &api), REC_OK);
    ck_assert_uint_eq(r.k, 10);
    ck_assert_int_eq(rec_recommend_query_init(&q, &r, data, &api), REC_OK);
    ck_assert_uint_eq(q.query.user, rec_dataset_user(data, "2"));
    ck_assert_uint_eq(q.query.n_history, 4);
    ck_assert_uint_eq(q.n_excluded, 0);
    ck_assert_ptr_null(q.candidates);
    rec_recommend_query_deinit(&q);
    rec_recommend_request_deinit(&r);
    ck_assert_int_eq(parse(&r, "{\"query\":\"toys\"}", &api), REC_OK);
    ck_assert_int_eq(rec_recommend_query_init(&q, &r, data, &api), REC_OK);
    ck_assert_str_eq(q.query.text, "toys");
    rec_recommend_query_deinit(&q);
    rec_recommend_request_deinit(&r);
}
END_TEST

START_TEST(refusals)
{
    refused("{}", "history", "give \"user\"");
    refused("{\"user\":\"1\",\"history\":[]}", "user", "not both");
    refused("{\"user\":7}", "user", "string");
    refused("{\"user\":\"7\"}", "user", "no user has the id \"7\"");
    refused("{\"history\":\"a\"}", "history", "list");
    refused("{\"history\":[1]}", "history", "strings");
    refused("{\"history\":[\"z\"]}", "history", "no item has the id \"z\"");
    refused("{\"history\":[],\"exclude\":[\"z\"]}", "exclude", "\"z\"");
    refused("{\"history\":[],\"candidates\":[]}", "candidates", "empty");
    refused("{\"history\":[],\"candidates\":[\"z\"]}", "candidates", "\"z\"");
    refused("{\"history\":[],\"k\":0}", "k", "from 1");
}
END_TEST

START_TEST(reply)
{
    const uint32_t items[2] = {1, 5};
    const float scores[2] = {2.0f, 0.5f};
    char *text = rec_recommend_reply("pop", &data->catalogue, items, scores, 2, NULL);
    ck_assert_ptr_nonnull(strstr(text, "{\"object\":\"recommendations\",\"model\":\"pop\","
                                       "\"items\":[{\"rank\":1,\"id\":\"b\",\"title\":"));
    ck_assert_ptr_nonnull(strstr(text, "\"rank\":2,\"id\":\"f\""));
    ck_assert_ptr_nonnull(strstr(text, "\"score\":0.5}]}"));
    free(text);
}
END_TEST

REC_SUITE("harness/serve/recommend", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, history); tcase_add_test(t, user); tcase_add_test(t, refusals);
          tcase_add_test(t, reply);)
