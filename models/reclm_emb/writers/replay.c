/* models/reclm_emb/writers/replay.c: recorded texts, of people or of a model. What is not recorded is not
 * there. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "models/reclm_emb/writers/texts_file.h"
#include "models/reclm_emb/writers/type.h"

static rec_status open_replay(void **self, const rec_emb_writer_source *source, rec_error *err)
{
    rec_emb_texts_file *file;
    char *path;
    if (source->answers == NULL)
        return rec_fail(err, REC_ERR_CONFIG,
                        "data: generator: replay needs `answers: FILE` of recorded texts");
    rec_status status = rec_data_path(&path, source->answers, err);
    if (status != REC_OK)
        return status;
    status = rec_emb_texts_open(&file, path, false, source->dataset, err);
    free(path);
    if (status == REC_OK)
        *self = file;
    return status;
}

/* A record without inputs is taken on trust. */
static rec_status has_inputs(bool *has, const rec_emb_text_record *record,
                             const rec_emb_writer_source *source, const rec_emb_ask *ask,
                             rec_error *err)
{
    cJSON *json;
    *has = record->inputs == NULL;
    if (*has)
        return REC_OK;
    rec_status status = rec_emb_inputs_json(&json, source, ask, err);
    if (status != REC_OK)
        return status;
    char *printed = rec_json_print(json, err);
    cJSON_Delete(json);
    if (printed == NULL)
        return REC_ERR_RESOURCE;
    *has = strcmp(printed, record->inputs) == 0;
    free(printed);
    return REC_OK;
}

static rec_status write_recorded(rec_emb_outcome *outcome, rec_buffer *out, void *self,
                                 const rec_emb_writer_source *source, const rec_emb_ask *ask,
                                 rec_error *err)
{
    const rec_emb_text_record *record = rec_emb_texts_find(self, ask->id);
    bool is_same;
    *outcome = REC_EMB_NO_ANSWER;
    if (record == NULL || record->text == NULL)
        return REC_OK;
    rec_status status = has_inputs(&is_same, record, source, ask, err);
    if (status != REC_OK)
        return status;
    *outcome = is_same ? REC_EMB_WRITTEN : REC_EMB_OTHER_FACTS;
    return is_same ? rec_buffer_puts(out, record->text, err) : REC_OK;
}

static void free_replay(void *self)
{
    rec_emb_texts_free(self);
}

const rec_emb_writer_type rec_emb_writer_replay = {.name = "replay-1",
                                                   .is_outside = true,
                                                   .open = open_replay,
                                                   .write = write_recorded,
                                                   .free = free_replay};
