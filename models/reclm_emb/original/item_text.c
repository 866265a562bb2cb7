/* models/reclm_emb/original/item_text.c: the passage of the released RecLM-emb (preprocess/utils,
 * get_item_text): "key: value" in the order of the roles, joined by comma and blank, the values of a list
 * by a bare comma, repeated ones kept; blanks, then commas are stripped from both ends of the whole. */
#include <math.h>

#include "datasets/python_text.h"
#include "models/reclm_emb/item_text.h"
#include "models/reclm_emb/original/format.h"

static rec_status piece(rec_buffer *out, const char *key, const char *text, rec_error *err)
{
    return text != NULL && text[0] != '\0' ? rec_buffer_printf(out, err, "%s: %s, ", key, text)
                                           : REC_OK;
}

static rec_status list_piece(rec_buffer *out, const rec_emb_attribute *a, uint32_t item,
                             rec_error *err)
{
    const rec_column *c = a->column;
    size_t first = c->start[item], end = c->start[item + 1];
    rec_status status = first < end ? rec_buffer_printf(out, err, "%s: ", a->key) : REC_OK;
    for (size_t i = first; i < end && status == REC_OK; i++)
        status = rec_buffer_printf(out, err, "%s%s", i > first ? "," : "", c->texts[i]);
    return status == REC_OK && first < end ? rec_buffer_puts(out, ", ", err) : status;
}

static rec_status write_pieces(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                               rec_error *err)
{
    char number[REC_EMB_NUMBER_MAX];
    rec_status status = piece(out, "title", rec_emb_title(x, item), err);
    for (size_t a = 0; a < x->n_attributes && status == REC_OK; a++) {
        const rec_emb_attribute *attribute = &x->attributes[a];
        status = attribute->is_list
                     ? list_piece(out, attribute, item, err)
                     : piece(out, attribute->key, attribute->column->text[item], err);
    }
    if (status == REC_OK && x->price != NULL && !isnan(x->price[item])) {
        rec_emb_float_text(number, x->price[item]);
        status = piece(out, "price", number, err);
    }
    if (status == REC_OK && x->date != NULL && !isnan(x->date[item])) {
        if (!rec_emb_knows_month(x, item))
            rec_emb_date_text(number, x->date[item], true);
        else
            rec_emb_long_date(number, x->date[item]);
        status = piece(out, "release date", number, err);
    }
    const char *text = x->description != NULL ? x->description->text[item] : NULL;
    if (status == REC_OK && text != NULL) /* the last piece: nothing behind it */
        status = rec_buffer_printf(out, err, "description: %s", text);
    return status;
}

static void strip_commas(const char **text, size_t *n)
{
    while (*n > 0 && **text == ',') {
        (*text)++;
        (*n)--;
    }
    while (*n > 0 && (*text)[*n - 1] == ',')
        (*n)--;
}

rec_status rec_emb_original_item_text(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                                      rec_error *err)
{
    rec_buffer whole = {.length = 0};
    rec_status status = write_pieces(&whole, x, item, err);
    if (status == REC_OK && whole.length > 0) {
        const char *text = whole.data;
        size_t n = whole.length;
        rec_strip_blanks(&text, &n);
        strip_commas(&text, &n);
        status = rec_buffer_append(out, text, n, err);
    }
    rec_buffer_deinit(&whole);
    return status;
}
