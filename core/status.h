/**
 * Status and error values. A function that can fail returns `rec_status` and explains itself in a
 * `rec_error *` its caller passes (NULL is fine). The value of a status is the exit code of the
 * program, so that no table between the two can drift.
 */
#ifndef REC_CORE_STATUS_H
#define REC_CORE_STATUS_H

#include <stdarg.h>

typedef enum rec_status {
    REC_OK = 0,
    REC_ERR_GATE = 1,     /* a comparison or an expected figure failed (recai check, --gate) */
    REC_ERR_CONFIG = 2,   /* command line or configuration */
    REC_ERR_DATA = 3,     /* data file, report file, artifact */
    REC_ERR_MODEL = 4,    /* weights, tokenizer, a model that returns NaN */
    REC_ERR_ENDPOINT = 5, /* language-model server */
    REC_ERR_RESOURCE = 6, /* memory, disk, lock */
    REC_ERR_INTERNAL = 7, /* our own mistake */
    REC_ERR_INTERRUPTED = 130, /* SIGINT, or 128 + the signal: core/interrupt.h */
} rec_status;

enum { REC_ERROR_MESSAGE_MAX = 1024 };

typedef struct rec_error {
    rec_status status;
    char message[REC_ERROR_MESSAGE_MAX]; /* UTF-8, no newline at the end */
} rec_error;

#if defined(__GNUC__)
#define REC_PRINTF(format_index, first_argument)                                                   \
    __attribute__((format(printf, format_index, first_argument)))
#else
#define REC_PRINTF(format_index, first_argument)
#endif

/** Fill `err` (may be NULL) and return `status`, so that a failure is one statement. */
rec_status rec_fail(rec_error *err, rec_status status, const char *format, ...) REC_PRINTF(3, 4);

/** As rec_fail, with the text of `errno` appended after a colon. */
rec_status rec_fail_errno(rec_error *err, rec_status status, const char *format, ...)
    REC_PRINTF(3, 4);

/** Put "prefix: " before the message a deeper function left; returns err's status. */
rec_status rec_error_prefix(rec_error *err, const char *format, ...) REC_PRINTF(2, 3);

/** The pattern of every fallible function: a local `status`, one `cleanup:` label. */
#define REC_TRY(expression)                                                                        \
    do {                                                                                           \
        status = (expression);                                                                     \
        if (status != REC_OK)                                                                      \
            goto cleanup;                                                                          \
    } while (0)

#endif
