/** Did the user give the answer away? */
#ifndef REC_HARNESS_SIMULATORS_TITLE_LEAK_H
#define REC_HARNESS_SIMULATORS_TITLE_LEAK_H

#include <stdbool.h>

#include "core/status.h"
#include "harness/replies/span.h"

/**
 * Whether `text` says `title`: the folded words of the title (harness/replies/titles.h), without a
 * year in brackets at its end, follow each other among those of the text. A title of one word ("Her",
 * "Up") must also stand there in its own spelling, or the word itself would count as the title.
 * A title without words cannot be said.
 */
rec_status rec_says_title(bool *out, const char *text, const char *title, rec_error *err);

/** Whether the words of `part` follow each other in `whole`, both folded by rec_title_folded. */
bool rec_has_words(const char *whole, const char *part);

/** "Heat (1995)" -> "Heat": data sets put the year there, people need not say it. */
rec_span rec_title_without_year(rec_span title);

/** Whether a word stands in the text in exactly this spelling, no letters or numbers beside it. */
bool rec_has_spelling(rec_span text, rec_span word);

#endif
