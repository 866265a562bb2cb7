#include <string.h>

#include "models/lm/gguf.h"
#include "tests/folder.h"
#include "tests/suite.h"

static const float matrix[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void write_example(const char *path)
{
    static const char *const strings[] = {"a", "", "c\0d"};
    static const size_t lengths[] = {1, 0, 3};
    static const int16_t numbers[] = {-1, 300};
    static unsigned char blocks[2 * 34];
    rec_gguf_writer *w = NULL;
    ck_assert_ok(rec_gguf_writer_new(&w, err));
    ck_assert_ok(rec_gguf_put_string(w, "general.architecture", "llama", err));
    ck_assert_ok(rec_gguf_put_u32(w, "count", 7, err));
    ck_assert_ok(rec_gguf_put_f32(w, "real", 0.5f, err));
    ck_assert_ok(rec_gguf_put_bool(w, "flag", true, err));
    ck_assert_ok(rec_gguf_put_array(w, "numbers", REC_GGUF_I16, numbers, 2, err));
    ck_assert_ok(rec_gguf_put_strings(w, "strings", strings, lengths, 3, err));
    ck_assert_ok(rec_gguf_add_tensor(w, "m", REC_FORMAT_F32, 2, (size_t[]){2, 4}, matrix, err));
    ck_assert_ok(rec_gguf_add_tensor(w, "q", REC_FORMAT_Q8_0, 2, (size_t[]){2, 32}, blocks, err));
    ck_assert_ok(rec_gguf_write(w, path, err));
    rec_gguf_writer_free(w);
}

START_TEST(what_is_written_is_read)
{
    rec_gguf *f = NULL;
    uint64_t u;
    double d;
    bool flag;
    char *text;
    write_example(test_path("g"));
    ck_assert_ok(rec_gguf_open(&f, test_path("g"), err));
    ck_assert_uint_eq(rec_gguf_n_values(f), 6);
    ck_assert_str_eq(rec_gguf_value_at(f, 1)->key, "count");
    ck_assert_ok(rec_gguf_u64(&u, rec_gguf_find(f, "count"), 0, err));
    ck_assert_uint_eq(u, 7);
    ck_assert_ok(rec_gguf_f64(&d, rec_gguf_find(f, "real"), 0, err));
    ck_assert_double_eq(d, 0.5);
    ck_assert_ok(rec_gguf_bool(&flag, rec_gguf_find(f, "flag"), 0, err));
    ck_assert(flag);
    ck_assert_ok(rec_gguf_string(&text, rec_gguf_find(f, "general.architecture"), 0, err));
    ck_assert_str_eq(text, "llama");
    free(text);
    const rec_gguf_value *numbers = rec_gguf_find(f, "numbers");
    ck_assert_uint_eq(numbers->n, 2);
    ck_assert_ok(rec_gguf_u64(&u, numbers, 1, err));
    ck_assert_uint_eq(u, 300);
    ck_assert_ok(rec_gguf_f64(&d, numbers, 0, err));
    ck_assert_double_eq(d, -1);
    const rec_gguf_value *strings = rec_gguf_find(f, "strings");
    ck_assert_uint_eq(strings->lengths[2], 3);
    ck_assert_mem_eq(strings->strings[2], "c\0d", 3);
    ck_assert_ptr_null(rec_gguf_find(f, "other"));

    ck_assert_uint_eq(rec_gguf_n_tensors(f), 2);
    const rec_gguf_tensor *m = rec_gguf_tensor_find(f, "m");
    ck_assert_int_eq(m->format, REC_FORMAT_F32);
    ck_assert_uint_eq(m->n_dims, 2);
    ck_assert_uint_eq(m->shape[0], 2);
    ck_assert_uint_eq(m->shape[1], 4);
    ck_assert_mem_eq(m->data, matrix, sizeof matrix);
    ck_assert_uint_eq((uintptr_t)m->data % 32, 0);
    ck_assert_uint_eq(rec_gguf_tensor_at(f, 1)->n_bytes, 68);
    ck_assert_ptr_null(rec_gguf_tensor_find(f, "n"));
    rec_gguf_close(f);
}
END_TEST

START_TEST(reads_check_types)
{
    rec_gguf *f = NULL;
    uint64_t u;
    double d;
    bool flag;
    char *text;
    write_example(test_path("g"));
    ck_assert_ok(rec_gguf_open(&f, test_path("g"), err));
    ck_assert_fails(rec_gguf_u64(&u, rec_gguf_find(f, "real"), 0, err), REC_ERR_MODEL,
                    "real: not an unsigned integer");
    ck_assert_fails(rec_gguf_u64(&u, rec_gguf_find(f, "numbers"), 0, err), REC_ERR_MODEL,
                    "not an unsigned integer");
    ck_assert_fails(rec_gguf_f64(&d, rec_gguf_find(f, "flag"), 0, err), REC_ERR_MODEL,
                    "not a number");
    ck_assert_fails(rec_gguf_f64(&d, rec_gguf_find(f, "strings"), 0, err), REC_ERR_MODEL,
                    "not a number");
    ck_assert_fails(rec_gguf_bool(&flag, rec_gguf_find(f, "count"), 0, err), REC_ERR_MODEL,
                    "not a bool");
    ck_assert_fails(rec_gguf_string(&text, rec_gguf_find(f, "count"), 0, err), REC_ERR_MODEL,
                    "not a string");
    ck_assert_fails(rec_gguf_string(&text, rec_gguf_find(f, "strings"), 2, err), REC_ERR_MODEL,
                    "not a string"); /* a NUL inside */
    ck_assert_fails(rec_gguf_string(&text, rec_gguf_find(f, "strings"), 3, err), REC_ERR_MODEL,
                    "not a string"); /* past the end */
    rec_gguf_close(f);
}
END_TEST

START_TEST(copying_entries)
{
    rec_gguf *f = NULL, *copy = NULL;
    rec_gguf_writer *w = NULL;
    write_example(test_path("g"));
    ck_assert_ok(rec_gguf_open(&f, test_path("g"), err));
    ck_assert_ok(rec_gguf_writer_new(&w, err));
    for (size_t i = 0; i < rec_gguf_n_values(f); i++)
        ck_assert_ok(rec_gguf_put_copy(w, rec_gguf_value_at(f, i), err));
    ck_assert_ok(rec_gguf_write(w, test_path("copy"), err));
    ck_assert_ok(rec_gguf_open(&copy, test_path("copy"), err));
    ck_assert_uint_eq(rec_gguf_n_values(copy), 6);
    ck_assert_uint_eq(rec_gguf_n_tensors(copy), 0);
    ck_assert_mem_eq(rec_gguf_find(copy, "strings")->strings[2], "c\0d", 3);
    ck_assert_mem_eq(rec_gguf_find(copy, "numbers")->bytes, rec_gguf_find(f, "numbers")->bytes, 4);
    rec_gguf_writer_free(w);
    rec_gguf_close(copy);
    rec_gguf_close(f);
}
END_TEST

/* ---- doctored files, byte by byte ---- */

static unsigned char file[512];
static size_t n_file;

static void put(const void *bytes, size_t n)
{
    memcpy(file + n_file, bytes, n);
    n_file += n;
}

static void put_u32(uint32_t x)
{
    put(&x, sizeof x);
}

static void put_u64(uint64_t x)
{
    put(&x, sizeof x);
}

static void put_string(const char *text)
{
    put_u64(strlen(text));
    put(text, strlen(text));
}

static void start(uint32_t version, uint64_t n_tensors, uint64_t n_values)
{
    n_file = 0;
    put("GGUF", 4);
    put_u32(version);
    put_u64(n_tensors);
    put_u64(n_values);
}

static void put_tensor(const char *name, uint64_t columns, uint64_t rows, uint32_t type,
                       uint64_t offset)
{
    put_string(name);
    put_u32(2);
    put_u64(columns);
    put_u64(rows);
    put_u32(type);
    put_u64(offset);
}

static void assert_refused(size_t n_data, const char *message)
{
    rec_gguf *f = NULL;
    while (n_file % 32 != 0)
        put("", 1);
    n_file += n_data;
    test_write("bad", file, n_file);
    ck_assert_fails(rec_gguf_open(&f, test_path("bad"), err), REC_ERR_MODEL, message);
    ck_assert_ptr_null(f);
}

START_TEST(doctored_headers)
{
    n_file = 0;
    put("GGML", 4);
    assert_refused(0, "not a GGUF file");
    start(1, 0, 0);
    assert_refused(0, "GGUF version 1 (supported: 2, 3)");
    start(0x03000000, 0, 0);
    assert_refused(0, "a big-endian file");
    start(3, (uint64_t)1 << 63, 0);
    assert_refused(100, "cannot fit into");
    start(3, 0, (uint64_t)1 << 63);
    assert_refused(100, "cannot fit into");
}
END_TEST

START_TEST(doctored_metadata)
{
    start(3, 0, 1);
    put_u64((uint64_t)1 << 60); /* a key of 2^60 bytes */
    assert_refused(100, "a metadata key does not fit");
    start(3, 0, 1);
    put_string("k\xFF");
    put_u32(REC_GGUF_U32);
    put_u32(1);
    assert_refused(0, "not UTF-8");
    start(3, 0, 1);
    put_string("");
    assert_refused(100, "a metadata key is empty");
    start(3, 0, 1);
    put_string("k");
    put_u32(13);
    assert_refused(100, "k: unknown or unsupported value type 13");
    start(3, 0, 1);
    put_string("k");
    put_u32(REC_GGUF_STRING);
    put_u64((uint64_t)1 << 60);
    assert_refused(100, "k does not fit");
    start(3, 0, 1);
    put_string("k");
    put_u32(REC_GGUF_ARRAY);
    put_u32(REC_GGUF_ARRAY);
    put_u64(1);
    assert_refused(100, "array of arrays");
    for (uint32_t type = REC_GGUF_U32; type <= REC_GGUF_STRING; type += 2) {
        start(3, 0, 1);
        put_string("k");
        put_u32(REC_GGUF_ARRAY);
        put_u32(type);
        put_u64((uint64_t)1 << 62); /* times the element size: overflows */
        assert_refused(100, "k does not fit");
    }
    start(3, 0, 2);
    for (int i = 0; i < 2; i++) {
        put_string("k");
        put_u32(REC_GGUF_U32);
        put_u32(1);
    }
    assert_refused(0, "metadata key k is there twice");
}
END_TEST

START_TEST(doctored_tensors)
{
    start(3, 1, 0);
    put_tensor("t", 4, 4, 0, 0);
    assert_refused(63, "tensor t: 64 bytes at 0 lie past the end");
    start(3, 1, 0);
    put_tensor("t", 4, 4, 0, (uint64_t)1 << 63);
    assert_refused(64, "lie past the end");
    start(3, 1, 0);
    put_tensor("t", 4, 4, 0, 8);
    assert_refused(100, "offset 8 is not a multiple of 32");
    start(3, 1, 0);
    put_tensor("t", (uint64_t)1 << 33, (uint64_t)1 << 33, 0, 0);
    assert_refused(64, "shape overflows");
    start(3, 1, 0);
    put_tensor("t", (uint64_t)1 << 62, 1, 0, 0); /* 2^64 bytes */
    assert_refused(64, "lie past the end");
    start(3, 1, 0);
    put_tensor("t", 4, 4, 99, 0);
    assert_refused(64, "unknown tensor type 99");
    start(3, 1, 0);
    put_tensor("t", 48, 1, 8, 0);
    assert_refused(64, "rows of 48 values in blocks of 32");
    start(3, 2, 0);
    put_tensor("t", 4, 1, 0, 0);
    put_tensor("t", 4, 1, 0, 32);
    assert_refused(64, "tensor t is there twice");
    start(3, 2, 0);
    put_tensor("t", 4, 4, 0, 0);
    put_tensor("u", 4, 4, 0, 32);
    assert_refused(96, "tensors t and u overlap");
    start(3, 1, 0);
    put_string("t");
    put_u32(5);
    assert_refused(100, "5 dimensions (1 to 4)");
    start(3, 1, 1);
    put_string("general.alignment");
    put_u32(REC_GGUF_U32);
    put_u32(24);
    put_tensor("t", 4, 1, 0, 0);
    assert_refused(64, "general.alignment 24");
}
END_TEST

/* Whole but cut at every length, and with every bit flipped: a message or a readable file. */
START_TEST(damaged_files)
{
    rec_gguf *f = NULL;
    write_example(test_path("g"));
    FILE *stream = fopen(test_path("g"), "rb");
    n_file = fread(file, 1, sizeof file, stream);
    fclose(stream);
    ck_assert_uint_lt(n_file, sizeof file);
    for (size_t cut = 0; cut < n_file; cut++) {
        test_write("cut", file, cut);
        if (cut < n_file - 28) { /* what follows is padding */
            ck_assert_fails(rec_gguf_open(&f, test_path("cut"), err), REC_ERR_MODEL, "cut");
        }
    }
    for (size_t bit = 0; bit < 8 * n_file; bit++) {
        file[bit / 8] ^= (unsigned char)(1 << bit % 8);
        test_write("flip", file, n_file);
        if (rec_gguf_open(&f, test_path("flip"), NULL) == REC_OK) {
            for (size_t i = 0; i < rec_gguf_n_tensors(f); i++) {
                const rec_gguf_tensor *t = rec_gguf_tensor_at(f, i);
                if (t->n_elements <= 64) {
                    float values[64];
                    rec_dequantise(values, t->format, t->data, t->n_elements);
                }
            }
            rec_gguf_close(f);
        }
        file[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_fails(rec_gguf_open(&f, test_path("no"), err), REC_ERR_DATA, "cannot open");
}
END_TEST

REC_SUITE("models/lm/gguf", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, what_is_written_is_read); tcase_add_test(t, reads_check_types);
          tcase_add_test(t, copying_entries); tcase_add_test(t, doctored_headers);
          tcase_add_test(t, doctored_metadata); tcase_add_test(t, doctored_tensors);
          tcase_add_test(t, damaged_files);)
