#include "harness/tasks/explanation_prompt.h"

#include "harness/systems/item_text.h"

rec_status rec_explanation_prompt(rec_prompt_parts *out, const rec_dataset *dataset,
                                  const rec_sample *sample, rec_error *err)
{
    const rec_catalogue *c = &dataset->catalogue;
    const rec_query *q = &sample->query;
    rec_status status;
    REC_TRY(rec_parts_add(out, "user",
                          "You explain recommendations to the users of a recommender system. In at "
                          "most 100 words, explain to this user why the item below was recommended "
                          "to them.\nThe user's history, oldest first: ",
                          err));
    REC_TRY(rec_parts_add_titles(out, "user", c, q->history, q->n_history, err));
    REC_TRY(rec_parts_add(out, "user", "\nThe recommended item: ", err));
    REC_TRY(rec_parts_add_data(out, "user", rec_item_title(c, sample->targets[0]), 0, err));
    status = rec_parts_add(out, "user", "\nThe explanation:", err);
cleanup:
    return status;
}
