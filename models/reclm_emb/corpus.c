#include "models/reclm_emb/corpus.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/reclm_emb/original/files.h"
#include "models/reclm_emb/original/original.h"

typedef struct builder {
    rec_emb_corpus *corpus;
    const rec_emb_data_options *options;
    const rec_emb_corpus_plan *plan;
    rec_interactions train, history, test; /* owned, where made */
    rec_emb_writer *writer;                /* owned */
    rec_strings *pool;                     /* owned: behind `asked` */
    rec_interner asked;                    /* bare texts of the parts made so far */
} builder;

static void builder_deinit(builder *b)
{
    rec_interactions_deinit(&b->train);
    rec_interactions_deinit(&b->history);
    rec_interactions_deinit(&b->test);
    rec_emb_writer_free(b->writer);
    rec_interner_deinit(&b->asked);
    rec_strings_free(b->pool);
}

/* Users of the part; items that the part may show and that have a text by which they can be found. */
static rec_status find_neighbours(rec_emb_neighbours *out, const builder *b,
                                  const rec_emb_source *s, rec_error *err)
{
    const rec_emb_split *split = &b->corpus->split;
    rec_status status = REC_OK;
    bool *users = NULL, *items = NULL;
    *out = (rec_emb_neighbours){.start = NULL};
    REC_TRY_NEW(users, split->n_users, err);
    REC_TRY_NEW(items, split->n_items, err);
    for (size_t u = 0; u < split->n_users; u++)
        users[u] = split->user_part[u] == s->part;
    for (size_t i = 0; i < split->n_items; i++)
        items[i] = s->items->texts[i][0] != '\0' &&
                   (s->part == REC_EMB_TEST || split->item_part[i] == REC_EMB_TRAIN ||
                    split->item_part[i] == s->part);
    status = rec_emb_neighbours_init(out, s->history, users, items, err);
cleanup:
    free(users);
    free(items);
    return status;
}

/* Does the row ask what an earlier part asks, or, of tests by sets, an earlier row of `own`? */
static rec_status is_repeated(bool *is, builder *b, rec_interner *own, const rec_emb_row *row,
                              rec_error *err)
{
    size_t n = strlen(row->bare), n_before = own->n;
    uint32_t number;
    *is = rec_interner_find(&b->asked, row->bare, n) != UINT32_MAX;
    if (*is || row->part == REC_EMB_TRAIN || !rec_emb_tasks[row->task]->by_set)
        return REC_OK;
    rec_status status = rec_interner_add(&number, own, row->bare, n, err);
    *is = own->n == n_before;
    return status;
}

/* Drop rows from `first` on that ask what was asked. */
static rec_status drop_repeated(builder *b, size_t first, rec_emb_part part, rec_error *err)
{
    rec_emb_rows *rows = &b->corpus->rows;
    rec_interner own = {.pool = b->pool};
    bool *keep = rec_alloc(rows->n, sizeof *keep, err);
    rec_status status = keep != NULL ? REC_OK : REC_ERR_RESOURCE;
    for (size_t i = 0; i < rows->n && status == REC_OK; i++) {
        bool repeated = false;
        if (i >= first)
            status = is_repeated(&repeated, b, &own, &rows->rows[i], err);
        keep[i] = !repeated;
        b->corpus->n_repeated[part][rows->rows[i].task] += repeated;
    }
    if (status == REC_OK)
        rec_emb_rows_filter(rows, keep);
    rec_interner_deinit(&own);
    free(keep);
    return status;
}

static rec_status remember(builder *b, size_t first, rec_error *err)
{
    const rec_emb_rows *rows = &b->corpus->rows;
    rec_status status = REC_OK;
    uint32_t number;
    for (size_t i = first; i < rows->n && status == REC_OK; i++)
        status = rec_interner_add(&number, &b->asked, rows->rows[i].bare,
                                  strlen(rows->rows[i].bare), err);
    return status;
}

static rec_status make_part(builder *b, rec_emb_part part, rec_error *err)
{
    rec_emb_corpus *c = b->corpus;
    rec_emb_neighbours neighbours;
    size_t first = c->rows.n;
    rec_emb_source s = {.dataset = c->dataset,
                        .options = b->options,
                        .items = &c->items,
                        .wording = c->wording,
                        .writer = b->writer,
                        .bands = &c->bands,
                        .relatives = &c->relatives,
                        .split = &c->split,
                        .part = part,
                        .history = part == REC_EMB_TEST     ? &b->history
                                   : b->plan->train != NULL ? b->plan->train
                                                            : &b->train,
                        .targets = part == REC_EMB_TEST ? &b->test : NULL,
                        .neighbours = &neighbours};
    rec_status status;
    REC_TRY(find_neighbours(&neighbours, b, &s, err));
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        if (b->plan->tasks[t] ||
            (part == REC_EMB_TRAIN && rec_emb_task_is_always_made(t, b->options)))
            REC_TRY(rec_emb_generate(&c->rows, &c->tally[part][t], &s, t, err));
    REC_TRY(drop_repeated(b, first, part, err));
    status = remember(b, first, err);
cleanup:
    rec_emb_neighbours_deinit(&neighbours);
    return status;
}

static rec_status make_rows(builder *b, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t p = 0; p < REC_EMB_N_PARTS && status == REC_OK; p++)
        if (p == REC_EMB_TRAIN || b->plan->parts[p])
            status = make_part(b, (rec_emb_part)p, err);
    return status;
}

static rec_status open_writer(builder *b, rec_error *err)
{
    rec_emb_corpus *c = b->corpus;
    const rec_emb_writer_source source = {.items = &c->items,
                                          .wording = c->wording,
                                          .bands = &c->bands,
                                          .dataset = c->dataset,
                                          .lms = b->plan->lms,
                                          .lm = &b->options->texts,
                                          .answers = b->options->answers,
                                          .record = b->plan->record,
                                          .seed = c->seed};
    if (b->options->compat == REC_EMB_ORIGINAL && c->generator != REC_EMB_RULES)
        return rec_fail(err, REC_ERR_CONFIG,
                        "data: compat: original goes with generator: rules, at the rates of the "
                        "original's language model");
    return rec_emb_writer_new(&b->writer, c->generator, &source, err);
}

/* Popularity is that of the data's training part, whatever a system is fitted on. */
static rec_status find_relatives(builder *b, rec_error *err)
{
    rec_emb_corpus *c = b->corpus;
    rec_interactions train = {.n = 0};
    if (!b->plan->tasks[REC_EMB_TASK_rel2i])
        return REC_OK;
    rec_status status = rec_dataset_select(&train, c->dataset, REC_PART_TRAIN, err);
    if (status == REC_OK)
        status = rec_emb_relatives_find(&c->relatives, &c->items, &train, err);
    rec_interactions_deinit(&train);
    return status;
}

static rec_status prepare(builder *b, rec_error *err)
{
    rec_emb_corpus *c = b->corpus;
    const rec_dataset *d = c->dataset;
    rec_status status;
    REC_TRY(rec_emb_data_items(&c->items, b->options, &d->catalogue, err));
    REC_TRY(rec_emb_wording_open(&c->wording, b->options->wording, err));
    REC_TRY(rec_emb_bands_find(&c->bands, &c->items, err));
    REC_TRY(find_relatives(b, err));
    REC_TRY(open_writer(b, err));
    if (rec_emb_data_is_original(b->options)) {
        static const rec_emb_data_options nobody_held_out = {.seed = 0};
        return rec_emb_split_init(&c->split, &nobody_held_out, d->n_users, d->catalogue.n_items,
                                  err);
    }
    REC_TRY(rec_emb_split_init(&c->split, b->options, d->n_users, d->catalogue.n_items, err));
    if (b->plan->train == NULL)
        REC_TRY(rec_dataset_select(&b->train, d, REC_PART_TRAIN, err));
    REC_TRY(rec_dataset_select(&b->history, d, REC_PART_TRAIN | REC_PART_VALID, err));
    REC_TRY(rec_dataset_select(&b->test, d, REC_PART_TEST, err));
    REC_TRY(rec_strings_new(&b->pool, err));
    b->asked.pool = b->pool;
cleanup:
    return status;
}

rec_status rec_emb_corpus_init(rec_emb_corpus *out, const rec_emb_data_options *options,
                               const rec_dataset *dataset, const rec_emb_corpus_plan *plan,
                               rec_error *err)
{
    builder b = {.corpus = out, .options = options, .plan = plan};
    rec_status status;
    *out = (rec_emb_corpus){.dataset = dataset,
                            .generator = (rec_emb_text_generator)options->generator,
                            .seed = (uint64_t)options->seed};
    REC_TRY(prepare(&b, err));
    status = options->files != NULL ? rec_emb_original_read(out, options, plan, err)
             : options->compat == REC_EMB_ORIGINAL
                 ? rec_emb_original_rows(out, options, plan, b.writer, err)
                 : make_rows(&b, err);
cleanup:
    builder_deinit(&b);
    if (status != REC_OK)
        rec_emb_corpus_deinit(out);
    return status;
}

void rec_emb_corpus_deinit(rec_emb_corpus *c)
{
    rec_emb_rows_deinit(&c->rows);
    rec_emb_relatives_deinit(&c->relatives);
    rec_emb_wording_free(c->wording);
    rec_emb_split_deinit(&c->split);
    rec_emb_items_deinit(&c->items);
    *c = (rec_emb_corpus){.dataset = NULL};
}
