/* Model artifacts: a safetensors file whose metadata names the plug-in that wrote it. What the
 * tensors mean is the plug-in's; the caller's step key says which options and data they belong to. */
#include <string.h>

#include "models/recommender.h"

rec_status rec_model_save(const rec_model *m, const char *path, rec_error *err)
{
    rec_tensor_writer *writer = NULL;
    rec_status status;
    REC_TRY(rec_tensor_writer_new(&writer, err));
    REC_TRY(rec_tensor_writer_metadata(writer, "recommender", m->type->name, err));
    if (m->type->save != NULL)
        REC_TRY(m->type->save(m->self, writer, err));
    REC_TRY(rec_tensor_writer_write(writer, path, err));
cleanup:
    rec_tensor_writer_free(writer);
    return status;
}

static rec_status check_type(const rec_tensor_file *file, const char *type, rec_error *err)
{
    const char *written = rec_tensor_file_metadata(file, "recommender");
    if (written == NULL)
        return rec_fail(err, REC_ERR_DATA, "not a recommender: the file names no type");
    if (strcmp(written, type) != 0)
        return rec_fail(err, REC_ERR_DATA, "written by recommender \"%s\", wanted \"%s\"", written,
                        type);
    return REC_OK;
}

rec_status rec_model_load(rec_model *m, const char *path, const rec_dataset *dataset,
                          rec_error *err)
{
    rec_tensor_file *file = NULL;
    rec_status status = rec_tensor_file_open(&file, path, err);
    if (status != REC_OK)
        return status; /* the message names the path */
    status = check_type(file, m->type->name, err);
    if (status == REC_OK && m->type->load != NULL)
        status = m->type->load(m->self, file, dataset, err);
    if (status != REC_OK)
        rec_error_prefix(err, "%s", path);
    rec_tensor_file_close(file);
    return status;
}
