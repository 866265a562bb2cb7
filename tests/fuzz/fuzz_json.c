/* Whatever parses must print to a text that parses to the same print. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    cJSON *json = NULL, *again = NULL;
    rec_error err;
    if (rec_json_parse(&json, (const char *)data, n, "fuzz", 1, &err) != REC_OK)
        return 0;
    char *text = rec_json_print(json, &err);
    if (text == NULL || rec_json_parse(&again, text, strlen(text), "print", 1, &err) != REC_OK)
        abort();
    char *text_again = rec_json_print(again, &err);
    if (text_again == NULL || strcmp(text, text_again) != 0)
        abort();
    free(text);
    free(text_again);
    cJSON_Delete(json);
    cJSON_Delete(again);
    return 0;
}
