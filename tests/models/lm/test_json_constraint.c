/* The tokens of a byte-level tokenizer: its 256 bytes and whatever it merged. */
#include <string.h>

#include "core/json.h"
#include "core/rng.h"
#include "models/lm/json_constraint.h"
#include "tests/golden.h"
#include "tests/suite.h"

static rec_tokenizer *tokenizer;
static rec_json_tokens *tokens;
static uint32_t byte_ids[256], end_id;

static void set_up(void)
{
    ck_assert_ok(rec_tokenizer_read(&tokenizer, GOLDEN("lm/tokenizer/tokenizer.json"), err));
    ck_assert_ok(rec_json_tokens_new(&tokens, tokenizer, err));
    end_id = rec_tokenizer_find(tokenizer, "<|im_end|>");
    ck_assert_uint_ne(end_id, REC_NO_TOKEN);
    memset(byte_ids, 0xFF, sizeof byte_ids);
    for (uint32_t id = 0; id < rec_tokenizer_vocab_size(tokenizer); id++) {
        rec_buffer bytes = {.data = NULL};
        ck_assert_ok(rec_tokenizer_token_bytes(&bytes, tokenizer, id, err));
        if (bytes.length == 1)
            byte_ids[(unsigned char)bytes.data[0]] = id;
        rec_buffer_deinit(&bytes);
    }
}

static void tear_down(void)
{
    rec_json_tokens_free(tokens);
    rec_tokenizer_free(tokenizer);
}

static rec_constraint *start(rec_json_root root)
{
    rec_constraint *c = NULL;
    rec_json_rules rules = {.root = root, .end = &end_id, .n_end = 1};
    ck_assert_ok(rec_json_start(&c, tokens, &rules, err));
    return c;
}

/* Bytes of the text that are accepted one by one. */
static size_t n_accepted(rec_constraint *c, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (rec_constraint_advance(c, byte_ids[(unsigned char)text[i]], NULL) != REC_OK)
            return i;
    }
    return n;
}

static bool may_end(rec_constraint *c)
{
    rec_next_ids allowed;
    ck_assert_ok(rec_constraint_allowed(&allowed, c, err));
    return rec_next_ids_has(&allowed, end_id);
}

START_TEST(documents)
{
    static const char *const good[] = {
        "{}",
        "[]",
        "{\"a\":1}",
        " { \"a\" : [ 1 , -2.5e+3 , 0 , 0.1 , 1E5 ] , \"\" : null } ",
        "[true,false,null,\"\\u00e9\\n\\\"\",[[]],{}]",
        "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"",
        "12",
        "-0"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        rec_constraint *c = start(REC_JSON_ANY);
        size_t n = strlen(good[i]);
        while (n > 0 && good[i][n - 1] == ' ')
            n--;
        ck_assert_msg(n_accepted(c, good[i], n) == n, "%s", good[i]);
        ck_assert_msg(may_end(c), "%s", good[i]);
        ck_assert_ok(rec_constraint_advance(c, end_id, err));
        rec_next_ids allowed;
        ck_assert_ok(rec_constraint_allowed(&allowed, c, err));
        ck_assert(!allowed.free && allowed.n == 0);
        rec_constraint_free(c);
    }
}
END_TEST

/* The byte at `place` is the first that no document goes on with. */
START_TEST(what_is_no_json)
{
    static const struct {
        const char *text;
        size_t place;
    } bad[] = {{"}", 0},          {"{1", 1},     {"{\"a\",", 4},    {"{\"a\":}", 5},
               {"{\"a\":1,}", 7}, {"[1,]", 3},   {"[1 2", 3},       {"[}", 1},
               {"01", 1},         {"1.", 9},     {"1.e", 2},        {"-a", 1},
               {"1e+x", 3},       {"trux", 3},   {"\"\n", 1},       {"\"\\x", 2},
               {"\"\\u12g", 5},   {"\"\xC0", 1}, {"\"\xE0\x80", 2}, {"\"\xED\xA0", 2},
               {"\"\xC3\"", 2},   {"[]]", 2},    {"nul1", 3},       {"{}{", 2},
               {"\"a\"b", 3},     {"+1", 0},     {"'a'", 0},        {"/", 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rec_constraint *c = start(REC_JSON_ANY);
        size_t n = strlen(bad[i].text), accepted = n_accepted(c, bad[i].text, n);
        ck_assert_msg(accepted == (bad[i].place < n ? bad[i].place : n), "%s: %zu", bad[i].text,
                      accepted);
        rec_constraint_free(c);
    }
    rec_constraint *c = start(REC_JSON_ANY);
    ck_assert_uint_eq(n_accepted(c, "{\"a\"", 4), 4);
    ck_assert(!may_end(c));
    ck_assert_fails(rec_constraint_advance(c, end_id, err), REC_ERR_MODEL, "no JSON goes on");
    ck_assert_fails(rec_constraint_advance(c, UINT32_MAX, err), REC_ERR_MODEL, "no JSON goes on");
    rec_constraint_free(c);
}
END_TEST

START_TEST(roots)
{
    rec_constraint *object = start(REC_JSON_OBJECT), *array = start(REC_JSON_ARRAY);
    ck_assert_uint_eq(n_accepted(object, " [", 2), 1);
    ck_assert_uint_eq(n_accepted(object, "{}", 2), 2);
    ck_assert_uint_eq(n_accepted(array, "{", 1), 0);
    ck_assert_uint_eq(n_accepted(array, "[\"x\"]", 5), 5);
    ck_assert(may_end(object) && may_end(array));
    rec_constraint_free(object);
    rec_constraint_free(array);
}
END_TEST

START_TEST(limits)
{
    char text[200];
    rec_constraint *c = start(REC_JSON_ANY);
    memset(text, ' ', sizeof text);
    ck_assert_uint_eq(n_accepted(c, text, sizeof text), 16);
    ck_assert_uint_eq(n_accepted(c, "[1,", 3), 3); /* and again after something was said */
    ck_assert_uint_eq(n_accepted(c, text, sizeof text), 16);
    rec_constraint_free(c);
    c = start(REC_JSON_ANY);
    memset(text, '[', sizeof text);
    ck_assert_uint_eq(n_accepted(c, text, sizeof text), 64);
    rec_constraint_free(c);
}
END_TEST

/* The allowed set is exactly what advance accepts, in states of all kinds. */
START_TEST(allowed_is_what_goes_on)
{
    static const char *const prefixes[] = {
        "",        "{",     "{\"a",    "{\"a\"", "{\"a\":", "[1",  "[1.", "[-",
        "[\"\xC3", "[\"\\", "[\"\\u0", "[t",     "[1,",     "[[]", "12"};
    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++) {
        rec_constraint *c = start(REC_JSON_ANY), *copy = NULL;
        rec_next_ids allowed;
        ck_assert_uint_eq(n_accepted(c, prefixes[p], strlen(prefixes[p])), strlen(prefixes[p]));
        ck_assert_ok(rec_constraint_allowed(&allowed, c, err));
        ck_assert(!allowed.free);
        for (uint32_t id = 0; id < rec_tokenizer_vocab_size(tokenizer); id++) {
            ck_assert_ok(rec_constraint_clone(&copy, c, err));
            bool accepted = rec_constraint_advance(copy, id, NULL) == REC_OK;
            ck_assert_msg(accepted == rec_next_ids_has(&allowed, id), "\"%s\" then token %u",
                          prefixes[p], id);
            rec_constraint_free(copy);
        }
        rec_constraint_free(c);
    }
}
END_TEST

/* Random walks through allowed tokens, brought to an end, parse. */
START_TEST(random_documents_parse)
{
    rec_rng rng = rec_rng_keyed(3, "json", 0);
    size_t n_parsed = 0;
    for (int walk = 0; walk < 60; walk++) {
        rec_constraint *c = start(walk % 2 == 0 ? REC_JSON_OBJECT : REC_JSON_ANY);
        rec_buffer text = {.data = NULL};
        bool ended = false;
        for (int step = 0; step < 400 && !ended; step++) {
            rec_next_ids allowed;
            ck_assert_ok(rec_constraint_allowed(&allowed, c, err));
            ck_assert_uint_gt(allowed.n, 0);
            uint32_t id = allowed.ids[rec_rng_below(&rng, (uint32_t)allowed.n)];
            if (rec_next_ids_has(&allowed, byte_ids['"']) && rec_rng_below(&rng, 3) == 0)
                id = byte_ids['"'];
            if (rec_next_ids_has(&allowed, end_id))
                id = end_id;
            for (const char *close = "]}"; *close != '\0' && step > 20; close++) {
                if (rec_next_ids_has(&allowed, byte_ids[(unsigned char)*close]))
                    id = byte_ids[(unsigned char)*close];
            }
            ended = id == end_id;
            ck_assert_ok(rec_constraint_advance(c, id, err));
            ck_assert_ok(rec_tokenizer_token_bytes(&text, tokenizer, id, err));
        }
        if (ended) {
            cJSON *json = NULL;
            rec_error error;
            rec_status status =
                rec_json_parse_any_text(&json, text.data, text.length, "walk", 1, &error);
            /* the automaton does not remember keys, nor pairs of surrogates */
            bool known = status != REC_OK && (strstr(error.message, "duplicate key") != NULL ||
                                              strstr(error.message, "surrogate") != NULL ||
                                              strstr(error.message, "out of range") != NULL);
            ck_assert_msg(status == REC_OK || known, "%s: %s", text.data, error.message);
            n_parsed += status == REC_OK;
            cJSON_Delete(json);
        }
        rec_buffer_deinit(&text);
        rec_constraint_free(c);
    }
    ck_assert_uint_gt(n_parsed, 20);
}
END_TEST

START_TEST(bad_rules)
{
    rec_constraint *c = NULL;
    uint32_t beyond = 1 << 30;
    rec_json_rules rules = {.end = &beyond, .n_end = 1};
    ck_assert_fails(rec_json_start(&c, tokens, &rules, err), REC_ERR_CONFIG, "end token");
    rec_json_tokens_free(NULL);
}
END_TEST

REC_SUITE("models/lm/json_constraint", tcase_add_checked_fixture(t, set_up, tear_down);
          tcase_add_test(t, documents); tcase_add_test(t, what_is_no_json);
          tcase_add_test(t, roots); tcase_add_test(t, limits);
          tcase_add_test(t, allowed_is_what_goes_on); tcase_add_test(t, random_documents_parse);
          tcase_add_test(t, bad_rules);)
