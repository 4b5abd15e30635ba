/* tests/pipeline/attack.h - what hostile peers do to a scene.
 *
 * Shape   each does its harm once, on connection `c` and those 10 and 100 further, and marks the packet that
 *         does it.
 */
#ifndef WD_TESTS_PIPELINE_ATTACK_H
#define WD_TESTS_PIPELINE_ATTACK_H

#include "scene.h"

void attack_socket_bomb(struct scene *s, unsigned c);
void attack_gzip_bomb(struct scene *s, unsigned c);
void attack_socket_total(struct scene *s, unsigned c);
void attack_gzip_total(struct scene *s, unsigned c);
void attack_many_layers(struct scene *s, unsigned c);
void attack_more_layers(struct scene *s, unsigned c);
void attack_long_message(struct scene *s, unsigned c);
void attack_large_table(struct scene *s, unsigned c);
void attack_hpack_bomb(struct scene *s, unsigned c);
void attack_long_block_h2(struct scene *s, unsigned c);
void attack_long_head(struct scene *s, unsigned c);
void attack_long_hold(struct scene *s, unsigned c);
void attack_long_hold_h2(struct scene *s, unsigned c);
void attack_many_fields_h2(struct scene *s, unsigned c);
void attack_many_requests(struct scene *s, unsigned c);
void attack_many_channels(struct scene *s, unsigned c);
void attack_many_protocols(struct scene *s, unsigned c);
void attack_many_lines(struct scene *s, unsigned c);
void attack_long_line(struct scene *s, unsigned c);
void attack_long_extension(struct scene *s, unsigned c);
void attack_endless_continuation(struct scene *s, unsigned c);
void attack_many_streams(struct scene *s, unsigned c);
void attack_empty_records(struct scene *s, unsigned c);
void attack_many_segments(struct scene *s, unsigned c);
void attack_much_behind_a_hole(struct scene *s, unsigned c);
void attack_much_without_a_start(struct scene *s, unsigned c);
void attack_many_fragments(struct scene *s, unsigned c);
void attack_many_tunnels(struct scene *s, unsigned c);
void attack_few_flows(struct scene *s, unsigned c);
void attack_many_flows(struct scene *s, unsigned c);
void attack_many_paths(struct scene *s, unsigned c);
void attack_two_series(struct scene *s, unsigned c);
void attack_many_entities(struct scene *s, unsigned c);
void attack_many_types(struct scene *s, unsigned c);
void attack_deep_json(struct scene *s, unsigned c);
void attack_many_keys(struct scene *s, unsigned c);
void attack_empty_data(struct scene *s, unsigned c);
void attack_window_updates(struct scene *s, unsigned c);
void attack_zero_updates(struct scene *s, unsigned c);
void attack_pings(struct scene *s, unsigned c);
void attack_settings(struct scene *s, unsigned c);
void attack_rapid_reset(struct scene *s, unsigned c);
void attack_zero_window(struct scene *s, unsigned c);
void attack_empty_frames(struct scene *s, unsigned c);

#endif
