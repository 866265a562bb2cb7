/* tokenizer.json -> tokenizer.ggml.* (docs/gguf.md of ggml; convert_hf_to_gguf.py of llama.cpp). */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "models/lm/export.h"
#include "models/lm/tokenizers/tokenizer.h"

enum { NORMAL = 1, UNKNOWN = 2, CONTROL = 3, USER_DEFINED = 4, BYTE = 6 };

/* Tables by id; strings are borrowed from the JSON tree, except those in `made`. */
typedef struct tables {
    const char **tokens;
    size_t *lengths;
    int32_t *types;
    char **made; /* owned */
    size_t n, n_made;
} tables;

static void tables_deinit(tables *t)
{
    for (size_t i = 0; i < t->n_made; i++)
        free(t->made[i]);
    free(t->made);
    free(t->tokens);
    free(t->lengths);
    free(t->types);
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool is_type(const cJSON *object, const char *type)
{
    const char *name = cJSON_GetStringValue(get(object, "type"));
    return name != NULL && strcmp(name, type) == 0;
}

static rec_status set(tables *t, double id, const char *text, size_t length, int32_t type,
                      rec_error *err)
{
    if (!(id >= 0 && id < (double)t->n))
        return rec_fail(err, REC_ERR_MODEL, "token id %g is outside the vocabulary of %zu", id,
                        t->n);
    t->tokens[(size_t)id] = text;
    t->lengths[(size_t)id] = length;
    t->types[(size_t)id] = type;
    return REC_OK;
}

static char *make(tables *t, rec_error *err, const char *prefix, const char *text)
{
    char **made = rec_realloc(t->made, t->n_made + 1, sizeof *made, err);
    if (made == NULL)
        return NULL;
    t->made = made;
    char *joined = rec_format(err, "%s%s", prefix, text);
    if (joined != NULL)
        t->made[t->n_made++] = joined;
    return joined;
}

/* GGUF marks the starts of words where WordPiece marks what continues them. */
static rec_status set_piece(tables *t, const cJSON *entry, bool wordpiece, rec_error *err)
{
    const char *piece = entry->string;
    size_t n = strlen(piece);
    if (wordpiece && strncmp(piece, "##", 2) == 0)
        piece += 2;
    else if (wordpiece && !(n > 2 && piece[0] == '[' && piece[n - 1] == ']'))
        piece = make(t, err, "\xE2\x96\x81", piece);
    if (piece == NULL)
        return REC_ERR_RESOURCE;
    return set(t, entry->valuedouble, piece, strlen(piece), NORMAL, err);
}

static rec_status fill_tables(tables *t, const cJSON *root, size_t vocab_size, rec_error *err)
{
    const cJSON *model = get(root, "model"), *entry;
    bool wordpiece = is_type(model, "WordPiece");
    rec_status status = REC_OK;
    t->n = vocab_size;
    REC_TRY_NEW(t->tokens, t->n, err);
    REC_TRY_NEW(t->lengths, t->n, err);
    REC_TRY_NEW(t->types, t->n, err);
    for (size_t i = 0; i < t->n; i++)
        t->types[i] = USER_DEFINED; /* ids without a token, see below */
    cJSON_ArrayForEach(entry, get(model, "vocab"))
    {
        REC_TRY(set_piece(t, entry, wordpiece, err));
    }
    cJSON_ArrayForEach(entry, get(root, "added_tokens"))
    {
        const char *content = cJSON_GetStringValue(get(entry, "content"));
        const cJSON *id = get(entry, "id");
        if (content == NULL || !cJSON_IsNumber(id))
            REC_TRY(rec_fail(err, REC_ERR_MODEL, "an added token without id or content"));
        REC_TRY(set(t, id->valuedouble, content, strlen(content),
                    cJSON_IsTrue(get(entry, "special")) ? CONTROL : USER_DEFINED, err));
    }
    for (size_t i = 0; i < t->n; i++) { /* as llama.cpp's converter calls them */
        char number[32];
        if (t->tokens[i] != NULL)
            continue;
        snprintf(number, sizeof number, "%zu]", i);
        t->tokens[i] = make(t, err, "[PAD", number);
        if (t->tokens[i] == NULL)
            return REC_ERR_RESOURCE;
        t->lengths[i] = strlen(t->tokens[i]);
    }
cleanup:
    return status;
}

/* The pre-tokenizers that llama.cpp knows by name, told apart by how they cut digits. */
static const char *pre_tokenizer(const cJSON *root)
{
    const cJSON *pre = get(root, "pre_tokenizer"), *first = pre;
    if (is_type(pre, "ByteLevel"))
        return "gpt-2";
    if (is_type(pre, "Sequence"))
        first = get(pre, "pretokenizers") != NULL ? get(pre, "pretokenizers")->child : NULL;
    if (is_type(first, "Digits") && cJSON_IsTrue(get(first, "individual_digits")))
        return "smollm";
    const char *regex = cJSON_GetStringValue(get(get(first, "pattern"), "Regex"));
    if (!is_type(first, "Split") || regex == NULL)
        return NULL;
    if (strstr(regex, "\\p{N}{1,3}") != NULL)
        return "llama-bpe";
    return strstr(regex, "\\p{N}|") != NULL ? "qwen2" : NULL;
}

/* Pairs are written "a b", or as a list of two. */
static rec_status put_merges(rec_gguf_writer *w, tables *t, const cJSON *merges, rec_error *err)
{
    size_t n = (size_t)cJSON_GetArraySize(merges), i = 0;
    const char **strings = NULL;
    size_t *lengths = NULL;
    const cJSON *merge;
    rec_status status = REC_OK;
    REC_TRY_NEW(strings, n, err);
    REC_TRY_NEW(lengths, n, err);
    cJSON_ArrayForEach(merge, merges)
    {
        const char *text = cJSON_GetStringValue(merge);
        if (cJSON_GetArraySize(merge) == 2 && cJSON_IsString(merge->child) &&
            cJSON_IsString(merge->child->next)) {
            char *left = make(t, err, merge->child->valuestring, " ");
            text = left != NULL ? make(t, err, left, merge->child->next->valuestring) : NULL;
            if (text == NULL)
                REC_TRY(REC_ERR_RESOURCE);
        }
        if (text == NULL)
            REC_TRY(rec_fail(err, REC_ERR_MODEL, "merge %zu is no pair", i));
        strings[i] = text;
        lengths[i++] = strlen(text);
    }
    status = rec_gguf_put_strings(w, "tokenizer.ggml.merges", strings, lengths, n, err);
cleanup:
    free(lengths);
    free(strings);
    return status;
}

/* ---- SentencePiece ---- */

/* Models behind byte fallback write white space as a mark; their merges go by the union's score. */
static bool is_sentencepiece(const cJSON *model)
{
    return is_type(model, "BPE") && cJSON_IsTrue(get(model, "byte_fallback"));
}

static bool is_byte_token(const char *text, size_t n)
{
    return n == 6 && strncmp(text, "<0x", 3) == 0 && text[5] == '>';
}

static uint32_t find_token(const tables *t, const char *text, size_t n)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->lengths[i] == n && memcmp(t->tokens[i], text, n) == 0)
            return (uint32_t)i;
    return REC_NO_TOKEN;
}

/* "a b" or ["a", "b"] as one text; NULL for anything else, or without memory. */
static char *union_of(const cJSON *merge, rec_error *err)
{
    const char *text = cJSON_GetStringValue(merge);
    const char *blank = text != NULL ? strchr(text, ' ') : NULL;
    if (blank != NULL)
        return rec_format(err, "%.*s%s", (int)(blank - text), text, blank + 1);
    if (cJSON_GetArraySize(merge) != 2 || !cJSON_IsString(merge->child) ||
        !cJSON_IsString(merge->child->next)) {
        rec_fail(err, REC_ERR_MODEL, "a merge that is no pair of tokens");
        return NULL;
    }
    return rec_format(err, "%s%s", merge->child->valuestring, merge->child->next->valuestring);
}

typedef struct scored_token {
    const char *text;
    size_t length, id;
    size_t rank, n_merges; /* the first merge that makes it; how many do */
} scored_token;

static int by_text(const void *a, const void *b)
{
    const scored_token *x = a, *y = b;
    size_t n = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, n);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

static scored_token *find_sorted(scored_token *sorted, size_t n, const char *text, size_t length)
{
    const scored_token key = {.text = text, .length = length};
    return bsearch(&key, sorted, n, sizeof *sorted, by_text);
}

/* Ways to cut a token into two tokens. */
static size_t count_cuts(const scored_token *token, scored_token *sorted, size_t n)
{
    size_t n_cuts = 0;
    for (size_t cut = 1; cut < token->length; cut++)
        n_cuts += find_sorted(sorted, n, token->text, cut) != NULL &&
                  find_sorted(sorted, n, token->text + cut, token->length - cut) != NULL;
    return n_cuts;
}

static rec_status rank_merges(scored_token *sorted, size_t n, const cJSON *merges, rec_error *err)
{
    const cJSON *merge;
    size_t rank = 0;
    cJSON_ArrayForEach(merge, merges)
    {
        char *text = union_of(merge, err);
        if (text == NULL)
            return err != NULL ? err->status : REC_ERR_MODEL;
        scored_token *token = find_sorted(sorted, n, text, strlen(text));
        if (token != NULL && token->n_merges++ == 0)
            token->rank = rank;
        free(text);
        rank++;
    }
    return REC_OK;
}

/* GGUF has no merges but scores: any two neighbours whose union is a token may be joined, the highest
 * score first. Merges say the same where every cut of a token is one; minus the rank is the score then.
 * What no merge makes comes last. */
static rec_status score_merges(float *scores, const tables *t, const cJSON *merges, rec_error *err)
{
    rec_status status = REC_OK;
    scored_token *sorted = NULL;
    REC_TRY_NEW(sorted, t->n, err);
    for (size_t i = 0; i < t->n; i++)
        sorted[i] = (scored_token){.text = t->tokens[i], .length = t->lengths[i], .id = i};
    qsort(sorted, t->n, sizeof *sorted, by_text);
    REC_TRY(rank_merges(sorted, t->n, merges, err));
    for (size_t i = 0; i < t->n; i++) {
        const scored_token *token = &sorted[i];
        scores[token->id] = token->n_merges > 0 ? -(float)token->rank : -1e6f;
        if (token->n_merges > 0 && token->n_merges != count_cuts(token, sorted, t->n))
            REC_TRY(rec_fail(err, REC_ERR_MODEL,
                             "token \"%.*s\" has %zu merges and %zu cuts: not the merges of a "
                             "SentencePiece model, which are all that GGUF can say",
                             (int)token->length, token->text, token->n_merges,
                             count_cuts(token, sorted, t->n)));
    }
cleanup:
    free(sorted);
    return status;
}

/* A mark in front of a text: a Prepend step, or Metaspace with a scheme that is not "never". */
static bool adds_space_prefix(const cJSON *root)
{
    const cJSON *normalizer = get(root, "normalizer"), *step;
    const cJSON *pre = get(root, "pre_tokenizer");
    const char *scheme = cJSON_GetStringValue(get(pre, "prepend_scheme"));
    bool adds = is_type(pre, "Metaspace") && (scheme == NULL || strcmp(scheme, "never") != 0);
    adds |= is_type(normalizer, "Prepend");
    cJSON_ArrayForEach(step, get(normalizer, "normalizers"))
    {
        adds |= is_type(step, "Prepend");
    }
    return adds;
}

static rec_status put_sentencepiece(rec_gguf_writer *w, tables *t, const cJSON *root,
                                    rec_error *err)
{
    const cJSON *model = get(root, "model");
    const char *unknown = cJSON_GetStringValue(get(model, "unk_token"));
    uint32_t unknown_id = unknown != NULL ? find_token(t, unknown, strlen(unknown)) : REC_NO_TOKEN;
    rec_status status = REC_OK;
    float *scores = NULL;
    for (size_t i = 0; i < t->n; i++)
        if (is_byte_token(t->tokens[i], t->lengths[i]))
            t->types[i] = BYTE;
    REC_TRY_NEW(scores, t->n, err);
    REC_TRY(score_merges(scores, t, get(model, "merges"), err));
    if (unknown_id != REC_NO_TOKEN) {
        t->types[unknown_id] = UNKNOWN;
        REC_TRY(rec_gguf_put_u32(w, "tokenizer.ggml.unknown_token_id", unknown_id, err));
    }
    REC_TRY(rec_gguf_put_bool(w, "tokenizer.ggml.add_space_prefix", adds_space_prefix(root), err));
    status = rec_gguf_put_array(w, "tokenizer.ggml.scores", REC_GGUF_F32, scores, t->n, err);
cleanup:
    free(scores);
    return status;
}

/* ---- the whole ---- */

static rec_status put_special(rec_gguf_writer *w, const tables *t, const cJSON *root,
                              const rec_lm_config *c, rec_error *err)
{
    static const struct {
        const char *token, *key;
    } bert[] = {{"[CLS]", "tokenizer.ggml.cls_token_id"},
                {"[SEP]", "tokenizer.ggml.seperator_token_id"}, /* spelt like that */
                {"[UNK]", "tokenizer.ggml.unknown_token_id"},
                {"[MASK]", "tokenizer.ggml.mask_token_id"}};
    rec_status status = REC_OK;
    if (c->bos != UINT32_MAX)
        REC_TRY(rec_gguf_put_u32(w, "tokenizer.ggml.bos_token_id", c->bos, err));
    if (c->n_eos > 0)
        REC_TRY(rec_gguf_put_u32(w, "tokenizer.ggml.eos_token_id", c->eos[0], err));
    if (c->n_eos > 1)
        REC_TRY(rec_gguf_put_u32(w, "tokenizer.ggml.eot_token_id", c->eos[1], err));
    if (c->pad != UINT32_MAX)
        REC_TRY(rec_gguf_put_u32(w, "tokenizer.ggml.padding_token_id", c->pad, err));
    for (size_t b = 0; c->encoder && b < 4; b++) {
        for (size_t i = 0; i < t->n; i++) {
            if (strcmp(t->tokens[i], bert[b].token) == 0)
                REC_TRY(rec_gguf_put_u32(w, bert[b].key, (uint32_t)i, err));
        }
    }
    if (!c->encoder) {
        const cJSON *post = get(root, "post_processor");
        bool adds = is_type(post, "TemplateProcessing") && c->bos != UINT32_MAX;
        REC_TRY(rec_gguf_put_bool(w, "tokenizer.ggml.add_bos_token", adds, err));
    }
cleanup:
    return status;
}

rec_status rec_gguf_put_tokenizer(rec_gguf_writer *w, const char *path, const rec_lm_config *c,
                                  rec_error *err)
{
    cJSON *root = NULL;
    tables t = {.tokens = NULL};
    rec_status status = REC_OK;
    REC_TRY(rec_json_read(&root, path, err));
    const cJSON *model = get(root, "model");
    bool bpe = is_type(model, "BPE"), wordpiece = is_type(model, "WordPiece");
    bool sentencepiece = is_sentencepiece(model);
    const char *pre = sentencepiece ? "default" : bpe ? pre_tokenizer(root) : NULL;
    if (!wordpiece && pre == NULL)
        REC_TRY(
            rec_fail(err, REC_ERR_MODEL,
                     "only byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM), SentencePiece BPE and "
                     "WordPiece tokenizers can be written as GGUF"));
    REC_TRY(fill_tables(&t, root, c->vocab_size, err));
    REC_TRY(rec_gguf_put_string(w, "tokenizer.ggml.model",
                                sentencepiece ? "llama"
                                : bpe         ? "gpt2"
                                              : "bert",
                                err));
    if (bpe)
        REC_TRY(rec_gguf_put_string(w, "tokenizer.ggml.pre", pre, err));
    if (sentencepiece)
        REC_TRY(put_sentencepiece(w, &t, root, err));
    else if (bpe)
        REC_TRY(put_merges(w, &t, get(model, "merges"), err));
    else
        REC_TRY(rec_gguf_put_u32(w, "tokenizer.ggml.token_type_count", (uint32_t)c->n_token_types,
                                 err));
    REC_TRY(rec_gguf_put_strings(w, "tokenizer.ggml.tokens", t.tokens, t.lengths, t.n, err));
    REC_TRY(rec_gguf_put_array(w, "tokenizer.ggml.token_type", REC_GGUF_I32, t.types, t.n, err));
    status = put_special(w, &t, root, c, err);
cleanup:
    if (status != REC_OK)
        rec_error_prefix(err, "%s", path);
    tables_deinit(&t);
    cJSON_Delete(root);
    return status;
}
