#include "tests/datasets/data.h"

#include "datasets/fingerprint.h"

static rec_dataset *sample(void)
{
    return data_load("{type: recai_dir, path: '" FIXTURES "recai'}");
}

/* Whatever is content changes the hash; what is not does not. */
START_TEST(every_part_counts)
{
    rec_dataset *d = sample();
    char seen[16][REC_SHA256_HEX];
    size_t n = 0;
    strcpy(seen[n++], d->sha256);
#define CHANGED(statement)                                                                         \
    do {                                                                                           \
        statement;                                                                                 \
        ck_assert_ok(rec_dataset_fingerprint(d, err));                                             \
        for (size_t i = 0; i < n; i++)                                                             \
            ck_assert_str_ne(seen[i], d->sha256);                                                  \
        strcpy(seen[n++], d->sha256);                                                              \
    } while (0)
    CHANGED(d->part[0] = REC_PART_VALID);
    CHANGED(d->interactions.item[1] = 0);
    CHANGED(d->catalogue.titles[0] = d->catalogue.titles[1]);
    CHANGED(d->catalogue.titles[0] = NULL);
    CHANGED(d->catalogue.ids[2][0] = '4');
    CHANGED(d->user_ids[0][0] = '6');
    CHANGED(d->negatives->item[0] = 2);
    CHANGED(d->tables[0].columns[0].text[0][0] = 'C');
    CHANGED(d->catalogue.columns[0].name[0] = 'x');
    strcpy(d->name, "ot");
    d->rules[0] = '[';
    ck_assert_ok(rec_dataset_fingerprint(d, err));
    ck_assert_str_eq(seen[n - 1], d->sha256);
    rec_dataset_free(d);
}
END_TEST

/* A change of this value is a change of every report: it must be meant. */
START_TEST(known_value)
{
    rec_dataset *d = sample(), *again = sample();
    ck_assert_str_eq(d->sha256, again->sha256);
    ck_assert_str_eq(d->sha256, "30962708ac5453338c5422cccb6c97fbce813f5800c09929188734f17dcd9805");
    rec_dataset_free(d);
    rec_dataset_free(again);
}
END_TEST

REC_SUITE("datasets/fingerprint", tcase_add_test(t, every_part_counts);
          tcase_add_test(t, known_value);)
