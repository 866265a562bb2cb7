/* Whatever a server sends is an answer with texts, or a failure with a name; never both, never
 * neither. */
#include <stdint.h>
#include <stdlib.h>

#include "models/lm/endpoint/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void generated(const char *body, size_t n, bool chat)
{
    rec_lm_reply reply = {.best = NULL};
    rec_response_meta meta;
    if (rec_response_generated(&reply, &meta, body, n, chat, NULL) != REC_OK)
        abort();
    if ((reply.failure == NULL) != (reply.n_best > 0))
        abort();
    for (size_t i = 0; i < reply.n_best; i++)
        if (reply.best[i].text == NULL)
            abort();
    rec_lm_reply_deinit(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *body = (const char *)data;
    char message[64], *failure = NULL;
    float rows[4];
    rec_lm_score score = {.ids = NULL};
    rec_response_meta meta;
    generated(body, n, true);
    generated(body, n, false);
    rec_response_error(message, sizeof message, body, n);
    if (rec_response_scored(&score, &meta, body, n, 1, 4, NULL) != REC_OK ||
        (score.failure == NULL && score.n == 0))
        abort();
    rec_lm_score_deinit(&score);
    if (rec_response_embedded(rows, &failure, &meta, body, n, 2, 2, NULL) != REC_OK)
        abort();
    free(failure);
    return 0;
}
