/* Files are made here byte by byte (NumPy), with the HDF5 library and with our safetensors writer. */
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/tensor_file.h"
#include "models/matrix_file.h"
#include "tests/suite.h"

static char folder[40], path[80];

static void set_path(const char *name)
{
    strcpy(folder, "/tmp/recai_matrix_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/%s", folder, name);
}

static void remove_path(void)
{
    unlink(path);
    rmdir(folder);
}

/* A version 1 file as numpy.save writes it: the header padded to 64 bytes. */
static void write_npy(const char *dictionary, const void *numbers, size_t n_bytes)
{
    char bytes[512] = "\x93NUMPY\x01\x00";
    size_t length = 118;
    bytes[8] = (char)length;
    bytes[9] = 0;
    memset(bytes + 10, ' ', length);
    memcpy(bytes + 10, dictionary, strlen(dictionary));
    bytes[10 + length - 1] = '\n';
    memcpy(bytes + 10 + length, numbers, n_bytes);
    ck_assert_ok(rec_atomic_write(path, bytes, 10 + length + n_bytes, err));
}

static void check(const char *name, const float expected[6])
{
    rec_matrix m;
    ck_assert_ok(rec_matrix_read(&m, path, name, err));
    ck_assert_uint_eq(m.n_rows, 2);
    ck_assert_uint_eq(m.n_columns, 3);
    ck_assert_mem_eq(m.data, expected, 6 * sizeof *expected);
    rec_matrix_deinit(&m);
}

static void check_fails(const char *name, const char *message)
{
    rec_matrix m;
    ck_assert_fails(rec_matrix_read(&m, path, name, err), REC_ERR_DATA, message);
    ck_assert_fails(rec_matrix_read(&m, path, name, err), REC_ERR_DATA, path);
    ck_assert_ptr_null(m.data);
}

static const float numbers[] = {1, -2, 0.5f, 4, 5, -6};

START_TEST(numpy_files)
{
    const double wide[] = {1, -2, 0.5, 4, 5, -6};
    const unsigned short half[] = {0x3c00, 0xc000, 0x3800, 0x4400, 0x4500, 0xc600};
    const float by_columns[] = {1, 4, -2, 5, 0.5f, -6};
    set_path("x.npy");
    write_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", numbers,
              sizeof numbers);
    check("", numbers);
    write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", wide, sizeof wide);
    check("", numbers);
    write_npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,3)}", half, sizeof half);
    check("", numbers);
    write_npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", by_columns,
              sizeof by_columns);
    check("", numbers);
    remove_path();
}
END_TEST

START_TEST(bad_numpy_files)
{
    const float nan_inside[] = {1, 2, 3, 4, NAN, 6};
    set_path("x.npy");
    write_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", nan_inside,
              sizeof nan_inside);
    check_fails("", "row 1, column 1 is not a finite number");
    write_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", numbers, sizeof numbers);
    check_fails("", "wanted a two-dimensional array");
    write_npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", numbers,
              sizeof numbers);
    check_fails("", "numbers of type '<i4'");
    write_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", numbers,
              sizeof numbers);
    check_fails("", "24 bytes of numbers do not make a (2, 4) array");
    write_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
              numbers, sizeof numbers);
    check_fails("", "do not make");
    write_npy("{'descr': '<f4'}", numbers, sizeof numbers);
    check_fails("", "no descr, fortran_order and shape");
    ck_assert_ok(rec_atomic_write(path, "\x93NUMPY\x01\x00\xff\xff{}..", 14, err));
    check_fails("", "cut off in the .npy header");
    ck_assert_ok(rec_atomic_write(path, "PK", 2, err));
    check_fails("", "not a .npy file");
    remove_path();
    check_fails("", "x.npy");
}
END_TEST

static void write_h5(const char *name, hid_t type, int n_dims, const void *values)
{
    hsize_t shape[2] = {2, 3}, flat = 6;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(n_dims, n_dims == 2 ? shape : &flat, NULL);
    hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Fclose(file);
}

START_TEST(hdf5_files)
{
    const double wide[] = {1, -2, 0.5, 4, 5, -6};
    const int whole[] = {1, 2, 3, 4, 5, 6};
    set_path("x.h5");
    write_h5("items", H5T_NATIVE_FLOAT, 2, numbers);
    check("items", numbers);
    check_fails("users", "no dataset \"users\"");
    write_h5("v", H5T_NATIVE_DOUBLE, 2, wide);
    check("/v", numbers);
    write_h5("v", H5T_NATIVE_DOUBLE, 1, wide);
    check_fails("v", "v is not a float matrix");
    write_h5("v", H5T_NATIVE_INT, 2, whole);
    check_fails("v", "v is not a float matrix");
    ck_assert_ok(rec_atomic_write(path, "no", 2, err));
    check_fails("v", "not an HDF5 file");
    remove_path();
}
END_TEST

static void write_safetensors(rec_dtype dtype, size_t n_dims, const void *values)
{
    rec_tensor_writer *w;
    size_t shape[2] = {2, 3};
    ck_assert_ok(rec_tensor_writer_new(&w, err));
    ck_assert_ok(rec_tensor_writer_add(w, "items", dtype, n_dims, shape, values, err));
    ck_assert_ok(rec_tensor_writer_write(w, path, err));
    rec_tensor_writer_free(w);
}

START_TEST(safetensors_files)
{
    const unsigned short brain[] = {0x3f80, 0xc000, 0x3f00, 0x4080, 0x40a0, 0xc0c0};
    const unsigned short half[] = {0x3c00, 0xc000, 0x3800, 0x4400, 0x4500, 0xc600};
    const double wide[] = {1, -2, 0.5, 4, 5, -6};
    set_path("x.safetensors");
    write_safetensors(REC_F32, 2, numbers);
    check("items", numbers);
    check_fails("users", "no tensor \"users\"");
    write_safetensors(REC_BF16, 2, brain);
    check("items", numbers);
    write_safetensors(REC_F16, 2, half);
    check("items", numbers);
    write_safetensors(REC_F64, 2, wide);
    check("items", numbers);
    write_safetensors(REC_I32, 2, numbers);
    check_fails("items", "items is I32 with 2 dimensions");
    write_safetensors(REC_F32, 1, numbers);
    check_fails("items", "items is F32 with 1 dimensions");
    remove_path();
}
END_TEST

START_TEST(other_files)
{
    rec_matrix m;
    ck_assert_fails(rec_matrix_read(&m, "vectors.pt", "x", err), REC_ERR_CONFIG,
                    "vectors.pt: what kind of matrix is it?");
}
END_TEST

REC_SUITE("models/matrix_file", tcase_add_test(t, numpy_files); tcase_add_test(t, bad_numpy_files);
          tcase_add_test(t, hdf5_files); tcase_add_test(t, safetensors_files);
          tcase_add_test(t, other_files);)
