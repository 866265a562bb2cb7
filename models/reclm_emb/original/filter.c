/* models/reclm_emb/original/filter.c: the released test_filter. It strips training templates only, so a
 * repeated query behind a new template stays; it is not applied to rows with a history, exact titles and
 * descriptions of users; and where every row of a task repeats none is dropped. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/strings.h"
#include "models/reclm_emb/original/original.h"

/* What a training template puts before and behind a query. */
typedef struct affix {
    char *before, *after; /* owned */
} affix;

typedef struct filter {
    rec_emb_corpus *corpus;
    affix *affixes; /* owned (n): of one phrase */
    size_t n;
    rec_strings *pool;    /* owned: behind `trained` */
    rec_interner trained; /* lower-case texts of the training rows of one comparison */
    rec_buffer text;
} filter;

static void forget_templates(filter *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->affixes[i].before);
        free(f->affixes[i].after);
    }
    free(f->affixes);
    f->affixes = NULL;
    f->n = 0;
}

static rec_status split_template(affix *out, const filter *f, rec_emb_phrase phrase, size_t index,
                                 rec_error *err)
{
    static const char mark[] = "\x01"; /* in no template: YAML refuses control characters */
    const rec_emb_items *x = &f->corpus->items;
    const rec_emb_slots slots = {.noun = x->noun, .nouns = x->nouns, .query = mark};
    rec_buffer text = {.length = 0};
    rec_status status =
        rec_emb_wording_apply(&text, f->corpus->wording, phrase, REC_EMB_TRAIN, index, &slots, err);
    char *at = status == REC_OK ? strstr(text.data, mark) : NULL;
    if (at != NULL) {
        *at = '\0';
        out->before = rec_strdup(text.data, err);
        out->after = rec_strdup(at + 1, err);
        if (out->before == NULL || out->after == NULL)
            status = REC_ERR_RESOURCE;
    }
    rec_buffer_deinit(&text);
    return status;
}

static rec_status learn_templates(filter *f, rec_emb_phrase phrase, rec_error *err)
{
    size_t n = rec_emb_wording_count(f->corpus->wording, phrase, REC_EMB_TRAIN);
    f->affixes = rec_alloc(n, sizeof *f->affixes, err);
    if (f->affixes == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = REC_OK;
    for (; f->n < n && status == REC_OK; f->n++)
        status = split_template(&f->affixes[f->n], f, phrase, f->n, err);
    return status;
}

/* The query without the first training template that fits it, in lower case (ASCII). */
static rec_status inner_text(filter *f, const char *query, rec_error *err)
{
    size_t n = strlen(query), before = 0, after = 0;
    for (size_t i = 0; i < f->n; i++) {
        const affix *a = &f->affixes[i];
        if (a->before == NULL)
            continue;
        before = strlen(a->before);
        after = strlen(a->after);
        if (before + after <= n && strncmp(query, a->before, before) == 0 &&
            strcmp(query + n - after, a->after) == 0)
            break;
        before = after = 0;
    }
    rec_buffer_clear(&f->text);
    rec_status status = rec_buffer_append(&f->text, query + before, n - before - after, err);
    for (size_t i = 0; status == REC_OK && i < f->text.length; i++)
        f->text.data[i] = (char)tolower((unsigned char)f->text.data[i]);
    return status;
}

/* ---- one comparison ---- */

/* Tasks (bits 1 << number) whose test rows are compared with the training rows of all of them. */
typedef struct comparison {
    unsigned tasks;
    rec_emb_phrase phrase;
} comparison;

static const comparison comparisons[] = {
    {1u << REC_EMB_TASK_fa2i | 1u << REC_EMB_TASK_sa2i, REC_EMB_PHRASE_ATTRIBUTES},
    {1u << REC_EMB_TASK_i2i, REC_EMB_PHRASE_ITEM},
    {1u << REC_EMB_TASK_vc2i, REC_EMB_PHRASE_VAGUE},
    {1u << REC_EMB_TASK_na2i, REC_EMB_PHRASE_EXCLUSION},
    {1u << REC_EMB_TASK_nm2i | 1u << REC_EMB_TASK_as2i, REC_EMB_PHRASE_TITLE},
};
enum { N_COMPARISONS = sizeof comparisons / sizeof *comparisons };

static rec_status remember(filter *f, const comparison *c, rec_error *err)
{
    const rec_emb_rows *rows = &f->corpus->rows;
    rec_status status = REC_OK;
    uint32_t number;
    for (size_t i = 0; i < rows->n && status == REC_OK; i++) {
        const rec_emb_row *row = &rows->rows[i];
        if (row->part != REC_EMB_TRAIN || (c->tasks >> row->task & 1) == 0)
            continue;
        status = inner_text(f, row->query, err);
        if (status == REC_OK)
            status = rec_interner_add(&number, &f->trained, f->text.data, f->text.length, err);
    }
    return status;
}

static rec_status mark_repeated(bool *keep, filter *f, size_t task, rec_error *err)
{
    const rec_emb_rows *rows = &f->corpus->rows;
    size_t n = 0, n_repeated = 0;
    rec_status status = REC_OK;
    for (size_t i = 0; i < rows->n && status == REC_OK; i++) {
        const rec_emb_row *row = &rows->rows[i];
        if (row->part != REC_EMB_TEST || row->task != task)
            continue;
        status = inner_text(f, row->query, err);
        if (status != REC_OK)
            break;
        keep[i] = rec_interner_find(&f->trained, f->text.data, f->text.length) == UINT32_MAX;
        n++;
        n_repeated += !keep[i];
    }
    for (size_t i = 0; i < rows->n && n == n_repeated; i++)
        keep[i] = keep[i] || (rows->rows[i].part == REC_EMB_TEST && rows->rows[i].task == task);
    f->corpus->n_repeated[REC_EMB_TEST][task] = n == n_repeated ? 0 : n_repeated;
    return status;
}

static rec_status compare(bool *keep, filter *f, const comparison *c, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_strings_new(&f->pool, err));
    f->trained = (rec_interner){.pool = f->pool};
    REC_TRY(learn_templates(f, c->phrase, err));
    REC_TRY(remember(f, c, err));
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        if ((c->tasks >> t & 1) != 0)
            REC_TRY(mark_repeated(keep, f, t, err));
cleanup:
    forget_templates(f);
    rec_interner_deinit(&f->trained);
    rec_strings_free(f->pool);
    f->pool = NULL;
    return status;
}

rec_status rec_emb_original_filter(rec_emb_corpus *c, rec_error *err)
{
    filter f = {.corpus = c};
    bool *keep = rec_alloc(c->rows.n, sizeof *keep, err);
    rec_status status = keep != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (size_t i = 0; status == REC_OK && i < c->rows.n; i++)
        keep[i] = true;
    for (size_t i = 0; i < N_COMPARISONS && status == REC_OK; i++)
        status = compare(keep, &f, &comparisons[i], err);
    if (status == REC_OK)
        rec_emb_rows_filter(&c->rows, keep);
    rec_buffer_deinit(&f.text);
    free(keep);
    return status;
}
