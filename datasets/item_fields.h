/**
 * Items out of the metadata of RecLM-emb, where one attribute goes by several names: ordered aliases and
 * two ways to read them. Columns: tags and game_details (lists), publisher, developer, primary_genre,
 * subgenre (texts), price, release_date, description.
 */
#ifndef REC_DATASETS_ITEM_FIELDS_H
#define REC_DATASETS_ITEM_FIELDS_H

#include <cjson/cJSON.h>

#include "core/option.h"
#include "datasets/builder.h"

/** Members by attribute, the first one wins. Keys of the options are the names of the fields. */
typedef struct rec_item_fields {
    rec_string_list title, tags, game_details, publisher, developer, primary_genre, subgenre, price,
        release_date, description;
} rec_item_fields;

/**
 * The first alias that is not empty. Lists may be texts with commas and texts may be lists (joined by comma
 * and blank, paragraphs by a blank); repeated values of a list count once; a price of 0 is a price, one that
 * is no number is unknown and counted; "May 2015" and "2015" are dates (release_date_precision says so).
 * @return REC_ERR_DATA without place for a member that is neither text, number nor list
 */
rec_status rec_item_fields_add(rec_builder *b, uint32_t item, const cJSON *object,
                               const rec_item_fields *fields, rec_error *err);

/**
 * As the released code reads them (preprocess/utils, get_item_text): the first alias that is there, even an
 * empty one; the first of a list's names is a text with commas, the others lists, and a text there is taken
 * for a list of its characters; details need a list that is not all empty or a text with commas; a number 0
 * is no price, a text that is no number is the price 0; days only; descriptions without blanks and
 * punctuation at their ends.
 * @return REC_ERR_DATA without place where that code ends with an exception
 */
rec_status rec_item_fields_add_original(rec_builder *b, uint32_t item, const cJSON *object,
                                        const rec_item_fields *fields, rec_error *err);

#endif
