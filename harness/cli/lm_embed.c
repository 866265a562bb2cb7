/* harness/cli/lm_embed.c: {text} -> {embedding} */
#include <stdlib.h>

#include "core/memory.h"
#include "harness/cli/lm_verbs.h"

enum { GROUP = 1024 };

typedef struct embedding {
    const rec_lm_flags *flags;
    rec_lm *lm;
} embedding;

static rec_status print_embedding(const float *values, size_t n, rec_error *err)
{
    cJSON *object = cJSON_CreateObject(), *list = cJSON_CreateFloatArray(values, (int)n);
    bool good = object != NULL && list != NULL && cJSON_AddItemToObject(object, "embedding", list);
    rec_status status =
        good ? rec_lm_print(object, err) : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    cJSON_Delete(object);
    return status;
}

static rec_status embed_group(void *context, rec_lm_lines *lines, size_t first_line, rec_error *err)
{
    embedding *e = context;
    size_t dim = e->lm->embed_dim;
    rec_lm_input *inputs = NULL;
    float *vectors = NULL;
    rec_status status = REC_OK;
    (void)first_line;
    REC_TRY_NEW(inputs, lines->n, err);
    REC_TRY_NEW(vectors, lines->n * dim, err);
    for (size_t i = 0; i < lines->n; i++)
        REC_TRY(rec_lm_text_input(&inputs[i], &lines->parts[i], lines->lines[i], "text", e->flags,
                                  err));
    REC_TRY(rec_lm_embed(vectors, e->lm, inputs, lines->n, err));
    for (size_t i = 0; i < lines->n; i++)
        REC_TRY(print_embedding(vectors + i * dim, dim, err));
cleanup:
    free(vectors);
    free(inputs);
    return status;
}

static rec_status embed_run(const rec_lm_flags *flags, rec_error *err)
{
    embedding e = {.flags = flags};
    rec_status status = rec_lm_open(&e.lm, flags, err);
    if (status == REC_OK)
        status = rec_lm_each_group(flags, GROUP, "texts", embed_group, &e, err);
    rec_lm_free(e.lm);
    return status;
}

const rec_lm_verb rec_lm_verb_embed = {
    .name = "embed", .help = "{text} -> {embedding}", .run = embed_run};
