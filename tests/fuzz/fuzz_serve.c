/* Bodies of every kind: read whole, or refused with an error object that is JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "harness/serve/completion_request.h"
#include "harness/serve/embedding.h"
#include "harness/serve/recommend.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_refusal(const rec_api_error *api)
{
    cJSON *json = NULL;
    rec_error err;
    char *text = rec_api_error_json(api, &err);
    if (text == NULL || api->http < 400 ||
        rec_json_parse(&json, text, strlen(text), "error", 1, &err) != REC_OK)
        abort();
    cJSON_Delete(json);
    free(text);
}

/* What was read keeps its promises. */
static void check_request(const rec_completion_request *r)
{
    if (r->n == 0 || r->n > REC_SERVE_MAX_CHOICES || r->prompts.n == 0 ||
        r->n_top > REC_SERVE_MAX_TOP || (r->max_tokens == 0 && r->has_max_tokens && !r->echo))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *body = (const char *)data;
    rec_completion_request completion;
    rec_embedding_request embedding;
    rec_recommend_request recommend;
    rec_api_error api;
    for (int chat = 0; chat < 2; chat++) {
        if (rec_completion_request_parse(&completion, body, n, chat, &api) == REC_OK) {
            check_request(&completion);
            rec_completion_request_deinit(&completion);
        } else {
            check_refusal(&api);
        }
    }
    if (rec_embedding_request_parse(&embedding, body, n, &api) == REC_OK)
        rec_embedding_request_deinit(&embedding);
    else
        check_refusal(&api);
    if (rec_recommend_request_parse(&recommend, body, n, &api) == REC_OK)
        rec_recommend_request_deinit(&recommend);
    else
        check_refusal(&api);
    return 0;
}
