/* Bytes as the reply of a judge: every protocol's parser, and the object at the end of a text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judges/last_object.h"
#include "harness/judges/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_scores(const rec_judge_protocol *p, const rec_judgement *j)
{
    for (size_t i = 0; i < p->n_scores && j->has_scores; i++)
        if (!(j->a[i] >= p->score_min && j->a[i] <= p->score_max && j->b[i] >= p->score_min &&
              j->b[i] <= p->score_max))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *reply = malloc(n + 1);
    if (reply == NULL)
        return 0;
    memcpy(reply, data, n);
    reply[n] = '\0';
    for (size_t p = 0; p < rec_n_judge_protocols; p++) {
        rec_judgement j;
        if (rec_judge_protocols[p]->parse(&j, reply, NULL) != REC_OK ||
            (int)j.prefers < REC_PREFERS_NONE || (int)j.prefers > REC_PREFERS_TIE)
            abort();
        check_scores(rec_judge_protocols[p], &j);
    }
    cJSON *object;
    if (rec_last_object(&object, reply, NULL) != REC_OK ||
        (object != NULL && !cJSON_IsObject(object)))
        abort();
    cJSON_Delete(object);
    (void)rec_outcome_reclm(reply, reply);
    free(reply);
    return 0;
}
