/* Answers by rule: floors and ceilings for tables, and tests of everything that reads replies. A rule
 * answers from the request's answer key (rec_lm_answer_key), never from a model, and is labelled so:
 * its identity begins with "scripted". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/rng.h"
#include "models/lm/backend.h"

typedef enum role { PERFECT, RANDOM, POPULARITY, COPY, REFUSE, EMPTY, ECHO, SAY } role;
static const char *const roles[] = {"perfect", "random", "popularity", "copy", "refuse",
                                    "empty",   "echo",   "say",        NULL};

typedef enum format { END, JSON, NUMBERED, BULLETS, COMMAS, LINES, PROSE, FENCED, CUT } format;
static const char *const formats[] = {"end",   "json",  "numbered", "bullets", "commas",
                                      "lines", "prose", "fenced",   "cut",     NULL};

typedef struct scripted_options {
    int role, format;
    char *text;
} scripted_options;

#define FIELD(name) offsetof(scripted_options, name)
static const rec_option options[] = {
    {"role",
     "what it answers: the targets first | candidates in random order | by popularity | the "
     "candidates as listed | a refusal | nothing | its last message | `text`",
     FIELD(role), REC_OPT_ENUM, .choices = roles},
    {"format", "how it writes lists; cut: as numbered, broken off half way", FIELD(format),
     REC_OPT_ENUM, .choices = formats},
    {"text", "what role `say` answers", FIELD(text), REC_OPT_STRING, .text = "Yes."},
    {.key = NULL},
};
#undef FIELD

typedef struct scripted {
    rec_lm base;
    role role;
    format format;
    char *text; /* owned */
    char identity[160];
} scripted;

/* ---- what to say ---- */

typedef struct titles {
    const char **items; /* in the arena */
    size_t n;
} titles;

static bool holds(const char *const *list, size_t n, const char *title)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], title) == 0)
            return true;
    return false;
}

/* Append those of a list that are not there yet and, where candidates are offered, are of them. */
static void add(titles *out, const rec_lm_answer_key *key, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!holds((const char *const *)out->items, out->n, list[i]) &&
            (key->n_candidates == 0 || holds(key->candidates, key->n_candidates, list[i])))
            out->items[out->n++] = list[i];
}

static void shuffle(titles *t, const rec_lm_request *request)
{
    rec_rng rng = rec_rng_keyed(request->sampling.seed, "scripted/order",
                                request->id + ((uint64_t)request->repeat << 48));
    rec_rng_shuffle(&rng, (void *)t->items, t->n, sizeof *t->items);
}

static rec_status choose(titles *out, const scripted *s, const rec_lm_request *request,
                         rec_arena *arena, rec_error *err)
{
    static const rec_lm_answer_key nothing = {.n_candidates = 0};
    const rec_lm_answer_key *key = request->key != NULL ? request->key : &nothing;
    size_t room = key->n_targets + key->n_popular + key->n_candidates;
    *out = (titles){.items = rec_arena_alloc(arena, room, sizeof *out->items, err)};
    if (out->items == NULL)
        return REC_ERR_RESOURCE;
    if (s->role == PERFECT)
        add(out, key, key->targets, key->n_targets);
    if (s->role == POPULARITY || (s->role == RANDOM && key->n_candidates == 0))
        add(out, key, key->popular, key->n_popular);
    add(out, key, key->candidates, key->n_candidates);
    if (s->role == RANDOM)
        shuffle(out, request);
    if (key->n_wanted > 0 && key->n_wanted < out->n)
        out->n = key->n_wanted;
    return REC_OK;
}

/* ---- how to say it ---- */

static rec_status write_json(rec_buffer *out, const titles *t, rec_error *err)
{
    cJSON *array = cJSON_CreateStringArray(t->items, (int)t->n);
    char *text = array != NULL ? rec_json_print(array, err) : NULL;
    rec_status status = text != NULL ? rec_buffer_puts(out, text, err)
                                     : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    free(text);
    cJSON_Delete(array);
    return status;
}

static rec_status write_entry(rec_buffer *out, format f, size_t i, const char *title,
                              rec_error *err)
{
    const char *separator = i > 0 ? "\n" : "";
    switch (f) {
    case END:
        return rec_buffer_printf(out, err, "%s<end>", title);
    case COMMAS:
        return rec_buffer_printf(out, err, "%s%s", i > 0 ? ", " : "", title);
    case LINES:
        return rec_buffer_printf(out, err, "%s%s", separator, title);
    case BULLETS:
        return rec_buffer_printf(out, err, "%s- %s", separator, title);
    default:
        return rec_buffer_printf(out, err, "%s%zu. %s", separator, i + 1, title);
    }
}

static rec_status write_list(rec_buffer *out, format f, const titles *t, rec_error *err)
{
    static const char preamble[] = "Here is what I would recommend, based on the history:\n\n";
    static const char closing[] = "\n\nI hope this helps!";
    rec_status status = rec_buffer_puts(out,
                                        f == PROSE    ? preamble
                                        : f == FENCED ? "```json\n"
                                                      : "",
                                        err);
    if (status == REC_OK && (f == JSON || f == FENCED))
        status = write_json(out, t, err);
    for (size_t i = 0; i < t->n && status == REC_OK && f != JSON && f != FENCED; i++)
        status = write_entry(out, f, i, t->items[i], err);
    if (status == REC_OK)
        status = rec_buffer_puts(out, f == PROSE ? closing : f == FENCED ? "\n```" : "", err);
    if (status == REC_OK && f == CUT && out->length > 1)
        out->data[out->length /= 2] = '\0';
    return status;
}

/* The last message, or the whole text. */
static rec_status write_echo(rec_buffer *out, const rec_lm_input *input, rec_error *err)
{
    size_t first = 0;
    for (size_t i = 1; i < input->n_parts && input->chat; i++)
        if (input->parts[i].role != input->parts[i - 1].role)
            first = i;
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = first; i < input->n_parts && status == REC_OK; i++) {
        const rec_lm_part *p = &input->parts[i];
        if (p->kind == REC_LM_TRUSTED || p->kind == REC_LM_DATA)
            status = rec_buffer_append(out, p->text, p->n > 0 ? p->n : strlen(p->text), err);
    }
    return status;
}

static rec_status write_answer(rec_buffer *out, const scripted *s, const rec_lm_request *request,
                               rec_arena *arena, rec_error *err)
{
    static const char refusal[] = "I'm sorry, but I can't help with that.";
    titles t;
    if (s->role == EMPTY || s->role == REFUSE || s->role == SAY)
        return rec_buffer_puts(out,
                               s->role == SAY      ? s->text
                               : s->role == REFUSE ? refusal
                                                   : "",
                               err);
    if (s->role == ECHO)
        return write_echo(out, &request->input, err);
    rec_status status = choose(&t, s, request, arena, err);
    if (status != REC_OK)
        return status;
    if (t.n == 1 && s->format == END) /* a letter, an item: nothing to separate */
        return rec_buffer_puts(out, t.items[0], err);
    return write_list(out, s->format, &t, err);
}

/* Stop strings and budgets are of models that write token by token: a rule answers whole. */
static rec_status answer(rec_lm_reply *reply, const scripted *s, const rec_lm_request *request,
                         rec_error *err)
{
    rec_buffer text = {0};
    rec_arena arena = {0};
    rec_status status;
    REC_TRY_NEW(reply->best, 1, err);
    reply->n_best = 1;
    REC_TRY(write_answer(&text, s, request, &arena, err));
    reply->best[0].text = rec_buffer_take(&text, err);
    reply->best[0].finish = REC_FINISH_STOP;
    status = reply->best[0].text != NULL ? REC_OK : REC_ERR_RESOURCE;
cleanup:
    rec_arena_deinit(&arena);
    rec_buffer_deinit(&text);
    return status;
}

/* ---- the back end ---- */

static rec_status scripted_generate(rec_lm_reply *replies, rec_lm *lm,
                                    const rec_lm_request *requests, size_t n, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i++)
        status = answer(&replies[i], (const scripted *)(const void *)lm, &requests[i], err);
    return status;
}

static rec_status scripted_identity(const char **out, rec_lm *lm, rec_error *err)
{
    (void)err;
    *out = lm->identity;
    return REC_OK;
}

static void scripted_free(rec_lm *lm)
{
    scripted *s = (scripted *)(void *)lm;
    free(s->text);
    free(s);
}

static unsigned scripted_can(const void *values)
{
    (void)values;
    return REC_LM_GENERATES;
}

static rec_status scripted_open(rec_lm **out, const void *values, rec_error *err)
{
    static const rec_lm_backend backend = {
        .name = "scripted",
        .generate = scripted_generate,
        .identity = scripted_identity,
        .free = scripted_free,
    };
    const scripted_options *o = values;
    *out = NULL;
    scripted *s = rec_alloc(1, sizeof *s, err);
    if (s == NULL)
        return REC_ERR_RESOURCE;
    *s = (scripted){.base = {.backend = &backend, .can = scripted_can(o)},
                    .role = (role)o->role,
                    .format = (format)o->format,
                    .text = rec_strdup(o->text, err)};
    if (s->text == NULL) {
        free(s);
        return REC_ERR_RESOURCE;
    }
    snprintf(s->identity, sizeof s->identity, "scripted:%s:%s%s%.100s", roles[o->role],
             formats[o->format], s->role == SAY ? ":" : "", s->role == SAY ? s->text : "");
    s->base.identity = s->identity;
    *out = &s->base;
    return REC_OK;
}

const rec_lm_backend_type rec_lm_backend_scripted = {
    .name = "scripted",
    .help = "answers by rule, no model: baselines and tests; labelled as scripted",
    .size = sizeof(scripted_options),
    .options = options,
    .can = scripted_can,
    .open = scripted_open,
};
