#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "models/lm/config.h"
#include "tests/folder.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define SIZES                                                                                      \
    "\"vocab_size\":100,\"hidden_size\":64,\"intermediate_size\":128,\"num_hidden_layers\":7,"     \
    "\"num_attention_heads\":4,\"max_position_embeddings\":512"

static rec_status parse(rec_lm_config *out, const char *members, rec_error *problem)
{
    char text[2000];
    cJSON *json = NULL;
    snprintf(text, sizeof text, "{" SIZES ",%s}", members);
    ck_assert_ok(rec_json_parse(&json, text, strlen(text), "config.json", 1, err));
    rec_status status = rec_lm_config_from_json(out, json, "config.json", problem);
    cJSON_Delete(json);
    return status;
}

static rec_lm_config parsed(const char *members)
{
    rec_lm_config c;
    ck_assert_ok(parse(&c, members, err));
    return c;
}

static void assert_refused(const char *members, const char *message)
{
    rec_lm_config c;
    ck_assert_fails(parse(&c, members, err), REC_ERR_MODEL, message);
}

START_TEST(defaults_of_the_families)
{
    rec_lm_config c = parsed("\"model_type\":\"llama\",\"num_key_value_heads\":2");
    ck_assert(!c.encoder && c.has_head && !c.tied && !c.qkv_bias && !c.qk_norm);
    ck_assert_uint_eq(c.head_dim, 16);
    ck_assert_uint_eq(c.n_kv_heads, 2);
    ck_assert_double_eq(c.attention_scale, 0.25);
    c = parsed("\"model_type\":\"qwen2\",\"sliding_window\":32");
    ck_assert(c.qkv_bias && !c.o_bias);
    ck_assert_uint_eq(c.window, 0); /* use_sliding_window is off */
    c = parsed("\"model_type\":\"gemma3_text\",\"head_dim\":24,\"sliding_window\":32,"
               "\"query_pre_attn_scalar\":25");
    ck_assert(c.tied && c.qk_norm && c.sandwich_norms);
    ck_assert_double_eq(c.embed_scale, 8.0);
    ck_assert_double_eq(c.attention_scale, 0.2);
    ck_assert_double_eq(c.rope.theta, 1e6);
    ck_assert_double_eq(c.rope_sliding.theta, 1e4);
    ck_assert(c.sliding[4] && !c.sliding[5] && c.sliding[6]); /* every sixth layer sees all */
    c = parsed("\"model_type\":\"bert\"");
    ck_assert(c.encoder && !c.has_head && c.qkv_bias && c.o_bias);
    ck_assert_int_eq(c.pooling, REC_POOL_MEAN);
    c = parsed("\"model_type\":\"xlm-roberta\",\"pad_token_id\":1,\"type_vocab_size\":1");
    ck_assert_uint_eq(c.position_offset, 2);
    ck_assert_uint_eq(c.max_positions, 510);
}
END_TEST

START_TEST(windows)
{
    rec_lm_config c = parsed("\"model_type\":\"mistral\",\"sliding_window\":8");
    ck_assert(c.window == 8 && c.sliding[0] && c.sliding[6]);
    c = parsed("\"model_type\":\"mistral\",\"sliding_window\":null");
    ck_assert(c.window == 0 && !c.sliding[0]);
    c = parsed("\"model_type\":\"qwen2\",\"sliding_window\":8,\"use_sliding_window\":true,"
               "\"max_window_layers\":3");
    ck_assert(c.window == 8 && !c.sliding[2] && c.sliding[3]);
    assert_refused("\"model_type\":\"mistral\",\"sliding_window\":8,\"layer_types\":[\"x\"]",
                   "layer_types: not one per layer");
}
END_TEST

START_TEST(end_tokens)
{
    rec_lm_config c = parsed("\"model_type\":\"llama\",\"eos_token_id\":7,\"bos_token_id\":1");
    ck_assert(c.n_eos == 1 && c.eos[0] == 7 && c.bos == 1 && c.pad == UINT32_MAX);
    c = parsed("\"model_type\":\"llama\",\"eos_token_id\":[7,9]");
    ck_assert(c.n_eos == 2 && c.eos[1] == 9);
    assert_refused("\"model_type\":\"llama\",\"eos_token_id\":\"x\"",
                   "eos_token_id: not a token id");
    assert_refused("\"model_type\":\"llama\",\"eos_token_id\":[1,2,3,4,5,6,7,8,9]", "more than 8");
}
END_TEST

/* Llama 3.1's published constants: pairs slower than 8192 / (2 pi) turns are slowed by 8, quicker ones
 * than a quarter of that stay. */
START_TEST(rotary_frequencies)
{
    double out[64];
    rec_rope rope = {.theta = 500000.0};
    rec_rope_frequencies(out, &rope, 128);
    ck_assert_double_eq(out[0], 1.0);
    ck_assert_double_eq_tol(out[32], 1.0 / sqrt(500000.0), 1e-15);
    rope.scaling = REC_ROPE_LINEAR;
    rope.factor = 4.0;
    rec_rope_frequencies(out, &rope, 128);
    ck_assert_double_eq(out[0], 0.25);
    rope = (rec_rope){500000.0, REC_ROPE_LLAMA3, 8.0, 1.0, 4.0, 8192.0};
    rec_rope_frequencies(out, &rope, 128);
    ck_assert_double_eq(out[0], 1.0);
    ck_assert_double_eq_tol(out[63] * 8.0 / pow(500000.0, -126.0 / 128.0), 1.0, 1e-12);
    /* pair 31 turns 8192 / (2 pi) * 500000^(-62/128) = 2.264 times: between 1 and 4 */
    double plain = pow(500000.0, -62.0 / 128.0), turns = 8192.0 * plain / 6.283185307179586;
    double keep = (turns - 1.0) / 3.0;
    ck_assert_double_eq_tol(out[31], plain * ((1.0 - keep) / 8.0 + keep), 1e-15);
}
END_TEST

START_TEST(unsupported_options_are_named)
{
    assert_refused("\"model_type\":\"gpt2\"", "model_type \"gpt2\" is not supported");
    assert_refused("\"x\":1", "model_type \"\" is not supported");
    assert_refused(
        "\"model_type\":\"llama\",\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2}",
        "rotary scaling \"yarn\" is not supported");
    assert_refused("\"model_type\":\"llama\",\"rope_parameters\":{\"rope_type\":\"llama3\"}",
                   "needs low_freq_factor < high_freq_factor");
    assert_refused("\"model_type\":\"gemma3_text\",\"final_logit_softcapping\":30.0",
                   "final_logit_softcapping: this setting is not supported");
    assert_refused("\"model_type\":\"llama\",\"mlp_bias\":true", "mlp_bias");
    assert_refused("\"model_type\":\"llama\",\"partial_rotary_factor\":0.5",
                   "partial_rotary_factor");
    assert_refused("\"model_type\":\"llama\",\"quantization_config\":{}", "quantization_config");
    assert_refused("\"model_type\":\"bert\",\"position_embedding_type\":\"relative_key\"",
                   "position_embedding_type");
    assert_refused("\"model_type\":\"llama\",\"hidden_act\":\"relu\"", "unknown activation");
}
END_TEST

START_TEST(sizes_must_fit)
{
    rec_lm_config c;
    cJSON *json = cJSON_Parse("{\"model_type\":\"llama\",\"vocab_size\":100}");
    ck_assert_fails(rec_lm_config_from_json(&c, json, "c", err), REC_ERR_MODEL,
                    "c: hidden_size: missing");
    cJSON_Delete(json);
    assert_refused("\"model_type\":\"llama\",\"num_key_value_heads\":3", "no multiple of 3");
    assert_refused("\"model_type\":\"llama\",\"num_key_value_heads\":-1", "num_key_value_heads");
    assert_refused("\"model_type\":\"llama\",\"num_key_value_heads\":0", "key-value heads: 0");
    assert_refused("\"model_type\":\"llama\",\"head_dim\":15", "even head size");
    assert_refused("\"model_type\":\"llama\",\"head_dim\":1e9", "head size: 1000000000");
    assert_refused("\"model_type\":\"bert\",\"head_dim\":8", "no multiple of 4 heads");
    assert_refused("\"model_type\":\"llama\",\"rms_norm_eps\":0", "must be positive");
    assert_refused("\"model_type\":\"llama\",\"rms_norm_eps\":\"x\"", "not a number");
}
END_TEST

static void write_text(const char *name, const char *text)
{
    test_write(name, text, strlen(text));
}

START_TEST(files_of_sentence_transformers)
{
    rec_lm_config c;
    write_text("config.json", "{" SIZES ",\"model_type\":\"bert\"}");
    ck_assert_ok(rec_lm_config_read(&c, test_folder_name, err));
    ck_assert(c.normalise && c.pooling == REC_POOL_MEAN && c.max_pooled == 0);
    write_text("modules.json",
               "[{\"type\":\"sentence_transformers.models.Transformer\",\"path\":\"\"},"
               "{\"type\":\"sentence_transformers.models.Pooling\",\"path\":\"p\"}]");
    write_text("sentence_bert_config.json", "{\"max_seq_length\":128}");
    ck_assert_fails(rec_lm_config_read(&c, test_folder_name, err), REC_ERR_MODEL, "exactly one of");
    char command[100];
    snprintf(command, sizeof command, "mkdir %s/p", test_folder_name);
    ck_assert_int_eq(system(command), 0);
    write_text("p/config.json",
               "{\"pooling_mode_cls_token\":true,\"pooling_mode_mean_tokens\":false}");
    ck_assert_ok(rec_lm_config_read(&c, test_folder_name, err));
    ck_assert(!c.normalise && c.pooling == REC_POOL_CLS && c.max_pooled == 128);
    /* version 6: the mode by name, the length with the tokenizer */
    write_text("p/config.json", "{\"pooling_mode\":\"lasttoken\",\"include_prompt\":true}");
    write_text("sentence_bert_config.json", "{\"module_output_name\":\"token_embeddings\"}");
    write_text("tokenizer_config.json", "{\"model_max_length\":7}");
    ck_assert_ok(rec_lm_config_read(&c, test_folder_name, err));
    ck_assert(c.pooling == REC_POOL_LAST && c.max_pooled == 7);
    write_text("tokenizer_config.json", "{\"model_max_length\":1e30}");
    ck_assert_ok(rec_lm_config_read(&c, test_folder_name, err));
    ck_assert_uint_eq(c.max_pooled, 0);
    write_text("p/config.json", "{\"pooling_mode\":\"max\"}");
    ck_assert_fails(rec_lm_config_read(&c, test_folder_name, err), REC_ERR_MODEL,
                    "pooling_mode: not supported (mean, cls, lasttoken)");
    write_text("p/config.json", "{\"pooling_mode_max_tokens\":true}");
    ck_assert_fails(rec_lm_config_read(&c, test_folder_name, err), REC_ERR_MODEL,
                    "pooling_mode_max_tokens: not supported");
    write_text("modules.json",
               "[{\"type\":\"sentence_transformers.models.Dense\",\"path\":\"2\"}]");
    ck_assert_fails(rec_lm_config_read(&c, test_folder_name, err), REC_ERR_MODEL,
                    "module sentence_transformers.models.Dense is not supported");
    write_text("modules.json", "[{}]");
    ck_assert_fails(rec_lm_config_read(&c, test_folder_name, err), REC_ERR_MODEL,
                    "a module without type");
    write_text("config.json", "{");
    ck_assert_fails(rec_lm_config_read(&c, test_folder_name, err), REC_ERR_MODEL,
                    "config.json:1:2");
}
END_TEST

START_TEST(generation_config_has_the_last_word)
{
    rec_lm_config c;
    write_text("config.json", "{" SIZES ",\"model_type\":\"llama\",\"eos_token_id\":1}");
    write_text("generation_config.json", "{\"eos_token_id\":[2,3]}");
    ck_assert_ok(rec_lm_config_read(&c, test_folder_name, err));
    ck_assert(c.n_eos == 2 && c.eos[0] == 2 && c.eos[1] == 3);
}
END_TEST

/* Our config.json of every golden model reads back as the same config. */
START_TEST(what_is_written_is_read)
{
    static const char *const names[] = {"llama3-rope", "mistral-window", "qwen2",      "qwen3",
                                        "gemma3",      "bert",           "xlm-roberta"};
    rec_lm_config c, again;
    char path[512];
    snprintf(path, sizeof path, GOLDEN("lm/%s"), names[_i]);
    memset(&c, 0, sizeof c);
    memset(&again, 0, sizeof again);
    ck_assert_ok(rec_lm_config_read(&c, path, err));
    cJSON *json = rec_lm_config_to_json(&c, NULL);
    ck_assert_ok(rec_lm_config_from_json(&again, json, "written", err));
    cJSON_Delete(json);
    ck_assert_int_eq(again.arch, c.arch);
    ck_assert_mem_eq(again.sliding, c.sliding, sizeof c.sliding);
    ck_assert_uint_eq(again.window, c.window);
    ck_assert_uint_eq(again.head_dim, c.head_dim);
    ck_assert_uint_eq(again.max_positions, c.max_positions);
    ck_assert_double_eq(again.rope.theta, c.rope.theta);
    ck_assert_double_eq(again.rope.factor, c.rope.factor);
    ck_assert_int_eq(again.rope.scaling, c.rope.scaling);
    ck_assert_double_eq(again.rope_sliding.theta, c.rope_sliding.theta);
    ck_assert_double_eq(again.attention_scale, c.attention_scale);
    ck_assert_double_eq(again.norm_eps, c.norm_eps);
    ck_assert(again.tied == c.tied && again.qkv_bias == c.qkv_bias && again.qk_norm == c.qk_norm);
    ck_assert(again.n_eos == c.n_eos && again.eos[0] == c.eos[0] && again.bos == c.bos);
    ck_assert_int_eq(again.activation, c.activation);
    ck_assert_uint_eq(rec_lm_config_n_parameters(&again), rec_lm_config_n_parameters(&c));
}
END_TEST

REC_SUITE("models/lm/config", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, defaults_of_the_families); tcase_add_test(t, windows);
          tcase_add_test(t, end_tokens); tcase_add_test(t, rotary_frequencies);
          tcase_add_test(t, unsupported_options_are_named); tcase_add_test(t, sizes_must_fit);
          tcase_add_test(t, files_of_sentence_transformers);
          tcase_add_test(t, generation_config_has_the_last_word);
          tcase_add_loop_test(t, what_is_written_is_read, 0, 7);)
