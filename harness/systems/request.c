#include "harness/systems/request.h"

#include <string.h>

void rec_reply_batch_deinit(rec_reply_batch *b)
{
    rec_arena_deinit(&b->arena);
    *b = (rec_reply_batch){0};
}

rec_status rec_reply_batch_init(rec_reply_batch *b, size_t n, rec_error *err)
{
    b->replies = rec_arena_alloc(&b->arena, n, sizeof *b->replies, err);
    if (b->replies == NULL)
        return REC_ERR_RESOURCE;
    memset(b->replies, 0, n * sizeof *b->replies);
    b->n = n;
    return REC_OK;
}

static void *copy(rec_reply_batch *b, const void *from, size_t n, size_t size, rec_error *err)
{
    void *to = rec_arena_alloc(&b->arena, n, size, err);
    if (to != NULL && n > 0)
        memcpy(to, from, n * size);
    return to;
}

const char *rec_reply_batch_text(rec_reply_batch *b, const char *text, rec_error *err)
{
    return copy(b, text, strlen(text) + 1, 1, err);
}

static rec_status copy_text(const char **out, rec_reply_batch *b, const char *text, rec_error *err)
{
    *out = text != NULL ? rec_reply_batch_text(b, text, err) : NULL;
    return text == NULL || *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_reply_batch_put(rec_reply_batch *b, size_t i, const rec_reply *reply, rec_error *err)
{
    rec_reply *r = &b->replies[i];
    *r = *reply;
    r->items = copy(b, reply->items, reply->n_ranked, sizeof *r->items, err);
    r->scores = copy(b, reply->scores, reply->n_ranked, sizeof *r->scores, err);
    r->targets = copy(b, reply->targets, reply->n_targets, sizeof *r->targets, err);
    if (r->items == NULL || r->scores == NULL || r->targets == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = copy_text(&r->text, b, reply->text, err);
    return status == REC_OK ? copy_text(&r->failure, b, reply->failure, err) : status;
}

rec_status rec_replies_from_ranked(rec_reply_batch *out, const rec_ranked *ranked, rec_error *err)
{
    rec_status status = rec_reply_batch_init(out, ranked->n, err);
    if (status != REC_OK)
        return status;
    size_t n_targets = ranked->n > 0 ? ranked->target_start[ranked->n] : 0;
    uint32_t *items = copy(out, ranked->items, ranked->n * ranked->k, sizeof *items, err);
    float *scores = copy(out, ranked->scores, ranked->n * ranked->k, sizeof *scores, err);
    rec_target_rank *targets = copy(out, ranked->target_ranks, n_targets, sizeof *targets, err);
    if (items == NULL || scores == NULL || targets == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < ranked->n; i++)
        out->replies[i] = (rec_reply){
            .kind = REC_REQUEST_RANK,
            .n_ranked = ranked->n_ranked[i],
            .n_pool = ranked->n_pool[i],
            .n_targets = (uint32_t)(ranked->target_start[i + 1] - ranked->target_start[i]),
            .items = items + i * ranked->k,
            .scores = scores + i * ranked->k,
            .targets = targets + ranked->target_start[i],
        };
    return REC_OK;
}

/* ---- bytes ---- */

enum { FORMAT_VERSION = 2 };

static rec_status put(rec_buffer *out, uint64_t value, size_t n_bytes, rec_error *err)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < n_bytes; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    return rec_buffer_append(out, bytes, n_bytes, err);
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A list of items with scores; what CHOOSE answers is such a list, too. */
static rec_status encode_list(rec_buffer *out, const rec_reply *r, rec_error *err)
{
    rec_status status = put(out, r->n_ranked, 4, err);
    for (size_t i = 0; i < r->n_ranked && status == REC_OK; i++) {
        status = put(out, r->items[i], 4, err);
        if (status == REC_OK)
            status = put(out, float_bits(r->scores[i]), 4, err);
    }
    return status;
}

static rec_status encode_rank(rec_buffer *out, const rec_reply *r, rec_error *err)
{
    rec_status status = put(out, r->n_pool, 4, err);
    if (status == REC_OK)
        status = encode_list(out, r, err);
    if (status == REC_OK)
        status = put(out, r->n_targets, 4, err);
    for (size_t i = 0; i < r->n_targets && status == REC_OK; i++) {
        status = put(out, r->targets[i].rank, 4, err);
        if (status == REC_OK)
            status = put(out, r->targets[i].n_above, 4, err);
        if (status == REC_OK)
            status = put(out, r->targets[i].n_equal, 4, err);
    }
    return status;
}

static rec_status encode_string(rec_buffer *out, const char *text, rec_error *err)
{
    size_t length = text != NULL ? strlen(text) : 0;
    rec_status status = put(out, text != NULL, 1, err);
    if (status == REC_OK)
        status = put(out, length, 8, err);
    return status == REC_OK && length > 0 ? rec_buffer_append(out, text, length, err) : status;
}

static rec_status encode_text(rec_buffer *out, const rec_reply *r, rec_error *err)
{
    rec_status status = encode_string(out, r->text, err);
    if (status == REC_OK)
        status = encode_string(out, r->failure, err);
    if (status == REC_OK)
        status = put(out, r->was_cut, 1, err);
    if (status == REC_OK)
        status = put(out, r->n_dropped, 4, err);
    if (status == REC_OK)
        status = put(out, r->tokens_in, 8, err);
    if (status == REC_OK)
        status = put(out, r->tokens_out, 8, err);
    return status == REC_OK ? put(out, (uint64_t)r->cost_microdollars, 8, err) : status;
}

static rec_status encode_reply(rec_buffer *out, const rec_reply *r, rec_error *err)
{
    rec_status status = put(out, r->kind, 1, err);
    if (status == REC_OK && r->kind == REC_REQUEST_RANK)
        return encode_rank(out, r, err);
    if (status == REC_OK && r->kind == REC_REQUEST_CHOOSE)
        status = encode_list(out, r, err);
    return status == REC_OK ? encode_text(out, r, err) : status;
}

rec_status rec_replies_encode(rec_buffer *out, const rec_reply_batch *b, rec_error *err)
{
    rec_status status = put(out, FORMAT_VERSION, 4, err);
    if (status == REC_OK)
        status = put(out, b->n, 8, err);
    for (size_t i = 0; i < b->n && status == REC_OK; i++)
        status = encode_reply(out, &b->replies[i], err);
    return status;
}

/* A cursor over bytes from outside; `failed` sticks, reads past the end give 0. */
typedef struct cursor {
    const unsigned char *p, *end;
    bool failed;
} cursor;

static uint64_t take(cursor *c, size_t n_bytes)
{
    if (c->failed || (size_t)(c->end - c->p) < n_bytes) {
        c->failed = true;
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < n_bytes; i++)
        value |= (uint64_t)c->p[i] << (8 * i);
    c->p += n_bytes;
    return value;
}

/* A count whose elements of `size` bytes must still fit into the rest: bounds the allocation. */
static uint32_t take_count(cursor *c, size_t size)
{
    uint64_t n = take(c, 4);
    if (c->failed || n > (size_t)(c->end - c->p) / size) {
        c->failed = true;
        return 0;
    }
    return (uint32_t)n;
}

static rec_status decode_list(rec_reply *r, rec_reply_batch *b, cursor *c, rec_error *err)
{
    r->n_ranked = take_count(c, 8);
    uint32_t *items = rec_arena_alloc(&b->arena, r->n_ranked, sizeof *items, err);
    float *scores = rec_arena_alloc(&b->arena, r->n_ranked, sizeof *scores, err);
    if (items == NULL || scores == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < r->n_ranked; i++) {
        items[i] = (uint32_t)take(c, 4);
        scores[i] = float_of((uint32_t)take(c, 4));
    }
    r->items = items;
    r->scores = scores;
    return REC_OK;
}

static rec_status decode_rank(rec_reply *r, rec_reply_batch *b, cursor *c, rec_error *err)
{
    r->n_pool = (uint32_t)take(c, 4);
    rec_status status = decode_list(r, b, c, err);
    if (status != REC_OK)
        return status;
    r->n_targets = take_count(c, 12);
    rec_target_rank *targets = rec_arena_alloc(&b->arena, r->n_targets, sizeof *targets, err);
    if (targets == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < r->n_targets; i++) {
        targets[i].rank = (uint32_t)take(c, 4);
        targets[i].n_above = (uint32_t)take(c, 4);
        targets[i].n_equal = (uint32_t)take(c, 4);
    }
    r->targets = targets;
    return REC_OK;
}

static rec_status decode_string(const char **out, rec_reply_batch *b, cursor *c, rec_error *err)
{
    bool is_there = take(c, 1) != 0;
    uint64_t length = take(c, 8);
    if (c->failed || length > (size_t)(c->end - c->p)) {
        c->failed = true;
        return REC_OK;
    }
    char *text = rec_arena_alloc(&b->arena, (size_t)length + 1, 1, err);
    if (text == NULL)
        return REC_ERR_RESOURCE;
    memcpy(text, c->p, (size_t)length);
    text[length] = '\0';
    c->p += length;
    *out = is_there ? text : NULL;
    return REC_OK;
}

static rec_status decode_text(rec_reply *r, rec_reply_batch *b, cursor *c, rec_error *err)
{
    rec_status status = decode_string(&r->text, b, c, err);
    if (status == REC_OK)
        status = decode_string(&r->failure, b, c, err);
    if (status != REC_OK)
        return status;
    r->was_cut = take(c, 1) != 0;
    r->n_dropped = (uint32_t)take(c, 4);
    r->tokens_in = take(c, 8);
    r->tokens_out = take(c, 8);
    r->cost_microdollars = (int64_t)take(c, 8);
    return REC_OK;
}

static rec_status decode_reply(rec_reply *r, rec_reply_batch *b, cursor *c, rec_error *err)
{
    uint64_t kind = take(c, 1);
    c->failed = c->failed || kind > REC_REQUEST_CHOOSE;
    if (c->failed)
        return REC_OK;
    r->kind = (rec_request_kind)kind;
    if (r->kind == REC_REQUEST_RANK)
        return decode_rank(r, b, c, err);
    rec_status status = r->kind == REC_REQUEST_CHOOSE ? decode_list(r, b, c, err) : REC_OK;
    return status == REC_OK ? decode_text(r, b, c, err) : status;
}

static rec_status decode_replies(rec_reply_batch *out, cursor *c, rec_error *err)
{
    bool is_ours = take(c, 4) == FORMAT_VERSION;
    uint64_t n = take(c, 8);
    if (!is_ours || c->failed || n > (size_t)(c->end - c->p)) {
        c->failed = true;
        return REC_OK;
    }
    rec_status status = rec_reply_batch_init(out, (size_t)n, err);
    for (size_t i = 0; i < out->n && status == REC_OK && !c->failed; i++)
        status = decode_reply(&out->replies[i], out, c, err);
    return status;
}

rec_status rec_replies_decode(rec_reply_batch *out, const char *bytes, size_t n, rec_error *err)
{
    const unsigned char *start = (const unsigned char *)bytes;
    cursor c = {.p = start, .end = start + n};
    rec_status status = decode_replies(out, &c, err);
    if (status == REC_OK && (c.failed || c.p != c.end))
        status = rec_fail(err, REC_ERR_DATA,
                          "not a batch of replies (damaged, or of another "
                          "version): use --fresh");
    if (status != REC_OK)
        rec_reply_batch_deinit(out);
    return status;
}
