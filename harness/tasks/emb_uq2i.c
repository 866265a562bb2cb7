/* harness/tasks/emb_uq2i.c: next item of a held-out user who states a wish */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_uq2i =
    REC_EMB_RETRIEVAL(uq2i, REC_CAN_SCORE, "next item of a held-out user who states a wish");
