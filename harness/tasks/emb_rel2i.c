/* harness/tasks/emb_rel2i.c: the newest, cheapest, dearest, most popular items of the catalogue */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_rel2i = REC_EMB_RETRIEVAL(
    rel2i, REC_CAN_SCORE | REC_CAN_SEARCH, "the newest, cheapest, dearest, most popular items");
