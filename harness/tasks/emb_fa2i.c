/* harness/tasks/emb_fa2i.c: items by many attributes */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_fa2i =
    REC_EMB_RETRIEVAL(fa2i, REC_CAN_SCORE | REC_CAN_SEARCH, "items by many attributes");
