/**
 * Parallel loops whose results do not depend on the number of threads: work is cut into tiles of
 * fixed size, each tile writes its own slots, sums run afterwards in index order. There is
 * one thread pool in the process; OpenBLAS stays at one thread inside it.
 */
#ifndef REC_CORE_PARALLEL_H
#define REC_CORE_PARALLEL_H

#include <stddef.h>

#include "core/status.h"

/** 0 = all processors this process may use. Call before the first parallel loop. */
void rec_parallel_set_threads(size_t n);
size_t rec_parallel_threads(void);

/** Index of the calling thread inside a loop, 0 .. rec_parallel_threads() - 1: for scratch. */
size_t rec_parallel_thread(void);

typedef rec_status (*rec_tile_fn)(void *context, size_t tile, rec_error *err);

/**
 * Call fn for tile = 0..n_tiles-1, in any order, on all threads. After a failure or an interrupt
 * (core/interrupt.h) no new tile starts; the failure with the lowest tile index is returned.
 */
rec_status rec_parallel_tiles(size_t n_tiles, rec_tile_fn fn, void *context, rec_error *err);

#endif
