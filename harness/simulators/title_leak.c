#include "harness/simulators/title_leak.h"

#include <stdlib.h>
#include <string.h>

#include "harness/replies/titles.h"

rec_span rec_title_without_year(rec_span title)
{
    title = rec_span_trim(title);
    size_t n_year = strlen(" (1995)");
    if (title.n <= n_year || title.text[title.n - 1] != ')')
        return title;
    const char *year = title.text + title.n - n_year;
    bool is_year = year[0] == ' ' && year[1] == '(' && strspn(year + 2, "0123456789") == 4;
    return is_year ? rec_span_trim(rec_span_to(title, title.n - n_year)) : title;
}

bool rec_has_words(const char *whole, const char *part)
{
    size_t n = strlen(part);
    if (n == 0)
        return false;
    for (const char *at = strstr(whole, part); at != NULL; at = strstr(at + 1, part)) {
        bool begins = at == whole || at[-1] == ' ', ends = at[n] == '\0' || at[n] == ' ';
        if (begins && ends)
            return true;
    }
    return false;
}

bool rec_has_spelling(rec_span text, rec_span word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        uint32_t before = ' ', after = ' ';
        if (memcmp(text.text + i, word.text, word.n) != 0)
            continue;
        if (i > 0)
            rec_span_last(&before, rec_span_to(text, i));
        if (i + word.n < text.n)
            rec_span_first(&after, rec_span_from(text, i + word.n));
        if (!rec_is_alnum(before) && !rec_is_alnum(after))
            return true;
    }
    return false;
}

rec_status rec_says_title(bool *out, const char *text, const char *title, rec_error *err)
{
    rec_span bare = rec_title_without_year(rec_span_of(title));
    char *words = NULL, *title_words = NULL;
    rec_status status;
    *out = false;
    REC_TRY(rec_title_folded(&words, rec_span_of(text), err));
    REC_TRY(rec_title_folded(&title_words, bare, err));
    bool is_one_word = strchr(title_words, ' ') == NULL;
    *out = rec_has_words(words, title_words) &&
           (!is_one_word || rec_has_spelling(rec_span_of(text), bare));
cleanup:
    free(words);
    free(title_words);
    return status;
}
