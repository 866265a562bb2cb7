/* WordPiece: the longest token that is a prefix of what is left, again and again. "BERT", NAACL 2019,
 * section 3; a word with a part that has no token is one unknown token. */
#include <string.h>

#include "models/lm/tokenizers/internal.h"

enum { MAX_WORD_BYTES = 1024 };

static size_t count_characters(const char *piece, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)piece[i] & 0xC0) != 0x80;
    return count;
}

/* Longest token that begins text[0..n), with `prefix` in front unless it is the word's start. */
static uint32_t longest_match(size_t *length, const rec_vocab *v, const char *prefix,
                              size_t n_prefix, const char *text, size_t n)
{
    char candidate[MAX_WORD_BYTES + 16];
    memcpy(candidate, prefix, n_prefix);
    memcpy(candidate + n_prefix, text, n);
    size_t longest = n_prefix + n < v->max_length ? n : v->max_length - n_prefix;
    for (size_t take = longest; take > 0; take--) {
        if (take < n && ((unsigned char)text[take] & 0xC0) == 0x80)
            continue; /* inside a character */
        uint32_t id = rec_vocab_find(v, candidate, n_prefix + take);
        if (id != REC_NO_TOKEN) {
            *length = take;
            return id;
        }
    }
    return REC_NO_TOKEN;
}

rec_status rec_wordpiece_encode(rec_token_list *ids, const rec_wordpiece *m, const rec_vocab *v,
                                const char *piece, size_t n, rec_error *err)
{
    size_t n_before = ids->n, n_prefix = strlen(m->prefix);
    if (n > MAX_WORD_BYTES || count_characters(piece, n) > m->max_characters ||
        n_prefix > v->max_length)
        return rec_token_list_append(ids, m->unknown, err);
    for (size_t i = 0; i < n;) {
        size_t length = 0;
        uint32_t id = longest_match(&length, v, m->prefix, i > 0 ? n_prefix : 0, piece + i, n - i);
        if (id == REC_NO_TOKEN) {
            ids->n = n_before;
            return rec_token_list_append(ids, m->unknown, err);
        }
        rec_status status = rec_token_list_append(ids, id, err);
        if (status != REC_OK)
            return status;
        i += length;
    }
    return REC_OK;
}
