#include "harness/replies/markup.h"

#include <stdlib.h>

#include "core/buffer.h"
#include "core/memory.h"

/* Width of a tag of thoughts that begins here, or 0. */
static size_t thought_tag(rec_span at, bool closing)
{
    static const char *const tags[][2] = {
        {"<think>", "</think>"}, {"<thinking>", "</thinking>"}, {"<reasoning>", "</reasoning>"}};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (rec_span_starts_folded(at, tags[i][closing]))
            return strlen(tags[i][closing]);
    return 0;
}

/* Copies what is outside of thoughts. A closing tag without an opening one clears what was copied:
 * some chat templates put the opening tag into the prompt. */
static rec_status drop_thoughts(rec_buffer *out, rec_span text, rec_error *err)
{
    rec_status status = REC_OK;
    bool inside = false;
    while (status == REC_OK && text.n > 0) {
        const char *at = memchr(text.text, '<', text.n);
        size_t before = at != NULL ? (size_t)(at - text.text) : text.n;
        rec_span tag = rec_span_from(text, before);
        size_t opening = thought_tag(tag, false), closing = thought_tag(tag, true);
        size_t kept = opening + closing > 0 || tag.n == 0 ? before : before + 1;
        if (!inside)
            status = rec_buffer_append(out, text.text, kept, err);
        if (closing > 0 && !inside)
            rec_buffer_clear(out);
        inside = opening > 0 || (inside && closing == 0);
        text = rec_span_from(text, kept + opening + closing);
    }
    return status;
}

static bool is_fence(rec_span line)
{
    line = rec_span_trim_start(line);
    return rec_span_starts(line, "```") || rec_span_starts(line, "~~~");
}

/* "```json" lines go; "```["a"]```" on one line keeps what is between. */
static rec_status drop_fences(rec_buffer *out, rec_span text, rec_error *err)
{
    rec_status status = REC_OK;
    while (status == REC_OK && text.n > 0) {
        rec_span line = rec_span_line(&text), trimmed = rec_span_trim(line);
        if (is_fence(line) && !(trimmed.n > 6 && rec_span_ends(trimmed, "```")))
            continue;
        if (is_fence(line))
            line = (rec_span){trimmed.text + 3, trimmed.n - 6};
        status = rec_buffer_append(out, line.text, line.n, err);
        if (status == REC_OK)
            status = rec_buffer_append(out, "\n", 1, err);
    }
    return status;
}

rec_status rec_markup_answer(char **out, const char *reply, rec_error *err)
{
    rec_buffer spoken = {0}, answer = {0};
    rec_status status;
    *out = NULL;
    REC_TRY(drop_thoughts(&spoken, rec_span_of(reply), err));
    REC_TRY(drop_fences(&answer, (rec_span){spoken.data, spoken.length}, err));
    *out = rec_buffer_take(&answer, err);
    status = *out != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    rec_buffer_deinit(&answer);
    rec_buffer_deinit(&spoken);
    return status;
}

/* Marks that come in pairs around a text; the longer before the shorter. */
static const struct pair {
    const char *open, *close;
} pairs[] = {
    {"***", "***"}, {"**", "**"}, {"__", "__"}, {"*", "*"},   {"_", "_"},
    {"`", "`"},     {"\"", "\""}, {"'", "'"},   {"“", "”"},   {"‘", "’"},
    {"«", "»"},     {"「", "」"}, {"『", "』"}, {"《", "》"}, {"[", "]"},
};
enum { N_PAIRS = sizeof pairs / sizeof pairs[0] };

static size_t count_marks(rec_span s, const char *mark)
{
    size_t n = 0;
    for (size_t at; (at = rec_span_find(s, mark)) < s.n; n++)
        s = rec_span_from(s, at + strlen(mark));
    return n;
}

/* In "*a* and *b*" the outer marks are no pair: an even number stands between them. A closing mark of
 * another shape than the opening one must not occur at all. */
static rec_span inside_pair(rec_span s, const struct pair *p)
{
    size_t open = strlen(p->open), close = strlen(p->close);
    if (s.n <= open + close || !rec_span_starts(s, p->open) || !rec_span_ends(s, p->close))
        return s;
    rec_span inner = {s.text + open, s.n - open - close};
    size_t n = count_marks(inner, p->close);
    return n == 0 || (n % 2 == 1 && strcmp(p->open, p->close) == 0) ? inner : s;
}

static rec_span without_mark(rec_span s, const char *prefix, const char *suffix)
{
    if (rec_span_starts(s, prefix))
        s = rec_span_from(s, strlen(prefix));
    if (rec_span_ends(s, suffix))
        s.n -= strlen(suffix);
    return s;
}

/* "**Up" and "Up**": a mark whose other half is elsewhere on the line. */
static rec_span without_stray_emphasis(rec_span s)
{
    bool starts = rec_span_starts(s, "**"), ends = rec_span_ends(s, "**");
    if (s.n <= 2 || starts == ends)
        return s;
    rec_span inner = starts ? rec_span_from(s, 2) : rec_span_to(s, s.n - 2);
    return rec_span_find(inner, "**") == inner.n ? inner : s;
}

rec_span rec_markup_bare(rec_span s)
{
    enum { MAX_LAYERS = 8 };
    for (int layer = 0; layer < MAX_LAYERS; layer++) {
        size_t before = s.n;
        s = rec_span_trim(s);
        s = without_mark(s, "<SOI>", "<EOI>");
        s = without_mark(s, "<end>", "<end>");
        s = without_stray_emphasis(s);
        for (size_t p = 0; p < N_PAIRS; p++)
            s = inside_pair(s, &pairs[p]);
        if (s.n == before)
            break;
    }
    return s;
}

rec_status rec_markup_is_known(bool *out, const rec_title_index *known, rec_span text,
                               rec_error *err)
{
    rec_item_range items = {NULL, 0};
    *out = false;
    if (known == NULL || text.n == 0)
        return REC_OK;
    rec_status status = rec_title_index_canonical(&items, known, text, err);
    *out = items.n > 0 || rec_title_index_exact(known, text).n > 0;
    return status;
}

/* "**Up**: a film about..." and "[Up](https://...)" give "Up"; nothing emphasised: n = 0. */
static rec_span emphasised_head(rec_span s)
{
    static const struct pair heads[] = {{"**", "**"}, {"\"", "\""}, {"“", "”"}, {"《", "》"},
                                        {"「", "」"}, {"[", "]("},  {"`", "`"}, {"*", "*"}};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (!rec_span_starts(s, heads[i].open))
            continue;
        rec_span inner = rec_span_from(s, strlen(heads[i].open));
        size_t n = rec_span_find(inner, heads[i].close);
        if (n > 0 && n < inner.n)
            return rec_markup_bare(rec_span_to(inner, n));
    }
    return (rec_span){s.text, 0};
}

static rec_span without_end(rec_span s, const char *marks)
{
    while (s.n > 1 && strchr(marks, s.text[s.n - 1]) != NULL)
        s = rec_span_trim(rec_span_to(s, s.n - 1));
    return s;
}

/* Where an explanation may begin: offset of the next such mark at or after `from`, or s.n. */
static size_t next_cut(rec_span s, size_t from)
{
    static const char *const marks[] = {" - ", " – ", " — ", " -- ", ": ", " (",
                                        " [",  ", ",  "; ",  " | ",  "\t", " by "};
    for (size_t i = from; i < s.n; i++)
        if (strchr(" :,;\t", s.text[i]) != NULL)
            for (size_t m = 0; m < sizeof marks / sizeof marks[0]; m++)
                if (rec_span_starts(rec_span_from(s, i), marks[m]))
                    return i;
    return s.n;
}

/* The longest known beginning; n = 0 without one. The number of cuts is bounded, so that time stays
 * linear in the length of a line. */
static rec_status known_head(rec_span *out, rec_span s, const rec_title_index *known,
                             rec_error *err)
{
    enum { MAX_CUTS = 8 };
    rec_status status = REC_OK;
    *out = (rec_span){s.text, 0};
    size_t at = next_cut(s, 1);
    for (int i = 0; status == REC_OK && i < MAX_CUTS && at < s.n; i++) {
        bool is_known;
        rec_span head = rec_markup_bare(rec_span_to(s, at));
        status = rec_markup_is_known(&is_known, known, head, err);
        if (is_known)
            *out = head;
        at = next_cut(s, at + 1);
    }
    return status;
}

rec_status rec_markup_title(rec_span *out, rec_span item, const rec_title_index *known,
                            rec_error *err)
{
    bool is_known;
    rec_span whole = without_end(rec_markup_bare(item), ",;");
    rec_status status = rec_markup_is_known(&is_known, known, whole, err);
    *out = whole;
    if (status != REC_OK || is_known)
        return status;
    rec_span head = without_end(emphasised_head(whole), ":");
    if (head.n == 0 && known != NULL)
        status = known_head(&head, whole, known, err);
    if (head.n > 0)
        *out = head;
    return status;
}

bool rec_markup_is_sentence(rec_span s)
{
    enum { FEW_LOWER = 4 };
    size_t words = 0, lower = 0;
    bool inside = false;
    for (size_t i = 0; i < s.n; i++) {
        bool space = strchr(" \t\r\n", s.text[i]) != NULL;
        if (!space && !inside) {
            words++;
            lower += s.text[i] >= 'a' && s.text[i] <= 'z';
        }
        inside = !space;
    }
    return (lower >= FEW_LOWER && 2 * lower > words) || rec_span_ends(rec_span_trim(s), "。");
}

bool rec_markup_is_prose(rec_span s)
{
    enum { MANY_WORDS = 16 };
    return rec_span_words(s) >= MANY_WORDS || rec_markup_is_sentence(s);
}

size_t rec_markup_number(unsigned *number, rec_span line)
{
    enum { MAX_DIGITS = 3 }; /* "2001: A Space Odyssey" is a title */
    size_t i = 0, digits = 0;
    unsigned value = 0;
    while (i < line.n && line.text[i] != '\0' && strchr(" \t\r*_#>(", line.text[i]) != NULL)
        i++;
    for (; i < line.n && line.text[i] >= '0' && line.text[i] <= '9'; i++, digits++)
        value = digits < MAX_DIGITS ? 10 * value + (unsigned)(line.text[i] - '0') : 0;
    if (digits == 0 || digits > MAX_DIGITS)
        return 0;
    if (i < line.n && line.text[i] == '\\') /* "1\." in Markdown */
        i++;
    rec_span rest = rec_span_from(line, i);
    size_t mark = rec_span_starts(rest, "、") ? strlen("、") : 1;
    if (rest.n <= mark || (mark == 1 && strchr(".):", rest.text[0]) == NULL))
        return 0;
    if (rest.text[mark] >= '0' && rest.text[mark] <= '9') /* "1.5", "12:30" */
        return 0;
    if (number != NULL)
        *number = value;
    return i + mark;
}
