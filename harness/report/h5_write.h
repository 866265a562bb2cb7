/** Steps of writing HDF5 objects, each one call: named values and arrays under a group. */
#ifndef REC_HARNESS_REPORT_H5_WRITE_H
#define REC_HARNESS_REPORT_H5_WRITE_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "harness/report/h5_image.h"

/** The file and what every step needs, made once. */
typedef struct rec_h5_writer {
    hid_t file;
    hid_t group_properties; /* creation order kept, attributes in the header, no times */
    hid_t text_type;
    rec_h5_image image;
} rec_h5_writer;

/** A new HDF5 file in memory, after an empty user block. */
rec_status rec_h5_writer_new(rec_h5_writer **out, rec_error *err);
void rec_h5_writer_free(rec_h5_writer *w);

/** Close the file. *bytes (n), the user block included, is borrowed from the writer. */
rec_status rec_h5_writer_finish(char **bytes, size_t *n, rec_h5_writer *w, rec_error *err);

/** A new group; *out is closed with H5Gclose. `name` may contain any character. */
rec_status rec_h5_put_group(hid_t *out, const rec_h5_writer *w, hid_t parent, const char *name,
                            rec_error *err);

/** Attributes of a group or an array. A NULL text is left out. */
rec_status rec_h5_put_text(const rec_h5_writer *w, hid_t group, const char *name, const char *text,
                           rec_error *err);
rec_status rec_h5_put_u64(hid_t group, const char *name, uint64_t value, rec_error *err);
rec_status rec_h5_put_i64(hid_t group, const char *name, int64_t value, rec_error *err);
rec_status rec_h5_put_real(hid_t group, const char *name, double value, rec_error *err);
rec_status rec_h5_put_u64s(hid_t group, const char *name, const uint64_t *values, size_t n,
                           rec_error *err);

/** Datasets. `columns` 0: one dimension (rows); else (rows, columns). NULL values are left out. */
rec_status rec_h5_put_array(hid_t group, const char *name, hid_t type, const void *values,
                            size_t rows, size_t columns, rec_error *err);
/** An array written before, for its attributes; *out is closed with H5Dclose. */
rec_status rec_h5_open_array(hid_t *out, hid_t group, const char *name, rec_error *err);
rec_status rec_h5_put_texts(const rec_h5_writer *w, hid_t group, const char *name,
                            char *const *texts, size_t n, rec_error *err);

#endif
