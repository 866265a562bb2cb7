/* The user block: what tells a report from any other file, and a whole one from a damaged one. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/hash.h"
#include "harness/report/h5.h"
#include "harness/report/report.h"

static const char magic[] = "recai report, HDF5 after 512 bytes\n";
static const unsigned char hdf5_signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

static rec_status render(char block[REC_H5_USER_BLOCK], int schema, const void *bytes, size_t n,
                         rec_error *err)
{
    char hex[REC_SHA256_HEX];
    rec_status status = rec_sha256_bytes(hex, bytes, n, err);
    if (status != REC_OK)
        return status;
    memset(block, 0, REC_H5_USER_BLOCK);
    snprintf(block, REC_H5_USER_BLOCK, "%sschema %d\nbytes %zu\nsha256 %s\n", magic, schema, n,
             hex);
    return REC_OK;
}

rec_status rec_h5_envelope(char block[REC_H5_USER_BLOCK], const void *bytes, size_t n,
                           rec_error *err)
{
    return render(block, REC_REPORT_SCHEMA, bytes, n, err);
}

static rec_status check_magic(const char *data, size_t length, const char *path, rec_error *err)
{
    if (length == 0)
        return rec_fail(err, REC_ERR_DATA, "%s: the file is empty", path);
    size_t compared = length < sizeof magic - 1 ? length : sizeof magic - 1;
    bool ours = memcmp(data, magic, compared) == 0;
    if (ours && length >= REC_H5_USER_BLOCK)
        return REC_OK;
    if (ours)
        return rec_fail(err, REC_ERR_DATA, "%s: the report is cut off after %zu bytes", path,
                        length);
    if (length >= sizeof hdf5_signature && memcmp(data, hdf5_signature, sizeof hdf5_signature) == 0)
        return rec_fail(err, REC_ERR_DATA, "%s: an HDF5 file, but not a report of recai", path);
    return rec_fail(err, REC_ERR_DATA, "%s: not a report of recai", path);
}

/* The block must be, byte by byte, the one that belongs to the bytes after it. */
static rec_status check_block(const char *data, size_t length, const char *path, rec_error *err)
{
    const char *bytes = data + REC_H5_USER_BLOCK;
    size_t n = length - REC_H5_USER_BLOCK, n_written = 0;
    int schema = 0;
    char block[REC_H5_USER_BLOCK + 1] = "", expected[REC_H5_USER_BLOCK];
    memcpy(block, data, REC_H5_USER_BLOCK);
    int fields = sscanf(block + sizeof magic - 1, "schema %d\nbytes %zu\n", &schema, &n_written);
    if (fields >= 1 && schema > REC_REPORT_SCHEMA)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: report schema %d is newer than this program's %d; update recai", path,
                        schema, REC_REPORT_SCHEMA);
    if (fields == 2 && n_written > n)
        return rec_fail(err, REC_ERR_DATA, "%s: the report is cut off (%zu bytes of %zu)", path,
                        length, n_written);
    rec_status status = render(expected, schema, bytes, n, err);
    if (status == REC_OK && memcmp(block, expected, REC_H5_USER_BLOCK) != 0)
        return rec_fail(err, REC_ERR_DATA,
                        "%s: the report was damaged or edited after it was written (its checksum "
                        "does not match)",
                        path);
    return status;
}

rec_status rec_h5_check_envelope(const char *path, rec_error *err)
{
    rec_map map;
    rec_status status = rec_map_open(&map, path, err);
    if (status != REC_OK)
        return status;
    status = check_magic(map.data, map.length, path, err);
    if (status == REC_OK)
        status = check_block(map.data, map.length, path, err);
    rec_map_close(&map);
    return status;
}
