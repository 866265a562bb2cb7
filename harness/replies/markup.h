/** What models put around their answers: thoughts, code fences, emphasis, quotes, explanations. */
#ifndef REC_HARNESS_REPLIES_MARKUP_H
#define REC_HARNESS_REPLIES_MARKUP_H

#include "harness/replies/title_index.h"

/** The reply without blocks of thought (<think>, <thinking>, <reasoning>; one that never closes takes
 * the rest with it, one that never opened what is before it) and without the lines of code fences.
 * New string of the caller. */
rec_status rec_markup_answer(char **out, const char *reply, rec_error *err);

/** Without white space, wrapper marks (<SOI>, <EOI>, <end>), emphasis, code marks and quotes around it,
 * whatever their order. */
rec_span rec_markup_bare(rec_span text);

/** Whether this is the text of a title that exists; false where nothing is known. */
rec_status rec_markup_is_known(bool *out, const rec_title_index *known, rec_span text,
                               rec_error *err);

/** The title at the head of an entry: all of it if it is known; else what is emphasised or quoted at
 * its start; else its longest beginning before a dash, colon, bracket or the like that is known; else
 * all of it. Of `item`, bare. */
rec_status rec_markup_title(rec_span *out, rec_span item, const rec_title_index *known,
                            rec_error *err);

/** Mostly words in lower case, and a few of them at least. */
bool rec_markup_is_sentence(rec_span text);
/** Running text rather than a name: a sentence, or many words. */
bool rec_markup_is_prose(rec_span text);

/** Offset of the text behind "12. ", "12) ", "12: ", also inside emphasis; 0 where the line has no
 * number. *number may be NULL. */
size_t rec_markup_number(unsigned *number, rec_span line);

#endif
