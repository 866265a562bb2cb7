#include "harness/replies/letters.h"

#define REC_LETTER_PARSER(name) extern const rec_letter_parser rec_letter_parser_##name;
#include "harness/replies/letters/letters.def"
#undef REC_LETTER_PARSER

#define REC_LETTER_PARSER(name) &rec_letter_parser_##name,
const rec_letter_parser *const rec_letter_parsers[] = {
#include "harness/replies/letters/letters.def"
};
#undef REC_LETTER_PARSER

#define REC_LETTER_PARSER(name) #name,
const char *const rec_letter_parser_names[] = {
#include "harness/replies/letters/letters.def"
    NULL};
#undef REC_LETTER_PARSER

const size_t rec_n_letter_parsers = sizeof rec_letter_parsers / sizeof rec_letter_parsers[0];

const char *const rec_letter_mode_names[] = {"none",  "alone",     "stated",    "unique", "first",
                                             "exact", "canonical", "contained", "fuzzy",  NULL};

const rec_letter_parser *rec_letter_parser_find(const char *name)
{
    for (size_t i = 0; i < rec_n_letter_parsers; i++)
        if (strcmp(rec_letter_parsers[i]->name, name) == 0)
            return rec_letter_parsers[i];
    return NULL;
}
