/* A dataset of an HDF5 file. The library converts any number type; it may be used by one thread. */
#include <hdf5.h>
#include <stdlib.h>

#include "models/matrix_formats.h"

static rec_status take_dataset(rec_matrix *out, hid_t set, const char *path, const char *name,
                               rec_error *err)
{
    hid_t space = H5Dget_space(set), type = H5Dget_type(set);
    hsize_t shape[2] = {0, 0};
    rec_status status;
    if (space < 0 || type < 0 || H5Sget_simple_extent_ndims(space) != 2 ||
        H5Tget_class(type) != H5T_FLOAT) {
        status = rec_fail(err, REC_ERR_DATA, "%s: %s is not a float matrix", path, name);
        goto cleanup;
    }
    H5Sget_simple_extent_dims(space, shape, NULL);
    REC_TRY(rec_matrix_init(out, (size_t)shape[0], (size_t)shape[1], path, err));
    if (shape[0] > 0 && shape[1] > 0 &&
        H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out->data) < 0)
        status = rec_fail(err, REC_ERR_DATA, "%s: %s cannot be read (damaged?)", path, name);
cleanup:
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    return status;
}

rec_status rec_matrix_read_hdf5(rec_matrix *out, const char *path, const char *name, rec_error *err)
{
    hid_t file = H5I_INVALID_HID, set = H5I_INVALID_HID;
    rec_status status;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* we say ourselves what is wrong */
    file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return rec_fail(err, REC_ERR_DATA, "%s: missing, or not an HDF5 file", path);
    set = H5Dopen2(file, name, H5P_DEFAULT);
    if (set < 0)
        status = rec_fail(err, REC_ERR_DATA, "%s: no dataset \"%s\"", path, name);
    else
        status = take_dataset(out, set, path, name, err);
    if (set >= 0)
        H5Dclose(set);
    H5Fclose(file);
    return status;
}
