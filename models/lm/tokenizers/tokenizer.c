/* The pipeline: cut at added tokens, normalise, split, encode, wrap; and the way back. */
#include "models/lm/tokenizers/tokenizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "models/lm/tokenizers/internal.h"

/* ---- token lists ---- */

void rec_token_list_deinit(rec_token_list *list)
{
    free(list->ids);
    *list = (rec_token_list){0};
}

rec_status rec_token_list_append(rec_token_list *list, uint32_t id, rec_error *err)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity < 32 ? 32 : list->capacity * 2;
        uint32_t *ids = rec_realloc(list->ids, capacity, sizeof *ids, err);
        if (ids == NULL)
            return REC_ERR_RESOURCE;
        list->ids = ids;
        list->capacity = capacity;
    }
    list->ids[list->n++] = id;
    return REC_OK;
}

/* ---- construction ---- */

rec_status rec_tokenizer_new(rec_tokenizer **out, rec_error *err)
{
    *out = rec_alloc(1, sizeof **out, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    (*out)->bpe.unknown = (*out)->wordpiece.unknown = (*out)->unigram.unknown = REC_NO_TOKEN;
    return REC_OK;
}

void rec_tokenizer_free(rec_tokenizer *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n_added; i++)
        free(t->added[i].content);
    for (size_t i = 0; i < t->n_normalizers; i++) {
        free(t->normalizers[i].text_a);
        free(t->normalizers[i].text_b);
        rec_pattern_free(t->normalizers[i].pattern);
        rec_charsmap_free(t->normalizers[i].charsmap);
    }
    for (size_t i = 0; i < t->n_splitters; i++)
        rec_pattern_free(t->splitters[i].pattern);
    free(t->added);
    free(t->normalizers);
    free(t->splitters);
    free(t->special);
    rec_bpe_deinit(&t->bpe);
    free(t->wordpiece.prefix);
    free(t->unigram.scores);
    rec_token_list_deinit(&t->prefix);
    rec_token_list_deinit(&t->suffix);
    rec_vocab_deinit(&t->vocab);
    free(t);
}

rec_normalizer *rec_tokenizer_add_normalizer(rec_tokenizer *t, rec_error *err)
{
    rec_normalizer *steps = rec_realloc(t->normalizers, t->n_normalizers + 1, sizeof *steps, err);
    if (steps == NULL)
        return NULL;
    t->normalizers = steps;
    steps[t->n_normalizers] = (rec_normalizer){0};
    return &steps[t->n_normalizers++];
}

rec_splitter *rec_tokenizer_add_splitter(rec_tokenizer *t, rec_error *err)
{
    rec_splitter *steps = rec_realloc(t->splitters, t->n_splitters + 1, sizeof *steps, err);
    if (steps == NULL)
        return NULL;
    t->splitters = steps;
    steps[t->n_splitters] = (rec_splitter){0};
    return &steps[t->n_splitters++];
}

/* A token that is not marked special may still steer a chat ("<think>", "[INST]"): what looks like
 * one is never matched in text from data. */
static bool looks_like_control(const char *content, size_t n)
{
    return n > 2 && ((content[0] == '<' && content[n - 1] == '>') ||
                     (content[0] == '[' && content[n - 1] == ']'));
}

rec_status rec_tokenizer_add_token(rec_tokenizer *t, uint32_t id, const char *content, bool special,
                                   rec_error *err)
{
    size_t n = strlen(content);
    if (n == 0)
        return rec_fail(err, REC_ERR_MODEL, "added token %u is empty", id);
    rec_added_token *added = rec_realloc(t->added, t->n_added + 1, sizeof *added, err);
    if (added == NULL)
        return REC_ERR_RESOURCE;
    t->added = added;
    char *copy = rec_strdup(content, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    added[t->n_added++] = (rec_added_token){
        .content = copy,
        .length = n,
        .id = id,
        .special = special,
        .control = special || looks_like_control(content, n),
    };
    if (id < t->vocab.n && t->vocab.pieces[id] != NULL)
        return REC_OK;
    return rec_vocab_add(&t->vocab, id, content, n, err);
}

static int longer_first(const void *a, const void *b)
{
    const rec_added_token *x = a, *y = b;
    if (x->length != y->length)
        return x->length < y->length ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

rec_status rec_tokenizer_finish(rec_tokenizer *t, rec_error *err)
{
    while (t->vocab.n > 0 && t->vocab.pieces[t->vocab.n - 1] == NULL)
        t->vocab.n--;
    size_t n = t->vocab.n;
    if (n == 0)
        return rec_fail(err, REC_ERR_MODEL, "the vocabulary is empty");
    if (t->n_added > 1)
        qsort(t->added, t->n_added, sizeof *t->added, longer_first);
    t->special = rec_alloc(n, 1, err);
    t->bpe.whole = rec_alloc(n, 1, err);
    if (t->special == NULL || t->bpe.whole == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < t->n_added; i++) {
        const rec_added_token *added = &t->added[i];
        t->added_first_byte[(unsigned char)added->content[0]] = true;
        t->special[added->id] = added->special;
        if (added->control) { /* the model itself must not produce it from plain text */
            t->bpe.whole[added->id] = 3;
            if (t->unigram.scores != NULL)
                t->unigram.scores[added->id] = NAN;
        }
    }
    return REC_OK;
}

/* ---- encoding ---- */

typedef struct encoder {
    const rec_tokenizer *tokenizer;
    rec_token_list *ids;
    rec_buffer normal, scratch;
    bool is_start;
    size_t step; /* splitter that the next piece goes to */
} encoder;

static rec_status encode_piece(encoder *e, const char *bytes, size_t n, rec_error *err)
{
    const rec_tokenizer *t = e->tokenizer;
    switch (t->model) {
    case REC_TOKENS_BPE:
        return rec_bpe_encode(e->ids, &t->bpe, &t->vocab, bytes, n, err);
    case REC_TOKENS_WORDPIECE:
        return rec_wordpiece_encode(e->ids, &t->wordpiece, &t->vocab, bytes, n, err);
    case REC_TOKENS_UNIGRAM:
        return rec_unigram_encode(e->ids, &t->unigram, &t->vocab, bytes, n, err);
    }
    return rec_fail(err, REC_ERR_INTERNAL, "unknown token model %d", (int)t->model);
}

/* Hand a piece to the next splitter, or to the model after the last one. */
static rec_status pass_on(void *context, const char *bytes, size_t n, rec_error *err)
{
    encoder *e = context;
    if (n == 0)
        return REC_OK;
    if (e->step == e->tokenizer->n_splitters)
        return encode_piece(e, bytes, n, err);
    const rec_splitter *splitter = &e->tokenizer->splitters[e->step++];
    rec_status status = rec_split(splitter, bytes, n, e->is_start, pass_on, e, err);
    e->step--;
    return status;
}

/* A stretch without added tokens. */
static rec_status encode_plain(encoder *e, const char *text, size_t n, rec_error *err)
{
    const rec_tokenizer *t = e->tokenizer;
    if (n == 0)
        return REC_OK;
    if (t->n_normalizers == 0)
        return pass_on(e, text, n, err);
    rec_status status = REC_OK;
    rec_buffer_clear(&e->normal);
    REC_TRY(rec_buffer_append(&e->normal, text, n, err));
    for (size_t i = 0; i < t->n_normalizers; i++)
        REC_TRY(rec_normalize(&e->normal, &e->scratch, &t->normalizers[i], err));
    if (e->normal.length > 0)
        status = pass_on(e, e->normal.data, e->normal.length, err);
cleanup:
    return status;
}

static bool is_word_character(uint32_t code)
{
    rec_char_class c = rec_char_class_of(code);
    return c == REC_CHAR_LETTER || c == REC_CHAR_NUMBER || code == '_';
}

/* Neither neighbour of text[start..end) is part of a word. */
static bool stands_alone(const char *text, size_t n, size_t start, size_t end)
{
    uint32_t code;
    size_t before = start;
    while (before > 0 && ((unsigned char)text[--before] & 0xC0) == 0x80)
        ;
    if (start > 0 && (rec_utf8_next(&code, text + before, n - before), is_word_character(code)))
        return false;
    return end == n || (rec_utf8_next(&code, text + end, n - end), !is_word_character(code));
}

/* Where control tokens may be recognised: everywhere, nowhere, or where the bytes are marked. */
typedef struct trust {
    bool all;
    const char *marks; /* per byte, or NULL */
} trust;

static bool is_trusted(trust where, size_t start, size_t n)
{
    return where.all || (where.marks != NULL && memchr(where.marks + start, 0, n) == NULL);
}

static const rec_added_token *added_at(const rec_tokenizer *t, const char *text, size_t n, size_t i,
                                       trust where)
{
    if (!t->added_first_byte[(unsigned char)text[i]])
        return NULL;
    for (size_t k = 0; k < t->n_added; k++) {
        const rec_added_token *a = &t->added[k];
        if (a->length <= n - i && memcmp(text + i, a->content, a->length) == 0 &&
            (!a->control || is_trusted(where, i, a->length)) &&
            (!a->single_word || stands_alone(text, n, i, i + a->length)))
            return a;
    }
    return NULL;
}

static size_t skip_space(const char *text, size_t n, size_t i)
{
    uint32_t code;
    while (i < n) {
        size_t length = rec_utf8_next(&code, text + i, n - i);
        if (rec_char_class_of(code) != REC_CHAR_SPACE)
            break;
        i += length;
    }
    return i;
}

/* Start of the white space that ends at `end`, not before `from`. */
static size_t space_before(const char *text, size_t from, size_t end)
{
    while (end > from) {
        size_t i = end - 1;
        uint32_t code;
        while (i > from && ((unsigned char)text[i] & 0xC0) == 0x80)
            i--;
        rec_utf8_next(&code, text + i, end - i);
        if (rec_char_class_of(code) != REC_CHAR_SPACE)
            break;
        end = i;
    }
    return end;
}

static rec_status encode_text(encoder *e, const char *text, size_t n, trust where, rec_error *err)
{
    rec_status status = REC_OK;
    size_t done = 0;
    for (size_t i = 0; i < n;) {
        const rec_added_token *a = added_at(e->tokenizer, text, n, i, where);
        if (a == NULL) {
            i++;
            continue;
        }
        size_t plain_end = a->lstrip ? space_before(text, done, i) : i;
        REC_TRY(encode_plain(e, text + done, plain_end - done, err));
        REC_TRY(rec_token_list_append(e->ids, a->id, err));
        e->is_start = false;
        i += a->length;
        if (a->rstrip)
            i = skip_space(text, n, i);
        done = i;
    }
    status = encode_plain(e, text + done, n - done, err);
cleanup:
    return status;
}

static rec_status append_list(rec_token_list *ids, const rec_token_list *more, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < more->n && status == REC_OK; i++)
        status = rec_token_list_append(ids, more->ids[i], err);
    return status;
}

static rec_status encode_checked(rec_token_list *ids, const rec_tokenizer *t, const char *text,
                                 size_t length, trust where, rec_error *err)
{
    encoder e = {.tokenizer = t, .ids = ids, .is_start = true};
    size_t valid = rec_utf8_valid_prefix(text, length);
    if (valid < length)
        return rec_fail(err, REC_ERR_DATA, "text is not UTF-8 at byte %zu", valid);
    rec_status status = encode_text(&e, text, length, where, err);
    rec_buffer_deinit(&e.normal);
    rec_buffer_deinit(&e.scratch);
    return status;
}

rec_status rec_tokenizer_encode(rec_token_list *ids, const rec_tokenizer *t, const char *text,
                                size_t length, unsigned flags, rec_error *err)
{
    rec_status status = REC_OK;
    bool wrap = (flags & REC_TOKENIZE_ADD_SPECIAL) != 0;
    trust where = {.all = (flags & REC_TOKENIZE_PARSE_SPECIAL) != 0};
    if (wrap)
        REC_TRY(append_list(ids, &t->prefix, err));
    REC_TRY(encode_checked(ids, t, text, length, where, err));
    if (wrap)
        REC_TRY(append_list(ids, &t->suffix, err));
cleanup:
    return status;
}

rec_status rec_tokenizer_encode_marked(rec_token_list *ids, const rec_tokenizer *t,
                                       const char *text, const char *trusted, size_t length,
                                       rec_error *err)
{
    return encode_checked(ids, t, text, length, (trust){.marks = trusted}, err);
}

size_t rec_tokenizer_n_special_added(const rec_tokenizer *t)
{
    return t->prefix.n + t->suffix.n;
}

/* ---- decoding ---- */

void rec_token_stream_init(rec_token_stream *s, const rec_tokenizer *t, bool skip_special)
{
    *s = (rec_token_stream){.tokenizer = t, .skip_special = skip_special};
}

static rec_status put_unknown(rec_buffer *out, rec_error *err)
{
    return rec_buffer_puts(out, "\xEF\xBF\xBD", err);
}

/* How many bytes the character beginning with this byte has; 0 when none begins so. */
static size_t expected_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first < 0xE0)
        return 2;
    if (first >= 0xE0 && first < 0xF0)
        return 3;
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/* Whether pending bytes can still become a character (Unicode 15, table 3-7). */
static bool is_prefix(const char *bytes, size_t n)
{
    unsigned char first = (unsigned char)bytes[0];
    size_t length = expected_length(first);
    if (length == 0 || n > length)
        return false;
    for (size_t i = 1; i < n; i++) {
        unsigned char low = 0x80, high = 0xBF, byte = (unsigned char)bytes[i];
        if (i == 1) {
            low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
            high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        }
        if (byte < low || byte > high)
            return false;
    }
    return true;
}

/* One more byte; whole characters go out, each maximal bad stretch as one U+FFFD. */
static rec_status push_byte(rec_buffer *out, rec_token_stream *s, char byte, rec_error *err)
{
    s->pending[s->n_pending++] = byte;
    if (!is_prefix(s->pending, s->n_pending)) {
        rec_status status = put_unknown(out, err);
        if (status != REC_OK || s->n_pending == 1) {
            s->n_pending = 0;
            return status;
        }
        s->n_pending = 0;
        return push_byte(out, s, byte, err);
    }
    if (s->n_pending < expected_length((unsigned char)s->pending[0]))
        return REC_OK;
    size_t n = s->n_pending;
    s->n_pending = 0;
    return rec_buffer_append(out, s->pending, n, err);
}

static rec_status push_bytes(rec_buffer *out, rec_token_stream *s, const char *bytes, size_t n,
                             rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = push_byte(out, s, bytes[i], err);
    return status;
}

/* BERT: a blank before every token that does not continue a word; `cleanup` takes some back. */
static rec_status push_wordpiece(rec_buffer *out, rec_token_stream *s, const char *piece, size_t n,
                                 rec_error *err)
{
    static const char *const tight[] = {".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"};
    const rec_tokenizer *t = s->tokenizer;
    const char *prefix = t->wordpiece.prefix;
    size_t n_prefix = strlen(prefix);
    if (s->started && n > n_prefix && memcmp(piece, prefix, n_prefix) == 0)
        return push_bytes(out, s, piece + n_prefix, n - n_prefix, err);
    bool blank = s->started;
    for (size_t i = 0; t->cleanup && i < sizeof tight / sizeof *tight; i++)
        blank = blank && !(strlen(tight[i]) == n && memcmp(piece, tight[i], n) == 0);
    rec_status status = blank ? push_bytes(out, s, " ", 1, err) : REC_OK;
    return status == REC_OK ? push_bytes(out, s, piece, n, err) : status;
}

/* Value of <0xXX>, or -1. */
static int byte_token(const char *piece, size_t n)
{
    if (n != 6 || memcmp(piece, "<0x", 3) != 0 || piece[5] != '>')
        return -1;
    int value = 0;
    for (int i = 3; i < 5; i++) {
        char c = piece[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* SentencePiece: U+2581 is a blank, <0xXX> a byte. */
static rec_status push_marks(rec_buffer *out, rec_token_stream *s, const char *piece, size_t n,
                             rec_error *err)
{
    int byte = byte_token(piece, n);
    if (byte >= 0)
        return push_byte(out, s, (char)byte, err);
    rec_status status = REC_OK;
    bool strip = !s->started && s->tokenizer->strip_first_space;
    for (size_t i = 0; i < n && status == REC_OK;) {
        if (n - i >= 3 && memcmp(piece + i, "\xE2\x96\x81", 3) == 0) {
            if (!strip || i > 0)
                status = push_bytes(out, s, " ", 1, err);
            i += 3;
        } else {
            status = push_byte(out, s, piece[i++], err);
        }
    }
    return status;
}

rec_status rec_token_stream_push(rec_buffer *out, rec_token_stream *s, uint32_t id, rec_error *err)
{
    const rec_tokenizer *t = s->tokenizer;
    if (id >= t->vocab.n || t->vocab.pieces[id] == NULL)
        return rec_fail(err, REC_ERR_DATA, "token id %u is not in the vocabulary of %zu", id,
                        t->vocab.n);
    if (s->skip_special && t->special[id])
        return REC_OK;
    const char *piece = t->vocab.pieces[id];
    size_t n = t->vocab.lengths[id];
    rec_status status;
    switch (t->decoder) {
    case REC_DECODE_WORDPIECE:
        status = push_wordpiece(out, s, piece, n, err);
        break;
    case REC_DECODE_MARKS:
        status = push_marks(out, s, piece, n, err);
        break;
    default:
        status = push_bytes(out, s, piece, n, err);
    }
    s->started = true;
    return status;
}

rec_status rec_token_stream_finish(rec_buffer *out, rec_token_stream *s, rec_error *err)
{
    bool cut_off = s->n_pending > 0;
    s->n_pending = 0;
    return cut_off ? put_unknown(out, err) : REC_OK;
}

rec_status rec_tokenizer_decode(rec_buffer *out, const rec_tokenizer *t, const uint32_t *ids,
                                size_t n, bool skip_special, rec_error *err)
{
    rec_token_stream s;
    rec_token_stream_init(&s, t, skip_special);
    rec_status status = rec_buffer_append(out, "", 0, err);
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_token_stream_push(out, &s, ids[i], err);
    return status == REC_OK ? rec_token_stream_finish(out, &s, err) : status;
}

rec_status rec_tokenizer_token_bytes(rec_buffer *out, const rec_tokenizer *t, uint32_t id,
                                     rec_error *err)
{
    if (id >= t->vocab.n || t->vocab.pieces[id] == NULL || t->special[id])
        return rec_buffer_append(out, "", 0, err);
    const char *piece = t->vocab.pieces[id];
    size_t n = t->vocab.lengths[id], start = 0;
    int byte = t->decoder == REC_DECODE_MARKS ? byte_token(piece, n) : -1;
    rec_status status = REC_OK;
    if (byte >= 0)
        return rec_buffer_append(out, &(char){(char)byte}, 1, err);
    if (t->decoder == REC_DECODE_WORDPIECE && n > 2 && memcmp(piece, "##", 2) == 0)
        start = 2;
    for (size_t i = start; i < n && status == REC_OK;) {
        bool mark = t->decoder == REC_DECODE_MARKS && n - i >= 3 &&
                    memcmp(piece + i, "\xE2\x96\x81", 3) == 0;
        status = rec_buffer_append(out, mark ? " " : piece + i, 1, err);
        i += mark ? 3 : 1;
    }
    return status;
}

/* ---- questions ---- */

size_t rec_tokenizer_vocab_size(const rec_tokenizer *t)
{
    return t->vocab.n;
}

rec_status rec_tokenizer_check_fit(const rec_tokenizer *t, size_t vocab_size, const char *model,
                                   rec_error *err)
{
    if (t->vocab.n <= vocab_size)
        return REC_OK;
    return rec_fail(err, REC_ERR_MODEL,
                    "%s: the tokenizer has ids up to %zu, the embeddings have %zu rows", model,
                    t->vocab.n - 1, vocab_size);
}

uint32_t rec_tokenizer_find(const rec_tokenizer *t, const char *content)
{
    for (size_t i = 0; i < t->n_added; i++)
        if (strcmp(t->added[i].content, content) == 0)
            return t->added[i].id;
    return rec_vocab_find(&t->vocab, content, strlen(content));
}

bool rec_tokenizer_is_special(const rec_tokenizer *t, uint32_t id)
{
    return id < t->vocab.n && t->special[id] != 0;
}
