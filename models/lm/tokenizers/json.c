/* tokenizer.json of Hugging Face tokenizers -> rec_tokenizer. Whatever it asks for that is not
 * understood is an error that names it: ids must never be silently wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/json.h"
#include "core/memory.h"
#include "models/lm/tokenizers/internal.h"
#include "models/lm/tokenizers/read.h"

static const cJSON *member(const cJSON *object, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNull(value) ? NULL : value;
}

static bool flag(const cJSON *object, const char *key, bool otherwise)
{
    const cJSON *value = member(object, key);
    return cJSON_IsBool(value) ? cJSON_IsTrue(value) : otherwise;
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *value = member(object, key);
    return cJSON_IsString(value) ? value->valuestring : NULL;
}

static const char *type_of(const cJSON *object)
{
    const char *type = text_of(object, "type");
    return type != NULL ? type : "(no type)";
}

static rec_status not_understood(rec_error *err, const char *what, const char *value)
{
    return rec_fail(err, REC_ERR_MODEL, "%s \"%s\" is not supported", what, value);
}

/* ids and counts of the file are small non-negative integers */
static rec_status id_of(uint32_t *out, const cJSON *number, const char *what, rec_error *err)
{
    if (!cJSON_IsNumber(number) || number->valuedouble < 0 || number->valuedouble >= 1e7 ||
        number->valuedouble != floor(number->valuedouble))
        return rec_fail(err, REC_ERR_MODEL, "%s: the id must be an integer from 0", what);
    *out = (uint32_t)number->valuedouble;
    return REC_OK;
}

/* ---- normaliser ---- */

static rec_status read_form(rec_normalizer *step, const char *type)
{
    static const struct {
        const char *name;
        int form;
    } forms[] = {
        {"NFC", UTF8PROC_STABLE | UTF8PROC_COMPOSE},
        {"NFD", UTF8PROC_STABLE | UTF8PROC_DECOMPOSE},
        {"NFKC", UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT},
        {"NFKD", UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(type, forms[i].name) == 0) {
            *step = (rec_normalizer){.kind = REC_NORMALIZE_FORM, .form = forms[i].form};
            return REC_OK;
        }
    return REC_ERR_MODEL;
}

/* The "pattern" of Replace and Split: {"String": ...} or {"Regex": ...}. */
static rec_status read_pattern(pcre2_code **pattern, char **literal, const cJSON *object,
                               rec_error *err)
{
    const cJSON *given = member(object, "pattern");
    const char *regex = text_of(given, "Regex"), *string = text_of(given, "String");
    if (regex != NULL)
        return (*pattern = rec_pattern_compile(regex, type_of(object), err)) != NULL
                   ? REC_OK
                   : REC_ERR_MODEL;
    if (string == NULL)
        return rec_fail(err, REC_ERR_MODEL, "%s without a pattern", type_of(object));
    *literal = rec_strdup(string, err);
    return *literal != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status read_bert_normalizer(rec_normalizer *step, const cJSON *object)
{
    bool lowercase = flag(object, "lowercase", true);
    *step = (rec_normalizer){
        .kind = REC_NORMALIZE_BERT,
        .clean_text = flag(object, "clean_text", true),
        .chinese = flag(object, "handle_chinese_chars", true),
        .lowercase = lowercase,
        .strip_accents = flag(object, "strip_accents", lowercase), /* null: as lowercase */
    };
    return REC_OK;
}

static rec_status read_normalizer(rec_tokenizer *t, const cJSON *object, rec_error *err)
{
    if (object == NULL)
        return REC_OK;
    const char *type = type_of(object);
    if (strcmp(type, "Sequence") == 0) {
        const cJSON *child;
        cJSON_ArrayForEach(child, member(object, "normalizers"))
        {
            rec_status status = read_normalizer(t, child, err);
            if (status != REC_OK)
                return status;
        }
        return REC_OK;
    }
    rec_normalizer *step = rec_tokenizer_add_normalizer(t, err);
    if (step == NULL)
        return REC_ERR_RESOURCE;
    if (read_form(step, type) == REC_OK)
        return REC_OK;
    if (strcmp(type, "BertNormalizer") == 0)
        return read_bert_normalizer(step, object);
    if (strcmp(type, "Lowercase") == 0)
        step->kind = REC_NORMALIZE_LOWER;
    else if (strcmp(type, "StripAccents") == 0)
        step->kind = REC_NORMALIZE_STRIP_ACCENTS;
    else if (strcmp(type, "Strip") == 0)
        *step = (rec_normalizer){.kind = REC_NORMALIZE_STRIP,
                                 .left = flag(object, "strip_left", true),
                                 .right = flag(object, "strip_right", true)};
    else if (strcmp(type, "Precompiled") == 0) {
        const char *map = text_of(object, "precompiled_charsmap");
        step->kind = REC_NORMALIZE_CHARSMAP;
        return map != NULL ? rec_charsmap_new(&step->charsmap, map, err)
                           : rec_fail(err, REC_ERR_MODEL, "Precompiled without a character map");
    } else if (strcmp(type, "Prepend") == 0) {
        const char *prefix = text_of(object, "prepend");
        step->kind = REC_NORMALIZE_PREPEND;
        step->text_a = rec_strdup(prefix != NULL ? prefix : "", err);
        return step->text_a != NULL ? REC_OK : REC_ERR_RESOURCE;
    } else if (strcmp(type, "Replace") == 0) {
        const char *content = text_of(object, "content");
        step->kind = REC_NORMALIZE_REPLACE;
        step->text_b = rec_strdup(content != NULL ? content : "", err);
        return step->text_b != NULL ? read_pattern(&step->pattern, &step->text_a, object, err)
                                    : REC_ERR_RESOURCE;
    } else {
        return not_understood(err, "normalizer", type);
    }
    return REC_OK;
}

/* ---- pre-tokenizer ---- */

/* Patterns that have a scanner; every other one is left to PCRE2. */
static bool read_known_pattern(rec_splitter *step, const char *regex)
{
    static const char gpt2[] =
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    static const char head[] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}";
    static const char tail[] = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    if (strcmp(regex, gpt2) == 0) {
        *step = (rec_splitter){.kind = REC_SPLIT_GPT2};
        return true;
    }
    if (strncmp(regex, head, sizeof head - 1) != 0)
        return false;
    const char *rest = regex + sizeof head - 1;
    size_t max_digits = 1;
    if (strncmp(rest, "{1,3}", 5) == 0) {
        max_digits = 3;
        rest += 5;
    }
    *step = (rec_splitter){.kind = REC_SPLIT_LLAMA3, .max_digits = max_digits};
    return strcmp(rest, tail) == 0;
}

static rec_status read_behaviour(rec_splitter *step, const cJSON *object, rec_error *err)
{
    const char *behaviour = text_of(object, "behavior");
    if (behaviour == NULL || strcmp(behaviour, "Isolated") == 0)
        step->behaviour = REC_ISOLATED;
    else if (strcmp(behaviour, "Removed") == 0)
        step->behaviour = REC_REMOVED;
    else if (strcmp(behaviour, "MergedWithPrevious") == 0)
        step->behaviour = REC_MERGED_WITH_PREVIOUS;
    else
        return not_understood(err, "split behavior", behaviour);
    step->inverted = flag(object, "invert", false);
    if (step->inverted && step->behaviour == REC_MERGED_WITH_PREVIOUS)
        return not_understood(err, "split behavior", "inverted MergedWithPrevious");
    return REC_OK;
}

static rec_status read_split(rec_splitter *step, const cJSON *object, rec_error *err)
{
    const char *regex = text_of(member(object, "pattern"), "Regex");
    const char *string = text_of(member(object, "pattern"), "String");
    rec_splitter known = {0};
    rec_status status = read_behaviour(step, object, err);
    if (status != REC_OK)
        return status;
    if (regex != NULL && step->behaviour == REC_ISOLATED && read_known_pattern(&known, regex)) {
        *step = known;
        return REC_OK;
    }
    step->kind = REC_SPLIT_PATTERN;
    char *quoted = string != NULL ? rec_format(err, "\\Q%s\\E", string) : NULL;
    if (quoted != NULL)
        step->pattern = rec_pattern_compile(quoted, "Split", err);
    else if (regex != NULL)
        step->pattern = rec_pattern_compile(regex, "Split", err);
    else
        rec_fail(err, REC_ERR_MODEL, "Split without a pattern");
    free(quoted);
    return step->pattern != NULL ? REC_OK : REC_ERR_MODEL;
}

static rec_status read_metaspace(rec_splitter *step, const cJSON *object, rec_error *err)
{
    const char *scheme = text_of(object, "prepend_scheme"), *mark = text_of(object, "replacement");
    if (mark != NULL && strcmp(mark, "\xE2\x96\x81") != 0)
        return not_understood(err, "Metaspace replacement", mark);
    *step = (rec_splitter){
        .kind = REC_SPLIT_METASPACE,
        .prepend =
            scheme != NULL ? strcmp(scheme, "never") != 0 : flag(object, "add_prefix_space", true),
        .prepend_first_only = scheme != NULL && strcmp(scheme, "first") == 0,
        .split = flag(object, "split", true),
    };
    return REC_OK;
}

static rec_status read_pre_tokenizer(rec_tokenizer *t, const cJSON *object, bool *byte_level,
                                     rec_error *err)
{
    if (object == NULL)
        return REC_OK;
    const char *type = type_of(object);
    if (strcmp(type, "Sequence") == 0) {
        const cJSON *child;
        cJSON_ArrayForEach(child, member(object, "pretokenizers"))
        {
            rec_status status = read_pre_tokenizer(t, child, byte_level, err);
            if (status != REC_OK)
                return status;
        }
        return REC_OK;
    }
    if (strcmp(type, "ByteLevel") == 0) {
        *byte_level = true;
        bool prefix = flag(object, "add_prefix_space", true);
        if (!flag(object, "use_regex", true)) /* pieces stay as they are; bytes need no stand-ins */
            return prefix ? not_understood(err, "ByteLevel", "add_prefix_space without use_regex")
                          : REC_OK;
        rec_splitter *gpt2 = rec_tokenizer_add_splitter(t, err);
        if (gpt2 == NULL)
            return REC_ERR_RESOURCE;
        *gpt2 = (rec_splitter){.kind = REC_SPLIT_GPT2, .add_prefix_space = prefix};
        return REC_OK;
    }
    rec_splitter *step = rec_tokenizer_add_splitter(t, err);
    if (step == NULL)
        return REC_ERR_RESOURCE;
    if (strcmp(type, "Split") == 0)
        return read_split(step, object, err);
    if (strcmp(type, "Metaspace") == 0)
        return read_metaspace(step, object, err);
    if (strcmp(type, "Digits") == 0)
        *step = (rec_splitter){.kind = REC_SPLIT_DIGITS,
                               .max_digits = flag(object, "individual_digits", false) ? 1 : 0};
    else if (strcmp(type, "BertPreTokenizer") == 0)
        *step = (rec_splitter){.kind = REC_SPLIT_BERT};
    else if (strcmp(type, "WhitespaceSplit") == 0)
        *step = (rec_splitter){.kind = REC_SPLIT_SPACE};
    else
        return not_understood(err, "pre_tokenizer", type);
    return REC_OK;
}

/* ---- models ---- */

/* {"token": id, ...}; byte-level vocabularies are turned back into the bytes they stand for. */
static rec_status read_vocab(rec_tokenizer *t, const cJSON *vocab, bool byte_level, rec_error *err)
{
    rec_status status = REC_OK;
    char *bytes = NULL;
    size_t n_bytes = 0, length;
    if (!cJSON_IsObject(vocab))
        return rec_fail(err, REC_ERR_MODEL, "model.vocab is not an object");
    REC_TRY(rec_vocab_reserve(&t->vocab, (size_t)cJSON_GetArraySize(vocab), err));
    const cJSON *entry;
    cJSON_ArrayForEach(entry, vocab)
    {
        uint32_t id;
        REC_TRY(id_of(&id, entry, entry->string, err));
        size_t n = strlen(entry->string);
        if (n + 1 > n_bytes) {
            n_bytes = 2 * n + 64;
            char *grown = rec_realloc(bytes, n_bytes, 1, err);
            if (grown == NULL) {
                status = REC_ERR_RESOURCE;
                goto cleanup;
            }
            bytes = grown;
        }
        /* added tokens ("<|im_start|> ") are written plainly among the stand-ins */
        bool raw = byte_level && rec_bytes_from_stand_ins(bytes, &length, entry->string, n);
        REC_TRY(rec_vocab_add(&t->vocab, id, raw ? bytes : entry->string, raw ? length : n, err));
    }
cleanup:
    free(bytes);
    return status;
}

/* One merge: ["a", "b"] or "a b". Tokens are looked up as they are written in the file. */
static rec_status read_merge(rec_tokenizer *t, const cJSON *merge, size_t index, bool byte_level,
                             char *scratch, size_t n_scratch, rec_error *err)
{
    const char *left, *right;
    size_t n_left, n_right;
    if (cJSON_IsArray(merge) && cJSON_GetArraySize(merge) == 2 && cJSON_IsString(merge->child) &&
        cJSON_IsString(merge->child->next)) {
        left = merge->child->valuestring;
        right = merge->child->next->valuestring;
        n_left = strlen(left);
    } else {
        const char *blank = cJSON_IsString(merge) ? strchr(merge->valuestring, ' ') : NULL;
        if (blank == NULL)
            return rec_fail(err, REC_ERR_MODEL, "merge %zu is not a pair of tokens", index);
        left = merge->valuestring;
        n_left = (size_t)(blank - left);
        right = blank + 1;
    }
    n_right = strlen(right);
    if (n_left + n_right > n_scratch)
        return rec_fail(err, REC_ERR_MODEL, "merge %zu is longer than any token", index);
    if (byte_level) {
        bool valid = rec_bytes_from_stand_ins(scratch, &n_left, left, n_left) &&
                     rec_bytes_from_stand_ins(scratch + n_left, &n_right, right, n_right);
        if (!valid)
            return rec_fail(err, REC_ERR_MODEL,
                            "merge %zu holds a character that stands for no byte", index);
    } else {
        memcpy(scratch, left, n_left);
        memcpy(scratch + n_left, right, n_right);
    }
    uint32_t a = rec_vocab_find(&t->vocab, scratch, n_left);
    uint32_t b = rec_vocab_find(&t->vocab, scratch + n_left, n_right);
    uint32_t c = rec_vocab_find(&t->vocab, scratch, n_left + n_right);
    if (a == REC_NO_TOKEN || b == REC_NO_TOKEN || c == REC_NO_TOKEN)
        return rec_fail(err, REC_ERR_MODEL, "merge %zu joins tokens that are not in the vocabulary",
                        index);
    rec_bpe_add_merge(&t->bpe, a, b, c);
    return REC_OK;
}

static rec_status find_unknown(uint32_t *id, const rec_vocab *v, const char *token, rec_error *err)
{
    *id = token != NULL ? rec_vocab_find(v, token, strlen(token)) : REC_NO_TOKEN;
    if (token != NULL && *id == REC_NO_TOKEN)
        return rec_fail(err, REC_ERR_MODEL, "unk_token \"%s\" is not in the vocabulary", token);
    return REC_OK;
}

static rec_status read_bpe(rec_tokenizer *t, const cJSON *model, bool byte_level, rec_error *err)
{
    rec_status status = REC_OK;
    char *scratch = NULL;
    const char *affix = text_of(model, "continuing_subword_prefix");
    if (affix == NULL || *affix == '\0')
        affix = text_of(model, "end_of_word_suffix");
    if (affix != NULL && *affix != '\0')
        return not_understood(err, "BPE affix", affix);
    const cJSON *dropout = member(model, "dropout");
    if (cJSON_IsNumber(dropout) && dropout->valuedouble > 0)
        return not_understood(err, "BPE option", "dropout");
    REC_TRY(read_vocab(t, member(model, "vocab"), byte_level, err));
    REC_TRY(find_unknown(&t->bpe.unknown, &t->vocab, text_of(model, "unk_token"), err));
    t->bpe.bytes = byte_level;
    t->bpe.byte_fallback = flag(model, "byte_fallback", false);
    t->bpe.fuse_unknown = flag(model, "fuse_unk", false);
    t->bpe.ignore_merges = flag(model, "ignore_merges", false);
    rec_find_byte_tokens(t->bpe.byte_ids, &t->vocab, byte_level);
    const cJSON *merges = member(model, "merges"), *merge;
    if (!cJSON_IsArray(merges))
        REC_TRY(rec_fail(err, REC_ERR_MODEL, "model.merges is not a list"));
    REC_TRY(rec_bpe_reserve(&t->bpe, (size_t)cJSON_GetArraySize(merges), err));
    size_t n_scratch = 2 * t->vocab.max_length + 4, index = 0;
    n_scratch *= 2; /* stand-ins take up to two bytes each */
    REC_TRY_NEW(scratch, n_scratch, err);
    cJSON_ArrayForEach(merge, merges)
        REC_TRY(read_merge(t, merge, index++, byte_level, scratch, n_scratch, err));
cleanup:
    free(scratch);
    return status;
}

static rec_status read_wordpiece(rec_tokenizer *t, const cJSON *model, rec_error *err)
{
    rec_status status = read_vocab(t, member(model, "vocab"), false, err);
    if (status != REC_OK)
        return status;
    const char *prefix = text_of(model, "continuing_subword_prefix");
    const char *unknown = text_of(model, "unk_token");
    const cJSON *longest = member(model, "max_input_chars_per_word");
    prefix = prefix != NULL ? prefix : "##";
    if (strlen(prefix) > 15)
        return not_understood(err, "WordPiece prefix", prefix);
    t->wordpiece.prefix = rec_strdup(prefix, err);
    if (t->wordpiece.prefix == NULL)
        return REC_ERR_RESOURCE;
    t->wordpiece.max_characters =
        cJSON_IsNumber(longest) && longest->valuedouble >= 1 ? (size_t)longest->valuedouble : 100;
    return find_unknown(&t->wordpiece.unknown, &t->vocab, unknown != NULL ? unknown : "[UNK]", err);
}

static rec_status read_unigram(rec_tokenizer *t, const cJSON *model, rec_error *err)
{
    const cJSON *vocab = member(model, "vocab"), *entry, *unknown = member(model, "unk_id");
    if (!cJSON_IsArray(vocab))
        return rec_fail(err, REC_ERR_MODEL, "model.vocab is not a list");
    size_t n = (size_t)cJSON_GetArraySize(vocab);
    rec_status status = rec_vocab_reserve(&t->vocab, n, err);
    if (status != REC_OK)
        return status;
    t->unigram.scores = rec_alloc(n + 1, sizeof *t->unigram.scores, err);
    if (t->unigram.scores == NULL)
        return REC_ERR_RESOURCE;
    double lowest = INFINITY;
    uint32_t id = 0;
    cJSON_ArrayForEach(entry, vocab)
    {
        const cJSON *piece = entry->child, *score = piece != NULL ? piece->next : NULL;
        if (!cJSON_IsString(piece) || !cJSON_IsNumber(score))
            return rec_fail(err, REC_ERR_MODEL, "model.vocab entry %u is not [token, score]", id);
        status = rec_vocab_add(&t->vocab, id, piece->valuestring, strlen(piece->valuestring), err);
        if (status != REC_OK)
            return status;
        t->unigram.scores[id++] = score->valuedouble;
        lowest = fmin(lowest, score->valuedouble);
    }
    t->unigram.unknown_score = lowest - 10.0;
    t->unigram.byte_fallback = flag(model, "byte_fallback", false);
    rec_find_byte_tokens(t->unigram.byte_ids, &t->vocab, false);
    if (unknown == NULL)
        return rec_fail(err, REC_ERR_MODEL, "Unigram without unk_id");
    status = id_of(&t->unigram.unknown, unknown, "unk_id", err);
    if (status == REC_OK && t->unigram.unknown >= n)
        status =
            rec_fail(err, REC_ERR_MODEL, "unk_id %u is not in the vocabulary", t->unigram.unknown);
    return status;
}

static rec_status read_model(rec_tokenizer *t, const cJSON *model, bool byte_level, rec_error *err)
{
    /* files of old versions leave the type out */
    const char *type = text_of(model, "type");
    if (type == NULL)
        type = member(model, "merges") != NULL         ? "BPE"
               : cJSON_IsArray(member(model, "vocab")) ? "Unigram"
                                                       : "WordPiece";
    if (strcmp(type, "BPE") == 0) {
        t->model = REC_TOKENS_BPE;
        return read_bpe(t, model, byte_level, err);
    }
    if (strcmp(type, "WordPiece") == 0) {
        t->model = REC_TOKENS_WORDPIECE;
        return read_wordpiece(t, model, err);
    }
    if (strcmp(type, "Unigram") == 0) {
        t->model = REC_TOKENS_UNIGRAM;
        return read_unigram(t, model, err);
    }
    return not_understood(err, "model", type);
}

/* ---- added tokens, post-processor, decoder ---- */

static rec_status read_added_tokens(rec_tokenizer *t, const cJSON *list, rec_error *err)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, list)
    {
        const char *content = text_of(entry, "content");
        uint32_t id;
        if (content == NULL)
            return rec_fail(err, REC_ERR_MODEL, "an added token has no content");
        rec_status status = id_of(&id, member(entry, "id"), content, err);
        if (status == REC_OK)
            status = rec_tokenizer_add_token(t, id, content, flag(entry, "special", false), err);
        if (status != REC_OK)
            return status;
        rec_added_token *added = &t->added[t->n_added - 1];
        added->lstrip = flag(entry, "lstrip", false);
        added->rstrip = flag(entry, "rstrip", false);
        added->single_word = flag(entry, "single_word", false);
    }
    return REC_OK;
}

/* The "single" template: special tokens before and after the sequence. */
static rec_status read_template(rec_tokenizer *t, const cJSON *object, rec_error *err)
{
    const cJSON *entry;
    bool after = false;
    cJSON_ArrayForEach(entry, member(object, "single"))
    {
        if (member(entry, "Sequence") != NULL) {
            after = true;
            continue;
        }
        const char *name = text_of(member(entry, "SpecialToken"), "id");
        const cJSON *special = name != NULL ? member(member(object, "special_tokens"), name) : NULL;
        const cJSON *number;
        if (special == NULL)
            return rec_fail(err, REC_ERR_MODEL, "post_processor: special token without ids");
        cJSON_ArrayForEach(number, member(special, "ids"))
        {
            uint32_t id;
            rec_status status = id_of(&id, number, name, err);
            if (status == REC_OK)
                status = rec_token_list_append(after ? &t->suffix : &t->prefix, id, err);
            if (status != REC_OK)
                return status;
        }
    }
    return REC_OK;
}

/* BertProcessing, RobertaProcessing: "cls" and "sep" as ["token", id]. */
static rec_status read_pair(rec_token_list *list, const cJSON *pair, rec_error *err)
{
    uint32_t id;
    rec_status status =
        id_of(&id, cJSON_IsArray(pair) && pair->child != NULL ? pair->child->next : NULL,
              "post_processor", err);
    return status == REC_OK ? rec_token_list_append(list, id, err) : status;
}

static rec_status read_post_processor(rec_tokenizer *t, const cJSON *object, rec_error *err)
{
    const char *type = object != NULL ? type_of(object) : "ByteLevel";
    if (strcmp(type, "ByteLevel") == 0)
        return REC_OK;
    if (strcmp(type, "TemplateProcessing") == 0)
        return read_template(t, object, err);
    if (strcmp(type, "BertProcessing") == 0 || strcmp(type, "RobertaProcessing") == 0) {
        rec_status status = read_pair(&t->prefix, member(object, "cls"), err);
        return status == REC_OK ? read_pair(&t->suffix, member(object, "sep"), err) : status;
    }
    if (strcmp(type, "Sequence") != 0)
        return not_understood(err, "post_processor", type);
    const cJSON *child;
    cJSON_ArrayForEach(child, member(object, "processors"))
    {
        rec_status status = read_post_processor(t, child, err);
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

static rec_status read_decoder(rec_tokenizer *t, const cJSON *object, rec_error *err)
{
    const char *type = object != NULL ? type_of(object) : "Fuse";
    if (strcmp(type, "ByteLevel") == 0) {
        t->decoder = REC_DECODE_BYTES;
    } else if (strcmp(type, "WordPiece") == 0) {
        t->decoder = REC_DECODE_WORDPIECE;
        t->cleanup = flag(object, "cleanup", true);
    } else if (strcmp(type, "Metaspace") == 0) {
        const char *scheme = text_of(object, "prepend_scheme");
        t->decoder = REC_DECODE_MARKS;
        t->strip_first_space = scheme == NULL || strcmp(scheme, "never") != 0;
    } else if (strcmp(type, "Replace") == 0 || strcmp(type, "ByteFallback") == 0) {
        t->decoder = REC_DECODE_MARKS;
    } else if (strcmp(type, "Strip") == 0) {
        const cJSON *start = member(object, "start"), *stop = member(object, "stop");
        if (!cJSON_IsNumber(start) || start->valuedouble > 1 ||
            (cJSON_IsNumber(stop) && stop->valuedouble > 0))
            return not_understood(err, "decoder", "Strip of more than one leading character");
        t->strip_first_space = start->valuedouble == 1;
    } else if (strcmp(type, "Sequence") == 0) {
        const cJSON *child;
        cJSON_ArrayForEach(child, member(object, "decoders"))
        {
            rec_status status = read_decoder(t, child, err);
            if (status != REC_OK)
                return status;
        }
    } else if (strcmp(type, "Fuse") != 0) {
        return not_understood(err, "decoder", type);
    }
    return REC_OK;
}

static rec_status check_added_ids(const rec_tokenizer *t, rec_error *err)
{
    for (size_t i = 0; i < t->prefix.n + t->suffix.n; i++) {
        uint32_t id = i < t->prefix.n ? t->prefix.ids[i] : t->suffix.ids[i - t->prefix.n];
        if (id >= t->vocab.n || t->vocab.pieces[id] == NULL)
            return rec_fail(err, REC_ERR_MODEL, "post_processor adds the unknown id %u", id);
    }
    return REC_OK;
}

rec_status rec_tokenizer_from_json(rec_tokenizer **out, const cJSON *root, rec_error *err)
{
    rec_tokenizer *t = NULL;
    rec_status status = REC_OK;
    bool byte_level = false;
    REC_TRY(rec_tokenizer_new(&t, err));
    REC_TRY(read_normalizer(t, member(root, "normalizer"), err));
    REC_TRY(read_pre_tokenizer(t, member(root, "pre_tokenizer"), &byte_level, err));
    REC_TRY(read_model(t, member(root, "model"), byte_level, err));
    REC_TRY(read_added_tokens(t, member(root, "added_tokens"), err));
    REC_TRY(read_post_processor(t, member(root, "post_processor"), err));
    REC_TRY(read_decoder(t, member(root, "decoder"), err));
    REC_TRY(rec_tokenizer_finish(t, err));
    REC_TRY(check_added_ids(t, err));
    *out = t;
    t = NULL;
cleanup:
    rec_tokenizer_free(t);
    return status;
}
