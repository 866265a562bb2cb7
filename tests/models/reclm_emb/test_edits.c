#include "core/utf8.h"
#include "models/reclm_emb/edits.h"
#include "tests/models/reclm_emb/films.h"

static char *misspelt(const char *text, uint64_t id)
{
    rec_rng rng = rec_rng_keyed(1, "test", id);
    rec_buffer out = {.length = 0};
    ck_assert_ok(rec_emb_misspell(&out, text, &rng, err));
    return rec_buffer_take(&out, NULL);
}

START_TEST(titles_come_out_changed_and_valid)
{
    static const char *const titles[] = {"The Godfather, Part II", "Amélie à Paris", "Heat",
                                         "2001: A Space Odyssey", "七人の侍 Seven"};
    for (size_t t = 0; t < sizeof titles / sizeof *titles; t++)
        for (uint64_t id = 0; id < 300; id++) {
            char *text = misspelt(titles[t], id), *again = misspelt(titles[t], id);
            size_t n = strlen(titles[t]);
            ck_assert_str_ne(text, titles[t]);
            ck_assert_str_eq(text, again); /* a function of the draw */
            ck_assert(rec_utf8_valid(text, strlen(text)));
            ck_assert_uint_le(strlen(text), n + 2 * (1 + n / 8));
            free(again);
            free(text);
        }
}
END_TEST

START_TEST(what_has_no_letters_stays)
{
    char *text = misspelt("1984", 3), *none = misspelt("", 3), *one = misspelt("M", 3);
    ck_assert_str_eq(text, "1984");
    ck_assert_str_eq(none, "");
    ck_assert_str_eq(one, "M");
    free(one);
    free(none);
    free(text);
}
END_TEST

REC_SUITE("models/reclm_emb/edits", tcase_add_test(t, titles_come_out_changed_and_valid);
          tcase_add_test(t, what_has_no_letters_stays);)
