/* harness/tasks/emb_sa2i.c: items by few attributes */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_sa2i =
    REC_EMB_RETRIEVAL(sa2i, REC_CAN_SCORE | REC_CAN_SEARCH, "items by few attributes");
