/** The text by which an item is embedded; part of a model's identity (manifest.h). */
#ifndef REC_MODELS_RECLM_EMB_ITEM_TEXT_H
#define REC_MODELS_RECLM_EMB_ITEM_TEXT_H

#include "core/buffer.h"
#include "models/reclm_emb/items.h"

/** Append the text in the layout of x. */
rec_status rec_emb_item_text(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                             rec_error *err);

/** As the released RecLM-emb writes it (original/item_text.c). */
rec_status rec_emb_original_item_text(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                                      rec_error *err);

/**
 * Append "title: Heat, genre: crime,drama, price: 9.5, release date: May 1995, description: ...": what
 * an item lacks is left out, short attributes stand before the description so that a cut spares them.
 */
rec_status rec_emb_own_item_text(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                                 rec_error *err);

/** Append "key: a,b" of one attribute, nothing when the item has no value. */
rec_status rec_emb_attribute_text(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                                  size_t attribute, rec_error *err);

#endif
