#include "models/reclm_emb/original/original.h"

#include <stdio.h>

#include "core/permutation.h"

static const rec_emb_generator *const generators[] = {
    &rec_emb_user2item,          &rec_emb_queryuser2item, &rec_emb_item2item,
    &rec_emb_title2item,         &rec_emb_misspell2item,  &rec_emb_query2item,
    &rec_emb_sparse_query2item,  &rec_emb_negquery2item,  &rec_emb_vaguequery2item,
    &rec_emb_relativequery2item, &rec_emb_gpt_user,       &rec_emb_gpt_item,
    &rec_emb_gpt_misspell,       &rec_emb_gpt_v2_user,    &rec_emb_gpt_v2_item,
    &rec_emb_gpt_v2_dialogue,
};
enum { N_GENERATORS = sizeof generators / sizeof *generators };

/* Does every task that it makes rows of have them all? */
static bool is_done(const rec_emb_maker *m, const rec_emb_generator *g)
{
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        if ((g->makes >> t & 1) != 0 && m->wanted[t] && m->n_made[t] < m->n_wanted)
            return false;
    return true;
}

/* Units that gave no row count for the first task that is made of them. */
static void count_without(rec_emb_tally *tally, const rec_emb_generator *g)
{
    size_t t = 0;
    while ((g->makes >> t & 1) == 0)
        t++;
    tally[t].n_without += !g->is_sampled;
}

static size_t units_of(const rec_emb_maker *m, const rec_emb_generator *g)
{
    return g->unit == REC_EMB_PER_USER   ? m->facts->sequences->n_users
           : g->unit == REC_EMB_PER_ITEM ? m->source.items->n
                                         : g->n_units[rec_emb_is_test(m)];
}

static rec_status visit(rec_emb_maker *m, const rec_emb_generator *g, size_t pass, uint32_t unit,
                        rec_error *err)
{
    char purpose[64];
    snprintf(purpose, sizeof purpose, "emb/original/%s/%s", g->name,
             rec_emb_part_names[m->source.part]);
    m->visit =
        rec_rng_keyed((uint64_t)m->source.options->seed, purpose, (uint64_t)pass << 32 | unit);
    return g->visit(m, unit, err);
}

/* Units in a drawn order, so that the first so many are a sample. */
static rec_status run(rec_emb_maker *m, const rec_emb_generator *g, rec_error *err)
{
    bool is_test = rec_emb_is_test(m);
    size_t all = units_of(m, g), most = g->n_units[is_test];
    size_t n = most > 0 && most < all ? most : all;
    char purpose[64];
    snprintf(purpose, sizeof purpose, "emb/original/order/%s", g->name);
    rec_permutation order =
        rec_permutation_keyed((uint64_t)m->source.options->seed, purpose, is_test, all);
    rec_status status = REC_OK;
    for (size_t pass = 0; pass < g->passes[is_test]; pass++)
        for (size_t i = 0; i < n && status == REC_OK; i++) {
            size_t before = m->draft.rows->n;
            if (is_done(m, g))
                return REC_OK;
            status = visit(m, g, pass, (uint32_t)rec_permutation_at(&order, i), err);
            if (status == REC_OK && pass == 0 && m->draft.rows->n == before)
                count_without(m->tally, g);
        }
    return status;
}

static size_t rows_wanted(const rec_emb_data_options *o, rec_emb_part part)
{
    const size_t test_most = 50000;
    if (part == REC_EMB_TRAIN)
        return (size_t)o->train_rows;
    return (size_t)o->test_rows < test_most ? (size_t)o->test_rows : test_most;
}

static rec_status make_part(rec_emb_corpus *c, const rec_emb_data_options *options,
                            const rec_emb_corpus_plan *plan, const rec_emb_original_facts *facts,
                            rec_emb_writer *writer, rec_emb_part part, rec_error *err)
{
    rec_emb_maker m = {.source = {.dataset = c->dataset,
                                  .options = options,
                                  .items = &c->items,
                                  .wording = c->wording,
                                  .writer = writer,
                                  .bands = &c->bands,
                                  .split = &c->split,
                                  .part = part,
                                  .history = &facts->known,
                                  .neighbours = &facts->neighbours},
                       .facts = facts,
                       .tally = c->tally[part],
                       .n_wanted = rows_wanted(options, part)};
    rec_status status = REC_OK;
    m.draft = (rec_emb_draft){.source = &m.source, .rows = &c->rows};
    status = rec_emb_writer_begin(writer, err);
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        m.wanted[t] = part == REC_EMB_TRAIN || plan->tasks[t];
    for (size_t g = 0; g < N_GENERATORS && status == REC_OK; g++)
        status = run(&m, generators[g], err);
    rec_emb_draft_deinit(&m.draft);
    return status;
}

rec_status rec_emb_original_rows(rec_emb_corpus *c, const rec_emb_data_options *options,
                                 const rec_emb_corpus_plan *plan, rec_emb_writer *writer,
                                 rec_error *err)
{
    rec_emb_original_facts facts;
    rec_status status =
        rec_emb_original_facts_init(&facts, &c->items, &c->dataset->interactions, err);
    if (status != REC_OK)
        return status;
    REC_TRY(make_part(c, options, plan, &facts, writer, REC_EMB_TRAIN, err));
    if (plan->parts[REC_EMB_TEST]) {
        REC_TRY(make_part(c, options, plan, &facts, writer, REC_EMB_TEST, err));
        status = rec_emb_original_filter(c, err);
    }
cleanup:
    rec_emb_original_facts_deinit(&facts);
    return status;
}
