#include "models/reclm_emb/writers/prompts.h"

#include "tests/models/reclm_emb/films.h"

static const uint32_t history[] = {1, 0};

typedef struct fixture {
    films f;
    rec_emb_items items;
    rec_emb_writer_source source;
} fixture;

static void open_fixture(fixture *x)
{
    films_init(&x->f);
    ck_assert_ok(rec_emb_items_init(&x->items, &x->f.roles, &x->f.catalogue, err));
    x->source = (rec_emb_writer_source){.items = &x->items};
}

static bool make(rec_emb_prompt *out, fixture *x, rec_emb_text_kind kind, rec_emb_part set,
                 uint32_t item, const rec_emb_condition *facts, size_t n_facts)
{
    bool has_facts;
    const rec_emb_ask ask = {.kind = kind,
                             .set = set,
                             .style = {.voice = REC_EMB_THIRD_PERSON, .words = 70, .turns = 3},
                             .item = item,
                             .history = history,
                             .n_history = kind == REC_EMB_DESCRIPTION ? 0 : 2,
                             .conditions = facts,
                             .n_conditions = n_facts};
    ck_assert_ok(rec_emb_prompt_make(&has_facts, out, &x->source, &ask, err));
    return has_facts;
}

/* History newest first, what is known of it, length and voice; nothing of the item that follows. */
START_TEST(summaries_are_asked_for_with_the_history)
{
    fixture x;
    rec_emb_prompt p;
    open_fixture(&x);
    ck_assert(make(&p, &x, REC_EMB_SUMMARY, REC_EMB_TRAIN, 3, NULL, 0));
    ck_assert_str_eq(p.facts.data,
                     "- Heat (crime, drama, Mann)\n- Casino (crime, drama, Scorsese)\n");
    ck_assert_ptr_nonnull(strstr(p.before.data, "films"));
    ck_assert_ptr_nonnull(strstr(p.after.data, "70 words"));
    ck_assert_ptr_nonnull(strstr(p.after.data, "third person"));
    rec_emb_prompt_deinit(&p);
    rec_emb_items_deinit(&x.items);
}
END_TEST

START_TEST(descriptions_are_asked_for_with_facts_and_without_the_title)
{
    fixture x;
    rec_emb_prompt p, other;
    open_fixture(&x);
    const rec_emb_condition facts[] = {
        {.kind = REC_EMB_HAS, .value = rec_interner_find(&x.items.values, "crime", 5)},
        {.kind = REC_EMB_PRICE, .low = -INFINITY, .high = 20}};
    ck_assert(make(&p, &x, REC_EMB_DESCRIPTION, REC_EMB_TRAIN, 0, facts, 2));
    ck_assert_str_eq(p.facts.data, "- genre: crime\n- price less than 20\n");
    ck_assert_ptr_null(strstr(p.before.data, "Heat"));
    ck_assert(make(&other, &x, REC_EMB_DESCRIPTION, REC_EMB_TEST, 0, facts, 2));
    ck_assert_str_ne(p.before.data, other.before.data); /* tests are asked in other words */
    ck_assert_str_ne(p.after.data, other.after.data);
    rec_emb_prompt_deinit(&p);
    rec_emb_prompt_deinit(&other);
    ck_assert(!make(&p, &x, REC_EMB_DESCRIPTION, REC_EMB_TRAIN, 0, NULL, 0));
    rec_emb_prompt_deinit(&p);
    rec_emb_items_deinit(&x.items);
}
END_TEST

START_TEST(names_and_dialogues_are_asked_for)
{
    fixture x;
    rec_emb_prompt p;
    open_fixture(&x);
    const rec_emb_condition fact = {.kind = REC_EMB_HAS,
                                    .value = rec_interner_find(&x.items.values, "horror", 6)};
    const rec_emb_condition wish[] = {fact, {.kind = REC_EMB_LACKS, .value = fact.value}};
    ck_assert(make(&p, &x, REC_EMB_DISLIKE, REC_EMB_TRAIN, 3, wish, 2));
    ck_assert_str_eq(p.facts.data, "- genre: horror\n- not genre: horror\n");
    rec_emb_prompt_deinit(&p);
    ck_assert(make(&p, &x, REC_EMB_MISSPELLING, REC_EMB_TRAIN, 1, NULL, 0));
    ck_assert_str_eq(p.facts.data, "Casino");
    rec_emb_prompt_deinit(&p);
    ck_assert(!make(&p, &x, REC_EMB_MISSPELLING, REC_EMB_TRAIN, 5, NULL, 0)); /* has no title */
    rec_emb_prompt_deinit(&p);
    ck_assert(make(&p, &x, REC_EMB_DIALOGUE, REC_EMB_TRAIN, 3, &fact, 1));
    ck_assert_ptr_nonnull(strstr(p.facts.data, "- Heat"));
    ck_assert_ptr_nonnull(strstr(p.facts.data, "wanted:\n- genre: horror"));
    ck_assert_ptr_null(strstr(p.facts.data, "Alien"));
    ck_assert_ptr_nonnull(strstr(p.after.data, "speaks 5 times")); /* greets, tells, three turns */
    rec_emb_prompt_deinit(&p);
    rec_emb_items_deinit(&x.items);
}
END_TEST

/* Where there is no title, all attributes are told in its place; what has none either is left out. */
START_TEST(items_without_titles_are_told_by_their_attributes)
{
    static const uint32_t watched[] = {0, 6, 5};
    static const char *const facts[] = {"- drama\n- Heat (crime, drama, Mann)\n",
                                        "- drama\n- crime, drama, Mann, A thief and a cop.\n"};
    static char *words[] = {"made_by", "description"};
    fixture x;
    films_init(&x.f);
    x.f.roles.words = (rec_string_list){.items = words, .n = 2};
    for (int is_bare = 0; is_bare < 2; is_bare++) {
        rec_emb_prompt p;
        bool has_facts;
        const rec_emb_ask ask = {.kind = REC_EMB_SUMMARY, .history = watched, .n_history = 3};
        x.f.catalogue.titles = is_bare ? NULL : x.f.titles;
        ck_assert_ok(rec_emb_items_init(&x.items, &x.f.roles, &x.f.catalogue, err));
        x.source = (rec_emb_writer_source){.items = &x.items};
        ck_assert_ok(rec_emb_prompt_make(&has_facts, &p, &x.source, &ask, err));
        ck_assert(has_facts);
        ck_assert_str_eq(p.facts.data, facts[is_bare]);
        rec_emb_prompt_deinit(&p);
        rec_emb_items_deinit(&x.items);
    }
}
END_TEST

static void check_cleaned(rec_emb_text_kind kind, const char *answer, const char *expected)
{
    rec_buffer out = {.length = 0};
    ck_assert_ok(rec_emb_prompt_clean(&out, kind, answer, err));
    ck_assert_str_eq(out.length > 0 ? out.data : "", expected);
    rec_buffer_deinit(&out);
}

START_TEST(answers_are_cleaned)
{
    check_cleaned(REC_EMB_SUMMARY, "  \"Likes crime.\"\n", "Likes crime.");
    check_cleaned(REC_EMB_SUMMARY, "Here is the text:\n\nLikes crime,\nand drama.",
                  "Likes crime, and drama.");
    check_cleaned(REC_EMB_DESCRIPTION, "Request: **a crime story**", "a crime story");
    check_cleaned(REC_EMB_DESCRIPTION, " \n ", "");
    check_cleaned(REC_EMB_DIALOGUE,
                  "Here it is:\nUser: Hi.\n**Assistant:** What is it?\n\nUSER: horror \n"
                  "Assistant: Take this.",
                  "User: Hi.\nAssistant: What is it?\nUser: horror");
    check_cleaned(REC_EMB_DIALOGUE, "Assistant: nobody asks", "");
    check_cleaned(REC_EMB_DIALOGUE, "no dialogue at all", "");
}
END_TEST

REC_SUITE("models/reclm_emb/writers/prompts",
          tcase_add_test(t, summaries_are_asked_for_with_the_history);
          tcase_add_test(t, descriptions_are_asked_for_with_facts_and_without_the_title);
          tcase_add_test(t, names_and_dialogues_are_asked_for);
          tcase_add_test(t, items_without_titles_are_told_by_their_attributes);
          tcase_add_test(t, answers_are_cleaned);)
