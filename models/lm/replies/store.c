#include "models/lm/replies/store.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"

enum {
    APPLICATION_ID = 1380270930, /* "RECR" */
    BUSY_MS = 20000,
    BUSY_STEP_MS = 20,
};

struct rec_reply_store {
    sqlite3 *db;
    sqlite3_stmt *get, *put;
    char *path; /* for messages */
    uint64_t n_corrupted;
};

static rec_status fail(const rec_reply_store *s, rec_error *err, const char *what)
{
    int code = sqlite3_errcode(s->db);
    bool is_other = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
    return rec_fail(err, is_other ? REC_ERR_DATA : REC_ERR_RESOURCE, "%s: %s: %s%s", s->path, what,
                    sqlite3_errmsg(s->db),
                    is_other ? " (not a file of recorded answers, or damaged: remove it)" : "");
}

static rec_status execute(rec_reply_store *s, const char *sql, rec_error *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? REC_OK : fail(s, err, "cache");
}

static rec_status read_number(sqlite3_int64 *out, rec_reply_store *s, const char *sql,
                              rec_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;
    *out = good ? sqlite3_column_int64(statement, 0) : 0;
    rec_status status = good ? REC_OK : fail(s, err, "cannot be read");
    sqlite3_finalize(statement);
    return status;
}

/* Ours, or empty and so soon ours. */
static rec_status check_kind(bool *empty, rec_reply_store *s, rec_error *err)
{
    sqlite3_int64 id = 0, n_tables = 0;
    rec_status status = read_number(&id, s, "PRAGMA application_id", err);
    if (status == REC_OK)
        status = read_number(&n_tables, s, "SELECT count(*) FROM sqlite_master", err);
    *empty = id == 0 && n_tables == 0;
    if (status == REC_OK && !*empty && id != APPLICATION_ID)
        return rec_fail(err, REC_ERR_DATA, "%s: a database, but not one of recorded answers",
                        s->path);
    return status;
}

/* The same between transactions: in one of its own, else another process may make the tables between
 * its two reads, and a file of ours would look like somebody's. */
static rec_status check_kind_alone(bool *empty, rec_reply_store *s, rec_error *err)
{
    rec_status status = execute(s, "BEGIN", err);
    if (status != REC_OK)
        return status;
    status = check_kind(empty, s, err);
    rec_status ended = execute(s, "COMMIT", status == REC_OK ? err : NULL);
    return status == REC_OK ? ended : status;
}

/* The switch to WAL needs the file for itself and does not wait for others on its own. */
static rec_status use_wal(rec_reply_store *s, rec_error *err)
{
    int code = SQLITE_BUSY;
    for (int waited = 0; code == SQLITE_BUSY && waited < BUSY_MS; waited += BUSY_STEP_MS) {
        code = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
        if (code == SQLITE_BUSY)
            sqlite3_sleep(BUSY_STEP_MS);
    }
    return code == SQLITE_OK ? REC_OK : fail(s, err, "cannot be opened for writing");
}

static rec_status make_tables(rec_reply_store *s, bool in_file, rec_error *err)
{
    bool empty;
    rec_status status;
    REC_TRY(check_kind_alone(&empty, s, err)); /* before anything of another's file is changed */
    if (in_file)
        REC_TRY(use_wal(s, err));
    REC_TRY(execute(s, "PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE", err));
    status = check_kind(&empty, s, err);
    if (status == REC_OK && empty)
        status = execute(s,
                         "PRAGMA application_id=1380270930; PRAGMA user_version=1;"
                         "CREATE TABLE replies (key TEXT PRIMARY KEY NOT NULL, op TEXT NOT NULL,"
                         " identity TEXT NOT NULL, request TEXT NOT NULL, record TEXT NOT NULL,"
                         " checksum TEXT NOT NULL)",
                         err);
    rec_status ended =
        execute(s, status == REC_OK ? "COMMIT" : "ROLLBACK", status == REC_OK ? err : NULL);
    status = status == REC_OK ? ended : status;
cleanup:
    return status;
}

static rec_status check_readable(rec_reply_store *s, rec_error *err)
{
    bool empty;
    rec_status status = check_kind_alone(&empty, s, err);
    if (status == REC_OK && empty)
        return rec_fail(err, REC_ERR_DATA, "%s: holds no recorded answers", s->path);
    return status;
}

static rec_status prepare(sqlite3_stmt **out, rec_reply_store *s, const char *sql, rec_error *err)
{
    return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK ? REC_OK
                                                                      : fail(s, err, "cache");
}

static rec_status open_file(rec_reply_store *s, rec_reply_store_mode mode, rec_error *err)
{
    int flags =
        mode == REC_STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return fail(s, err, "cannot be opened");
    sqlite3_busy_timeout(s->db, BUSY_MS);
    return mode == REC_STORE_READ ? check_readable(s, err)
                                  : make_tables(s, mode == REC_STORE_WRITE, err);
}

rec_status rec_reply_store_path(char **out, const char *path, rec_error *err)
{
    char *folder = NULL;
    rec_status status = REC_OK;
    *out = NULL;
    if (path != NULL) {
        *out = rec_strdup(path, err);
    } else if ((folder = rec_cache_folder(err)) != NULL) {
        *out = rec_path_join(err, folder, "replies.sqlite");
    }
    status = *out != NULL ? REC_OK : REC_ERR_RESOURCE;
    free(folder);
    return status;
}

static rec_status make_folder_of(const char *path, rec_error *err)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return REC_OK;
    char *folder = rec_format(err, "%.*s", (int)(slash - path), path);
    rec_status status = folder != NULL ? rec_make_folders(folder, err) : REC_ERR_RESOURCE;
    free(folder);
    return status;
}

rec_status rec_reply_store_open(rec_reply_store **out, const char *path, rec_reply_store_mode mode,
                                rec_error *err)
{
    rec_reply_store *s;
    rec_status status = REC_OK;
    *out = NULL;
    REC_TRY_NEW(s, 1, err);
    s->path = rec_strdup(mode == REC_STORE_MEMORY ? ":memory:" : path, err);
    if (s->path == NULL)
        REC_TRY(REC_ERR_RESOURCE);
    if (mode == REC_STORE_WRITE)
        REC_TRY(make_folder_of(path, err));
    REC_TRY(open_file(s, mode, err));
    REC_TRY(prepare(&s->get, s, "SELECT record, checksum FROM replies WHERE key = ?", err));
    REC_TRY(prepare(&s->put, s, "INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)", err));
    *out = s;
    return REC_OK;
cleanup:
    rec_reply_store_close(s);
    return status;
}

void rec_reply_store_close(rec_reply_store *s)
{
    if (s == NULL)
        return;
    sqlite3_finalize(s->get);
    sqlite3_finalize(s->put);
    sqlite3_close(s->db);
    free(s->path);
    free(s);
}

uint64_t rec_reply_store_n_corrupted(const rec_reply_store *s)
{
    return s->n_corrupted;
}

static rec_status checksum(char hex[REC_SHA256_HEX], const char *key, const char *record,
                           rec_error *err)
{
    rec_sha256 *h = NULL;
    rec_status status = rec_sha256_new(&h, err);
    if (status != REC_OK)
        return status;
    rec_sha256_update_string(h, key);
    rec_sha256_update_string(h, record);
    rec_sha256_finish(hex, h);
    return REC_OK;
}

/* The text of a column; "" for NULL. */
static const char *text_at(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text != NULL ? (const char *)text : "";
}

static rec_status is_whole(bool *out, const char *key, const char *record, const char *expected,
                           rec_error *err)
{
    char hex[REC_SHA256_HEX];
    rec_status status = checksum(hex, key, record, err);
    *out = status == REC_OK && strcmp(hex, expected) == 0;
    return status;
}

static rec_status take_row(char **record, rec_reply_store *s, const char *key, rec_error *err)
{
    const char *text = text_at(s->get, 0);
    bool whole;
    rec_status status = is_whole(&whole, key, text, text_at(s->get, 1), err);
    if (status != REC_OK)
        return status;
    if (!whole) {
        s->n_corrupted++;
        return REC_OK;
    }
    *record = rec_strdup(text, err);
    return *record != NULL ? REC_OK : REC_ERR_RESOURCE;
}

rec_status rec_reply_store_get(char **record, rec_reply_store *s, const char *key, rec_error *err)
{
    *record = NULL;
    sqlite3_bind_text(s->get, 1, key, -1, SQLITE_STATIC);
    int code = sqlite3_step(s->get);
    rec_status status = REC_OK;
    if (code == SQLITE_ROW)
        status = take_row(record, s, key, err);
    else if (code == SQLITE_CORRUPT)
        s->n_corrupted++;
    else if (code != SQLITE_DONE)
        status = fail(s, err, "cannot be read");
    sqlite3_reset(s->get);
    return status;
}

rec_status rec_reply_store_put(rec_reply_store *s, const rec_reply_key *key, const char *identity,
                               const char *record, rec_error *err)
{
    char hex[REC_SHA256_HEX];
    rec_status status = checksum(hex, key->hex, record, err);
    if (status != REC_OK)
        return status;
    const char *const values[] = {
        key->hex, rec_reply_op_name(key->op), identity, key->request, record, hex};
    bool bound = true;
    for (int i = 0; i < 6; i++)
        bound &= sqlite3_bind_text(s->put, i + 1, values[i], -1, SQLITE_STATIC) == SQLITE_OK;
    if (!bound || sqlite3_step(s->put) != SQLITE_DONE)
        status = fail(s, err, "cannot be written");
    sqlite3_reset(s->put);
    return status;
}

rec_status rec_reply_store_begin(rec_reply_store *s, rec_error *err)
{
    return execute(s, "BEGIN IMMEDIATE", err);
}

rec_status rec_reply_store_end(rec_reply_store *s, bool keep, rec_error *err)
{
    return execute(s, keep ? "COMMIT" : "ROLLBACK", err);
}

/* ---- walks ---- */

static rec_status visit_row(rec_reply_store *s, sqlite3_stmt *walk,
                            rec_status (*visit)(void *, const rec_reply_row *, rec_error *),
                            void *context, rec_error *err)
{
    rec_reply_row row = {.key = text_at(walk, 0),
                         .identity = text_at(walk, 2),
                         .request = text_at(walk, 3),
                         .record = text_at(walk, 4)};
    bool whole;
    rec_status status = is_whole(&whole, row.key, row.record, text_at(walk, 5), err);
    if (status != REC_OK)
        return status;
    if (!whole || !rec_reply_op_of(&row.op, text_at(walk, 1))) {
        s->n_corrupted++;
        return REC_OK;
    }
    return visit(context, &row, err);
}

rec_status rec_reply_store_each(rec_reply_store *s, const char *identity,
                                rec_status (*visit)(void *context, const rec_reply_row *row,
                                                    rec_error *err),
                                void *context, rec_error *err)
{
    sqlite3_stmt *walk = NULL;
    int code = SQLITE_ROW;
    rec_status status;
    REC_TRY(prepare(&walk, s,
                    "SELECT key, op, identity, request, record, checksum FROM replies"
                    " WHERE ?1 IS NULL OR identity = ?1 ORDER BY key",
                    err));
    if (identity != NULL)
        sqlite3_bind_text(walk, 1, identity, -1, SQLITE_STATIC);
    while (status == REC_OK && (code = sqlite3_step(walk)) == SQLITE_ROW)
        status = visit_row(s, walk, visit, context, err);
    if (status == REC_OK && code != SQLITE_DONE)
        status = fail(s, err, "cannot be read");
cleanup:
    sqlite3_finalize(walk);
    return status;
}

static rec_status count_row(rec_reply_count **counts, size_t *n, sqlite3_stmt *walk, rec_error *err)
{
    const char *identity = text_at(walk, 0);
    rec_reply_op op;
    if (!rec_reply_op_of(&op, text_at(walk, 1)))
        return REC_OK;
    if (*n == 0 || strcmp((*counts)[*n - 1].identity, identity) != 0) {
        rec_reply_count *longer = rec_realloc(*counts, *n + 1, sizeof *longer, err);
        if (longer == NULL)
            return REC_ERR_RESOURCE;
        *counts = longer;
        longer[*n] = (rec_reply_count){.identity = rec_strdup(identity, err)};
        if (longer[*n].identity == NULL)
            return REC_ERR_RESOURCE;
        ++*n;
    }
    (*counts)[*n - 1].n[op] = (uint64_t)sqlite3_column_int64(walk, 2);
    return REC_OK;
}

rec_status rec_reply_store_counts(rec_reply_count **out, size_t *n, rec_reply_store *s,
                                  rec_error *err)
{
    sqlite3_stmt *walk = NULL;
    int code = SQLITE_ROW;
    rec_status status;
    *out = NULL;
    *n = 0;
    REC_TRY(prepare(&walk, s,
                    "SELECT identity, op, count(*) FROM replies GROUP BY identity, op"
                    " ORDER BY identity",
                    err));
    while (status == REC_OK && (code = sqlite3_step(walk)) == SQLITE_ROW)
        status = count_row(out, n, walk, err);
    if (status == REC_OK && code != SQLITE_DONE)
        status = fail(s, err, "cannot be read");
cleanup:
    sqlite3_finalize(walk);
    if (status != REC_OK) {
        rec_reply_counts_free(*out, *n);
        *out = NULL;
        *n = 0;
    }
    return status;
}

void rec_reply_counts_free(rec_reply_count *counts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(counts[i].identity);
    free(counts);
}
