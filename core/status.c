#include "core/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void write_message(rec_error *err, rec_status status, const char *format, va_list arguments)
{
    if (err == NULL)
        return;
    /* Formatted aside first: an argument may be err->message itself. */
    char message[REC_ERROR_MESSAGE_MAX];
    vsnprintf(message, sizeof message, format, arguments);
    err->status = status;
    memcpy(err->message, message, sizeof message);
}

rec_status rec_fail(rec_error *err, rec_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_message(err, status, format, arguments);
    va_end(arguments);
    return status;
}

rec_status rec_fail_errno(rec_error *err, rec_status status, const char *format, ...)
{
    int code = errno;
    va_list arguments;
    va_start(arguments, format);
    write_message(err, status, format, arguments);
    va_end(arguments);
    if (err != NULL) {
        size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used, ": %s", strerror(code));
    }
    return status;
}

rec_status rec_error_prefix(rec_error *err, const char *format, ...)
{
    if (err == NULL)
        return REC_ERR_INTERNAL;
    char prefix[REC_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    return rec_fail(err, err->status, "%s: %s", prefix, err->message);
}
