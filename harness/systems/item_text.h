/** An item as text: its title and what other columns of the catalogue say. */
#ifndef REC_HARNESS_SYSTEMS_ITEM_TEXT_H
#define REC_HARNESS_SYSTEMS_ITEM_TEXT_H

#include "core/buffer.h"
#include "core/option.h"
#include "datasets/dataset.h"

/** Title of an item, or its id where it has none. */
const char *rec_item_title(const rec_catalogue *c, uint32_t item);

/** REC_ERR_CONFIG naming a field that the catalogue does not have ("title" it always has). */
rec_status rec_item_text_check(const rec_catalogue *c, const rec_string_list *fields,
                               rec_error *err);

/** Append the fields of an item, a blank between two, lists with commas; what is missing is left out,
 * and the whole is never empty (rec_item_title). */
rec_status rec_item_text(rec_buffer *out, const rec_catalogue *c, const rec_string_list *fields,
                         uint32_t item, rec_error *err);

#endif
