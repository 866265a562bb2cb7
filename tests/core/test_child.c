#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/child.h"
#include "tests/suite.h"

/* A shell script as the program. */
static rec_child *start(const char *script)
{
    rec_child *c;
    const char *argv[] = {"sh", "-c", script, NULL};
    ck_assert_ok(rec_child_start(&c, argv, err));
    return c;
}

static void check_answer(rec_child *c, const char *text, const char *expected)
{
    const char *line;
    size_t n;
    ck_assert_ok(rec_child_ask(&line, &n, c, text, strlen(text), 10, err));
    ck_assert_str_eq(line, expected);
    ck_assert_uint_eq(n, strlen(expected));
}

START_TEST(lines_are_answered_in_order)
{
    rec_child *c = start("while read -r line; do echo \"<$line>\"; done");
    check_answer(c, "one\n", "<one>");
    check_answer(c, "\n", "<>");
    ck_assert_ok(rec_child_tell(c, "two\n", 4, 10, err));
    check_answer(c, "three\n", "<two>"); /* answers stay in line */
    rec_child_stop(c, 10);
    rec_child_stop(NULL, 1);
}
END_TEST

/* Larger than any pipe, both ways, by a program that answers while it reads. */
START_TEST(large_messages_do_not_lock)
{
    enum { N = 3 << 20 };
    char *text = malloc(N + 1);
    const char *line;
    size_t n;
    memset(text, 'x', N);
    text[N - 1] = '\n';
    text[N] = '\0';
    rec_child *c = start("cat");
    for (int i = 0; i < 2; i++) {
        ck_assert_ok(rec_child_ask(&line, &n, c, text, N, 60, err));
        ck_assert_uint_eq(n, N - 1);
        ck_assert_mem_eq(line, text, N - 1);
    }
    rec_child_stop(c, 10);
    free(text);
}
END_TEST

static void check_fails(const char *script, double seconds, const char *message)
{
    rec_child *c = start(script);
    const char *line;
    size_t n;
    ck_assert_fails(rec_child_ask(&line, &n, c, "hello\n", 6, seconds, err), REC_ERR_MODEL,
                    message);
    rec_child_stop(c, 0);
}

START_TEST(what_goes_wrong_is_told)
{
    check_fails("read -r x; exit 3", 20, "exited with status 3");
    check_fails("exec <&-; exit 4", 20, "exited with status 4");
    check_fails("read -r x; kill -9 $$", 20, "killed by signal 9");
    check_fails("read -r x; sleep 60", 0.2, "did not answer within 0.2 s");
    check_fails("read -r x; printf 'no newline'; exit 0", 20, "exited with status 0");
    check_fails("exec >&-; sleep 60", 20, "closed its standard output");
    rec_child *c;
    const char *argv[] = {"/nowhere/program", NULL};
    ck_assert_fails(rec_child_start(&c, argv, err), REC_ERR_MODEL,
                    "/nowhere/program: cannot be started");
    ck_assert_ptr_null(c);
}
END_TEST

/* Gone, or a zombie that nobody has collected yet. */
static bool is_dead(int pid)
{
    char path[40], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return true;
    if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(f);
    return state == 'Z' || state == 'X';
}

/* The end of its input ends a well-behaved program; a deaf one and its children are killed. */
START_TEST(stop_ends_the_whole_group)
{
    char path[] = "/tmp/recai_child_XXXXXX", script[200];
    close(mkstemp(path));
    snprintf(script, sizeof script, "sleep 100 & echo $! > %s; echo up; trap '' TERM; wait", path);
    rec_child *c = start(script);
    check_answer(c, "", "up");
    rec_child_stop(c, 0.1);
    FILE *f = fopen(path, "r");
    int pid = 0;
    ck_assert_int_eq(fscanf(f, "%d", &pid), 1);
    fclose(f);
    remove(path);
    for (int i = 0; i < 100 && !is_dead(pid); i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    ck_assert(is_dead(pid));
}
END_TEST

REC_SUITE("core/child", tcase_add_test(t, lines_are_answered_in_order);
          tcase_add_test(t, large_messages_do_not_lock); tcase_add_test(t, what_goes_wrong_is_told);
          tcase_add_test(t, stop_ends_the_whole_group);)
