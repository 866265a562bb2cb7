/* harness/tasks/emb_uh2i.c: next item after the titles of a held-out user */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_uh2i =
    REC_EMB_RETRIEVAL(uh2i, REC_CAN_SCORE, "next item after the titles of a held-out user");
