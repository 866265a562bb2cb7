/* harness/tasks/emb_task.c: samples out of generated rows, and the figures that only these tasks have:
 * coverage and how it stands between chance and the best there is. */
#include "harness/tasks/emb_task.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/memory.h"
#include "core/sorted.h"
#include "harness/tasks/columns.h"
#include "harness/tasks/emb_reclm.h"
#include "harness/tasks/emb_strata.h"
#include "models/reclm_emb/corpus.h"

#define FIELD(name) offsetof(rec_emb_retrieval, name)
const rec_option rec_emb_retrieval_options[] = {
    {"k", "cut-offs of the metrics", FIELD(rank.k), REC_OPT_INTS, .text = "1,5,10,20", .min = 1,
     .max = 1000},
    {"metrics", "names, each reported at every cut-off; or labels such as ndcg@3",
     FIELD(rank.metrics), REC_OPT_STRINGS, .text = "hit,ndcg,mrr"},
    {"ties", "targets among equal scores: by item index, first, last, or the expected value",
     FIELD(rank.ties), REC_OPT_ENUM, .value = REC_TIES_INDEX, .choices = rec_ties_names},
    {"data", "what rows are made from; the same as that of the systems", FIELD(data), REC_OPT_TABLE,
     .table = rec_emb_data_option_table},
    {"slices",
     "labels (hit@10) that are also reported over parts of the rows: items and wording that "
     "training had or had not, thirds by popularity, lengths of queries",
     FIELD(slices), REC_OPT_STRINGS, .text = NULL},
    {.key = NULL},
};
#undef FIELD

/* ---- columns ---- */

/* Figures of tasks where whatever satisfies the conditions is an answer, per sample with m answers in
 * a pool of N. With C and O the means of chance and oracle over the samples:
 *     coverage   share of the list that answers
 *     chance     m / N                        oracle   min(k, m) / k (k <= N)
 *     ncoverage  (coverage - C) / (O - C)     violation   share of the list that breaks the query */
typedef enum own_column { COVERAGE, CHANCE, ORACLE, NCOVERAGE, VIOLATION, N_OWN } own_column;

static const struct {
    const char *name;
    bool higher_is_better;
} own_columns[N_OWN] = {{"coverage", true},
                        {"coverage_chance", true},
                        {"coverage_oracle", true},
                        {"ncoverage", true},
                        {"violation", false}};

static rec_status add_own_columns(rec_task_entry *entry, const rec_emb_retrieval *o, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t c = 0; c < N_OWN; c++)
        for (size_t i = 0; i < o->rank.k.n && status == REC_OK; i++)
            status = rec_task_add_column(
                entry,
                &(rec_task_column){.metric = own_columns[c].name,
                                   .k = (size_t)o->rank.k.items[i],
                                   .higher_is_better = own_columns[c].higher_is_better},
                err);
    return status;
}

/* How the original judges the task. */
static bool is_by_conditions(const rec_emb_retrieval *o)
{
    return rec_emb_tasks[o->task]->truth != REC_EMB_TRUTH_ITEMS;
}

/* The column of a label such as hit@10, or SIZE_MAX. */
static size_t column_of(const rec_task_entry *entry, const char *label)
{
    const char *at = strchr(label, '@');
    size_t length = at != NULL ? (size_t)(at - label) : strlen(label);
    for (size_t i = 0; at != NULL && i < entry->n_columns; i++) {
        const rec_task_column *c = &entry->columns[i];
        if (c->stratum == NULL && !c->is_whole_run && strlen(c->metric) == length &&
            memcmp(c->metric, label, length) == 0 && c->k == strtoul(at + 1, NULL, 10))
            return i;
    }
    return SIZE_MAX;
}

static rec_status add_slices_of(rec_task_entry *entry, const char *label, const rec_yaml *map,
                                rec_error *err)
{
    size_t base = column_of(entry, label);
    if (base != SIZE_MAX)
        return rec_strata_add(entry, base, rec_emb_strata, err);
    return rec_yaml_fail(err, map,
                         "slices: \"%.60s\": the label of a figure that the task reports, such as "
                         "hit@10 or ncoverage@10",
                         label);
}

rec_status rec_emb_retrieval_columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    rec_emb_retrieval *o = entry->options;
    o->task = rec_emb_task_find(entry->type->name + strlen("emb_"));
    rec_status status = rec_rank_columns(entry, &o->rank, map, err);
    if (status == REC_OK && rec_emb_tasks[o->task]->is_broad)
        status = add_own_columns(entry, o, err);
    if (status == REC_OK && rec_emb_data_is_original(&o->data))
        status = rec_reclm_columns(entry, &o->rank.k, is_by_conditions(o), err);
    for (size_t i = 0; i < o->slices.n && status == REC_OK; i++)
        status = add_slices_of(entry, o->slices.items[i], map, err);
    return status;
}

bool rec_emb_retrieval_is_random(const void *options)
{
    (void)options; /* rows come from the data's seed alone */
    return false;
}

size_t rec_emb_retrieval_list_length(const void *options)
{
    return rec_rank_list_length(&((const rec_emb_retrieval *)options)->rank);
}

const char *rec_emb_retrieval_remark(const void *options)
{
    static const char *const remarks[REC_EMB_N_GENERATORS] = {
        "texts by rules (rules-2)", "texts by a language model (local-lm-1)",
        "recorded texts (replay-1)"};
    const rec_emb_retrieval *o = options;
    bool is_written = rec_emb_generator_writes((rec_emb_text_generator)o->data.generator,
                                               rec_emb_tasks[o->task]->text);
    return is_written ? remarks[o->data.generator] : NULL;
}

/* ---- samples ---- */

/* Means over samples. */
typedef struct level {
    double chance, oracle;
} level;

/* What a sample has beside a question. */
typedef struct emb_own {
    rec_emb_facts facts;       /* first: what emb_strata.h reads */
    bool names_unwanted;       /* the query says what it does not want */
    const uint32_t *violators; /* (n_violators) ascending: items that have what is not wanted */
    size_t n_violators;
    size_t n_pool;
    const level *levels; /* of the set (parts, cut-offs) */
} emb_own;

typedef struct builder {
    const rec_emb_retrieval *options;
    const rec_task_data *data;
    rec_sample_set *set;
    rec_emb_corpus corpus;
    rec_emb_thirds thirds;
    uint32_t *turn;  /* owned: rows so far of each user or item */
    uint32_t *items; /* owned (n_items): scratch */
    level *levels;   /* in the arena, (parts, cut-offs) */
} builder;

static void *copy(builder *b, const void *from, size_t n, size_t size, rec_error *err)
{
    void *to = rec_arena_alloc(&b->set->arena, n > 0 ? n : 1, size, err);
    if (to != NULL && n > 0)
        memcpy(to, from, n * size);
    return to;
}

/* Items that have a value the query does not want. */
static rec_status find_violators(emb_own *own, builder *b, const rec_emb_row *row, rec_error *err)
{
    size_t n = 0;
    for (size_t c = 0; c < row->n_conditions; c++)
        own->names_unwanted = own->names_unwanted || row->conditions[c].kind == REC_EMB_LACKS;
    for (uint32_t i = 0; own->names_unwanted && i < b->corpus.items.n; i++)
        for (size_t c = 0; c < row->n_conditions; c++)
            if (row->conditions[c].kind == REC_EMB_LACKS &&
                !rec_emb_holds(&b->corpus.items, &row->conditions[c], i)) {
                b->items[n++] = i;
                break;
            }
    own->violators = copy(b, b->items, n, sizeof *b->items, err);
    own->n_violators = n;
    return own->violators != NULL ? REC_OK : REC_ERR_RESOURCE;
}

static rec_status fill_sample(rec_sample *s, builder *b, const rec_emb_row *row, rec_error *err)
{
    bool by_user = rec_emb_tasks[row->task]->by_user;
    const char *id = by_user ? NULL : b->data->dataset->catalogue.ids[row->item];
    emb_own *own = rec_arena_alloc(&b->set->arena, 1, sizeof *own, err);
    *s = (rec_sample){
        .user = by_user ? row->user : row->item,
        .name = id,
        .query = {.user = by_user ? row->user : REC_NO_USER,
                  .history = copy(b, row->history, row->n_history, sizeof(uint32_t), err),
                  .n_history = row->n_history,
                  .text = copy(b, row->query, strlen(row->query) + 1, 1, err)},
        .seen = copy(b, row->excluded, row->n_excluded, sizeof(uint32_t), err),
        .n_seen = row->n_excluded,
        .targets = copy(b, row->answers, row->n_answers, sizeof(uint32_t), err),
        .n_targets = row->n_answers,
        .own = own,
    };
    if (own == NULL || s->query.history == NULL || s->query.text == NULL || s->seen == NULL ||
        s->targets == NULL)
        return REC_ERR_RESOURCE;
    s->turn = b->turn[s->user]++;
    *own = (emb_own){.facts = rec_emb_facts_of(row, &b->thirds, b->data->popularity),
                     .n_pool = b->corpus.items.n - row->n_excluded,
                     .levels = b->levels};
    return find_violators(own, b, row, err);
}

/* A list is no longer than its pool. */
static double oracle_of(size_t n_answers, size_t n_pool, size_t k)
{
    size_t n = k < n_pool ? k : n_pool;
    return (double)(n_answers < n ? n_answers : n) / (double)n;
}

/* Parts that figures are reported over, all samples before them. */
static size_t n_parts(void)
{
    size_t n = 1;
    while (rec_emb_strata[n - 1].name != NULL)
        n++;
    return n;
}

static bool is_in_part(const rec_sample *s, size_t part)
{
    const rec_job job = {.sample = s};
    return part == 0 || rec_emb_strata[part - 1].holds(&job);
}

/* Means of one part, zeros where it is empty. */
static level level_of(const rec_sample_set *set, size_t part, size_t k)
{
    level sum = {0.0, 0.0};
    size_t n = 0;
    for (size_t s = 0; s < set->n; s++) {
        const rec_sample *sample = &set->samples[s];
        const emb_own *own = sample->own;
        if (!is_in_part(sample, part))
            continue;
        sum.chance += (double)sample->n_targets / (double)own->n_pool;
        sum.oracle += oracle_of(sample->n_targets, own->n_pool, k);
        n++;
    }
    double count = n > 0 ? (double)n : 1.0;
    return (level){sum.chance / count, sum.oracle / count};
}

static void fill_levels(builder *b)
{
    const rec_int_list *k = &b->options->rank.k;
    for (size_t part = 0; part < n_parts(); part++)
        for (size_t i = 0; i < k->n; i++)
            b->levels[part * k->n + i] = level_of(b->set, part, (size_t)k->items[i]);
}

/* Who wrote the queries, and what became of the texts wanted for the tests. */
static rec_status write_texts(cJSON *counts, const rec_emb_corpus *c, size_t task, rec_error *err)
{
    bool is_written = rec_emb_generator_writes(c->generator, rec_emb_tasks[task]->text);
    rec_emb_text_generator by = is_written ? c->generator : REC_EMB_RULES;
    cJSON *texts;
    rec_status status = rec_json_add_text(counts, "generator", rec_emb_generator_name(by), err);
    if (status == REC_OK && is_written)
        status = rec_json_add_object(&texts, counts, "texts", err);
    for (size_t o = 0; is_written && o < REC_EMB_PENDING && status == REC_OK; o++)
        status = rec_json_add_count(texts, rec_emb_outcome_names[o],
                                    c->tally[REC_EMB_TEST][task].texts[o], err);
    return status;
}

/* Items of each set that relative queries ask for; 0: the data lack the kind. */
static rec_status write_sets(cJSON *counts, const rec_emb_corpus *c, rec_error *err)
{
    cJSON *sets;
    rec_status status = rec_json_add_object(&sets, counts, "sets", err);
    for (size_t k = 0; k < REC_EMB_N_RELATIVES && status == REC_OK; k++)
        status = rec_json_add_count(sets, rec_emb_relative_names[k], c->relatives.n[k], err);
    return status;
}

static rec_status write_counts(builder *b, rec_error *err)
{
    const rec_emb_corpus *c = &b->corpus;
    size_t task = b->options->task, n_seen_items = 0, n_seen_wording = 0;
    cJSON *counts;
    rec_status status;
    for (size_t i = 0; i < b->set->n; i++) {
        n_seen_items += ((const emb_own *)b->set->samples[i].own)->facts.seen_item;
        n_seen_wording += ((const emb_own *)b->set->samples[i].own)->facts.seen_wording;
    }
    REC_TRY(rec_json_new_object(&counts, err));
    b->set->counts = counts;
    REC_TRY(rec_json_add_count(counts, "samples", b->set->n, err));
    REC_TRY(rec_json_add_count(counts, "of_seen_items", n_seen_items, err));
    REC_TRY(rec_json_add_count(counts, "in_seen_wording", n_seen_wording, err));
    REC_TRY(rec_json_add_count(counts, "without_row", c->tally[REC_EMB_TEST][task].n_without, err));
    REC_TRY(
        rec_json_add_count(counts, "asked_in_training", c->n_repeated[REC_EMB_TEST][task], err));
    REC_TRY(rec_json_add_count(counts, "items_without_title", c->items.n_without_title, err));
    REC_TRY(rec_json_add_count(counts, "items_without_text", c->items.n_without_text, err));
    if (task == REC_EMB_TASK_rel2i)
        REC_TRY(write_sets(counts, c, err));
    status = write_texts(counts, c, task, err);
cleanup:
    return status;
}

static rec_status add_samples(builder *b, rec_error *err)
{
    rec_sample_set *set = b->set;
    const rec_emb_rows *rows = &b->corpus.rows;
    rec_status status = REC_OK;
    set->samples = rec_arena_alloc(&set->arena, rows->n + 1, sizeof *set->samples, err);
    b->levels =
        rec_arena_alloc(&set->arena, n_parts() * b->options->rank.k.n, sizeof *b->levels, err);
    if (set->samples == NULL || b->levels == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < rows->n && status == REC_OK; i++)
        if (rows->rows[i].part == REC_EMB_TEST)
            status = fill_sample(&set->samples[set->n++], b, &rows->rows[i], err);
    if (status != REC_OK)
        return status;
    set->n_skipped = b->corpus.tally[REC_EMB_TEST][b->options->task].n_without;
    if (set->n == 0)
        return rec_fail(err, REC_ERR_DATA,
                        "%s has no row to test: the data lack what it asks for, or `data:` leaves "
                        "nothing for tests",
                        rec_emb_tasks[b->options->task]->name);
    fill_levels(b);
    return write_counts(b, err);
}

rec_status rec_emb_retrieval_samples(rec_sample_set *out, const void *options,
                                     const rec_task_data *data, rec_error *err)
{
    builder b = {.options = options, .data = data, .set = out};
    const rec_dataset *d = data->dataset;
    rec_emb_corpus_plan plan = {.lms = data->lms, .parts = {true, false, true}};
    rec_status status;
    *out = (rec_sample_set){.n = 0};
    plan.tasks[b.options->task] = true;
    REC_TRY(rec_emb_corpus_init(&b.corpus, &b.options->data, d, &plan, err));
    REC_TRY(rec_emb_thirds_init(&b.thirds, data->popularity, d->catalogue.n_items, err));
    REC_TRY_NEW(b.turn, d->n_users + d->catalogue.n_items, err);
    REC_TRY_NEW(b.items, d->catalogue.n_items, err);
    status = add_samples(&b, err);
cleanup:
    rec_emb_corpus_deinit(&b.corpus);
    free(b.turn);
    free(b.items);
    if (status != REC_OK)
        rec_sample_set_deinit(out);
    return status;
}

/* ---- values ---- */

static size_t count_among(const uint32_t *list, size_t n, const uint32_t *sorted, size_t n_sorted)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += rec_sorted_has(sorted, n_sorted, list[i]);
    return found;
}

static double normalised(double coverage, const level *mean)
{
    return mean->oracle > mean->chance ? (coverage - mean->chance) / (mean->oracle - mean->chance)
                                       : (double)NAN;
}

/* A list of equal scores answers as often as chance has it. A list shorter than k counts as it is. */
static void set_own_values(rec_job *job, const rec_emb_retrieval *o, size_t n_ranked, size_t at)
{
    const rec_sample *s = job->sample;
    const emb_own *own = s->own;
    size_t k = (size_t)o->rank.k.items[at], n = n_ranked < k ? n_ranked : k;
    double m = (double)s->n_targets, pool = (double)own->n_pool, values[N_OWN];
    double hits = (double)count_among(job->list_items, n, s->targets, s->n_targets);
    double wrong = (double)count_among(job->list_items, n, own->violators, own->n_violators);
    if (n == 0 && !job->expects_ties)
        return;
    values[CHANCE] = m / pool;
    values[ORACLE] = oracle_of(s->n_targets, own->n_pool, k);
    values[COVERAGE] = job->expects_ties ? values[CHANCE] : hits / (double)n;
    values[NCOVERAGE] = normalised(values[COVERAGE], &own->levels[at]);
    values[VIOLATION] = !own->names_unwanted ? 1.0 - values[COVERAGE]
                        : job->expects_ties  ? (double)own->n_violators / pool
                                             : wrong / (double)n;
    for (size_t c = 0; c < N_OWN; c++)
        rec_job_set(job, own_columns[c].name, k, values[c]);
}

/* What chance and the best reach differs from part to part: each is normalised by its own. */
static void normalise_parts(rec_job *job, const rec_emb_retrieval *o)
{
    const emb_own *own = job->sample->own;
    for (size_t c = 0; c < job->n_columns; c++) {
        const rec_task_column *column = &job->task->columns[c];
        if (column->stratum == NULL || isnan(job->values[c]) ||
            strcmp(job->task->columns[column->base].metric, own_columns[NCOVERAGE].name) != 0)
            continue;
        size_t part = (size_t)(column->stratum - rec_emb_strata) + 1, at = 0;
        while ((size_t)o->rank.k.items[at] != column->k)
            at++;
        size_t coverage = rec_task_column_index(job->task, own_columns[COVERAGE].name, column->k);
        job->values[c] = normalised(job->values[coverage], &own->levels[part * o->rank.k.n + at]);
    }
}

rec_status rec_emb_retrieval_step(rec_job *job, const rec_reply *replies, rec_error *err)
{
    const rec_emb_retrieval *o = job->task->options;
    bool is_answered = job->stage > 0;
    rec_status status = rec_rank_step(job, &o->rank, NULL, replies, err);
    if (status != REC_OK || !is_answered || job->has_failed)
        return status;
    for (size_t i = 0; rec_emb_tasks[o->task]->is_broad && i < o->rank.k.n; i++)
        set_own_values(job, o, replies->n_ranked, i);
    if (rec_emb_data_is_original(&o->data))
        rec_reclm_values(job, &o->rank.k, replies->n_ranked, is_by_conditions(o));
    rec_strata_set(job); /* again: now with coverage */
    normalise_parts(job, o);
    return REC_OK;
}
