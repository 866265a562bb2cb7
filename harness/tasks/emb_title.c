/* harness/tasks/emb_title.c: an item by its exact title */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_title =
    REC_EMB_RETRIEVAL(title, REC_CAN_SCORE | REC_CAN_SEARCH, "an item by its exact title");
