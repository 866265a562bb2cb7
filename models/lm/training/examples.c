#include "models/lm/training/examples.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"

/* ---- storage ---- */

void rec_lm_examples_deinit(rec_lm_examples *x)
{
    free(x->start);
    free(x->ids);
    free(x->learnt);
    *x = (rec_lm_examples){.n = 0};
}

/* Room for `needed` elements of an array that doubles. */
static rec_status reserve(void *array, size_t *capacity, size_t needed, size_t size, rec_error *err)
{
    void **pointer = array;
    size_t larger = *capacity < 64 ? 64 : *capacity;
    if (needed <= *capacity)
        return REC_OK;
    while (larger < needed)
        larger *= 2;
    void *grown = rec_realloc(*pointer, larger, size, err);
    if (grown == NULL)
        return REC_ERR_RESOURCE;
    *pointer = grown;
    *capacity = larger;
    return REC_OK;
}

rec_status rec_lm_examples_add(rec_lm_examples *x, const uint32_t *ids, const uint8_t *learnt,
                               size_t n, rec_error *err)
{
    size_t needed = x->n_tokens + n, same = x->token_capacity;
    rec_status status = reserve(&x->start, &x->capacity, x->n + 2, sizeof *x->start, err);
    if (status == REC_OK)
        status = reserve(&x->ids, &same, needed, sizeof *x->ids, err);
    if (status == REC_OK)
        status = reserve(&x->learnt, &x->token_capacity, needed, sizeof *x->learnt, err);
    if (status != REC_OK)
        return status;
    if (x->n == 0)
        x->start[0] = 0;
    for (size_t i = 0; i < n; i++) {
        x->ids[x->n_tokens + i] = ids[i];
        x->learnt[x->n_tokens + i] = learnt != NULL ? learnt[i] : 0;
        x->n_learnt += learnt != NULL && learnt[i] != 0;
    }
    x->n_tokens = needed;
    x->start[++x->n] = needed;
    return REC_OK;
}

/* ---- one example ---- */

/* An example at work: ids, and how many of them at which places are learnt. */
typedef struct draft {
    rec_token_list ids;
    rec_buffer learnt; /* one byte per id */
} draft;

static rec_status mark(draft *d, uint8_t value, rec_error *err)
{
    rec_status status = REC_OK;
    while (d->learnt.length < d->ids.n && status == REC_OK)
        status = rec_buffer_append(&d->learnt, &value, 1, err);
    return status;
}

static rec_status encode(draft *d, const rec_example_format *f, const cJSON *text, unsigned flags,
                         uint8_t learnt, rec_error *err)
{
    rec_status status = rec_tokenizer_encode(&d->ids, f->tokenizer, text->valuestring,
                                             rec_json_text_length(text), flags, err);
    return status == REC_OK ? mark(d, learnt, err) : status;
}

static rec_status end_of_text(draft *d, const rec_example_format *f, rec_error *err)
{
    if (f->eos == REC_NO_TOKEN)
        return REC_OK;
    rec_status status = rec_token_list_append(&d->ids, f->eos, err);
    return status == REC_OK ? mark(d, 1, err) : status;
}

static rec_status read_role(rec_chat_part *part, const cJSON *message, rec_error *err)
{
    static const char *const roles[] = {"system", "user", "assistant"};
    const char *role = rec_json_string(message, "role", err);
    const char *content = role != NULL ? rec_json_string(message, "content", err) : NULL;
    if (content == NULL)
        return REC_ERR_DATA;
    for (int r = 0; r < 3; r++)
        if (strcmp(role, roles[r]) == 0) {
            *part = (rec_chat_part){.role = (rec_role)r, .text = content};
            return REC_OK;
        }
    return rec_fail(err, REC_ERR_DATA, "unknown role \"%s\" (system, user, assistant)", role);
}

/* Ids of the conversation so far into `out`, which is cleared first. */
static rec_status render(rec_token_list *out, const rec_example_format *f,
                         const rec_chat_part *parts, size_t n, bool generate, rec_error *err)
{
    rec_chat_text text = {.text = {.data = NULL}};
    out->n = 0;
    rec_status status = rec_chat_render(&text, f->chat, parts, n, generate, err);
    if (status == REC_OK)
        status = rec_chat_encode(out, f->tokenizer, &text, err);
    rec_chat_text_deinit(&text);
    return status;
}

static bool starts_with(const rec_token_list *list, const rec_token_list *beginning)
{
    return beginning->n == 0 ||
           (list->n >= beginning->n &&
            memcmp(list->ids, beginning->ids, beginning->n * sizeof *list->ids) == 0);
}

static size_t common_length(const rec_token_list *a, const rec_token_list *b)
{
    size_t n = 0;
    while (n < a->n && n < b->n && a->ids[n] == b->ids[n])
        n++;
    return n;
}

/* The conversation up to its i-th part; `opened` and `whole` are storage. */
static rec_status encode_turn(draft *d, rec_token_list *opened, rec_token_list *whole,
                              const rec_example_format *f, const rec_chat_part *parts, size_t i,
                              rec_error *err)
{
    rec_status status = REC_OK;
    bool learnt = parts[i].role == REC_ROLE_ASSISTANT;
    REC_TRY(render(opened, f, parts, learnt ? i : i + 1, learnt, err));
    REC_TRY(render(whole, f, parts, i + 1, false, err));
    if (!starts_with(whole, &d->ids))
        return rec_fail(
            err, REC_ERR_DATA,
            "the chat template writes earlier turns differently once more turns follow: "
            "give one example per answer");
    rec_token_list before = d->ids;
    d->ids = *whole;
    *whole = before;
    size_t all = d->ids.n, shown = common_length(opened, &d->ids);
    d->ids.n = shown > d->learnt.length ? shown : d->learnt.length;
    status = mark(d, 0, err);
    d->ids.n = all;
    if (status == REC_OK)
        status = mark(d, learnt ? 1 : 0, err);
cleanup:
    return status;
}

/* Each assistant turn: what is new against the conversation with the turn merely opened is learnt. */
static rec_status encode_turns(draft *d, const rec_example_format *f, const rec_chat_part *parts,
                               size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    rec_token_list opened = {.ids = NULL}, whole = {.ids = NULL};
    for (size_t i = 0; i < n && status == REC_OK; i++)
        if (parts[i].role == REC_ROLE_ASSISTANT || i + 1 == n)
            status = encode_turn(d, &opened, &whole, f, parts, i, err);
    rec_token_list_deinit(&whole);
    rec_token_list_deinit(&opened);
    return status;
}

static rec_status encode_messages(draft *d, const rec_example_format *f, const cJSON *messages,
                                  rec_error *err)
{
    if (f->chat == NULL)
        return rec_fail(err, REC_ERR_DATA, "messages need a model with a chat template");
    size_t n = (size_t)cJSON_GetArraySize(messages), i = 0;
    rec_chat_part *parts = rec_alloc(n, sizeof *parts, err);
    if (parts == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    const cJSON *message;
    cJSON_ArrayForEach(message, messages)
    {
        status = read_role(&parts[i++], message, err);
        if (status != REC_OK)
            break;
    }
    if (status == REC_OK)
        status = encode_turns(d, f, parts, n, err);
    free(parts);
    return status;
}

static rec_status encode_example(draft *d, const rec_example_format *f, const cJSON *line,
                                 rec_error *err)
{
    const cJSON *messages = cJSON_GetObjectItemCaseSensitive(line, "messages");
    const cJSON *prompt = cJSON_GetObjectItemCaseSensitive(line, "prompt");
    const cJSON *completion = cJSON_GetObjectItemCaseSensitive(line, "completion");
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(line, "text");
    rec_status status = REC_OK;
    if (cJSON_IsArray(messages)) {
        status = encode_messages(d, f, messages, err);
    } else if (cJSON_IsString(prompt) && cJSON_IsString(completion)) {
        if (*completion->valuestring == '\0')
            return rec_fail(err, REC_ERR_DATA, "the completion is empty");
        REC_TRY(encode(d, f, prompt, 0, 0, err));
        REC_TRY(encode(d, f, completion, 0, 1, err));
        status = end_of_text(d, f, err);
    } else if (cJSON_IsString(text)) {
        if (*text->valuestring == '\0')
            return rec_fail(err, REC_ERR_DATA, "the text is empty");
        REC_TRY(encode(d, f, text, 0, 1, err));
        status = end_of_text(d, f, err);
    } else {
        status = rec_fail(err, REC_ERR_DATA,
                          "neither messages, nor prompt and completion, nor text in this line");
    }
cleanup:
    return status;
}

/* Too long: tokens before the first learnt one go, oldest first; then the end. */
static size_t cut(draft *d, size_t max_length)
{
    size_t n = d->ids.n, first = 0;
    while (first < n && d->learnt.data[first] == 0)
        first++;
    size_t keep_context = first > 0 ? 1 : 0; /* something must come before the first target */
    size_t drop = n - max_length < first - keep_context ? n - max_length : first - keep_context;
    memmove(d->ids.ids, d->ids.ids + drop, (n - drop) * sizeof *d->ids.ids);
    memmove(d->learnt.data, d->learnt.data + drop, n - drop);
    return n - drop < max_length ? n - drop : max_length;
}

static rec_status add_example(rec_lm_examples *out, draft *d, const rec_example_format *f,
                              const cJSON *line, rec_error *err)
{
    d->ids.n = 0;
    rec_buffer_clear(&d->learnt);
    rec_status status = encode_example(d, f, line, err);
    if (status != REC_OK)
        return status;
    size_t n = d->ids.n, n_learnt = out->n_learnt;
    if (n > f->max_length) {
        n = cut(d, f->max_length);
        out->n_cut++;
    }
    status = rec_lm_examples_add(out, d->ids.ids, (const uint8_t *)d->learnt.data, n, err);
    if (status == REC_OK && out->n_learnt == n_learnt)
        status = rec_fail(err, REC_ERR_DATA, "nothing in this example is to be learnt");
    return status;
}

/* ---- lines ---- */

typedef rec_status (*line_fn)(void *context, const cJSON *line, rec_error *err);

static rec_status for_each_line(const char *text, size_t length, const char *name, line_fn fn,
                                void *context, rec_error *err)
{
    size_t number = 0;
    for (size_t i = 0; i < length;) {
        const char *end = memchr(text + i, '\n', length - i);
        size_t n = end != NULL ? (size_t)(end - text) - i : length - i;
        cJSON *line = NULL;
        number++;
        bool blank = strspn(text + i, " \t\r") >= n;
        rec_status status =
            blank ? REC_OK : rec_json_parse_any_text(&line, text + i, n, name, number, err);
        if (!blank && status == REC_OK) {
            status = fn(context, line, err);
            if (status != REC_OK)
                rec_error_prefix(err, "%s:%zu", name, number);
        }
        cJSON_Delete(line);
        if (status != REC_OK)
            return status;
        i += n + 1;
    }
    return REC_OK;
}

typedef struct example_reader {
    rec_lm_examples *out;
    const rec_example_format *format;
    draft draft;
} example_reader;

static rec_status read_example(void *context, const cJSON *line, rec_error *err)
{
    example_reader *r = context;
    return add_example(r->out, &r->draft, r->format, line, err);
}

rec_status rec_lm_examples_read(rec_lm_examples *out, const char *text, size_t length,
                                const char *name, const rec_example_format *format, rec_error *err)
{
    *out = (rec_lm_examples){.n = 0};
    example_reader r = {.out = out, .format = format};
    rec_status status = for_each_line(text, length, name, read_example, &r, err);
    if (status == REC_OK && out->n == 0)
        status = rec_fail(err, REC_ERR_DATA, "%s: no example", name);
    rec_token_list_deinit(&r.draft.ids);
    rec_buffer_deinit(&r.draft.learnt);
    if (status != REC_OK)
        rec_lm_examples_deinit(out);
    return status;
}

/* ---- pairs ---- */

void rec_lm_pairs_deinit(rec_lm_pairs *p)
{
    rec_lm_examples_deinit(&p->texts);
    free(p->query);
    free(p->positive);
    free(p->negative_start);
    free(p->negative);
    *p = (rec_lm_pairs){.n = 0};
}

typedef struct pair_reader {
    rec_lm_pairs *out;
    const rec_example_format *format;
    rec_token_list ids;
} pair_reader;

/* Tokens of a text, at most max_length of them with the closing special token kept. */
static rec_status add_text(uint32_t *index, pair_reader *r, const cJSON *text, rec_error *err)
{
    const rec_example_format *f = r->format;
    r->ids.n = 0;
    if (!cJSON_IsString(text) || *text->valuestring == '\0')
        return rec_fail(err, REC_ERR_DATA, "query, pos and neg must be texts that are not empty");
    rec_status status =
        rec_tokenizer_encode(&r->ids, f->tokenizer, text->valuestring, rec_json_text_length(text),
                             REC_TOKENIZE_ADD_SPECIAL, err);
    if (status != REC_OK)
        return status;
    if (r->ids.n > f->max_length) {
        r->ids.ids[f->max_length - 1] = r->ids.ids[r->ids.n - 1];
        r->ids.n = f->max_length;
        r->out->texts.n_cut++;
    }
    *index = (uint32_t)r->out->texts.n;
    return rec_lm_examples_add(&r->out->texts, r->ids.ids, NULL, r->ids.n, err);
}

static rec_status add_pair(rec_lm_pairs *p, uint32_t query, uint32_t positive,
                           const uint32_t *negatives, size_t n, rec_error *err)
{
    size_t capacity = p->capacity, same = capacity, starts = capacity;
    rec_status status = reserve(&p->query, &capacity, p->n + 2, sizeof *p->query, err);
    if (status == REC_OK)
        status = reserve(&p->positive, &same, p->n + 2, sizeof *p->positive, err);
    if (status == REC_OK)
        status = reserve(&p->negative_start, &starts, p->n + 2, sizeof *p->negative_start, err);
    if (status == REC_OK)
        status = reserve(&p->negative, &p->negative_capacity, p->n_negatives + n,
                         sizeof *p->negative, err);
    if (status != REC_OK)
        return status;
    p->capacity = capacity;
    if (p->n == 0)
        p->negative_start[0] = 0;
    p->query[p->n] = query;
    p->positive[p->n] = positive;
    for (size_t i = 0; i < n; i++)
        p->negative[p->n_negatives++] = negatives[i];
    p->negative_start[++p->n] = p->n_negatives;
    return REC_OK;
}

/* One text or a list of texts, as indices; *n receives how many. List of the caller. */
static rec_status add_texts(uint32_t **indices, size_t *n, pair_reader *r, const cJSON *value,
                            rec_error *err)
{
    size_t count = cJSON_IsArray(value) ? (size_t)cJSON_GetArraySize(value) : value != NULL;
    *n = 0;
    *indices = rec_alloc(count, sizeof **indices, err);
    if (*indices == NULL)
        return REC_ERR_RESOURCE;
    const cJSON *text = cJSON_IsArray(value) ? value->child : value;
    rec_status status = REC_OK;
    for (; *n < count && status == REC_OK; text = text->next)
        status = add_text(&(*indices)[(*n)++], r, text, err);
    return status;
}

static rec_status read_pair(void *context, const cJSON *line, rec_error *err)
{
    pair_reader *r = context;
    uint32_t query, *positives = NULL, *negatives = NULL;
    size_t n_positives = 0, n_negatives = 0;
    rec_status status = REC_OK;
    REC_TRY(add_text(&query, r, cJSON_GetObjectItemCaseSensitive(line, "query"), err));
    REC_TRY(
        add_texts(&positives, &n_positives, r, cJSON_GetObjectItemCaseSensitive(line, "pos"), err));
    REC_TRY(
        add_texts(&negatives, &n_negatives, r, cJSON_GetObjectItemCaseSensitive(line, "neg"), err));
    if (n_positives == 0)
        REC_TRY(rec_fail(err, REC_ERR_DATA, "pos is missing"));
    for (size_t i = 0; i < n_positives; i++)
        REC_TRY(add_pair(r->out, query, positives[i], negatives, n_negatives, err));
cleanup:
    free(negatives);
    free(positives);
    return status;
}

rec_status rec_lm_pairs_read(rec_lm_pairs *out, const char *text, size_t length, const char *name,
                             const rec_example_format *format, rec_error *err)
{
    *out = (rec_lm_pairs){.n = 0};
    pair_reader r = {.out = out, .format = format};
    rec_status status = for_each_line(text, length, name, read_pair, &r, err);
    if (status == REC_OK && out->n == 0)
        status = rec_fail(err, REC_ERR_DATA, "%s: no pair", name);
    rec_token_list_deinit(&r.ids);
    if (status != REC_OK)
        rec_lm_pairs_deinit(out);
    return status;
}
