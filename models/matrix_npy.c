/* NumPy's .npy, versions 1 to 3 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 * "\x93NUMPY", version, little-endian header length, a Python dictionary with descr, fortran_order
 * and shape, then the numbers. Little-endian f2, f4 and f8 are read. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "models/lm/quant.h"
#include "models/matrix_formats.h"

typedef struct npy_header {
    size_t size; /* of a number in bytes: 2, 4 or 8 */
    bool columns_first;
    size_t shape[2];
    size_t data; /* offset of the numbers */
} npy_header;

static rec_status fail(rec_error *err, const char *path, const char *what)
{
    return rec_fail(err, REC_ERR_DATA, "%s: %s", path, what);
}

/* Value of a key in the dictionary text: past "'key':" and blanks; NULL when it is not there. */
static const char *value_of(const char *dictionary, const char *key)
{
    const char *at = strstr(dictionary, key);
    if (at == NULL)
        return NULL;
    at += strlen(key);
    return at + strspn(at, " ");
}

/* "(3, 4)": two sizes. */
static bool parse_shape(size_t shape[2], const char *text)
{
    char *end;
    if (*text++ != '(')
        return false;
    for (int d = 0; d < 2; d++) {
        text += strspn(text, " ");
        if (*text < '0' || *text > '9')
            return false;
        unsigned long long value = strtoull(text, &end, 10);
        if (value > SIZE_MAX / 2)
            return false;
        shape[d] = (size_t)value;
        text = end + strspn(end, " ");
        if (d == 0 && *text++ != ',')
            return false;
    }
    if (*text == ',')
        text++;
    return text[strspn(text, " ")] == ')';
}

static rec_status parse_dictionary(npy_header *h, const char *dictionary, const char *path,
                                   rec_error *err)
{
    const char *descr = value_of(dictionary, "'descr':");
    const char *order = value_of(dictionary, "'fortran_order':");
    const char *shape = value_of(dictionary, "'shape':");
    if (descr == NULL || order == NULL || shape == NULL)
        return fail(err, path, "no descr, fortran_order and shape in the .npy header");
    if (strncmp(descr, "'<f", 3) != 0 || strchr("248", descr[3]) == NULL || descr[4] != '\'')
        return rec_fail(err, REC_ERR_DATA,
                        "%s: numbers of type %.10s, wanted '<f2', '<f4' or '<f8'", path, descr);
    h->size = (size_t)(descr[3] - '0');
    h->columns_first = strncmp(order, "True", 4) == 0;
    return parse_shape(h->shape, shape) ? REC_OK
                                        : fail(err, path, "wanted a two-dimensional array");
}

static rec_status parse_header(npy_header *h, const rec_text *file, const char *path,
                               rec_error *err)
{
    const unsigned char *bytes = (const unsigned char *)file->data;
    if (file->length < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0 || bytes[6] < 1 || bytes[6] > 3)
        return fail(err, path, "not a .npy file");
    size_t start = bytes[6] == 1 ? 10 : 12;
    size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] > 1)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (length > file->length - start)
        return fail(err, path, "cut off in the .npy header");
    char *dictionary = rec_alloc(length + 1, 1, err);
    if (dictionary == NULL)
        return REC_ERR_RESOURCE;
    memcpy(dictionary, bytes + start, length);
    rec_status status = parse_dictionary(h, dictionary, path, err);
    free(dictionary);
    h->data = start + length;
    return status;
}

static float number_at(const char *at, size_t size)
{
    uint16_t half;
    float single;
    double wide;
    if (size == 2) {
        memcpy(&half, at, sizeof half);
        return rec_half_to_float(half);
    }
    if (size == 4) {
        memcpy(&single, at, sizeof single);
        return single;
    }
    memcpy(&wide, at, sizeof wide);
    return (float)wide;
}

static rec_status take_numbers(rec_matrix *out, const npy_header *h, const rec_text *file,
                               const char *path, rec_error *err)
{
    size_t n_rows = h->shape[0], n_columns = h->shape[1], n, bytes;
    if (__builtin_mul_overflow(n_rows, n_columns, &n) ||
        __builtin_mul_overflow(n, h->size, &bytes) || bytes != file->length - h->data)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: %zu bytes of numbers do not make a (%zu, %zu) array", path,
                        file->length - h->data, n_rows, n_columns);
    rec_status status = rec_matrix_init(out, n_rows, n_columns, path, err);
    if (status != REC_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        size_t place = h->columns_first ? i % n_columns * n_rows + i / n_columns : i;
        out->data[i] = number_at(file->data + h->data + place * h->size, h->size);
    }
    return REC_OK;
}

rec_status rec_matrix_read_npy(rec_matrix *out, const char *path, rec_error *err)
{
    rec_text file;
    npy_header header;
    rec_status status = rec_text_read(&file, path, err);
    if (status != REC_OK)
        return status;
    status = parse_header(&header, &file, path, err);
    if (status == REC_OK)
        status = take_numbers(out, &header, &file, path, err);
    rec_text_close(&file);
    return status;
}
