#include "harness/trec/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* A document that was judged, ranked or both. */
typedef struct known {
    const char *id;
    uint32_t length, hash;
    float level; /* NaN: not judged */
    bool ranked;
} known;

/* A place of the list. */
typedef struct place {
    double score;
    const char *id;
    uint32_t length;
    float level;
} place;

struct rec_trec_scratch {
    known *documents;                      /* (n_judged + n_ranked) */
    uint32_t *slots;                       /* hash table of documents, index + 1 */
    place *places;                         /* (n_ranked) */
    float *graded;                         /* (n_ranked) */
    float *binary;                         /* (n_ranked) */
    float *ideal;                          /* (n_judged) */
    uint32_t *group;                       /* (n_ranked) */
    size_t n_documents, n_slots, n_judged; /* of the query at hand */
};

static size_t table_size(size_t n_documents)
{
    size_t size = 16;
    while (size < 2 * n_documents)
        size *= 2;
    return size;
}

rec_status rec_trec_scratch_new(rec_trec_scratch **out, size_t n_judged, size_t n_ranked,
                                rec_error *err)
{
    rec_status status = REC_OK;
    rec_trec_scratch *s = NULL;
    if (n_judged + n_ranked >= UINT32_MAX)
        return rec_fail(err, REC_ERR_DATA, "a query with 2^32 documents");
    REC_TRY_NEW(s, 1, err);
    REC_TRY_NEW(s->documents, n_judged + n_ranked, err);
    REC_TRY_NEW(s->slots, table_size(n_judged + n_ranked), err);
    REC_TRY_NEW(s->places, n_ranked, err);
    REC_TRY_NEW(s->graded, n_ranked, err);
    REC_TRY_NEW(s->binary, n_ranked, err);
    REC_TRY_NEW(s->ideal, n_judged, err);
    REC_TRY_NEW(s->group, n_ranked, err);
    *out = s;
    s = NULL;
cleanup:
    rec_trec_scratch_free(s);
    return status;
}

void rec_trec_scratch_free(rec_trec_scratch *s)
{
    if (s == NULL)
        return;
    free(s->documents);
    free(s->slots);
    free(s->places);
    free(s->graded);
    free(s->binary);
    free(s->ideal);
    free(s->group);
    free(s);
}

/* The document of this record; a new one, not judged and not ranked, if it was not known. */
static known *find_document(bool *is_new, rec_trec_scratch *s, const rec_trec_record *record)
{
    size_t mask = s->n_slots - 1, slot = record->document_hash & mask;
    for (; s->slots[slot] != 0; slot = (slot + 1) & mask) {
        known *d = &s->documents[s->slots[slot] - 1];
        if (d->hash == record->document_hash && d->length == record->document_length &&
            memcmp(d->id, record->document, d->length) == 0) {
            *is_new = false;
            return d;
        }
    }
    s->slots[slot] = (uint32_t)(s->n_documents + 1);
    known *d = &s->documents[s->n_documents++];
    *d = (known){.id = record->document,
                 .length = record->document_length,
                 .hash = record->document_hash,
                 .level = NAN};
    *is_new = true;
    return d;
}

static rec_status fail_duplicate(const rec_trec_file *file, const rec_trec_record *record,
                                 rec_span query, rec_error *err)
{
    return rec_fail(err, REC_ERR_DATA,
                    "%s:%zu: document \"%.*s\" comes twice in query \"%.*s\" (--duplicates first "
                    "keeps the first)",
                    file->path, rec_trec_line(file, record->document),
                    (int)(record->document_length < 80 ? record->document_length : 80),
                    record->document, (int)(query.length < 80 ? query.length : 80), query.bytes);
}

static rec_status add_judgments(rec_trec_scratch *s, size_t *n_duplicates,
                                const rec_trec_file *qrels, const rec_trec_query *query,
                                const rec_trec_options *options, rec_error *err)
{
    for (size_t g = 0; g < query->n_segments; g++) {
        const rec_trec_segment *segment = &qrels->segments[query->first_segment + g];
        for (size_t i = 0; i < segment->n; i++) {
            bool is_new;
            known *d = find_document(&is_new, s, &segment->records[i]);
            if (is_new)
                d->level = (float)segment->records[i].value;
            else if (options->first_duplicate)
                ++*n_duplicates;
            else
                return fail_duplicate(qrels, &segment->records[i], query->id, err);
        }
    }
    s->n_judged = s->n_documents;
    return REC_OK;
}

/* Fills places; *n of them. */
static rec_status add_results(rec_trec_scratch *s, size_t *n, size_t *n_duplicates,
                              const rec_trec_file *run, const rec_trec_query *query,
                              const rec_trec_options *options, rec_error *err)
{
    for (size_t g = 0; query != NULL && g < query->n_segments; g++) {
        const rec_trec_segment *segment = &run->segments[query->first_segment + g];
        for (size_t i = 0; i < segment->n; i++) {
            const rec_trec_record *record = &segment->records[i];
            bool is_new;
            known *d = find_document(&is_new, s, record);
            if (d->ranked && !options->first_duplicate)
                return fail_duplicate(run, record, query->id, err);
            *n_duplicates += d->ranked;
            if (d->ranked)
                continue;
            d->ranked = true;
            double score = options->single_precision ? (double)(float)record->value : record->value;
            s->places[(*n)++] =
                (place){.score = score, .id = d->id, .length = d->length, .level = d->level};
        }
    }
    return REC_OK;
}

/* --- order ----------------------------------------------------------------------------------- */

/* Descending in unsigned byte order, so a longer id comes before its prefix. */
static int compare_ids(const place *a, const place *b)
{
    uint32_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(b->id, a->id, shorter);
    return order != 0 ? order : (a->length < b->length) - (a->length > b->length);
}

static int compare_by_id(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return compare_ids(a, b);
}

/* Unjudged and negative stand level with 0. */
static float useful_level(const place *p)
{
    return p->level > 0.0f ? p->level : 0.0f;
}

static int compare_optimistic(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (useful_level(a) != useful_level(b))
        return useful_level(a) > useful_level(b) ? -1 : 1;
    return compare_ids(a, b);
}

static int compare_pessimistic(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (useful_level(a) != useful_level(b))
        return useful_level(a) < useful_level(b) ? -1 : 1;
    return compare_ids(a, b);
}

typedef int (*compare_fn)(const void *left, const void *right);

/* Runs are mostly written in order: look before sorting. */
static void sort_places(place *places, size_t n, rec_trec_ties ties)
{
    compare_fn compare = ties == REC_TREC_TIES_OPTIMISTIC    ? compare_optimistic
                         : ties == REC_TREC_TIES_PESSIMISTIC ? compare_pessimistic
                                                             : compare_by_id;
    for (size_t i = 1; i < n; i++)
        if (compare(&places[i - 1], &places[i]) > 0) {
            qsort(places, n, sizeof *places, compare);
            return;
        }
}

static size_t keep_judged(place *places, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (places[i].level >= 0.0f)
            places[kept++] = places[i];
    return kept;
}

/* --- judgments ------------------------------------------------------------------------------- */

static float binary_gain(float level, int32_t relevant_from)
{
    if (isnan(level) || level < 0.0f)
        return level >= (float)relevant_from ? 1.0f : level;
    return level >= (float)relevant_from ? 1.0f : 0.0f;
}

static int compare_descending(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return (a < b) - (a > b);
}

/* The judgments of the query: ideal gains, number of relevant and of judged non-relevant ones. */
static void count_judgments(rec_trec_ranking *out, rec_trec_scratch *s,
                            const rec_trec_options *options)
{
    size_t n_ideal = 0, n_relevant = 0, n_nonrelevant = 0;
    for (size_t i = 0; i < s->n_judged; i++) {
        float level = s->documents[i].level;
        bool relevant = level >= (float)options->level;
        n_relevant += relevant;
        n_nonrelevant += level >= 0.0f && !relevant;
        if (level > 0.0f && (relevant || !options->binary_gains))
            s->ideal[n_ideal++] = level;
    }
    qsort(s->ideal, n_ideal, sizeof *s->ideal, compare_descending);
    out->graded.ideal_gains = s->ideal;
    out->graded.n_relevant = n_ideal;
    out->binary.n_relevant = n_relevant;
    out->graded.n_nonrelevant_judged = out->binary.n_nonrelevant_judged = n_nonrelevant;
}

static void fill_gains(rec_trec_ranking *out, rec_trec_scratch *s, size_t n,
                       const rec_trec_options *options)
{
    out->n_relevant_ranked = 0;
    for (size_t i = 0; i < n; i++) {
        float level = s->places[i].level, gain = binary_gain(level, options->level);
        s->binary[i] = gain;
        s->graded[i] = options->binary_gains && level < (float)options->level ? 0.0f : level;
        s->group[i] = i > 0 ? s->group[i - 1] + (s->places[i].score != s->places[i - 1].score) : 0;
        out->n_relevant_ranked += gain > 0.0f;
    }
    out->graded.gains = s->graded;
    out->binary.gains = s->binary;
    out->graded.n_ranked = out->binary.n_ranked = n;
}

rec_status rec_trec_rank(rec_trec_ranking *out, const uint32_t **group, size_t *n_duplicates,
                         rec_trec_scratch *scratch, const rec_trec_file *qrels,
                         const rec_trec_query *judgments, const rec_trec_file *run,
                         const rec_trec_query *results, const rec_trec_options *options,
                         rec_error *err)
{
    rec_status status;
    size_t n = 0;
    *out = (rec_trec_ranking){.rules = &options->rules};
    scratch->n_documents = 0;
    scratch->n_slots =
        table_size(judgments->n_records + (results != NULL ? results->n_records : 0));
    memset(scratch->slots, 0, scratch->n_slots * sizeof *scratch->slots);
    REC_TRY(add_judgments(scratch, n_duplicates, qrels, judgments, options, err));
    REC_TRY(add_results(scratch, &n, n_duplicates, run, results, options, err));
    sort_places(scratch->places, n, options->ties);
    if (options->max_per_query > 0 && n > options->max_per_query)
        n = options->max_per_query;
    if (options->judged_only)
        n = keep_judged(scratch->places, n);
    count_judgments(out, scratch, options);
    fill_gains(out, scratch, n, options);
    *group = scratch->group;
cleanup:
    return status;
}
