/** An HDF5 file that exists in memory only, whose bytes outlive it. */
#ifndef REC_HARNESS_REPORT_H5_IMAGE_H
#define REC_HARNESS_REPORT_H5_IMAGE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

/** Where the library puts the file. Must not move or end before the HDF5 file is closed. */
typedef struct rec_h5_image {
    void *bytes; /* owned (free); complete once the HDF5 file is closed */
    size_t capacity;
} rec_h5_image;

/** Make a file access list put its file into `image`. False when HDF5 refuses. */
bool rec_h5_image_use(hid_t access, rec_h5_image *image);

/** Length of the finished file that starts with its user block; 0 when there is no superblock where
 * `user_block` says. */
size_t rec_h5_image_length(const rec_h5_image *image, size_t user_block);

#endif
