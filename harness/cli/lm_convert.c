/* harness/cli/lm_convert.c: a model as a Hugging Face folder or a GGUF file */
#include "core/progress.h"
#include "harness/cli/lm_verbs.h"
#include "models/lm/export.h"

static rec_status convert_run(const rec_lm_flags *flags, rec_error *err)
{
    rec_lm_files files = {.folder = NULL};
    rec_lm_weights weights = {.table = NULL};
    rec_status status = REC_OK;
    if (flags->out == NULL)
        return rec_fail(err, REC_ERR_CONFIG, "convert needs --out FOLDER or --out FILE.gguf");
    REC_TRY(rec_lm_files_find(&files, flags->model, err));
    REC_TRY(rec_lm_files_set_adapter(&files, flags->adapter, err));
    REC_TRY(rec_lm_weights_open(&weights, &files, (rec_weight_policy)flags->weights, err));
    REC_TRY(rec_lm_export(&weights, &files, flags->out, err));
    rec_info("%s: %.1f MB of weights", flags->out, (double)rec_lm_weights_bytes(&weights) * 1e-6);
cleanup:
    rec_lm_weights_deinit(&weights);
    rec_lm_files_deinit(&files);
    return status;
}

const rec_lm_verb rec_lm_verb_convert = {.name = "convert",
                                         .help = "a model as a Hugging Face folder or a GGUF file",
                                         .run = convert_run};
