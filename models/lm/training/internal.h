/** What transformer.c and adapter.c share. */
#ifndef REC_MODELS_LM_TRAINING_INTERNAL_H
#define REC_MODELS_LM_TRAINING_INTERNAL_H

#include "models/lm/adapter_file.h"
#include "models/lm/training/transformer.h"
#include "models/nn/linear.h"
#include "models/nn/rotary.h"

enum { REC_ABSENT = -1 };

struct rec_transformer {
    rec_lm_config config;
    rec_params params;
    int (*index)[REC_LM_N_ROLES]; /* (n_layers or 1) parameter of each role; REC_ABSENT */
    rec_rotary_table rotary, rotary_sliding; /* decoders */
    size_t first_new_row;                    /* rows before it are not trained; 0: all are */
};

/** The low-rank pair of one linear map, absent where the adapter does not target it. */
struct rec_adapter {
    rec_params params;
    size_t rank;
    double alpha, dropout;
    char **targets; /* as given, for adapter_config.json; owned, NULL-terminated */
    size_t n_layers;
    rec_lora (*lora)[REC_LM_N_ROLES]; /* (n_layers); a == NULL: none */
};

#endif
