/* models/reclm_emb/tasks/as2i.c: an item by a loose description that quotes neither title nor catalogue. */
#include "models/reclm_emb/summary.h"
#include "models/reclm_emb/task.h"

const rec_emb_task rec_emb_task_as2i = {
    .name = "as2i",
    .help = "attribute summary to item: a loose description in other words than the catalogue's",
    .example = "criminals at work and a serious story, from the nineties",
    .passes = 3,
    .phrase = REC_EMB_PHRASE_ATTRIBUTES,
    .bare = 0.5,
    .draft = rec_emb_describe_item,
};
