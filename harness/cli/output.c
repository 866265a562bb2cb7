#include "harness/cli/output.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

rec_status rec_output_write(const rec_buffer *text, rec_error *err)
{
    if (text->length > 0 && fwrite(text->data, 1, text->length, stdout) != text->length)
        return rec_fail_errno(err, REC_ERR_RESOURCE, "cannot write to standard output");
    return REC_OK;
}

size_t rec_output_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}
