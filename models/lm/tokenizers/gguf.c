/* tokenizer.ggml.* of a GGUF file -> the tables that read.c builds a tokenizer from. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/lm/tokenizers/read.h"

static const rec_gguf_value *find(const rec_gguf *f, const char *key)
{
    char name[64] = "tokenizer.ggml.";
    strncat(name, key, sizeof name - strlen(name) - 1);
    return rec_gguf_find(f, name);
}

static rec_status find_strings(const char *const **strings, const size_t **lengths, size_t *n,
                               const rec_gguf *f, const char *key, bool required, rec_error *err)
{
    const rec_gguf_value *v = find(f, key);
    if (v == NULL && !required)
        return REC_OK;
    if (v == NULL || v->type != REC_GGUF_ARRAY || v->item_type != REC_GGUF_STRING)
        return rec_fail(err, REC_ERR_MODEL, "tokenizer.ggml.%s is not a list of strings", key);
    *strings = v->strings;
    *lengths = v->lengths;
    *n = v->n;
    return REC_OK;
}

/* A list as long as the vocabulary, copied since the file does not align it; NULL when absent. */
static rec_status copy_numbers(void *out, const rec_gguf *f, const char *key, rec_gguf_type type,
                               size_t n, rec_error *err)
{
    const rec_gguf_value *v = find(f, key);
    void **copy = out;
    *copy = NULL;
    if (v == NULL)
        return REC_OK;
    if (v->type != REC_GGUF_ARRAY || v->item_type != type || v->n != n)
        return rec_fail(err, REC_ERR_MODEL, "tokenizer.ggml.%s does not fit %zu tokens", key, n);
    *copy = rec_memdup(v->bytes, n * 4, err); /* F32 and I32 */
    return *copy != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status find_id(uint32_t *id, const rec_gguf *f, const char *key, size_t n,
                          rec_error *err)
{
    const rec_gguf_value *v = find(f, key);
    uint64_t value;
    *id = REC_NO_TOKEN;
    if (v == NULL)
        return REC_OK;
    rec_status status = rec_gguf_u64(&value, v, 0, err);
    if (status == REC_OK && value >= n)
        status = rec_fail(err, REC_ERR_MODEL, "tokenizer.ggml.%s is not in the vocabulary", key);
    if (status == REC_OK)
        *id = (uint32_t)value;
    return status;
}

static rec_status find_flag(bool *flag, const rec_gguf *f, const char *key, rec_error *err)
{
    const rec_gguf_value *v = find(f, key);
    return v == NULL ? REC_OK : rec_gguf_bool(flag, v, 0, err);
}

static rec_status find_text(char **text, const rec_gguf *f, const char *key, rec_error *err)
{
    const rec_gguf_value *v = find(f, key);
    return v == NULL ? REC_OK : rec_gguf_string(text, v, 0, err);
}

rec_status rec_tokenizer_read_gguf(rec_tokenizer **out, const rec_gguf *f, rec_error *err)
{
    rec_status status = REC_OK;
    char *model = NULL, *pre = NULL;
    float *scores = NULL;
    int32_t *types = NULL;
    rec_gguf_vocab g = {0};
    REC_TRY(find_text(&model, f, "model", err));
    if (model == NULL)
        REC_TRY(rec_fail(err, REC_ERR_MODEL, "the file carries no tokenizer"));
    REC_TRY(find_text(&pre, f, "pre", err));
    REC_TRY(find_strings(&g.tokens, &g.token_lengths, &g.n_tokens, f, "tokens", true, err));
    REC_TRY(find_strings(&g.merges, &g.merge_lengths, &g.n_merges, f, "merges", false, err));
    REC_TRY(copy_numbers(&scores, f, "scores", REC_GGUF_F32, g.n_tokens, err));
    REC_TRY(copy_numbers(&types, f, "token_type", REC_GGUF_I32, g.n_tokens, err));
    REC_TRY(find_id(&g.bos, f, "bos_token_id", g.n_tokens, err));
    REC_TRY(find_id(&g.eos, f, "eos_token_id", g.n_tokens, err));
    REC_TRY(find_id(&g.unknown, f, "unknown_token_id", g.n_tokens, err));
    g.add_bos = strcmp(model, "llama") == 0; /* SentencePiece files leave the default out */
    g.add_space_prefix = true;
    REC_TRY(find_flag(&g.add_bos, f, "add_bos_token", err));
    REC_TRY(find_flag(&g.add_eos, f, "add_eos_token", err));
    REC_TRY(find_flag(&g.add_space_prefix, f, "add_space_prefix", err));
    g.model = model;
    g.pre = pre;
    g.scores = scores;
    g.types = types;
    status = rec_tokenizer_from_gguf(out, &g, err);
cleanup:
    free(types);
    free(scores);
    free(pre);
    free(model);
    return status;
}
