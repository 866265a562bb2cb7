/* harness/replies/letters/standard.c: the option a reply names, from the surest sign to the weakest: a
 * letter alone, a stated answer, the only letter that stands alone, a title, a similar title. A sign
 * that points to two options points to none; the next is looked at. */
#include <stdlib.h>

#include "core/memory.h"
#include "harness/replies/letters.h"
#include "harness/replies/markup.h"
#include "harness/replies/numerals.h"
#include "harness/replies/ratcliff.h"
#include "harness/replies/titles.h"

static const double least_ratio = 0.55, least_margin = 0.05;

/* The question: the answer without thoughts, and what may be chosen. */
typedef struct choice {
    rec_span answer;
    const char *const *titles;
    size_t n;
    char *folded;   /* owned: words of the answer */
    char **options; /* owned, (n): words of the titles */
} choice;

static unsigned option_of(uint32_t c, size_t n_options)
{
    if (c >= 'a' && c <= 'z')
        c -= 'a' - 'A';
    return c >= 'A' && c < 'A' + n_options ? c - 'A' : REC_NO_OPTION;
}

/* "b", "(B)", "**B.**", "B)": marks around one letter. */
static bool letter_alone(rec_letter_answer *out, const choice *c)
{
    static const char marks[] = " \t\r\n*_`\"'()[]{}<>.:#";
    rec_span s = c->answer;
    while (s.n > 0 && s.text[0] != '\0' && strchr(marks, s.text[0]) != NULL)
        s = rec_span_from(s, 1);
    while (s.n > 0 && s.text[s.n - 1] != '\0' && strchr(marks, s.text[s.n - 1]) != NULL)
        s.n--;
    out->option = s.n == 1 ? option_of((unsigned char)s.text[0], c->n) : REC_NO_OPTION;
    return out->option != REC_NO_OPTION;
}

/* Whether the letter before `rest` ends a statement: end of text or line, or punctuation. An
 * apostrophe goes on ("I'm"), a blank may go on ("A good choice"). */
static bool ends_here(rec_span rest)
{
    static const char closing[] = ".,:;!?)]}>*_\"`\n\r";
    uint32_t c;
    if (rest.n == 0)
        return true;
    rec_span_first(&c, rest);
    return (c < 0x80 && c != 0 && strchr(closing, (int)c) != NULL) || c == 0x201D || c == 0x3002 ||
           c == 0xFF0C;
}

/* A and I are words of English; any other capital only has to stand alone. */
static bool is_letter_of_choice(uint32_t c, rec_span rest)
{
    uint32_t after = ' ';
    if (c == 'A' || c == 'I' || (c >= 'a' && c <= 'z'))
        return ends_here(rest);
    if (rest.n > 0)
        rec_span_first(&after, rest);
    return !rec_is_alnum(after) && after != '\'' && after != 0x2019 && after != '-' && after != '+';
}

/* The option behind "answer is", "answer:", with marks and "option" before the letter allowed. */
static unsigned stated_option(rec_span s, size_t n_options)
{
    static const char *const verbs[] = {"is:", "is", ":", "would be", "="};
    static const char marks[] = " \t*_`\"'([{<";
    s = rec_span_from(s, strlen("answer"));
    while (s.n > 0 && strchr(" \t*_`", s.text[0]) != NULL && s.text[0] != '\0')
        s = rec_span_from(s, 1);
    size_t verb = 0;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0] && verb == 0; i++)
        if (rec_span_starts(s, verbs[i]))
            verb = strlen(verbs[i]);
    if (verb == 0)
        return REC_NO_OPTION;
    s = rec_span_trim_start(rec_span_from(s, verb));
    if (rec_span_starts_folded(s, "option "))
        s = rec_span_from(s, strlen("option "));
    while (s.n > 0 && s.text[0] != '\0' && strchr(marks, s.text[0]) != NULL)
        s = rec_span_from(s, 1);
    if (s.n == 0)
        return REC_NO_OPTION;
    uint32_t c = (unsigned char)s.text[0];
    return is_letter_of_choice(c, rec_span_from(s, 1)) ? option_of(c, n_options) : REC_NO_OPTION;
}

/* The last statement counts: models correct themselves. */
static bool stated(rec_letter_answer *out, const choice *c)
{
    rec_span s = c->answer;
    out->option = REC_NO_OPTION;
    for (size_t at; (at = rec_span_find_folded(s, "answer")) < s.n;) {
        s = rec_span_from(s, at);
        unsigned option = stated_option(s, c->n);
        if (option != REC_NO_OPTION)
            out->option = option;
        s = rec_span_from(s, strlen("answer"));
    }
    return out->option != REC_NO_OPTION;
}

static bool unique_letter(rec_letter_answer *out, const choice *c)
{
    uint32_t before = ' ', letter;
    out->option = REC_NO_OPTION;
    for (rec_span s = c->answer; s.n > 0; before = letter) {
        s = rec_span_from(s, rec_span_first(&letter, s));
        if (rec_is_alnum(before) || before == '\'' || before == 0x2019 || before == '-' ||
            letter < 'A' || letter > 'Z' || !is_letter_of_choice(letter, s))
            continue;
        unsigned option = option_of(letter, c->n);
        if (option == REC_NO_OPTION || option == out->option)
            continue;
        if (out->option != REC_NO_OPTION)
            return false;
        out->option = option;
    }
    return out->option != REC_NO_OPTION;
}

/* The only option that `matches`; a second one: none. */
static bool only_option(rec_letter_answer *out, const choice *c,
                        bool (*matches)(const choice *, size_t))
{
    out->option = REC_NO_OPTION;
    for (unsigned i = 0; i < c->n; i++) {
        if (!matches(c, i))
            continue;
        if (out->option != REC_NO_OPTION)
            return false;
        out->option = i;
    }
    return out->option != REC_NO_OPTION;
}

static bool is_exact(const choice *c, size_t i)
{
    return rec_span_equals(rec_markup_bare(c->answer), c->titles[i]);
}

static bool is_canonical(const choice *c, size_t i)
{
    const char *a = c->folded, *b = c->options[i];
    for (;; a++, b++) { /* words may be divided differently */
        a += *a == ' ';
        b += *b == ' ';
        if (*a != *b || *a == '\0')
            return *a == *b && c->options[i][0] != '\0';
    }
}

/* Whether the words end here, and no numeral goes on: "portal" is not named in "portal 3". */
static bool title_ends(const char *at)
{
    if (*at == '\0')
        return true;
    rec_span rest = rec_span_of(at);
    return *at == ' ' && !rec_is_numeral(rec_span_to(rest, 1 + strcspn(at + 1, " ")));
}

/* The next place in folded text, from `at` on, where the words stand as a title; NULL. */
static char *find_title(char *text, char *at, const char *words)
{
    size_t n = strlen(words);
    for (; n > 0 && (at = strstr(at, words)) != NULL; at++)
        if ((at == text || at[-1] == ' ') && title_ends(at + n))
            return at;
    return NULL;
}

/* How many titles the answer names, and one of them. Longer titles first, and what they cover is taken
 * out, so that "Portal" is not found in "Portal 2". Uses up `text`, a copy of the folded answer. */
static unsigned contained(rec_letter_answer *out, const choice *c, char *text)
{
    bool done[REC_MAX_OPTIONS] = {false};
    unsigned n_found = 0;
    for (size_t round = 0; round < c->n; round++) {
        unsigned longest = REC_NO_OPTION;
        for (unsigned i = 0; i < c->n; i++)
            if (!done[i] &&
                (longest == REC_NO_OPTION || strlen(c->options[i]) > strlen(c->options[longest])))
                longest = i;
        done[longest] = true;
        char *at = find_title(text, text, c->options[longest]);
        if (at == NULL)
            continue;
        n_found++;
        out->option = longest;
        for (; at != NULL; at = find_title(text, at, c->options[longest]))
            memset(at, '\1', strlen(c->options[longest]));
    }
    return n_found;
}

static rec_status similar(rec_letter_answer *out, const choice *c, rec_error *err)
{
    double best = 0.0, second = 0.0;
    unsigned option = REC_NO_OPTION;
    for (unsigned i = 0; i < c->n; i++) {
        double ratio;
        rec_span a = rec_span_of(c->folded), b = rec_span_of(c->options[i]);
        if (b.n == 0 || rec_ratcliff_bound(a, b) < least_ratio - least_margin ||
            rec_numerals_differ(c->folded, c->options[i]))
            continue; /* neither an answer nor near one */
        rec_status status = rec_ratcliff(&ratio, a, b, err);
        if (status != REC_OK)
            return status;
        if (ratio > best) {
            second = best;
            best = ratio;
            option = i;
        } else if (ratio > second) {
            second = ratio;
        }
    }
    bool found = best >= least_ratio && best - second >= least_margin;
    *out = (rec_letter_answer){.option = found ? option : REC_NO_OPTION,
                               .mode = found ? REC_LETTER_FUZZY : REC_LETTER_NONE,
                               .similarity = best};
    return REC_OK;
}

static rec_status fold_titles(choice *c, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_title_folded(&c->folded, rec_markup_bare(c->answer), err));
    REC_TRY_NEW(c->options, c->n, err);
    for (size_t i = 0; i < c->n; i++)
        REC_TRY(rec_title_folded(&c->options[i], rec_span_of(c->titles[i]), err));
cleanup:
    return status;
}

static rec_status by_title(rec_letter_answer *out, choice *c, rec_error *err)
{
    char *copy = NULL;
    rec_status status = REC_OK;
    out->mode = REC_LETTER_EXACT;
    if (only_option(out, c, is_exact))
        goto cleanup;
    REC_TRY(fold_titles(c, err));
    out->mode = REC_LETTER_CANONICAL;
    if (only_option(out, c, is_canonical))
        goto cleanup;
    copy = rec_strdup(c->folded, err);
    if (copy == NULL) {
        status = REC_ERR_RESOURCE;
        goto cleanup;
    }
    unsigned n_named = contained(out, c, copy);
    out->mode = REC_LETTER_CONTAINED;
    if (n_named > 1)
        *out = (rec_letter_answer){.option = REC_NO_OPTION};
    else if (n_named == 0)
        status = similar(out, c, err);
cleanup:
    free(copy);
    return status;
}

static void choice_deinit(choice *c)
{
    for (size_t i = 0; c->options != NULL && i < c->n; i++)
        free(c->options[i]);
    free(c->options);
    free(c->folded);
}

static rec_status parse(rec_letter_answer *out, const char *reply, const char *const *titles,
                        size_t n_options, rec_error *err)
{
    static const struct {
        bool (*find)(rec_letter_answer *, const choice *);
        rec_letter_mode mode;
    } signs[] = {{letter_alone, REC_LETTER_ALONE},
                 {stated, REC_LETTER_STATED},
                 {unique_letter, REC_LETTER_UNIQUE}};
    char *answer = NULL;
    choice c = {.titles = titles, .n = n_options < REC_MAX_OPTIONS ? n_options : REC_MAX_OPTIONS};
    rec_status status;
    *out = (rec_letter_answer){.option = REC_NO_OPTION};
    REC_TRY(rec_markup_answer(&answer, reply, err));
    c.answer = rec_span_trim(rec_span_of(answer));
    for (size_t i = 0; i < sizeof signs / sizeof signs[0] && out->mode == REC_LETTER_NONE; i++)
        if (signs[i].find(out, &c))
            out->mode = signs[i].mode;
    if (out->mode == REC_LETTER_NONE)
        REC_TRY(by_title(out, &c, err));
cleanup:
    choice_deinit(&c);
    free(answer);
    return status;
}

const rec_letter_parser rec_letter_parser_standard = {
    .name = "standard",
    .help = "a letter alone, a stated answer, the only letter, then titles; two signs are none",
    .parse = parse,
};
