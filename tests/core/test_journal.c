#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/journal.h"
#include "tests/folder.h"
#include "tests/suite.h"

static rec_journal *open_journal(void)
{
    rec_journal *j = NULL;
    ck_assert_ok(rec_journal_open(&j, test_path("j"), err));
    return j;
}

static void append(rec_journal *j, const char *key, const char *text)
{
    ck_assert_ok(rec_journal_append(j, key, text, strlen(text), err));
}

static void assert_record(const rec_journal *j, const char *key, const char *expected)
{
    char *bytes = NULL;
    size_t n = 0;
    ck_assert_ok(rec_journal_get(&bytes, &n, j, key, err));
    ck_assert_uint_eq(n, strlen(expected));
    ck_assert_str_eq(bytes, expected);
    free(bytes);
}

/* Three records as a file of known bytes; its length. */
static size_t three_records(char *bytes, size_t room)
{
    rec_journal *j = open_journal();
    append(j, "a", "first");
    append(j, "bb", "");
    append(j, "a", "second");
    ck_assert_ok(rec_journal_sync(j, err));
    rec_journal_close(j);
    FILE *f = fopen(test_path("j"), "rb");
    size_t n = fread(bytes, 1, room, f);
    fclose(f);
    ck_assert_uint_eq(n, 16 + (24 + 1 + 5) + (24 + 2) + (24 + 1 + 6)); /* 46, 72, 103 */
    return n;
}

START_TEST(what_is_appended_is_read)
{
    rec_journal *j = open_journal();
    append(j, "k1", "one");
    append(j, "k2", "two");
    append(j, "k1", "three"); /* the last wins, the first place stays */
    for (int again = 0; again < 2; again++) {
        ck_assert_uint_eq(rec_journal_count(j), 2);
        ck_assert_str_eq(rec_journal_key(j, 0), "k1");
        ck_assert_str_eq(rec_journal_key(j, 1), "k2");
        assert_record(j, "k1", "three");
        assert_record(j, "k2", "two");
        ck_assert(rec_journal_has(j, "k2"));
        ck_assert(!rec_journal_has(j, "k"));
        rec_journal_close(j);
        j = open_journal();
    }
    char *bytes;
    size_t n;
    ck_assert_fails(rec_journal_get(&bytes, &n, j, "k3", err), REC_ERR_DATA, "no record \"k3\"");
    rec_journal_close(j);
}
END_TEST

START_TEST(binary_payload_and_many_keys)
{
    rec_journal *j = open_journal();
    char key[16], *bytes = NULL;
    size_t n = 0;
    ck_assert(!rec_journal_has(j, "anything"));
    for (int i = 0; i < 1000; i++) {
        sprintf(key, "key-%d", i);
        ck_assert_ok(rec_journal_append(j, key, &i, sizeof i, err));
    }
    rec_journal_close(j);
    ck_assert_ok(rec_journal_open_readonly(&j, test_path("j"), err));
    ck_assert_uint_eq(rec_journal_count(j), 1000);
    for (int i = 0; i < 1000; i++) {
        sprintf(key, "key-%d", i);
        ck_assert_ok(rec_journal_get(&bytes, &n, j, key, err));
        ck_assert_uint_eq(n, sizeof i);
        ck_assert_mem_eq(bytes, &i, sizeof i);
        free(bytes);
    }
    rec_journal_close(j);
}
END_TEST

/* Cut at every byte: the whole records before the cut stay, and appending goes on behind them. */
START_TEST(torn_tail_is_dropped)
{
    char bytes[256];
    size_t n = three_records(bytes, sizeof bytes);
    for (size_t cut = 0; cut < n; cut++) {
        test_write("j", bytes, cut);
        rec_journal *j = open_journal();
        ck_assert_uint_eq(rec_journal_count(j), cut < 46 ? 0 : cut < 72 ? 1 : 2);
        if (cut >= 46)
            assert_record(j, "a", "first");
        append(j, "new", "behind");
        rec_journal_close(j);
        j = open_journal();
        assert_record(j, "new", "behind");
        rec_journal_close(j);
    }
}
END_TEST

START_TEST(tail_of_zeros_is_dropped)
{
    char bytes[256] = {0};
    size_t n = three_records(bytes, sizeof bytes);
    test_write("j", bytes, n + 100); /* a crashed file system may extend before it writes */
    rec_journal *j = open_journal();
    ck_assert_uint_eq(rec_journal_count(j), 2);
    assert_record(j, "a", "second");
    rec_journal_close(j);
    struct stat info;
    ck_assert_int_eq(stat(test_path("j"), &info), 0);
    ck_assert_int_eq(info.st_size, (long)n);
}
END_TEST

/* A flipped bit in the first two records is an error, in the last one it ends the journal there. */
START_TEST(flipped_bits)
{
    char bytes[256];
    size_t n = three_records(bytes, sizeof bytes);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        test_write("j", bytes, n);
        rec_journal *j = NULL;
        if (bit / 8 < 72) {
            ck_assert_fails(rec_journal_open(&j, test_path("j"), err), REC_ERR_DATA,
                            bit / 8 < 16 ? "not a journal" : "damaged at byte ");
            ck_assert_ptr_null(j);
        } else {
            ck_assert_ok(rec_journal_open(&j, test_path("j"), err));
            assert_record(j, "a", "first");
            rec_journal_close(j);
        }
        bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
}
END_TEST

START_TEST(damage_while_open)
{
    char bytes[256], *got;
    size_t n_got, n = three_records(bytes, sizeof bytes);
    rec_journal *j = open_journal();
    FILE *f = fopen(test_path("j"), "r+b"); /* the same file, not a new one of its name */
    fseek(f, (long)n - 1, SEEK_SET);
    fputc(bytes[n - 1] ^ 1, f);
    fclose(f);
    ck_assert_fails(rec_journal_get(&got, &n_got, j, "a", err), REC_ERR_DATA, "damaged while");
    ck_assert_int_eq(truncate(test_path("j"), (long)n - 3), 0);
    ck_assert_fails(rec_journal_get(&got, &n_got, j, "a", err), REC_ERR_DATA, "became shorter");
    rec_journal_close(j);
}
END_TEST

START_TEST(readonly_changes_nothing)
{
    char bytes[256];
    struct stat info;
    rec_journal *j = NULL;
    size_t n = three_records(bytes, sizeof bytes);
    test_write("j", bytes, n - 1);
    ck_assert_ok(rec_journal_open_readonly(&j, test_path("j"), err));
    assert_record(j, "a", "first");
    rec_journal_close(j);
    ck_assert_int_eq(stat(test_path("j"), &info), 0);
    ck_assert_int_eq(info.st_size, (long)n - 1);
    ck_assert_fails(rec_journal_open_readonly(&j, test_path("no"), err), REC_ERR_DATA, "no: ");
    ck_assert(!rec_path_exists(test_path("no")));
}
END_TEST

START_TEST(unwritable)
{
    rec_journal *j = NULL;
    ck_assert_fails(rec_journal_open(&j, test_path("no/j"), err), REC_ERR_RESOURCE, "no/j");
    ck_assert_fails(rec_journal_open(&j, "/proc/version", err), REC_ERR_RESOURCE, "/proc/version");
}
END_TEST

/* The disk fills up in the middle of a record (a file size limit here): the journal stays whole. */
START_TEST(failed_append_leaves_the_file)
{
    rec_journal *j = open_journal();
    append(j, "a", "first");
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {100, RLIM_INFINITY};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    char big[200] = {0};
    ck_assert_fails(rec_journal_append(j, "b", big, sizeof big, err), REC_ERR_RESOURCE,
                    "cannot append");
    ck_assert(!rec_journal_has(j, "b"));
    append(j, "c", "third"); /* 46 + 30 bytes still fit */
    rec_journal_close(j);
    j = open_journal();
    ck_assert_uint_eq(rec_journal_count(j), 2);
    assert_record(j, "c", "third");
    rec_journal_close(j);
}
END_TEST

REC_SUITE("core/journal", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, what_is_appended_is_read);
          tcase_add_test(t, binary_payload_and_many_keys); tcase_add_test(t, torn_tail_is_dropped);
          tcase_add_test(t, tail_of_zeros_is_dropped); tcase_add_test(t, flipped_bits);
          tcase_add_test(t, damage_while_open); tcase_add_test(t, readonly_changes_nothing);
          tcase_add_test(t, unwritable); tcase_add_test(t, failed_append_leaves_the_file);)
