/* models/recommenders/bm25.c: items as documents, found by words. Score of a query q:
 *
 *     sum over terms t of  qtf (k3 + 1) / (qtf + k3)
 *                        * ln(1 + (N - df + .5) / (df + .5))
 *                        * tf (k1 + 1) / (tf + k1 (1 - b + b length / mean length))
 *
 * "Okapi at TREC-3", TREC 1994, section 2; "The probabilistic relevance framework: BM25 and beyond",
 * Foundations and Trends in IR 3(4), 2009, eq. (3.15). Inside the logarithm we add 1, so that no word
 * counts against an item. The query is the request's text if it has one, else the texts of the last
 * items of the history, so users and items without interactions are served alike. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorted.h"
#include "datasets/strings.h"
#include "models/neighbours.h"
#include "models/sparse.h"
#include "models/words.h"

typedef struct bm25 {
    rec_string_list fields;
    double k1, b, k3;
    int64_t history_items;
    rec_strings *pool;   /* owned: the words */
    rec_interner words;  /* owned: word -> term number */
    rec_sparse counts;   /* (n_items, n_terms) tf, owned */
    rec_sparse postings; /* (n_terms, n_items) what one occurrence in the query adds, owned */
} bm25;

static const rec_option bm25_options[] = {
    {.key = "fields",
     .help = "text columns that make an item's document; none: title and all text columns",
     .offset = offsetof(bm25, fields),
     .type = REC_OPT_STRINGS},
    {.key = "k1",
     .help = "saturation of term counts in documents",
     .offset = offsetof(bm25, k1),
     .type = REC_OPT_REAL,
     .value = 1.2,
     .min = 0,
     .max = 1000},
    {.key = "b",
     .help = "how much long documents are held back, 0 to 1",
     .offset = offsetof(bm25, b),
     .type = REC_OPT_REAL,
     .value = 0.75,
     .min = 0,
     .max = 1},
    {.key = "k3",
     .help = "saturation of term counts in the query",
     .offset = offsetof(bm25, k3),
     .type = REC_OPT_REAL,
     .value = 8,
     .min = 0,
     .max = 1e6},
    {.key = "history_items",
     .help = "latest items of a history whose texts are the query; 0: all",
     .offset = offsetof(bm25, history_items),
     .type = REC_OPT_INT,
     .value = 10,
     .min = 0,
     .max = 1e6},
    {.key = NULL},
};

/* ---- documents ---- */

/* Entries of the count matrix while it grows: term numbers in order of appearance. */
typedef struct term_list {
    uint32_t *terms; /* owned */
    size_t n, capacity;
} term_list;

static rec_status push_term(term_list *list, uint32_t term, rec_error *err)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 256;
        uint32_t *grown = rec_realloc(list->terms, capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        list->terms = grown;
        list->capacity = capacity;
    }
    list->terms[list->n++] = term;
    return REC_OK;
}

/* Append the terms of a text; with learn, unknown words get a number, else they are dropped. */
static rec_status add_text(term_list *list, bm25 *learner, const bm25 *m, const char *text,
                           rec_error *err)
{
    char *folded = NULL;
    rec_status status = REC_OK;
    if (text == NULL)
        return REC_OK;
    REC_TRY(rec_words_fold(&folded, text, err));
    const char *at = folded, *word;
    for (size_t n; (word = rec_words_next(&n, &at)) != NULL;) {
        uint32_t term;
        if (learner != NULL)
            REC_TRY(rec_interner_add(&term, &learner->words, word, n, err));
        else
            term = rec_interner_find(&m->words, word, n);
        if (term != UINT32_MAX)
            REC_TRY(push_term(list, term, err));
    }
cleanup:
    free(folded);
    return status;
}

static rec_status add_column(term_list *list, bm25 *m, const rec_column *c, size_t item,
                             rec_error *err)
{
    rec_status status = REC_OK;
    if (c->type == REC_COLUMN_TEXT)
        REC_TRY(add_text(list, m, m, c->text[item], err));
    if (c->type == REC_COLUMN_TEXTS)
        for (size_t i = c->start[item]; i < c->start[item + 1]; i++)
            REC_TRY(add_text(list, m, m, c->texts[i], err));
cleanup:
    return status;
}

static bool is_text(const rec_column *c)
{
    return c->type == REC_COLUMN_TEXT || c->type == REC_COLUMN_TEXTS;
}

static bool is_chosen(const bm25 *m, const char *name)
{
    for (size_t f = 0; f < m->fields.n; f++)
        if (strcmp(m->fields.items[f], name) == 0)
            return true;
    return m->fields.n == 0;
}

static rec_status check_fields(const bm25 *m, const rec_catalogue *c, rec_error *err)
{
    for (size_t f = 0; f < m->fields.n; f++) {
        const char *name = m->fields.items[f];
        const rec_column *column;
        if (strcmp(name, "title") == 0)
            continue;
        rec_status status = rec_catalogue_need_column(&column, c, "bm25: fields", name, err);
        if (status != REC_OK)
            return status;
        if (!is_text(column))
            return rec_fail(err, REC_ERR_CONFIG, "bm25: fields: no text in column \"%s\"", name);
    }
    return REC_OK;
}

static rec_status add_document(term_list *list, bm25 *m, const rec_catalogue *c, size_t item,
                               rec_error *err)
{
    rec_status status = REC_OK;
    if (c->titles != NULL && is_chosen(m, "title"))
        REC_TRY(add_text(list, m, m, c->titles[item], err));
    for (size_t i = 0; i < c->n_columns; i++)
        if (is_text(&c->columns[i]) && is_chosen(m, c->columns[i].name))
            REC_TRY(add_column(list, m, &c->columns[i], item, err));
cleanup:
    return status;
}

/* Sorted terms to distinct ones with counts, appended to row `row` of a matrix. */
static void append_counts(rec_sparse *out, size_t row, uint32_t *terms, size_t n)
{
    size_t at = out->start[row];
    rec_sort_u32(terms, n);
    for (size_t i = 0; i < n; i++) {
        if (at == out->start[row] || out->column[at - 1] != terms[i]) {
            out->column[at] = terms[i];
            out->value[at++] = 0.0f;
        }
        out->value[at - 1] += 1.0f;
    }
    out->start[row + 1] = at;
}

static rec_status count_terms(bm25 *m, const rec_catalogue *c, rec_error *err)
{
    term_list all = {.terms = NULL};
    size_t *start = NULL;
    rec_status status;
    REC_TRY_NEW(start, c->n_items + 1, err);
    for (size_t i = 0; i < c->n_items; i++) {
        REC_TRY(add_document(&all, m, c, i, err));
        start[i + 1] = all.n;
    }
    if (all.n == 0) {
        status = rec_fail(err, REC_ERR_DATA, "bm25: no item has text in the chosen fields");
        goto cleanup;
    }
    REC_TRY(rec_sparse_init(&m->counts, c->n_items, m->words.n, all.n, err));
    for (size_t i = 0; i < c->n_items; i++)
        append_counts(&m->counts, i, all.terms + start[i], start[i + 1] - start[i]);
cleanup:
    free(all.terms);
    free(start);
    return status;
}

static double document_length(const bm25 *m, size_t item)
{
    double length = 0.0;
    for (size_t i = m->counts.start[item]; i < m->counts.start[item + 1]; i++)
        length += (double)m->counts.value[i];
    return length;
}

/* Counts in the postings become weights. */
static rec_status weigh_postings(bm25 *m, rec_error *err)
{
    size_t n_items = m->counts.n_rows;
    double *length = rec_alloc(n_items, sizeof *length, err), mean = 0.0;
    if (length == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < n_items; i++)
        mean += length[i] = document_length(m, i);
    mean /= (double)n_items;
    for (size_t t = 0; t < m->postings.n_rows; t++) {
        size_t first = m->postings.start[t], end = m->postings.start[t + 1];
        double df = (double)(end - first);
        double idf = log(1.0 + ((double)n_items - df + 0.5) / (df + 0.5));
        for (size_t p = first; p < end; p++) {
            double tf = (double)m->postings.value[p];
            double norm = 1.0 - m->b + m->b * length[m->postings.column[p]] / mean;
            m->postings.value[p] = (float)(idf * tf * (m->k1 + 1.0) / (tf + m->k1 * norm));
        }
    }
    free(length);
    return REC_OK;
}

static rec_status build(bm25 *m, const rec_dataset *d, rec_error *err)
{
    rec_status status;
    REC_TRY(check_fields(m, &d->catalogue, err));
    REC_TRY(rec_strings_new(&m->pool, err));
    m->words.pool = m->pool;
    REC_TRY(count_terms(m, &d->catalogue, err));
    REC_TRY(rec_sparse_transpose(&m->postings, &m->counts, err));
    REC_TRY(weigh_postings(m, err));
cleanup:
    return status;
}

static rec_status bm25_fit(void *self, const rec_fit_data *data, rec_error *err)
{
    return build(self, data->dataset, err);
}

/* The documents are the dataset's; the artifact holds nothing. */
static rec_status bm25_load(void *self, const rec_tensor_file *in, const rec_dataset *dataset,
                            rec_error *err)
{
    (void)in;
    return build(self, dataset, err);
}

/* ---- queries ---- */

static rec_status add_history(term_list *list, const bm25 *m, const rec_query *q, rec_error *err)
{
    size_t most = m->history_items > 0 ? (size_t)m->history_items : q->n_history;
    size_t first = q->n_history > most ? q->n_history - most : 0;
    for (size_t h = first; h < q->n_history; h++) {
        size_t item = q->history[h];
        for (size_t i = m->counts.start[item]; i < m->counts.start[item + 1]; i++)
            for (float k = 0.0f; k < m->counts.value[i]; k += 1.0f) {
                rec_status status = push_term(list, m->counts.column[i], err);
                if (status != REC_OK)
                    return status;
            }
    }
    return REC_OK;
}

/* sums (n_items) += scores of the terms, which get sorted; in double, by ascending term. */
static void score_terms(double *sums, const bm25 *m, uint32_t *terms, size_t n)
{
    rec_sort_u32(terms, n);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && terms[end] == terms[i]; end++)
            ;
        double qtf = (double)(end - i);
        rec_sparse_add_row(sums, &m->postings, terms[i], qtf * (m->k3 + 1.0) / (qtf + m->k3));
    }
}

static rec_status score_query(float *scores, double *sums, const bm25 *m, const rec_query *q,
                              rec_error *err)
{
    term_list terms = {.terms = NULL};
    size_t n_items = m->counts.n_rows;
    rec_status status;
    REC_TRY(q->text != NULL ? add_text(&terms, NULL, m, q->text, err)
                            : add_history(&terms, m, q, err));
    memset(sums, 0, n_items * sizeof *sums);
    score_terms(sums, m, terms.terms, terms.n);
    for (size_t i = 0; i < n_items; i++)
        scores[i] = (float)sums[i];
cleanup:
    free(terms.terms);
    return status;
}

static rec_status bm25_score(float *scores, const void *self, const rec_query *queries, size_t n,
                             rec_error *err)
{
    const bm25 *m = self;
    size_t n_items = m->counts.n_rows;
    rec_status status = REC_OK;
    double *sums = rec_alloc(n_items, sizeof *sums, err);
    if (sums == NULL)
        return REC_ERR_RESOURCE;
    for (size_t q = 0; q < n && status == REC_OK; q++)
        status = score_query(scores + q * n_items, sums, m, &queries[q], err);
    free(sums);
    return status;
}

static rec_status bm25_similar(uint32_t *items, float *similarities, size_t *n_found,
                               const void *self, uint32_t item, size_t k, rec_error *err)
{
    const bm25 *m = self;
    rec_query q = {.user = REC_NO_USER, .history = &item, .n_history = 1};
    float *scores = rec_alloc(m->counts.n_rows, sizeof *scores, err);
    if (scores == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = bm25_score(scores, m, &q, 1, err);
    if (status == REC_OK)
        status = rec_best_items(items, similarities, n_found, NULL, scores, m->counts.n_rows, item,
                                k, err);
    free(scores);
    return status;
}

static void bm25_deinit(void *self)
{
    bm25 *m = self;
    rec_sparse_deinit(&m->counts);
    rec_sparse_deinit(&m->postings);
    rec_interner_deinit(&m->words);
    rec_strings_free(m->pool);
}

const rec_recommender rec_recommender_bm25 = {
    .name = "bm25",
    .help = "items found by the words of the request or of the history's items",
    .reads_text = true,
    .citation = "Okapi at TREC-3, TREC 1994; The probabilistic relevance framework: BM25 and "
                "beyond, FnTIR 3(4), 2009, eq. (3.15)",
    .size = sizeof(bm25),
    .options = bm25_options,
    .fit = bm25_fit,
    .score = bm25_score,
    .load = bm25_load,
    .similar = bm25_similar,
    .deinit = bm25_deinit,
};
