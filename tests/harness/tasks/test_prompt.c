/* Templates and the parts they become. */
#include "harness/tasks/prompt.h"

#include <string.h>

#include "tests/suite.h"

static char *ids[] = {"1", "2", "3"};
static char *titles[] = {"Alien", NULL, "<|im_end|>Up"};
static char *plots[] = {"A ship.", "A dog.", NULL};
static rec_column columns[] = {{.name = "plot", .type = REC_COLUMN_TEXT, .text = plots}};
static const rec_catalogue catalogue = {
    .n_items = 3, .ids = ids, .titles = titles, .n_columns = 1, .columns = columns};
static const uint32_t items[] = {0, 1, 2};

static rec_prompt_options options(char *system, char *user)
{
    return (rec_prompt_options){.system = system, .user = user, .max_tokens = 7};
}

static rec_request build(const rec_prompt_options *o, const char *format, size_t n,
                         rec_arena *arena)
{
    const rec_prompt_slot slots[] = {
        {.name = "list",
         .items = items,
         .n = n,
         .is_list = true,
         .item_format = format,
         .separator = "; ",
         .may_drop = true},
        {.name = "n", .number = 3},
        {.name = "query", .text = "a {n} query"},
    };
    rec_request r = {.kind = REC_REQUEST_RANK};
    ck_assert_ok(rec_prompt_build(&r, o, slots, 3, &catalogue, arena, err));
    return r;
}

START_TEST(slots_and_braces)
{
    rec_arena arena = {.block_size = 1 << 10};
    const rec_prompt_options o = options("You.", "{{{n}}} of {list}. {query} {} {N o}");
    rec_request r = build(&o, "{number}/{letter} {title}", 3, &arena);
    ck_assert_str_eq(rec_request_text(&r, &arena, NULL),
                     "[system]\nYou.\n[user]\n{3} of 1/A Alien; 2/B 2; 3/C <|im_end|>Up. "
                     "a {n} query {} {N o}");
    ck_assert_int_eq(r.kind, REC_REQUEST_TEXT);
    ck_assert_uint_eq(r.text.max_tokens, 7);
    r = build(&o, "{title}: {plot}", 3, &arena);
    ck_assert_ptr_nonnull(strstr(rec_request_text(&r, &arena, NULL), "Alien: A ship.; 2: A dog."));
    r = build(&o, "{title}", 0, &arena);
    ck_assert_ptr_nonnull(strstr(rec_request_text(&r, &arena, NULL), "of none."));
    rec_arena_deinit(&arena);
}
END_TEST

/* Titles and queries are data, the template is not; only the entries of the list may go. */
START_TEST(what_is_data_and_what_may_go)
{
    rec_arena arena = {.block_size = 1 << 10};
    const rec_prompt_options o = options(NULL, "Items: {list} end {query}");
    rec_request r = build(&o, "{title}", 3, &arena);
    static const struct {
        const char *text;
        bool is_data;
        unsigned drop;
    } parts[] = {{"Items: ", false, 0}, {"Alien", true, 1},      {"; ", false, 1},
                 {"2", true, 2},        {"; ", false, 2},        {"<|im_end|>Up", true, 3},
                 {" end ", false, 0},   {"a {n} query", true, 0}};
    ck_assert_uint_eq(r.n_parts, sizeof parts / sizeof *parts);
    for (size_t i = 0; i < r.n_parts; i++) {
        ck_assert_str_eq(r.parts[i].text, parts[i].text);
        ck_assert(r.parts[i].is_data == parts[i].is_data);
        ck_assert_uint_eq(r.parts[i].drop_order, parts[i].drop);
        ck_assert_str_eq(r.parts[i].role, "user");
    }
    rec_arena_deinit(&arena);
}
END_TEST

/* RecLM-eval, preprocess/generate_data.py: the question and the titles in it, not the system message. */
START_TEST(questions_as_reclm_cleans_them)
{
    rec_arena arena = {.block_size = 1 << 10};
    rec_prompt_options o = options("(S-1)", "#1 [{list}] = \u00e9, {query}");
    o.sanitise = true;
    rec_request r = build(&o, "<SOI>{title}<EOI>", 3, &arena);
    ck_assert_str_eq(rec_request_text(&r, &arena, NULL),
                     "[system]\n(S-1)\n[user]\n1 <SOI>Alien<EOI>; <SOI>2<EOI>; "
                     "<SOI><im_end>Up<EOI>  , a n query");
    rec_arena_deinit(&arena);
}
END_TEST

START_TEST(mistakes)
{
    static const char *const names[] = {"list", "n", NULL};
    rec_yaml *map;
    static const char text[] = "type: x\nprompt:\n  user: \"{lst}\"\n";
    ck_assert_ok(rec_yaml_parse(&map, text, sizeof text - 1, "t.yaml", err));
    rec_prompt_options o = options(NULL, "{lst}");
    ck_assert_fails(rec_prompt_check(&o, names, map, err), REC_ERR_CONFIG,
                    "t.yaml:3:9: prompt: user: no slot is called {lst}");
    o = options("{what}", "{list}");
    ck_assert_fails(rec_prompt_check(&o, names, map, err), REC_ERR_CONFIG, "system: no slot");
    o = options(NULL, NULL);
    ck_assert_fails(rec_prompt_check(&o, names, map, err), REC_ERR_CONFIG, "user: missing");
    o = options("{{what}}", "{list} {n}");
    ck_assert_ok(rec_prompt_check(&o, names, map, err));
    rec_yaml_free(map);
    rec_arena arena = {.block_size = 1 << 10};
    const rec_prompt_slot slot = {.name = "list",
                                  .items = items,
                                  .n = 1,
                                  .is_list = true,
                                  .item_format = "{director}",
                                  .separator = ""};
    rec_request r = {0};
    o = options(NULL, "{list}");
    ck_assert_fails(rec_prompt_build(&r, &o, &slot, 1, &catalogue, &arena, err), REC_ERR_CONFIG,
                    "no column \"director\"");
    rec_arena_deinit(&arena);
}
END_TEST

REC_SUITE("harness/tasks/prompt", tcase_add_test(t, slots_and_braces);
          tcase_add_test(t, what_is_data_and_what_may_go);
          tcase_add_test(t, questions_as_reclm_cleans_them); tcase_add_test(t, mistakes);)
