/**
 * The title of an item as RecLM-eval's parts find it, each by a rule of its own. They agree where the
 * data have one member for the title; a data set with several of them shows the others as text columns
 * if the reader's option `titles` names the one that counts. Standard mode has that one.
 */
#ifndef REC_HARNESS_REPLIES_TITLE_RULES_H
#define REC_HARNESS_REPLIES_TITLE_RULES_H

#include "core/status.h"
#include "datasets/dataset.h"

typedef enum rec_title_rule {
    REC_TITLE_GENERATOR,    /* the title, sanitised; without one the original aborts */
    REC_TITLE_LIST_METRICS, /* TitleName, app_name, GameName, the title; none: item left out */
    REC_TITLE_ERRORS,       /* TitleName, app_name, the title; none: item left out */
    REC_TITLE_CONVERSATION, /* as errors */
    REC_TITLE_EMBEDDING     /* app_name, the title, 50 characters of description, the last of the
                               categories, "No title" */
} rec_title_rule;

/**
 * @param out  new string of the caller; NULL where the original leaves the item out
 * @return REC_ERR_DATA where the original aborts: no title for the generator, a column that is no text
 */
rec_status rec_title_of_item(char **out, const rec_catalogue *c, uint32_t item, rec_title_rule rule,
                             rec_error *err);

#endif
