/* harness/systems/prompted_kind.c: a language model of `lms:` as a system that answers in text. */
#include "harness/systems/kinds.h"
#include "harness/systems/text_answer.h"

typedef struct prompted {
    char *lm_name;
    bool chat;
    rec_lm_pool *lms; /* borrowed, after connect */
} prompted;

static const rec_option options[] = {
    {"lm", "the model, an entry of lms:", offsetof(prompted, lm_name), REC_OPT_REFERENCE,
     .refers_to = "lm", .needs = REC_LM_GENERATES, .required = true},
    {"chat", "prompts are messages of a chat; false: one text to continue, for base models",
     offsetof(prompted, chat), REC_OPT_BOOL, .value = 1},
    {.key = NULL},
};

static const rec_system_type types[] = {{
    .kind = &rec_system_kind_prompted,
    .name = "lm",
    .help = "a language model, asked in text",
    .can = REC_CAN_RESPOND | REC_CAN_CHOOSE | REC_CAN_EXPLAIN | REC_CAN_CONVERSE,
    .options = options,
}};

static rec_status connect(void *self, const rec_system_links *links, rec_error *err)
{
    (void)err;
    ((prompted *)self)->lms = links->lms;
    return REC_OK;
}

static rec_status answer(rec_reply_batch *replies, const void *self, const rec_request *requests,
                         size_t n, size_t n_items, rec_error *err)
{
    const prompted *p = self;
    rec_lm *lm;
    (void)n_items;
    rec_status status = rec_lm_pool_get(&lm, p->lms, p->lm_name, err);
    return status == REC_OK ? rec_text_answer(replies, lm, p->chat, requests, n, err) : status;
}

const rec_system_kind rec_system_kind_prompted = {
    .name = "prompted",
    .types = types,
    .n_types = sizeof types / sizeof *types,
    .size = sizeof(prompted),
    .connect = connect,
    .answer = answer,
};
