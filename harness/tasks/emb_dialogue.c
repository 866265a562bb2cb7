/* harness/tasks/emb_dialogue.c: next item after a dialogue of a held-out user with an assistant */
#include "harness/tasks/emb_task.h"

const rec_task rec_task_emb_dialogue =
    REC_EMB_RETRIEVAL(dialogue, REC_CAN_SCORE, "next item after a dialogue of a held-out user");
