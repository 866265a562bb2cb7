#include "models/reclm_emb/item_text.h"

#include <string.h>

/* The separator between pieces, not before the first. */
static rec_status separate(rec_buffer *out, size_t start, rec_error *err)
{
    return out->length > start ? rec_buffer_puts(out, ", ", err) : REC_OK;
}

static rec_status piece(rec_buffer *out, size_t start, const char *key, const char *text,
                        rec_error *err)
{
    if (text == NULL || text[0] == '\0')
        return REC_OK;
    rec_status status = separate(out, start, err);
    return status == REC_OK ? rec_buffer_printf(out, err, "%s: %s", key, text) : status;
}

rec_status rec_emb_attribute_text(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                                  size_t attribute, rec_error *err)
{
    const rec_emb_attribute *a = &x->attributes[attribute];
    rec_status status = REC_OK;
    for (size_t i = a->start[item]; i < a->start[item + 1] && status == REC_OK; i++)
        status = rec_buffer_printf(out, err, "%s%s%s", i == a->start[item] ? a->key : "",
                                   i == a->start[item] ? ": " : ",", x->values.texts[a->value[i]]);
    return status;
}

rec_status rec_emb_item_text(rec_buffer *out, const rec_emb_items *x, uint32_t item, rec_error *err)
{
    return x->layout == REC_EMB_LAYOUT_ORIGINAL ? rec_emb_original_item_text(out, x, item, err)
                                                : rec_emb_own_item_text(out, x, item, err);
}

rec_status rec_emb_own_item_text(rec_buffer *out, const rec_emb_items *x, uint32_t item,
                                 rec_error *err)
{
    size_t start = out->length;
    char number[REC_EMB_NUMBER_MAX];
    rec_status status = piece(out, start, "title", rec_emb_title(x, item), err);
    for (size_t a = 0; a < x->n_attributes && status == REC_OK; a++) {
        const rec_emb_attribute *attribute = &x->attributes[a];
        if (attribute->start[item + 1] == attribute->start[item])
            continue;
        status = separate(out, start, err);
        if (status == REC_OK)
            status = rec_emb_attribute_text(out, x, item, a, err);
    }
    if (status == REC_OK && x->price != NULL) {
        rec_emb_price_text(number, x->price[item]);
        status = piece(out, start, "price", number, err);
    }
    if (status == REC_OK && x->date != NULL) {
        rec_emb_date_text(number, x->date[item], !rec_emb_knows_month(x, item));
        status = piece(out, start, "release date", number, err);
    }
    if (status == REC_OK && x->description != NULL)
        status = piece(out, start, "description", x->description->text[item], err);
    return status;
}
