#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "core/file.h"
#include "core/hash.h"
#include "tests/folder.h"
#include "tests/suite.h"

static void write_gzip(const char *name, const char *text, const char *mode)
{
    gzFile f = gzopen(test_path(name), mode);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(gzwrite(f, text, (unsigned)strlen(text)), (int)strlen(text));
    ck_assert_int_eq(gzclose(f), Z_OK);
}

static void assert_text(const char *path, const char *expected)
{
    rec_text text;
    ck_assert_ok(rec_text_read(&text, path, err));
    ck_assert_uint_eq(text.length, strlen(expected));
    ck_assert_mem_eq(text.data, expected, text.length);
    rec_text_close(&text);
}

START_TEST(map_reads_the_bytes)
{
    rec_map map;
    test_write("a", "hello", 5);
    ck_assert_ok(rec_map_open(&map, test_path("a"), err));
    ck_assert_uint_eq(map.length, 5);
    ck_assert_mem_eq(map.data, "hello", 5);
    rec_map_close(&map);
    rec_map_close(&map); /* harmless */
}
END_TEST

START_TEST(map_of_an_empty_file)
{
    rec_map map;
    test_write("empty", "", 0);
    ck_assert_ok(rec_map_open(&map, test_path("empty"), err));
    ck_assert_uint_eq(map.length, 0);
    ck_assert_ptr_nonnull(map.data);
    rec_map_close(&map);
}
END_TEST

START_TEST(reading_what_is_not_there)
{
    rec_map map;
    rec_text text;
    ck_assert_fails(rec_map_open(&map, test_path("no"), err), REC_ERR_DATA, "No such file");
    ck_assert_fails(rec_map_open(&map, test_folder_name, err), REC_ERR_DATA, "is a folder");
    ck_assert_fails(rec_map_open(&map, "/dev/null", err), REC_ERR_DATA, "not a regular file");
    ck_assert_fails(rec_text_read(&text, test_path("no"), err), REC_ERR_DATA, test_path("no"));
}
END_TEST

START_TEST(text_plain_gzip_and_pipe)
{
    test_write("plain", "a\tb\n", 4);
    assert_text(test_path("plain"), "a\tb\n");
    write_gzip("packed.gz", "first ", "wb");
    assert_text(test_path("packed.gz"), "first ");
    write_gzip("packed.gz", "second", "ab"); /* a second gzip member */
    assert_text(test_path("packed.gz"), "first second");
    ck_assert_int_eq(mkfifo(test_path("pipe"), 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        FILE *f = fopen(test_path("pipe"), "w");
        fputs("through a pipe", f);
        fclose(f);
        _exit(0);
    }
    assert_text(test_path("pipe"), "through a pipe");
    waitpid(child, NULL, 0);
}
END_TEST

START_TEST(text_of_a_damaged_gzip)
{
    static const char original[] = "some text that is compressed, some text that is compressed";
    char bytes[256];
    rec_text text;
    write_gzip("whole.gz", original, "wb");
    FILE *f = fopen(test_path("whole.gz"), "rb");
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    for (size_t cut = 2; cut < n; cut++) {
        test_write("cut.gz", bytes, cut);
        ck_assert_fails(rec_text_read(&text, test_path("cut.gz"), err), REC_ERR_DATA, "cut off");
    }
    size_t n_harmless = 0;
    for (size_t i = 10; i < n; i++) { /* behind the header: its time stamp and OS byte are free */
        bytes[i] ^= 0x10;
        test_write("flip.gz", bytes, n);
        rec_status status = rec_text_read(&text, test_path("flip.gz"), NULL);
        if (status == REC_OK) { /* a bit of the padding after the last deflate block */
            ck_assert_mem_eq(text.data, original, text.length);
            n_harmless++;
        } else {
            ck_assert_int_eq(status, REC_ERR_DATA);
        }
        rec_text_close(&text);
        bytes[i] ^= 0x10;
    }
    ck_assert_uint_le(n_harmless, 1);
}
END_TEST

START_TEST(atomic_write_replaces_the_file)
{
    ck_assert_ok(rec_atomic_write(test_path("out"), "one", 3, err));
    ck_assert_ok(rec_atomic_write(test_path("out"), "twotwo", 6, err));
    assert_text(test_path("out"), "twotwo");
}
END_TEST

START_TEST(abort_leaves_the_old_file)
{
    rec_atomic_file file;
    ck_assert_ok(rec_atomic_write(test_path("out"), "old", 3, err));
    ck_assert_ok(rec_atomic_open(&file, test_path("out"), err));
    fputs("new", file.stream);
    assert_text(test_path("out"), "old");
    char temporary[256];
    strcpy(temporary, file.temporary);
    ck_assert(rec_path_exists(temporary));
    rec_atomic_abort(&file);
    ck_assert(!rec_path_exists(temporary));
    assert_text(test_path("out"), "old");
}
END_TEST

START_TEST(writing_where_it_cannot)
{
    rec_atomic_file file;
    ck_assert_fails(rec_atomic_open(&file, test_path("no/out"), err), REC_ERR_RESOURCE,
                    "cannot write");
    ck_assert_fails(rec_atomic_write("/proc/out", "x", 1, err), REC_ERR_RESOURCE, "/proc/out");
    ck_assert_fails(rec_publish(test_path("no"), test_path("to"), err), REC_ERR_RESOURCE, "no");
    ck_assert_int_eq(mkdir(test_path("folder"), 0777), 0);
    ck_assert_fails(rec_atomic_write(test_path("folder"), "x", 1, err), REC_ERR_RESOURCE,
                    "cannot rename");
}
END_TEST

START_TEST(full_disk_is_an_error)
{
    rec_atomic_file file;
    ck_assert_ok(rec_atomic_open(&file, test_path("out"), err));
    ck_assert_ptr_nonnull(freopen("/dev/full", "w", file.stream));
    fputs("lost", file.stream);
    ck_assert_fails(rec_atomic_commit(&file, err), REC_ERR_RESOURCE, "No space left");
    ck_assert(!rec_path_exists(test_path("out")));
}
END_TEST

START_TEST(publish_a_foreign_file)
{
    char *temporary = rec_temporary_name(test_path("x.h5"), NULL);
    FILE *f = fopen(temporary, "w");
    fputs("content", f);
    fclose(f);
    ck_assert_ok(rec_publish(temporary, test_path("x.h5"), err));
    ck_assert(!rec_path_exists(temporary));
    assert_text(test_path("x.h5"), "content");
    free(temporary);
}
END_TEST

START_TEST(making_folders)
{
    ck_assert_ok(rec_make_folders(test_path("a/b//c/"), err));
    ck_assert_ok(rec_make_folders(test_path("a/b/c"), err));
    ck_assert(rec_path_is_folder(test_path("a/b/c")));
    test_write("file", "", 0);
    ck_assert(!rec_path_is_folder(test_path("file")));
    ck_assert_fails(rec_make_folders(test_path("file/x"), err), REC_ERR_RESOURCE, "cannot make");
    ck_assert_fails(rec_make_folders("/proc/x", err), REC_ERR_RESOURCE, "/proc/x");
    rec_error why = {.status =
                         REC_OK}; /* a place where nobody makes folders, whatever the reason */
    if (rec_path_is_folder("/sys/kernel")) {
        ck_assert_int_eq(rec_make_folders("/sys/kernel/x", &why), REC_ERR_RESOURCE);
        ck_assert_msg(strstr(why.message, "No such file") == NULL, "%s", why.message);
    }
}
END_TEST

static void assert_join(const char *folder, const char *name, const char *expected)
{
    char *joined = rec_path_join(NULL, folder, name);
    ck_assert_str_eq(joined, expected);
    free(joined);
}

START_TEST(joining_paths)
{
    assert_join("a", "b", "a/b");
    assert_join("a/", "b", "a/b");
    assert_join("", "b", "b");
    assert_join("a", "/b", "/b");
}
END_TEST

START_TEST(lock_excludes_and_names_its_owner)
{
    rec_lock *lock, *second;
    ck_assert_ok(rec_lock_take(&lock, test_path("lock"), err));
    char pid[32];
    snprintf(pid, sizeof pid, "pid %ld since 2", (long)getpid());
    ck_assert_fails(rec_lock_take(&second, test_path("lock"), err), REC_ERR_RESOURCE, pid);
    ck_assert_ptr_null(second);
    rec_lock_free(lock);
    ck_assert(!rec_path_exists(test_path("lock")));
    ck_assert_ok(rec_lock_take(&second, test_path("lock"), err));
    rec_lock_free(second);
    ck_assert_fails(rec_lock_take(&second, "/proc/lock", err), REC_ERR_RESOURCE, "/proc/lock");
}
END_TEST

/* A child that takes the lock and waits; its pid. */
static pid_t lock_in_child(const char *path)
{
    int ready[2];
    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        rec_lock *lock;
        char taken = rec_lock_take(&lock, path, NULL) == REC_OK ? 'y' : 'n';
        if (write(ready[1], &taken, 1) == 1)
            pause();
        _exit(1);
    }
    char taken = 0;
    ck_assert_int_eq(read(ready[0], &taken, 1), 1);
    ck_assert_int_eq(taken, 'y');
    close(ready[0]);
    close(ready[1]);
    return child;
}

START_TEST(lock_of_a_living_and_of_a_dead_process)
{
    rec_lock *lock;
    pid_t child = lock_in_child(test_path("lock"));
    char pid[32];
    snprintf(pid, sizeof pid, "pid %ld ", (long)child);
    ck_assert_fails(rec_lock_take(&lock, test_path("lock"), err), REC_ERR_RESOURCE, pid);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    ck_assert(rec_path_exists(test_path("lock"))); /* it had no time to remove it */
    ck_assert_ok(rec_lock_take(&lock, test_path("lock"), err));
    rec_lock_free(lock);
}
END_TEST

/* Byte for byte: what is packed stays packed. */
START_TEST(copying_files)
{
    bool is_there = true;
    char hex[2][REC_SHA256_HEX];
    ck_assert_ok(rec_make_folders(test_path("from/inner"), err));
    ck_assert_ok(rec_make_folders(test_path("to"), err));
    write_gzip("from/inner/a.gz", "text", "wb");
    ck_assert_ok(rec_file_copy(&is_there, test_path("from"), test_path("to"), "none", err));
    ck_assert(!is_there);
    ck_assert(!rec_path_exists(test_path("to/none")));
    ck_assert_ok(rec_file_copy(&is_there, test_path("from"), test_path("to"), "inner/a.gz", err));
    ck_assert(is_there);
    ck_assert_ok(rec_sha256_file(hex[0], test_path("from/inner/a.gz"), err));
    ck_assert_ok(rec_sha256_file(hex[1], test_path("to/inner/a.gz"), err));
    ck_assert_str_eq(hex[0], hex[1]);
    ck_assert_ok(rec_atomic_write(test_path("from/empty"), "", 0, err));
    ck_assert_ok(rec_file_copy(&is_there, test_path("from"), test_path("to"), "empty", err));
    assert_text(test_path("to/empty"), "");
    /* a folder is no file; a file is no folder to put one into */
    ck_assert_fails(rec_file_copy(&is_there, test_path("from"), test_path("to"), "inner", err),
                    REC_ERR_DATA, "inner");
    ck_assert_fails(
        rec_file_copy(&is_there, test_path("from"), test_path("to/empty"), "inner/a.gz", err),
        REC_ERR_RESOURCE, "to/empty");
}
END_TEST

static void assert_data_path(const char *name, const char *expected)
{
    char *path = NULL;
    ck_assert_ok(rec_data_path(&path, name, err));
    ck_assert_str_eq(path, expected);
    free(path);
}

START_TEST(data_paths)
{
    char folders[600], *path;
    ck_assert_ok(rec_make_folders(test_path("first/both"), err));
    ck_assert_ok(rec_make_folders(test_path("second/both"), err));
    ck_assert_ok(rec_make_folders(test_path("second/only"), err));
    ck_assert_ok(rec_make_folders(test_path("cache/recai/fetched"), err));
    snprintf(folders, sizeof folders, "%s::%s", test_path("first"), test_path("second"));
    setenv("RECAI_DATA", folders, 1);
    setenv("XDG_CACHE_HOME", test_path("cache"), 1);
    assert_data_path("data:both", test_path("first/both"));
    assert_data_path("data:only", test_path("second/only"));
    assert_data_path("data:fetched", test_path("cache/recai/fetched"));
    assert_data_path("plain/path", "plain/path");
    ck_assert_fails(rec_data_path(&path, "data:none/x", err), REC_ERR_DATA, "scripts/fetch none ");
    ck_assert_fails(rec_data_path(&path, "data:a/../../b", err), REC_ERR_DATA, "stay inside");
    ck_assert_fails(rec_data_path(&path, "data:/etc", err), REC_ERR_DATA, "stay inside");
    ck_assert_fails(rec_data_path(&path, "data:", err), REC_ERR_DATA, "stay inside");
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", test_path("home"), 1);
    ck_assert_ok(rec_make_folders(test_path("home/.cache/recai/homely"), err));
    assert_data_path("data:homely", test_path("home/.cache/recai/homely"));
}
END_TEST

REC_SUITE("core/file", tcase_add_checked_fixture(t, test_folder, test_folder_remove);
          tcase_add_test(t, map_reads_the_bytes); tcase_add_test(t, map_of_an_empty_file);
          tcase_add_test(t, reading_what_is_not_there); tcase_add_test(t, text_plain_gzip_and_pipe);
          tcase_add_test(t, text_of_a_damaged_gzip);
          tcase_add_test(t, atomic_write_replaces_the_file);
          tcase_add_test(t, abort_leaves_the_old_file); tcase_add_test(t, writing_where_it_cannot);
          tcase_add_test(t, full_disk_is_an_error); tcase_add_test(t, publish_a_foreign_file);
          tcase_add_test(t, copying_files); tcase_add_test(t, making_folders);
          tcase_add_test(t, joining_paths); tcase_add_test(t, lock_excludes_and_names_its_owner);
          tcase_add_test(t, lock_of_a_living_and_of_a_dead_process); tcase_add_test(t, data_paths);)
