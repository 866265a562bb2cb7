/* harness/systems/prompted_kind.c: a language model of `lms:` as a system that answers in text. */
#include <stdlib.h>

#include "core/memory.h"
#include "harness/systems/kinds.h"
#include "harness/systems/text_answer.h"

typedef struct prompted {
    char *lm_name;
    bool chat;
    rec_lm_pool *lms; /* borrowed, after connect */
} prompted;

static const rec_option options[] = {
    {"lm", "the model, an entry of lms:", offsetof(prompted, lm_name), REC_OPT_REFERENCE,
     .refers_to = "lm", .required = true},
    {"chat", "prompts are messages of a chat; false: one text to continue, for base models",
     offsetof(prompted, chat), REC_OPT_BOOL, .value = 1},
    {.key = NULL},
};

static size_t count(void)
{
    return 1;
}

static rec_system_type at(size_t i)
{
    (void)i;
    return (rec_system_type){
        .kind = &rec_system_kind_prompted,
        .name = "lm",
        .help = "a language model, asked in text",
        .can = REC_CAN_RESPOND | REC_CAN_CHOOSE | REC_CAN_EXPLAIN | REC_CAN_CONVERSE,
        .options = options,
    };
}

static rec_status create(void **self, const rec_system_type *type, const rec_yaml *entry,
                         const char *const *ignore, rec_error *err)
{
    (void)type;
    prompted *p = rec_alloc(1, sizeof *p, err);
    if (p == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_options_parse(p, options, entry, ignore, err);
    if (status != REC_OK) {
        free(p);
        return status;
    }
    *self = p;
    return REC_OK;
}

static void destroy(void *self)
{
    rec_options_deinit(self, options);
    free(self);
}

static const void *option_values(const void *self)
{
    return self;
}

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
    .count = count,
    .at = at,
    .create = create,
    .destroy = destroy,
    .option_values = option_values,
    .connect = connect,
    .answer = answer,
};
