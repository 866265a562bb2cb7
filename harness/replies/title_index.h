/** Which items have a title: by its exact text, and by its canonical form (harness/replies/titles.h).
 * A title that several items share belongs to all of them. */
#ifndef REC_HARNESS_REPLIES_TITLE_INDEX_H
#define REC_HARNESS_REPLIES_TITLE_INDEX_H

#include <stdint.h>

#include "core/status.h"
#include "harness/replies/span.h"

typedef struct rec_title_index rec_title_index;

/** Items, ascending; borrowed from the index. None: n = 0. */
typedef struct rec_item_range {
    const uint32_t *items;
    size_t n;
} rec_item_range;

/** @param titles  (n) of the items 0 .. n - 1, copied; NULL entries have no title. n < UINT32_MAX */
rec_status rec_title_index_new(rec_title_index **out, char *const *titles, size_t n,
                               rec_error *err);
void rec_title_index_free(rec_title_index *index);

rec_item_range rec_title_index_exact(const rec_title_index *index, rec_span title);

/** Items whose canonical title this text has; none for a text without letters and numbers. */
rec_status rec_title_index_canonical(rec_item_range *out, const rec_title_index *index,
                                     rec_span title, rec_error *err);

/** Number of commas in the title that has most of them: how far a longest match must look. */
size_t rec_title_index_commas(const rec_title_index *index);

/** The canonical titles, 0 .. count - 1, each once; their texts and their items. */
size_t rec_title_index_count(const rec_title_index *index);
char *const *rec_title_index_texts(const rec_title_index *index);
rec_item_range rec_title_index_items(const rec_title_index *index, uint32_t canonical);

#endif
