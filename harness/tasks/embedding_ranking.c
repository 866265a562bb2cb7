/* harness/tasks/embedding_ranking.c: `ranking` for systems that embed texts, in a table of their own.
 * RecLM-eval's task of this name. There the target comes first among equal scores, so that a constant
 * vector is perfect; here the order is that of the items (`ties: optimistic` is the original's). */
#include "harness/tasks/ranking.h"

static const rec_option options[] = {
    REC_RANK_OPTIONS(rec_ranking_options, "ndcg,recall,hit,precision,map,mrr"),
    REC_RANKING_OPTIONS,
    {.key = NULL},
};

const rec_task rec_task_embedding_ranking = {
    .name = "embedding_ranking",
    .help = "rank one target among negatives by vectors of texts",
    .needs = REC_CAN_SCORE | REC_CAN_EMBED,
    .size = sizeof(rec_ranking_options),
    .options = options,
    .group = 2048,
    .columns = rec_ranking_columns,
    .is_random = rec_ranking_is_random,
    .list_length = rec_ranking_list_length,
    .samples = rec_ranking_samples,
    .step = rec_ranking_step,
    .whole_run = rec_rank_whole_run,
};
