/* harness/tasks/emb_nm2i.c: an item by its misspelt title */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_nm2i =
    REC_EMB_RETRIEVAL(nm2i, REC_CAN_SCORE | REC_CAN_SEARCH, "an item by its misspelt title");
