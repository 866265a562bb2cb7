/* harness/replies/title_rules.c: preprocess/generate_data.py, evaluates/evaluate.py (list metrics, errors,
 * conversation) and the embedding prompts of RecLM-eval. */
#include "harness/replies/title_rules.h"

#include <stdlib.h>

#include "core/memory.h"
#include "harness/replies/titles.h"

enum { MAX_MEMBERS = 4, DESCRIPTION_CHARACTERS = 50 };

static const char *const members_of[][MAX_MEMBERS + 1] = {
    [REC_TITLE_GENERATOR] = {"title"},
    [REC_TITLE_LIST_METRICS] = {"TitleName", "app_name", "GameName", "title"},
    [REC_TITLE_ERRORS] = {"TitleName", "app_name", "title"},
    [REC_TITLE_CONVERSATION] = {"TitleName", "app_name", "title"},
    [REC_TITLE_EMBEDDING] = {"app_name", "title"},
};

/* Text of a member, borrowed; NULL where the item lacks it. */
static rec_status text_of(const char **out, const rec_catalogue *c, uint32_t item,
                          const char *member, rec_error *err)
{
    const rec_column *column = rec_catalogue_column(c, member);
    *out = NULL;
    if (strcmp(member, "title") == 0)
        *out = c->titles[item];
    else if (column != NULL && column->type == REC_COLUMN_TEXT)
        *out = column->text[item];
    else if (column != NULL)
        return rec_fail(err, REC_ERR_DATA, "item \"%s\": column \"%s\" is not a text", c->ids[item],
                        member);
    return REC_OK;
}

static rec_status copy(char **out, rec_span text, rec_error *err)
{
    *out = rec_alloc(text.n + 1, 1, err);
    if (*out == NULL)
        return REC_ERR_RESOURCE;
    memcpy(*out, text.text, text.n);
    return REC_OK;
}

static rec_span first_characters(const char *text, size_t n)
{
    rec_span rest = rec_span_of(text);
    for (uint32_t c; n > 0 && rest.n > 0; n--)
        rest = rec_span_from(rest, rec_span_first(&c, rest));
    return rec_span_to(rec_span_of(text), strlen(text) - rest.n);
}

/* What the embedding prompts say of an item without a title. */
static rec_status substitute(char **out, const rec_catalogue *c, uint32_t item, rec_error *err)
{
    const char *description;
    rec_status status = text_of(&description, c, item, "description", err);
    if (status != REC_OK)
        return status;
    if (description != NULL)
        return copy(out, first_characters(description, DESCRIPTION_CHARACTERS), err);
    const rec_column *categories = rec_catalogue_column(c, "categories");
    bool has_categories = categories != NULL && categories->type == REC_COLUMN_TEXTS &&
                          categories->start[item] < categories->start[item + 1];
    return copy(out,
                rec_span_of(has_categories ? categories->texts[categories->start[item + 1] - 1]
                                           : "No title"),
                err);
}

rec_status rec_title_of_item(char **out, const rec_catalogue *c, uint32_t item, rec_title_rule rule,
                             rec_error *err)
{
    const char *title = NULL;
    rec_status status = REC_OK;
    *out = NULL;
    for (const char *const *m = members_of[rule]; *m != NULL && title == NULL && status == REC_OK;
         m++)
        status = text_of(&title, c, item, *m, err);
    if (status != REC_OK)
        return status;
    if (rule == REC_TITLE_GENERATOR && title == NULL)
        return rec_fail(err, REC_ERR_DATA, "item \"%s\" has no title", c->ids[item]);
    if (rule == REC_TITLE_GENERATOR)
        return rec_title_sanitise(out, rec_span_of(title), err);
    if (title != NULL)
        return copy(out, rec_span_of(title), err);
    return rule == REC_TITLE_EMBEDDING ? substitute(out, c, item, err) : REC_OK;
}
