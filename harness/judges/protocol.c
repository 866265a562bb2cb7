#include "harness/judges/protocol.h"

#include <string.h>

#define REC_JUDGE_PROTOCOL(name) extern const rec_judge_protocol rec_judge_protocol_##name;
#include "harness/judges/protocols.def"
#undef REC_JUDGE_PROTOCOL

#define REC_JUDGE_PROTOCOL(name) &rec_judge_protocol_##name,
const rec_judge_protocol *const rec_judge_protocols[] = {
#include "harness/judges/protocols.def"
};
#undef REC_JUDGE_PROTOCOL

const size_t rec_n_judge_protocols = sizeof rec_judge_protocols / sizeof *rec_judge_protocols;

const rec_judge_protocol *rec_judge_protocol_find(const char *name)
{
    for (size_t i = 0; i < rec_n_judge_protocols; i++)
        if (strcmp(rec_judge_protocols[i]->name, name) == 0)
            return rec_judge_protocols[i];
    return NULL;
}

rec_status rec_judge_prompt(const rec_text_part **parts, size_t *n_parts,
                            const rec_judge_protocol *protocol, const rec_judge_case *c,
                            rec_arena *arena, rec_error *err)
{
    const rec_text_part pieces[] = {
        {.role = "system", .text = protocol->system_prompt},
        {.role = "user", .text = "[start of the question]\n"},
        {.role = "user", .text = c->question, .is_data = true},
        {.role = "user", .text = "\n[end of the question]\n\n[start of answer A]\n"},
        {.role = "user", .text = c->a, .is_data = true},
        {.role = "user", .text = "\n[end of answer A]\n\n[start of answer B]\n"},
        {.role = "user", .text = c->b, .is_data = true},
        {.role = "user", .text = "\n[end of answer B]"},
    };
    rec_text_part *copy = rec_arena_alloc(arena, sizeof pieces / sizeof *pieces, sizeof *copy, err);
    if (copy == NULL)
        return REC_ERR_RESOURCE;
    memcpy(copy, pieces, sizeof pieces);
    *parts = copy;
    *n_parts = sizeof pieces / sizeof *pieces;
    return REC_OK;
}
