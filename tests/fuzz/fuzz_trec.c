/* Any bytes as qrels and as run, evaluated against themselves: figures or a message, never more. The
 * input is cut in two at its first byte 0xff. */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "harness/trec/evaluate.h"
#include "tests/fuzz/input_file.h"

static void evaluate(const rec_trec_file *qrels, const rec_trec_file *run, rec_error *err)
{
    char *names[] = {"all_trec,ndcg@10,rbp.80,f1@5,auc,ndcg_exp@5,reclm_ndcg@5"};
    rec_trec_measures measures;
    rec_trec_options options = {.level = 1, .first_duplicate = true};
    rec_trec_result result;
    if (rec_trec_measures_parse(&measures, names, 1, 10, err) != REC_OK)
        abort();
    if (rec_trec_evaluate(&result, qrels, run, measures.items, measures.n, &options, err) ==
        REC_OK) {
        for (size_t m = 0; m < measures.n; m++)
            if (isnan(rec_trec_summary(&result, measures.items, m)))
                abort();
        rec_trec_result_deinit(&result);
    }
    rec_trec_measures_deinit(&measures);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rec_error err;
    rec_trec_file qrels = {0}, run = {0};
    const uint8_t *cut = size > 0 ? memchr(data, 0xff, size) : NULL;
    size_t n_qrels = cut != NULL ? (size_t)(cut - data) : size;
    size_t start = cut != NULL ? n_qrels + 1 : size;
    rec_parallel_set_threads(1);
    if (rec_trec_read(&qrels, fuzz_input_file(data, n_qrels), REC_TREC_QRELS, &err) == REC_OK &&
        rec_trec_read(&run, fuzz_input_file(data + start, size - start), REC_TREC_RUN, &err) ==
            REC_OK)
        evaluate(&qrels, &run, &err);
    rec_trec_file_deinit(&run);
    rec_trec_file_deinit(&qrels);
    return 0;
}
