#include "field/path.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/shape.h"
#include "base/unescape.h"
#include "model/path.h"

struct wd_paths {
    struct wd_path *nodes;     /* first: wd_paths_nodes reads it */
    struct wd_limits limits;
    struct wd_path_total *total;   /* or NULL */
    struct wd_seed seed;
    struct wd_path_note *notes; /* NULL until a walker asks for them */
    uint32_t count, cap, note_cap;
    uint32_t folds;
    uint64_t refused;          /* nodes, since somebody asked */
    struct wd_buf text;        /* decoded keys, one after the other */
    struct wd_buf scratch;     /* of walkers */
    struct wd_arena *tokens;   /* stable: walkers compare against them */
    uint32_t *slots;           /* hash of (parent, key) -> node + 1 */
    uint32_t slot_count;
};

static void grow_notes(struct wd_paths *paths)
{
    if (paths->note_cap == paths->cap)
        return;
    paths->notes = wd_realloc(paths->notes, paths->cap, sizeof *paths->notes);
    memset(paths->notes + paths->note_cap, 0, (paths->cap - paths->note_cap) * sizeof *paths->notes);
    paths->note_cap = paths->cap;
}

struct wd_path_note *wd_paths_notes(struct wd_paths *paths)
{
    if (!paths->notes)
        grow_notes(paths);
    return paths->notes;
}

static uint32_t add(struct wd_paths *paths, uint32_t parent)
{
    WD_GROW(paths->nodes, paths->count, paths->cap);
    if (paths->notes)
        grow_notes(paths);
    uint32_t node = paths->count++;
    if (paths->total)
        paths->total->made++;
    paths->nodes[node] = (struct wd_path){
        .parent = parent, .first = WD_PATH_NONE, .last = WD_PATH_NONE, .next = WD_PATH_NONE,
        .element = WD_PATH_NONE, .map = WD_PATH_NONE, .guess_first = WD_PATH_NONE, .guess_next = WD_PATH_NONE,
        .guess_other = WD_PATH_NONE,
        .target = node,
    };
    if (parent != WD_PATH_NONE) {
        struct wd_path *up = &paths->nodes[parent];
        paths->nodes[node].depth = (uint16_t)(up->depth + 1);
        paths->nodes[node].is_repeated = up->is_repeated;
        if (up->last == WD_PATH_NONE)
            up->first = node;
        else
            paths->nodes[up->last].next = node;
        up->last = node;
    }
    return node;
}

struct wd_paths *wd_paths_open(const struct wd_limits *limits, struct wd_path_total *total)
{
    struct wd_paths *paths = wd_alloc(sizeof *paths);
    paths->limits = *limits;
    paths->total = total;
    paths->seed = wd_seed_draw();
    paths->tokens = wd_arena_open();
    for (int i = 0; i < 3; i++)
        add(paths, WD_PATH_NONE);
    return paths;
}

void wd_paths_close(struct wd_paths *paths)
{
    if (!paths)
        return;
    wd_arena_close(paths->tokens);
    wd_buf_free(&paths->text);
    wd_buf_free(&paths->scratch);
    wd_free(paths->nodes);
    wd_free(paths->notes);
    wd_free(paths->slots);
    wd_free(paths);
}

uint32_t wd_paths_count(const struct wd_paths *paths)
{
    return paths->count;
}

uint32_t wd_paths_folds(const struct wd_paths *paths)
{
    return paths->folds;
}

struct wd_buf *wd_paths_scratch(struct wd_paths *paths)
{
    return &paths->scratch;
}

struct wd_bytes wd_paths_key(const struct wd_paths *paths, uint32_t node)
{
    const struct wd_path *n = &paths->nodes[node];
    return n->key_len ? wd_bytes_at(paths->text.at + n->key_off, n->key_len) : (struct wd_bytes){ 0 };
}

/* --- members by key: open addressing, at most half full --- */

static uint32_t slot_of(const struct wd_paths *paths, uint32_t parent, struct wd_bytes key, bool is_number)
{
    struct wd_seed seed = { paths->seed.k0 ^ parent, paths->seed.k1 ^ is_number };
    uint32_t mask = paths->slot_count - 1, i = (uint32_t)wd_siphash(seed, key) & mask;
    for (; paths->slots[i]; i = (i + 1) & mask) {
        uint32_t node = paths->slots[i] - 1;
        const struct wd_path *n = &paths->nodes[node];
        if (n->parent == parent && n->is_number == is_number && wd_bytes_eq(wd_paths_key(paths, node), key))
            break;
    }
    return i;
}

static void grow_slots(struct wd_paths *paths)
{
    wd_free(paths->slots);
    paths->slot_count = paths->slot_count ? paths->slot_count * 2 : 64;
    paths->slots = wd_alloc(paths->slot_count * sizeof *paths->slots);
    for (uint32_t node = 0; node < paths->count; node++) {
        const struct wd_path *n = &paths->nodes[node];
        if (n->token)
            paths->slots[slot_of(paths, n->parent, wd_paths_key(paths, node), n->is_number)] = node + 1;
    }
}

static uint32_t find(const struct wd_paths *paths, uint32_t parent, struct wd_bytes key, bool is_number)
{
    if (!paths->slot_count)
        return WD_PATH_NONE;
    uint32_t found = paths->slots[slot_of(paths, parent, key, is_number)];
    return found ? paths->nodes[found - 1].target : WD_PATH_NONE;
}

uint32_t wd_paths_find(const struct wd_paths *paths, uint32_t parent, struct wd_bytes key)
{
    return find(paths, parent, key, false);
}

/* `fields` is for one message type; a tree serves all types of a channel, so what is theirs together is
 * limited here. */
static bool is_full(struct wd_paths *paths)
{
    const struct wd_path_total *total = paths->total;
    bool is_full = total ? total->made >= total->most : paths->count >= paths->limits.fields_total;
    paths->refused += is_full;
    return is_full;
}

uint64_t wd_paths_take_refused(struct wd_paths *paths)
{
    uint64_t refused = paths->refused;
    paths->refused = 0;
    return refused;
}

static bool is_too_deep(const struct wd_paths *paths, uint32_t parent, size_t key_len)
{
    uint64_t len = key_len;
    for (uint32_t n = parent; n != WD_PATH_NONE && len <= paths->limits.path; n = paths->nodes[n].parent)
        len += paths->nodes[n].key_len + 2;
    return len > paths->limits.path;
}

static uint32_t repeated_child(struct wd_paths *paths, uint32_t parent)
{
    if (is_full(paths) || is_too_deep(paths, parent, 0))
        return WD_PATH_OTHER;
    uint32_t node = add(paths, parent);
    paths->nodes[node].is_repeated = true;
    return node;
}

uint32_t wd_paths_element(struct wd_paths *paths, uint32_t parent)
{
    if (parent == WD_PATH_OTHER)
        return WD_PATH_OTHER;
    if (paths->nodes[parent].element == WD_PATH_NONE) {
        uint32_t node = repeated_child(paths, parent);
        if (node == WD_PATH_OTHER)
            return node;
        paths->nodes[parent].element = node;
    }
    return paths->nodes[parent].element;
}

uint32_t wd_paths_map(struct wd_paths *paths, uint32_t parent)
{
    if (parent == WD_PATH_OTHER)
        return WD_PATH_OTHER;
    if (paths->nodes[parent].map == WD_PATH_NONE) {
        uint32_t node = repeated_child(paths, parent);
        if (node == WD_PATH_OTHER)
            return node;
        paths->nodes[parent].map = node;
    }
    return paths->nodes[parent].map;
}

static uint32_t add_member(struct wd_paths *paths, uint32_t parent, struct wd_bytes key, struct wd_bytes token,
                           bool is_number)
{
    if ((paths->count + 1) * 2 >= paths->slot_count)
        grow_slots(paths);
    uint32_t node = add(paths, parent), slot = slot_of(paths, parent, key, is_number);
    struct wd_path *n = &paths->nodes[node];
    n->is_number = is_number;
    n->key_off = (uint32_t)paths->text.len;
    n->key_len = (uint16_t)key.len;
    wd_buf_put(&paths->text, key);
    struct wd_bytes kept = wd_arena_copy(paths->tokens, token);
    n->token = kept.at;
    n->token_len = (uint16_t)kept.len;
    paths->slots[slot] = node + 1;
    paths->nodes[parent].member_count++;
    return node;
}

uint32_t wd_paths_member(struct wd_paths *paths, uint32_t parent, struct wd_bytes key, struct wd_bytes token)
{
    if (parent == WD_PATH_OTHER)
        return WD_PATH_OTHER;
    if (paths->nodes[parent].is_folded)
        return wd_paths_map(paths, parent);
    uint32_t known = wd_paths_find(paths, parent, key);
    if (known != WD_PATH_NONE)
        return known;
    if (wd_shape_is_identifier(key) || token.len > UINT16_MAX || is_too_deep(paths, parent, key.len))
        return wd_paths_map(paths, parent);
    if (paths->nodes[parent].member_count >= paths->limits.map_keys) {
        wd_paths_fold(paths, parent);
        return wd_paths_map(paths, parent);
    }
    return is_full(paths) ? WD_PATH_OTHER : add_member(paths, parent, key, token, false);
}

/* Its token is one that no codec looks for (field/guess.h): no key begins with a NUL. */
uint32_t wd_paths_field(struct wd_paths *paths, uint32_t parent, struct wd_bytes name, bool is_number)
{
    if (parent == WD_PATH_OTHER)
        return WD_PATH_OTHER;
    if (paths->nodes[parent].is_folded)
        return wd_paths_map(paths, parent);
    uint32_t known = find(paths, parent, name, is_number);
    if (known != WD_PATH_NONE)
        return known;
    if (!name.len || name.len > UINT16_MAX || is_too_deep(paths, parent, name.len))
        return wd_paths_map(paths, parent);
    if (is_full(paths))
        return WD_PATH_OTHER;
    uint32_t node = add_member(paths, parent, name, wd_bytes_at("", 1), is_number);
    paths->nodes[node].is_field = true;
    return node;
}

/* --- folding: every member of a parent becomes its {} node, subtrees included --- */

struct pair { uint32_t from, into; };

static void push(struct pair **todo, size_t *count, size_t *cap, uint32_t from, uint32_t into)
{
    WD_GROW(*todo, *count, *cap);
    (*todo)[(*count)++] = (struct pair){ from, into };
}

/* The child of `into` that stands for `child` of another node. */
static uint32_t counterpart(struct wd_paths *paths, uint32_t into, uint32_t child, bool is_element,
                            bool is_map)
{
    if (is_element)
        return wd_paths_element(paths, into);
    if (is_map)
        return wd_paths_map(paths, into);
    struct wd_bytes token = wd_bytes_at(paths->nodes[child].token, paths->nodes[child].token_len);
    struct wd_buf key = { 0 };
    wd_buf_put(&key, wd_paths_key(paths, child));
    uint32_t node = paths->nodes[child].is_field
                        ? wd_paths_field(paths, into, wd_buf_bytes(&key), paths->nodes[child].is_number)
                        : wd_paths_member(paths, into, wd_buf_bytes(&key), token);
    wd_buf_free(&key);
    return node;
}

/* Where a node went in the end: what others were folded into can itself be folded while they are moved. */
static uint32_t target_of(const struct wd_paths *paths, uint32_t node)
{
    while (paths->nodes[node].target != node)
        node = paths->nodes[node].target;
    return node;
}

void wd_paths_fold(struct wd_paths *paths, uint32_t parent)
{
    if (parent == WD_PATH_OTHER || paths->nodes[parent].is_folded)
        return;
    uint32_t map = wd_paths_map(paths, parent);
    if (map == WD_PATH_OTHER)  /* no room for the node: what is known stays as it is */
        return;
    paths->nodes[parent].is_folded = true;
    struct pair *todo = NULL;
    size_t count = 0, cap = 0;
    for (uint32_t c = paths->nodes[parent].first; c != WD_PATH_NONE; c = paths->nodes[c].next)
        if (paths->nodes[c].token)
            push(&todo, &count, &cap, c, map);
    for (size_t i = 0; i < count; i++) {
        struct pair p = todo[i];
        if (paths->nodes[p.from].target != p.from)
            continue;
        p.into = target_of(paths, p.into);
        paths->nodes[p.from].target = p.into;
        paths->nodes[p.from].is_repeated = true;
        for (uint32_t c = paths->nodes[p.from].first; c != WD_PATH_NONE; c = paths->nodes[c].next) {
            bool is_element = paths->nodes[p.from].element == c, is_map = paths->nodes[p.from].map == c;
            push(&todo, &count, &cap, c, counterpart(paths, p.into, c, is_element, is_map));
        }
    }
    wd_free(todo);
    /* A node that others were folded into can itself have been folded: follow to the end once, here. */
    for (uint32_t n = 0; n < paths->count; n++)
        paths->nodes[n].target = target_of(paths, n);
    paths->folds++;
}

/* --- the written form --- */

static void write_step(const struct wd_paths *paths, uint32_t node, struct wd_buf *out, bool is_first)
{
    const struct wd_path *n = &paths->nodes[node];
    if (!n->token) {
        wd_buf_puts(out, paths->nodes[n->parent].element == node ? "[]" : "{}");
        return;
    }
    if (!is_first)
        wd_buf_byte(out, '.');
    if (n->is_number)
        wd_buf_put(out, wd_paths_key(paths, node));
    else
        wd_path_put_key(out, wd_paths_key(paths, node));
}

void wd_paths_write(const struct wd_paths *paths, uint32_t node, struct wd_buf *out)
{
    if (node <= WD_PATH_OTHER) {
        wd_buf_puts(out, node == WD_PATH_ROOT ? "." : node == WD_PATH_MALFORMED ? "(malformed)" : "(other)");
        return;
    }
    uint32_t *steps = wd_realloc(NULL, paths->nodes[node].depth + 1u, sizeof *steps);
    size_t count = 0;
    for (uint32_t n = node; n != WD_PATH_ROOT && n != WD_PATH_NONE; n = paths->nodes[n].parent)
        steps[count++] = n;
    for (size_t i = count; i-- > 0;)
        write_step(paths, steps[i], out, i == count - 1);
    wd_free(steps);
}

/* Reads a key at *off: bare to the next . [ {, or a JSON string. */
static bool read_key(struct wd_bytes text, size_t *off, struct wd_buf *key)
{
    size_t start = *off, end = start;
    wd_buf_reset(key);
    if (text.at[start] != '"') {
        while (end < text.len && text.at[end] && !strchr(".[{", text.at[end]))
            end++;
        wd_buf_put(key, wd_bytes_at(text.at + start, end - start));
        *off = end;
        return key->len > 0;
    }
    for (end++; end < text.len && text.at[end] != '"'; end++)
        end += text.at[end] == '\\';
    if (end >= text.len)
        return false;
    wd_unescape(wd_bytes_at(text.at + start + 1, end - start - 1), key);
    *off = end + 1;
    return true;
}

static bool is_number(struct wd_bytes key)
{
    for (size_t i = 0; i < key.len; i++)
        if (key.at[i] < '0' || key.at[i] > '9')
            return false;
    return key.len > 0;
}

/* The member whose key stands at *off, or WD_PATH_NONE. */
static uint32_t parse_member(struct wd_paths *paths, uint32_t parent, struct wd_bytes text, size_t *off)
{
    struct wd_buf key = { 0 }, token = { 0 };
    uint32_t node = WD_PATH_NONE;
    bool is_bare = *off < text.len && text.at[*off] != '"';
    if (*off < text.len && read_key(text, off, &key)) {
        wd_path_put_quoted(&token, wd_buf_bytes(&key));
        node = is_bare && is_number(wd_buf_bytes(&key))
                   ? wd_paths_field(paths, parent, wd_buf_bytes(&key), true)
                   : wd_paths_member(paths, parent, wd_buf_bytes(&key), wd_buf_bytes(&token));
    }
    wd_buf_free(&key);
    wd_buf_free(&token);
    return node;
}

uint32_t wd_paths_parse(struct wd_paths *paths, struct wd_bytes text)
{
    uint32_t node = WD_PATH_ROOT;
    if (wd_bytes_is(text, "."))
        text.len = 0;
    for (size_t off = 0; off < text.len && node != WD_PATH_NONE;) {
        struct wd_bytes rest = wd_bytes_at(text.at + off, text.len - off);
        if (wd_bytes_starts(rest, "[]")) {
            node = wd_paths_element(paths, node);
            off += 2;
        } else if (wd_bytes_starts(rest, "{}")) {
            wd_paths_fold(paths, node);
            node = wd_paths_map(paths, node);
            off += 2;
        } else {
            off += off > 0 && rest.at[0] == '.';
            node = parse_member(paths, node, text, &off);
        }
    }
    return node;
}
