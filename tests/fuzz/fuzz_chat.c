/* Any chat template (up to a NUL), and any text as what the user says: text that came from data is never
 * trusted in the rendering. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "models/lm/chat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const rec_chat_text *text, size_t n_said)
{
    size_t n_data = 0;
    if (text->text.length != text->trusted.length)
        abort();
    for (size_t i = 0; i < text->trusted.length; i++)
        n_data += text->trusted.data[i] == 0;
    if (n_data > n_said) /* white space may have been trimmed */
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *text = malloc(n + 1);
    rec_chat_template *t = NULL;
    rec_chat_text out = {0};
    rec_error err;
    if (text == NULL)
        abort();
    memcpy(text, data, n);
    text[n] = '\0';
    const char *said = strlen(text) < n ? text + strlen(text) + 1 : "Hi";
    const rec_chat_part parts[] = {{REC_ROLE_SYSTEM, "Be brief.", true},
                                   {REC_ROLE_USER, said, false}};
    for (size_t first = 0; first < 2; first++) {
        if (rec_chat_template_new(&t, first == 0 ? text : NULL, first == 0 ? NULL : "llama2",
                                  &err) != REC_OK)
            continue;
        for (size_t from = 0; from < 2; from++) {
            if (rec_chat_render(&out, t, parts + from, 2 - from, true, &err) == REC_OK)
                check(&out, strlen(said));
            rec_chat_text_deinit(&out);
        }
        rec_chat_template_free(t);
        t = NULL;
    }
    free(text);
    return 0;
}
