/** Does a reply of a recommender name an item? The rules of the conversation task. */
#ifndef REC_HARNESS_TASKS_TITLE_HIT_H
#define REC_HARNESS_TASKS_TITLE_HIT_H

#include <stdbool.h>

#include "harness/replies/similarity.h"
#include "harness/replies/title_list.h"

/**
 * Whether text outside the titles of `list` names the title: its folded words follow each other in a
 * line that holds no title of the list. Not when a numeral follows that the title does not have (the
 * next part of a series, the same title of another year); a year in brackets at the end of the title
 * may be missing. Titles of one word must stand there in their own spelling.
 * @param list  titles that were read out of the reply, which count by their grounding
 */
rec_status rec_mentions_title(bool *out, const char *reply, const char *title,
                              const rec_title_list *list, rec_error *err);

/** Whether `text` is the title but for a year in brackets at its end, which the text does not have. */
rec_status rec_is_title_without_year(bool *out, const char *text, const char *title,
                                     rec_error *err);

/**
 * RecLM-eval's rule (evaluates/evaluate.py): the largest similarity between the title and the whole
 * reply or any part of a line that is as long as the title, in characters, reaches 0.8.
 * @param corpus  of the catalogue's titles, REC_PIECES_RECLM
 */
rec_status rec_reclm_mentions_title(bool *out, const char *reply, const char *title,
                                    const rec_tfidf *corpus, rec_error *err);

#endif
