/* message/head.c - RFC 9112:
 *
 *   POST /chat?room=5 HTTP/1.1 CRLF        request-line = method SP target SP HTTP-version
 *   HTTP/1.1 101 Switching Protocols CRLF  status-line  = HTTP-version SP 3DIGIT SP [reason]
 *   Host: example.org CRLF                 field-line   = name ":" OWS value OWS
 *   X-Long: a CRLF
 *     b CRLF                               obs-fold
 *   CRLF
 */
#include "message/head.h"

#define SNIFF_BYTES 1024
#define METHOD_MAX 32

static bool is_token(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static struct wd_bytes without_line_end(struct wd_bytes line)
{
    if (line.len && line.at[line.len - 1] == '\n')
        line.len--;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

static struct wd_bytes take_word(struct wd_bytes *line)
{
    const uint8_t *space = line->len ? memchr(line->at, ' ', line->len) : NULL;
    struct wd_bytes word = { line->at, space ? (size_t)(space - line->at) : line->len };
    line->at += word.len + (space != NULL);
    line->len -= word.len + (space != NULL);
    return word;
}

static bool is_version(struct wd_bytes word)
{
    return word.len == 8 && wd_bytes_starts(word, "HTTP/1.") && is_digit(word.at[7]);
}

static bool is_method(struct wd_bytes word)
{
    if (word.len == 0 || word.len > METHOD_MAX)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (!is_token(word.at[i]))
            return false;
    return true;
}

static enum wd_start read_start(struct wd_bytes line, struct wd_head *out)
{
    struct wd_bytes first = take_word(&line);
    if (is_version(first)) {
        struct wd_bytes status = take_word(&line);
        if (status.len != 3 || !is_digit(status.at[0]) || !is_digit(status.at[1]) || !is_digit(status.at[2]))
            return WD_START_NEVER;
        out->status = (status.at[0] - '0') * 100 + (status.at[1] - '0') * 10 + status.at[2] - '0';
        return WD_START_RESPONSE;
    }
    out->method = first;
    out->target = take_word(&line);
    return is_method(first) && out->target.len && is_version(line) ? WD_START_REQUEST : WD_START_NEVER;
}

/* A line whose end is not there yet, and when `is_long` was not there in SNIFF_BYTES. */
static enum wd_start sniff_prefix(struct wd_bytes bytes, bool is_long)
{
    struct wd_bytes version = wd_bytes_of("HTTP/1.");
    size_t n = bytes.len < version.len ? bytes.len : version.len;
    if (n == 0)
        return is_long ? WD_START_NEVER : WD_START_MORE;
    if (memcmp(bytes.at, version.at, n) == 0)
        return is_long ? WD_START_RESPONSE : WD_START_MORE;
    struct wd_bytes rest = { bytes.at, bytes.len < METHOD_MAX + 1 ? bytes.len : METHOD_MAX + 1 };
    struct wd_bytes word = take_word(&rest);
    if (!is_method(word))
        return WD_START_NEVER;
    if (!is_long)
        return WD_START_MORE;
    return word.len < bytes.len ? WD_START_REQUEST : WD_START_NEVER;
}

enum wd_start wd_head_sniff(struct wd_bytes bytes)
{
    struct wd_head unused;
    bool is_long = bytes.len >= SNIFF_BYTES;
    if (is_long)
        bytes.len = SNIFF_BYTES;
    while (bytes.len && (bytes.at[0] == '\r' || bytes.at[0] == '\n'))   /* RFC 9112 section 2.2 */
        bytes = wd_bytes_at(bytes.at + 1, bytes.len - 1);
    const uint8_t *end = bytes.len ? memchr(bytes.at, '\n', bytes.len) : NULL;
    if (!end)
        return sniff_prefix(bytes, is_long);
    return read_start(without_line_end(wd_bytes_at(bytes.at, (size_t)(end - bytes.at) + 1)), &unused);
}

static struct wd_bytes view(const struct wd_head *head, size_t off, size_t len)
{
    return wd_bytes_at(head->text.at + off, len);
}

/* A continuation line belongs to the value before it (RFC 9112 section 5.2). */
static void fold(struct wd_head *head, size_t off, size_t len)
{
    if (!head->field_count)
        return;
    struct wd_head_field *field = &head->fields[head->field_count - 1];
    size_t end = field->value_off + field->value_len;
    memset(head->text.at + end, ' ', off - end);
    field->value_len = (uint32_t)(off + len - field->value_off);
}

static void read_field(struct wd_head *head, size_t off, size_t len)
{
    struct wd_bytes line = without_line_end(view(head, off, len));
    if (line.at[0] == ' ' || line.at[0] == '\t') {
        fold(head, off, line.len);
        return;
    }
    const uint8_t *colon = memchr(line.at, ':', line.len);
    if (!colon)
        return;
    WD_GROW(head->fields, head->field_count, head->field_cap);
    uint32_t name_len = (uint32_t)(colon - line.at);
    head->fields[head->field_count++] = (struct wd_head_field){
        (uint32_t)off, name_len, (uint32_t)off + name_len + 1, (uint32_t)line.len - name_len - 1
    };
}

/* The line that just ended, in text. True at the empty line that ends the head. */
static bool end_line(struct wd_head *head, const struct wd_limits *limits, uint64_t *blank,
                     enum wd_reason *fault)
{
    size_t off = head->line_off, len = head->text.len - off;
    bool is_empty = without_line_end(view(head, off, len)).len == 0;
    head->line_off = head->text.len;
    if (!head->is_line_checked) {
        if (is_empty) {
            *blank += head->text.len;
            wd_head_reset(head);
            return false;
        }
        enum wd_start start = read_start(without_line_end(view(head, off, len)), head);
        head->is_request = start == WD_START_REQUEST;
        head->is_line_checked = true;
        if (start == WD_START_NEVER)
            *fault = WD_REASON_MALFORMED_HTTP;
        return false;
    }
    if (is_empty)
        return true;
    read_field(head, off, len);
    if (head->field_count > limits->header_count)
        *fault = WD_REASON_LIMIT;
    return false;
}

/* The start line is read again at the end: text may have moved while it grew. */
static void settle(struct wd_head *head)
{
    const uint8_t *end = memchr(head->text.at, '\n', head->text.len);
    read_start(without_line_end(wd_bytes_at(head->text.at, (size_t)(end - head->text.at) + 1)), head);
}

bool wd_head_feed(struct wd_head *head, const struct wd_limits *limits, struct wd_bytes *bytes,
                  uint64_t *blank, enum wd_reason *fault)
{
    *fault = WD_FINE;
    while (bytes->len) {
        const uint8_t *end = memchr(bytes->at, '\n', bytes->len);
        size_t len = end ? (size_t)(end - bytes->at) + 1 : bytes->len;
        size_t line_room = limits->header_line - (head->text.len - head->line_off);
        size_t list_room = limits->header_list - head->text.len;
        size_t room = line_room < list_room ? line_room : list_room;
        bool is_over = len > room;
        if (is_over)
            len = room;
        wd_buf_put(&head->text, wd_bytes_at(bytes->at, len));
        bytes->at += len;
        bytes->len -= len;
        if (is_over) {
            *fault = WD_REASON_LIMIT;
            return false;
        }
        if (!end)
            return false;
        if (end_line(head, limits, blank, fault)) {
            settle(head);
            return true;
        }
        if (*fault != WD_FINE)
            return false;
    }
    return false;
}

enum wd_limit wd_head_limit(const struct wd_head *head, const struct wd_limits *limits)
{
    if (head->field_count > limits->header_count)
        return WD_LIMIT_header_count;
    bool is_line = head->text.len - head->line_off >= limits->header_line;
    return is_line ? WD_LIMIT_header_line : WD_LIMIT_header_list;
}

void wd_head_reset(struct wd_head *head)
{
    wd_buf_reset(&head->text);
    head->line_off = 0;
    head->is_line_checked = false;
    head->field_count = 0;
    head->status = 0;
}

void wd_head_free(struct wd_head *head)
{
    wd_buf_free(&head->text);
    wd_free(head->fields);
}

static bool is_named(const struct wd_head *head, const struct wd_head_field *field, const char *name)
{
    return wd_bytes_is_nocase(view(head, field->name_off, field->name_len), name);
}

struct wd_bytes wd_head_value(const struct wd_head *head, const char *name)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (is_named(head, &head->fields[i], name))
            return wd_bytes_trim(view(head, head->fields[i].value_off, head->fields[i].value_len));
    return wd_bytes_at(NULL, 0);
}

void wd_head_list(const struct wd_head *head, const char *name, struct wd_buf *out)
{
    for (size_t i = 0; i < head->field_count; i++) {
        if (!is_named(head, &head->fields[i], name))
            continue;
        wd_buf_put(out, view(head, head->fields[i].value_off, head->fields[i].value_len));
        wd_buf_byte(out, ',');
    }
}

bool wd_head_length(const struct wd_head *head, uint64_t *out, enum wd_reason *fault)
{
    bool has_length = false;
    for (size_t i = 0; i < head->field_count; i++) {
        if (!is_named(head, &head->fields[i], "content-length"))
            continue;
        struct wd_bytes rest = view(head, head->fields[i].value_off, head->fields[i].value_len), item;
        while (wd_list_next(&rest, ',', &item)) {
            uint64_t length;
            if (!wd_bytes_uint(item, &length) || (has_length && length != *out))
                *fault = WD_REASON_MALFORMED_HTTP;
            else
                *out = length;
            has_length = true;
        }
    }
    return has_length;
}

bool wd_list_next(struct wd_bytes *rest, char separator, struct wd_bytes *item)
{
    while (rest->len) {
        size_t i = 0;
        bool is_quoted = false;
        for (; i < rest->len && (is_quoted || rest->at[i] != (uint8_t)separator); i++) {
            if (rest->at[i] == '"')
                is_quoted = !is_quoted;
            else if (is_quoted && rest->at[i] == '\\' && rest->len - i > 1)
                i++;
        }
        *item = wd_bytes_trim(wd_bytes_at(rest->at, i));
        size_t skip = i < rest->len ? i + 1 : i;
        rest->at += skip;
        rest->len -= skip;
        if (item->len)
            return true;
    }
    return false;
}

struct wd_bytes wd_target_path(struct wd_bytes target)
{
    struct wd_bytes path = target;
    for (size_t i = 0; i < path.len; i++)
        if (path.at[i] == '?' || path.at[i] == '#')
            path.len = i;
    if (path.len == 0 || path.at[0] == '/')
        return path;
    for (size_t i = 0; path.len - i > 2 && i < 16; i++) {
        if (memcmp(path.at + i, "://", 3) != 0)
            continue;
        path = wd_bytes_at(path.at + i + 3, path.len - i - 3);
        const uint8_t *slash = path.len ? memchr(path.at, '/', path.len) : NULL;
        if (!slash)
            return wd_bytes_of("/");
        return wd_bytes_at(slash, path.len - (size_t)(slash - path.at));
    }
    return path;
}
