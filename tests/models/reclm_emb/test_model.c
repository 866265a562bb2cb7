#include "models/reclm_emb/model.h"

#include "tests/folder.h"
#include "tests/golden.h"
#include "tests/models/reclm_emb/films.h"

static const char *const texts[] = {"title: Heat, genre: crime,drama", "title: Big, genre: comedy",
                                    "a funny film", "title: Heat", "genre: drama, price: 7"};
enum { N_TEXTS = sizeof texts / sizeof *texts };

static void open_new(rec_emb_model *m, rec_emb_format format)
{
    const rec_emb_shape shape = {
        .layers = 2, .d_model = 16, .d_ff = 32, .heads = 2, .vocab_size = 320, .seed = 1};
    ck_assert_ok(rec_emb_model_new(m, &shape, texts, N_TEXTS, &format, err));
}

static void check_vectors(const rec_emb_model *a, const rec_emb_model *b)
{
    float x[N_TEXTS * 16], y[N_TEXTS * 16];
    ck_assert_ok(rec_emb_model_embed(x, a, REC_EMB_QUERY, texts, N_TEXTS, err));
    ck_assert_ok(rec_emb_model_embed(y, b, REC_EMB_QUERY, texts, N_TEXTS, err));
    ck_assert_mem_eq(x, y, sizeof x);
}

START_TEST(vectors_have_length_one_and_depend_on_the_prefix)
{
    rec_emb_model plain, prefixed;
    float x[16], y[16], z[16];
    open_new(&plain, (rec_emb_format){.length = {0}});
    open_new(&prefixed, (rec_emb_format){.prefix = {"query: ", NULL}});
    ck_assert_ok(rec_emb_model_embed(x, &plain, REC_EMB_QUERY, texts, 1, err));
    ck_assert_ok(rec_emb_model_embed(y, &prefixed, REC_EMB_PASSAGE, texts, 1, err));
    ck_assert_ok(rec_emb_model_embed(z, &prefixed, REC_EMB_QUERY, texts, 1, err));
    ck_assert_mem_eq(x, y, sizeof x);
    ck_assert_mem_ne(x, z, sizeof x);
    double square = 0.0;
    for (size_t i = 0; i < 16; i++)
        square += (double)x[i] * x[i];
    ck_assert_double_eq_tol(square, 1.0, 1e-5);
    rec_emb_model_deinit(&prefixed);
    rec_emb_model_deinit(&plain);
}
END_TEST

START_TEST(a_saved_model_opens_with_its_format)
{
    rec_emb_model m, again;
    const rec_emb_format none = {.length = {0}};
    char *folder = strdup(test_path("model"));
    open_new(&m, (rec_emb_format){.prefix = {"query: ", "passage: "}, .length = {20, 30}});
    ck_assert_ok(rec_emb_model_save(&m, folder, err));
    ck_assert_ok(rec_emb_model_open(&again, folder, &none, err));
    ck_assert_str_eq(again.prefix[REC_EMB_PASSAGE], "passage: ");
    ck_assert_uint_eq(again.length[REC_EMB_QUERY], 20);
    ck_assert_uint_eq(again.length[REC_EMB_PASSAGE], 30);
    check_vectors(&m, &again);
    rec_emb_model_deinit(&again);
    rec_emb_model_deinit(&m);
    free(folder);
}
END_TEST

START_TEST(a_settled_model_gives_the_same_bits)
{
    rec_emb_model m, settled;
    open_new(&m, (rec_emb_format){.length = {0}});
    open_new(&settled, (rec_emb_format){.length = {0}});
    ck_assert_ok(rec_emb_model_settle(&settled, err));
    check_vectors(&m, &settled);
    rec_emb_model_deinit(&settled);
    rec_emb_model_deinit(&m);
}
END_TEST

START_TEST(texts_are_cut_alike_on_both_sides)
{
    rec_emb_model m;
    rec_token_list ids = {.ids = NULL};
    open_new(&m, (rec_emb_format){.length = {3, 5}});
    ck_assert_ok(rec_emb_model_tokenize(&ids, &m, REC_EMB_QUERY, texts[0], err));
    ck_assert_uint_eq(ids.n, 3);
    ck_assert_ok(rec_emb_model_tokenize(&ids, &m, REC_EMB_PASSAGE, texts[0], err));
    ck_assert_uint_eq(ids.n, 8); /* appended */
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(ids.ids[i], ids.ids[3 + i]);
    ck_assert_fails(rec_emb_model_tokenize(&ids, &m, REC_EMB_QUERY, "", err), REC_ERR_DATA,
                    "an empty text");
    rec_token_list_deinit(&ids);
    rec_emb_model_deinit(&m);
}
END_TEST

static void check_manifest(const char *text, const char *message)
{
    rec_emb_model m, again;
    const rec_emb_format none = {.length = {0}};
    char *folder = strdup(test_path("model"));
    open_new(&m, none);
    ck_assert_ok(rec_emb_model_save(&m, folder, err));
    test_write("model/recai_emb.json", text, strlen(text));
    rec_error e = {.status = REC_OK};
    ck_assert_int_eq(rec_emb_model_open(&again, folder, &none, &e), REC_ERR_MODEL);
    ck_assert_int_eq(e.status, REC_ERR_MODEL);
    ck_assert_msg(strstr(e.message, message) != NULL, "%s", e.message);
    const char *place = strstr(e.message, "recai_emb.json");
    ck_assert_msg(place != NULL && strstr(place + 1, "recai_emb.json") == NULL, "%s", e.message);
    rec_emb_model_deinit(&m);
    free(folder);
}

#define LAYOUT "\"item_layout\":\"key-value-1\""
#define VECTORS ",\"dim\":16,\"pooling\":\"mean\",\"normalise\":true"

#define SIDES                                                                                      \
    ",\"query_prefix\":\"\",\"query_length\":20,\"passage_prefix\":\"\",\"passage_length\":20"

START_TEST(manifests_that_do_not_fit_are_named)
{
    check_manifest("{" LAYOUT ",\"dim\":384}", "of 384 dimensions, the weights have 16");
    check_manifest("{\"item_layout\":\"other\"" VECTORS "}", "item texts of layout \"other\"");
    check_manifest("{\"dim\":16}", "item_layout");
    check_manifest("{" LAYOUT ",\"dim\":\"16\"}", "dim");
    check_manifest("{" LAYOUT ",\"dim\":16,\"pooling\":\"cls\",\"normalise\":true}",
                   "pooling \"cls\"; the folder's own files say \"mean\"");
    check_manifest("{" LAYOUT ",\"dim\":16,\"pooling\":\"mean\",\"normalise\":false}",
                   "vectors not of length 1");
    check_manifest("{" LAYOUT ",\"dim\":16,\"pooling\":\"mean\",\"normalise\":1}",
                   "normalise: true or false");
    check_manifest("{" LAYOUT VECTORS ",\"query_prefix\":\"\",\"query_length\":0}",
                   "query_length: 2 to");
    check_manifest("{" LAYOUT VECTORS ",\"query_prefix\":7,\"query_length\":20}", "query_prefix");
    check_manifest("{" LAYOUT VECTORS ",\"query_prefix\":\"\",\"query_length\":\"long\"}",
                   "query_length");
    check_manifest("{" LAYOUT VECTORS SIDES ",\"weights_sha256\":\"00ff\"}",
                   "written for other weights");
    check_manifest("[]", "item_layout");
    check_manifest("{", "");
    check_manifest("", "");
}
END_TEST

/* One bit of one weight: the file is as long as before, and every other check passes. */
START_TEST(changed_weights_are_noticed)
{
    rec_emb_model m, again;
    const rec_emb_format none = {.length = {0}};
    char *folder = strdup(test_path("model")), *path = strdup(test_path("model/model.safetensors"));
    open_new(&m, none);
    ck_assert_ok(rec_emb_model_save(&m, folder, err));
    ck_assert_ok(rec_emb_model_open(&again, folder, &none, err));
    rec_emb_model_deinit(&again);
    FILE *f = fopen(path, "r+b");
    ck_assert_int_eq(fseek(f, -1, SEEK_END), 0);
    int byte = fgetc(f);
    ck_assert_int_eq(fseek(f, -1, SEEK_END), 0);
    fputc(byte ^ 1, f);
    fclose(f);
    ck_assert_fails(rec_emb_model_open(&again, folder, &none, err), REC_ERR_MODEL,
                    "written for other weights: model.safetensors");
    rec_emb_model_deinit(&m);
    free(path);
    free(folder);
}
END_TEST

/* Every prefix of the weights is refused, and none is read past its end (under ASan). */
START_TEST(truncated_weights_are_named)
{
    static char bytes[1 << 20];
    const rec_emb_format none = {.length = {0}};
    rec_emb_model m, again;
    char *folder = strdup(test_path("model")),
         *weights = strdup(test_path("model/model.safetensors"));
    open_new(&m, none);
    ck_assert_ok(rec_emb_model_save(&m, folder, err));
    FILE *file = fopen(weights, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    ck_assert(n > 1000 && n < sizeof bytes);
    for (size_t length = 0; length < n; length += n / 9) {
        test_write("model/model.safetensors", bytes, length);
        rec_error e = {.status = REC_OK};
        ck_assert_int_eq(rec_emb_model_open(&again, folder, &none, &e), REC_ERR_MODEL);
        ck_assert_msg(strstr(e.message, "model.safetensors") != NULL, "%s", e.message);
    }
    unlink(weights);
    rec_error e = {.status = REC_OK};
    ck_assert_int_ne(rec_emb_model_open(&again, folder, &none, &e), REC_OK);
    rec_emb_model_deinit(&m);
    free(weights);
    free(folder);
}
END_TEST

/* A decoder is an encoder pooled at its last token: it opens, embeds, is saved and opens again. */
START_TEST(a_decoder_is_pooled_at_its_last_token)
{
    char command[1024], *folder = strdup(test_path("decoder")), *saved = strdup(test_path("saved"));
    const rec_emb_format none = {.length = {0}};
    rec_emb_model m, again;
    float x[64], y[64];
    snprintf(command, sizeof command, "cp -r %s %s && chmod u+w %s && cp %s/*.json %s",
             GOLDEN("lm/qwen2"), folder, folder, GOLDEN("lm/tokenizer"), folder);
    ck_assert_int_eq(system(command), 0);
    ck_assert_ok(rec_emb_model_open(&m, folder, &none, err));
    ck_assert_int_eq(rec_transformer_config(m.transformer)->pooling, REC_POOL_LAST);
    ck_assert_uint_eq(m.dim, 64);
    ck_assert(rec_transformer_config(m.transformer)->normalise); /* whatever the folder says */
    ck_assert_ok(rec_emb_model_embed(x, &m, REC_EMB_QUERY, texts, 1, err));
    ck_assert_fails(rec_emb_model_embed(y, &m, REC_EMB_QUERY, (const char *[]){""}, 1, err),
                    REC_ERR_DATA, "an empty text"); /* no token is added that could be pooled */
    ck_assert_ok(rec_emb_model_save(&m, saved, err));
    ck_assert_ok(rec_emb_model_open(&again, saved, &none, err));
    ck_assert_ok(rec_emb_model_embed(y, &again, REC_EMB_QUERY, texts, 1, err));
    ck_assert_mem_eq(x, y, sizeof x);
    rec_emb_model_deinit(&again);
    rec_emb_model_deinit(&m);
    free(saved);
    free(folder);
}
END_TEST

START_TEST(heads_must_divide)
{
    rec_emb_model m;
    const rec_emb_format none = {.length = {0}};
    const rec_emb_shape shape = {
        .layers = 1, .d_model = 16, .d_ff = 16, .heads = 3, .vocab_size = 300};
    ck_assert_fails(rec_emb_model_new(&m, &shape, texts, N_TEXTS, &none, err), REC_ERR_CONFIG,
                    "heads must divide");
}
END_TEST

REC_SUITE("models/reclm_emb/model", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, vectors_have_length_one_and_depend_on_the_prefix);
          tcase_add_test(t, a_saved_model_opens_with_its_format);
          tcase_add_test(t, a_settled_model_gives_the_same_bits);
          tcase_add_test(t, texts_are_cut_alike_on_both_sides);
          tcase_add_test(t, manifests_that_do_not_fit_are_named);
          tcase_add_test(t, changed_weights_are_noticed);
          tcase_add_test(t, truncated_weights_are_named); tcase_add_test(t, heads_must_divide);
          tcase_add_test(t, a_decoder_is_pooled_at_its_last_token);)
