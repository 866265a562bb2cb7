#include "models/lm/endpoint/price_file.h"

#include <stdio.h>
#include <string.h>

#include "core/option.h"
#include "core/yaml.h"

/* 1000 dollars per token: nothing costs more, and sums stay far from the end of an int64_t. */
static const double price_max = 1e15;

static const rec_option price_options[] = {
    {"input", "prompt tokens, micro-dollars per million", offsetof(rec_lm_price, input),
     REC_OPT_INT, .min = 0, .max = price_max, .required = true},
    {"output", "answer tokens, micro-dollars per million", offsetof(rec_lm_price, output),
     REC_OPT_INT, .min = 0, .max = price_max, .required = true},
    {"cached_input", "prompt tokens in the server's cache; -1 = as input",
     offsetof(rec_lm_price, cached_input), REC_OPT_INT, .value = -1, .min = -1, .max = price_max},
    {.key = NULL},
};

static bool is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t i = 0;
    for (; form[i] != '\0'; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return text[i] == '\0';
}

static rec_status read_date(rec_lm_price *out, const rec_yaml *root, rec_error *err)
{
    const rec_yaml *node = rec_yaml_get(root, "date");
    const char *text;
    if (node == NULL)
        return rec_yaml_fail(err, root, "date: missing (the day the prices were looked up)");
    rec_status status = rec_yaml_string(&text, node, err);
    if (status != REC_OK)
        return status;
    if (!is_date(text))
        return rec_yaml_fail(err, node, "date: \"%.40s\" is not of the form 2025-06-01", text);
    snprintf(out->date, sizeof out->date, "%s", text);
    return REC_OK;
}

static rec_status read_root(rec_lm_price *out, bool *found, const rec_yaml *root, const char *model,
                            rec_error *err)
{
    if (root->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, root, "expected a mapping with date and models");
    const rec_yaml *models = rec_yaml_get(root, "models");
    if (models == NULL || models->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, models != NULL ? models : root,
                             "models: expected a mapping of names to prices");
    const rec_yaml *entry = rec_yaml_get(models, model);
    *found = entry != NULL;
    if (!*found)
        return REC_OK;
    if (entry->kind != REC_YAML_MAP)
        return rec_yaml_fail(err, entry, "%.80s: expected {input, output}", model);
    rec_status status = rec_options_parse(out, price_options, entry, NULL, err);
    if (status == REC_OK && out->cached_input < 0)
        out->cached_input = out->input;
    return status == REC_OK ? read_date(out, root, err) : status;
}

rec_status rec_price_read(rec_lm_price *out, bool *found, const char *path, const char *model,
                          rec_error *err)
{
    rec_yaml *root = NULL;
    *out = (rec_lm_price){.input = 0};
    *found = false;
    rec_status status = rec_yaml_read(&root, path, err);
    if (status == REC_OK)
        status = read_root(out, found, root, model, err);
    rec_yaml_free(root);
    return status;
}
