/* rec_tokenizer -> tokenizer.json of Hugging Face tokenizers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "models/lm/tokenizers/internal.h"

/* cJSON returns NULL when memory is out, also for a NULL parent: one check at the end is enough,
 * since `failed` remembers. */
typedef struct writer {
    const rec_tokenizer *t;
    bool failed;
} writer;

static cJSON *keep(writer *w, cJSON *node)
{
    w->failed |= node == NULL;
    return node;
}

static cJSON *put(writer *w, cJSON *object, const char *key, cJSON *value)
{
    keep(w, value);
    if (value != NULL && !cJSON_AddItemToObject(object, key, value)) {
        cJSON_Delete(value);
        w->failed = true;
        return NULL;
    }
    return value;
}

static cJSON *append(writer *w, cJSON *array, cJSON *value)
{
    keep(w, value);
    if (value != NULL && !cJSON_AddItemToArray(array, value)) {
        cJSON_Delete(value);
        w->failed = true;
        return NULL;
    }
    return value;
}

static cJSON *typed(writer *w, const char *type)
{
    cJSON *object = keep(w, cJSON_CreateObject());
    if (object != NULL)
        put(w, object, "type", cJSON_CreateString(type));
    return object;
}

/* One step as it is, several as {"type": "Sequence", key: [...]}, none as null. */
static cJSON *sequence(writer *w, cJSON *steps, const char *key)
{
    if (steps == NULL || cJSON_GetArraySize(steps) == 0) {
        cJSON_Delete(steps);
        return cJSON_CreateNull();
    }
    if (cJSON_GetArraySize(steps) == 1) {
        cJSON *only = cJSON_DetachItemFromArray(steps, 0);
        cJSON_Delete(steps);
        return only;
    }
    cJSON *object = typed(w, "Sequence");
    put(w, object, key, steps);
    return object;
}

static bool is_byte_level(const rec_tokenizer *t)
{
    return t->model == REC_TOKENS_BPE && t->bpe.bytes;
}

/* A piece as the file spells it: bytes of a byte-level model by their printable stand-ins. */
static char *spell(const rec_tokenizer *t, uint32_t id, rec_error *err)
{
    const char *piece = t->vocab.pieces[id];
    size_t n = t->vocab.lengths[id];
    bool added = false;
    for (size_t i = 0; i < t->n_added; i++)
        added |= t->added[i].id == id;
    char *out = rec_alloc(2 * n + 1, 1, err);
    if (out == NULL)
        return NULL;
    if (!is_byte_level(t) || added) {
        memcpy(out, piece, n);
        return out;
    }
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        m += rec_utf8_encode(out + m, rec_byte_to_code((unsigned char)piece[i]));
    return out;
}

/* ---- sections ---- */

static cJSON *added_tokens(writer *w)
{
    cJSON *list = keep(w, cJSON_CreateArray());
    for (uint32_t id = 0; id < w->t->vocab.n; id++)
        for (size_t i = 0; i < w->t->n_added; i++) {
            const rec_added_token *a = &w->t->added[i];
            if (a->id != id)
                continue;
            cJSON *entry = append(w, list, cJSON_CreateObject());
            put(w, entry, "id", cJSON_CreateNumber(a->id));
            put(w, entry, "content", cJSON_CreateString(a->content));
            put(w, entry, "single_word", cJSON_CreateBool(a->single_word));
            put(w, entry, "lstrip", cJSON_CreateBool(a->lstrip));
            put(w, entry, "rstrip", cJSON_CreateBool(a->rstrip));
            put(w, entry, "normalized", cJSON_CreateBool(false));
            put(w, entry, "special", cJSON_CreateBool(a->special));
        }
    return list;
}

static const char *form_name(int form)
{
    bool compose = (form & UTF8PROC_COMPOSE) != 0;
    if ((form & UTF8PROC_COMPAT) != 0)
        return compose ? "NFKC" : "NFKD";
    return compose ? "NFC" : "NFD";
}

static cJSON *pattern_json(writer *w, const char *literal)
{
    cJSON *object = keep(w, cJSON_CreateObject());
    put(w, object, "String", cJSON_CreateString(literal));
    return object;
}

static cJSON *normalizer_json(writer *w, const rec_normalizer *step)
{
    cJSON *object = NULL;
    switch (step->kind) {
    case REC_NORMALIZE_FORM:
        return typed(w, form_name(step->form));
    case REC_NORMALIZE_LOWER:
        return typed(w, "Lowercase");
    case REC_NORMALIZE_STRIP_ACCENTS:
        return typed(w, "StripAccents");
    case REC_NORMALIZE_BERT:
        object = typed(w, "BertNormalizer");
        put(w, object, "clean_text", cJSON_CreateBool(step->clean_text));
        put(w, object, "handle_chinese_chars", cJSON_CreateBool(step->chinese));
        put(w, object, "strip_accents", cJSON_CreateBool(step->strip_accents));
        put(w, object, "lowercase", cJSON_CreateBool(step->lowercase));
        return object;
    case REC_NORMALIZE_PREPEND:
        object = typed(w, "Prepend");
        put(w, object, "prepend", cJSON_CreateString(step->text_a));
        return object;
    case REC_NORMALIZE_REPLACE:
        object = typed(w, "Replace");
        put(w, object, "pattern", pattern_json(w, step->text_a));
        put(w, object, "content", cJSON_CreateString(step->text_b));
        return object;
    case REC_NORMALIZE_STRIP:
        object = typed(w, "Strip");
        put(w, object, "strip_left", cJSON_CreateBool(step->left));
        put(w, object, "strip_right", cJSON_CreateBool(step->right));
        return object;
    case REC_NORMALIZE_CHARSMAP: /* see check_writable */
        break;
    }
    return object;
}

static cJSON *byte_level_json(writer *w, bool add_prefix_space, bool use_regex)
{
    cJSON *object = typed(w, "ByteLevel");
    put(w, object, "add_prefix_space", cJSON_CreateBool(add_prefix_space));
    put(w, object, "trim_offsets", cJSON_CreateBool(true));
    put(w, object, "use_regex", cJSON_CreateBool(use_regex));
    return object;
}

static cJSON *llama3_json(writer *w, size_t max_digits)
{
    char regex[256];
    snprintf(regex, sizeof regex,
             "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s"
             "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
             max_digits == 3 ? "{1,3}" : "");
    cJSON *object = typed(w, "Split"), *pattern = keep(w, cJSON_CreateObject());
    put(w, pattern, "Regex", cJSON_CreateString(regex));
    put(w, object, "pattern", pattern);
    put(w, object, "behavior", cJSON_CreateString("Isolated"));
    put(w, object, "invert", cJSON_CreateBool(false));
    return object;
}

static cJSON *metaspace_json(writer *w, const rec_splitter *step)
{
    cJSON *object = typed(w, "Metaspace");
    put(w, object, "replacement", cJSON_CreateString("\xE2\x96\x81"));
    put(w, object, "prepend_scheme",
        cJSON_CreateString(!step->prepend             ? "never"
                           : step->prepend_first_only ? "first"
                                                      : "always"));
    put(w, object, "split", cJSON_CreateBool(step->split));
    return object;
}

static cJSON *splitter_json(writer *w, const rec_splitter *step)
{
    cJSON *object;
    switch (step->kind) {
    case REC_SPLIT_GPT2:
        return byte_level_json(w, step->add_prefix_space, true);
    case REC_SPLIT_LLAMA3:
        return llama3_json(w, step->max_digits);
    case REC_SPLIT_DIGITS:
        object = typed(w, "Digits");
        put(w, object, "individual_digits", cJSON_CreateBool(step->max_digits == 1));
        return object;
    case REC_SPLIT_BERT:
        return typed(w, "BertPreTokenizer");
    case REC_SPLIT_SPACE:
        return typed(w, "WhitespaceSplit");
    default:
        return metaspace_json(w, step);
    }
}

static cJSON *pipeline(writer *w, bool splitters)
{
    const rec_tokenizer *t = w->t;
    cJSON *steps = keep(w, cJSON_CreateArray());
    bool has_byte_level = false;
    for (size_t i = 0; i < (splitters ? t->n_splitters : t->n_normalizers); i++) {
        append(w, steps,
               splitters ? splitter_json(w, &t->splitters[i])
                         : normalizer_json(w, &t->normalizers[i]));
        has_byte_level |= splitters && t->splitters[i].kind == REC_SPLIT_GPT2;
    }
    if (splitters && is_byte_level(t) && !has_byte_level)
        append(w, steps, byte_level_json(w, false, false));
    return sequence(w, steps, splitters ? "pretokenizers" : "normalizers");
}

static cJSON *post_processor(writer *w)
{
    const rec_tokenizer *t = w->t;
    if (t->prefix.n + t->suffix.n == 0)
        return cJSON_CreateNull();
    cJSON *object = typed(w, "TemplateProcessing"), *single = keep(w, cJSON_CreateArray());
    cJSON *special = keep(w, cJSON_CreateObject());
    for (size_t i = 0; i <= t->prefix.n + t->suffix.n; i++) {
        bool is_text = i == t->prefix.n;
        uint32_t id = is_text           ? 0
                      : i < t->prefix.n ? t->prefix.ids[i]
                                        : t->suffix.ids[i - t->prefix.n - 1];
        const char *name = is_text ? "A" : t->vocab.pieces[id];
        cJSON *entry = append(w, single, cJSON_CreateObject());
        cJSON *inner = put(w, entry, is_text ? "Sequence" : "SpecialToken", cJSON_CreateObject());
        put(w, inner, "id", cJSON_CreateString(name));
        put(w, inner, "type_id", cJSON_CreateNumber(0));
        if (is_text || cJSON_GetObjectItemCaseSensitive(special, name) != NULL)
            continue;
        cJSON *definition = put(w, special, name, cJSON_CreateObject());
        put(w, definition, "id", cJSON_CreateString(name));
        append(w, put(w, definition, "ids", cJSON_CreateArray()), cJSON_CreateNumber(id));
        append(w, put(w, definition, "tokens", cJSON_CreateArray()), cJSON_CreateString(name));
    }
    put(w, object, "single", single);
    /* The reference insists on a pair template: the second text follows the first. */
    cJSON *pair = put(w, object, "pair", cJSON_Duplicate(single, true));
    cJSON *entry = append(w, pair, cJSON_CreateObject());
    cJSON *inner = put(w, entry, "Sequence", cJSON_CreateObject());
    put(w, inner, "id", cJSON_CreateString("B"));
    put(w, inner, "type_id", cJSON_CreateNumber(1));
    put(w, object, "special_tokens", special);
    return object;
}

static cJSON *marks_decoder(writer *w)
{
    cJSON *steps = keep(w, cJSON_CreateArray());
    cJSON *replace = append(w, steps, typed(w, "Replace"));
    put(w, replace, "pattern", pattern_json(w, "\xE2\x96\x81"));
    put(w, replace, "content", cJSON_CreateString(" "));
    append(w, steps, typed(w, "ByteFallback"));
    append(w, steps, typed(w, "Fuse"));
    if (w->t->strip_first_space) {
        cJSON *strip = append(w, steps, typed(w, "Strip"));
        put(w, strip, "content", cJSON_CreateString(" "));
        put(w, strip, "start", cJSON_CreateNumber(1));
        put(w, strip, "stop", cJSON_CreateNumber(0));
    }
    return sequence(w, steps, "decoders");
}

static cJSON *decoder(writer *w)
{
    if (w->t->decoder == REC_DECODE_BYTES)
        return byte_level_json(w, true, true);
    if (w->t->decoder == REC_DECODE_MARKS)
        return marks_decoder(w);
    cJSON *object = typed(w, "WordPiece");
    put(w, object, "prefix", cJSON_CreateString(w->t->wordpiece.prefix));
    put(w, object, "cleanup", cJSON_CreateBool(w->t->cleanup));
    return object;
}

/* ---- model ---- */

static cJSON *vocab_json(writer *w, rec_error *err)
{
    const rec_tokenizer *t = w->t;
    bool unigram = t->model == REC_TOKENS_UNIGRAM;
    cJSON *vocab = keep(w, unigram ? cJSON_CreateArray() : cJSON_CreateObject());
    for (uint32_t id = 0; id < t->vocab.n && !w->failed; id++) {
        if (t->vocab.pieces[id] == NULL)
            continue;
        char *text = spell(t, id, err);
        if (text == NULL) {
            w->failed = true;
        } else if (unigram) {
            double score = t->unigram.scores[id];
            cJSON *entry = append(w, vocab, cJSON_CreateArray());
            append(w, entry, cJSON_CreateString(text));
            append(w, entry, cJSON_CreateNumber(score == score ? score : 0.0));
        } else {
            /* cJSON's own call looks for the end of the list by itself: linear, not quadratic */
            put(w, vocab, text, cJSON_CreateNumber(id));
        }
        free(text);
    }
    return vocab;
}

static int by_rank(const void *a, const void *b)
{
    const rec_merge *x = a, *y = b;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static cJSON *merges_json(writer *w, rec_error *err)
{
    const rec_bpe *m = &w->t->bpe;
    cJSON *list = keep(w, cJSON_CreateArray());
    rec_merge *order = rec_alloc(m->n_merges, sizeof *order, err);
    size_t n = 0;
    w->failed |= order == NULL;
    for (size_t i = 0; order != NULL && i <= m->mask; i++)
        if (m->table[i].rank != UINT32_MAX)
            order[n++] = m->table[i];
    if (n > 1)
        qsort(order, n, sizeof *order, by_rank);
    for (size_t i = 0; i < n && !w->failed; i++) {
        char *left = spell(w->t, (uint32_t)(order[i].pair >> 32), err);
        char *right = spell(w->t, (uint32_t)order[i].pair, err);
        w->failed |= left == NULL || right == NULL;
        cJSON *pair = append(w, list, cJSON_CreateArray());
        if (!w->failed) {
            append(w, pair, cJSON_CreateString(left));
            append(w, pair, cJSON_CreateString(right));
        }
        free(left);
        free(right);
    }
    free(order);
    return list;
}

static void put_unknown(writer *w, cJSON *object, uint32_t id)
{
    put(w, object, "unk_token",
        id != REC_NO_TOKEN ? cJSON_CreateString(w->t->vocab.pieces[id]) : cJSON_CreateNull());
}

static cJSON *model_json(writer *w, rec_error *err)
{
    const rec_tokenizer *t = w->t;
    cJSON *object;
    switch (t->model) {
    case REC_TOKENS_BPE:
        object = typed(w, "BPE");
        put(w, object, "dropout", cJSON_CreateNull());
        put_unknown(w, object, t->bpe.unknown);
        put(w, object, "continuing_subword_prefix", cJSON_CreateNull());
        put(w, object, "end_of_word_suffix", cJSON_CreateNull());
        put(w, object, "fuse_unk", cJSON_CreateBool(t->bpe.fuse_unknown));
        put(w, object, "byte_fallback", cJSON_CreateBool(t->bpe.byte_fallback));
        put(w, object, "ignore_merges", cJSON_CreateBool(t->bpe.ignore_merges));
        put(w, object, "vocab", vocab_json(w, err));
        put(w, object, "merges", merges_json(w, err));
        return object;
    case REC_TOKENS_WORDPIECE:
        object = typed(w, "WordPiece");
        put_unknown(w, object, t->wordpiece.unknown);
        put(w, object, "continuing_subword_prefix", cJSON_CreateString(t->wordpiece.prefix));
        put(w, object, "max_input_chars_per_word",
            cJSON_CreateNumber((double)t->wordpiece.max_characters));
        put(w, object, "vocab", vocab_json(w, err));
        return object;
    case REC_TOKENS_UNIGRAM:
        object = typed(w, "Unigram");
        put(w, object, "unk_id", cJSON_CreateNumber(t->unigram.unknown));
        put(w, object, "vocab", vocab_json(w, err));
        put(w, object, "byte_fallback", cJSON_CreateBool(t->unigram.byte_fallback));
        return object;
    }
    return NULL;
}

/* Compiled patterns and character maps do not give their text back; files that have one are copied, not rewritten. */
static rec_status check_writable(const rec_tokenizer *t, rec_error *err)
{
    bool patterns = false;
    for (size_t i = 0; i < t->n_normalizers; i++)
        patterns |= t->normalizers[i].pattern != NULL || t->normalizers[i].charsmap != NULL;
    for (size_t i = 0; i < t->n_splitters; i++)
        patterns |= t->splitters[i].pattern != NULL;
    return patterns ? rec_fail(err, REC_ERR_MODEL,
                               "a tokenizer with its own patterns or character map cannot be "
                               "rewritten; copy its "
                               "tokenizer.json instead")
                    : REC_OK;
}

rec_status rec_tokenizer_write(const rec_tokenizer *t, const char *path, rec_error *err)
{
    writer w = {.t = t};
    rec_status status = check_writable(t, err);
    if (status != REC_OK)
        return status;
    cJSON *root = keep(&w, cJSON_CreateObject());
    put(&w, root, "version", cJSON_CreateString("1.0"));
    put(&w, root, "truncation", cJSON_CreateNull());
    put(&w, root, "padding", cJSON_CreateNull());
    put(&w, root, "added_tokens", added_tokens(&w));
    put(&w, root, "normalizer", pipeline(&w, false));
    put(&w, root, "pre_tokenizer", pipeline(&w, true));
    put(&w, root, "post_processor", post_processor(&w));
    put(&w, root, "decoder", decoder(&w));
    put(&w, root, "model", model_json(&w, err));
    char *text = w.failed ? NULL : rec_json_print(root, err);
    if (text != NULL)
        status = rec_atomic_write(path, text, strlen(text), err);
    else
        status = rec_fail(err, REC_ERR_RESOURCE, "%s: out of memory", path);
    free(text);
    cJSON_Delete(root);
    return status;
}
