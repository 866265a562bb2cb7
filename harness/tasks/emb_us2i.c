/* harness/tasks/emb_us2i.c: next item after a description of a held-out user */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_us2i =
    REC_EMB_RETRIEVAL(us2i, REC_CAN_SCORE, "next item after a description of a held-out user");
