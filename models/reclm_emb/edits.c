#include "models/reclm_emb/edits.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { LETTERS_PER_EDIT = 8, TRIES = 200 };

/* Neighbours on a QWERTY keyboard by letter. */
static const char *const neighbours[26] = {
    "qsz", "vgn", "xvd", "sfe", "wrd", "dgr", "fht", "gjy", "uok", "hku", "jli", "ko",  "nk",
    "bm",  "ipl", "ol",  "wa",  "etf", "adw", "ryg", "yij", "cbf", "qes", "zcs", "tug", "xas"};

static const char *const sounds[][2] = {{"ph", "f"},  {"f", "ph"},  {"c", "k"},   {"k", "c"},
                                        {"ee", "ea"}, {"ei", "ie"}, {"ie", "ei"}, {"y", "i"},
                                        {"ou", "u"},  {"z", "s"},   {"s", "z"},   {"ck", "k"}};

static bool is_letter(char c)
{
    return isascii((unsigned char)c) && isalpha((unsigned char)c);
}

/* text[at, at + n) becomes `with`; the storage has room. */
static void replace(char *text, size_t at, size_t n, const char *with)
{
    size_t m = strlen(with);
    memmove(text + at + m, text + at + n, strlen(text + at + n) + 1);
    memcpy(text + at, with, m);
}

static bool misspell_sound(char *text, size_t at, rec_rng *rng)
{
    size_t first = rec_rng_below(rng, sizeof sounds / sizeof *sounds);
    for (size_t i = 0; i < sizeof sounds / sizeof *sounds; i++) {
        const char *const *sound = sounds[(first + i) % (sizeof sounds / sizeof *sounds)];
        if (strncmp(text + at, sound[0], strlen(sound[0])) == 0) {
            replace(text, at, strlen(sound[0]), sound[1]);
            return true;
        }
    }
    return false;
}

/* Words are what blanks separate. The last one stays. */
static bool drop_or_join(char *text, size_t at, bool drop)
{
    char *blank = strchr(text + at, ' ');
    if (blank == NULL)
        return false;
    size_t start = at, end = (size_t)(blank - text);
    while (start > 0 && text[start - 1] != ' ')
        start--;
    if (drop)
        replace(text, start, end - start + 1, "");
    else
        replace(text, end, 1, "");
    return true;
}

static bool edit_letter(char *text, size_t at, rec_rng *rng)
{
    char letter = text[at];
    char beside[2] = {0}, twice[3] = {letter, letter, 0};
    const char *near = neighbours[tolower((unsigned char)letter) - 'a'];
    beside[0] = near[rec_rng_below(rng, (uint32_t)strlen(near))];
    switch (rec_rng_below(rng, 5)) {
    case 0:
        replace(text, at, 1, "");
        return true;
    case 1:
        replace(text, at, 1, twice);
        return true;
    case 2:
        replace(text, at, 1, beside);
        return true;
    case 3: {
        char both[3] = {letter, beside[0], 0};
        replace(text, at, 1, both);
        return true;
    }
    default:
        if (!is_letter(text[at + 1]) || text[at + 1] == letter)
            return false;
        text[at] = text[at + 1];
        text[at + 1] = letter;
        return true;
    }
}

/* One edit somewhere; false when this draw hits nothing to edit. */
static bool edit(char *text, rec_rng *rng)
{
    size_t length = strlen(text);
    if (length < 2)
        return false;
    size_t at = rec_rng_below(rng, (uint32_t)length);
    uint32_t kind = rec_rng_below(rng, 20);
    if (kind == 0 || kind == 1)
        return drop_or_join(text, at, kind == 0);
    if (!is_letter(text[at]))
        return false;
    return kind < 6 ? misspell_sound(text, at, rng) : edit_letter(text, at, rng);
}

rec_status rec_emb_misspell(rec_buffer *out, const char *text, rec_rng *rng, rec_error *err)
{
    size_t length = strlen(text), n_edits = 1 + length / LETTERS_PER_EDIT;
    n_edits = 1 + rec_rng_below(rng, (uint32_t)n_edits);
    char *edited = rec_alloc(length + 2 * n_edits + 1, 1, err);
    if (edited == NULL)
        return REC_ERR_RESOURCE;
    memcpy(edited, text, length + 1);
    for (size_t i = 0; i < n_edits; i++)
        for (int t = 0; t < TRIES && (!edit(edited, rng) || strcmp(edited, text) == 0); t++)
            ;
    rec_status status = rec_buffer_puts(out, edited, err);
    free(edited);
    return status;
}
