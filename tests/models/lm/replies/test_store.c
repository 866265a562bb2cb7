/* Damage and sharing are tested through the cache (test_cached.c), bundles through test_replay.c. */
#include "models/lm/replies/store.h"

#include <sqlite3.h>

#include "models/lm/replies/bundle.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_reply_key key(char letter, rec_reply_op op)
{
    rec_reply_key k = {.op = op, .request = "{}"};
    memset(k.hex, letter, 64);
    return k;
}

static void fill(rec_reply_store *s)
{
    const rec_reply_key a = key('a', REC_REPLY_GENERATE), b = key('b', REC_REPLY_EMBED),
                        c = key('c', REC_REPLY_GENERATE);
    ck_assert_ok(rec_reply_store_put(s, &c, "second", "3", err));
    ck_assert_ok(rec_reply_store_put(s, &b, "first", "2", err));
    ck_assert_ok(rec_reply_store_put(s, &a, "first", "0", err));
    ck_assert_ok(rec_reply_store_put(s, &a, "first", "1", err)); /* replaces */
}

static void expect(rec_reply_store *s, char letter, const char *expected)
{
    const rec_reply_key k = key(letter, REC_REPLY_GENERATE);
    char *record;
    ck_assert_ok(rec_reply_store_get(&record, s, k.hex, err));
    if (expected == NULL)
        ck_assert_ptr_null(record);
    else
        ck_assert_str_eq(record, expected);
    free(record);
}

START_TEST(put_and_get)
{
    rec_reply_store *s;
    ck_assert_ok(rec_reply_store_open(&s, test_path("a/b/c.sqlite"), REC_STORE_WRITE, err));
    expect(s, 'a', NULL);
    fill(s);
    expect(s, 'a', "1");
    rec_reply_store_close(s);
    ck_assert_ok(rec_reply_store_open(&s, test_path("a/b/c.sqlite"), REC_STORE_READ, err));
    expect(s, 'c', "3");
    const rec_reply_key k = key('d', REC_REPLY_SCORE);
    ck_assert_fails(rec_reply_store_put(s, &k, "x", "4", err), REC_ERR_RESOURCE, "c.sqlite");
    rec_reply_store_close(s);
    rec_reply_store_close(NULL);
}
END_TEST

static rec_status spell(void *context, const rec_reply_row *row, rec_error *err)
{
    char *text = context;
    (void)err;
    strncat(text, row->key, 1);
    strcat(text, row->record);
    return REC_OK;
}

static rec_status stop(void *context, const rec_reply_row *row, rec_error *err)
{
    (void)context;
    (void)row;
    return rec_fail(err, REC_ERR_INTERNAL, "enough");
}

START_TEST(walks)
{
    rec_reply_store *s;
    rec_reply_count *counts;
    size_t n;
    char all[32] = "", first[32] = "";
    ck_assert_ok(rec_reply_store_open(&s, NULL, REC_STORE_MEMORY, err));
    fill(s);
    ck_assert_ok(rec_reply_store_each(s, NULL, spell, all, err));
    ck_assert_str_eq(all, "a1b2c3");
    ck_assert_ok(rec_reply_store_each(s, "first", spell, first, err));
    ck_assert_str_eq(first, "a1b2");
    ck_assert_fails(rec_reply_store_each(s, NULL, stop, NULL, err), REC_ERR_INTERNAL, "enough");
    ck_assert_ok(rec_reply_store_counts(&counts, &n, s, err));
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(counts[0].identity, "first");
    ck_assert_uint_eq(counts[0].n[REC_REPLY_GENERATE], 1);
    ck_assert_uint_eq(counts[0].n[REC_REPLY_EMBED], 1);
    ck_assert_uint_eq(counts[1].n[REC_REPLY_GENERATE], 1);
    rec_reply_counts_free(counts, n);
    rec_reply_store_close(s);
}
END_TEST

START_TEST(transactions)
{
    rec_reply_store *s;
    ck_assert_ok(rec_reply_store_open(&s, NULL, REC_STORE_MEMORY, err));
    ck_assert_ok(rec_reply_store_begin(s, err));
    fill(s);
    ck_assert_ok(rec_reply_store_end(s, false, err));
    expect(s, 'a', NULL);
    ck_assert_ok(rec_reply_store_begin(s, err));
    fill(s);
    ck_assert_ok(rec_reply_store_end(s, true, err));
    expect(s, 'a', "1");
    rec_reply_store_close(s);
}
END_TEST

START_TEST(paths)
{
    char *path;
    setenv("XDG_CACHE_HOME", "/somewhere", 1);
    ck_assert_ok(rec_reply_store_path(&path, NULL, err));
    ck_assert_str_eq(path, "/somewhere/recai/replies.sqlite");
    free(path);
    ck_assert_ok(rec_reply_store_path(&path, "mine", err));
    ck_assert_str_eq(path, "mine");
    free(path);
    rec_reply_store *s;
    ck_assert_fails(rec_reply_store_open(&s, test_path("missing"), REC_STORE_READ, err),
                    REC_ERR_RESOURCE, "missing");
    test_write("empty", "", 0);
    ck_assert_fails(rec_reply_store_open(&s, test_path("empty"), REC_STORE_READ, err), REC_ERR_DATA,
                    "holds no recorded answers");
}
END_TEST

/* A damaged row is left out of a bundle, and counted. */
START_TEST(bundle_of_damaged)
{
    rec_reply_store *s;
    sqlite3 *db;
    size_t n;
    ck_assert_ok(rec_reply_store_open(&s, test_path("c.sqlite"), REC_STORE_WRITE, err));
    fill(s);
    ck_assert_int_eq(sqlite3_open(test_path("c.sqlite"), &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(db, "UPDATE replies SET record = '9' WHERE record = '2'", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    ck_assert_ok(rec_bundle_export(&n, test_path("b.jsonl"), s, NULL, err));
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(rec_reply_store_n_corrupted(s), 1);
    rec_reply_store_close(s);
}
END_TEST

REC_SUITE("models/lm/replies/store", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, put_and_get); tcase_add_test(t, walks); tcase_add_test(t, transactions);
          tcase_add_test(t, paths); tcase_add_test(t, bundle_of_damaged);)
