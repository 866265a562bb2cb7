/* harness/tasks/emb_vc2i.c: items by bounds on price and date */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_vc2i =
    REC_EMB_RETRIEVAL(vc2i, REC_CAN_SCORE | REC_CAN_SEARCH, "items by bounds on price and date");
