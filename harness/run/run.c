#include "harness/run/run.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/progress.h"
#include "harness/run/lm_samples.h"
#include "harness/run/models.h"
#include "harness/run/validation.h"

static const char *const folders[] = {"models", "replies", "trials", "checkpoints"};
enum { N_FOLDERS = sizeof folders / sizeof *folders };

char *rec_report_path(const rec_config *c, const char *out, rec_error *err)
{
    if (out != NULL)
        return rec_strdup(out, err);
    if (c->report.path != NULL)
        return rec_strdup(c->report.path, err);
    return rec_format(err, "results/%s.h5", c->name);
}

char *rec_run_folder(const char *report_path, rec_error *err)
{
    size_t length = strlen(report_path);
    if (length > 3 && strcmp(report_path + length - 3, ".h5") == 0)
        length -= 3;
    return rec_format(err, "%.*s.run", (int)length, report_path);
}

char *rec_artifact_path(const rec_run *r, const char *path, const char *extension, rec_error *err)
{
    return rec_format(err, "%s/%s.%s", r->folder, path, extension);
}

static rec_status make_folders(const rec_run *r, rec_error *err)
{
    rec_status status = rec_make_folders(r->folder, err);
    for (size_t i = 0; i < N_FOLDERS && status == REC_OK; i++) {
        char *path = rec_path_join(err, r->folder, folders[i]);
        status = path != NULL ? rec_make_folders(path, err) : REC_ERR_RESOURCE;
        free(path);
    }
    return status;
}

static rec_status empty_folder(const char *path, rec_error *err);

/* A file, or a folder with what is in it: some models are folders. */
static rec_status remove_entry(const char *path, rec_error *err)
{
    bool is_folder = rec_path_is_folder(path);
    rec_status status = is_folder ? empty_folder(path, err) : REC_OK;
    if (status == REC_OK && (is_folder ? rmdir(path) : unlink(path)) != 0)
        status = rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot be removed", path);
    return status;
}

static rec_status empty_folder(const char *path, rec_error *err)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return errno == ENOENT ? REC_OK
                               : rec_fail_errno(err, REC_ERR_RESOURCE, "%s: cannot be read", path);
    rec_status status = REC_OK;
    for (struct dirent *e; status == REC_OK && (e = readdir(folder)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        char *file = rec_path_join(err, path, e->d_name);
        status = file != NULL ? remove_entry(file, err) : REC_ERR_RESOURCE;
        free(file);
    }
    closedir(folder);
    return status;
}

static rec_status drop_artifacts(const rec_run *r, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < N_FOLDERS && status == REC_OK; i++) {
        char *path = rec_path_join(err, r->folder, folders[i]);
        status = path != NULL ? empty_folder(path, err) : REC_ERR_RESOURCE;
        free(path);
    }
    return status;
}

/* ---- data ---- */

static rec_status count_popularity(rec_run *r, rec_error *err)
{
    rec_interactions train = {0};
    rec_status status = rec_dataset_select(&train, r->dataset, REC_PART_TRAIN, err);
    if (status != REC_OK)
        return status;
    size_t n_items = r->dataset->catalogue.n_items;
    free(r->popularity);
    r->popularity = NULL;
    REC_TRY_NEW(r->popularity, n_items, err);
    for (size_t i = 0; i < train.n; i++)
        r->popularity[train.item[i]]++;
    r->data = (rec_task_data){
        .dataset = r->dataset,
        .lms = r->config->lms,
        .popularity = r->popularity,
        .seed = r->config->seeds[0],
        .user_seed = r->config->seeds[0],
    };
    for (size_t u = 0; u < train.n_users; u++)
        r->data.n_train_users += train.start[u + 1] > train.start[u];
    status = rec_tail_popularity(&r->data.tail_popularity, r->popularity, n_items, err);
cleanup:
    rec_interactions_deinit(&train);
    return status;
}

rec_status rec_run_take_dataset(rec_run *r, rec_dataset *dataset, rec_error *err)
{
    rec_dataset_free(r->dataset);
    r->dataset = dataset;
    return count_popularity(r, err);
}

/* ---- what changed ---- */

static rec_status write_plan(const rec_run *r, rec_error *err)
{
    cJSON *json = cJSON_CreateObject();
    bool complete = json != NULL;
    for (size_t i = 0; complete && i < r->plan.n; i++)
        complete =
            cJSON_AddStringToObject(json, r->plan.steps[i].name, r->plan.steps[i].key) != NULL;
    char *text = complete ? rec_json_print(json, err) : NULL;
    char *path = rec_path_join(err, r->folder, "plan.json");
    rec_status status = text != NULL && path != NULL
                            ? rec_atomic_write(path, text, strlen(text), err)
                            : rec_fail(err, REC_ERR_RESOURCE, "out of memory");
    free(path);
    free(text);
    cJSON_Delete(json);
    return status;
}

/* A plan of before that cannot be read tells nothing; the artifacts' keys decide anyway. */
static void compare_plans(const rec_run *r)
{
    cJSON *before = NULL;
    char *path = rec_path_join(NULL, r->folder, "plan.json");
    if (path != NULL && rec_path_exists(path) && rec_json_read(&before, path, NULL) == REC_OK) {
        for (size_t i = 0; i < r->plan.n; i++) {
            const rec_step *s = &r->plan.steps[i];
            const char *key =
                cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(before, s->name));
            if (key != NULL && strcmp(key, s->key) != 0)
                rec_info("redo: %s (its options, its data or the program changed)", s->name);
        }
    }
    cJSON_Delete(before);
    free(path);
}

static rec_status write_config(const rec_run *r, rec_error *err)
{
    char *text = rec_config_text(r->config, err);
    char *path = rec_path_join(err, r->folder, "config.yaml");
    rec_status status = text != NULL && path != NULL
                            ? rec_atomic_write(path, text, strlen(text), err)
                            : REC_ERR_RESOURCE;
    free(path);
    free(text);
    return status;
}

/* The directory is ours from here on. */
static rec_status take_folder(rec_run *r, bool fresh, rec_error *err)
{
    rec_status status = rec_make_folders(r->folder, err);
    if (status != REC_OK)
        return status;
    char *lock = rec_path_join(err, r->folder, "lock");
    status = lock != NULL ? rec_lock_take(&r->lock, lock, err) : REC_ERR_RESOURCE;
    free(lock);
    if (status == REC_OK)
        status = make_folders(r, err);
    if (status == REC_OK && fresh)
        status = drop_artifacts(r, err);
    return status;
}

static rec_status record_plan(rec_run *r, rec_error *err)
{
    compare_plans(r);
    rec_status status = write_config(r, err);
    return status == REC_OK ? write_plan(r, err) : status;
}

/* Scoring again finds the replies of the program that got them: keys are those of the recorded plan,
 * and no model need be there. */
static rec_status make_plan(rec_run *r, bool as_recorded, rec_error *err)
{
    cJSON *recorded = NULL;
    rec_status status = REC_OK;
    char *path = rec_path_join(err, r->folder, "plan.json");
    if (path == NULL)
        return REC_ERR_RESOURCE;
    if (as_recorded && rec_path_exists(path))
        status = rec_json_read(&recorded, path, err);
    if (status == REC_OK)
        status = rec_plan_init(&r->plan, r->config, r->dataset, recorded, err);
    cJSON_Delete(recorded);
    free(path);
    return status;
}

/* What only reads neither locks nor writes: it may look at a run that is going on. */
static rec_status open_run(rec_run *r, rec_run_flags flags, rec_error *err)
{
    rec_status status = REC_OK;
    if (!flags.replay_only)
        REC_TRY(take_folder(r, flags.fresh, err));
    REC_TRY(rec_dataset_load(&r->dataset, r->config->dataset, r->config->seeds[0], err));
    REC_TRY(count_popularity(r, err));
    REC_TRY(make_plan(r, flags.as_recorded, err));
    if (!flags.replay_only)
        REC_TRY(record_plan(r, err));
    REC_TRY_NEW(r->samples, r->config->n_tasks * r->config->n_seeds, err);
    REC_TRY_NEW(r->has_samples, r->config->n_tasks * r->config->n_seeds, err);
    REC_TRY_NEW(r->lm_samples, r->config->n_tasks * r->config->n_seeds, err);
    REC_TRY_NEW(r->has_lm_samples, r->config->n_tasks * r->config->n_seeds, err);
cleanup:
    return status;
}

rec_status rec_run_open(rec_run **out, const rec_config *config, const char *folder,
                        rec_run_flags flags, rec_error *err)
{
    *out = NULL;
    rec_run *r = rec_alloc(1, sizeof *r, err);
    if (r == NULL)
        return REC_ERR_RESOURCE;
    r->config = config;
    r->replay_only = flags.replay_only;
    r->folder = rec_strdup(folder, err);
    rec_status status = r->folder != NULL ? open_run(r, flags, err) : REC_ERR_RESOURCE;
    if (status != REC_OK) {
        rec_run_close(r);
        return status;
    }
    *out = r;
    return REC_OK;
}

static void free_sets(rec_sample_set *sets, bool *is_there, size_t n)
{
    for (size_t i = 0; is_there != NULL && i < n; i++)
        if (is_there[i])
            rec_sample_set_deinit(&sets[i]);
    free(sets);
    free(is_there);
}

void rec_run_close(rec_run *r)
{
    if (r == NULL)
        return;
    rec_run_unlink(r);
    free_sets(r->lm_samples, r->has_lm_samples, r->config->n_tasks * r->config->n_seeds);
    free_sets(r->samples, r->has_samples, r->config->n_tasks * r->config->n_seeds);
    rec_validation_free(r->validation);
    rec_plan_deinit(&r->plan);
    free(r->popularity);
    rec_dataset_free(r->dataset);
    rec_lock_free(r->lock);
    free(r->folder);
    free(r);
}

/* A task that draws nothing has one set for all seeds. */
static size_t place_of_samples(const rec_run *r, size_t task, size_t seed_index)
{
    const rec_task_entry *t = &r->config->tasks[task];
    return task * r->config->n_seeds + (t->type->is_random(t->options) ? seed_index : 0);
}

rec_status rec_run_prepare_text(rec_run *r, const rec_step *step, rec_error *err)
{
    const rec_task_entry *t = &r->config->tasks[step->task];
    rec_sample_set *set = &r->samples[place_of_samples(r, step->task, step->seed_index)];
    bool is_text = rec_task_is_text(t->type, r->config->systems[step->system].prototype->type.can);
    if (!is_text || set->text != NULL || t->type->prepare_text == NULL)
        return REC_OK;
    rec_status status = t->type->prepare_text(set, t->options, &r->data, err);
    return status == REC_OK ? REC_OK : rec_error_prefix(err, "task %s", t->name);
}

rec_status rec_run_samples(const rec_sample_set **out, rec_run *r, size_t task, size_t seed_index,
                           rec_error *err)
{
    const rec_task_entry *t = &r->config->tasks[task];
    size_t at = place_of_samples(r, task, seed_index);
    if (!t->type->is_random(t->options))
        seed_index = 0;
    if (!r->has_samples[at]) {
        rec_task_data data = r->data;
        data.seed = r->config->seeds[seed_index];
        rec_status status = t->type->samples(&r->samples[at], t->options, &data, err);
        if (status != REC_OK)
            return rec_error_prefix(err, "task %s", t->name);
        r->has_samples[at] = true;
    }
    *out = &r->samples[at];
    return REC_OK;
}

rec_status rec_run_samples_for(const rec_sample_set **out, rec_run *r, const rec_step *step,
                               rec_error *err)
{
    const rec_task_entry *t = &r->config->tasks[step->task];
    bool is_text = rec_task_is_text(t->type, r->config->systems[step->system].prototype->type.can);
    size_t n_wanted = is_text && t->type->lm_samples != NULL ? t->type->lm_samples(t->options) : 0;
    rec_status status = rec_run_samples(out, r, step->task, step->seed_index, err);
    if (status != REC_OK || n_wanted == 0 || n_wanted >= (*out)->n)
        return status;
    size_t at = place_of_samples(r, step->task, step->seed_index);
    if (!r->has_lm_samples[at]) {
        status = rec_lm_samples_init(&r->lm_samples[at], *out, n_wanted, r->data.user_seed, err);
        if (status != REC_OK)
            return status;
        r->has_lm_samples[at] = true;
    }
    *out = &r->lm_samples[at];
    return REC_OK;
}

rec_status rec_run_validation(rec_validation **out, rec_run *r, rec_error *err)
{
    if (!r->has_validation) {
        rec_status status = rec_validation_new(&r->validation, &r->data, err);
        if (status != REC_OK)
            return status;
        r->has_validation = true;
    }
    *out = r->validation;
    return REC_OK;
}
