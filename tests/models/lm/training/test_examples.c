/* Training data as tokens, with a byte-level tokenizer whose text tokens are single bytes: ids 0..2 are
 * <|endoftext|>, <|im_start|>, <|im_end|>, byte b is the id that one() finds. */
#include <stdio.h>
#include <string.h>

#include "models/lm/training/examples.h"
#include "tests/suite.h"

static rec_tokenizer *tokenizer;
static rec_chat_template *chat;

static void set_up(void)
{
    static const char *const special[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
    ck_assert_ok(rec_tokenizer_train(&tokenizer, NULL, 0, 259, special, 3, err));
    ck_assert_ok(rec_chat_template_new(&chat, NULL, "chatml", err));
}

static void tear_down(void)
{
    rec_chat_template_free(chat);
    rec_tokenizer_free(tokenizer);
}

static rec_example_format format(size_t max_length)
{
    return (rec_example_format){
        .tokenizer = tokenizer, .chat = chat, .eos = 2, .max_length = max_length};
}

static rec_status read_all(rec_lm_examples *out, const char *text, size_t max_length,
                           rec_error *err)
{
    rec_example_format f = format(max_length);
    return rec_lm_examples_read(out, text, strlen(text), "data", &f, err);
}

/* The learnt text of an example, its other text, each in one string; special tokens as "<id>". */
static void texts_of(char *shown, char *learnt, const rec_lm_examples *x, size_t i)
{
    *shown = *learnt = '\0';
    for (size_t k = x->start[i]; k < x->start[i + 1]; k++) {
        char *to = x->learnt[k] ? learnt : shown;
        rec_buffer text = {.data = NULL};
        ck_assert_ok(rec_tokenizer_decode(&text, tokenizer, x->ids + k, 1, false, err));
        if (x->ids[k] < 3)
            sprintf(to + strlen(to), "<%u>", (unsigned)x->ids[k]);
        else
            strncat(to, text.data, text.length);
        rec_buffer_deinit(&text);
    }
}

static void assert_example(const rec_lm_examples *x, size_t i, const char *shown,
                           const char *learnt)
{
    char a[400], b[400];
    texts_of(a, b, x, i);
    ck_assert_str_eq(a, shown);
    ck_assert_str_eq(b, learnt);
}

START_TEST(what_is_learnt)
{
    static const char text[] =
        "{\"prompt\": \"Toy\", \"completion\": \" Story\"}\n"
        "\n"
        "{\"text\": \"Heat\"}\n"
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, "
        "{\"role\": \"assistant\", \"content\": \"b\"}, {\"role\": \"user\", \"content\": \"c\"}, "
        "{\"role\": \"assistant\", \"content\": \"d\"}]}\n";
    rec_lm_examples x;
    ck_assert_ok(read_all(&x, text, 100, err));
    ck_assert_uint_eq(x.n, 3);
    ck_assert_uint_eq(x.n_cut, 0);
    assert_example(&x, 0, "Toy", " Story<2>");
    assert_example(&x, 1, "", "Heat<2>");
    assert_example(&x, 2, "<1>user\na<2>\n<1>assistant\n<1>user\nc<2>\n<1>assistant\n",
                   "b<2>\nd<2>\n");
    ck_assert_uint_eq(x.n_learnt, 7 + 5 + 6);
    rec_lm_examples_deinit(&x);
}
END_TEST

/* Special-token strings in data are text. */
START_TEST(data_is_no_control_token)
{
    rec_lm_examples x;
    ck_assert_ok(
        read_all(&x, "{\"prompt\": \"<|im_end|>\", \"completion\": \"<|im_end|>\"}", 100, err));
    assert_example(&x, 0, "<|im_end|>", "<|im_end|><2>");
    ck_assert_uint_eq(x.n_tokens, 10 + 10 + 1);
    rec_lm_examples_deinit(&x);
}
END_TEST

/* The oldest of the prompt goes first, but one token of it stays; then the end of the completion. */
START_TEST(cut_examples_are_counted)
{
    rec_lm_examples x;
    ck_assert_ok(read_all(&x, "{\"prompt\": \"abcdef\", \"completion\": \"xyz\"}", 7, err));
    assert_example(&x, 0, "def", "xyz<2>");
    ck_assert_uint_eq(x.n_cut, 1);
    rec_lm_examples_deinit(&x);
    ck_assert_ok(read_all(&x, "{\"prompt\": \"abcdef\", \"completion\": \"xyz\"}", 3, err));
    assert_example(&x, 0, "f", "xy");
    rec_lm_examples_deinit(&x);
}
END_TEST

START_TEST(examples_without_anything_to_learn)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "data: no example"},
        {"{\"text\": \"a\"}\n{\"prompt\": \"x\", \"completion\": \"\"}",
         "data:2: the completion is empty"},
        {"{\"text\": \"\"}", "data:1"},
        {"{\"prompt\": \"x\"}", "data:1"},
        {"{\"messages\": []}", "data:1"},
        {"{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}", "data:1"},
        {"{\"messages\": [{\"role\": \"robot\", \"content\": \"x\"}]}", "unknown role \"robot\""},
        {"{\"messages\": 3}", "data:1"},
        {"[1]", "data:1"},
        {"{\"text\": \"\xff\"}", "data:1"},
        {"{\"query\": \"x\", \"pos\": \"y\"}", "data:1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rec_lm_examples x;
        ck_assert_fails(read_all(&x, cases[i].text, 100, err), REC_ERR_DATA, cases[i].message);
        ck_assert_ptr_null(x.ids);
    }
}
END_TEST

/* Mistral v3 moves the system text to the last user turn: what was learnt before would be another text. */
START_TEST(templates_that_rewrite_turns)
{
    static const char jinja[] = "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% if "
                                "loop.last and system_message is "
                                "defined %}{{ '[INST] ' + m + '[/INST]' }}";
    static const char one[] =
        "{\"messages\": [{\"role\": \"system\", \"content\": \"s\"}, {\"role\": \"user\", "
        "\"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}";
    static const char more[] = ", {\"role\": \"user\", \"content\": \"c\"}, "
                               "{\"role\": \"assistant\", \"content\": \"d\"}]}";
    char text[600];
    rec_lm_examples x;
    rec_chat_template_free(chat);
    ck_assert_ok(rec_chat_template_new(&chat, jinja, NULL, err));
    snprintf(text, sizeof text, "%s]}", one);
    ck_assert_ok(read_all(&x, text, 200, err));
    assert_example(&x, 0, "<s>[INST] s\n\na[/INST]", " b</s>");
    rec_lm_examples_deinit(&x);
    snprintf(text, sizeof text, "%s%s", one, more);
    ck_assert_fails(read_all(&x, text, 200, err), REC_ERR_DATA, "give one example per answer");
}
END_TEST

START_TEST(pairs)
{
    static const char text[] = "{\"query\": \"q\", \"pos\": [\"p\", \"pp\"], \"neg\": [\"n\"]}\n"
                               "{\"query\": \"long query\", \"pos\": \"p\"}\n";
    rec_lm_pairs p;
    rec_example_format f = format(5);
    ck_assert_ok(rec_lm_pairs_read(&p, text, strlen(text), "pairs", &f, err));
    ck_assert_uint_eq(p.n, 3); /* two positives make two pairs */
    ck_assert_uint_eq(p.texts.n_cut, 1);
    ck_assert_uint_eq(p.negative_start[1] - p.negative_start[0], 1);
    ck_assert_uint_eq(p.negative_start[3] - p.negative_start[2], 0);
    ck_assert_uint_eq(p.query[0], p.query[1]);
    rec_lm_pairs_deinit(&p);
    static const char *const bad[] = {"{\"query\": \"\", \"pos\": \"p\"}", "{\"query\": \"q\"}",
                                      "{\"query\": \"q\", \"pos\": []}",
                                      "{\"query\": \"q\", \"pos\": \"p\", \"neg\": [3]}", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_fails(rec_lm_pairs_read(&p, bad[i], strlen(bad[i]), "pairs", &f, err),
                        REC_ERR_DATA, "pairs");
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_is_learnt);
    tcase_add_test(t, data_is_no_control_token);
    tcase_add_test(t, cut_examples_are_counted);
    tcase_add_test(t, examples_without_anything_to_learn);
    tcase_add_test(t, templates_that_rewrite_turns);
    tcase_add_test(t, pairs);
}

REC_SUITE("models/lm/training/examples", add_tests(t);)
