/* models/reclm_emb/tasks/nm2i.c: an item by its title as people mistype it: one or more edits of the kinds
 * that keyboards and ears produce (edits.h). */
#include "models/reclm_emb/task.h"

const rec_emb_task rec_emb_task_nm2i = {
    .name = "nm2i",
    .help = "misspelt name to item",
    .example = "what are good films called The Godfahter?",
    .by_predicate = true,
    .passes = 2,
    .phrase = REC_EMB_PHRASE_TITLE,
    .bare = 0.5,
    .text = REC_EMB_MISSPELLING,
    .draft = rec_emb_draft_misspelling,
};
