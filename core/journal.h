/**
 * Append-only file of records (key, payload), each with length and CRC-32 checksums. An appended
 * record survives the death of the process at once and that of the machine after a sync. What was
 * cut off or damaged at the end, with no whole record behind it, is dropped on open and the file
 * truncated there; damage in the middle is REC_ERR_DATA. Two records with one key: the last wins.
 * One writer per file (the run directory's lock sees to that), one thread per object.
 *
 * File: 16 bytes "recai-journal 1\n", then records of little-endian numbers: magic "RECJ", u32 bytes
 * of the key, u64 bytes of the payload, u32 CRC-32 of these 16 bytes, u32 CRC-32 of key and payload,
 * key, payload.
 */
#ifndef REC_CORE_JOURNAL_H
#define REC_CORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

typedef struct rec_journal rec_journal;

/** Open for appending (created when absent); reads the index of what is there. */
rec_status rec_journal_open(rec_journal **out, const char *path, rec_error *err);
/** Open an existing file without the right to change it. */
rec_status rec_journal_open_readonly(rec_journal **out, const char *path, rec_error *err);
void rec_journal_close(rec_journal *j);

/** @param key  not empty, at most 65535 bytes. A failed append leaves the file as it was. */
rec_status rec_journal_append(rec_journal *j, const char *key, const void *bytes, size_t n,
                              rec_error *err);
rec_status rec_journal_sync(rec_journal *j, rec_error *err); /* fdatasync */

bool rec_journal_has(const rec_journal *j, const char *key);
/** Copy of a record; *bytes is the caller's (free), NUL-terminated. REC_ERR_DATA when absent. */
rec_status rec_journal_get(char **bytes, size_t *n, const rec_journal *j, const char *key,
                           rec_error *err);
size_t rec_journal_count(const rec_journal *j);
const char *rec_journal_key(const rec_journal *j, size_t i); /* in order of first appearance */

#endif
