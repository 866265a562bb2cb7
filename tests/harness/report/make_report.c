/* make_report OUT [users=N] [first=N] [shift=X] [sha=HEX] [times=other]: the fixture as a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/report/fixture.h"

int main(int argc, char **argv)
{
    fixture_options o = {0};
    rec_report *r = NULL;
    rec_error err = {.status = REC_OK};
    for (int i = 2; i < argc; i++) {
        const char *value = strchr(argv[i], '=') + 1;
        switch (argv[i][0]) {
        case 'u':
            o.n_users = strtoull(value, NULL, 10);
            break;
        case 'f':
            o.first_user = strtoull(value, NULL, 10);
            break;
        case 's':
            if (argv[i][2] == 'a')
                o.dataset_sha256 = value;
            else
                o.shift = strtod(value, NULL);
            break;
        case 't':
            o.other_times = true;
            break;
        }
    }
    rec_status status = fixture_report(&r, o, &err);
    if (status == REC_OK)
        status = rec_report_write(r, argv[1], &err);
    if (status != REC_OK)
        fprintf(stderr, "make_report: %s\n", err.message);
    rec_report_free(r);
    return (int)status;
}
