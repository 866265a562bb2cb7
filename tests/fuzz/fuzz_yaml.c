/* Any bytes: a tree or a message, never more; a tree survives copying and JSON. */
#include <cjson/cJSON.h>
#include <stdint.h>

#include "core/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rec_error err;
    rec_yaml *root;
    if (rec_yaml_parse(&root, (const char *)data, size, "fuzz.yaml", &err) != REC_OK)
        return 0;
    rec_yaml *copy = rec_yaml_dup(root, &err);
    cJSON_Delete(rec_yaml_json(copy, &err));
    rec_yaml_free(copy);
    rec_yaml_free(root);
    return 0;
}
