/**
 * Append-only file of records (key, payload), each with length and CRC-32C or SHA checksum, flushed
 * and synced in groups. A record that was cut off or damaged at the end is dropped on open and the
 * file truncated there; damage in the middle is an error. Two records with one key: the last wins.
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
