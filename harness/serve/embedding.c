#include "harness/serve/embedding.h"

#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/json_build.h"
#include "harness/serve/base64.h"

void rec_embedding_request_deinit(rec_embedding_request *r)
{
    rec_prompts_deinit(&r->prompts);
    cJSON_Delete(r->body);
    *r = (rec_embedding_request){.body = NULL};
}

static rec_status read_all(rec_embedding_request *r, rec_api_error *err)
{
    const char *format = "float";
    int64_t dimensions = 0;
    rec_status status;
    REC_TRY(rec_field_text(&r->model, r->body, "model", err));
    REC_TRY(rec_prompts_parse(&r->prompts, r->body, "input", err));
    REC_TRY(rec_field_text(&format, r->body, "encoding_format", err));
    r->base64 = strcmp(format, "base64") == 0;
    if (!r->base64 && strcmp(format, "float") != 0)
        return rec_api_fail(err, 400, "unsupported_value", "encoding_format",
                            "\"encoding_format\" is float or base64, not \"%.40s\"", format);
    REC_TRY(rec_field_int(&dimensions, r->body, "dimensions", 1, 1 << 24, err));
    r->dimensions = (size_t)dimensions;
cleanup:
    return status;
}

rec_status rec_embedding_request_parse(rec_embedding_request *out, const char *body, size_t length,
                                       rec_api_error *err)
{
    *out = (rec_embedding_request){.body = NULL};
    rec_status status = rec_fields_parse(&out->body, body, length, err);
    if (status == REC_OK)
        status = read_all(out, err);
    if (status != REC_OK)
        rec_embedding_request_deinit(out);
    return status;
}

/* ---- the answer ---- */

/* Nine digits name a float32 exactly. */
static rec_status print_numbers(rec_buffer *out, const float *vector, size_t dim, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "[", err);
    for (size_t i = 0; i < dim && status == REC_OK; i++)
        status = rec_buffer_printf(out, err, "%s%.9g", i > 0 ? "," : "", (double)vector[i]);
    return status == REC_OK ? rec_buffer_puts(out, "]", err) : status;
}

static rec_status print_base64(rec_buffer *out, const float *vector, size_t dim, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "\"", err);
    for (size_t i = 0; i < dim && status == REC_OK;) {
        unsigned char bytes[3 * 64 * 4]; /* whole groups of three bytes */
        size_t n = 0;
        for (; n < sizeof bytes && i < dim; i++) {
            uint32_t bits;
            memcpy(&bits, &vector[i], sizeof bits);
            for (int b = 0; b < 4; b++)
                bytes[n++] = (unsigned char)(bits >> 8 * b);
        }
        status = rec_base64_append(out, bytes, n, err);
    }
    return status == REC_OK ? rec_buffer_puts(out, "\"", err) : status;
}

static rec_status print_vectors(rec_buffer *out, const float *vectors, size_t n, size_t dim,
                                bool base64, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n; i++) {
        const float *vector = vectors + i * dim;
        REC_TRY(rec_buffer_printf(
            out, err, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":", i > 0 ? "," : "",
            i));
        REC_TRY(base64 ? print_base64(out, vector, dim, err)
                       : print_numbers(out, vector, dim, err));
        REC_TRY(rec_buffer_puts(out, "}", err));
    }
cleanup:
    return status;
}

char *rec_embedding_reply(const char *model, const float *vectors, size_t n, size_t dim,
                          bool base64, uint64_t n_tokens, rec_error *err)
{
    rec_buffer out = {.data = NULL};
    cJSON *tail = NULL, *usage;
    char *tail_text = NULL, *text = NULL;
    rec_status status;
    /* Vectors are written straight away: an object per number would take a hundred bytes each. */
    REC_TRY(rec_json_new_object(&tail, err));
    REC_TRY(rec_json_add_text(tail, "model", model, err));
    REC_TRY(rec_json_add_object(&usage, tail, "usage", err));
    REC_TRY(rec_json_add_count(usage, "prompt_tokens", (size_t)n_tokens, err));
    REC_TRY(rec_json_add_count(usage, "total_tokens", (size_t)n_tokens, err));
    tail_text = rec_json_print(tail, err);
    if (tail_text == NULL)
        goto cleanup;
    REC_TRY(rec_buffer_puts(&out, "{\"object\":\"list\",\"data\":[", err));
    REC_TRY(print_vectors(&out, vectors, n, dim, base64, err));
    REC_TRY(rec_buffer_printf(&out, err, "],%s", tail_text + 1)); /* without its brace */
    text = rec_buffer_take(&out, err);
cleanup:
    rec_buffer_deinit(&out);
    free(tail_text);
    cJSON_Delete(tail);
    return text;
}
