/** Steps of reading HDF5 objects, each one call, each checked: REC_ERR_DATA names what is wrong. */
#ifndef REC_HARNESS_REPORT_H5_READ_H
#define REC_HARNESS_REPORT_H5_READ_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/** Open read-only, after rec_h5_check_envelope. *out is closed with H5Fclose. */
rec_status rec_h5_open(hid_t *out, const char *path, rec_error *err);

/** A group of this link name; *out is closed with H5Gclose. */
rec_status rec_h5_get_group(hid_t *out, hid_t parent, const char *link, rec_error *err);

/** Is there a link of this name? */
bool rec_h5_has(hid_t group, const char *link);

/** Link names of a group in the order of their creation; array and names are the caller's. */
rec_status rec_h5_get_links(char ***out, size_t *n, hid_t group, rec_error *err);

/** Attributes. A text that is not there gives NULL; numbers must be there. */
rec_status rec_h5_get_text(char **out, hid_t group, const char *name, rec_error *err);
rec_status rec_h5_get_u64(uint64_t *out, hid_t group, const char *name, rec_error *err);
rec_status rec_h5_get_i64(int64_t *out, hid_t group, const char *name, rec_error *err);
rec_status rec_h5_get_real(double *out, hid_t group, const char *name, rec_error *err);
/** One dimension; *out (n) is the caller's. */
rec_status rec_h5_get_u64s(uint64_t **out, size_t *n, hid_t group, const char *name,
                           rec_error *err);

/**
 * A dataset read as `type` (`size` bytes an element); *out (rows, columns) is the caller's.
 * columns is 0 for one dimension. One that is not there gives NULL, 0, 0.
 */
rec_status rec_h5_get_array(void **out, size_t *rows, size_t *columns, hid_t group,
                            const char *link, hid_t type, size_t size, rec_error *err);

/** Texts, each the caller's; NULL where NULL was written. */
rec_status rec_h5_get_texts(char ***out, size_t *n, hid_t group, const char *link, rec_error *err);

#endif
