/** One stretch of a TREC file: from bytes to records and segments. Private to harness/trec. */
#ifndef REC_HARNESS_TREC_TILE_H
#define REC_HARNESS_TREC_TILE_H

#include "harness/trec/trec.h"

struct rec_trec_tile {
    rec_trec_record *records;   /* owned */
    rec_trec_segment *segments; /* owned */
    size_t n_records, n_segments, segment_capacity;
    rec_span tag; /* of the last record */
};

/** Hash of an id, the one records carry. */
uint32_t rec_trec_hash(rec_span id);

/**
 * Read whole lines: begin..end, the byte before end being a newline (or begin == end). The records
 * point into these bytes. `file` gives kind, and path and lines for messages.
 */
rec_status rec_trec_tile_read(rec_trec_tile *tile, const rec_trec_file *file, const char *begin,
                              const char *end, rec_error *err);

#endif
