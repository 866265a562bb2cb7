#include "harness/cli/data_reclm_emb.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/progress.h"
#include "harness/cli/output.h"
#include "harness/report/sheet.h"
#include "models/reclm_emb/files.h"
#include "models/reclm_emb/original/files.h"

/* Entries of a list whose type begins so: their `data:`, or NULL. */
static const rec_yaml *data_of_entries(const rec_yaml *list, const char *type_start)
{
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        const rec_yaml *type = rec_yaml_get(list->items[i], "type");
        const rec_yaml *data = rec_yaml_get(list->items[i], "data");
        if (data != NULL && type != NULL && type->kind == REC_YAML_SCALAR &&
            strncmp(type->text, type_start, strlen(type_start)) == 0)
            return data;
    }
    return NULL;
}

const rec_yaml *rec_data_reclm_emb_options(const rec_yaml *root)
{
    const rec_yaml *defaults = rec_yaml_get(root, "defaults");
    const rec_yaml *data = defaults != NULL ? rec_yaml_get(defaults, "data") : NULL;
    if (data == NULL)
        data = data_of_entries(rec_yaml_get(root, "systems"), "reclm_emb");
    return data != NULL ? data : data_of_entries(rec_yaml_get(root, "tasks"), "emb_");
}

/* ---- what is there ---- */

static rec_status count_cell(rec_sheet *sheet, size_t n, rec_error *err)
{
    return rec_sheet_cell(sheet, err, "%zu", n);
}

static rec_status add_task(rec_sheet *sheet, const rec_emb_corpus *c, size_t task, rec_error *err)
{
    size_t n[REC_EMB_N_PARTS] = {0};
    rec_status status = rec_sheet_cell(sheet, err, "%s", rec_emb_tasks[task]->name);
    for (size_t i = 0; i < c->rows.n; i++)
        if (c->rows.rows[i].task == task)
            n[c->rows.rows[i].part]++;
    for (size_t p = 0; p < REC_EMB_N_PARTS && status == REC_OK; p++)
        status = count_cell(sheet, n[p], err);
    if (status == REC_OK)
        status = count_cell(sheet, c->tally[REC_EMB_TRAIN][task].n_without, err);
    return status == REC_OK ? count_cell(sheet, c->n_repeated[REC_EMB_TEST][task], err) : status;
}

static rec_status print_rows(const rec_emb_corpus *c, rec_error *err)
{
    static const char *const heads[] = {"task", "train", "dev", "test", "no row", "asked before"};
    rec_sheet *sheet = NULL;
    rec_buffer text = {.length = 0};
    rec_status status;
    REC_TRY(rec_sheet_new(&sheet, NULL, err));
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        REC_TRY(rec_sheet_column(sheet, heads[i], i > 0, err));
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        REC_TRY(add_task(sheet, c, t, err));
    REC_TRY(rec_sheet_print(&text, sheet, REC_FORMAT_TABLE, rec_output_width(), err));
    status = rec_output_write(&text, err);
cleanup:
    rec_buffer_deinit(&text);
    rec_sheet_free(sheet);
    return status;
}

static rec_status print_audit(const rec_emb_audit *a, rec_error *err)
{
    rec_buffer text = {.length = 0};
    rec_status status = rec_buffer_printf(
        &text, err,
        "shared between training, development and tests: %zu users, %zu items, %zu templates, %zu "
        "texts, %zu sets of conditions\n",
        a->users, a->items, a->templates, a->texts, a->conditions);
    if (status == REC_OK)
        status = rec_output_write(&text, err);
    rec_buffer_deinit(&text);
    return status;
}

/* A line for each task and part whose texts did not all come out: "us2i train: 400 texts, 12 says_title". */
static rec_status put_texts(rec_buffer *out, const rec_emb_corpus *c, rec_emb_part part,
                            size_t task, rec_error *err)
{
    const size_t *texts = c->tally[part][task].texts;
    size_t rejected = 0;
    rec_status status = REC_OK;
    for (size_t o = REC_EMB_NO_FACTS; o < REC_EMB_PENDING; o++)
        rejected += texts[o];
    if (rejected == 0)
        return REC_OK;
    status = rec_buffer_printf(out, err, "%s %s, %s: %zu written", rec_emb_tasks[task]->name,
                               rec_emb_part_names[part], rec_emb_generator_name(c->generator),
                               texts[REC_EMB_WRITTEN]);
    for (size_t o = REC_EMB_NO_FACTS; o < REC_EMB_PENDING && status == REC_OK; o++)
        if (texts[o] > 0)
            status = rec_buffer_printf(out, err, ", %zu %s", texts[o], rec_emb_outcome_names[o]);
    return status == REC_OK ? rec_buffer_puts(out, "\n", err) : status;
}

static rec_status print_texts(const rec_emb_corpus *c, rec_error *err)
{
    rec_buffer text = {.length = 0};
    rec_status status = rec_buffer_puts(&text, "", err);
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        for (size_t p = 0; p < REC_EMB_N_PARTS && status == REC_OK; p++)
            status = put_texts(&text, c, (rec_emb_part)p, t, err);
    if (status == REC_OK)
        status = rec_output_write(&text, err);
    rec_buffer_deinit(&text);
    return status;
}

/* ---- the command ---- */

static rec_status write_files(const rec_emb_corpus *c, const char *folder,
                              rec_emb_files_layout layout, rec_error *err)
{
    size_t n_left_out = 0;
    rec_status status = layout == REC_EMB_FILES_OWN ? rec_emb_corpus_write(c, folder, err)
                        : layout == REC_EMB_FILES_BEIR
                            ? rec_emb_corpus_write_beir(c, folder, err)
                            : rec_emb_original_write(&n_left_out, c, folder, err);
    if (status == REC_OK && n_left_out > 0)
        rec_info("%zu test rows are left out: the original's files cannot state their conditions",
                 n_left_out);
    return status;
}

/* Rows, what became of the texts, and what the parts share. */
static rec_status report(const rec_emb_corpus *c, const rec_emb_data_options *options,
                         rec_error *err)
{
    rec_emb_audit audit;
    rec_status status;
    REC_TRY(print_rows(c, err));
    REC_TRY(print_texts(c, err));
    REC_TRY(rec_emb_audit_rows(&audit, c->rows.rows, c->rows.n, err));
    REC_TRY(print_audit(&audit, err));
    if (rec_emb_audit_leaks(&audit) == 0)
        goto cleanup;
    if (options->compat == REC_EMB_ORIGINAL)
        rec_info("the original shares all this by design: %s", audit.first);
    else
        status =
            rec_fail(err, REC_ERR_DATA, "the split leaks: %s%s", audit.first,
                     options->files != NULL ? " (compat: original takes files as they are)" : "");
cleanup:
    return status;
}

/* texts.jsonl: what the generator was asked for, in our own layout. */
static rec_status open_record(rec_atomic_file *file, const char *folder,
                              rec_emb_files_layout layout, rec_error *err)
{
    if (layout != REC_EMB_FILES_OWN)
        return REC_OK;
    char *path = rec_path_join(err, folder, "texts.jsonl");
    rec_status status = path != NULL ? rec_make_folders(folder, err) : REC_ERR_RESOURCE;
    if (status == REC_OK)
        status = rec_atomic_open(file, path, err);
    free(path);
    return status;
}

static rec_status write_all(const rec_dataset *d, const rec_emb_data_options *options,
                            rec_lm_pool *lms, const char *folder, rec_emb_files_layout layout,
                            rec_error *err)
{
    rec_emb_corpus_plan plan = {.lms = lms, .parts = {true, true, true}};
    rec_emb_corpus corpus = {.dataset = NULL};
    rec_atomic_file record = {.stream = NULL};
    rec_status status;
    for (size_t t = 0; t < REC_EMB_N_TASKS; t++)
        plan.tasks[t] = true;
    REC_TRY(open_record(&record, folder, layout, err));
    plan.record = record.stream;
    REC_TRY(rec_emb_corpus_init(&corpus, options, d, &plan, err));
    if (record.stream != NULL)
        REC_TRY(rec_atomic_commit(&record, err));
    REC_TRY(write_files(&corpus, folder, layout, err));
    status = report(&corpus, options, err);
cleanup:
    rec_emb_corpus_deinit(&corpus);
    rec_atomic_abort(&record);
    return status;
}

rec_status rec_data_reclm_emb(const rec_dataset *d, const rec_yaml *root, const char *folder,
                              rec_emb_files_layout layout, rec_error *err)
{
    rec_emb_data_options options;
    rec_lm_pool *lms = NULL;
    rec_status status = rec_options_parse(&options, rec_emb_data_option_table,
                                          rec_data_reclm_emb_options(root), NULL, err);
    if (status != REC_OK)
        return status;
    REC_TRY(rec_lm_pool_new(&lms, rec_yaml_get(root, "lms"), err));
    status = write_all(d, &options, lms, folder, layout, err);
cleanup:
    rec_lm_pool_free(lms);
    rec_options_deinit(&options, rec_emb_data_option_table);
    return status;
}
