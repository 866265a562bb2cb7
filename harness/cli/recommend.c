/* harness/cli/recommend.c: recai recommend REPORT|RUNDIR --system S */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/cli/command.h"
#include "harness/cli/data_reclm_emb.h"
#include "harness/cli/output.h"
#include "harness/report/sheet.h"
#include "harness/run/models.h"
#include "harness/run/rundir.h"
#include "models/reclm_emb/data.h"
#include "models/reclm_emb/item_text.h"
#include "models/reclm_emb/read_query.h"

typedef struct recommend_flags {
    char *system, *user, *history, *query, *items;
    int64_t k;
    bool repeat;
    int format;
} recommend_flags;

static const char *const formats[] = {"table", "md", "csv", NULL};

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
     "systems "
     "that go by texts find them, nothing is trained again",
     offsetof(recommend_flags, items), REC_OPT_STRING, .text = NULL},
    {"k", "how many items", offsetof(recommend_flags, k), REC_OPT_INT, .value = 10, .min = 1,
     .max = 100000},
    {"repeat", "items of the history may be recommended again", offsetof(recommend_flags, repeat),
     REC_OPT_BOOL, .value = 0},
    {"format", "form of the result", offsetof(recommend_flags, format), REC_OPT_ENUM,
     .choices = formats},
    {.key = NULL},
};

static const rec_flag_alias aliases[] = {{'s', "system"}, {'u', "user"}, {'k', "k"}, {0, NULL}};

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

/* ---- what a request in free text states ---- */

enum { CONDITIONS_MAX = 16 };

typedef struct stated {
    rec_emb_items items;
    rec_emb_data_options options;
    rec_emb_condition conditions[CONDITIONS_MAX];
    size_t n;
} stated;

/* *out NULL for requests without text. */
static rec_status read_stated(stated **out, const char *text, const rec_config *c,
                              const rec_dataset *d, rec_error *err)
{
    *out = NULL;
    if (text == NULL)
        return REC_OK;
    stated *s = rec_alloc(1, sizeof *s, err);
    if (s == NULL)
        return REC_ERR_RESOURCE;
    const rec_yaml *map = rec_data_reclm_emb_options(c->tree.root);
    rec_status status = rec_options_parse(&s->options, rec_emb_data_option_table, map, NULL, err);
    if (status == REC_OK) {
        status = rec_emb_data_items(&s->items, &s->options, &d->catalogue, err);
        if (status != REC_OK)
            rec_options_deinit(&s->options, rec_emb_data_option_table);
    }
    if (status != REC_OK) {
        free(s);
        return status;
    }
    s->n = rec_emb_read_query(s->conditions, CONDITIONS_MAX, &s->items, text);
    *out = s;
    return REC_OK;
}

static void stated_free(stated *s)
{
    if (s == NULL)
        return;
    rec_emb_items_deinit(&s->items);
    rec_options_deinit(&s->options, rec_emb_data_option_table);
    free(s);
}

/* "+genre: crime -not genre: comedy": which of the stated conditions hold (+) and which do not (-). */
static rec_status put_held(rec_buffer *out, const stated *s, uint32_t item, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < s->n && status == REC_OK; i++) {
        bool holds = rec_emb_holds(&s->items, &s->conditions[i], item);
        status = rec_buffer_printf(out, err, "%s%s", i > 0 ? " " : "", holds ? "+" : "-");
        if (status == REC_OK)
            status = rec_emb_condition_text(out, &s->items, &s->conditions[i], err);
    }
    return status;
}

static rec_status put_attributes(rec_buffer *out, const stated *s, uint32_t item, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t a = 0; a < s->items.n_attributes && status == REC_OK; a++) {
        const rec_emb_attribute *attribute = &s->items.attributes[a];
        if (attribute->start[item + 1] == attribute->start[item])
            continue;
        status = out->length > 0 ? rec_buffer_puts(out, ", ", err) : REC_OK;
        if (status == REC_OK)
            status = rec_emb_attribute_text(out, &s->items, item, a, err);
    }
    return status;
}

static rec_status put_stated(rec_sheet *sheet, const stated *s, uint32_t item, rec_error *err)
{
    rec_buffer attributes = {.length = 0}, held = {.length = 0};
    rec_status status = put_attributes(&attributes, s, item, err);
    if (status == REC_OK)
        status = put_held(&held, s, item, err);
    if (status == REC_OK)
        status = rec_sheet_cell(sheet, err, "%s", attributes.data);
    if (status == REC_OK && s->n > 0)
        status = rec_sheet_cell(sheet, err, "%s", held.data);
    rec_buffer_deinit(&held);
    rec_buffer_deinit(&attributes);
    return status;
}

/* @param s  what was stated, or NULL */
static rec_status print_list(const rec_reply *reply, const rec_dataset *d, const stated *s,
                             int format, rec_error *err)
{
    static const rec_format_kind kinds[] = {REC_FORMAT_TABLE, REC_FORMAT_MARKDOWN, REC_FORMAT_CSV};
    rec_sheet *sheet = NULL;
    rec_buffer text = {0};
    rec_status status;
    REC_TRY(rec_sheet_new(&sheet, NULL, err));
    REC_TRY(rec_sheet_column(sheet, "rank", true, err));
    REC_TRY(rec_sheet_column(sheet, "item", false, err));
    REC_TRY(rec_sheet_column(sheet, "score", true, err));
    REC_TRY(rec_sheet_column(sheet, "title", false, err));
    if (s != NULL)
        REC_TRY(rec_sheet_column(sheet, "attributes", false, err));
    if (s != NULL && s->n > 0)
        REC_TRY(rec_sheet_column(sheet, "stated (+ holds, - does not)", false, err));
    for (size_t i = 0; i < reply->n_ranked; i++) {
        uint32_t item = reply->items[i];
        const char *title = d->catalogue.titles != NULL ? d->catalogue.titles[item] : NULL;
        REC_TRY(rec_sheet_cell(sheet, err, "%zu", i + 1));
        REC_TRY(rec_sheet_cell(sheet, err, "%s", d->catalogue.ids[item]));
        REC_TRY(rec_sheet_cell(sheet, err, "%.6g", (double)reply->scores[i]));
        REC_TRY(rec_sheet_cell(sheet, err, "%s", title != NULL ? title : ""));
        if (s != NULL)
            REC_TRY(put_stated(sheet, s, item, err));
    }
    REC_TRY(rec_sheet_print(&text, sheet, kinds[format], rec_output_width(), err));
    status = rec_output_write(&text, err);
cleanup:
    rec_buffer_deinit(&text);
    rec_sheet_free(sheet);
    return status;
}

static rec_status answer(const rec_system *system, const rec_query *query,
                         const recommend_flags *flags, const rec_config *config,
                         const rec_dataset *d, rec_error *err)
{
    const rec_request request = {
        .to = REC_PARTY_SYSTEM,
        .kind = REC_REQUEST_RANK,
        .rank = {.query = *query,
                 .excluded = flags->repeat ? NULL : query->history,
                 .n_excluded = flags->repeat ? 0 : query->n_history},
        .k = (size_t)flags->k,
        .ties = REC_TIES_INDEX,
    };
    rec_reply_batch replies = {0};
    stated *s = NULL;
    rec_status status;
    REC_TRY(read_stated(&s, query->text, config, d, err));
    REC_TRY(rec_system_answer(&replies, system, &request, 1, d->catalogue.n_items, err));
    if (replies.replies[0].failure != NULL)
        status = rec_fail(err, REC_ERR_MODEL, "%s", replies.replies[0].failure);
    else
        status = print_list(&replies.replies[0], d, s, flags->format, err);
cleanup:
    stated_free(s);
    rec_reply_batch_deinit(&replies);
    return status;
}

/* One request per line of standard input: a file of them, or a person. */
static rec_status answer_lines(const rec_system *system, rec_query query,
                               const recommend_flags *flags, const rec_config *config,
                               const rec_dataset *d, rec_error *err)
{
    char *line = NULL;
    size_t capacity = 0;
    rec_status status = REC_OK;
    for (ssize_t n; status == REC_OK && (n = getline(&line, &capacity, stdin)) >= 0;) {
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line[--n] = '\0';
        if (n == 0)
            continue;
        query.text = line;
        status = answer(system, &query, flags, config, d, err);
    }
    free(line);
    return status;
}

static rec_status recommend(void *self, char *const *arguments, size_t n_arguments, rec_error *err)
{
    const recommend_flags *flags = self;
    rec_opened_run opened = {0};
    rec_system *system = NULL;
    rec_model_facts facts = {0};
    uint32_t *history = NULL;
    const rec_step *step;
    rec_query query;
    rec_status status;
    (void)n_arguments;
    REC_TRY(rec_opened_run_init(&opened, arguments[0], err));
    REC_TRY(find_step(&step, opened.run, flags->system, err));
    if ((opened.config->systems[step->system].prototype->type.can & REC_CAN_SCORE) == 0) {
        status = rec_fail(err, REC_ERR_CONFIG, "--system: %s cannot score items", flags->system);
        goto cleanup;
    }
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
    bool is_lines = flags->query != NULL && strcmp(flags->query, "-") == 0;
    status = is_lines ? answer_lines(system, query, flags, opened.config, opened.run->dataset, err)
                      : answer(system, &query, flags, opened.config, opened.run->dataset, err);
cleanup:
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
               "anybody else\nby what they consumed, or by free text.",
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
