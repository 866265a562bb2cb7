/* HDF5's core driver keeps a file in memory. H5Fget_file_image would hand out a copy, but in 1.10 it
 * clears the writer's mark in the superblock without renewing the checksum, so that the copy cannot
 * be opened. The driver's allocation hooks give us the memory itself instead, after a clean close.
 * Superblock: HDF5 File Format Specification 3.0, section II.A, versions 2 and 3. */
#include "harness/report/h5_image.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *image_malloc(size_t size, H5FD_file_image_op_t op, void *udata)
{
    rec_h5_image *image = udata;
    (void)op;
    image->bytes = malloc(size);
    image->capacity = image->bytes != NULL ? size : 0;
    return image->bytes;
}

static void *image_realloc(void *old, size_t size, H5FD_file_image_op_t op, void *udata)
{
    rec_h5_image *image = udata;
    (void)op;
    void *grown = realloc(old, size);
    if (grown != NULL) {
        image->bytes = grown;
        image->capacity = size;
    }
    return grown;
}

/* The driver lets go of the file when it is closed; its bytes stay ours. */
static herr_t image_free(void *bytes, H5FD_file_image_op_t op, void *udata)
{
    (void)bytes;
    (void)op;
    (void)udata;
    return 0;
}

/* Property lists are copied; all copies mean one image. */
static void *udata_copy(void *udata)
{
    return udata;
}

static herr_t udata_free(void *udata)
{
    (void)udata;
    return 0;
}

bool rec_h5_image_use(hid_t access, rec_h5_image *image)
{
    const size_t step = (size_t)1 << 20; /* the memory grows by this */
    H5FD_file_image_callbacks_t hooks = {
        .image_malloc = image_malloc,
        .image_realloc = image_realloc,
        .image_free = image_free,
        .udata_copy = udata_copy,
        .udata_free = udata_free,
        .udata = image,
    };
    *image = (rec_h5_image){0};
    return H5Pset_fapl_core(access, step, false) >= 0 &&
           H5Pset_file_image_callbacks(access, &hooks) >= 0;
}

size_t rec_h5_image_length(const rec_h5_image *image, size_t user_block)
{
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    enum { END_ADDRESS = 28, SUPERBLOCK = 48 };
    const unsigned char *block = (const unsigned char *)image->bytes + user_block;
    if (image->bytes == NULL || image->capacity < user_block + SUPERBLOCK ||
        memcmp(block, signature, sizeof signature) != 0)
        return 0;
    uint64_t end = 0;
    for (size_t i = 0; i < sizeof end; i++) /* little-endian, counted from the user block */
        end |= (uint64_t)block[END_ADDRESS + i] << 8 * i;
    return end <= image->capacity ? (size_t)end : 0;
}
