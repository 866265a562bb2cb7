#include <string.h>

#include "models/lm/chat.h"
#include "tests/failing_malloc.h"
#include "tests/suite.h"

static rec_status recognise_and_render(rec_error *err)
{
    static const char jinja[] =
        "{% for m in messages %}{{ '<|im_start|>system\\nYou are a helpful assistant<|im_end|>\\n' "
        "}}"
        "{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n'}}{% endfor %}";
    static const rec_chat_part parts[] = {{REC_ROLE_USER, "Seen: ", true},
                                          {REC_ROLE_USER, "Heat", false},
                                          {REC_ROLE_ASSISTANT, "Ronin", false}};
    rec_chat_template *t = NULL;
    rec_chat_text text = {0};
    rec_status status = REC_OK;
    REC_TRY(rec_chat_template_new(&t, jinja, NULL, err));
    REC_TRY(rec_chat_render(&text, t, parts, 3, true, err));
    failing_malloc_check(strstr(text.text.data, "helpful assistant") != NULL);
cleanup:
    rec_chat_text_deinit(&text);
    rec_chat_template_free(t);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_uint_gt(failing_malloc_exhaust(recognise_and_render), 3);
}
END_TEST

REC_SUITE("models/lm/chat_alloc", tcase_add_test(t, every_allocation_may_fail);)
