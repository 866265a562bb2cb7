/** A golden model (golden/lm/README.md) with everything that runs it. */
#ifndef REC_TESTS_MODELS_LM_TINY_H
#define REC_TESTS_MODELS_LM_TINY_H

#include "models/lm/engine.h"
#include "tests/golden.h"
#include "tests/suite.h"

typedef struct tiny {
    rec_lm_weights weights;
    rec_engine *engine;
} tiny;

static inline void tiny_open(tiny *m, const char *path, rec_weight_policy policy)
{
    rec_lm_files files;
    *m = (tiny){.engine = NULL};
    ck_assert_ok(rec_lm_files_find(&files, path, err));
    ck_assert_ok(rec_lm_weights_open(&m->weights, &files, policy, err));
    rec_lm_files_deinit(&files);
    ck_assert_ok(rec_engine_new(&m->engine, &m->weights, err));
}

static inline void tiny_close(tiny *m)
{
    rec_engine_free(m->engine);
    rec_lm_weights_deinit(&m->weights);
}

#endif
