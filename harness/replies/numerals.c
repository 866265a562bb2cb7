#include "harness/replies/numerals.h"

static bool is_roman(rec_span word)
{
    static const char *const numerals[] = {"i",    "ii",  "iii",  "iv",    "v",   "vi",   "vii",
                                           "viii", "ix",  "x",    "xi",    "xii", "xiii", "xiv",
                                           "xv",   "xvi", "xvii", "xviii", "xix", "xx"};
    for (size_t i = 0; i < sizeof numerals / sizeof numerals[0]; i++)
        if (rec_span_equals(word, numerals[i]))
            return true;
    return false;
}

static rec_span next_word(rec_span *rest)
{
    size_t n = rec_span_find(*rest, " ");
    rec_span word = rec_span_to(*rest, n);
    *rest = rec_span_from(*rest, n < rest->n ? n + 1 : n);
    return word;
}

/* The next run of digits inside a word; n = 0 at its end. */
static rec_span next_digits(rec_span *word)
{
    uint32_t c;
    rec_span digits = {word->text, 0};
    while (word->n > 0) {
        size_t width = rec_span_first(&c, *word);
        if (rec_is_digit(c)) {
            if (digits.n == 0)
                digits.text = word->text;
            digits.n += width;
        } else if (digits.n > 0) {
            break;
        }
        *word = rec_span_from(*word, width);
    }
    return digits;
}

/* The numerals of a title, one after the other. */
typedef struct numerals {
    rec_span rest, word; /* words to come; what is left of the present one */
} numerals;

static rec_span next_numeral(numerals *at)
{
    for (;;) {
        rec_span digits = next_digits(&at->word);
        if (digits.n > 0 || at->rest.n == 0)
            return digits;
        at->word = next_word(&at->rest);
        if (is_roman(at->word)) {
            rec_span numeral = at->word;
            at->word.n = 0;
            return numeral;
        }
    }
}

bool rec_is_numeral(rec_span word)
{
    uint32_t c;
    word = rec_span_trim(word);
    if (is_roman(word))
        return true;
    size_t n_digits = 0;
    for (; word.n > 0; n_digits++) {
        word = rec_span_from(word, rec_span_first(&c, word));
        if (!rec_is_digit(c))
            return false;
    }
    return n_digits > 0;
}

static bool same(rec_span a, rec_span b)
{
    return a.n == b.n && memcmp(a.text, b.text, a.n) == 0;
}

static rec_span last_word(rec_span s)
{
    const char *blank = s.n > 0 ? memrchr(s.text, ' ', s.n) : NULL;
    return blank != NULL ? rec_span_from(s, (size_t)(blank - s.text) + 1) : s;
}

static bool is_short(rec_span word)
{
    enum { SHORT_CHARACTERS = 2 };
    size_t n = 0;
    for (uint32_t c; word.n > 0; n++)
        word = rec_span_from(word, rec_span_first(&c, word));
    return n <= SHORT_CHARACTERS;
}

bool rec_numerals_differ(const char *folded_a, const char *folded_b)
{
    rec_span a = rec_span_of(folded_a), b = rec_span_of(folded_b);
    rec_span last_a = last_word(a), last_b = last_word(b);
    if ((is_short(last_a) || is_short(last_b)) && !same(last_a, last_b))
        return true;
    numerals of_a = {a, {a.text, 0}}, of_b = {b, {b.text, 0}};
    for (;;) {
        rec_span x = next_numeral(&of_a), y = next_numeral(&of_b);
        if (!same(x, y))
            return true;
        if (x.n == 0)
            return false;
    }
}
