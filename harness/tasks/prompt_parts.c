#include "harness/tasks/prompt_parts.h"

#include <string.h>

#include "harness/systems/item_text.h"

static rec_status add(rec_prompt_parts *p, rec_text_part part, rec_error *err)
{
    if (p->n == p->capacity) {
        size_t capacity = p->capacity > 0 ? 2 * p->capacity : 16;
        rec_text_part *grown = rec_arena_alloc(p->arena, capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        if (p->n > 0)
            memcpy(grown, p->parts, p->n * sizeof *grown);
        p->parts = grown;
        p->capacity = capacity;
    }
    p->parts[p->n++] = part;
    return REC_OK;
}

rec_status rec_parts_add(rec_prompt_parts *p, const char *role, const char *text, rec_error *err)
{
    return add(p, (rec_text_part){.role = role, .text = text}, err);
}

rec_status rec_parts_add_data(rec_prompt_parts *p, const char *role, const char *text,
                              uint32_t drop_order, rec_error *err)
{
    return add(
        p, (rec_text_part){.role = role, .text = text, .is_data = true, .drop_order = drop_order},
        err);
}

rec_status rec_parts_add_titles(rec_prompt_parts *p, const char *role,
                                const rec_catalogue *catalogue, const uint32_t *items, size_t n,
                                rec_error *err)
{
    rec_status status = n == 0 ? rec_parts_add(p, role, "(nothing)", err) : REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        uint32_t order = (uint32_t)i + 1; /* the comma goes with the title before it */
        status = rec_parts_add_data(p, role, rec_item_title(catalogue, items[i]), order, err);
        if (status == REC_OK && i + 1 < n)
            status = add(p, (rec_text_part){.role = role, .text = ", ", .drop_order = order}, err);
    }
    return status;
}

const char *rec_parts_text(const rec_prompt_parts *p, const char *role, rec_error *err)
{
    size_t length = 0;
    for (size_t i = 0; i < p->n; i++)
        if (role == NULL || strcmp(p->parts[i].role, role) == 0)
            length += strlen(p->parts[i].text);
    char *text = rec_arena_alloc(p->arena, length + 1, 1, err), *at = text;
    for (size_t i = 0; text != NULL && i < p->n; i++)
        if (role == NULL || strcmp(p->parts[i].role, role) == 0)
            at = stpcpy(at, p->parts[i].text);
    if (text != NULL)
        *at = '\0';
    return text;
}

char *rec_arena_text(rec_arena *arena, const char *text, rec_error *err)
{
    size_t n = strlen(text) + 1;
    char *copy = rec_arena_alloc(arena, n, 1, err);
    if (copy != NULL)
        memcpy(copy, text, n);
    return copy;
}
