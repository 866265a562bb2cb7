/* Files behind options: core/option.h, rec_options_files_sha256. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/option.h"

static rec_status hash_file(char hex[REC_SHA256_HEX], const rec_option *o, const char *name,
                            rec_error *err)
{
    char *path = NULL;
    rec_status status = rec_data_path(&path, name, err);
    if (status == REC_OK)
        status = rec_sha256_file(hex, path, err);
    free(path);
    if (status != REC_OK)
        rec_error_prefix(err, "%s", o->key);
    return status;
}

static rec_status hash_table(rec_sha256 *h, bool *any, const void *self, const rec_option *table,
                             rec_error *err)
{
    for (const rec_option *o = table; o != NULL && o->key != NULL; o++) {
        const void *field = (const char *)self + o->offset;
        rec_status status = REC_OK;
        if (o->type == REC_OPT_TABLE) {
            status = hash_table(h, any, field, o->table, err);
        } else if (o->is_file && *(char *const *)field != NULL) {
            char hex[REC_SHA256_HEX] = "";
            status = hash_file(hex, o, *(char *const *)field, err);
            rec_sha256_update_string(h, o->key);
            rec_sha256_update_string(h, hex);
            *any = true;
        }
        if (status != REC_OK)
            return status;
    }
    return REC_OK;
}

rec_status rec_options_files_sha256(char hex[REC_SHA256_HEX], const void *self,
                                    const rec_option *table, rec_error *err)
{
    rec_sha256 *h = NULL;
    bool any = false;
    hex[0] = '\0';
    rec_status status = rec_sha256_new(&h, err);
    if (status == REC_OK)
        status = hash_table(h, &any, self, table, err);
    rec_sha256_finish(any && status == REC_OK ? hex : NULL, h);
    return status;
}
