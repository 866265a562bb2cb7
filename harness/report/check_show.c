/* What a gate found, for readers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/json_build.h"
#include "harness/report/check.h"
#include "harness/report/show.h"

static rec_status put_users(rec_buffer *out, const rec_movement *m, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "", err);
    for (size_t i = 0; i < m->n_users && status == REC_OK; i++) {
        char before[32], after[32];
        rec_show_number(before, m->users[i].before);
        rec_show_number(after, m->users[i].after);
        status = rec_buffer_printf(out, err, "%s%s %s > %s", i > 0 ? ", " : "", m->users[i].user,
                                   before, after);
    }
    return status;
}

static rec_status add_movement(rec_sheet *s, const rec_movement *m, rec_error *err)
{
    static const char *const marks[] = {"FELL", "rose", "MISSING", "FEWER"};
    rec_buffer users = {0};
    char before[32], after[32];
    char *label = rec_report_label(m->metric, m->k, m->n_candidates, err);
    rec_status status = label != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    if (m->kind == REC_FEWER) { /* counts, no figures */
        snprintf(before, sizeof before, "%.0f users", m->before);
        snprintf(after, sizeof after, "%.0f users", m->after);
    } else {
        rec_show_number(before, m->before);
        rec_show_number(after, m->after);
    }
    REC_TRY(rec_sheet_cell(s, err, "%s", marks[m->kind]));
    REC_TRY(rec_sheet_cell(s, err, "%s", m->task));
    REC_TRY(rec_sheet_cell(s, err, "%s", m->system));
    REC_TRY(rec_sheet_cell(s, err, "%s", label));
    REC_TRY(rec_sheet_cell(s, err, "%s", before));
    REC_TRY(rec_sheet_cell(s, err, "%s", after));
    REC_TRY(isnan(m->difference)
                ? rec_sheet_cell(s, err, "-")
                : rec_sheet_cell(s, err, "%+.*f", m->kind == REC_FEWER ? 0 : 4, m->difference));
    REC_TRY(isnan(m->interval.low)
                ? rec_sheet_cell(s, err, "-")
                : rec_sheet_cell(s, err, "[%+.4f, %+.4f]", m->interval.low, m->interval.high));
    REC_TRY(rec_sheet_cell(s, err, "%zu", m->n));
    REC_TRY(put_users(&users, m, err));
    status = rec_sheet_cell(s, err, "%s", users.data);
cleanup:
    rec_buffer_deinit(&users);
    free(label);
    return status;
}

static rec_status print_movements(rec_buffer *out, const rec_check *c, rec_format_kind format,
                                  size_t width, rec_error *err)
{
    static const struct {
        const char *header;
        bool numeric;
    } columns[] = {{"", false},        {"task", false}, {"system", false},    {"metric", false},
                   {"baseline", true}, {"now", true},   {"difference", true}, {"interval", true},
                   {"users", true},    {"most", false}};
    rec_sheet *s = NULL;
    rec_status status;
    REC_TRY(rec_sheet_new(&s, "against the baseline", err));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        REC_TRY(rec_sheet_column(s, columns[i].header, columns[i].numeric, err));
    for (size_t i = 0; i < c->n_movements; i++)
        REC_TRY(add_movement(s, &c->movements[i], err));
    REC_TRY(rec_sheet_print(out, s, format, width, err));
    status = rec_buffer_puts(out, "\n", err);
cleanup:
    rec_sheet_free(s);
    return status;
}

static rec_status print_missed(rec_buffer *out, const rec_report *run,
                               const rec_show_filter *filter, rec_format_kind format, size_t width,
                               rec_error *err)
{
    rec_status status = rec_show_expected(out, run, filter, true, format, width, err);
    return status == REC_OK ? rec_buffer_puts(out, "\n", err) : status;
}

static rec_status print_verdict(rec_buffer *out, const rec_check *c, rec_error *err)
{
    return rec_buffer_printf(
        out, err,
        "%s: %zu of %zu expectations missed; %zu of %zu figures worse than the "
        "baseline or missing, %zu better\n",
        rec_check_passed(c) ? "passed" : "FAILED", c->n_missed, c->n_expected, c->n_failed,
        c->n_compared, c->n_movements - c->n_failed);
}

/* --- JSON -------------------------------------------------------------------------------------- */

static rec_status add_users(cJSON *row, const rec_movement *m, rec_error *err)
{
    cJSON *users, *user;
    rec_status status = rec_json_add_array(&users, row, "users", err);
    for (size_t i = 0; i < m->n_users && status == REC_OK; i++) {
        REC_TRY(rec_json_add_object(&user, users, NULL, err));
        REC_TRY(rec_json_add_text(user, "user", m->users[i].user, err));
        REC_TRY(rec_json_add_real(user, "before", m->users[i].before, err));
        status = rec_json_add_real(user, "after", m->users[i].after, err);
    }
cleanup:
    return status;
}

static rec_status add_json_movement(cJSON *list, const rec_movement *m, rec_error *err)
{
    cJSON *row, *interval;
    char *label = rec_report_label(m->metric, m->k, 0, err);
    rec_status status = label != NULL ? REC_OK : REC_ERR_RESOURCE;
    if (status != REC_OK)
        return status;
    REC_TRY(rec_json_add_object(&row, list, NULL, err));
    REC_TRY(rec_json_add_text(row, "moved", rec_movement_names[m->kind], err));
    REC_TRY(rec_json_add_text(row, "task", m->task, err));
    REC_TRY(rec_json_add_text(row, "system", m->system, err));
    REC_TRY(rec_json_add_text(row, "metric", label, err));
    REC_TRY(rec_json_add_count(row, "candidates", m->n_candidates, err));
    REC_TRY(rec_json_add_real(row, "baseline", m->before, err));
    REC_TRY(rec_json_add_real(row, "now", m->after, err));
    REC_TRY(rec_json_add_real(row, "difference", m->difference, err));
    REC_TRY(rec_json_add_array(&interval, row, "ci", err));
    REC_TRY(rec_json_add_real(interval, NULL, m->interval.low, err));
    REC_TRY(rec_json_add_real(interval, NULL, m->interval.high, err));
    REC_TRY(rec_json_add_count(row, "n", m->n, err));
    status = add_users(row, m, err);
cleanup:
    free(label);
    return status;
}

static rec_status build_json(cJSON *root, const rec_check *c, const rec_report *run,
                             const rec_show_filter *filter, rec_error *err)
{
    cJSON *list;
    rec_status status;
    REC_TRY(rec_json_add_bool(root, "passed", rec_check_passed(c), err));
    REC_TRY(rec_json_add_count(root, "n_expected", c->n_expected, err));
    REC_TRY(rec_json_add_count(root, "n_missed", c->n_missed, err));
    REC_TRY(rec_json_add_count(root, "n_compared", c->n_compared, err));
    REC_TRY(rec_json_add_count(root, "n_failed", c->n_failed, err));
    REC_TRY(rec_json_add_array(&list, root, "expected", err));
    REC_TRY(rec_show_json_expected(list, run, filter, err));
    REC_TRY(rec_json_add_array(&list, root, "moved", err));
    for (size_t i = 0; i < c->n_movements; i++)
        REC_TRY(add_json_movement(list, &c->movements[i], err));
cleanup:
    return status;
}

static rec_status print_json(rec_buffer *out, const rec_check *c, const rec_report *run,
                             const rec_show_filter *filter, rec_error *err)
{
    cJSON *root = NULL;
    rec_status status;
    REC_TRY(rec_json_new_object(&root, err));
    REC_TRY(build_json(root, c, run, filter, err));
    status = rec_json_put_line(out, root, err);
cleanup:
    cJSON_Delete(root);
    return status;
}

rec_status rec_check_show(rec_buffer *out, const rec_check *c, const rec_report *run,
                          const rec_show_filter *filter, rec_format_kind format, size_t width,
                          rec_error *err)
{
    rec_status status;
    if (format == REC_FORMAT_JSON)
        return print_json(out, c, run, filter, err);
    if (c->n_missed > 0)
        REC_TRY(print_missed(out, run, filter, format, width, err));
    if (c->n_movements > 0)
        REC_TRY(print_movements(out, c, format, width, err));
    status = print_verdict(out, c, err);
cleanup:
    return status;
}
