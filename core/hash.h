/** SHA-256 (OpenSSL) of bytes, files and growing content; hexadecimal, lower case. */
#ifndef REC_CORE_HASH_H
#define REC_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

enum { REC_SHA256_HEX = 65 }; /* 64 digits and the terminator */

typedef struct rec_sha256 rec_sha256;

rec_status rec_sha256_new(rec_sha256 **out, rec_error *err);
void rec_sha256_update(rec_sha256 *h, const void *bytes, size_t n);
/** Length-prefixed, so that ("ab","c") and ("a","bc") differ. */
void rec_sha256_update_string(rec_sha256 *h, const char *text);
/** Finish; the object is freed. NULL hex: just free. */
void rec_sha256_finish(char hex[REC_SHA256_HEX], rec_sha256 *h);

rec_status rec_sha256_bytes(char hex[REC_SHA256_HEX], const void *bytes, size_t n, rec_error *err);
rec_status rec_sha256_file(char hex[REC_SHA256_HEX], const char *path, rec_error *err);

/** 64-bit FNV-1a for hash tables and stream names; not for content identity. */
uint64_t rec_fnv1a(const void *bytes, size_t n);

#endif
