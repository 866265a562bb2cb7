#include "harness/replies/title_list.h"

#include <stdlib.h>

#include "core/memory.h"

const char *const rec_list_mode_names[] = {"blank",    "unreadable", "end",    "json",
                                           "numbered", "bullets",    "commas", "lines",
                                           "reclm",    "legacy",     NULL};

void rec_title_list_clear(rec_title_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->titles[i]);
    list->n = 0;
}

void rec_title_list_deinit(rec_title_list *list)
{
    rec_title_list_clear(list);
    free(list->titles);
    *list = (rec_title_list){0};
}

rec_status rec_title_list_add(rec_title_list *list, rec_span title, rec_error *err)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 16;
        char **grown = rec_realloc(list->titles, capacity, sizeof *grown, err);
        if (grown == NULL)
            return REC_ERR_RESOURCE;
        list->titles = grown;
        list->capacity = capacity;
    }
    char *copy = rec_alloc(title.n + 1, 1, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    memcpy(copy, title.text, title.n);
    list->titles[list->n++] = copy;
    return REC_OK;
}
