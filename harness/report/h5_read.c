#include "harness/report/h5_read.h"

#include <stdlib.h>

#include "core/memory.h"
#include "harness/report/h5.h"

rec_status rec_h5_open(hid_t *out, const char *path, rec_error *err)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    rec_h5_silence();
    *out = H5I_INVALID_HID;
    /* No lock: a report is immutable, and some network file systems cannot lock. */
    if (access >= 0 && H5Pset_file_locking(access, false, true) >= 0)
        *out = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (access >= 0)
        H5Pclose(access);
    return *out >= 0 ? REC_OK : rec_h5_fail(err, REC_ERR_DATA, "cannot open the report");
}

rec_status rec_h5_get_group(hid_t *out, hid_t parent, const char *link, rec_error *err)
{
    *out = H5Gopen2(parent, link, H5P_DEFAULT);
    return *out >= 0 ? REC_OK : rec_h5_fail(err, REC_ERR_DATA, "no group \"%s\"", link);
}

bool rec_h5_has(hid_t group, const char *link)
{
    return H5Lexists(group, link, H5P_DEFAULT) > 0;
}

static char *link_at(hid_t group, size_t i, rec_error *err)
{
    ssize_t length =
        H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, NULL, 0, H5P_DEFAULT);
    if (length < 0) {
        rec_h5_fail(err, REC_ERR_DATA, "no name of link %zu", i);
        return NULL;
    }
    char *name = rec_alloc((size_t)length + 1, 1, err);
    if (name != NULL && H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name,
                                           (size_t)length + 1, H5P_DEFAULT) != length) {
        rec_h5_fail(err, REC_ERR_DATA, "no name of link %zu", i);
        free(name);
        return NULL;
    }
    return name;
}

rec_status rec_h5_get_links(char ***out, size_t *n, hid_t group, rec_error *err)
{
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0)
        return rec_h5_fail(err, REC_ERR_DATA, "a group cannot be listed");
    char **names = rec_alloc(info.nlinks, sizeof *names, err);
    if (names == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < info.nlinks; i++) {
        rec_error reason = {.status = REC_ERR_RESOURCE};
        names[i] = link_at(group, i, &reason);
        if (names[i] != NULL)
            continue;
        while (i > 0)
            free(names[--i]);
        free(names);
        return rec_fail(err, reason.status, "%s", reason.message);
    }
    *out = names;
    *n = info.nlinks;
    return REC_OK;
}

/* --- attributes -------------------------------------------------------------------------------- */

/* Opens an attribute whose type has this class; *n is its number of elements. */
static hid_t open_attribute(hid_t group, const char *name, H5T_class_t class, hssize_t *n)
{
    hid_t attribute = H5Aopen(group, name, H5P_DEFAULT);
    if (attribute < 0)
        return attribute;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool ok = type >= 0 && space >= 0 && H5Tget_class(type) == class &&
              (class != H5T_STRING || H5Tis_variable_str(type) > 0);
    *n = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    if (ok && *n >= 0)
        return attribute;
    H5Aclose(attribute);
    return H5I_INVALID_HID;
}

static rec_status get_scalar(void *out, hid_t group, const char *name, H5T_class_t class,
                             hid_t type, rec_error *err)
{
    hssize_t n = 0;
    hid_t attribute = open_attribute(group, name, class, &n);
    bool ok = attribute >= 0 && n == 1 && H5Aread(attribute, type, out) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    return ok ? REC_OK
              : rec_h5_fail(err, REC_ERR_DATA, "attribute \"%s\" is missing or of another type",
                            name);
}

rec_status rec_h5_get_text(char **out, hid_t group, const char *name, rec_error *err)
{
    *out = NULL;
    htri_t exists = H5Aexists(group, name);
    if (exists <= 0)
        return exists == 0 ? REC_OK : rec_h5_fail(err, REC_ERR_DATA, "attribute \"%s\"", name);
    hid_t type = rec_h5_text_type();
    if (type < 0)
        return rec_h5_fail(err, REC_ERR_RESOURCE, "attribute \"%s\"", name);
    rec_status status = get_scalar(out, group, name, H5T_STRING, type, err);
    H5Tclose(type);
    if (status != REC_OK || *out != NULL)
        return status;
    *out = rec_strdup("", err); /* a text that HDF5 has no storage for */
    return *out != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_h5_get_u64(uint64_t *out, hid_t group, const char *name, rec_error *err)
{
    return get_scalar(out, group, name, H5T_INTEGER, H5T_NATIVE_UINT64, err);
}

rec_status rec_h5_get_i64(int64_t *out, hid_t group, const char *name, rec_error *err)
{
    return get_scalar(out, group, name, H5T_INTEGER, H5T_NATIVE_INT64, err);
}

rec_status rec_h5_get_real(double *out, hid_t group, const char *name, rec_error *err)
{
    return get_scalar(out, group, name, H5T_FLOAT, H5T_NATIVE_DOUBLE, err);
}

rec_status rec_h5_get_u64s(uint64_t **out, size_t *n, hid_t group, const char *name, rec_error *err)
{
    hssize_t size = 0;
    hid_t attribute = open_attribute(group, name, H5T_INTEGER, &size);
    if (attribute < 0)
        return rec_h5_fail(err, REC_ERR_DATA, "attribute \"%s\" is missing or of another type",
                           name);
    rec_status status = REC_OK;
    uint64_t *values = rec_alloc((size_t)size, sizeof *values, err);
    if (values == NULL)
        status = REC_ERR_RESOURCE;
    else if (size > 0 && H5Aread(attribute, H5T_NATIVE_UINT64, values) < 0)
        status = rec_h5_fail(err, REC_ERR_DATA, "attribute \"%s\" cannot be read", name);
    H5Aclose(attribute);
    if (status != REC_OK) {
        free(values);
        return status;
    }
    *out = values;
    *n = (size_t)size;
    return REC_OK;
}

/* --- datasets ---------------------------------------------------------------------------------- */

/* Extent of a dataset of one or two dimensions; columns is 0 for one. */
static bool get_size(hid_t set, size_t *rows, size_t *columns)
{
    hid_t space = H5Dget_space(set);
    if (space < 0)
        return false;
    hsize_t size[2] = {0, 0};
    int rank = H5Sget_simple_extent_ndims(space);
    bool ok = (rank == 1 || rank == 2) && H5Sget_simple_extent_dims(space, size, NULL) == rank &&
              (rank == 1 || size[1] == 0 || size[0] <= SIZE_MAX / size[1]);
    H5Sclose(space);
    *rows = (size_t)size[0];
    *columns = rank == 2 ? (size_t)size[1] : 0;
    return ok;
}

rec_status rec_h5_get_array(void **out, size_t *rows, size_t *columns, hid_t group,
                            const char *link, hid_t type, size_t size, rec_error *err)
{
    *out = NULL;
    *rows = *columns = 0;
    if (!rec_h5_has(group, link))
        return REC_OK;
    hid_t set = H5Dopen2(group, link, H5P_DEFAULT);
    if (set < 0 || !get_size(set, rows, columns)) {
        if (set >= 0)
            H5Dclose(set);
        return rec_h5_fail(err, REC_ERR_DATA, "\"%s\" is not a table or an array", link);
    }
    rec_status status = REC_OK;
    size_t n = *columns > 0 ? *rows * *columns : *rows;
    void *values = rec_alloc(n, size, err);
    if (values == NULL)
        status = REC_ERR_RESOURCE;
    else if (n > 0 && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = rec_h5_fail(err, REC_ERR_DATA, "\"%s\" cannot be read", link);
    H5Dclose(set);
    if (status == REC_OK)
        *out = values;
    else
        free(values);
    return status;
}

rec_status rec_h5_get_texts(char ***out, size_t *n, hid_t group, const char *link, rec_error *err)
{
    void *texts = NULL;
    size_t columns = 0;
    hid_t type = rec_h5_text_type();
    if (type < 0)
        return rec_h5_fail(err, REC_ERR_RESOURCE, "\"%s\"", link);
    rec_status status =
        rec_h5_get_array(&texts, n, &columns, group, link, type, sizeof(char *), err);
    H5Tclose(type);
    *out = texts;
    return status;
}
