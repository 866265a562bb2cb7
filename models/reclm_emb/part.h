/** What a user, an item, a template or a row is for. Nothing is for two things. */
#ifndef REC_MODELS_RECLM_EMB_PART_H
#define REC_MODELS_RECLM_EMB_PART_H

typedef enum rec_emb_part {
    REC_EMB_TRAIN,
    REC_EMB_DEV,
    REC_EMB_TEST,
    REC_EMB_N_PARTS
} rec_emb_part;

extern const char *const rec_emb_part_names[]; /* "train", "dev", "test" */

#endif
