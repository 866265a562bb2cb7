#include "harness/serve/api_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/json_build.h"
#include "core/utf8.h"

rec_status rec_api_fail(rec_api_error *err, int http, const char *code, const char *param,
                        const char *format, ...)
{
    va_list arguments;
    *err = (rec_api_error){.http = http, .code = code};
    if (param != NULL)
        snprintf(err->param, sizeof err->param, "%s", param);
    va_start(arguments, format);
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    /* Names of clients may stand in it, cut within a character. */
    err->message[rec_utf8_valid_prefix(err->message, strlen(err->message))] = '\0';
    err->param[rec_utf8_valid_prefix(err->param, strlen(err->param))] = '\0';
    return REC_ERR_DATA;
}

rec_status rec_api_fail_from(rec_api_error *err, const char *param, const rec_error *from)
{
    int http;
    switch (from->status) {
    case REC_ERR_CONFIG:
    case REC_ERR_DATA:
        http = 400;
        break;
    case REC_ERR_ENDPOINT:
        http = 502;
        break;
    case REC_ERR_RESOURCE:
    case REC_ERR_INTERRUPTED:
        http = 503;
        break;
    default:
        http = 500;
    }
    return rec_api_fail(err, http, NULL, param, "%s", from->message);
}

const char *rec_api_error_type(int http)
{
    switch (http) {
    case 401:
        return "authentication_error";
    case 404:
        return "not_found_error";
    case 429:
        return "rate_limit_error";
    default:
        return http >= 500 ? "server_error" : "invalid_request_error";
    }
}

char *rec_api_error_json(const rec_api_error *api, rec_error *err)
{
    cJSON *root = NULL, *object;
    char *text = NULL;
    rec_status status;
    REC_TRY(rec_json_new_object(&root, err));
    REC_TRY(rec_json_add_object(&object, root, "error", err));
    REC_TRY(rec_json_add_text(object, "message", api->message, err));
    REC_TRY(rec_json_add_text(object, "type", rec_api_error_type(api->http), err));
    REC_TRY(rec_json_add_text(object, "param", api->param[0] != '\0' ? api->param : NULL, err));
    REC_TRY(rec_json_add_text(object, "code", api->code, err));
    text = rec_json_print(root, err);
cleanup:
    cJSON_Delete(root);
    return text;
}
