#include "harness/report/h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"

void rec_h5_silence(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* Walking downwards from the innermost call: the first entry says what went wrong. */
static herr_t keep_first(unsigned n, const H5E_error2_t *entry, void *text)
{
    if (n == 0 && entry->desc != NULL)
        snprintf(text, 256, "%s", entry->desc);
    return 0;
}

rec_status rec_h5_fail(rec_error *err, rec_status status, const char *format, ...)
{
    char reason[256] = "no reason given", message[REC_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, reason);
    H5Eclear2(H5E_DEFAULT);
    return rec_fail(err, status, "%s (HDF5: %s)", message, reason);
}

/* Closes a type under construction after a failed step, so that callers see one result. */
static hid_t finished_type(hid_t type, bool ok)
{
    if (ok)
        return type;
    if (type >= 0)
        H5Tclose(type);
    return H5I_INVALID_HID;
}

hid_t rec_h5_text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    bool ok =
        type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0;
    return finished_type(type, ok);
}

hid_t rec_h5_bool_type(void)
{
    const int8_t no = 0, yes = 1;
    hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
    bool ok = type >= 0 && H5Tenum_insert(type, "FALSE", &no) >= 0 &&
              H5Tenum_insert(type, "TRUE", &yes) >= 0;
    return finished_type(type, ok);
}

/* A member of a compound row. */
typedef struct member {
    const char *name;
    size_t offset;
    hid_t type;
} member;

static hid_t compound_type(size_t size, const member *members, size_t n)
{
    hid_t type = H5Tcreate(H5T_COMPOUND, size);
    bool ok = type >= 0;
    for (size_t i = 0; i < n && ok; i++)
        ok = members[i].type >= 0 &&
             H5Tinsert(type, members[i].name, members[i].offset, members[i].type) >= 0;
    return finished_type(type, ok);
}

hid_t rec_h5_figure_type(void)
{
    hid_t text = rec_h5_text_type(), boolean = rec_h5_bool_type();
    const member members[] = {
        {"label", offsetof(rec_h5_figure, label), text},
        {"metric", offsetof(rec_h5_figure, metric), text},
        {"k", offsetof(rec_h5_figure, k), H5T_NATIVE_UINT64},
        {"mean", offsetof(rec_h5_figure, mean), H5T_NATIVE_DOUBLE},
        {"stderr", offsetof(rec_h5_figure, stderr_), H5T_NATIVE_DOUBLE},
        {"ci_low", offsetof(rec_h5_figure, ci_low), H5T_NATIVE_DOUBLE},
        {"ci_high", offsetof(rec_h5_figure, ci_high), H5T_NATIVE_DOUBLE},
        {"n", offsetof(rec_h5_figure, n), H5T_NATIVE_UINT64},
        {"sd_seeds", offsetof(rec_h5_figure, sd_seeds), H5T_NATIVE_DOUBLE},
        {"higher_is_better", offsetof(rec_h5_figure, higher_is_better), boolean},
    };
    hid_t type = compound_type(sizeof(rec_h5_figure), members, sizeof members / sizeof *members);
    finished_type(text, false);
    finished_type(boolean, false);
    return type;
}

hid_t rec_h5_expected_type(void)
{
    hid_t text = rec_h5_text_type(), boolean = rec_h5_bool_type();
    const member members[] = {
        {"system", offsetof(rec_h5_expected, system), text},
        {"task", offsetof(rec_h5_expected, task), text},
        {"metric", offsetof(rec_h5_expected, metric), text},
        {"measured", offsetof(rec_h5_expected, measured), H5T_NATIVE_DOUBLE},
        {"published", offsetof(rec_h5_expected, published), H5T_NATIVE_DOUBLE},
        {"digits", offsetof(rec_h5_expected, digits), H5T_NATIVE_INT32},
        {"tol", offsetof(rec_h5_expected, tol), H5T_NATIVE_DOUBLE},
        {"side", offsetof(rec_h5_expected, side), text},
        {"within", offsetof(rec_h5_expected, within), boolean},
        {"source", offsetof(rec_h5_expected, source), text},
    };
    hid_t type = compound_type(sizeof(rec_h5_expected), members, sizeof members / sizeof *members);
    finished_type(text, false);
    finished_type(boolean, false);
    return type;
}

char *rec_h5_link_name(const char *name, rec_error *err)
{
    rec_buffer text = {0};
    rec_status status = REC_OK;
    bool dots_only = strspn(name, ".") == strlen(name);
    for (const char *c = name; *c != '\0' && status == REC_OK; c++) {
        if (*c == '/' || *c == '%' || dots_only)
            status = rec_buffer_printf(&text, err, "%%%02X", (unsigned)(unsigned char)*c);
        else
            status = rec_buffer_append(&text, c, 1, err);
    }
    char *link = status == REC_OK ? rec_buffer_take(&text, err) : NULL;
    rec_buffer_deinit(&text);
    return link;
}
