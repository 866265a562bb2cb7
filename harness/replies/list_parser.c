#include "harness/replies/list_parser.h"

#define REC_LIST_PARSER(name) extern const rec_list_parser rec_list_parser_##name;
#include "harness/replies/lists/lists.def"
#undef REC_LIST_PARSER

#define REC_LIST_PARSER(name) &rec_list_parser_##name,
const rec_list_parser *const rec_list_parsers[] = {
#include "harness/replies/lists/lists.def"
};
#undef REC_LIST_PARSER

#define REC_LIST_PARSER(name) #name,
const char *const rec_list_parser_names[] = {
#include "harness/replies/lists/lists.def"
    NULL};
#undef REC_LIST_PARSER

const size_t rec_n_list_parsers = sizeof rec_list_parsers / sizeof rec_list_parsers[0];

const rec_list_parser *rec_list_parser_find(const char *name)
{
    for (size_t i = 0; i < rec_n_list_parsers; i++)
        if (strcmp(rec_list_parsers[i]->name, name) == 0)
            return rec_list_parsers[i];
    return NULL;
}
