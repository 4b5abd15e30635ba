#include "base/base64.h"

int wd_base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool wd_base64_decode(struct wd_bytes text, struct wd_buf *out)
{
    size_t before = out->len, digits = 0;
    uint32_t bits = 0;
    bool is_over = false;
    wd_buf_room(out, text.len / 4 * 3 + 3);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        int value = wd_base64_digit(c);
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            continue;
        if (c == '=')
            is_over = true;
        if (c == '=' && digits % 4 >= 2)
            continue;
        if (value < 0 || is_over) {
            out->len = before;
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        if (++digits % 4 == 0) {
            const uint8_t three[] = { (uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits };
            wd_buf_put(out, wd_bytes_at(three, sizeof three));
        }
    }
    if (digits % 4 == 1) {
        out->len = before;
        return false;
    }
    if (digits % 4 >= 2)
        wd_buf_byte(out, (uint8_t)(bits >> (digits % 4 == 2 ? 4 : 10)));
    if (digits % 4 == 3)
        wd_buf_byte(out, (uint8_t)(bits >> 2));
    return true;
}
