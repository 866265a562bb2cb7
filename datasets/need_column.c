/* datasets/need_column.c: a column that the config names, or which ones there are instead. */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/option.h"
#include "datasets/dataset.h"

enum { NAMES_LENGTH = 300 }; /* of all that are listed; behind them "..." */

static rec_status list_names(rec_buffer *out, const char *const *names, size_t n, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, n > 0 ? "" : "none", err);
    for (size_t i = 0; i < n && status == REC_OK; i++) {
        bool fits = out->length + 2 + strlen(names[i]) <= NAMES_LENGTH;
        status = rec_buffer_printf(out, err, "%s%s", i > 0 ? ", " : "", fits ? names[i] : "...");
        if (!fits)
            break;
    }
    return status;
}

static rec_status no_column(const rec_catalogue *c, const char *who, const char *name,
                            rec_error *err)
{
    char hint[REC_HINT_MAX];
    rec_buffer list = {.length = 0};
    const char **names;
    rec_status status;
    REC_TRY_NEW(names, c->n_columns, err);
    for (size_t i = 0; i < c->n_columns; i++)
        names[i] = c->columns[i].name;
    REC_TRY(list_names(&list, names, c->n_columns, err));
    status = rec_fail(err, REC_ERR_CONFIG,
                      "%s: the items have no column \"%.80s\"%s (their columns: %s)", who, name,
                      rec_hint(hint, name, names, c->n_columns), list.data);
cleanup:
    rec_buffer_deinit(&list);
    free(names);
    return status;
}

rec_status rec_catalogue_need_column(const rec_column **out, const rec_catalogue *c,
                                     const char *who, const char *name, rec_error *err)
{
    *out = rec_catalogue_column(c, name);
    return *out != NULL ? REC_OK : no_column(c, who, name, err);
}
