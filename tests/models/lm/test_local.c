/* The local back end on a tiny Qwen 2 with a ChatML tokenizer, and a tiny BERT. */
#include <math.h>
#include <string.h>

#include "models/lm/input.h"
#include "models/lm/local.h"
#include "models/lm/token_trie.h"
#include "tests/folder.h"
#include "tests/golden.h"
#include "tests/suite.h"

static void run(const char *format, const char *path)
{
    char command[900];
    snprintf(command, sizeof command, format, path);
    ck_assert_int_eq(system(command), 0);
}

static void set_up(void)
{
    test_folder();
    run("cp -r " GOLDEN("lm/qwen2") " %s", test_path("qwen2"));
    run("cp " GOLDEN("lm/tokenizer/*.json") " %s", test_path("qwen2"));
    run("cp -r " GOLDEN("lm/bert") " %s", test_path("bert"));
    run("cp " GOLDEN("tokenizers/wordpiece-cased/tokenizer.json") " %s", test_path("bert"));
}

static rec_lm *open_with(const char *name, int64_t context, int truncate)
{
    rec_lm *lm = NULL;
    rec_lm_local_options options;
    ck_assert_ok(rec_options_defaults(&options, rec_lm_local_option_table, err));
    options.path = (char *)(uintptr_t)test_path(name);
    options.context = context;
    options.truncate = truncate;
    options.slots = 4;
    ck_assert_ok(rec_lm_local_open(&lm, &options, err));
    return lm;
}

static rec_lm *open_lm(const char *name)
{
    return open_with(name, 0, REC_LM_TRUNCATE_ERROR);
}

static rec_lm_request request(const rec_lm_part *parts, size_t n, bool chat)
{
    return (rec_lm_request){.input = {.parts = parts, .n_parts = n, .chat = chat},
                            .max_tokens = 8,
                            .sampling = rec_sampling_greedy()};
}

START_TEST(capabilities)
{
    char text[100];
    rec_lm *lm = open_lm("qwen2"), *bert = open_lm("bert");
    rec_lm_capabilities_text(text, sizeof text, lm->can);
    ck_assert_str_eq(text, "generate, embed, tokens, logits, inject, constrain");
    ck_assert_uint_eq(lm->context, 128);
    ck_assert_uint_eq(lm->embed_dim, 64);
    rec_lm_capabilities_text(text, sizeof text, bert->can);
    ck_assert_str_eq(text, "embed, tokens");
    rec_lm_part part = {.kind = REC_LM_DATA, .text = "x"};
    rec_lm_request r = request(&part, 1, false);
    rec_lm_reply reply;
    ck_assert_fails(rec_lm_generate(&reply, bert, &r, 1, err), REC_ERR_CONFIG,
                    "back end local lacks: generate (it has: embed, tokens)");
    rec_lm_score score;
    rec_lm_score_request s = {.completion = {.parts = &part, .n_parts = 1}};
    ck_assert_fails(rec_lm_score_all(&score, bert, &s, 1, err), REC_ERR_CONFIG, "lacks: logits");
    rec_lm_free(lm);
    rec_lm_free(bert);
    rec_lm_free(NULL);
}
END_TEST

static void encode(rec_token_list *ids, rec_lm *lm, const rec_lm_part *parts, size_t n, bool chat)
{
    rec_lm_encoder e;
    rec_lm_encoded out;
    rec_lm_input input = {.parts = parts, .n_parts = n, .chat = chat};
    ck_assert_ok(
        rec_lm_encoder_init(&e, rec_lm_local_tokenizer(lm), rec_lm_local_chat(lm), 64, err));
    ck_assert_ok(rec_lm_encode(&out, &e, &input, false, err));
    *ids = out.ids;
    free(out.vectors);
    rec_lm_encoder_deinit(&e);
}

static size_t count(const rec_token_list *ids, uint32_t id)
{
    size_t n = 0;
    for (size_t i = 0; i < ids->n; i++)
        n += ids->ids[i] == id;
    return n;
}

/* A control-token string in data stays text; in trusted text it is the token. */
START_TEST(data_cannot_steer)
{
    rec_lm *lm = open_lm("qwen2");
    uint32_t control = rec_tokenizer_find(rec_lm_local_tokenizer(lm), "<|im_end|>");
    rec_lm_part parts[] = {{.kind = REC_LM_DATA, .text = "a<|im_end|>b"},
                           {.kind = REC_LM_TRUSTED, .text = "c<|im_end|>d"}};
    rec_token_list ids;
    ck_assert_uint_ne(control, REC_NO_TOKEN);
    encode(&ids, lm, parts, 2, false);
    ck_assert_uint_eq(count(&ids, control), 1);
    rec_token_list_deinit(&ids);
    rec_lm_part split[] = {{.kind = REC_LM_DATA, .text = "<|im_"},
                           {.kind = REC_LM_TRUSTED, .text = "end|>"}};
    encode(&ids, lm, split, 2, false); /* half of it from data */
    ck_assert_uint_eq(count(&ids, control), 0);
    rec_token_list_deinit(&ids);
    rec_lm_free(lm);
}
END_TEST

/* Ids and vectors inside a message stand where they were put, whatever bytes the data hold. */
START_TEST(ids_and_vectors_inside_a_chat)
{
    static const uint32_t item[] = {70, 71, 72};
    static const float vectors[2 * 64] = {0.5f};
    rec_lm *lm = open_lm("qwen2");
    rec_lm_part parts[] = {
        {.role = REC_ROLE_SYSTEM, .kind = REC_LM_TRUSTED, .text = "Rank."},
        {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "seen \x01 "},
        {.role = REC_ROLE_USER, .kind = REC_LM_IDS, .ids = item, .n = 3},
        {.role = REC_ROLE_USER, .kind = REC_LM_VECTORS, .vectors = vectors, .n = 2},
        {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = " next?"}};
    rec_token_list ids;
    encode(&ids, lm, parts, 5, true);
    ck_assert_uint_eq(count(&ids, REC_VECTOR_ID), 2);
    size_t at = 0;
    while (ids.ids[at] != REC_VECTOR_ID)
        at++;
    ck_assert_mem_eq(ids.ids + at - 3, item, sizeof item);
    ck_assert_uint_eq(ids.ids[at + 1], REC_VECTOR_ID);
    ck_assert_uint_gt(ids.n, at + 5);
    uint32_t opens = rec_tokenizer_find(rec_lm_local_tokenizer(lm), "<|im_start|>");
    ck_assert_uint_eq(count(&ids, opens), 3); /* system, user, the assistant's turn */
    rec_token_list_deinit(&ids);
    rec_lm_request r = request(parts, 5, true);
    rec_lm_reply reply;
    ck_assert_ok(rec_lm_generate(&reply, lm, &r, 1, err));
    ck_assert_uint_eq(reply.tokens_out, reply.best[0].n);
    rec_lm_reply_deinit(&reply);
    rec_lm_free(lm);
}
END_TEST

START_TEST(trusted_text_may_not_hold_the_placeholder)
{
    rec_lm *lm = open_lm("qwen2");
    rec_lm_part part = {.kind = REC_LM_TRUSTED, .text = "\x01"};
    rec_lm_request r = request(&part, 1, false);
    rec_lm_reply reply;
    ck_assert_fails(rec_lm_generate(&reply, lm, &r, 1, err), REC_ERR_INTERNAL, "control character");
    rec_lm_free(lm);
}
END_TEST

static rec_status collect(void *context, const char *text, size_t n, rec_error *err)
{
    return rec_buffer_append(context, text, n, err);
}

/* Texts end before a stop string, also while streaming; ids and text belong together. */
START_TEST(stop_strings_and_streams)
{
    rec_lm *lm = open_lm("qwen2");
    rec_lm_part part = {.kind = REC_LM_DATA, .text = "Toy Story"};
    rec_lm_request r = request(&part, 1, false);
    rec_lm_reply whole, cut;
    rec_buffer streamed = {.data = NULL};
    r.max_tokens = 24;
    ck_assert_ok(rec_lm_generate(&whole, lm, &r, 1, err));
    const char *text = whole.best[0].text;
    size_t n = strlen(text);
    ck_assert_uint_gt(n, 6);
    char stop[5] = {0};
    size_t middle = n / 2;
    while (middle > 0 && ((unsigned char)text[middle] & 0xC0) == 0x80)
        middle--;
    memcpy(stop, text + middle, 3);
    size_t expected = (size_t)(strstr(text, stop) - text);
    const char *const stops[] = {"never there", stop};
    r.stop = stops;
    r.n_stop = 2;
    r.on_text = collect;
    r.on_text_context = &streamed;
    ck_assert_ok(rec_lm_generate(&cut, lm, &r, 1, err));
    ck_assert_uint_eq(strlen(cut.best[0].text), expected);
    ck_assert_mem_eq(cut.best[0].text, text, expected);
    ck_assert_uint_eq(streamed.length, expected);
    ck_assert_mem_eq(streamed.data, text, expected);
    ck_assert_int_eq(cut.best[0].finish, REC_FINISH_STOP);
    ck_assert_uint_lt(cut.best[0].n, whole.best[0].n);
    rec_buffer_deinit(&streamed);
    rec_lm_reply_deinit(&whole);
    rec_lm_reply_deinit(&cut);
    rec_lm_free(lm);
}
END_TEST

START_TEST(prompts_longer_than_the_context)
{
    char text[400];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    rec_lm_part part = {.kind = REC_LM_DATA, .text = text};
    rec_lm_request r = request(&part, 1, false);
    rec_lm_reply reply;
    rec_lm *lm = open_with("qwen2", 64, REC_LM_TRUNCATE_ERROR);
    ck_assert_fails(rec_lm_generate(&reply, lm, &r, 1, err), REC_ERR_DATA, "the context has 64");
    rec_lm_free(lm);
    lm = open_with("qwen2", 64, REC_LM_TRUNCATE_OLDEST);
    ck_assert_ok(rec_lm_generate(&reply, lm, &r, 1, err));
    ck_assert_uint_gt(reply.tokens_dropped, 0);
    ck_assert_uint_eq(reply.tokens_in, 56);
    ck_assert_uint_le(reply.tokens_in + reply.tokens_out, 64);
    rec_lm_reply_deinit(&reply);
    r.max_tokens = 0; /* what is left */
    part.text = "short";
    ck_assert_ok(rec_lm_generate(&reply, lm, &r, 1, err));
    ck_assert_uint_eq(reply.tokens_dropped, 0);
    ck_assert(reply.best[0].finish == REC_FINISH_STOP || reply.tokens_in + reply.tokens_out == 64);
    rec_lm_reply_deinit(&reply);
    part.text = "";
    ck_assert_fails(rec_lm_generate(&reply, lm, &r, 1, err), REC_ERR_DATA, "an empty prompt");
    rec_lm_free(lm);
}
END_TEST

START_TEST(dropping_keeps_vectors_in_step)
{
    uint32_t *ids = malloc(6 * sizeof *ids);
    float *vectors = malloc(3 * sizeof *vectors);
    memcpy(ids, (uint32_t[]){1, REC_VECTOR_ID, 2, REC_VECTOR_ID, 3, REC_VECTOR_ID}, 24);
    memcpy(vectors, (float[]){10, 20, 30}, 12);
    rec_lm_encoded x = {
        .ids = {.ids = ids, .n = 6, .capacity = 6}, .vectors = vectors, .n_vectors = 3};
    ck_assert_uint_eq(rec_lm_encoded_drop_oldest(&x, 1, 4, 1), 2); /* the first vector and 2 go */
    ck_assert_uint_eq(x.ids.n, 4);
    ck_assert_uint_eq(x.ids.ids[0], 1);
    ck_assert_uint_eq(x.ids.ids[1], REC_VECTOR_ID);
    ck_assert_uint_eq(x.ids.ids[2], 3);
    ck_assert_uint_eq(x.n_vectors, 2);
    ck_assert_float_eq(x.vectors[0], 20);
    ck_assert_uint_eq(rec_lm_encoded_drop_oldest(&x, 1, 9, 1), 0);
    rec_lm_encoded_deinit(&x);
}
END_TEST

/* Three completions of one prompt and a bare text: in one call as one by one; the sum of the
 * log-probabilities of a text does not depend on where prompt and completion meet. */
START_TEST(scores)
{
    rec_lm *lm = open_lm("qwen2");
    rec_lm_part prompt = {.kind = REC_LM_DATA,
                          .text = "The user watched Heat, Jumanji and The Lion King. "};
    rec_lm_part completions[] = {{.kind = REC_LM_DATA, .text = "Toy Story"},
                                 {.kind = REC_LM_DATA, .text = "Heat"},
                                 {.kind = REC_LM_DATA, .text = "Toy Story 2"}};
    rec_lm_score_request requests[4];
    rec_lm_score together[4], alone;
    for (size_t i = 0; i < 3; i++)
        requests[i] =
            (rec_lm_score_request){.prompt = {.parts = &prompt, .n_parts = 1},
                                   .completion = {.parts = &completions[i], .n_parts = 1}};
    requests[3] = (rec_lm_score_request){.completion = {.parts = &completions[0], .n_parts = 1}};
    ck_assert_ok(rec_lm_score_all(together, lm, requests, 4, err));
    for (size_t i = 0; i < 4; i++) {
        ck_assert_ok(rec_lm_score_all(&alone, lm, &requests[i], 1, err));
        ck_assert_uint_eq(alone.n, together[i].n);
        ck_assert_mem_eq(alone.ids, together[i].ids, alone.n * sizeof *alone.ids);
        ck_assert_mem_eq(alone.logprobs + 1, together[i].logprobs + 1,
                         (alone.n - 1) * sizeof *alone.logprobs);
        double sum = 0.0;
        for (size_t t = i == 3; t < alone.n; t++) {
            ck_assert_float_lt(alone.logprobs[t], 0);
            sum += (double)alone.logprobs[t];
        }
        ck_assert_double_eq_tol(alone.sum, sum, 1e-9);
        rec_lm_score_deinit(&alone);
    }
    ck_assert(isnan(together[3].logprobs[0])); /* nothing precedes it */
    ck_assert_mem_ne(&together[0].sum, &together[1].sum, sizeof(double));
    for (size_t i = 0; i < 4; i++)
        rec_lm_score_deinit(&together[i]);
    completions[0].text = "";
    ck_assert_fails(rec_lm_score_all(together, lm, requests, 1, err), REC_ERR_DATA,
                    "an empty text");
    rec_lm_free(lm);
}
END_TEST

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

START_TEST(embeddings)
{
    static const char *const names[] = {"bert", "qwen2"};
    rec_lm *lm = open_lm(names[_i]);
    char *longer = malloc(2001);
    memset(longer, 'a', 2000);
    for (size_t i = 5; i < 2000; i += 6)
        longer[i] = ' ';
    longer[2000] = '\0';
    rec_lm_part parts[] = {{.kind = REC_LM_DATA, .text = "Toy Story (1995)"},
                           {.kind = REC_LM_DATA, .text = "Heat"},
                           {.kind = REC_LM_DATA, .text = longer}}; /* cut at the positions */
    rec_lm_input inputs[300];
    float *vectors = malloc(300 * 64 * sizeof *vectors), alone[64];
    for (size_t i = 0; i < 300; i++)
        inputs[i] = (rec_lm_input){.parts = &parts[i % 3], .n_parts = 1};
    ck_assert_ok(rec_lm_embed(vectors, lm, inputs, 300, err));
    for (size_t i = 0; i < 300; i++) {
        if (i < 3) {
            ck_assert_ok(rec_lm_embed(alone, lm, &inputs[i], 1, err));
            ck_assert_mem_eq(alone, vectors + i * 64, sizeof alone);
            ck_assert_double_eq_tol(dot(alone, alone, 64), 1.0, 1e-5);
        }
        ck_assert_mem_eq(vectors + i * 64, vectors + i % 3 * 64, sizeof alone);
    }
    ck_assert_double_lt(dot(vectors, vectors + 64, 64), 0.9999);
    uint64_t n_tokens[2];
    ck_assert_ok(rec_lm_count_tokens(n_tokens, lm, inputs, 2, err));
    ck_assert_uint_gt(n_tokens[0], n_tokens[1]);
    free(vectors);
    free(longer);
    rec_lm_free(lm);
}
END_TEST

static rec_lm *open_quantised(const char *name, rec_weight_policy weights, int activations)
{
    rec_lm *lm = NULL;
    rec_lm_local_options options;
    ck_assert_ok(rec_options_defaults(&options, rec_lm_local_option_table, err));
    ck_assert_int_eq(options.activations, REC_LM_ACTIVATIONS_F32);
    options.path = (char *)(uintptr_t)test_path(name);
    options.weights = (int)weights;
    options.activations = activations;
    ck_assert_ok(rec_lm_local_open(&lm, &options, err));
    return lm;
}

/* Close to the same weights in floats, the same in any company; another identity. */
START_TEST(activations_of_8_bits)
{
    static const char *const names[] = {"bert", "qwen2"};
    rec_weight_policy weights = _i / 2 == 0 ? REC_WEIGHTS_Q8_0 : REC_WEIGHTS_Q4_1;
    rec_lm *exact = open_quantised(names[_i % 2], weights, REC_LM_ACTIVATIONS_F32);
    rec_lm *lm = open_quantised(names[_i % 2], weights, REC_LM_ACTIVATIONS_INT8);
    rec_lm_part parts[] = {{.kind = REC_LM_DATA, .text = "Toy Story (1995)"},
                           {.kind = REC_LM_DATA, .text = "Heat"}};
    rec_lm_input inputs[40];
    float vectors[40 * 64], alone[64], expected[64];
    const char *identity, *other;
    for (size_t i = 0; i < 40; i++)
        inputs[i] = (rec_lm_input){.parts = &parts[i % 2], .n_parts = 1};
    ck_assert_ok(rec_lm_embed(vectors, lm, inputs, 40, err));
    for (size_t i = 0; i < 2; i++) {
        ck_assert_ok(rec_lm_embed(alone, lm, &inputs[i], 1, err));
        ck_assert_ok(rec_lm_embed(expected, exact, &inputs[i], 1, err));
        ck_assert_mem_eq(alone, vectors + (38 + i) * 64, sizeof alone);
        /* random weights, rows of two blocks: errors do not average out as they do in real ones */
        ck_assert_double_gt(dot(alone, expected, 64), 0.995);
        ck_assert_mem_ne(alone, expected, sizeof alone);
    }
    ck_assert_ok(rec_lm_identity(&identity, lm, err));
    ck_assert_ok(rec_lm_identity(&other, exact, err));
    ck_assert_str_ne(identity, other);
    rec_lm_free(lm);
    rec_lm_free(exact);
}
END_TEST

START_TEST(logits_of_some_rows_in_8_bits)
{
    rec_lm *lm = open_quantised("qwen2", REC_WEIGHTS_Q8_0, REC_LM_ACTIVATIONS_INT8);
    rec_engine *e = rec_lm_local_engine(lm);
    size_t n = rec_engine_config(e)->vocab_size;
    float hidden[64], *all = malloc(n * sizeof *all), some[4];
    float *scratch = malloc(rec_engine_logits_scratch(e) * sizeof *scratch);
    const uint32_t rows[4] = {0, 17, 31, (uint32_t)n - 1};
    rec_arena arena = {.block_size = 0};
    for (size_t i = 0; i < 64; i++)
        hidden[i] = sinf((float)(i * 7));
    ck_assert_ok(rec_engine_logits(all, e, hidden, 64, 1, &arena, err));
    rec_engine_logits_of(some, e, hidden, rows, 4, scratch);
    for (size_t i = 0; i < 4; i++)
        ck_assert_float_eq(some[i], all[rows[i]]);
    rec_arena_deinit(&arena);
    free(all);
    free(scratch);
    rec_lm_free(lm);
}
END_TEST

START_TEST(a_model_in_memory)
{
    rec_lm *opened = open_lm("qwen2"), *wrapped = NULL;
    rec_lm_local_options options;
    rec_lm_part part = {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "Name a film"};
    rec_lm_request r = request(&part, 1, true);
    rec_lm_reply a, b;
    const char *identity, *again;
    ck_assert_ok(rec_options_defaults(&options, rec_lm_local_option_table, err));
    ck_assert_ok(rec_lm_local_wrap(&wrapped, rec_engine_weights(rec_lm_local_engine(opened)),
                                   rec_lm_local_tokenizer(opened), rec_lm_local_chat(opened),
                                   &options, err));
    ck_assert_ok(rec_lm_generate(&a, opened, &r, 1, err));
    ck_assert_ok(rec_lm_generate(&b, wrapped, &r, 1, err));
    ck_assert_str_eq(a.best[0].text, b.best[0].text);
    rec_lm_reply_deinit(&b);
    rec_lm_local_forget(wrapped);
    ck_assert_ok(rec_lm_generate(&b, wrapped, &r, 1, err));
    ck_assert_uint_eq(b.tokens_shared, 0);
    ck_assert_ok(rec_lm_identity(&identity, opened, err));
    ck_assert_uint_eq(strlen(identity), 64);
    ck_assert_ok(rec_lm_identity(&again, opened, err));
    ck_assert_ptr_eq(identity, again);
    ck_assert_fails(rec_lm_identity(&again, wrapped, err), REC_ERR_INTERNAL, "no identity");
    uint64_t n_fed, n_chosen;
    rec_lm_local_counts(opened, &n_fed, &n_chosen);
    ck_assert_uint_gt(n_fed, 0);
    ck_assert_uint_gt(n_chosen, 0);
    rec_lm_reply_deinit(&a);
    rec_lm_reply_deinit(&b);
    rec_lm_free(wrapped);
    rec_lm_free(opened);
}
END_TEST

/* A dialogue of four turns on one model: what was said stays in the cache, the answers are those of a
 * model that reads each conversation for the first time. */
START_TEST(the_cache_of_a_dialogue)
{
    rec_lm *lm = open_lm("qwen2");
    rec_lm_part parts[7];
    char *answers[4] = {NULL};
    size_t known = 0;
    for (size_t turn = 0; turn < 3; turn++) {
        parts[2 * turn] = (rec_lm_part){.role = REC_ROLE_USER,
                                        .kind = REC_LM_DATA,
                                        .text = turn == 0 ? "Seen: Heat, Jumanji." : "?"};
        rec_lm_request r = request(parts, 2 * turn + 1, true);
        rec_lm_reply reply, fresh;
        r.max_tokens = 4;
        ck_assert_ok(rec_lm_generate(&reply, lm, &r, 1, err));
        ck_assert_uint_ge(reply.tokens_shared, known);
        rec_lm *other = open_lm("qwen2");
        ck_assert_ok(rec_lm_generate(&fresh, other, &r, 1, err));
        ck_assert_uint_eq(fresh.tokens_shared, 0);
        ck_assert_str_eq(reply.best[0].text, fresh.best[0].text);
        rec_lm_free(other);
        known = reply.tokens_in - 2; /* the next prompt differs where this one opens the answer */
        answers[turn] = strdup(reply.best[0].text);
        parts[2 * turn + 1] =
            (rec_lm_part){.role = REC_ROLE_ASSISTANT, .kind = REC_LM_DATA, .text = answers[turn]};
        rec_lm_reply_deinit(&reply);
        rec_lm_reply_deinit(&fresh);
    }
    for (size_t i = 0; i < 4; i++)
        free(answers[i]);
    rec_lm_free(lm);
}
END_TEST

START_TEST(a_chat_without_a_template)
{
    run("rm %s", test_path("qwen2/tokenizer_config.json"));
    rec_lm *lm = open_lm("qwen2");
    rec_lm_part part = {.role = REC_ROLE_USER, .kind = REC_LM_DATA, .text = "x"};
    rec_lm_request r = request(&part, 1, true);
    rec_lm_reply reply;
    ck_assert_fails(rec_lm_generate(&reply, lm, &r, 1, err), REC_ERR_CONFIG, "no chat template");
    rec_lm_free(lm);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, set_up, test_folder_remove);
    tcase_add_test(t, capabilities);
    tcase_add_test(t, data_cannot_steer);
    tcase_add_test(t, ids_and_vectors_inside_a_chat);
    tcase_add_test(t, trusted_text_may_not_hold_the_placeholder);
    tcase_add_test(t, stop_strings_and_streams);
    tcase_add_test(t, prompts_longer_than_the_context);
    tcase_add_test(t, dropping_keeps_vectors_in_step);
    tcase_add_test(t, scores);
    tcase_add_loop_test(t, embeddings, 0, 2);
    tcase_add_loop_test(t, activations_of_8_bits, 0, 4);
    tcase_add_test(t, logits_of_some_rows_in_8_bits);
    tcase_add_test(t, a_model_in_memory);
    tcase_add_test(t, the_cache_of_a_dialogue);
    tcase_add_test(t, a_chat_without_a_template);
}

REC_SUITE("models/lm/local", add_tests(t);)
