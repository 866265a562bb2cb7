/* harness/tasks/emb_na2i.c: items with one value and without another */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_na2i = REC_EMB_RETRIEVAL(na2i, REC_CAN_SCORE | REC_CAN_SEARCH,
                                                     "items with one value and without another");
