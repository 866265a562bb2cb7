/* harness/judges/last_object.c: balanced-brace extraction. One pass notes where outermost and nested
 * objects begin and end; then candidates are tried from the end of the text backwards. */
#include "harness/judges/last_object.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_DEPTH = 64,     /* braces that are open at once; a verdict needs two */
    MAX_CANDIDATES = 8, /* the latest ones are kept, so that time stays linear */
};

typedef struct span {
    size_t begin, end; /* text[begin] is '{', text[end - 1] its '}' */
} span;

typedef struct scan {
    size_t open[MAX_DEPTH];
    size_t depth, n_lost; /* n_lost: braces beyond MAX_DEPTH */
    bool in_string, is_escaped;
    span last[MAX_CANDIDATES]; /* ring */
    size_t n;
} scan;

static void open_brace(scan *s, size_t at)
{
    if (s->depth < MAX_DEPTH)
        s->open[s->depth++] = at;
    else
        s->n_lost++;
}

static void close_brace(scan *s, size_t at)
{
    if (s->n_lost > 0)
        s->n_lost--;
    else if (s->depth > 0)
        s->last[s->n++ % MAX_CANDIDATES] = (span){s->open[--s->depth], at + 1};
}

/* Quotes mean something inside braces only: prose has apostrophes and lone quotes. A string of JSON
 * does not cross lines, which is how the scan recovers from a lone quote. */
static void read_char(scan *s, char c, size_t at)
{
    if (c == '\n') {
        s->in_string = s->is_escaped = false;
    } else if (s->in_string) {
        s->in_string = s->is_escaped || c != '"';
        s->is_escaped = !s->is_escaped && c == '\\';
    } else if (c == '"') {
        s->in_string = s->depth > 0;
    } else if (c == '{') {
        open_brace(s, at);
    } else if (c == '}') {
        close_brace(s, at);
    }
}

rec_status rec_last_object(cJSON **out, const char *text, rec_error *err)
{
    scan s = {.n = 0};
    *out = NULL;
    for (size_t i = 0; text[i] != '\0'; i++)
        read_char(&s, text[i], i);
    size_t n = s.n < MAX_CANDIDATES ? s.n : MAX_CANDIDATES;
    for (size_t i = 1; i <= n; i++) {
        const span *c = &s.last[(s.n - i) % MAX_CANDIDATES];
        rec_status status =
            rec_json_parse(out, text + c->begin, c->end - c->begin, "reply", 1, err);
        if (status != REC_ERR_DATA)
            return status;
        *out = NULL;
    }
    return REC_OK;
}

const cJSON *rec_object_member(const cJSON *object, const char *name)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        if (member->string != NULL && strcasecmp(member->string, name) == 0)
            return member;
    }
    return NULL;
}
