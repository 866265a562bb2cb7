/* The other places a tokenizer comes from: a folder, BERT's vocab.txt, the tables of a GGUF file. */
#include "models/lm/tokenizers/read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "models/lm/tokenizers/internal.h"

/* ---- files ---- */

static rec_status read_json_file(rec_tokenizer **out, const char *path, rec_error *err)
{
    cJSON *root = NULL;
    rec_status status = rec_json_read(&root, path, err);
    if (status == REC_ERR_DATA)
        status = err != NULL ? (err->status = REC_ERR_MODEL) : REC_ERR_MODEL;
    if (status != REC_OK)
        return status;
    status = rec_tokenizer_from_json(out, root, err);
    if (status != REC_OK)
        rec_error_prefix(err, "%s", path);
    cJSON_Delete(root);
    return status;
}

/* "do_lower_case" of tokenizer_config.json; BERT's checkpoints are uncased unless it says otherwise. */
static bool wants_lowercase(const char *folder)
{
    bool lowercase = true;
    cJSON *config = NULL;
    char *path = rec_path_join(NULL, folder, "tokenizer_config.json");
    if (path != NULL && rec_path_exists(path) && rec_json_read(&config, path, NULL) == REC_OK) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(config, "do_lower_case");
        lowercase = !cJSON_IsFalse(value);
    }
    cJSON_Delete(config);
    free(path);
    return lowercase;
}

static rec_status read_vocab_file(rec_tokenizer **out, const char *path, rec_error *err)
{
    rec_text text;
    rec_status status = rec_text_read(&text, path, err);
    if (status != REC_OK)
        return status;
    char *folder = rec_strdup(path, err);
    if (folder == NULL) {
        rec_text_close(&text);
        return REC_ERR_RESOURCE;
    }
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    status = rec_tokenizer_from_vocab(out, text.data, text.length,
                                      wants_lowercase(slash != NULL ? folder : "."), err);
    if (status != REC_OK)
        rec_error_prefix(err, "%s", path);
    free(folder);
    rec_text_close(&text);
    return status;
}

rec_status rec_tokenizer_read(rec_tokenizer **out, const char *path, rec_error *err)
{
    static const char *const names[] = {"tokenizer.json", "vocab.txt"};
    rec_status status = REC_ERR_MODEL;
    *out = NULL;
    if (rec_path_is_folder(path)) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            char *inside = rec_path_join(err, path, names[i]);
            if (inside == NULL)
                return REC_ERR_RESOURCE;
            bool there = rec_path_exists(inside);
            if (there)
                status = rec_tokenizer_read(out, inside, err);
            free(inside);
            if (there)
                return status;
        }
        return rec_fail(err, REC_ERR_MODEL, "%s: holds neither tokenizer.json nor vocab.txt", path);
    }
    size_t n = strlen(path);
    if (n >= 5 && strcmp(path + n - 5, ".gguf") == 0) {
        rec_gguf *file = NULL;
        status = rec_gguf_open(&file, path, err);
        if (status != REC_OK)
            return status;
        status = rec_tokenizer_read_gguf(out, file, err);
        if (status != REC_OK)
            rec_error_prefix(err, "%s", path);
        rec_gguf_close(file);
        return status;
    }
    if (n >= 5 && strcmp(path + n - 5, ".json") == 0)
        return read_json_file(out, path, err);
    return read_vocab_file(out, path, err);
}

/* ---- BERT's vocab.txt ---- */

static rec_status add_bert_pipeline(rec_tokenizer *t, bool lowercase, rec_error *err)
{
    rec_normalizer *normalizer = rec_tokenizer_add_normalizer(t, err);
    rec_splitter *splitter = rec_tokenizer_add_splitter(t, err);
    if (normalizer == NULL || splitter == NULL)
        return REC_ERR_RESOURCE;
    *normalizer = (rec_normalizer){.kind = REC_NORMALIZE_BERT,
                                   .clean_text = true,
                                   .chinese = true,
                                   .lowercase = lowercase,
                                   .strip_accents = lowercase};
    *splitter = (rec_splitter){.kind = REC_SPLIT_BERT};
    t->model = REC_TOKENS_WORDPIECE;
    t->decoder = REC_DECODE_WORDPIECE;
    t->cleanup = true;
    t->wordpiece.max_characters = 100;
    t->wordpiece.prefix = rec_strdup("##", err);
    return t->wordpiece.prefix != NULL ? REC_OK : REC_ERR_RESOURCE;
}

/* [UNK], [CLS] and [SEP] must be there; [PAD] and [MASK] may be. */
static rec_status add_bert_special(rec_tokenizer *t, rec_error *err)
{
    static const char *const names[] = {"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"};
    uint32_t ids[5];
    for (size_t i = 0; i < 5; i++) {
        ids[i] = rec_vocab_find(&t->vocab, names[i], strlen(names[i]));
        if (ids[i] == REC_NO_TOKEN && i < 3)
            return rec_fail(err, REC_ERR_MODEL, "%s is not in the vocabulary", names[i]);
        rec_status status = ids[i] == REC_NO_TOKEN
                                ? REC_OK
                                : rec_tokenizer_add_token(t, ids[i], names[i], true, err);
        if (status != REC_OK)
            return status;
    }
    t->wordpiece.unknown = ids[0];
    rec_status status = rec_token_list_append(&t->prefix, ids[1], err);
    return status == REC_OK ? rec_token_list_append(&t->suffix, ids[2], err) : status;
}

rec_status rec_tokenizer_from_vocab(rec_tokenizer **out, const char *text, size_t length,
                                    bool lowercase, rec_error *err)
{
    rec_tokenizer *t = NULL;
    rec_status status = REC_OK;
    uint32_t id = 0;
    REC_TRY(rec_tokenizer_new(&t, err));
    for (size_t i = 0; i < length;) {
        const char *end = memchr(text + i, '\n', length - i);
        size_t n = end != NULL ? (size_t)(end - (text + i)) : length - i;
        size_t kept = n > 0 && text[i + n - 1] == '\r' ? n - 1 : n;
        REC_TRY(rec_vocab_add(&t->vocab, id++, text + i, kept, err));
        i += n + 1;
    }
    REC_TRY(add_bert_pipeline(t, lowercase, err));
    REC_TRY(add_bert_special(t, err));
    REC_TRY(rec_tokenizer_finish(t, err));
    *out = t;
    t = NULL;
cleanup:
    rec_tokenizer_free(t);
    return status;
}

/* ---- GGUF ---- */

enum { GGUF_UNKNOWN = 2, GGUF_CONTROL = 3, GGUF_USER = 4, GGUF_BYTE = 6 };

static int type_of(const rec_gguf_vocab *g, size_t i)
{
    return g->types != NULL ? g->types[i] : 1;
}

/* Control and user-defined tokens are cut out of the text before the model sees it. */
static rec_status add_gguf_tokens(rec_tokenizer *t, const rec_gguf_vocab *g, bool stand_ins,
                                  rec_error *err)
{
    rec_status status = REC_OK;
    rec_buffer bytes = {0};
    REC_TRY(rec_vocab_reserve(&t->vocab, g->n_tokens, err));
    for (size_t i = 0; i < g->n_tokens; i++) {
        size_t n = g->token_lengths[i], length = n;
        bool added = type_of(g, i) == GGUF_CONTROL || type_of(g, i) == GGUF_USER;
        rec_buffer_clear(&bytes);
        REC_TRY(rec_buffer_append(&bytes, g->tokens[i], n, err));
        if (stand_ins && !added && !rec_bytes_from_stand_ins(bytes.data, &length, g->tokens[i], n))
            length = n; /* not a byte-level token: kept as it is written */
        if (stand_ins && !added && length < n)
            bytes.data[length] = '\0';
        REC_TRY(rec_vocab_add(&t->vocab, (uint32_t)i, bytes.data, length, err));
        if (added && n > 0)
            REC_TRY(rec_tokenizer_add_token(t, (uint32_t)i, bytes.data,
                                            type_of(g, i) == GGUF_CONTROL, err));
    }
cleanup:
    rec_buffer_deinit(&bytes);
    return status;
}

static rec_status add_gguf_merges(rec_tokenizer *t, const rec_gguf_vocab *g, rec_error *err)
{
    rec_status status = REC_OK;
    rec_buffer joined = {0};
    REC_TRY(rec_bpe_reserve(&t->bpe, g->n_merges, err));
    for (size_t i = 0; i < g->n_merges; i++) {
        const char *merge = g->merges[i];
        size_t n = g->merge_lengths[i], n_left, n_right;
        const char *blank = n > 1 ? memchr(merge + 1, ' ', n - 1) : NULL;
        if (blank == NULL)
            REC_TRY(rec_fail(err, REC_ERR_MODEL, "merge %zu is not a pair of tokens", i));
        rec_buffer_clear(&joined);
        REC_TRY(rec_buffer_append(&joined, merge, n, err)); /* room for the decoded pair */
        char *out = joined.data;
        bool valid = rec_bytes_from_stand_ins(out, &n_left, merge, (size_t)(blank - merge)) &&
                     rec_bytes_from_stand_ins(out + n_left, &n_right, blank + 1,
                                              n - 1 - (size_t)(blank - merge));
        uint32_t a = valid ? rec_vocab_find(&t->vocab, out, n_left) : REC_NO_TOKEN;
        uint32_t b = valid ? rec_vocab_find(&t->vocab, out + n_left, n_right) : REC_NO_TOKEN;
        uint32_t c = valid ? rec_vocab_find(&t->vocab, out, n_left + n_right) : REC_NO_TOKEN;
        if (a == REC_NO_TOKEN || b == REC_NO_TOKEN || c == REC_NO_TOKEN)
            REC_TRY(rec_fail(err, REC_ERR_MODEL,
                             "merge %zu joins tokens that are not in the vocabulary", i));
        rec_bpe_add_merge(&t->bpe, a, b, c);
    }
cleanup:
    rec_buffer_deinit(&joined);
    return status;
}

/* The pre-tokenizers that GGUF files name. */
static rec_status add_gguf_splitters(rec_tokenizer *t, const char *pre, rec_error *err)
{
    static const struct {
        const char *name;
        rec_splitter steps[2];
        size_t n;
        bool ignore_merges;
    } known[] = {
        {"gpt-2", {{.kind = REC_SPLIT_GPT2}}, 1, false},
        {"default", {{.kind = REC_SPLIT_GPT2}}, 1, false},
        {"smollm",
         {{.kind = REC_SPLIT_DIGITS, .max_digits = 1}, {.kind = REC_SPLIT_GPT2}},
         2,
         false},
        {"llama-bpe", {{.kind = REC_SPLIT_LLAMA3, .max_digits = 3}}, 1, true},
        {"llama3", {{.kind = REC_SPLIT_LLAMA3, .max_digits = 3}}, 1, true},
        {"qwen2", {{.kind = REC_SPLIT_LLAMA3, .max_digits = 1}}, 1, false},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (pre != NULL && strcmp(pre, known[i].name) != 0)
            continue;
        for (size_t k = 0; k < known[i].n; k++) {
            rec_splitter *step = rec_tokenizer_add_splitter(t, err);
            if (step == NULL)
                return REC_ERR_RESOURCE;
            *step = known[i].steps[k];
        }
        t->bpe.ignore_merges = known[i].ignore_merges;
        if (strncmp(known[i].name, "qwen2", 5) == 0) {
            rec_normalizer *nfc = rec_tokenizer_add_normalizer(t, err);
            if (nfc == NULL)
                return REC_ERR_RESOURCE;
            *nfc = (rec_normalizer){.kind = REC_NORMALIZE_FORM,
                                    .form = UTF8PROC_STABLE | UTF8PROC_COMPOSE};
        }
        return REC_OK;
    }
    return rec_fail(err, REC_ERR_MODEL, "tokenizer.ggml.pre \"%s\" is not supported", pre);
}

static rec_status build_gguf_bpe(rec_tokenizer *t, const rec_gguf_vocab *g, rec_error *err)
{
    rec_status status = add_gguf_tokens(t, g, true, err);
    if (status == REC_OK)
        status = add_gguf_splitters(t, g->pre, err);
    if (status != REC_OK)
        return status;
    t->model = REC_TOKENS_BPE;
    t->decoder = REC_DECODE_BYTES;
    t->bpe.bytes = true;
    rec_find_byte_tokens(t->bpe.byte_ids, &t->vocab, true);
    return add_gguf_merges(t, g, err);
}

/* SentencePiece BPE joins the pair whose union has the highest score: every way to cut a token in
 * two is a merge, ranked by the score of the token. */
typedef struct scored_token {
    float score;
    uint32_t id;
} scored_token;

static int higher_score_first(const void *a, const void *b)
{
    const scored_token *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void add_cuts(rec_tokenizer *t, uint32_t id)
{
    const char *piece = t->vocab.pieces[id];
    size_t n = t->vocab.lengths[id];
    for (size_t cut = 1; cut < n; cut++) {
        if (((unsigned char)piece[cut] & 0xC0) == 0x80)
            continue;
        uint32_t left = rec_vocab_find(&t->vocab, piece, cut);
        uint32_t right = rec_vocab_find(&t->vocab, piece + cut, n - cut);
        if (left != REC_NO_TOKEN && right != REC_NO_TOKEN)
            rec_bpe_add_merge(&t->bpe, left, right, id);
    }
}

static rec_status add_scored_merges(rec_tokenizer *t, const rec_gguf_vocab *g, rec_error *err)
{
    if (g->scores == NULL)
        return rec_fail(err, REC_ERR_MODEL, "tokenizer.ggml.scores is missing");
    size_t n_cuts = 0, n = 0;
    scored_token *order = rec_alloc(g->n_tokens, sizeof *order, err);
    if (order == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < g->n_tokens; i++) {
        if (type_of(g, i) != 1 || isnan(g->scores[i]))
            continue;
        order[n++] = (scored_token){g->scores[i], (uint32_t)i};
        n_cuts += t->vocab.lengths[i];
    }
    qsort(order, n, sizeof *order, higher_score_first);
    rec_status status = rec_bpe_reserve(&t->bpe, n_cuts, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        add_cuts(t, order[i].id);
    free(order);
    return status;
}

static rec_status add_mark_normalizers(rec_tokenizer *t, bool prefix, rec_error *err)
{
    for (int i = prefix ? 0 : 1; i < 2; i++) {
        rec_normalizer *step = rec_tokenizer_add_normalizer(t, err);
        if (step == NULL)
            return REC_ERR_RESOURCE;
        step->kind = i == 0 ? REC_NORMALIZE_PREPEND : REC_NORMALIZE_REPLACE;
        step->text_a = rec_strdup(i == 0 ? "\xE2\x96\x81" : " ", err);
        step->text_b = rec_strdup("\xE2\x96\x81", err);
        if (step->text_a == NULL || step->text_b == NULL)
            return REC_ERR_RESOURCE;
    }
    return REC_OK;
}

static rec_status build_gguf_sentencepiece(rec_tokenizer *t, const rec_gguf_vocab *g,
                                           rec_error *err)
{
    rec_status status = add_gguf_tokens(t, g, false, err);
    if (status == REC_OK)
        status = add_mark_normalizers(t, g->add_space_prefix, err);
    if (status != REC_OK)
        return status;
    t->decoder = REC_DECODE_MARKS;
    t->strip_first_space = g->add_space_prefix;
    t->model = REC_TOKENS_BPE;
    t->bpe.byte_fallback = t->bpe.fuse_unknown = true;
    t->bpe.unknown = g->unknown;
    rec_find_byte_tokens(t->bpe.byte_ids, &t->vocab, false);
    return add_scored_merges(t, g, err);
}

/* GGUF writes word starts with a mark in front and continuations plainly; BERT does the reverse. */
static rec_status build_gguf_bert(rec_tokenizer *t, const rec_gguf_vocab *g, rec_error *err)
{
    static const char mark[] = "\xE2\x96\x81";
    rec_status status = REC_OK;
    rec_buffer piece = {0};
    for (size_t i = 0; i < g->n_tokens; i++) {
        const char *token = g->tokens[i];
        size_t n = g->token_lengths[i];
        bool start = n >= 3 && memcmp(token, mark, 3) == 0;
        bool bracketed = n > 2 && token[0] == '[' && token[n - 1] == ']';
        rec_buffer_clear(&piece);
        if (!start && !bracketed && type_of(g, i) == 1)
            REC_TRY(rec_buffer_puts(&piece, "##", err));
        REC_TRY(rec_buffer_append(&piece, token + (start ? 3 : 0), n - (start ? 3 : 0), err));
        REC_TRY(rec_vocab_add(&t->vocab, (uint32_t)i, piece.data, piece.length, err));
    }
    REC_TRY(add_bert_pipeline(t, true, err));
    status = add_bert_special(t, err);
cleanup:
    rec_buffer_deinit(&piece);
    return status;
}

static rec_status add_gguf_wrap(rec_tokenizer *t, const rec_gguf_vocab *g, rec_error *err)
{
    rec_status status = REC_OK;
    if (g->add_bos && g->bos != REC_NO_TOKEN)
        status = rec_token_list_append(&t->prefix, g->bos, err);
    if (status == REC_OK && g->add_eos && g->eos != REC_NO_TOKEN)
        status = rec_token_list_append(&t->suffix, g->eos, err);
    return status;
}

rec_status rec_tokenizer_from_gguf(rec_tokenizer **out, const rec_gguf_vocab *g, rec_error *err)
{
    rec_tokenizer *t = NULL;
    rec_status status = REC_OK;
    REC_TRY(rec_tokenizer_new(&t, err));
    if (strcmp(g->model, "gpt2") == 0) {
        REC_TRY(build_gguf_bpe(t, g, err));
        REC_TRY(add_gguf_wrap(t, g, err));
    } else if (strcmp(g->model, "llama") == 0) {
        REC_TRY(build_gguf_sentencepiece(t, g, err));
        REC_TRY(add_gguf_wrap(t, g, err));
    } else if (strcmp(g->model, "bert") == 0) {
        REC_TRY(build_gguf_bert(t, g, err));
    } else {
        REC_TRY(
            rec_fail(err, REC_ERR_MODEL, "tokenizer.ggml.model \"%s\" is not supported", g->model));
    }
    REC_TRY(rec_tokenizer_finish(t, err));
    *out = t;
    t = NULL;
cleanup:
    rec_tokenizer_free(t);
    return status;
}
