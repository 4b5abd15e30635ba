/* Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog" (2007); the estimate after Ertl, "New cardinality
 * estimation algorithms for HyperLogLog sketches" (2017), algorithm 6. A hash of 64 bits is read as
 *
 *     63            53 52                                 0
 *     +---------------+-----------------------------------+
 *     | register (11) | rank = leading zeros of these + 1 |      registers hold the largest rank, 0 to 54
 *     +---------------+-----------------------------------+
 *
 * Binary form, before base64:
 *
 *     'S' version | count | count hashes of 8 bytes, ascending, big-endian     up to WD_SPARSE: exact
 *     'H' version | 2048 registers of one byte
 */
#include "base/sketch.h"

#include <math.h>

enum { INDEX_BITS = 11, REGISTERS = 1 << INDEX_BITS, RANK_BITS = 64 - INDEX_BITS, VERSION = 1 };

struct wd_sketch {
    uint64_t *sparse;      /* sorted; NULL once dense */
    uint8_t *registers;    /* NULL while sparse */
    uint32_t count, cap;
};

struct wd_sketch *wd_sketch_open(void)
{
    return wd_alloc(sizeof(struct wd_sketch));
}

void wd_sketch_close(struct wd_sketch *s)
{
    if (!s)
        return;
    wd_free(s->sparse);
    wd_free(s->registers);
    wd_free(s);
}

static void raise_register(uint8_t *registers, uint64_t hash)
{
    uint64_t rest = hash << INDEX_BITS;
    uint8_t rank = rest ? (uint8_t)(__builtin_clzll(rest) + 1) : RANK_BITS + 1;
    uint8_t *at = &registers[hash >> RANK_BITS];
    if (*at < rank)
        *at = rank;
}

static void make_dense(struct wd_sketch *s)
{
    s->registers = wd_alloc(REGISTERS);
    for (uint32_t i = 0; i < s->count; i++)
        raise_register(s->registers, s->sparse[i]);
    wd_free(s->sparse);
    s->sparse = NULL;
    s->count = s->cap = 0;
}

/* Where the hash is, or belongs. Hashes cannot be guessed, so the halves are chosen without a branch. */
static uint32_t find(const struct wd_sketch *s, uint64_t hash)
{
    const uint64_t *base = s->sparse;
    uint32_t left = s->count;
    if (!left)
        return 0;
    for (; left > 1; left -= left / 2)
        base += (base[left / 2 - 1] < hash) * (left / 2);
    return (uint32_t)(base - s->sparse) + (*base < hash);
}

static bool holds(const struct wd_sketch *s, uint64_t hash)
{
    uint32_t at = find(s, hash);
    return at < s->count && s->sparse[at] == hash;
}

static void insert(struct wd_sketch *s, uint64_t hash)
{
    uint32_t at = find(s, hash);
    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 4;
        s->sparse = wd_realloc(s->sparse, s->cap, sizeof *s->sparse);
    }
    memmove(s->sparse + at + 1, s->sparse + at, (s->count - at) * sizeof *s->sparse);
    s->sparse[at] = hash;
    s->count++;
}

void wd_sketch_add(struct wd_sketch *s, uint64_t hash)
{
    if (!s->registers && holds(s, hash))
        return;
    if (!s->registers && s->count == WD_SPARSE)
        make_dense(s);
    if (s->registers)
        raise_register(s->registers, hash);
    else
        insert(s, hash);
}

void wd_sketch_merge(struct wd_sketch *into, const struct wd_sketch *from)
{
    if (!from->registers) {
        for (uint32_t i = 0; i < from->count; i++)
            wd_sketch_add(into, from->sparse[i]);
        return;
    }
    if (!into->registers)
        make_dense(into);
    for (int i = 0; i < REGISTERS; i++)
        if (into->registers[i] < from->registers[i])
            into->registers[i] = from->registers[i];
}

static double sigma(double x)
{
    if (x == 1.0)
        return INFINITY;
    double y = 1.0, z = x, before;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

static double tau(double x)
{
    if (x == 0.0 || x == 1.0)
        return 0.0;
    double y = 1.0, z = 1.0 - x, before;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
    } while (z != before);
    return z / 3.0;
}

static uint64_t estimate(const uint8_t *registers)
{
    uint32_t histogram[RANK_BITS + 2] = { 0 };
    for (int i = 0; i < REGISTERS; i++)
        histogram[registers[i]]++;
    const double m = REGISTERS, alpha = 0.5 / M_LN2;
    double z = m * tau(1.0 - histogram[RANK_BITS + 1] / m);
    for (int rank = RANK_BITS; rank >= 1; rank--)
        z = 0.5 * (z + histogram[rank]);
    z += m * sigma(histogram[0] / m);
    double count = alpha * m * m / z;
    return count < 1.8e19 ? (uint64_t)llround(count < 9e18 ? count : 9e18) : UINT64_MAX;
}

/* Dense means that there were more than WD_SPARSE, whatever the registers make of it. */
uint64_t wd_sketch_count(const struct wd_sketch *s)
{
    if (!s->registers)
        return s->count;
    uint64_t count = estimate(s->registers);
    return count > WD_SPARSE ? count : WD_SPARSE + 1;
}

bool wd_sketch_is_exact(const struct wd_sketch *s)
{
    return !s->registers;
}

int wd_sketch_has(const struct wd_sketch *s, uint64_t hash)
{
    if (!s->registers)
        return holds(s, hash);
    return -1;
}

/* ---- text form ---- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(struct wd_buf *out, struct wd_bytes b)
{
    for (size_t i = 0; i < b.len; i += 3) {
        size_t n = b.len - i < 3 ? b.len - i : 3;
        uint32_t word =
            (uint32_t)b.at[i] << 16 | (n > 1 ? (uint32_t)b.at[i + 1] << 8 : 0) | (n > 2 ? b.at[i + 2] : 0);
        wd_buf_byte(out, (uint8_t)alphabet[word >> 18]);
        wd_buf_byte(out, (uint8_t)alphabet[word >> 12 & 63]);
        wd_buf_byte(out, n > 1 ? (uint8_t)alphabet[word >> 6 & 63] : '=');
        wd_buf_byte(out, n > 2 ? (uint8_t)alphabet[word & 63] : '=');
    }
}

static bool read_base64(struct wd_buf *out, struct wd_bytes text)
{
    if (text.len % 4)
        return false;
    size_t padding = text.len && text.at[text.len - 1] == '=' ? 1 + (text.at[text.len - 2] == '=') : 0;
    for (size_t i = 0; i < text.len; i += 4) {
        uint32_t word = 0;
        bool is_last = i + 4 == text.len;
        for (size_t j = 0; j < 4; j++) {
            uint8_t c = text.at[i + j];
            const char *digit = c ? strchr(alphabet, c) : NULL;
            bool is_padding = is_last && j >= 4 - padding;
            if (!digit && !is_padding)
                return false;
            word = word << 6 | (is_padding ? 0 : (uint32_t)(digit - alphabet));
        }
        for (size_t j = 0; j < (is_last ? 3 - padding : 3); j++)
            wd_buf_byte(out, (uint8_t)(word >> (16 - 8 * j)));
        if (is_last && word & ((1u << 8 * padding) - 1))
            return false;
    }
    return true;
}

static void put_be64(struct wd_buf *out, uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        wd_buf_byte(out, (uint8_t)(value >> shift));
}

static uint64_t read_be64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

void wd_sketch_write(const struct wd_sketch *s, struct wd_buf *out)
{
    struct wd_buf binary = { 0 };
    wd_buf_byte(&binary, s->registers ? 'H' : 'S');
    wd_buf_byte(&binary, VERSION);
    if (s->registers) {
        wd_buf_put(&binary, wd_bytes_at(s->registers, REGISTERS));
    } else {
        wd_buf_byte(&binary, (uint8_t)s->count);
        for (uint32_t i = 0; i < s->count; i++)
            put_be64(&binary, s->sparse[i]);
    }
    put_base64(out, wd_buf_bytes(&binary));
    wd_buf_free(&binary);
}

static bool read_sparse(struct wd_bytes body, struct wd_sketch *s)
{
    if (!body.len || body.at[0] > WD_SPARSE || body.len - 1 != (size_t)body.at[0] * 8)
        return false;
    for (size_t i = 0; i < body.at[0]; i++) {
        uint64_t hash = read_be64(body.at + 1 + 8 * i);
        if (s->count && s->sparse[s->count - 1] >= hash)
            return false;
        insert(s, hash);
    }
    return true;
}

static bool read_dense(struct wd_bytes body, struct wd_sketch *s)
{
    if (body.len != REGISTERS)
        return false;
    for (size_t i = 0; i < body.len; i++)
        if (body.at[i] > RANK_BITS + 1)
            return false;
    make_dense(s);
    memcpy(s->registers, body.at, REGISTERS);
    return true;
}

static bool read_binary(struct wd_bytes binary, struct wd_sketch *s)
{
    if (binary.len < 2 || binary.at[1] != VERSION)
        return false;
    struct wd_bytes body = wd_bytes_at(binary.at + 2, binary.len - 2);
    return binary.at[0] == 'S' ? read_sparse(body, s) : binary.at[0] == 'H' ? read_dense(body, s) : false;
}

bool wd_sketch_read(struct wd_bytes text, struct wd_sketch **out)
{
    struct wd_buf binary = { 0 };
    struct wd_sketch *s = wd_sketch_open();
    bool is_good = text.len <= (REGISTERS + 8) * 2 && read_base64(&binary, text) &&
                   read_binary(wd_buf_bytes(&binary), s);
    wd_buf_free(&binary);
    if (is_good)
        *out = s;
    else
        wd_sketch_close(s);
    return is_good;
}
