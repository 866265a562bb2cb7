/* Bytes as a reply to a multiple-choice question; the first byte says how many options there are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/replies/letters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const titles[] = {
    "Toy Story", "Me, Myself & Irene", "Portal", "Portal 2",       "Up",   "",
    "海街日记",  "Monsters, Inc.",     "A",      "Mission\nTwo X", "  \n", "B. Portal"};
enum { N_TITLES = sizeof titles / sizeof titles[0] };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    size_t n_options = data[0] % (N_TITLES + 1);
    char *reply = malloc(n);
    if (reply == NULL)
        return 0;
    memcpy(reply, data + 1, n - 1);
    reply[n - 1] = '\0';
    for (size_t p = 0; p < rec_n_letter_parsers; p++) {
        rec_letter_answer answer;
        if (rec_letter_parsers[p]->parse(&answer, reply, titles, n_options, NULL) != REC_OK)
            abort();
        bool none = answer.option == REC_NO_OPTION;
        if (none != (answer.mode == REC_LETTER_NONE))
            abort();
    }
    free(reply);
    return 0;
}
