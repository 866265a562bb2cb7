/* Unigram language model: the segmentation of highest total log-probability (Viterbi). "Subword
 * regularization", ACL 2018, section 3.2. A character without a token costs the lowest score minus
 * 10 and runs of such characters are one unknown token, as in SentencePiece. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "models/lm/tokenizers/internal.h"

/* Best way to reach a position. */
typedef struct step {
    double score;
    size_t from; /* SIZE_MAX = not reached */
    uint32_t id;
} step;

static void offer(step *target, double score, size_t from, uint32_t id)
{
    if (target->from == SIZE_MAX || score > target->score)
        *target = (step){.score = score, .from = from, .id = id};
}

static void extend(step *best, size_t start, const rec_unigram *m, const rec_vocab *v,
                   const char *piece, size_t n)
{
    uint32_t code;
    size_t character = rec_utf8_next(&code, piece + start, n - start);
    bool character_has_token = false;
    uint64_t hash = rec_fnv_start();
    for (size_t length = 1; length <= n - start && length <= v->max_length; length++) {
        hash = rec_fnv_step(hash, (unsigned char)piece[start + length - 1]);
        uint32_t id = rec_vocab_find_hashed(v, hash, piece + start, length);
        if (id == REC_NO_TOKEN || isnan(m->scores[id]))
            continue;
        offer(&best[start + length], best[start].score + m->scores[id], start, id);
        character_has_token |= length == character;
    }
    if (!character_has_token)
        offer(&best[start + character], best[start].score + m->unknown_score, start, m->unknown);
}

/* An unknown stretch: its bytes where they all have tokens, else one unknown token. */
static rec_status append_unknown(rec_token_list *ids, const rec_unigram *m, const char *bytes,
                                 size_t n, rec_error *err)
{
    bool fallback = m->byte_fallback;
    for (size_t i = 0; i < n; i++)
        fallback = fallback && m->byte_ids[(unsigned char)bytes[i]] != REC_NO_TOKEN;
    if (!fallback)
        return rec_token_list_append(ids, m->unknown, err);
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = rec_token_list_append(ids, m->byte_ids[(unsigned char)bytes[i]], err);
    return status;
}

rec_status rec_unigram_encode(rec_token_list *ids, const rec_unigram *m, const rec_vocab *v,
                              const char *piece, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    step *best = NULL;
    size_t *ends = NULL, n_ends = 0;
    REC_TRY_NEW(best, n + 1, err);
    REC_TRY_NEW(ends, n + 1, err);
    for (size_t i = 1; i <= n; i++)
        best[i].from = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || best[i].from != SIZE_MAX)
            extend(best, i, m, v, piece, n);
    for (size_t end = n; end > 0; end = best[end].from)
        ends[n_ends++] = end;
    for (size_t i = n_ends; i-- > 0;) {
        size_t start = best[ends[i]].from;
        if (best[ends[i]].id != m->unknown) {
            REC_TRY(rec_token_list_append(ids, best[ends[i]].id, err));
            continue;
        }
        while (i > 0 && best[ends[i - 1]].id == m->unknown)
            i--;
        REC_TRY(append_unknown(ids, m, piece + start, ends[i] - start, err));
    }

cleanup:
    free(ends);
    free(best);
    return status;
}
