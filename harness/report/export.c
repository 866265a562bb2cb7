#include "harness/report/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "harness/report/show.h"

const char *const rec_export_names[] = {"json", "csv", "trec", NULL};

char *rec_export_file_name(const char *name, rec_error *err)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    rec_buffer text = {0};
    rec_status status = REC_OK;
    for (const char *c = name; *c != '\0' && status == REC_OK; c++) {
        bool leading_dot = c == name && *c == '.';
        if (strchr(plain, *c) != NULL && !leading_dot)
            status = rec_buffer_append(&text, c, 1, err);
        else
            status = rec_buffer_printf(&text, err, "%%%02X", (unsigned)(unsigned char)*c);
    }
    char *file = status == REC_OK ? rec_buffer_take(&text, err) : NULL;
    rec_buffer_deinit(&text);
    return file;
}

rec_status rec_export_item(rec_buffer *out, const rec_report *r, uint32_t item,
                           rec_status (*put)(rec_buffer *, const char *, rec_error *),
                           rec_error *err)
{
    if (r->item_ids != NULL && item < r->n_items && r->item_ids[item] != NULL)
        return put(out, r->item_ids[item], err);
    return rec_buffer_printf(out, err, "%lu", (unsigned long)item);
}

/* Where the files go. */
typedef struct exporter {
    const rec_report *report;
    const char *folder;
    size_t n_files;
    rec_buffer text; /* of the file being made */
} exporter;

/* Write e->text to FOLDER/NAME and empty it. */
static rec_status write_file(exporter *e, const char *folder, const char *name, rec_error *err)
{
    char *path = rec_path_join(err, folder, name);
    if (path == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_atomic_write(path, e->text.data, e->text.length, err);
    free(path);
    rec_buffer_clear(&e->text);
    e->n_files += status == REC_OK;
    return status;
}

/* A file of one result: FOLDER/TASK/SYSTEM + ending. */
static rec_status write_result_file(exporter *e, const rec_result *x, const char *ending,
                                    rec_error *err)
{
    char *task = rec_export_file_name(x->task, err), *system = NULL, *folder = NULL;
    char *name = NULL;
    rec_status status = REC_ERR_RESOURCE;
    if (task != NULL)
        folder = rec_path_join(err, e->folder, task);
    if (folder != NULL)
        system = rec_export_file_name(x->system, err);
    if (system != NULL)
        name = rec_format(err, "%s%s", system, ending);
    if (name != NULL)
        status = rec_make_folders(folder, err);
    if (status == REC_OK)
        status = write_file(e, folder, name, err);
    free(name);
    free(system);
    free(folder);
    free(task);
    return status;
}

static rec_status export_result(exporter *e, const rec_result *x, rec_export_format format,
                                rec_error *err)
{
    const rec_report *r = e->report;
    bool has_run = false;
    rec_status status = REC_OK;
    switch (format) {
    case REC_EXPORT_JSON:
        REC_TRY(rec_export_jsonl(&e->text, r, x, err));
        return write_result_file(e, x, ".jsonl", err);
    case REC_EXPORT_CSV:
        REC_TRY(rec_export_samples_csv(&e->text, x, err));
        REC_TRY(write_result_file(e, x, ".samples.csv", err));
        if (x->list_length == 0)
            return REC_OK;
        REC_TRY(rec_export_lists_csv(&e->text, r, x, err));
        return write_result_file(e, x, ".lists.csv", err);
    case REC_EXPORT_TREC:
        REC_TRY(rec_export_has_run(&has_run, x, err));
        if (!has_run)
            return REC_OK;
        REC_TRY(rec_export_run(&e->text, r, x, err));
        REC_TRY(write_result_file(e, x, ".run", err));
        REC_TRY(rec_export_qrels(&e->text, r, x, err));
        return write_result_file(e, x, ".qrels", err);
    }
cleanup:
    return status;
}

/* The files that are about the report as a whole. */
static rec_status export_whole(exporter *e, rec_export_format format, const rec_show_filter *filter,
                               rec_error *err)
{
    rec_status status = REC_OK;
    if (format == REC_EXPORT_JSON) {
        REC_TRY(rec_report_show(&e->text, e->report, filter, REC_FORMAT_JSON, 0, err));
        status = write_file(e, e->folder, "report.json", err);
    } else if (format == REC_EXPORT_CSV) {
        REC_TRY(rec_report_show(&e->text, e->report, filter, REC_FORMAT_CSV, 0, err));
        REC_TRY(write_file(e, e->folder, "figures.csv", err));
        REC_TRY(rec_export_expected_csv(&e->text, e->report, err));
        status = write_file(e, e->folder, "expected.csv", err);
    }
cleanup:
    return status;
}

rec_status rec_report_export(size_t *n_files, const rec_report *r, const char *folder,
                             rec_export_format format, const rec_show_filter *filter,
                             rec_error *err)
{
    exporter e = {.report = r, .folder = folder};
    rec_status status;
    REC_TRY(rec_make_folders(folder, err));
    REC_TRY(export_whole(&e, format, filter, err));
    for (size_t i = 0; i < r->n_results; i++) {
        const rec_result *x = &r->results[i];
        if (x->n_samples > 0 && (filter == NULL || (rec_show_wants(&filter->tasks, x->task) &&
                                                    rec_show_wants(&filter->systems, x->system))))
            REC_TRY(export_result(&e, x, format, err));
    }
cleanup:
    rec_buffer_deinit(&e.text);
    *n_files = e.n_files;
    return status;
}
