/**
 * Recorded answers in an SQLite file (WAL): one row per key with the canonical request, the record and
 * a checksum of both keys and record. Processes may share a file; a row is there for all of them, and
 * survives the death of its writer, as soon as put() returns. What is damaged is never an answer: it
 * is counted and treated as missing.
 */
#ifndef REC_MODELS_LM_REPLIES_STORE_H
#define REC_MODELS_LM_REPLIES_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/lm/replies/key.h"

typedef struct rec_reply_store rec_reply_store;

typedef enum rec_reply_store_mode {
    REC_STORE_WRITE,  /* made with its folders when absent */
    REC_STORE_READ,   /* must exist */
    REC_STORE_MEMORY, /* path is ignored */
} rec_reply_store_mode;

/** `path`, or the file in the user's cache folder where it is NULL. New string. */
rec_status rec_reply_store_path(char **out, const char *path, rec_error *err);

/** REC_ERR_RESOURCE when it cannot be opened, REC_ERR_DATA when the file is something else. */
rec_status rec_reply_store_open(rec_reply_store **out, const char *path, rec_reply_store_mode mode,
                                rec_error *err);
void rec_reply_store_close(rec_reply_store *s);

/** @param record  new string, or NULL when there is none, or a damaged one */
rec_status rec_reply_store_get(char **record, rec_reply_store *s, const char *key, rec_error *err);

/** Replaces what was there. @param identity  of the model, for listings */
rec_status rec_reply_store_put(rec_reply_store *s, const rec_reply_key *key, const char *identity,
                               const char *record, rec_error *err);

/** Many puts as one: all or, after a failure or a crash before end, none. */
rec_status rec_reply_store_begin(rec_reply_store *s, rec_error *err);
rec_status rec_reply_store_end(rec_reply_store *s, bool keep, rec_error *err);

/** Damaged rows met so far. */
uint64_t rec_reply_store_n_corrupted(const rec_reply_store *s);

typedef struct rec_reply_row {
    const char *key, *identity, *request, *record; /* borrowed */
    rec_reply_op op;
} rec_reply_row;

/** Call `visit` with every whole row, in the order of keys; a status of its own ends the walk.
 * @param identity  only rows of this model; NULL: all */
rec_status rec_reply_store_each(rec_reply_store *s, const char *identity,
                                rec_status (*visit)(void *context, const rec_reply_row *row,
                                                    rec_error *err),
                                void *context, rec_error *err);

typedef struct rec_reply_count {
    char *identity; /* owned */
    uint64_t n[3];  /* by rec_reply_op */
} rec_reply_count;

/** The models in the file, by name. *out is the caller's: rec_reply_counts_free. */
rec_status rec_reply_store_counts(rec_reply_count **out, size_t *n, rec_reply_store *s,
                                  rec_error *err);
void rec_reply_counts_free(rec_reply_count *counts, size_t n);

#endif
