#include "models/reclm_emb/original/files.h"

/* The original's loader reads whatever is in the folder, so what it keeps in one file (query2item of full
 * and sparse queries, gpt4_data of all that a language model wrote) may stand in two. */
#define WRITTEN(name, task)                                                                        \
    {                                                                                              \
        name, REC_EMB_TASK_##task, {[REC_EMB_TRAIN] = true, [REC_EMB_TEST] = true}, true           \
    }
#define READ(name, task, part)                                                                     \
    {                                                                                              \
        name, REC_EMB_TASK_##task, {[part] = true}, false                                          \
    }
const rec_emb_file rec_emb_files[] = {
    WRITTEN("user2item", uh2i),
    WRITTEN("item2item", i2i),
    WRITTEN("query2item", fa2i),
    WRITTEN("sparse_query2item", sa2i),
    WRITTEN("title2item", title),
    WRITTEN("queryuser2item", uq2i),
    WRITTEN("misspell2item", nm2i),
    WRITTEN("vaguequery2item", vc2i),
    WRITTEN("relativequery2item", rel2i),
    WRITTEN("negquery2item", na2i),
    WRITTEN("gpt_summary", us2i),
    WRITTEN("gpt_query", as2i),
    WRITTEN("dialogue", dialogue),
    READ("gpt4_data", as2i, REC_EMB_TRAIN),
    READ("gpt4_data_v2", as2i, REC_EMB_TRAIN),
    READ("searchquery2item", as2i, REC_EMB_TRAIN),
    READ("gpt_misspell", nm2i, REC_EMB_TEST),
    READ("gpt_summary_query", uq2i, REC_EMB_TEST),
};
const size_t rec_emb_n_files = sizeof rec_emb_files / sizeof *rec_emb_files;
