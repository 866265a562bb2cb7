#include "core/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t arrived;
static atomic_bool is_held;

static void on_signal(int signal_number)
{
    arrived = signal_number;
}

void rec_interrupt_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND; /* a second signal kills */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    sigaction(SIGPIPE, &action, NULL);
}

int rec_interrupt_signal(void)
{
    return arrived;
}

void rec_interrupt_hold(bool held)
{
    atomic_store(&is_held, held);
}

rec_status rec_interrupt_check(rec_error *err)
{
    if (arrived == 0 || atomic_load_explicit(&is_held, memory_order_relaxed))
        return REC_OK;
    return rec_fail(err, REC_ERR_INTERRUPTED, "stopped by %s; the same command resumes",
                    arrived == SIGTERM ? "SIGTERM" : "SIGINT");
}
