#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/progress.h"
#include "tests/folder.h"
#include "tests/suite.h"

static char seen[4096];

/* What stderr was given since it was pointed at this file. */
static const char *stderr_text(void)
{
    FILE *f = fopen(test_path("stderr"), "r");
    size_t n = fread(seen, 1, sizeof seen - 1, f);
    seen[n] = '\0';
    fclose(f);
    return seen;
}

static void stderr_to_file(void)
{
    test_folder();
    ck_assert_ptr_nonnull(freopen(test_path("stderr"), "w", stderr));
    setvbuf(stderr, NULL, _IONBF, 0);
}

START_TEST(a_file_gets_a_line_at_the_end)
{
    rec_progress *p = rec_progress_start("fit", "epochs", 3);
    rec_progress_add(p, 1);
    rec_progress_note(p, "loss %.2f", 0.25);
    rec_progress_add(p, 2);
    ck_assert_str_eq(stderr_text(), "");
    rec_progress_end(p);
    ck_assert_ptr_nonnull(strstr(stderr_text(), "fit: 3/3 epochs, "));
    ck_assert_ptr_nonnull(strstr(seen, "epochs/s, loss 0.25, took 0:00\n"));
}
END_TEST

START_TEST(quick_inner_steps_are_silent)
{
    rec_progress *outer = rec_progress_start("run", "steps", 1);
    rec_progress *inner = rec_progress_start("fit", "users", 0);
    rec_progress_add(inner, 7);
    rec_progress_end(inner);
    ck_assert_str_eq(stderr_text(), "");
    rec_progress_add(outer, 1);
    rec_progress_end(outer);
    ck_assert_ptr_nonnull(strstr(stderr_text(), "run: 1/1 steps"));
}
END_TEST

START_TEST(quiet_prints_warnings_only)
{
    rec_progress_set_verbosity(REC_QUIET);
    rec_progress *p = rec_progress_start("fit", "epochs", 3);
    rec_progress_add(p, 3);
    rec_progress_end(p);
    rec_info("not %s", "shown");
    rec_warn("row %d is odd", 3);
    ck_assert_str_eq(stderr_text(), "warning: row 3 is odd\n");
    rec_progress_set_verbosity(REC_NORMAL);
    rec_info("shown");
    ck_assert_str_eq(stderr_text(), "warning: row 3 is odd\nshown\n");
}
END_TEST

START_TEST(null_is_harmless)
{
    rec_progress_add(NULL, 1);
    rec_progress_note(NULL, "x");
    rec_progress_end(NULL);
    ck_assert_str_eq(stderr_text(), "");
}
END_TEST

START_TEST(a_terminal_gets_a_bar)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return; /* a machine without pseudo-terminals */
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert_int_eq(dup2(terminal, STDERR_FILENO), STDERR_FILENO);
    rec_progress *outer = rec_progress_start("run", "steps", 2);
    rec_progress *inner = rec_progress_start("fit", "users", 4);
    usleep(150000); /* bars are drawn at most every 0.1 s */
    rec_progress_add(inner, 2);
    rec_progress_end(inner);
    rec_progress_end(outer);
    ssize_t n = read(master, seen, sizeof seen - 1);
    seen[n > 0 ? n : 0] = '\0';
    ck_assert_ptr_nonnull(strstr(seen, "\r\033[K[##########          ] run: fit: 2/4 users, "));
    ck_assert_ptr_nonnull(strstr(seen, " left"));
}
END_TEST

REC_SUITE("core/progress", tcase_add_checked_fixture(t, stderr_to_file, test_folder_remove);
          tcase_add_test(t, a_file_gets_a_line_at_the_end);
          tcase_add_test(t, quick_inner_steps_are_silent);
          tcase_add_test(t, quiet_prints_warnings_only); tcase_add_test(t, null_is_harmless);
          tcase_add_test(t, a_terminal_gets_a_bar);)
