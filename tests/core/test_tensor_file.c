#include <string.h>

#include "core/tensor_file.h"
#include "tests/folder.h"
#include "tests/suite.h"

/* A file of this header and this many bytes 0, 1, 2, ... of data. */
static const char *file_of(const char *header, size_t n_data)
{
    char bytes[4096];
    uint64_t n = strlen(header);
    memcpy(bytes, &n, 8);
    memcpy(bytes + 8, header, n);
    for (size_t i = 0; i < n_data; i++)
        bytes[8 + n + i] = (char)i;
    test_write("t", bytes, 8 + n + n_data);
    return test_path("t");
}

static void assert_refused(const char *header, size_t n_data, const char *message)
{
    rec_tensor_file *f = NULL;
    ck_assert_fails(rec_tensor_file_open(&f, file_of(header, n_data), err), REC_ERR_DATA, message);
    ck_assert_ptr_null(f);
}

static void write_example(const char *path)
{
    static const float matrix[6] = {1, 2, 3, 4, 5, 6};
    static const uint8_t bytes[3] = {7, 8, 9};
    static const int64_t scalar = -5;
    rec_tensor_writer *w = NULL;
    ck_assert_ok(rec_tensor_writer_new(&w, err));
    ck_assert_ok(rec_tensor_writer_add(w, "bytes", REC_U8, 1, (size_t[]){3}, bytes, err));
    ck_assert_ok(rec_tensor_writer_add(w, "matrix", REC_F32, 2, (size_t[]){2, 3}, matrix, err));
    ck_assert_ok(rec_tensor_writer_add(w, "scalar", REC_I64, 0, NULL, &scalar, err));
    ck_assert_ok(rec_tensor_writer_add(w, "none", REC_F32, 2, (size_t[]){0, 3}, NULL, err));
    ck_assert_ok(rec_tensor_writer_metadata(w, "format", "pt", err));
    ck_assert_ok(rec_tensor_writer_metadata(w, "quote", "\"\n", err));
    ck_assert_ok(rec_tensor_writer_write(w, path, err));
    rec_tensor_writer_free(w);
}

START_TEST(what_is_written_is_read)
{
    rec_tensor_file *f = NULL;
    write_example(test_path("t"));
    ck_assert_ok(rec_tensor_file_open(&f, test_path("t"), err));
    ck_assert_uint_eq(rec_tensor_file_count(f), 4);
    const rec_tensor_view *matrix = rec_tensor_file_find(f, "matrix");
    ck_assert_int_eq(matrix->dtype, REC_F32);
    ck_assert_uint_eq(matrix->n_dims, 2);
    ck_assert_uint_eq(matrix->shape[0], 2);
    ck_assert_uint_eq(matrix->shape[1], 3);
    ck_assert_uint_eq(matrix->n_elements, 6);
    ck_assert_uint_eq(matrix->n_bytes, 24);
    ck_assert_uint_eq((uintptr_t)matrix->data % 4, 0);
    ck_assert_float_eq(((const float *)matrix->data)[5], 6);
    ck_assert_mem_eq(rec_tensor_file_find(f, "bytes")->data, "\7\10\11", 3);
    ck_assert_int_eq(*(const int64_t *)rec_tensor_file_find(f, "scalar")->data, -5);
    ck_assert_uint_eq(rec_tensor_file_find(f, "none")->n_elements, 0);
    ck_assert_ptr_null(rec_tensor_file_find(f, "other"));
    ck_assert_ptr_null(rec_tensor_file_find(f, "__metadata__"));
    ck_assert_str_eq(rec_tensor_file_metadata(f, "format"), "pt");
    ck_assert_str_eq(rec_tensor_file_metadata(f, "quote"), "\"\n");
    ck_assert_ptr_null(rec_tensor_file_metadata(f, "other"));
    /* largest elements first, so that nothing needs a gap */
    ck_assert_str_eq(rec_tensor_file_at(f, 0)->name, "scalar");
    ck_assert_str_eq(rec_tensor_file_at(f, 3)->name, "bytes");
    rec_tensor_file_close(f);
}
END_TEST

START_TEST(data_start_aligned)
{
    uint64_t n = 0;
    write_example(test_path("t"));
    FILE *f = fopen(test_path("t"), "rb");
    ck_assert_uint_eq(fread(&n, 8, 1, f), 1);
    fclose(f);
    ck_assert_uint_eq((8 + n) % 64, 0);
}
END_TEST

START_TEST(require_checks_dtype_and_shape)
{
    rec_tensor_file *f = NULL;
    const rec_tensor_view *v = NULL;
    write_example(test_path("t"));
    ck_assert_ok(rec_tensor_file_open(&f, test_path("t"), err));
    size_t any_rows[] = {SIZE_MAX, 3}, wrong[] = {3, SIZE_MAX};
    ck_assert_ok(rec_tensor_file_require(&v, f, "matrix", REC_F32, 2, any_rows, err));
    ck_assert_str_eq(v->name, "matrix");
    ck_assert_fails(rec_tensor_file_require(&v, f, "matrix", REC_F32, 2, wrong, err), REC_ERR_DATA,
                    "matrix: is F32 (2, 3), should be F32 (3, *)");
    ck_assert_fails(rec_tensor_file_require(&v, f, "matrix", REC_F64, 2, any_rows, err),
                    REC_ERR_DATA, "should be F64");
    ck_assert_fails(rec_tensor_file_require(&v, f, "scalar", REC_I64, 1, wrong, err), REC_ERR_DATA,
                    "is I64 (), should be I64 (3)");
    ck_assert_fails(rec_tensor_file_require(&v, f, "other", REC_I64, 0, NULL, err), REC_ERR_DATA,
                    "tensor other: missing");
    rec_tensor_file_close(f);
}
END_TEST

/* Whatever the length of the header (0 to 3 spaces behind it), elements can be loaded directly. */
START_TEST(misaligned_data_are_copied)
{
    char header[200] = "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                       "\"i\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[1,5]}}";
    for (int spaces = 0; spaces < 4; spaces++, strcat(header, " ")) {
        rec_tensor_file *f = NULL;
        ck_assert_ok(rec_tensor_file_open(&f, file_of(header, 5), err));
        const rec_tensor_view *v = rec_tensor_file_find(f, "i");
        ck_assert_uint_eq((uintptr_t)v->data % 4, 0);
        ck_assert_int_eq(*(const int32_t *)v->data, 0x04030201);
        rec_tensor_file_close(f);
    }
}
END_TEST

#define ONE(dtype, shape, offsets)                                                                 \
    "{\"x\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

START_TEST(doctored_headers)
{
    assert_refused("[]", 0, "not a JSON object");
    assert_refused("{\"x\":", 0, "the text ends");
    assert_refused("{\"x\":1}", 0, "tensor x: dtype missing");
    assert_refused(ONE("\"F7\"", "[1]", "[0,4]"), 4, "unknown dtype \"F7\"");
    assert_refused(ONE("7", "[1]", "[0,4]"), 4, "dtype missing");
    assert_refused(ONE("\"F32\"", "1", "[0,4]"), 4, "shape missing");
    assert_refused(ONE("\"F32\"", "[-1]", "[0,4]"), 4, "not a list of sizes");
    assert_refused(ONE("\"F32\"", "[1.5]", "[0,4]"), 4, "not a list of sizes");
    assert_refused(ONE("\"F32\"", "[1e300]", "[0,4]"), 4, "not a list of sizes");
    assert_refused(ONE("\"F32\"", "[4294967296,4294967296]", "[0,4]"), 4, "shape overflows");
    assert_refused(ONE("\"F64\"", "[4611686018427387904]", "[0,4]"), 4, "not a list of sizes");
    assert_refused(ONE("\"F64\"", "[4503599627370496,1024]", "[0,4]"), 4, "shape overflows");
    assert_refused(ONE("\"U8\"", "[1,1,1,1,1,1,1,1,1]", "[0,1]"), 1, "more than 8 dimensions");
    assert_refused(ONE("\"F32\"", "[1]", "[0]"), 4, "not a pair");
    assert_refused(ONE("\"F32\"", "[1]", "[0,4,4]"), 4, "not a pair");
    assert_refused(ONE("\"F32\"", "[1]", "[-4,0]"), 4, "not a pair");
    assert_refused(ONE("\"F32\"", "[1]", "[4,0]"), 4, "lie outside");
    assert_refused(ONE("\"F32\"", "[1]", "[0,5]"), 4, "lie outside");
    assert_refused(ONE("\"F32\"", "[1]", "[9007199254740991,9007199254740992]"), 4, "lie outside");
    assert_refused(ONE("\"F32\"", "[2]", "[0,4]"), 4, "4 bytes given, its shape needs 8");
    assert_refused(ONE("\"F32\"", "[1]", "[0,4]"), 6, "2 bytes after the last tensor");
    assert_refused(ONE("\"F32\"", "[1]", "[2,6]"), 6, "a gap precedes");
    assert_refused("{\"__metadata__\":[]}", 0, "__metadata__ is not an object");
    assert_refused("{\"__metadata__\":{\"a\":1}}", 0, "a is not a string");
}
END_TEST

START_TEST(overlaps_and_duplicates)
{
    assert_refused("{\"x\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                   "\"y\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[2,5]}}",
                   5, "tensor y: overlaps");
    assert_refused("{\"x\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                   "\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]}}",
                   5, "duplicate key");
}
END_TEST

START_TEST(damaged_files)
{
    rec_tensor_file *f = NULL;
    char bytes[1024];
    write_example(test_path("t"));
    FILE *stream = fopen(test_path("t"), "rb");
    size_t n = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    for (size_t cut = 0; cut < n; cut++) {
        test_write("cut", bytes, cut);
        ck_assert_fails(rec_tensor_file_open(&f, test_path("cut"), err), REC_ERR_DATA, "cut");
    }
    test_write("long", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", 10);
    ck_assert_fails(rec_tensor_file_open(&f, test_path("long"), err), REC_ERR_DATA,
                    "header of 18446744073709551615 bytes in a file of 10");
    ck_assert_fails(rec_tensor_file_open(&f, test_path("no"), err), REC_ERR_DATA, "cannot open");
    /* any flipped bit: an error or a file that reads within its bounds (ASan watches) */
    for (size_t bit = 0; bit < 8 * n; bit++) {
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        test_write("flip", bytes, n);
        if (rec_tensor_file_open(&f, test_path("flip"), NULL) == REC_OK) {
            for (size_t i = 0; i < rec_tensor_file_count(f); i++) {
                const rec_tensor_view *v = rec_tensor_file_at(f, i);
                ck_assert_uint_le(v->n_bytes, n);
                ck_assert(v->n_bytes == 0 || memchr(v->data, 0x55, v->n_bytes) == NULL);
            }
            rec_tensor_file_close(f);
        }
        bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
}
END_TEST

START_TEST(writing_fails_with_a_reason)
{
    static const char byte = 1;
    rec_tensor_writer *w = NULL;
    ck_assert_ok(rec_tensor_writer_new(&w, err));
    ck_assert_ok(rec_tensor_writer_add(w, "x", REC_U8, 1, (size_t[]){1}, &byte, err));
    ck_assert_fails(rec_tensor_writer_write(w, test_path("no/t"), err), REC_ERR_RESOURCE, "no/t");
    ck_assert_fails(
        rec_tensor_writer_add(w, "y", REC_F64, 2, (size_t[]){SIZE_MAX / 4, 1}, &byte, err),
        REC_ERR_INTERNAL, "shape overflows");
    ck_assert_ok(rec_tensor_writer_add(w, "x", REC_U8, 1, (size_t[]){1}, &byte, err));
    ck_assert_fails(rec_tensor_writer_write(w, test_path("t"), err), REC_ERR_INTERNAL,
                    "x is written twice");
    rec_tensor_writer_free(w);
    rec_tensor_writer_free(NULL);
}
END_TEST

START_TEST(dtypes)
{
    ck_assert_uint_eq(rec_dtype_size(REC_F64), 8);
    ck_assert_uint_eq(rec_dtype_size(REC_BF16), 2);
    ck_assert_uint_eq(rec_dtype_size(REC_BOOL), 1);
    ck_assert_str_eq(rec_dtype_name(REC_BF16), "BF16");
}
END_TEST

REC_SUITE("core/tensor_file", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, what_is_written_is_read); tcase_add_test(t, data_start_aligned);
          tcase_add_test(t, require_checks_dtype_and_shape);
          tcase_add_test(t, misaligned_data_are_copied); tcase_add_test(t, doctored_headers);
          tcase_add_test(t, overlaps_and_duplicates); tcase_add_test(t, damaged_files);
          tcase_add_test(t, writing_fails_with_a_reason); tcase_add_test(t, dtypes);)
