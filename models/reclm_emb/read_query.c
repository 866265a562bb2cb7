#include "models/reclm_emb/read_query.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "datasets/number.h"

typedef struct reader {
    const rec_emb_items *items;
    const char *text;
    rec_emb_condition *out;
    size_t n, max;
} reader;

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static void add(reader *r, rec_emb_condition c)
{
    if (r->n < r->max)
        r->out[r->n++] = c;
}

/* The next place where the words stand whole, from `from` on; NULL: none. */
static const char *find_words(const char *text, const char *from, const char *words)
{
    size_t n = strlen(words);
    for (const char *at = from; (at = strcasestr(at, words)) != NULL; at++)
        if ((at == text || !is_word(at[-1])) && !is_word(at[n]))
            return at;
    return NULL;
}

/* Does one of the words before `at` turn its meaning? A few words back, not past a comma. */
static bool is_negated(const char *text, const char *at)
{
    static const char *const turns[] = {"without",   "no",    "not",   "except",
                                        "excluding", "minus", "avoid", "avoiding"};
    enum { WORDS_BACK = 3 };
    for (int w = 0; w < WORDS_BACK; w++) {
        const char *end = at;
        while (end > text && !is_word(end[-1])) {
            if (end[-1] == ',' || end[-1] == ';' || end[-1] == '.')
                return false;
            end--;
        }
        const char *start = end;
        while (start > text && is_word(start[-1]))
            start--;
        for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
            if (strlen(turns[i]) == (size_t)(end - start) &&
                strncasecmp(turns[i], start, (size_t)(end - start)) == 0)
                return true;
        at = start;
    }
    return false;
}

/* Is the value one of the attribute's? */
static bool is_used(const rec_emb_attribute *a, size_t n_items, uint32_t value)
{
    for (size_t i = 0; i < a->start[n_items]; i++)
        if (a->value[i] == value)
            return true;
    return false;
}

static void read_values(reader *r)
{
    enum { SHORTEST = 3 }; /* shorter values are words of the language */
    const rec_emb_items *x = r->items;
    for (uint32_t v = 0; v < x->values.n; v++) {
        const char *value = x->values.texts[v];
        const char *at = strlen(value) >= SHORTEST ? find_words(r->text, r->text, value) : NULL;
        for (size_t a = 0; at != NULL && a < x->n_attributes; a++)
            if (is_used(&x->attributes[a], x->n, v))
                add(r, (rec_emb_condition){.kind = is_negated(r->text, at) ? REC_EMB_LACKS
                                                                           : REC_EMB_HAS,
                                           .attribute = (uint32_t)a,
                                           .value = v});
    }
}

/* The number behind the words; false where there is none. */
static bool number_after(double *out, const reader *r, const char *words)
{
    const char *at = find_words(r->text, r->text, words);
    if (at == NULL)
        return false;
    at += strlen(words);
    at += strspn(at, " $");
    char *end;
    *out = isdigit((unsigned char)*at) ? strtod(at, &end) : NAN;
    return !isnan(*out);
}

static void read_prices(reader *r)
{
    static const char *const below[] = {"less than", "under", "below", "cheaper than"};
    static const char *const above[] = {"more than", "over", "above"};
    double price;
    for (size_t i = 0; r->items->price != NULL && i < sizeof below / sizeof *below; i++)
        if (number_after(&price, r, below[i]))
            add(r, (rec_emb_condition){.kind = REC_EMB_PRICE, .low = -INFINITY, .high = price});
    for (size_t i = 0; r->items->price != NULL && i < sizeof above / sizeof *above; i++)
        if (number_after(&price, r, above[i]))
            add(r, (rec_emb_condition){.kind = REC_EMB_PRICE, .low = price, .high = INFINITY});
}

static double start_of(double year)
{
    return (double)rec_date_seconds((int64_t)year, 1, 1);
}

static void add_dates(reader *r, double low, double high)
{
    add(r, (rec_emb_condition){.kind = REC_EMB_DATE, .low = low, .high = high});
}

static void read_dates(reader *r)
{
    static const char *const decades[] = {"fifties", "sixties", "seventies", "eighties",
                                          "nineties"};
    double year;
    if (r->items->date == NULL)
        return;
    if (number_after(&year, r, "before") && year >= 1000 && year < 3000)
        add_dates(r, -INFINITY, start_of(year));
    if (number_after(&year, r, "after") && year >= 1000 && year < 3000)
        add_dates(r, start_of(year + 1), INFINITY);
    if ((number_after(&year, r, "in") || number_after(&year, r, "from")) && year >= 1000 &&
        year < 3000)
        add_dates(r, start_of(year), start_of(year + 1));
    for (size_t d = 0; d < sizeof decades / sizeof *decades; d++)
        if (find_words(r->text, r->text, decades[d]) != NULL)
            add_dates(r, start_of(1950 + 10 * (double)d), start_of(1960 + 10 * (double)d));
}

size_t rec_emb_read_query(rec_emb_condition *out, size_t max, const rec_emb_items *x,
                          const char *text)
{
    reader r = {.items = x, .text = text, .out = out, .max = max};
    read_values(&r);
    read_prices(&r);
    read_dates(&r);
    return r.n;
}
