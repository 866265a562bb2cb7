#include "models/lm/endpoint/options.h"

#include <string.h>

#include "tests/suite.h"

START_TEST(urls)
{
    static const struct {
        const char *base, *whole;
    } good[] = {
        {"http://h/v1", "http://h/v1/embeddings"},
        {"https://h:8/v1//", "https://h:8/v1/embeddings"},
        {"http://[::1]:80", "http://[::1]:80/embeddings"},
        {"https://h/deployments/x?api-version=1",
         "https://h/deployments/x/embeddings?api-version=1"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char *url;
        ck_assert_ok(rec_endpoint_url(&url, good[i].base, "/embeddings", err));
        ck_assert_str_eq(url, good[i].whole);
        free(url);
    }
    static const struct {
        const char *base, *message;
    } bad[] = {
        {"", "not a URL"},
        {"h/v1", "not a URL"},
        {"ftp://h/v1", "ftp"},
        {"file:///etc/passwd", "file"},
        {"http://u:p@h/v1", "key_env"},
        {"http://h/v1#x", "fragment"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *url;
        ck_assert_fails(rec_endpoint_url(&url, bad[i].base, "/x", err), REC_ERR_CONFIG,
                        bad[i].message);
        ck_assert_ptr_null(url);
    }
}
END_TEST

START_TEST(keys)
{
    char *header, *secret;
    rec_endpoint_options o = {.key_header = "Authorization"};
    ck_assert_ok(rec_endpoint_key(&header, &secret, &o, err));
    ck_assert_ptr_null(header);
    o.key_env = "TEST_KEY_OF_NOBODY";
    unsetenv(o.key_env);
    ck_assert_fails(rec_endpoint_key(&header, &secret, &o, err), REC_ERR_ENDPOINT, o.key_env);
    setenv(o.key_env, "", 1);
    ck_assert_fails(rec_endpoint_key(&header, &secret, &o, err), REC_ERR_ENDPOINT, o.key_env);
    setenv(o.key_env, "k\r\nX-Evil: 1", 1);
    ck_assert_fails(rec_endpoint_key(&header, &secret, &o, err), REC_ERR_ENDPOINT, o.key_env);
    setenv(o.key_env, "sk-1", 1);
    ck_assert_ok(rec_endpoint_key(&header, &secret, &o, err));
    ck_assert_str_eq(header, "Authorization: Bearer sk-1");
    ck_assert_str_eq(secret, "sk-1");
    free(header);
    free(secret);
    o.key_header = "api-key";
    ck_assert_ok(rec_endpoint_key(&header, &secret, &o, err));
    ck_assert_str_eq(header, "api-key: sk-1");
    free(header);
    free(secret);
}
END_TEST

static char *identity(const rec_endpoint_options *o, const char *extra)
{
    char *text;
    ck_assert_ok(rec_endpoint_identity(&text, o, extra, err));
    return text;
}

START_TEST(identities)
{
    char *omitted[] = {"seed"};
    rec_endpoint_options o = {
        .base_url = "http://h/v1", .model = "m", .temperature = -1.0, .top_p = -1.0};
    char *text = identity(&o, NULL);
    ck_assert_str_eq(text, "endpoint http://h/v1 model=m revision=- api=chat");
    free(text);
    o.revision = "r", o.temperature = 0.0, o.top_p = 0.5, o.max_tokens = 9;
    o.omit = (rec_string_list){omitted, 1};
    o.api = REC_API_COMPLETIONS;
    text = identity(&o, "{\"x\":1}");
    ck_assert_str_eq(text, "endpoint http://h/v1 model=m revision=r api=completions temperature=0 "
                           "top_p=0.5 max_tokens=9 omit=seed extra={\"x\":1}");
    free(text);
}
END_TEST

REC_SUITE("models/lm/endpoint/options", tcase_add_test(t, urls); tcase_add_test(t, keys);
          tcase_add_test(t, identities);)
