/**
 * The interface of everything that reads a list of titles out of a reply. A plug-in is one file in
 * harness/replies/lists/ that defines one `rec_list_parser` and one line in lists.def; tasks name it
 * in their option `parser`. Time is linear in the length of the reply.
 */
#ifndef REC_HARNESS_REPLIES_LIST_PARSER_H
#define REC_HARNESS_REPLIES_LIST_PARSER_H

#include "harness/replies/title_index.h"
#include "harness/replies/title_list.h"

typedef struct rec_list_parser {
    const char *name;
    const char *help; /* one line */

    /**
     * @param out    empty or used before; its titles are replaced. A reply without a list is no error:
     *               out->n is 0 and out->mode says why.
     * @param reply  any bytes
     * @param known  titles that exist, for telling a comma inside a title from one between titles and
     *               a title from an explanation behind it; or NULL
     * @return REC_ERR_RESOURCE
     */
    rec_status (*parse)(rec_title_list *out, const char *reply, const rec_title_index *known,
                        rec_error *err);
} rec_list_parser;

extern const rec_list_parser *const rec_list_parsers[];
extern const size_t rec_n_list_parsers;

/** Names in the order of the table, then NULL: choices of an option whose value is the index. */
extern const char *const rec_list_parser_names[];

const rec_list_parser *rec_list_parser_find(const char *name); /* or NULL */

#endif
