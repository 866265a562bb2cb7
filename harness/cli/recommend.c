/* harness/cli/recommend.c: recai recommend REPORT|RUNDIR --system S */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/output.h"
#include "harness/cli/recommend_list.h"
#include "harness/run/models.h"
#include "harness/run/rundir.h"

typedef struct recommend_flags {
    char *system, *user, *history, *query, *items;
    int64_t k;
    bool repeat;
    int format;
} recommend_flags;

static const rec_option options[] = {
    {"system", "name of a system of the run", offsetof(recommend_flags, system), REC_OPT_STRING,
     .required = true},
    {"user", "id of a user of the data: all of the user's interactions are the history",
     offsetof(recommend_flags, user), REC_OPT_STRING, .text = NULL},
    {"history", "ids of items, oldest first, separated by commas",
     offsetof(recommend_flags, history), REC_OPT_STRING, .text = NULL},
    {"query", "free text, for systems that read it; - reads one request per line",
     offsetof(recommend_flags, query), REC_OPT_STRING, .text = NULL},
    {"items",
     "JSON file or lines {id, title, columns of the data} of items that came after the run: "
     "systems that go by texts find them, nothing is trained again",
     offsetof(recommend_flags, items), REC_OPT_STRING, .text = NULL},
    {"k", "how many items", offsetof(recommend_flags, k), REC_OPT_INT, .value = 10, .min = 1,
     .max = 100000},
    {"repeat", "items of the history may be recommended again", offsetof(recommend_flags, repeat),
     REC_OPT_BOOL, .value = 0},
    {"format", "form of the result; json: one line per request", offsetof(recommend_flags, format),
     REC_OPT_ENUM, .choices = rec_list_formats},
    {.key = NULL},
};

static const rec_flag_alias aliases[] = {
    {'s', "system"}, {'u', "user"}, {'k', "k"}, {'f', "format"}, {0, NULL}};

/* The first fit step of the system: with several seeds, the first seed's model. */
static rec_status find_step(const rec_step **out, const rec_run *r, const char *name,
                            rec_error *err)
{
    const rec_config *c = r->config;
    for (size_t i = 0; i < r->plan.n; i++) {
        *out = &r->plan.steps[i];
        if ((*out)->kind == REC_STEP_FIT && strcmp(c->systems[(*out)->system].name, name) == 0)
            return REC_OK;
    }
    const char **names = rec_alloc(c->n_systems, sizeof *names, err);
    if (names == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < c->n_systems; i++)
        names[i] = c->systems[i].name;
    char hint[REC_HINT_MAX];
    rec_hint(hint, name, names, c->n_systems);
    rec_fail(err, REC_ERR_CONFIG, "--system: the run has no system \"%s\"%s", name, hint);
    free(names);
    return REC_ERR_CONFIG;
}

/* *items is the caller's. */
static rec_status parse_history(uint32_t **items, size_t *n, const char *text, const rec_dataset *d,
                                rec_error *err)
{
    rec_status status = REC_OK;
    char *copy = rec_strdup(text, err), *rest = copy;
    *n = 0;
    *items = rec_alloc(strlen(text) + 1, sizeof **items, err);
    if (copy == NULL || *items == NULL)
        status = REC_ERR_RESOURCE;
    for (char *id; status == REC_OK && (id = strsep(&rest, ",")) != NULL;) {
        id += strspn(id, " ");
        if (*id == '\0')
            continue;
        uint32_t item = rec_dataset_item(d, id);
        if (item == REC_NO_ITEM)
            status = rec_fail(err, REC_ERR_DATA, "--history: no item has the id \"%s\"", id);
        else
            (*items)[(*n)++] = item;
    }
    free(copy);
    return status;
}

static rec_status build_query(rec_query *q, uint32_t **owned, const recommend_flags *flags,
                              const rec_dataset *d, rec_error *err)
{
    *q = (rec_query){.user = REC_NO_USER, .text = flags->query};
    *owned = NULL;
    if ((flags->user != NULL) + (flags->history != NULL) > 1 ||
        (flags->user == NULL && flags->history == NULL && flags->query == NULL))
        return rec_fail(err, REC_ERR_CONFIG, "give --user, --history or --query");
    if (flags->history != NULL) {
        rec_status status = parse_history(owned, &q->n_history, flags->history, d, err);
        q->history = *owned;
        return status;
    }
    if (flags->user == NULL)
        return REC_OK;
    q->user = rec_dataset_user(d, flags->user);
    if (q->user == REC_NO_USER)
        return rec_fail(err, REC_ERR_DATA, "--user: no user has the id \"%s\"", flags->user);
    const rec_interactions *x = &d->interactions;
    size_t start = x->start[q->user];
    q->history = x->item + start;
    q->values = x->value != NULL ? x->value + start : NULL;
    q->times = x->time != NULL ? x->time + start : NULL;
    q->n_history = x->start[q->user + 1] - start;
    return REC_OK;
}

/* ---- asking ---- */

/* What all requests of a call share. */
typedef struct session {
    const recommend_flags *flags;
    const rec_system *system;
    const rec_dataset *dataset;
    const rec_list_view *view;
} session;

static rec_status answer(const session *s, const rec_query *query, size_t place, rec_error *err)
{
    const recommend_flags *f = s->flags;
    const rec_request request = {
        .to = REC_PARTY_SYSTEM,
        .kind = REC_REQUEST_RANK,
        .rank = {.query = *query,
                 .excluded = f->repeat ? NULL : query->history,
                 .n_excluded = f->repeat ? 0 : query->n_history},
        .k = (size_t)f->k,
        .ties = REC_TIES_INDEX,
    };
    rec_reply_batch replies = {0};
    rec_buffer text = {.length = 0};
    rec_status status;
    REC_TRY(
        rec_system_answer(&replies, s->system, &request, 1, s->dataset->catalogue.n_items, err));
    if (replies.replies[0].failure != NULL)
        REC_TRY(rec_fail(err, REC_ERR_MODEL, "%s", replies.replies[0].failure));
    REC_TRY(rec_list_view_put(&text, s->view, &replies.replies[0], query->text, place,
                              (rec_list_format)f->format, err));
    status = rec_output_write(&text, err);
cleanup:
    rec_buffer_deinit(&text);
    rec_reply_batch_deinit(&replies);
    return status;
}

/* A person is shown that it is their turn. */
static void prompt(void)
{
    if (isatty(STDIN_FILENO))
        fputs("> ", stderr);
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* A line of standard input, without its end and without a byte order mark; NULL: not to be asked. */
static rec_status read_request(const char **text, char *line, size_t n, size_t number,
                               rec_error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const size_t n_valid = rec_utf8_valid_prefix(line, n);
    if (n_valid < n)
        return rec_fail(err, REC_ERR_DATA, "standard input:%zu: not UTF-8 at byte %zu", number,
                        n_valid + 1);
    if (memchr(line, '\0', n) != NULL)
        return rec_fail(err, REC_ERR_DATA, "standard input:%zu: a NUL byte", number);
    while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
        line[--n] = '\0';
    if (number == 1 && strncmp(line, mark, strlen(mark)) == 0)
        line += strlen(mark);
    *text = is_blank(line) ? NULL : line;
    return REC_OK;
}

/* One request per line of standard input: a file of them, or a person, answered as they come. */
static rec_status answer_lines(const session *s, rec_query query, rec_error *err)
{
    char *line = NULL;
    size_t capacity = 0, place = 0, number = 0;
    rec_status status = REC_OK;
    prompt();
    for (ssize_t n; status == REC_OK && (n = getline(&line, &capacity, stdin)) >= 0; prompt()) {
        status = read_request(&query.text, line, (size_t)n, ++number, err);
        if (status == REC_OK && query.text != NULL)
            status = answer(s, &query, ++place, err);
    }
    if (status == REC_OK && ferror(stdin))
        status = rec_fail(err, REC_ERR_DATA, "standard input: cannot read: %s", strerror(errno));
    free(line);
    return status;
}

static rec_status check_request(const char *text, rec_error *err)
{
    const size_t n_valid = rec_utf8_valid_prefix(text, strlen(text));
    if (text[n_valid] != '\0')
        return rec_fail(err, REC_ERR_CONFIG, "--query: not UTF-8 at byte %zu", n_valid + 1);
    return is_blank(text) ? rec_fail(err, REC_ERR_CONFIG, "--query: an empty request") : REC_OK;
}

static rec_status check_system(const rec_system_type *type, const recommend_flags *f,
                               rec_error *err)
{
    if ((type->can & REC_CAN_SCORE) == 0 || type->sees_answers)
        return rec_fail(err, REC_ERR_CONFIG, "--system: %s cannot %s", f->system,
                        type->sees_answers ? "recommend: it ranks by the answers of a task"
                                           : "score items");
    if (f->query != NULL && (type->can & REC_CAN_SEARCH) == 0)
        return rec_fail(err, REC_ERR_CONFIG, "--query: %s does not read text", f->system);
    return f->query != NULL ? check_request(f->query, err) : REC_OK;
}

static rec_status recommend(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const recommend_flags *flags = self;
    rec_opened_run opened = {0};
    rec_system *system = NULL;
    rec_list_view *view = NULL;
    rec_model_facts facts = {0};
    uint32_t *history = NULL;
    const rec_step *step;
    rec_query query;
    rec_status status;
    (void)n_arguments;
    REC_TRY(rec_opened_run_init(&opened, arguments[0], err));
    REC_TRY(find_step(&step, opened.run, flags->system, err));
    REC_TRY(check_system(&opened.config->systems[step->system].prototype->type, flags, err));
    if (flags->items != NULL)
        REC_TRY(rec_opened_run_add_items(&opened, flags->items, err));
    REC_TRY(build_query(&query, &history, flags, opened.run->dataset, err));
    status = rec_run_model(&system, &facts, opened.run, step, err);
    if (status != REC_OK && flags->items != NULL)
        rec_error_prefix(err,
                         "--items: %s knows the items it was fitted on and no others, unless it "
                         "goes by texts",
                         flags->system);
    REC_TRY(status);
    REC_TRY(
        rec_list_view_new(&view, opened.config, opened.run->dataset, flags->query != NULL, err));
    const session all = {flags, system, opened.run->dataset, view};
    bool is_lines = flags->query != NULL && strcmp(flags->query, "-") == 0;
    status = is_lines ? answer_lines(&all, query, err) : answer(&all, &query, 0, err);
cleanup:
    rec_list_view_free(view);
    rec_system_free(system);
    rec_model_facts_deinit(&facts);
    rec_opened_run_deinit(&opened);
    free(history);
    return status;
}

const rec_command rec_command_recommend = {
    .name = "recommend",
    .arguments = "REPORT|RUNDIR",
    .help = "ask a fitted system for recommendations",
    .details = "The model comes out of the run directory. A user of the data is asked for by id; "
               "anybody else\nby what they consumed, or by free text (`-`: a file of requests, or "
               "typed one by one).",
    .examples = "  recai recommend results/quickstart.h5 --system ease --user 42\n"
                "  recai recommend results/reclm-emb-movies.h5 -s tuned --query \"a heist film\"\n"
                "  recai recommend results/reclm-emb-movies.h5 -s tuned --items new.jsonl --query "
                "\"a heist film\"\n"
                "  recai recommend results/quickstart.h5 -s item_knn --history 50,181,174 -k 5",
    .size = sizeof(recommend_flags),
    .options = options,
    .aliases = aliases,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = recommend,
};
