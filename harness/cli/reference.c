#include "harness/cli/reference.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/yaml.h"
#include "datasets/reader.h"
#include "harness/run/config.h"
#include "harness/run/tune.h"

static bool is_number(const rec_option *o)
{
    return o->type == REC_OPT_INT || o->type == REC_OPT_REAL || o->type == REC_OPT_INTS ||
           o->type == REC_OPT_REALS;
}

void rec_option_range(char *out, size_t size, const rec_option *o)
{
    out[0] = '\0';
    if (is_number(o) && o->min != o->max)
        snprintf(out, size, "%.10g to %.10g", o->min, o->max);
    if (o->type == REC_OPT_REFERENCE)
        snprintf(out, size, "name of a %s", o->refers_to);
    if (o->type != REC_OPT_ENUM)
        return;
    size_t used = 0;
    for (size_t i = 0; o->choices[i] != NULL && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", o->choices[i]);
}

void rec_option_default(char *out, size_t size, const rec_option *o)
{
    char number[32];
    rec_format_double(number, o->value);
    const char *text = o->required               ? "required"
                       : o->type == REC_OPT_BOOL ? (o->value != 0.0 ? "true" : "false")
                       : o->type == REC_OPT_INT || o->type == REC_OPT_REAL ? number
                       : o->type == REC_OPT_ENUM ? o->choices[(int)o->value]
                       : o->text != NULL         ? o->text
                                                 : "";
    bool is_list =
        o->type == REC_OPT_INTS || o->type == REC_OPT_REALS || o->type == REC_OPT_STRINGS;
    snprintf(out, size, is_list && !o->required && *text != '\0' ? "[%s]" : "%s", text);
}

const char *rec_option_type_name(const rec_option *o)
{
    static const char *const names[] = {
        [REC_OPT_BOOL] = "bool",           [REC_OPT_INT] = "integer",   [REC_OPT_REAL] = "number",
        [REC_OPT_STRING] = "text",         [REC_OPT_ENUM] = "one of",   [REC_OPT_INTS] = "integers",
        [REC_OPT_REALS] = "numbers",       [REC_OPT_STRINGS] = "texts", [REC_OPT_TABLE] = "mapping",
        [REC_OPT_REFERENCE] = "reference", [REC_OPT_ANY] = "see below",
    };
    return names[o->type];
}

static rec_status add_rows(rec_sheet *sheet, const rec_option *table, const char *prefix,
                           const rec_yaml *differing, rec_error *err);

/* The rows of a nested table; its defaults that differ here are its own or those of a table around. */
static rec_status add_nested(rec_sheet *sheet, const rec_option *o, const char *key,
                             const rec_yaml *differing, rec_error *err)
{
    rec_yaml *own = NULL;
    rec_status status = REC_OK;
    if (differing == NULL && o->text != NULL)
        status = rec_yaml_parse(&own, o->text, strlen(o->text), "default", err);
    if (status == REC_OK)
        status = add_rows(sheet, o->table, key, own != NULL ? own : differing, err);
    rec_yaml_free(own);
    return status;
}

static rec_status add_row(rec_sheet *sheet, const rec_option *o, const char *key,
                          const rec_yaml *differing, rec_error *err)
{
    char range[256], value[256];
    rec_option_range(range, sizeof range, o);
    rec_option_default(value, sizeof value, o);
    if (differing != NULL && differing->text != NULL)
        snprintf(value, sizeof value, "%s", differing->text);
    const char *const cells[] = {key, rec_option_type_name(o), value, range, o->help};
    rec_status status = REC_OK;
    for (size_t i = 0; i < sizeof cells / sizeof *cells && status == REC_OK; i++)
        status = rec_sheet_cell(sheet, err, "%s", cells[i]);
    return status;
}

/* differing: a mapping of defaults that are not the table's own, or NULL. */
static rec_status add_rows(rec_sheet *sheet, const rec_option *table, const char *prefix,
                           const rec_yaml *differing, rec_error *err)
{
    rec_status status = REC_OK;
    for (const rec_option *o = table; o != NULL && o->key != NULL && status == REC_OK; o++) {
        char key[96];
        snprintf(key, sizeof key, "%s%s%s", prefix, *prefix != '\0' ? "." : "", o->key);
        const rec_yaml *here = differing != NULL ? rec_yaml_get(differing, o->key) : NULL;
        status = o->type == REC_OPT_TABLE ? add_nested(sheet, o, key, here, err)
                                          : add_row(sheet, o, key, here, err);
    }
    return status;
}

rec_status rec_reference_options(rec_buffer *out, const rec_option *table, const char *title,
                                 rec_format_kind format, rec_error *err)
{
    if (table == NULL || table->key == NULL)
        return rec_buffer_puts(out, "It has no options of its own.\n", err);
    static const char *const headers[] = {"key", "type", "default", "allowed", "meaning"};
    rec_sheet *sheet = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(&sheet, title, err));
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        REC_TRY(rec_sheet_column(sheet, headers[i], false, err));
    REC_TRY(add_rows(sheet, table, "", NULL, err));
    status = rec_sheet_print(out, sheet, format, 0, err);
cleanup:
    rec_sheet_free(sheet);
    return status;
}

/* ---- docs/config.md ---- */

static rec_status section(rec_buffer *out, const char *heading, const char *text,
                          const rec_option *table, rec_error *err)
{
    rec_status status =
        rec_buffer_printf(out, err, "%s%s\n\n%s\n\n", out->length > 0 ? "\n" : "", heading, text);
    return status == REC_OK ? rec_reference_options(out, table, NULL, REC_FORMAT_MARKDOWN, err)
                            : status;
}

static rec_status plug_in(rec_buffer *out, const char *name, const char *help, const char *citation,
                          const rec_option *table, rec_error *err)
{
    rec_status status =
        rec_buffer_printf(out, err, "\n### %s\n\n%s%s%s\n\n", name, help,
                          citation != NULL ? ". Source: " : "", citation != NULL ? citation : "");
    return status == REC_OK ? rec_reference_options(out, table, NULL, REC_FORMAT_MARKDOWN, err)
                            : status;
}

static rec_status readers(rec_buffer *out, rec_error *err)
{
    rec_status status = section(out, "## dataset", "Every reader takes these; `type` names it.",
                                rec_dataset_options(), err);
    for (size_t i = 0; i < rec_n_readers && status == REC_OK; i++)
        status = plug_in(out, rec_readers[i]->name, rec_readers[i]->help, NULL,
                         rec_readers[i]->options, err);
    return status;
}

static rec_status tasks(rec_buffer *out, rec_error *err)
{
    rec_status status = rec_buffer_puts(
        out, "\n## tasks\n\nEvery entry has a `type` and a `name` (default: the type).\n", err);
    for (size_t i = 0; i < rec_n_tasks && status == REC_OK; i++)
        status =
            plug_in(out, rec_tasks[i]->name, rec_tasks[i]->help, NULL, rec_tasks[i]->options, err);
    return status;
}

static rec_status lms(rec_buffer *out, rec_error *err)
{
    rec_status status = rec_buffer_puts(
        out, "\n## lms\n\nA mapping of names to models; `backend` names what runs each.\n", err);
    for (size_t i = 0; i < rec_n_lm_backends && status == REC_OK; i++)
        status = plug_in(out, rec_lm_backends[i]->name, rec_lm_backends[i]->help, NULL,
                         rec_lm_backends[i]->options, err);
    return status;
}

static rec_status systems(rec_buffer *out, rec_error *err)
{
    rec_status status =
        section(out, "## systems", "Every entry takes these.", rec_system_common_options, err);
    if (status == REC_OK)
        status = section(out, "### tune",
                         "A search over the options of a system. `space` maps options to a list of "
                         "values or to a range.",
                         rec_tuning_options, err);
    if (status == REC_OK)
        status = section(out, "#### range", "Of an integer or number option in `space`.",
                         rec_tune_range_options, err);
    for (size_t i = 0; i < rec_system_type_count() && status == REC_OK; i++) {
        rec_system_type t = rec_system_type_at(i);
        status = plug_in(out, t.name, t.help, t.citation, t.options, err);
    }
    return status;
}

rec_status rec_reference_config(rec_buffer *out, rec_error *err)
{
    rec_status status =
        section(out,
                "# Config reference\n\nMade by `recai list --format md` from the option "
                "tables of the program.\n\n## Top level",
                "YAML. Unknown keys, wrong types and values out of range are errors with "
                "file:line:column.\n`include: FILE` (or a list) is merged below the file; "
                "`--set a.b=value` above it, entries of lists by\nname. `${NAME}` is read from "
                "the environment in `report.path` and wherever a table says so.",
                rec_config_options, err);
    if (status == REC_OK)
        status = readers(out, err);
    if (status == REC_OK)
        status = lms(out, err);
    if (status == REC_OK)
        status = systems(out, err);
    if (status == REC_OK)
        status = tasks(out, err);
    if (status == REC_OK)
        status = section(out, "## expected",
                         "Rows of published figures, shown beside the measured ones. Give either "
                         "`digits` or `tol`.",
                         rec_expected_options, err);
    return status;
}
