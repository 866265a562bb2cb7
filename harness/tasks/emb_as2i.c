/* harness/tasks/emb_as2i.c: an item by a loose description */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_as2i =
    REC_EMB_RETRIEVAL(as2i, REC_CAN_SCORE | REC_CAN_SEARCH, "an item by a loose description");
