/* core/yaml_print.c: a tree as YAML text that reads back as the same tree: block style, one value
 * a line, lists of scalars on one line. Comments and aliases of the source are gone. */
#include <string.h>

#include "core/buffer.h"
#include "core/yaml.h"

/* Text that means the same written plain, anywhere. */
static bool is_safe_plain(const char *text)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@+-";
    bool starts_well = *text != '\0' && strchr("@", *text) == NULL &&
                       (*text != '-' || (text[1] >= '0' && text[1] <= '9'));
    return starts_well && strspn(text, safe) == strlen(text);
}

static rec_status print_quoted(rec_buffer *out, const char *text, rec_error *err)
{
    rec_status status = rec_buffer_puts(out, "\"", err);
    for (const char *c = text; *c != '\0' && status == REC_OK; c++) {
        if (*c == '"' || *c == '\\')
            status = rec_buffer_printf(out, err, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || *c == 0x7f)
            status = rec_buffer_printf(out, err, "\\x%02x", (unsigned char)*c);
        else
            status = rec_buffer_append(out, c, 1, err);
    }
    return status == REC_OK ? rec_buffer_puts(out, "\"", err) : status;
}

/* A quoted text stays quoted where plain it would be a number, a bool or null. */
static rec_status print_scalar(rec_buffer *out, const rec_yaml *node, rec_error *err)
{
    if (rec_yaml_is_null(node))
        return rec_buffer_puts(out, "null", err);
    if (is_safe_plain(node->text)) {
        rec_yaml as_plain = *node;
        as_plain.plain = true;
        double number;
        bool truth;
        bool is_typed = rec_yaml_is_null(&as_plain) ||
                        rec_yaml_real(&number, &as_plain, NULL) == REC_OK ||
                        rec_yaml_bool(&truth, &as_plain, NULL) == REC_OK;
        if (node->plain || !is_typed)
            return rec_buffer_puts(out, node->text, err);
    }
    return print_quoted(out, node->text, err);
}

static rec_status print_key(rec_buffer *out, const char *key, rec_error *err)
{
    return is_safe_plain(key) ? rec_buffer_puts(out, key, err) : print_quoted(out, key, err);
}

static bool is_inline(const rec_yaml *node)
{
    if (node->kind == REC_YAML_SCALAR || node->n == 0)
        return true;
    if (node->kind == REC_YAML_MAP)
        return false;
    for (size_t i = 0; i < node->n; i++)
        if (node->items[i]->kind != REC_YAML_SCALAR)
            return false;
    return true;
}

static rec_status print_inline(rec_buffer *out, const rec_yaml *node, rec_error *err)
{
    if (node->kind == REC_YAML_SCALAR)
        return print_scalar(out, node, err);
    if (node->kind == REC_YAML_MAP)
        return rec_buffer_puts(out, "{}", err);
    rec_status status = rec_buffer_puts(out, "[", err);
    for (size_t i = 0; i < node->n && status == REC_OK; i++) {
        if (i > 0)
            status = rec_buffer_puts(out, ", ", err);
        if (status == REC_OK)
            status = print_scalar(out, node->items[i], err);
    }
    return status == REC_OK ? rec_buffer_puts(out, "]", err) : status;
}

static rec_status print_block(rec_buffer *out, const rec_yaml *node, size_t indent,
                              bool first_is_indented, rec_error *err);

/* What follows "key:" or "-". */
static rec_status print_value(rec_buffer *out, const rec_yaml *value, size_t indent,
                              bool after_dash, rec_error *err)
{
    rec_status status = REC_OK;
    if (is_inline(value)) {
        status = rec_buffer_puts(out, " ", err);
        if (status == REC_OK)
            status = print_inline(out, value, err);
        return status == REC_OK ? rec_buffer_puts(out, "\n", err) : status;
    }
    status = rec_buffer_puts(out, after_dash ? " " : "\n", err);
    return status == REC_OK ? print_block(out, value, indent + 2, after_dash, err) : status;
}

static rec_status print_block(rec_buffer *out, const rec_yaml *node, size_t indent,
                              bool first_is_indented, rec_error *err)
{
    rec_status status = REC_OK;
    for (size_t i = 0; i < node->n && status == REC_OK; i++) {
        if (i > 0 || !first_is_indented)
            status = rec_buffer_printf(out, err, "%*s", (int)indent, "");
        if (status == REC_OK && node->kind == REC_YAML_MAP)
            status = print_key(out, node->keys[i], err);
        if (status == REC_OK)
            status = rec_buffer_puts(out, node->kind == REC_YAML_MAP ? ":" : "-", err);
        if (status == REC_OK)
            status = print_value(out, node->items[i], indent, node->kind == REC_YAML_LIST, err);
    }
    return status;
}

rec_status rec_yaml_print(rec_buffer *out, const rec_yaml *node, rec_error *err)
{
    if (!is_inline(node))
        return print_block(out, node, 0, false, err);
    rec_status status = print_inline(out, node, err);
    return status == REC_OK ? rec_buffer_puts(out, "\n", err) : status;
}
