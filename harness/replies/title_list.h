/** What was read out of a reply to a request for a list: titles in order, and how they were found. */
#ifndef REC_HARNESS_REPLIES_TITLE_LIST_H
#define REC_HARNESS_REPLIES_TITLE_LIST_H

#include "core/status.h"
#include "harness/replies/span.h"

/** Which form the list had. */
typedef enum rec_list_mode {
    REC_LIST_BLANK,      /* nothing was replied (thoughts do not count) */
    REC_LIST_UNREADABLE, /* text without a list: a refusal, prose */
    REC_LIST_END,        /* titles that each end with <end> */
    REC_LIST_JSON,       /* an array of strings */
    REC_LIST_NUMBERED,   /* lines that begin with a number */
    REC_LIST_BULLETS,    /* lines that begin with a bullet */
    REC_LIST_COMMAS,     /* titles between commas */
    REC_LIST_LINES,      /* one title per line */
    REC_LIST_RECLM,      /* read as RecLM-eval does */
    REC_LIST_LEGACY      /* read as its first versions did */
} rec_list_mode;

extern const char *const rec_list_mode_names[]; /* "blank", "unreadable", "end", ... then NULL */

typedef struct rec_title_list {
    char **titles; /* owned, each too */
    size_t n, capacity;
    rec_list_mode mode;
} rec_title_list;

/** Start from zeros. */
void rec_title_list_deinit(rec_title_list *list);
/** Empty the list, keep the storage. */
void rec_title_list_clear(rec_title_list *list);
/** Append a copy. NUL bytes inside cannot be kept and end the title. */
rec_status rec_title_list_add(rec_title_list *list, rec_span title, rec_error *err);

#endif
