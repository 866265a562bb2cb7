#include "models/lm/view.h"

#include "core/parallel.h"

enum { VIEW_ROWS = 32 };

/* Insertion into a short sorted list: nearly every logit fails the first comparison. */
size_t rec_top_chances(rec_token_chance *out, size_t n_top, const float *logits, size_t n,
                       const uint32_t *ids, double log_sum)
{
    float values[REC_MAX_TOP];
    size_t kept = 0;
    for (size_t i = 0; i < n && n_top > 0; i++) {
        if (kept == n_top && logits[i] <= values[kept - 1])
            continue;
        size_t at = kept < n_top ? kept++ : kept - 1;
        for (; at > 0 && logits[i] > values[at - 1]; at--) {
            values[at] = values[at - 1];
            out[at] = out[at - 1];
        }
        values[at] = logits[i];
        out[at] = (rec_token_chance){.id = ids != NULL ? ids[i] : (uint32_t)i,
                                     .logprob = (float)((double)logits[i] - log_sum)};
    }
    return kept;
}

/* Rows of logits and the tokens asked about. */
typedef struct rows {
    const float *logits;
    const uint32_t *next;
    size_t vocab, n_top;
    float *logprobs;       /* (n) */
    rec_token_chance *top; /* (n, n_top) */
    size_t *n_found;       /* (n) */
} rows;

static rec_status view_row(void *context, size_t i, rec_error *err)
{
    const rows *r = context;
    const float *row = r->logits + i * r->vocab;
    double log_sum = rec_log_sum_exp(row, r->vocab);
    (void)err;
    r->logprobs[i] = (float)((double)row[r->next[i]] - log_sum);
    r->n_found[i] = rec_top_chances(r->top + i * r->n_top, r->n_top, row, r->vocab, NULL, log_sum);
    return REC_OK;
}

static rec_status call_hook(const rec_generation *request, const rows *r, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        rec_token_view view = {.is_prompt = true,
                               .id = r->next[i],
                               .logprob = r->logprobs[i],
                               .top = r->top + i * r->n_top,
                               .n_top = r->n_found[i]};
        status = request->on_view(request->on_view_context, &view, err);
    }
    return status;
}

rec_status rec_view_prompt(const rec_generation *request, rec_engine *engine, const float *hidden,
                           const uint32_t *next, size_t n, rec_arena *arena, rec_error *err)
{
    size_t d = rec_engine_config(engine)->d_model, vocab = rec_engine_config(engine)->vocab_size;
    size_t most = n < VIEW_ROWS ? n : VIEW_ROWS;
    rec_status status = REC_OK;
    float *logits = rec_arena_alloc(arena, most * vocab, sizeof *logits, err);
    rows r = {.logits = logits,
              .vocab = vocab,
              .n_top = request->n_top,
              .logprobs = rec_arena_alloc(arena, most, sizeof(float), err),
              .top = rec_arena_alloc(arena, most * request->n_top, sizeof *r.top, err),
              .n_found = rec_arena_alloc(arena, most, sizeof *r.n_found, err)};
    if (logits == NULL || r.logprobs == NULL || r.top == NULL || r.n_found == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n; i += VIEW_ROWS) {
        size_t m = n - i < VIEW_ROWS ? n - i : VIEW_ROWS;
        r.next = next + i;
        REC_TRY(rec_engine_logits(logits, engine, hidden + i * d, d, m, arena, err));
        REC_TRY(rec_parallel_tiles(m, view_row, &r, err));
        REC_TRY(call_hook(request, &r, m, err));
    }
cleanup:
    return status;
}
