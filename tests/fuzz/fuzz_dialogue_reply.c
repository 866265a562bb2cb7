/* Bytes as words of a dialogue: does either side name a title? */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/simulators/title_leak.h"
#include "harness/tasks/title_hit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const titles[] = {"Heat (1995)", "Up", "Half-Life 2", "海街日记", "(1995)", ""};
enum { N_TITLES = sizeof titles / sizeof *titles };
static rec_tfidf *corpus;

static void check(rec_status status)
{
    if (status != REC_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (corpus == NULL)
        check(rec_tfidf_new(&corpus, titles, N_TITLES, REC_PIECES_RECLM, NULL));
    char *words = malloc(n + 1);
    if (words == NULL)
        return 0;
    memcpy(words, data, n);
    words[n] = '\0';
    rec_title_list none = {0};
    for (size_t i = 0; i < N_TITLES; i++) {
        bool says;
        check(rec_says_title(&says, words, titles[i], NULL));
        check(rec_says_title(&says, titles[i], words, NULL));
        check(rec_mentions_title(&says, words, titles[i], &none, NULL));
        check(rec_is_title_without_year(&says, words, titles[i], NULL));
        check(rec_is_title_without_year(&says, titles[i], words, NULL));
        if (n < 400) /* a vector per character */
            check(rec_reclm_mentions_title(&says, words, titles[i], corpus, NULL));
    }
    free(words);
    return 0;
}
