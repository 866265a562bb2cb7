#include "harness/replies/list_parser.h"
#include "tests/suite.h"

static rec_title_list list;
static rec_title_index *known;

static char *const films[] = {"Toy Story", "Me, Myself & Irene",   "Portal",
                              "Up",        "Monsters, Inc.",       "The Good, the Bad and the Ugly",
                              "Portal 2",  "Star Wars: A New Hope"};
enum { N_FILMS = sizeof films / sizeof films[0] };

static void setup(void)
{
    ck_assert_ok(rec_title_index_new(&known, films, N_FILMS, err));
}

static void teardown(void)
{
    rec_title_list_deinit(&list);
    rec_title_index_free(known);
}

static void reads(const char *reply, rec_list_mode mode, size_t n, ...)
{
    va_list titles;
    ck_assert_ok(rec_list_parser_find("auto")->parse(&list, reply, known, err));
    ck_assert_msg(list.mode == mode, "%s: mode %s", reply, rec_list_mode_names[list.mode]);
    va_start(titles, n);
    for (size_t i = 0; i < n; i++) {
        const char *title = va_arg(titles, const char *);
        ck_assert_msg(i < list.n, "%s: only %zu titles, no \"%s\"", reply, list.n, title);
        ck_assert_str_eq(list.titles[i], title);
    }
    va_end(titles);
    ck_assert_msg(list.n == n, "%s: %zu titles, the next is \"%s\"", reply, list.n,
                  list.n > n ? list.titles[n] : "");
}

START_TEST(each_form_is_read)
{
    reads("Toy Story<end>Up<end>", REC_LIST_END, 2, "Toy Story", "Up");
    reads("[\"Toy Story\", \"Up\"]", REC_LIST_JSON, 2, "Toy Story", "Up");
    reads("1. Toy Story\n2. Up", REC_LIST_NUMBERED, 2, "Toy Story", "Up");
    reads("- Toy Story\n- Up", REC_LIST_BULLETS, 2, "Toy Story", "Up");
    reads("Toy Story, Up", REC_LIST_COMMAS, 2, "Toy Story", "Up");
    reads("Toy Story\nUp", REC_LIST_LINES, 2, "Toy Story", "Up");
}
END_TEST

START_TEST(commas_inside_titles_stay)
{
    reads("Me, Myself & Irene, Monsters, Inc., Up", REC_LIST_COMMAS, 3, "Me, Myself & Irene",
          "Monsters, Inc.", "Up");
    reads("Here are my suggestions: The Good, the Bad and the Ugly, Portal, and Up.",
          REC_LIST_COMMAS, 3, "The Good, the Bad and the Ugly", "Portal", "Up");
}
END_TEST

START_TEST(replies_without_a_list)
{
    reads("", REC_LIST_BLANK, 0);
    reads("<think>Toy Story, Up</think>\n", REC_LIST_BLANK, 0);
    reads("None", REC_LIST_UNREADABLE, 0);
    reads("I'm sorry, but I cannot help with that.", REC_LIST_UNREADABLE, 0);
}
END_TEST

REC_SUITE("harness/replies/list_parser", tcase_add_checked_fixture(t, setup, teardown);
          tcase_add_test(t, each_form_is_read); tcase_add_test(t, commas_inside_titles_stay);
          tcase_add_test(t, replies_without_a_list);)
