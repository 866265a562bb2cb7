/**
 * The interface of everything that reads a chosen option (A, B, C, ...) out of a reply. A plug-in is
 * one file in harness/replies/letters/ that defines one `rec_letter_parser` and one line in
 * letters.def; tasks name it in their option `parser`.
 */
#ifndef REC_HARNESS_REPLIES_LETTERS_H
#define REC_HARNESS_REPLIES_LETTERS_H

#include "core/status.h"
#include "harness/replies/span.h"

enum { REC_MAX_OPTIONS = 26, REC_NO_OPTION = REC_MAX_OPTIONS };

/** How the option was found. */
typedef enum rec_letter_mode {
    REC_LETTER_NONE,
    REC_LETTER_ALONE,     /* the reply is a letter and marks around it */
    REC_LETTER_STATED,    /* "the answer is B", "answer: b" */
    REC_LETTER_UNIQUE,    /* the only option letter that stands alone */
    REC_LETTER_FIRST,     /* the first letter that stands alone (RecLM-eval) */
    REC_LETTER_EXACT,     /* the title of an option */
    REC_LETTER_CANONICAL, /* the same in another spelling */
    REC_LETTER_CONTAINED, /* the title is part of the reply */
    REC_LETTER_FUZZY      /* the most similar title */
} rec_letter_mode;

enum { REC_N_LETTER_MODES = REC_LETTER_FUZZY + 1 };
extern const char *const rec_letter_mode_names[]; /* "none", "alone", ... then NULL */

typedef struct rec_letter_answer {
    unsigned option; /* 0 = A; REC_NO_OPTION */
    rec_letter_mode mode;
    double similarity; /* of a fuzzy answer, or of the best title that was not similar enough */
} rec_letter_answer;

typedef struct rec_letter_parser {
    const char *name;
    const char *help; /* one line */

    /**
     * @param reply   any bytes
     * @param titles  (n_options) of options A, B, ...; n_options <= REC_MAX_OPTIONS
     * @return REC_ERR_RESOURCE. A reply without an answer is no error.
     */
    rec_status (*parse)(rec_letter_answer *out, const char *reply, const char *const *titles,
                        size_t n_options, rec_error *err);
} rec_letter_parser;

extern const rec_letter_parser *const rec_letter_parsers[];
extern const size_t rec_n_letter_parsers;
extern const char *const rec_letter_parser_names[]; /* then NULL */

const rec_letter_parser *rec_letter_parser_find(const char *name); /* or NULL */

#endif
