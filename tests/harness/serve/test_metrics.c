/* Counters, histograms and gauges as Prometheus reads them. */
#include "harness/serve/metrics.h"

#include <stdio.h>
#include <string.h>

#include "tests/suite.h"

static void expect(const char *text, const char *line)
{
    char whole[200];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    ck_assert_msg(strstr(text, whole) != NULL, "no \"%s\" in:\n%s", line, text);
}

START_TEST(printed)
{
    rec_serve_metrics *m;
    rec_buffer out = {.data = NULL};
    rec_metrics_row rows[2] = {{.name = "a",
                                .gauges = {.n_slots = 4,
                                           .n_running = 3,
                                           .n_waiting = 2,
                                           .n_tokens_in = 10,
                                           .n_tokens_out = 20,
                                           .n_tokens_shared = 5}},
                               {.name = "systems", .gauges = {.n_slots = 256}}};
    ck_assert_ok(rec_serve_metrics_new(&m, err));
    rec_serve_metrics_count(m, "/v1/x", 200, 0.5); /* 0.5 belongs to le="0.5" */
    rec_serve_metrics_count(m, "/v1/x", 200, 0.002);
    rec_serve_metrics_count(m, "/v1/x", 499, 100.0);
    rec_serve_metrics_count(m, "/v1/y", 200, 0.25);
    rec_serve_metrics_first(m, 0.03);
    ck_assert_ok(rec_serve_metrics_print(&out, m, rows, 2, err));
    expect(out.data, "recai_requests_total{path=\"/v1/x\",status=\"200\"} 2");
    expect(out.data, "recai_requests_total{path=\"/v1/x\",status=\"499\"} 1");
    expect(out.data, "recai_requests_total{path=\"/v1/y\",status=\"200\"} 1");
    expect(out.data, "recai_request_seconds_bucket{le=\"0.001\"} 0");
    expect(out.data, "recai_request_seconds_bucket{le=\"0.25\"} 2");
    expect(out.data, "recai_request_seconds_bucket{le=\"0.5\"} 3");
    expect(out.data, "recai_request_seconds_bucket{le=\"60\"} 3");
    expect(out.data, "recai_request_seconds_bucket{le=\"+Inf\"} 4");
    expect(out.data, "recai_request_seconds_sum 100.752");
    expect(out.data, "recai_request_seconds_count 4");
    expect(out.data, "recai_first_token_seconds_bucket{le=\"0.05\"} 1");
    expect(out.data, "recai_tokens_total{model=\"a\",kind=\"prompt\"} 10");
    expect(out.data, "recai_tokens_total{model=\"a\",kind=\"shared\"} 5");
    expect(out.data, "recai_tokens_total{model=\"a\",kind=\"generated\"} 20");
    expect(out.data, "recai_slots{model=\"systems\"} 256");
    expect(out.data, "recai_running{model=\"a\"} 3");
    expect(out.data, "recai_waiting{model=\"a\"} 2");
    expect(out.data, "# TYPE recai_request_seconds histogram");
    ck_assert_uint_gt(rec_resident_bytes(), 100000);
    rec_buffer_deinit(&out);
    rec_serve_metrics_free(m);
    rec_serve_metrics_free(NULL);
}
END_TEST

REC_SUITE("harness/serve/metrics", tcase_add_test(t, printed);)
