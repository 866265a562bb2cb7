/* harness/tasks/emb_i2i.c: items that held-out users take with an item */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_i2i =
    REC_EMB_RETRIEVAL(i2i, REC_CAN_SCORE, "items that held-out users take with an item");
