/** Results on standard output. */
#ifndef REC_HARNESS_CLI_OUTPUT_H
#define REC_HARNESS_CLI_OUTPUT_H

#include <stddef.h>

#include "core/buffer.h"
#include "core/status.h"

/** REC_ERR_RESOURCE when stdout takes no more. */
rec_status rec_output_write(const rec_buffer *text, rec_error *err);

/** Columns of the terminal on stdout; 0 when it is none. */
size_t rec_output_width(void);

#endif
