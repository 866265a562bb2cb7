/** The forms in which models write lists, each read by its own function. Private to the parser `auto`.
 * Each appends to `out`, and sets its mode, only if the answer has that form; it leaves `out` as it was
 * otherwise. `answer` is free of thoughts and fences. */
#ifndef REC_HARNESS_REPLIES_FORMS_H
#define REC_HARNESS_REPLIES_FORMS_H

#include "harness/replies/list_parser.h"

typedef rec_status (*rec_form_fn)(rec_title_list *out, rec_span answer,
                                  const rec_title_index *known, rec_error *err);

/** Titles with "<end>" behind each. What follows the last mark counts on the same line only, or if it
 * is known. */
rec_status rec_form_marked(rec_title_list *out, rec_span answer, const rec_title_index *known,
                           rec_error *err);
/** The first array of strings, or of objects with a `title` or `name`; one that is cut off keeps its
 * whole strings. */
rec_status rec_form_json(rec_title_list *out, rec_span answer, const rec_title_index *known,
                         rec_error *err);
/** "1. a", "2) b", "3: c", also "1. a 2. b" on one line. */
rec_status rec_form_numbered(rec_title_list *out, rec_span answer, const rec_title_index *known,
                             rec_error *err);
/** Lines that begin with a bullet; deeper ones explain and are left out. */
rec_status rec_form_bullets(rec_title_list *out, rec_span answer, const rec_title_index *known,
                            rec_error *err);
/** Titles between commas; the longest run of pieces that is a known title is one title. */
rec_status rec_form_commas(rec_title_list *out, rec_span answer, const rec_title_index *known,
                           rec_error *err);
/** One title per line; lines of prose are left out. */
rec_status rec_form_lines(rec_title_list *out, rec_span answer, const rec_title_index *known,
                          rec_error *err);

#endif
