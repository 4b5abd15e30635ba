/* tests/profile/watch.h - an observer fed by hand: channels on connections, messages as literals. */
#ifndef WD_TESTS_PROFILE_WATCH_H
#define WD_TESTS_PROFILE_WATCH_H

#include "profile/observe.h"

struct watch {
    struct wd_config config;
    struct wd_schema schema;
    bool has_schema;
    struct wd_observer *observer;
    struct wd_buf report;          /* what it could not tell, after watch_end; whoever provokes it frees it */
    struct wd_message_sink sink;
    uint64_t connections;
    int64_t now_ns;
};

/* Change config and schema, then start. */
void watch_init(struct watch *w);
void watch_start(struct watch *w);

/* A connection with one channel; client and server are told apart by their numbers. */
struct line {
    struct watch *watch;
    struct wd_connection connection;
    struct wd_channel channel;
};
void line_open(struct line *line, struct watch *w, enum wd_transport transport, const char *path);
void line_close(struct line *line);

/* s2c, c2s: one message a second later. */
void say(struct line *line, const char *body);
void say_printf(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ask(struct line *line, const char *body);
void say_event(struct line *line, const char *event, const char *body);
void say_bytes(struct line *line, struct wd_bytes body);
void say_message(struct line *line, struct wd_message m);

/* Ends the observation; asserts that all sums agree. */
struct wd_profile *watch_end(struct watch *w);

/* The type of that name (the only one of it), the row of that path; fail when there is none. */
const struct wd_type_profile *type_of(const struct wd_profile *p, const char *name);
const struct wd_row *row_of(const struct wd_type_profile *t, const char *path);
bool has_type(const struct wd_profile *p, const char *name);
bool has_row(const struct wd_type_profile *t, const char *path);
void assert_equals(const struct wd_row *row, const char *paths);   /* "a b" */
void assert_bytes(struct wd_bytes got, const char *expected);

#endif
