/* One HTML page that says what a report says: no script, nothing loaded from elsewhere. */
#include <stdlib.h>

#include "harness/report/show.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";

static const char style[] =
    "</title>\n<style>\n"
    "body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 75rem; margin: 2rem auto;"
    " padding: 0 1rem; }\n"
    "h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }\n"
    ".wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; }\n"
    "th, td { padding: .25rem .75rem; text-align: left; white-space: nowrap;"
    " border-bottom: 1px solid #ddd; }\n"
    "thead th { border-bottom: 2px solid #888; }\n"
    "tbody tr:hover { background: #f4f4f4; }\n"
    ".n { text-align: right; font-variant-numeric: tabular-nums; }\n"
    ".note { color: #666; margin: .25rem 0; }\n"
    "pre { background: #f6f6f6; padding: .75rem; overflow-x: auto; }\n"
    "@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; }\n"
    "th, td { border-color: #444; } tbody tr:hover { background: #242424; }\n"
    "pre { background: #222; } .note { color: #999; } }\n"
    "</style>\n</head>\n<body>\n<h1>";

static rec_status put_fact(rec_buffer *out, const char *name, const char *value, rec_error *err)
{
    rec_status status;
    if (value == NULL || value[0] == '\0')
        return REC_OK;
    REC_TRY(rec_buffer_printf(out, err, "<tr><th>%s</th><td>", name));
    REC_TRY(rec_html_text(out, value, err));
    status = rec_buffer_puts(out, "</td></tr>\n", err);
cleanup:
    return status;
}

static rec_status put_dataset(rec_buffer *out, const rec_report *r, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_buffer_puts(out, "<h2>Data</h2>\n<div class=\"wide\"><table>\n", err));
    REC_TRY(put_fact(out, "name", r->dataset_name, err));
    REC_TRY(rec_buffer_printf(out, err,
                              "<tr><th>size</th><td>%zu users, %zu items, %zu interactions"
                              "</td></tr>\n",
                              r->n_users, r->n_items, r->n_interactions));
    REC_TRY(put_fact(out, "rules", r->dataset_rules, err));
    REC_TRY(put_fact(out, "sha256", r->dataset_sha256, err));
    status = rec_buffer_puts(out, "</table></div>\n", err);
cleanup:
    return status;
}

static rec_status put_system(rec_buffer *out, const rec_report_system *s, rec_error *err)
{
    const char *cells[] = {s->name, s->type, s->fit_on, s->flags, s->options};
    rec_status status;
    REC_TRY(rec_buffer_puts(out, "<tr>", err));
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        REC_TRY(rec_buffer_puts(out, "<td>", err));
        if (cells[i] != NULL)
            REC_TRY(rec_html_text(out, cells[i], err));
        REC_TRY(rec_buffer_puts(out, "</td>", err));
    }
    REC_TRY(rec_buffer_printf(out, err, "<td class=\"n\">%llu</td><td class=\"n\">%.2f</td></tr>\n",
                              (unsigned long long)s->n_parameters, s->fit_seconds));
cleanup:
    return status;
}

static rec_status put_systems(rec_buffer *out, const rec_report *r, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_buffer_puts(out,
                            "<h2>Systems</h2>\n<div class=\"wide\"><table>\n<thead><tr>"
                            "<th>name</th><th>type</th><th>fit on</th><th>flags</th>"
                            "<th>options</th><th class=\"n\">parameters</th>"
                            "<th class=\"n\">fit, s</th></tr></thead>\n<tbody>\n",
                            err));
    for (size_t i = 0; i < r->n_systems; i++)
        REC_TRY(put_system(out, &r->systems[i], err));
    status = rec_buffer_puts(out, "</tbody>\n</table></div>\n", err);
cleanup:
    return status;
}

static rec_status put_run(rec_buffer *out, const rec_report *r, rec_error *err)
{
    rec_status status;
    REC_TRY(rec_buffer_puts(out, "<h2>Run</h2>\n<div class=\"wide\"><table>\n", err));
    REC_TRY(put_fact(out, "content", r->content_hash, err));
    REC_TRY(put_fact(out, "config hash", r->config_hash, err));
    REC_TRY(put_fact(out, "recai", r->recai_version, err));
    REC_TRY(put_fact(out, "revision", r->git_revision, err));
    REC_TRY(put_fact(out, "created", r->created, err));
    REC_TRY(put_fact(out, "host", r->host, err));
    REC_TRY(rec_buffer_printf(out, err,
                              "<tr><th>time</th><td>%.1f s</td></tr>\n</table></div>\n"
                              "<h2>Config</h2>\n<pre>",
                              r->wall_seconds));
    if (r->config != NULL)
        REC_TRY(rec_html_text(out, r->config, err));
    status = rec_buffer_puts(out, "</pre>\n", err);
cleanup:
    return status;
}

rec_status rec_report_page(rec_buffer *out, const rec_report *r, const rec_show_filter *filter,
                           rec_error *err)
{
    static const rec_show_filter everything;
    rec_show_filter wanted = filter != NULL ? *filter : everything;
    const char *name = r->name != NULL ? r->name : "report";
    rec_status status;
    wanted.slices = true; /* a page has room for them */
    REC_TRY(rec_buffer_puts(out, head, err));
    REC_TRY(rec_html_text(out, name, err));
    REC_TRY(rec_buffer_puts(out, style, err));
    REC_TRY(rec_html_text(out, name, err));
    REC_TRY(rec_buffer_puts(out, "</h1>\n", err));
    REC_TRY(rec_show_tables(out, r, &wanted, REC_FORMAT_HTML, 0, err));
    REC_TRY(rec_buffer_puts(out, "<p class=\"note\">", err));
    REC_TRY(rec_show_legend(out, r, err));
    REC_TRY(rec_buffer_puts(out, "</p>\n", err));
    REC_TRY(put_dataset(out, r, err));
    REC_TRY(put_systems(out, r, err));
    REC_TRY(put_run(out, r, err));
    status = rec_buffer_puts(out, "</body>\n</html>\n", err);
cleanup:
    return status;
}
