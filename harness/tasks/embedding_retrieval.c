/* harness/tasks/embedding_retrieval.c: `retrieval` for systems that embed texts, in a table of their own.
 * RecLM-eval's task of this name, without its padding item, which could be recommended there. */
#include "harness/tasks/retrieval.h"

static const rec_option options[] = {
    REC_RANK_OPTIONS(rec_retrieval_options, "ndcg,recall,hit,precision,map,mrr"),
    REC_RETRIEVAL_OPTIONS,
    {.key = NULL},
};

static rec_status columns(rec_task_entry *entry, const rec_yaml *map, rec_error *err)
{
    const rec_retrieval_options *o = entry->options;
    return rec_rank_columns(entry, &o->rank, map, err);
}

const rec_task rec_task_embedding_retrieval = {
    .name = "embedding_retrieval",
    .help = "rank the whole catalogue by vectors of texts",
    .needs = REC_CAN_SCORE | REC_CAN_EMBED,
    .size = sizeof(rec_retrieval_options),
    .options = options,
    .group = 2048,
    .columns = columns,
    .is_random = rec_retrieval_is_random,
    .list_length = rec_retrieval_list_length,
    .samples = rec_retrieval_samples,
    .step = rec_retrieval_step,
    .whole_run = rec_rank_whole_run,
};
