/* Each limit, reached once and often: it is said once, with its value, the packet where it began and the
 * remedy; every byte is accounted for; and the connection beside it is read as if nobody else were there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "attack.h"
#include "pipeline/limited.h"
#include "usage/config.h"

enum { OFTEN = 5 };

struct row {
    const char *set; /* the limit as it is set; NULL: the default */
    void (*attack)(struct scene *s, unsigned connection);
    const char *begins; /* the line of diagnostics up to how often; NULL: nothing is told */
    const char *remedy; /* NULL: it cannot be raised */
    bool is_more; /* what is done often reaches it more often than that */
};

static const struct row rows[] = {
    {NULL, attack_socket_bomb, "limit inflate-ratio (1,000 to 1, past the first MiB)", "inflate-ratio=2000",
     false},
    {NULL, attack_gzip_bomb, "limit inflate-ratio (1,000 to 1, past the first MiB)", "inflate-ratio=2000",
     false},
    {"inflate-ratio=0", attack_gzip_bomb, "limit inflate-ratio (0 to 1, past the first MiB)",
     "inflate-ratio=1000", false},
    {"inflate-total=300k", attack_socket_total,
     "limit inflate-total (307,200 bytes without a complete message)", "inflate-total=600k", false},
    {"inflate-total=300k", attack_gzip_total,
     "limit inflate-total (307,200 bytes without a complete message)", "inflate-total=600k", false},
    {NULL, attack_many_layers, "limit inflate-layers (2 layers)", "inflate-layers=4", false},
    {"inflate-layers=8", attack_more_layers, "limit inflate-layers (8 layers)", NULL, false},
    {"message=4k", attack_long_message, "limit message (4,096 bytes)", "message=8k", false},
    {NULL, attack_large_table, "limit table (65,536 bytes of an HPACK table)", "table=128k", false},
    {NULL, attack_hpack_bomb, "limit header-list (262,144 bytes)", "header-list=512k", false},
    {NULL, attack_long_block_h2, "limit header-list (262,144 bytes)", "header-list=512k", false},
    {NULL, attack_long_head, "limit header-list (262,144 bytes)", "header-list=512k", false},
    {NULL, attack_long_hold, "limit header-list (262,144 bytes)", "header-list=512k", false},
    {NULL, attack_long_hold_h2, "limit header-list (262,144 bytes)", "header-list=512k", false},
    {NULL, attack_many_fields_h2, "limit header-count (1,000 headers)", "header-count=2000", false},
    {NULL, attack_many_lines, "limit header-count (1,000 headers)", "header-count=2000", false},
    {"requests=4", attack_many_requests, "limit requests (4 requests on a connection that wait for an answer)",
     "requests=8", false},
    {"channels=4", attack_many_channels, "limit channels (4 channels on a connection)", "channels=8", false},
    {NULL, attack_many_protocols, "limit protocols (8 protocols inside each other)", "protocols=16", false},
    {NULL, attack_long_line, "limit header-line (65,536 bytes)", "header-line=128k", false},
    {NULL, attack_long_extension, "limit header-line (65,536 bytes)", "header-line=128k", false},
    {NULL, attack_endless_continuation, "limit continuations (32 frames per HTTP/2 header block)",
     "continuations=64", false},
    {"streams=4", attack_many_streams, "limit streams (4 live HTTP/2 streams per connection)", "streams=8",
     false},
    {NULL, attack_empty_records, "limit tls-empty (1,024 TLS records without content in a row)",
     "tls-empty=2048", false},
    {"segments=8", attack_many_segments, "limit segments (8 segments waiting per direction)", "segments=16",
     false},
    {"reassembly=4k", attack_much_behind_a_hole, "limit reassembly (4,096 bytes per direction)",
     "reassembly=8k", false},
    {"reassembly=4k", attack_much_without_a_start, "limit reassembly (4,096 bytes per direction)",
     "reassembly=8k", false},
    {"reassembly-total=4k", attack_much_behind_a_hole, "limit reassembly-total (4,096 bytes)",
     "reassembly-total=8k", false},
    {"fragments=3", attack_many_fragments, "limit fragments (3 fragments per datagram)", "fragments=6",
     false},
    {NULL, attack_many_tunnels, "limit tunnels (8 tunnels inside each other)", "tunnels=16", false},
    {"flows=4", attack_few_flows, "limit flows (4 flows)", "flows=8", true},
    {"memory=10k", attack_many_flows, "limit memory (10,240 bytes)", "memory=20k", true},
    {"fields=4", attack_many_paths, "limit fields (4 paths per message type)", "fields=8", true},
    {"fields-total=13", attack_many_paths, "limit fields-total (13 paths, half of them of one connection)", "fields-total=26", true},
    {"series-fields=12", attack_two_series, "limit series-fields (12 remembered values)", "series-fields=24",
     true},
    {"entities=2", attack_many_entities, "limit entities (2 entities per message type)", "entities=4", true},
    {"types=3", attack_many_types, "limit types (3 message types, half of them of one connection)", "types=6", true},

    {NULL, attack_deep_json, NULL, NULL, false},
    {NULL, attack_many_keys, NULL, NULL, false},
    {"echo=0", attack_many_paths, NULL, NULL, false},
    {"flow-idle=0", attack_many_paths, NULL, NULL, false},
    {NULL, attack_empty_data, NULL, NULL, false},
    {NULL, attack_window_updates, NULL, NULL, false},
    {NULL, attack_zero_updates, NULL, NULL, false},
    {NULL, attack_pings, NULL, NULL, false},
    {NULL, attack_settings, NULL, NULL, false},
    {NULL, attack_rapid_reset, NULL, NULL, false},
    {NULL, attack_zero_window, NULL, NULL, false},
    {NULL, attack_empty_frames, NULL, NULL, false},
};

/* What was read of the calm connection, but for when, and for what its messages are called: the limit `types`
 * is for all channels together. */
static void put_calm(const struct wd_profile *p, struct wd_buf *out)
{
    for (size_t t = 0; t < p->type_count; t++) {
        const struct wd_type_profile *type = &p->types[t];
        if (!wd_bytes_is(type->channel, "/calm"))
            continue;
        wd_buf_printf(out, "type %llu %llu %llu %llu\n", (unsigned long long)type->count,
                      (unsigned long long)type->payload_bytes, (unsigned long long)type->wire_payload_bytes,
                      (unsigned long long)type->malformed);
        for (size_t r = 0; r < type->row_count; r++) {
            const struct wd_row *row = &type->rows[r];
            wd_buf_put(out, row->path);
            wd_buf_printf(out, " %llu %llu %llu\n", (unsigned long long)row->present,
                          (unsigned long long)row->changed, (unsigned long long)wd_row_bytes(row));
        }
    }
}

static void configure(struct wd_config *config, const struct row *row)
{
    static struct wd_config_entity entity;
    struct wd_err err = {0};
    *config = wd_config_default();
    entity = (struct wd_config_entity){.message = wd_bytes_of("message"), .key = wd_bytes_of("id")};
    config->entities = &entity;
    config->entity_count = 1;
    if (row && row->set)
        assert_int_equal(wd_limits_set(&config->limits, row->set, &err), 0);
}

/* Runs it, holds what holds for any, and gives the packet that was marked. */
static uint64_t run(const struct row *row, unsigned times, struct wd_buf *calm, struct wd_buf *told)
{
    struct wd_config config;
    struct wd_buf why = {0};
    struct scene *s = calloc(1, sizeof *s);
    configure(&config, row);
    scene_open(s, &config);
    for (unsigned i = 0; row && i < times; i++)
        row->attack(s, 1 + i);
    struct wd_profile *p = scene_finish(s, told);
    if (!wd_profile_balances(p, &why))
        fail_msg("%s", wd_buf_cstr(&why));
    put_calm(p, calm);
    wd_profile_free(p);
    scene_close(s);
    wd_buf_free(&why);
    uint64_t mark = s->mark;
    free(s);
    return mark;
}

static void expect_line(const struct row *row, unsigned times, uint64_t mark, struct wd_buf *told)
{
    struct wd_buf expected = {0};
    const char *text = wd_buf_cstr(told), *first = times > 1 ? ", first" : ",";
    char packet[80], remedy[80];
    snprintf(packet, sizeof packet, " at packet %llu: ", (unsigned long long)mark);
    if (row->remedy)
        snprintf(remedy, sizeof remedy, "; raise it with --limit %s\n", row->remedy);
    else
        snprintf(remedy, sizeof remedy, "; it is as high as it can be\n");
    wd_buf_puts(&expected, row->begins);
    wd_buf_puts(&expected, " was reached ");
    if (!row->is_more)
        wd_buf_printf(&expected, "%u time%s%s%s", times, times > 1 ? "s" : "", first, packet);
    if (strncmp(text, wd_buf_cstr(&expected), expected.len) != 0)
        fail_msg("said '%s', expected '%s...'", text, wd_buf_cstr(&expected));
    if ((mark && !strstr(text, packet)) || !strstr(text, remedy))
        fail_msg("said '%s', expected '%s' and '%s'", text, packet, remedy);
    assert_ptr_equal(strchr(text, '\n'), text + told->len - 1); /* one line */
    wd_buf_free(&expected);
}

static void test_each(void **state)
{
    static const unsigned often[] = {1, OFTEN};
    struct wd_buf alone = {0}, nothing = {0};
    (void)state;
    run(NULL, 0, &alone, &nothing);
    assert_int_equal(nothing.len, 0);
    assert_non_null(strstr(wd_buf_cstr(&alone), " 24 "));
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        for (size_t k = 0; k < WD_COUNT(often); k++) {
            struct wd_buf calm = {0}, told = {0};
            print_message("row %zu (%s), %u times\n", i, rows[i].begins ? rows[i].begins : "nothing told",
                          often[k]);
            uint64_t mark = run(&rows[i], often[k], &calm, &told);
            assert_string_equal(wd_buf_cstr(&calm), wd_buf_cstr(&alone));
            if (rows[i].begins)
                expect_line(&rows[i], often[k], mark, &told);
            else
                assert_string_equal(wd_buf_cstr(&told), "");
            wd_buf_free(&calm);
            wd_buf_free(&told);
        }
    }
    wd_buf_free(&alone);
    wd_buf_free(&nothing);
}

/* Where there are several inputs, packets are numbered in each. */
static void test_inputs_are_named(void **state)
{
    struct wd_config config = wd_config_default();
    struct wd_buf told = {0};
    struct scene *s = calloc(1, sizeof *s);
    (void)state;
    scene_open(s, &config);
    wd_road_begin_input(&s->road, "else\x1bwhere.pcap");
    attack_many_tunnels(s, 1);
    attack_many_tunnels(s, 2);
    wd_profile_free(scene_finish(s, &told));
    char place[80];
    snprintf(place, sizeof place,
             "reached 2 times, first at packet %llu of else\\x1bwhere.pcap: ", (unsigned long long)s->mark);
    if (!strstr(wd_buf_cstr(&told), place))
        fail_msg("said '%s', expected '%s'", wd_buf_cstr(&told), place);
    wd_buf_free(&told);
    scene_close(s);
    free(s);
}

/* Who is told has a way to raise it; the words make a sentence. */
static void test_table(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    for (int id = 0; id < WD_LIMIT_COUNT; id++) {
        const struct wd_limit_row *row = &wd_limit_rows[id];
        assert_true(row->value && *row->unit && *row->effect);
        assert_int_equal(wd_limits_value(&limits, (enum wd_limit)id), row->value);
    }
    assert_int_equal(wd_limits_value(&limits, WD_LIMIT_streams), 4096);
}

/* What bounds our own stack. */
static void test_ceilings(void **state)
{
    static const char *const most[] = {"depth=512", "inflate-layers=8", "protocols=64"},
                             *const more[] = {"depth=513", "inflate-layers=9", "protocols=65"};
    struct wd_limits limits = wd_limits_default();
    (void)state;
    for (size_t i = 0; i < WD_COUNT(most); i++) {
        struct wd_err err = {0};
        assert_int_equal(wd_limits_set(&limits, most[i], &err), 0);
        assert_int_equal(wd_limits_set(&limits, more[i], &err), WD_EUSAGE);
        assert_non_null(strstr(err.text, "expected at most"));
    }
    assert_int_equal(limits.protocols, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_inputs_are_named),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_ceilings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
