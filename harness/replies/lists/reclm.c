/* harness/replies/lists/reclm.c: RecLM-eval's parse_recommendations (evaluates/evaluate.py): what
 * stands between "<end>" marks, trimmed, empty pieces dropped. A reply that separates titles by commas,
 * as the original's own retrieval prompt asks for, is one title. */
#include "harness/replies/list_parser.h"

static rec_status parse(rec_title_list *out, const char *reply, const rec_title_index *known,
                        rec_error *err)
{
    (void)known;
    rec_title_list_clear(out);
    out->mode = REC_LIST_RECLM;
    rec_span rest = rec_span_of(reply);
    rec_status status = REC_OK;
    while (status == REC_OK && rest.n > 0) {
        size_t n = rec_span_find(rest, "<end>");
        rec_span title = rec_span_trim(rec_span_to(rest, n));
        if (title.n > 0)
            status = rec_title_list_add(out, title, err);
        rest = n < rest.n ? rec_span_from(rest, n + strlen("<end>")) : rec_span_from(rest, n);
    }
    return status;
}

const rec_list_parser rec_list_parser_reclm = {
    .name = "reclm",
    .help = "as RecLM-eval: titles between <end> marks, nothing else",
    .parse = parse,
};
