#include "models/nn/checkpoint.h"

#include <string.h>

#include "core/file.h"

static const char format[] = "recai-training-1";

rec_status rec_checkpoint_write(const char *path, const char *identity,
                                const rec_checkpoint_array *arrays, size_t n, rec_error *err)
{
    rec_tensor_writer *w = NULL;
    rec_status status = REC_OK;
    REC_TRY(rec_tensor_writer_new(&w, err));
    REC_TRY(rec_tensor_writer_metadata(w, "format", format, err));
    REC_TRY(rec_tensor_writer_metadata(w, "identity", identity, err));
    for (size_t i = 0; i < n; i++)
        REC_TRY(rec_tensor_writer_add(w, arrays[i].name, arrays[i].dtype, 1, &arrays[i].n,
                                      arrays[i].data, err));
    REC_TRY(rec_tensor_writer_write(w, path, err));
cleanup:
    rec_tensor_writer_free(w);
    return status;
}

static bool belongs(const rec_tensor_file *f, const char *identity)
{
    const char *have = rec_tensor_file_metadata(f, "format");
    const char *whose = rec_tensor_file_metadata(f, "identity");
    return have != NULL && strcmp(have, format) == 0 && whose != NULL &&
           strcmp(whose, identity) == 0;
}

rec_status rec_checkpoint_read(bool *found, const char *path, const char *identity,
                               const rec_checkpoint_array *arrays, size_t n, rec_error *err)
{
    rec_tensor_file *f = NULL;
    rec_status status = REC_OK;
    *found = false;
    if (!rec_path_exists(path))
        return REC_OK;
    REC_TRY(rec_tensor_file_open(&f, path, err));
    if (!belongs(f, identity))
        goto cleanup;
    for (size_t i = 0; i < n; i++) {
        const rec_tensor_view *view;
        REC_TRY(rec_tensor_file_require(&view, f, arrays[i].name, arrays[i].dtype, 1, &arrays[i].n,
                                        err));
        memcpy(arrays[i].data, view->data, view->n_bytes);
    }
    *found = true;
cleanup:
    rec_tensor_file_close(f);
    return status;
}
