#include "models/lm/checkpoint.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "models/lm/gguf.h"

rec_status rec_lm_open_tokenizer(rec_tokenizer **out, const rec_lm_files *files, rec_error *err)
{
    return rec_tokenizer_read(out, files->gguf != NULL ? files->gguf : files->folder, err);
}

rec_status rec_lm_read_chat_template(char **jinja, const rec_lm_files *files, rec_error *err)
{
    rec_status status = REC_OK;
    *jinja = NULL;
    if (files->gguf != NULL) {
        rec_gguf *file = NULL;
        status = rec_gguf_open(&file, files->gguf, err);
        if (status != REC_OK)
            return status;
        const rec_gguf_value *value = rec_gguf_find(file, "tokenizer.chat_template");
        status = value != NULL ? rec_gguf_string(jinja, value, 0, err) : REC_OK;
        rec_gguf_close(file);
        return status;
    }
    cJSON *config = NULL;
    rec_text text = {.data = NULL};
    char *plain = rec_path_join(err, files->folder, "chat_template.jinja");
    char *path = rec_path_join(err, files->folder, "tokenizer_config.json");
    if (plain == NULL || path == NULL) {
        status = REC_ERR_RESOURCE;
    } else if (rec_path_exists(plain)) {
        status = rec_text_read(&text, plain, err);
        *jinja = status == REC_OK ? rec_format(err, "%.*s", (int)text.length, text.data) : NULL;
        rec_text_close(&text);
    } else if (rec_path_exists(path)) {
        status = rec_json_read(&config, path, err);
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(config, "chat_template");
        if (status == REC_OK && cJSON_IsString(value)) {
            *jinja = rec_strdup(value->valuestring, err);
            status = *jinja != NULL ? REC_OK : REC_ERR_RESOURCE;
        }
    }
    cJSON_Delete(config);
    free(path);
    free(plain);
    return status;
}

rec_status rec_lm_open_chat(rec_chat_template **out, const rec_lm_files *files, const char *family,
                            rec_error *err)
{
    char *jinja;
    *out = NULL;
    rec_status status = rec_lm_read_chat_template(&jinja, files, err);
    if (status == REC_OK && (jinja != NULL || family != NULL))
        status = rec_chat_template_new(out, jinja, family, err);
    free(jinja);
    return status;
}

static bool determines(const char *name)
{
    static const char *const ends[] = {".safetensors", ".json", ".jinja", "vocab.txt"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t m = strlen(ends[i]);
        if (n >= m && strcmp(name + n - m, ends[i]) == 0)
            return true;
    }
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static rec_status append_path(char ***list, size_t *n, char *path_take, rec_error *err)
{
    char **longer = path_take != NULL ? rec_realloc(*list, *n + 1, sizeof *longer, err) : NULL;
    if (longer == NULL) {
        free(path_take);
        return REC_ERR_RESOURCE;
    }
    *list = longer;
    longer[(*n)++] = path_take;
    return REC_OK;
}

static rec_status append_folder(char ***list, size_t *n, const char *folder, rec_error *err)
{
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return rec_fail_errno(err, REC_ERR_MODEL, "%s: cannot list the folder", folder);
    rec_status status = REC_OK;
    const struct dirent *entry;
    while (status == REC_OK && (entry = readdir(directory)) != NULL) {
        if (determines(entry->d_name))
            status = append_path(list, n, rec_path_join(err, folder, entry->d_name), err);
    }
    closedir(directory);
    return status;
}

rec_status rec_lm_files_list(char ***out, size_t *n, const rec_lm_files *files, rec_error *err)
{
    *out = NULL;
    *n = 0;
    rec_status status = files->gguf != NULL ? append_path(out, n, rec_strdup(files->gguf, err), err)
                                            : append_folder(out, n, files->folder, err);
    if (status == REC_OK && files->adapter != NULL)
        status = append_folder(out, n, files->adapter, err);
    if (*n > 1)
        qsort(*out, *n, sizeof **out, by_text);
    return status;
}
