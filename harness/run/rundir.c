#include "harness/run/rundir.h"

#include <stdlib.h>

#include "core/memory.h"

void rec_opened_run_deinit(rec_opened_run *o)
{
    rec_run_close(o->run);
    rec_config_free(o->config);
    free(o->folder);
    *o = (rec_opened_run){0};
}

rec_status rec_opened_run_init(rec_opened_run *out, const char *path, rec_error *err)
{
    rec_status status = REC_ERR_RESOURCE;
    char *config_path = NULL;
    *out = (rec_opened_run){0};
    out->folder = rec_path_is_folder(path) ? rec_strdup(path, err) : rec_run_folder(path, err);
    config_path = out->folder != NULL ? rec_path_join(err, out->folder, "config.yaml") : NULL;
    if (config_path == NULL)
        goto cleanup;
    if (!rec_path_exists(config_path)) {
        status = rec_fail(err, REC_ERR_DATA,
                          "%s: not a run directory (no config.yaml in it): "
                          "recai run makes it",
                          out->folder);
        goto cleanup;
    }
    REC_TRY(rec_config_read(&out->config, config_path, NULL, err));
    const rec_run_flags flags = {.replay_only = true, .as_recorded = true};
    status = rec_run_open(&out->run, out->config, out->folder, flags, err);
cleanup:
    free(config_path);
    if (status != REC_OK)
        rec_opened_run_deinit(out);
    return status;
}

/* The `dataset:` mapping with more_items; the caller frees it. */
static rec_yaml *map_with_items(const rec_yaml *map, const char *path, rec_error *err)
{
    rec_yaml *with = rec_yaml_dup(map, err);
    rec_yaml *text = rec_yaml_new(REC_YAML_SCALAR, path, "command line", err);
    if (with == NULL || text == NULL) {
        rec_yaml_free(text);
        rec_yaml_free(with);
        return NULL;
    }
    if (rec_yaml_put(with, "more_items", NULL, text, err) != REC_OK) {
        rec_yaml_free(with);
        return NULL;
    }
    return with;
}

rec_status rec_opened_run_add_items(rec_opened_run *o, const char *path, rec_error *err)
{
    size_t n_items = o->run->dataset->catalogue.n_items;
    rec_dataset *d = NULL;
    rec_yaml *map = map_with_items(o->config->dataset, path, err);
    if (map == NULL)
        return REC_ERR_RESOURCE;
    rec_status status = rec_dataset_load(&d, map, o->config->seeds[0], err);
    rec_yaml_free(map);
    if (status != REC_OK)
        return status;
    if (d->catalogue.n_items <= n_items) {
        rec_dataset_free(d);
        return rec_fail(
            err, REC_ERR_DATA,
            "%s: no new item is left: the file has none, or `filter:` of the data drops "
            "items without interactions",
            path);
    }
    return rec_run_take_dataset(o->run, d, err);
}
