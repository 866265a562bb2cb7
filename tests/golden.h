/** Reading reference outputs: HDF5 files in tests/golden/. A missing file or data set fails the test. */
#ifndef REC_TESTS_GOLDEN_H
#define REC_TESTS_GOLDEN_H

#include <check.h>
#include <hdf5.h>
#include <stdlib.h>

#define GOLDEN(path) REC_TEST_DIR "/golden/" path

/** The whole data set converted to `type`; *n elements. Free with free(). */
static inline void *golden_read(const char *path, const char *name, hid_t type, size_t *n)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    ck_assert_msg(file >= 0, "%s", path);
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    ck_assert_msg(set >= 0, "%s: %s", path, name);
    hid_t space = H5Dget_space(set);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    void *values = malloc((size_t)count * H5Tget_size(type) + 1);
    ck_assert(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
    if (n != NULL)
        *n = (size_t)count;
    return values;
}

static inline float *golden_floats(const char *path, const char *name, size_t *n)
{
    return golden_read(path, name, H5T_NATIVE_FLOAT, n);
}

static inline int64_t *golden_integers(const char *path, const char *name, size_t *n)
{
    return golden_read(path, name, H5T_NATIVE_INT64, n);
}

static inline unsigned char *golden_bytes(const char *path, const char *name, size_t *n)
{
    return golden_read(path, name, H5T_NATIVE_UCHAR, n);
}

#endif
