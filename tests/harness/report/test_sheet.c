#include <stdlib.h>
#include <string.h>

#include "harness/report/sheet.h"
#include "tests/suite.h"

static rec_sheet *sheet;
static rec_buffer out;

/* Cells that every format must escape, a wide character, an empty cell. */
static void setup(void)
{
    ck_assert_ok(rec_sheet_new(&sheet, "A & B", err));
    ck_assert_ok(rec_sheet_column(sheet, "name", false, err));
    ck_assert_ok(rec_sheet_column(sheet, "ndcg_10", true, err));
    ck_assert_ok(rec_sheet_column(sheet, "note", false, err));
    ck_assert_ok(rec_sheet_cell(sheet, err, "%s", "a|b, \"c\""));
    ck_assert_ok(rec_sheet_cell(sheet, err, "%.2f", 0.5));
    ck_assert_ok(rec_sheet_cell(sheet, err, "%s", "<x> 5%"));
    ck_assert_ok(rec_sheet_cell(sheet, err, "%s", "caf\xC3\xA9 \xE4\xB8\xAD"));
    ck_assert_ok(rec_sheet_cell(sheet, err, "%s", "12.25"));
    ck_assert_ok(rec_sheet_cell(sheet, err, "%s", ""));
    ck_assert_ok(rec_sheet_note(sheet, err, "n = %d", 2));
}

static void teardown(void)
{
    rec_buffer_deinit(&out);
    rec_sheet_free(sheet);
}

static const char *print(rec_format_kind format, size_t width)
{
    rec_buffer_clear(&out);
    ck_assert_ok(rec_sheet_print(&out, sheet, format, width, err));
    return out.data;
}

/* Width is counted in terminal columns: e with accent 1, the Chinese character 2. No space at the
 * end of a line. */
START_TEST(aligned_text)
{
    ck_assert_str_eq(print(REC_FORMAT_TABLE, 0), "A & B\n"
                                                 "\n"
                                                 "name      ndcg_10  note\n"
                                                 "-------------------------\n"
                                                 "a|b, \"c\"     0.50  <x> 5%\n"
                                                 "caf\xC3\xA9 \xE4\xB8\xAD     12.25\n"
                                                 "n = 2\n");
}
END_TEST

START_TEST(narrow_terminals_get_blocks)
{
    ck_assert_str_eq(print(REC_FORMAT_TABLE, 20), "A & B\n"
                                                  "\n"
                                                  "name      ndcg_10\n"
                                                  "-----------------\n"
                                                  "a|b, \"c\"     0.50\n"
                                                  "caf\xC3\xA9 \xE4\xB8\xAD     12.25\n"
                                                  "\n"
                                                  "name      note\n"
                                                  "----------------\n"
                                                  "a|b, \"c\"  <x> 5%\n"
                                                  "caf\xC3\xA9 \xE4\xB8\xAD\n"
                                                  "n = 2\n");
    ck_assert_ptr_nonnull(strstr(print(REC_FORMAT_TABLE, 1), "note")); /* one column a block */
}
END_TEST

START_TEST(markdown)
{
    ck_assert_str_eq(print(REC_FORMAT_MARKDOWN, 0), "### A & B\n"
                                                    "\n"
                                                    "| name | ndcg\\_10 | note |\n"
                                                    "|---|---:|---|\n"
                                                    "| a\\|b, \"c\" | 0.50 | &lt;x> 5% |\n"
                                                    "| caf\xC3\xA9 \xE4\xB8\xAD | 12.25 |  |\n"
                                                    "\n"
                                                    "n = 2  \n");
}
END_TEST

START_TEST(csv)
{
    ck_assert_str_eq(print(REC_FORMAT_CSV, 0), "name,ndcg_10,note\n"
                                               "\"a|b, \"\"c\"\"\",0.50,<x> 5%\n"
                                               "caf\xC3\xA9 \xE4\xB8\xAD,12.25,\n");
}
END_TEST

START_TEST(latex)
{
    const char *text = print(REC_FORMAT_LATEX, 0);
    ck_assert_ptr_nonnull(strstr(text, "\\begin{tabular}{lrl}\n\\toprule\n"
                                       "name & ndcg\\_10 & note \\\\\n\\midrule\n"));
    ck_assert_ptr_nonnull(strstr(text, "0.50 & <x> 5\\% \\\\\n"));
    ck_assert_ptr_nonnull(strstr(text, "\\caption{A \\& B. n = 2}"));
}
END_TEST

START_TEST(html)
{
    const char *text = print(REC_FORMAT_HTML, 0);
    ck_assert_ptr_nonnull(strstr(text, "<h2>A &amp; B</h2>"));
    ck_assert_ptr_nonnull(strstr(text, "<td>a|b, &quot;c&quot;</td><td class=\"n\">0.50</td>"
                                       "<td>&lt;x&gt; 5%</td></tr>"));
    ck_assert_ptr_nonnull(strstr(text, "<p class=\"note\">n = 2</p>"));
}
END_TEST

START_TEST(no_rows)
{
    rec_sheet *empty;
    ck_assert_ok(rec_sheet_new(&empty, NULL, err));
    ck_assert_ok(rec_sheet_column(empty, "only", false, err));
    ck_assert_uint_eq(rec_sheet_rows(empty), 0);
    ck_assert_ok(rec_sheet_print(&out, empty, REC_FORMAT_TABLE, 0, err));
    ck_assert_str_eq(out.data, "only\n----\n");
    rec_sheet_free(empty);
    rec_sheet_free(NULL);
}
END_TEST

REC_SUITE("harness/report/sheet", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, aligned_text); tcase_add_test(t, narrow_terminals_get_blocks);
          tcase_add_test(t, markdown); tcase_add_test(t, csv); tcase_add_test(t, latex);
          tcase_add_test(t, html); tcase_add_test(t, no_rows);)
