/**
 * What the writer and the reader of reports share: names, types and failures of HDF5, and the
 * envelope around it. A report file is a 512-byte user block (plain text: magic, schema, SHA-256 of
 * all that follows), then an HDF5 file. The library is known to crash on damaged metadata, so
 * nothing reaches it before the sum has been checked; and on a full disk, so it writes to memory.
 */
#ifndef REC_HARNESS_REPORT_H5_H
#define REC_HARNESS_REPORT_H5_H

#include <hdf5.h>
#include <stddef.h>

#include "core/status.h"

enum { REC_H5_USER_BLOCK = 512 };

/** Rows of a chunk, and of one write of variable-length text. */
enum { REC_H5_BLOCK = 65536 };

/** HDF5 prints its error stack by default; from here on it is kept for rec_h5_fail alone. */
void rec_h5_silence(void);

/** rec_fail with the innermost description of HDF5's error stack appended, which is cleared. */
rec_status rec_h5_fail(rec_error *err, rec_status status, const char *format, ...) REC_PRINTF(3, 4);

/** Variable-length UTF-8 text, NUL-terminated. H5I_INVALID_HID on failure. */
hid_t rec_h5_text_type(void);

/** The bool of h5py: an int8 enumeration {FALSE, TRUE}. */
hid_t rec_h5_bool_type(void);

/** A link name that stands for `name`: "/" and "%" percent-encoded (a link name has no "/"), and a
 * name of dots only (".", "..") too. String of the caller. */
char *rec_h5_link_name(const char *name, rec_error *err);

/** Fill the user block for the HDF5 bytes that follow it. */
rec_status rec_h5_envelope(char block[REC_H5_USER_BLOCK], const void *bytes, size_t n,
                           rec_error *err);

/** REC_ERR_DATA unless the file is a report of a schema this program reads, whole and unchanged. */
rec_status rec_h5_check_envelope(const char *path, rec_error *err);

/* One row of the table `metrics` of a result, as it lies in memory. */
typedef struct rec_h5_figure {
    char *label;
    char *metric;
    uint64_t k;
    double mean, stderr_, ci_low, ci_high;
    uint64_t n;
    double sd_seeds;
    int8_t higher_is_better;
} rec_h5_figure;

/* One row of the table `expected`. */
typedef struct rec_h5_expected {
    char *system, *task, *metric;
    double published;
    int32_t digits;
    double tol;
    char *side;
    char *source;
    double measured;
    int8_t within;
} rec_h5_expected;

/** Compound types of the rows above; H5I_INVALID_HID on failure. */
hid_t rec_h5_figure_type(void);
hid_t rec_h5_expected_type(void);

#endif
