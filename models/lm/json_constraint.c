#include "models/lm/json_constraint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* ---- the automaton over bytes ---- */

enum { DEPTH_MAX = 64, SPACE_MAX = 16 };

typedef enum mode {
    ROOT_OBJECT,  /* the document must be an object */
    ROOT_ARRAY,   /* or an array */
    VALUE,        /* a value must come */
    ARRAY_START,  /* a value or ] */
    OBJECT_START, /* a key or } */
    KEY,          /* a key must come, after a comma */
    COLON,
    AFTER, /* behind a value: comma or the end of what it is in; no white space in what follows */
    STRING,
    ESCAPE,
    HEX,  /* `left` hexadecimal digits */
    UTF8, /* `left` continuation bytes, the next one from `low` to `high` */
    WORD, /* rest of true, false, null */
    MINUS,
    ZERO,
    DIGITS,
    POINT,
    FRACTION,
    EXPONENT, /* behind e: a sign or a digit */
    SIGN,
    EXPONENT_DIGITS,
    DONE
} mode;

typedef struct automaton {
    uint64_t objects; /* bit d: the container at depth d is an object */
    uint8_t depth, mode, spaces;
    uint8_t left, low, high; /* see HEX and UTF8; WORD: letters read */
    uint8_t is_key;          /* the string being read is a key */
    uint8_t word;            /* which */
} automaton;

static const char *const words[] = {"true", "false", "null"};

static bool in_object(const automaton *a)
{
    return a->depth > 0 && (a->objects >> (a->depth - 1) & 1);
}

static bool open_container(automaton *a, bool object)
{
    if (a->depth == DEPTH_MAX)
        return false;
    a->objects = (a->objects & ~((uint64_t)1 << a->depth)) | (uint64_t)object << a->depth;
    a->depth++;
    a->mode = object ? OBJECT_START : ARRAY_START;
    return true;
}

static void end_value(automaton *a)
{
    a->mode = a->depth > 0 ? AFTER : DONE;
}

static bool close_container(automaton *a, bool object)
{
    if (a->depth == 0 || in_object(a) != object)
        return false;
    a->depth--;
    end_value(a);
    return true;
}

static void open_string(automaton *a, bool is_key)
{
    a->mode = STRING;
    a->is_key = is_key;
}

static bool start_key(automaton *a, unsigned char c)
{
    open_string(a, true);
    return c == '"';
}

static bool start_value(automaton *a, unsigned char c)
{
    switch (c) {
    case '{':
    case '[':
        return open_container(a, c == '{');
    case '"':
        open_string(a, false);
        return true;
    case 't':
    case 'f':
    case 'n':
        a->mode = WORD;
        a->word = c == 't' ? 0 : c == 'f' ? 1 : 2;
        a->left = 1;
        return true;
    case '-':
        a->mode = MINUS;
        return true;
    default:
        a->mode = c == '0' ? ZERO : DIGITS;
        return c >= '0' && c <= '9';
    }
}

static bool behind_value(automaton *a, unsigned char c)
{
    if (c == ',' && a->depth > 0) {
        a->mode = in_object(a) ? KEY : VALUE;
        return true;
    }
    return (c == '}' || c == ']') && close_container(a, c == '}');
}

/* Unicode 15 table 3-7: lengths and the range of the second byte. */
static bool start_utf8(automaton *a, unsigned char c)
{
    if (c < 0xC2 || c > 0xF4)
        return false;
    a->mode = UTF8;
    a->left = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    a->low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    a->high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    return true;
}

static bool in_string(automaton *a, unsigned char c)
{
    if (c == '"') {
        if (a->is_key)
            a->mode = COLON;
        else
            end_value(a);
        return true;
    }
    if (c == '\\') {
        a->mode = ESCAPE;
        return true;
    }
    return c >= 0x80 ? start_utf8(a, c) : c >= 0x20;
}

static bool in_escape(automaton *a, unsigned char c)
{
    if (c == 'u') {
        a->mode = HEX;
        a->left = 4;
        return true;
    }
    a->mode = STRING;
    return c != 0 && strchr("\"\\/bfnrt", c) != NULL;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static mode after_digit(mode m, unsigned char c)
{
    switch (m) {
    case MINUS:
        return c == '0' ? ZERO : DIGITS;
    case POINT:
        return FRACTION;
    case EXPONENT:
    case SIGN:
        return EXPONENT_DIGITS;
    default:
        return m;
    }
}

/* A number ends with the byte behind it, which then belongs to what it is in. */
static bool in_number(automaton *a, unsigned char c)
{
    mode m = (mode)a->mode;
    if (is_digit(c)) {
        a->mode = (uint8_t)after_digit(m, c);
        return m != ZERO;
    }
    if (c == '.' && (m == ZERO || m == DIGITS)) {
        a->mode = POINT;
        return true;
    }
    if ((c == 'e' || c == 'E') && (m == ZERO || m == DIGITS || m == FRACTION)) {
        a->mode = EXPONENT;
        return true;
    }
    if ((c == '+' || c == '-') && m == EXPONENT) {
        a->mode = SIGN;
        return true;
    }
    if (m != ZERO && m != DIGITS && m != FRACTION && m != EXPONENT_DIGITS)
        return false;
    end_value(a);
    return behind_value(a, c);
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool ends_number(mode m)
{
    return m == ZERO || m == DIGITS || m == FRACTION || m == EXPONENT_DIGITS;
}

/* White space where the grammar has it; behind a number it ends it. */
static bool space(automaton *a)
{
    if (ends_number((mode)a->mode))
        end_value(a);
    return a->mode <= AFTER && ++a->spaces <= SPACE_MAX;
}

static bool in_utf8(automaton *a, unsigned char c)
{
    if (c < a->low || c > a->high)
        return false;
    a->low = 0x80;
    a->high = 0xBF;
    if (--a->left == 0)
        a->mode = STRING;
    return true;
}

static bool in_hex(automaton *a, unsigned char c)
{
    if (--a->left == 0)
        a->mode = STRING;
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool in_word(automaton *a, unsigned char c)
{
    const char *word = words[a->word];
    if ((unsigned char)word[a->left] != c)
        return false;
    if (word[++a->left] == '\0')
        end_value(a);
    return true;
}

/* One byte; false when no document goes on like that. */
static bool feed(automaton *a, unsigned char c)
{
    if (is_space(c) && (a->mode <= AFTER || ends_number((mode)a->mode)))
        return space(a);
    a->spaces = 0;
    switch ((mode)a->mode) {
    case ROOT_OBJECT:
    case ROOT_ARRAY:
        return c == (a->mode == ROOT_OBJECT ? '{' : '[') && start_value(a, c);
    case ARRAY_START:
        return c == ']' ? close_container(a, false) : start_value(a, c);
    case VALUE:
        return start_value(a, c);
    case OBJECT_START:
        return c == '}' ? close_container(a, true) : start_key(a, c);
    case KEY:
        return start_key(a, c);
    case COLON:
        a->mode = VALUE;
        return c == ':';
    case AFTER:
        return behind_value(a, c);
    case STRING:
        return in_string(a, c);
    case ESCAPE:
        return in_escape(a, c);
    case HEX:
        return in_hex(a, c);
    case UTF8:
        return in_utf8(a, c);
    case WORD:
        return in_word(a, c);
    case DONE:
        return false;
    default:
        return in_number(a, c);
    }
}

static bool is_complete(const automaton *a)
{
    return a->mode == DONE || (a->depth == 0 && ends_number((mode)a->mode));
}

/* ---- tokens ---- */

typedef struct token {
    uint32_t id;
    uint32_t start, length; /* of its bytes */
    uint32_t shared;        /* first bytes that it has in common with the token before it */
} token;

struct rec_json_tokens {
    char *bytes;      /* owned */
    token *tokens;    /* owned, sorted by their bytes */
    uint32_t *places; /* owned (vocab_size): index + 1 of a token, 0 = it has no bytes */
    size_t n, vocab_size, longest;
};

static int by_bytes(const void *a, const void *b, void *bytes_of_all)
{
    const token *x = a, *y = b;
    const char *bytes = bytes_of_all;
    size_t n = x->length < y->length ? x->length : y->length;
    int order = memcmp(bytes + x->start, bytes + y->start, n);
    if (order != 0)
        return order;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return x->id < y->id ? -1 : 1;
}

static void find_shared(rec_json_tokens *t)
{
    for (size_t i = 1; i < t->n; i++) {
        const token *before = &t->tokens[i - 1];
        token *here = &t->tokens[i];
        while (here->shared < here->length && here->shared < before->length &&
               t->bytes[here->start + here->shared] == t->bytes[before->start + here->shared])
            here->shared++;
    }
}

rec_status rec_json_tokens_new(rec_json_tokens **out, const rec_tokenizer *tokenizer,
                               rec_error *err)
{
    rec_json_tokens *t;
    rec_buffer bytes = {.data = NULL};
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(t, 1, err);
    t->vocab_size = rec_tokenizer_vocab_size(tokenizer);
    REC_TRY_NEW(t->tokens, t->vocab_size, err);
    REC_TRY_NEW(t->places, t->vocab_size, err);
    for (size_t id = 0; id < t->vocab_size; id++) {
        size_t start = bytes.length;
        REC_TRY(rec_tokenizer_token_bytes(&bytes, tokenizer, (uint32_t)id, err));
        size_t length = bytes.length - start;
        if (length == 0)
            continue;
        t->tokens[t->n++] =
            (token){.id = (uint32_t)id, .start = (uint32_t)start, .length = (uint32_t)length};
        t->longest = length > t->longest ? length : t->longest;
    }
    t->bytes = rec_buffer_take(&bytes, err);
    if (t->bytes == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    qsort_r(t->tokens, t->n, sizeof *t->tokens, by_bytes, t->bytes);
    for (size_t i = 0; i < t->n; i++)
        t->places[t->tokens[i].id] = (uint32_t)i + 1;
    find_shared(t);
    *out = t;
    t = NULL;
cleanup:
    rec_buffer_deinit(&bytes);
    rec_json_tokens_free(t);
    return status;
}

void rec_json_tokens_free(rec_json_tokens *t)
{
    if (t == NULL)
        return;
    free(t->bytes);
    free(t->tokens);
    free(t->places);
    free(t);
}

/* ---- states ---- */

typedef struct state {
    rec_constraint base;
    const rec_json_tokens *tokens;
    automaton now;
    bool ended; /* an end token was taken */
    uint32_t *end;
    size_t n_end;
    /* What was allowed in `known`: inside strings states repeat. */
    automaton known;
    bool is_known;
    uint32_t *allowed; /* owned (vocab_size + n_end) */
    size_t n_allowed;
    automaton *path; /* owned (longest + 1): states along the token being tried */
} state;

/* Tokens in the order of their bytes: what a token shares with its predecessor is not fed again, and
 * all that go on from a rejected byte are passed over. */
static void try_tokens(state *s, unsigned char *is_allowed)
{
    const rec_json_tokens *t = s->tokens;
    size_t n_fed = 0; /* bytes of the last token that were accepted */
    bool rejected = false;
    s->path[0] = s->now;
    for (size_t i = 0; i < t->n; i++) {
        const token *k = &t->tokens[i];
        if (rejected && k->shared > n_fed)
            continue;
        size_t from = k->shared < n_fed ? k->shared : n_fed;
        rejected = false;
        for (n_fed = from; n_fed < k->length && !rejected;) {
            s->path[n_fed + 1] = s->path[n_fed];
            if (feed(&s->path[n_fed + 1], (unsigned char)t->bytes[k->start + n_fed]))
                n_fed++;
            else
                rejected = true;
        }
        if (!rejected)
            is_allowed[k->id / 8] |= (unsigned char)(1 << k->id % 8);
    }
}

static rec_status json_allowed(rec_next_ids *out, rec_constraint *c, rec_error *err)
{
    state *s = (state *)(void *)c;
    *out = (rec_next_ids){.ids = s->allowed};
    if (s->ended)
        return REC_OK;
    if (!s->is_known || memcmp(&s->known, &s->now, sizeof s->now) != 0) {
        size_t n_bytes = s->tokens->vocab_size / 8 + 1;
        unsigned char *bits = rec_alloc(n_bytes, 1, err);
        if (bits == NULL)
            return REC_ERR_RESOURCE;
        try_tokens(s, bits);
        for (size_t i = 0; is_complete(&s->now) && i < s->n_end; i++)
            bits[s->end[i] / 8] |= (unsigned char)(1 << s->end[i] % 8);
        s->n_allowed = 0;
        for (uint32_t id = 0; id < s->tokens->vocab_size; id++) {
            if (bits[id / 8] >> id % 8 & 1)
                s->allowed[s->n_allowed++] = id;
        }
        free(bits);
        s->known = s->now;
        s->is_known = true;
    }
    out->n = s->n_allowed;
    return REC_OK;
}

static rec_status json_advance(rec_constraint *c, uint32_t id, rec_error *err)
{
    state *s = (state *)(void *)c;
    automaton next = s->now;
    for (size_t i = 0; !s->ended && is_complete(&s->now) && i < s->n_end; i++)
        s->ended = s->end[i] == id;
    if (s->ended)
        return REC_OK;
    uint32_t place = id < s->tokens->vocab_size ? s->tokens->places[id] : 0;
    const token *k = place > 0 ? &s->tokens->tokens[place - 1] : NULL;
    bool good = k != NULL;
    for (size_t i = 0; good && i < k->length; i++)
        good = feed(&next, (unsigned char)s->tokens->bytes[k->start + i]);
    if (!good)
        return rec_fail(err, REC_ERR_MODEL,
                        "token %u is not allowed here: no JSON goes on like that", id);
    s->now = next;
    return REC_OK;
}

static void json_free(rec_constraint *c)
{
    state *s = (state *)(void *)c;
    free(s->end);
    free(s->allowed);
    free(s->path);
    free(s);
}

static rec_status json_clone(rec_constraint **out, const rec_constraint *c, rec_error *err)
{
    const state *from = (const state *)(const void *)c;
    state *s;
    rec_status status = REC_OK;
    REC_TRY_NEW(s, 1, err);
    *s = *from;
    s->is_known = false;
    s->allowed = NULL;
    s->path = NULL;
    s->end = rec_memdup(from->end, from->n_end * sizeof *from->end, err);
    if (s->end == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    REC_TRY_NEW(s->allowed, s->tokens->vocab_size + s->n_end, err);
    REC_TRY_NEW(s->path, s->tokens->longest + 1, err);
    *out = &s->base;
    return REC_OK;
cleanup:
    if (s != NULL)
        json_free(&s->base);
    return status;
}

static const rec_constraint_class json_class = {.name = "json",
                                                .allowed = json_allowed,
                                                .advance = json_advance,
                                                .clone = json_clone,
                                                .free = json_free};

rec_status rec_json_start(rec_constraint **out, const rec_json_tokens *tokens,
                          const rec_json_rules *rules, rec_error *err)
{
    state given = {.base = {&json_class}, .tokens = tokens, .n_end = rules->n_end};
    *out = NULL;
    for (size_t i = 0; i < rules->n_end; i++) {
        if (rules->end[i] >= tokens->vocab_size)
            return rec_fail(err, REC_ERR_CONFIG, "end token %u of a vocabulary of %zu",
                            rules->end[i], tokens->vocab_size);
    }
    given.end = (uint32_t *)(uintptr_t)rules->end; /* copied by the clone */
    given.now.mode = rules->root == REC_JSON_OBJECT  ? ROOT_OBJECT
                     : rules->root == REC_JSON_ARRAY ? ROOT_ARRAY
                                                     : VALUE;
    return json_clone(out, &given.base, err);
}
