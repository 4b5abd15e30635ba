/* What protoc makes of .proto files, as a tree with places; descriptor sets, whole, cut and hostile; and what is
 * said when it cannot be. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/confine.h"
#include "schema/proto.h"

struct work {
    struct wd_arena *arena;
    struct wd_limits limits;
    struct wd_proto_set set;
    struct wd_err err;
};

static struct work open_work(void)
{
    return (struct work){ .arena = wd_arena_open(), .limits = wd_limits_default() };
}

static int read_text(struct work *w, const char *name, struct wd_bytes text)
{
    struct wd_proto_sources sources = { .names = &name, .texts = &text, .count = 1 };
    return wd_proto_read(&sources, &w->limits, w->arena, &w->set, &w->err);
}

/* --- trees: key=text [what is written, its blanks as one] and members in braces --- */

static void put_span(struct wd_buf *out, struct wd_bytes text, struct wd_span span)
{
    for (size_t i = span.off; i < span.off + span.len; i++) {
        bool is_blank = text.at[i] <= ' ';
        if (!is_blank || out->at[out->len - 1] != ' ')
            wd_buf_byte(out, is_blank ? ' ' : text.at[i]);
    }
}

static void put_node(struct wd_buf *out, struct wd_bytes text, const struct wd_node *n)
{
    wd_buf_put(out, n->key);
    if (n->text.len) {
        wd_buf_byte(out, '=');
        wd_buf_put(out, n->text);
    }
    if (n->kind != WD_NODE_MAP) {
        wd_buf_byte(out, '[');
        put_span(out, text, n->span);
        wd_buf_byte(out, ']');
    }
    wd_buf_puts(out, n->first ? "{" : "");
    for (const struct wd_node *m = n->first; m; m = m->next) {
        put_node(out, text, m);
        wd_buf_puts(out, m->next ? " " : "}");
    }
}

static const struct { const char *text, *tree; } trees[] = {
    { "syntax = \"proto3\";\npackage p;\nmessage A { int32 a = 1; repeated A b = 2; oneof o { string c = 3; bytes d = 4; } optional bool e = 5; map<int32, A> f = 6; }\n",
      "{A{a=int32[int32 a = 1;] b=p.A[repeated A b = 2;] o{c=string[string c = 3;] d=bytes[bytes d = 4;]} "
      "e=bool[optional bool e = 5;] f=p.A.FEntry[map<int32, A> f = 6;]}}" },
    { "syntax = \"proto2\";\nmessage A {\n\trepeated group G = 1 {\n\t\toptional int32 x = 1;\n\t}\n\tenum E { P = 0; Q = -1; }\n"
      "\textensions 9 to 11;\n\toneof o {\n\t\tgroup H = 2 { optional E e = 1; }\n\t}\n}\nextend A { optional int32 m = 9; }\n"
      "message B { extend A { optional B b = 10; } extend A { optional int32 n = 11; } }",
      "{A{G=A.G{x=int32[optional int32 x = 1;]} E{P=0[P = 0;] Q=-1[Q = -1;]} o{H=A.H{e=A.E[optional E e = 1;]}}} A{m=int32[optional int32 m = 9;]} "
      "B{A{b=B[optional B b = 10;]} A{n=int32[optional int32 n = 11;]}}}" },
    { "\xef\xbb\xbf/* \xc3\xa9\t */\tsyntax\t=\t\"proto3\";\r\n// \xe2\x82\xac\r\n/*\xc3\xa9*/\tservice\tS\t{\r\n\trpc\tGo (A)\treturns (stream A) ; }\r\nmessage\tA { }",
      "{S{Go=A[rpc Go (A) returns (stream A) ;]} A}" },
    { "syntax = \"proto3\";\nimport \"google/protobuf/any.proto\";\nmessage A{google.protobuf.Any a=1;}",
      "{google/protobuf/any.proto[import \"google/protobuf/any.proto\";] A{a=google.protobuf.Any[google.protobuf.Any a=1;]}}" },
    { "syntax = \"proto3\";\nmessage A { message B { message C { enum D { Z = 0; } D d = 1; } } B.C c = 1; }",
      "{A{B{C{D{Z=0[Z = 0;]} d=A.B.C.D[D d = 1;]}} c=A.B.C[B.C c = 1;]}}" },
};

static void test_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(trees); i++) {
        struct work w = open_work();
        struct wd_buf out = { 0 };
        int rc = read_text(&w, "x.proto", wd_bytes_of(trees[i].text));
        if (rc < 0)
            fail_msg("%s", w.err.text);
        const struct wd_document *d = w.set.files[0].document;
        put_node(&out, d->text, d->root);
        assert_string_equal(wd_buf_cstr(&out), trees[i].tree);
        wd_buf_free(&out);
        wd_arena_close(w.arena);
    }
}

static void test_nodes(void **state)
{
    static const int32_t field[] = { 4, 0, 2, 1 }, entry[] = { 4, 0, 3, 0 }, nowhere[] = { 4, 7 };
    struct work w = open_work();
    (void)state;
    assert_int_equal(read_text(&w, "x.proto", wd_bytes_of(trees[0].text)), WD_OK);
    const struct wd_node *node = wd_proto_node(&w.set.files[0], field, WD_COUNT(field));
    assert_true(wd_bytes_is(node->key, "b"));
    assert_int_equal(node->span.line, 3);
    assert_int_equal(node->key_span.len, 1);
    assert_null(wd_proto_node(&w.set.files[0], entry, WD_COUNT(entry)));
    assert_null(wd_proto_node(&w.set.files[0], nowhere, WD_COUNT(nowhere)));
    wd_arena_close(w.arena);
}

/* --- what is said --- */

#define T(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }

static const struct { const char *name; struct wd_bytes text; const char *said; } refused[] = {
    { "d/x.proto", T("syntax = \"proto3\";\n\tmessage A { \tint32 x = ; }"), "d/x.proto:2:25: protoc: Expected field number" },
    { "d/x.proto", T("syntax = \"proto3\";\nmessage A { B x = 1; }"), "d/x.proto:2:13: protoc: \"B\" is not defined" },
    { "d/x.proto", T("syntax = \"proto3\";\n\nimport \"no/such.proto\";"),
      "d/x.proto:3:1: the import 'no/such.proto' is not found; name the directory that it is below with -I" },
    { "d/x.proto", T("syntax = \"proto3\";\nimport \"../x.proto\";"), "d/x.proto:2:1: the import '../x.proto': protoc: Backslashes" },
    { "d/x.proto", T("message A { optional B x = 1; }"), "d/x.proto:1:22: protoc: \"B\" is not defined" },
    { "--plugin=x.proto", T("syntax = \"proto3\";"), "--plugin=x.proto: protoc takes no file that is called '--plugin=x.proto' (expected" },
    { "-I.proto", T("syntax = \"proto3\";"), "-I.proto: protoc takes no file" },
    { "@x.proto", T("syntax = \"proto3\";"), "@x.proto: protoc takes no file" },
    { "a:b.proto", T("syntax = \"proto3\";"), "a:b.proto: protoc takes no file" },
    { "a=b.proto", T("syntax = \"proto3\";"), "a=b.proto: protoc takes no file" },
    { "x.yaml", T("syntax: proto3\n"), "x.yaml: neither a .proto file nor a descriptor set; give it the extension .proto or .binpb" },
    { "x.pb", T("\x0a\x03\x0a\x09x"), "x.pb:2: no descriptor set that can be read: it is cut short, or something else; expected what protoc -o or buf build -o writes" },
    { "x.pb", T(""), "x.pb: the descriptor set holds no file; expected what protoc -o or buf build -o writes" },
    { "x.pb", T("\x0a\x08\x42\x00\x42\x00\x0a\x02yy"), "x.pb:4: no descriptor set that can be read: a single member comes twice; write it anew with protoc or buf" },
    { "x.pb", T("\x0b\x0c"), "x.pb:0: no descriptor set that can be read: it is cut short, or something else; expected what protoc -o or buf build -o writes" },
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(refused); i++) {
        struct work w = open_work();
        assert_true(read_text(&w, refused[i].name, refused[i].text) < 0);
        if (strncmp(w.err.text, refused[i].said, strlen(refused[i].said)) != 0)
            fail_msg("%s\nand not:\n%s", w.err.text, refused[i].said);
        wd_arena_close(w.arena);
    }
}

/* --- files, roots and imports --- */

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* A directory of its own, in which the rest of the test stands. */
static void enter(char *directory)
{
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chdir(directory), 0);
    mkdir("plant", 0777);
    mkdir("plant/line", 0777);
    mkdir("other", 0777);
    write_file("plant/line/a.proto", "syntax = \"proto3\"; import \"plant/b.proto\"; message A { B b = 1; }");
    write_file("plant/b.proto", "syntax = \"proto3\"; import \"c.proto\"; message B { C c = 1; }");
    write_file("other/c.proto", "syntax = \"proto3\"; message C { int32 x = 1; }");
    write_file("plant/d.proto", "syntax = \"proto3\"; import \"plant/line/e.proto\"; message D { E e = 1; }");
    write_file("plant/line/e.proto", "syntax = \"proto3\"; message E { int32 x = 1; }");
}

static void leave(const char *directory)
{
    char command[128];
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -r %s", directory);
    assert_int_equal(system(command), 0);
}

static const char *const files[] = { "plant/line/a.proto", "plant/b.proto", "plant/d.proto", "plant/line/e.proto" };

static int read_files(struct work *w, const char *const *names, size_t count, const char *const *roots, size_t root_count,
                      const struct wd_protoc *protoc)
{
    struct wd_proto_sources sources = { .names = names, .count = count, .roots = roots, .root_count = root_count, .protoc = protoc };
    w->err = (struct wd_err){ 0 };
    return wd_proto_read(&sources, &w->limits, w->arena, &w->set, &w->err);
}

static void check_named(const struct work *w, size_t i, const char *shown, const char *virtual)
{
    assert_true(i < w->set.count);
    assert_string_equal(w->set.files[i].document->name, shown);
    assert_string_equal(w->set.files[i].descriptor->name, virtual);
}

static void test_roots(void **state)
{
    char directory[] = "/tmp/wirediet-proto-XXXXXX";
    const char *const roots[] = { ".", "other" };
    struct work w = open_work();
    (void)state;
    enter(directory);
    /* from where it is imported, from the directory above; the import is named, or reached */
    assert_int_equal(read_files(&w, files + 2, 2, NULL, 0, NULL), WD_OK);
    check_named(&w, 0, "plant/d.proto", "plant/d.proto");
    check_named(&w, 1, "plant/line/e.proto", "plant/line/e.proto");
    assert_int_equal(w.set.count, 2);
    assert_int_equal(read_files(&w, files, 1, NULL, 0, NULL), WD_EPARSE);
    assert_int_equal(read_files(&w, files, 1, roots, 2, NULL), WD_OK);
    check_named(&w, 0, "plant/line/a.proto", "plant/line/a.proto");
    assert_int_equal(w.set.count, 3);
    assert_int_equal(read_files(&w, files, 1, roots + 1, 1, NULL), WD_EUSAGE);
    /* out of the roots through a link */
    assert_int_equal(unlink("other/c.proto"), 0);
    write_file("c.proto", "syntax = \"proto3\"; message C { int32 x = 1; }");
    assert_int_equal(symlink("../c.proto", "other/c.proto"), 0);
    assert_int_equal(read_files(&w, files, 1, roots + 1, 1, NULL), WD_EUSAGE);
    const char *const narrow[] = { "plant/line", "plant", "other" };
    write_file("plant/line/f.proto", "syntax = \"proto3\"; import \"c.proto\"; message F { C c = 1; }");
    const char *f = "plant/line/f.proto";
    assert_int_equal(read_files(&w, &f, 1, narrow, 3, NULL), WD_EPARSE);
    wd_arena_close(w.arena);
    leave(directory);
}

/* Who may start nothing has it started; what protoc says comes back, and a second time, too. */
static void test_broker(void **state)
{
    char directory[] = "/tmp/wirediet-proto-XXXXXX";
    const char *const roots[] = { ".", "other" };
    struct work w = open_work();
    (void)state;
    enter(directory);
    write_file("bad.proto", "syntax = \"proto3\"; message");
    const char *bad = "bad.proto";
    pid_t pid = fork();
    if (pid == 0) {
        struct wd_buf notes = { 0 };
        struct wd_protoc *protoc = wd_protoc_open();
        wd_confine_reader(&notes);
        wd_confine_writes(NULL, 0, &notes);
        int first = read_files(&w, files, 1, roots, 2, protoc);
        size_t count = w.set.count;
        int second = read_files(&w, &bad, 1, NULL, 0, protoc);
        wd_protoc_close(protoc);
        _exit(first == WD_OK && count == 3 && second == WD_EPARSE ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    wd_arena_close(w.arena);
    leave(directory);
}

/* In place of protoc a program that reads a pipe without end. */
static int read_forever(struct work *w)
{
    struct wd_buf notes = { 0 };
    char path[256];
    snprintf(path, sizeof path, "%s/bin", getcwd((char[200]){ 0 }, 200));
    setenv("PATH", path, 1);
    struct wd_protoc *protoc = wd_protoc_open();
    wd_confine_reader(&notes);
    wd_confine_writes(NULL, 0, &notes);
    return read_files(w, files + 3, 1, NULL, 0, protoc);
}

/* Who asked is killed, and protoc does not outlive it: nobody reads the pipe any more. */
static void test_left(void **state)
{
    char directory[] = "/tmp/wirediet-proto-XXXXXX", script[256];
    struct work w = open_work();
    (void)state;
    enter(directory);
    mkdir("bin", 0777);
    snprintf(script, sizeof script, "#!/bin/sh\nexec /bin/cat %s/plant/line/pipe\n", directory);
    write_file("bin/protoc", script);
    assert_int_equal(chmod("bin/protoc", 0755), 0);
    assert_int_equal(mkfifo("plant/line/pipe", 0666), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(read_forever(&w) < 0);
    struct pollfd pipe = { .fd = open("plant/line/pipe", O_WRONLY) };
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(poll(&pipe, 1, 10000), 1);
    assert_int_equal(pipe.revents, POLLERR);
    close(pipe.fd);
    wd_arena_close(w.arena);
    leave(directory);
}

/* --- descriptor sets --- */

static struct wd_bytes a_set(struct work *w)
{
    struct wd_protoc_file file = { "x.proto", "x.proto", wd_bytes_of(trees[1].text) };
    struct wd_protoc_request request = { .files = &file, .count = 1, .limit = 1 << 20 };
    struct wd_bytes set;
    assert_int_equal(wd_protoc_run(NULL, &request, w->arena, &set, &w->err), WD_OK);
    return set;
}

/* Whole it has lines and columns, though no text; cut anywhere it is refused, with the place. */
static void test_sets(void **state)
{
    struct work w = open_work();
    static const int32_t path[] = { 4, 0, 2, 0 };
    struct wd_bytes set = a_set(&w);
    (void)state;
    assert_int_equal(wd_proto_recognise("x", set), WD_PROTO_SET);
    assert_int_equal(read_text(&w, "x.pb", set), WD_OK);
    const struct wd_node *node = wd_proto_node(&w.set.files[0], path, WD_COUNT(path));
    assert_int_equal(node->span.line, 3);
    assert_int_equal(node->span.len, 0);
    assert_ptr_equal(w.set.named[0]->text.len, set.len);
    assert_int_equal(read_text(&w, "y.pb", wd_bytes_at("\x0a\x02\x0a\x00", 4)), WD_OK);   /* a file without a name */
    assert_string_equal(w.set.files[0].document->name, "y.pb");
    for (size_t len = 1; len < set.len; len++) {
        struct work cut = open_work();
        assert_int_equal(read_text(&cut, "x.pb", wd_bytes_at(set.at, len)), WD_EPARSE);
        assert_non_null(strstr(cut.err.text, "x.pb:"));
        wd_arena_close(cut.arena);
    }
    wd_arena_close(w.arena);
}

/* Ten thousand messages inside each other. */
static void test_nested(void **state)
{
    enum { LEVELS = 10000 };
    struct work w = open_work();
    struct wd_buf text = { 0 }, outer = { 0 };
    (void)state;
    for (int i = 0; i < LEVELS; i++) {
        uint8_t head[8];
        size_t n = 0, len = text.len;
        head[n++] = i + 2 < LEVELS ? 0x1a : i + 1 < LEVELS ? 0x22 : 0x0a;   /* nested_type; message_type; file */
        for (; len >= 0x80; len >>= 7)
            head[n++] = (uint8_t)(len | 0x80);
        head[n++] = (uint8_t)len;
        wd_buf_put(&outer, wd_bytes_at(head, n));
        wd_buf_put(&outer, wd_buf_bytes(&text));
        struct wd_buf swap = text;
        text = outer;
        outer = swap;
        wd_buf_reset(&outer);
    }
    assert_int_equal(read_text(&w, "x.pb", wd_buf_bytes(&text)), WD_EPARSE);
    assert_non_null(strstr(w.err.text, "nested too deep; raise it with --limit schema-depth=..."));
    wd_buf_free(&text);
    wd_buf_free(&outer);
    wd_arena_close(w.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),   cmocka_unit_test(test_nodes), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_roots),   cmocka_unit_test(test_broker), cmocka_unit_test(test_left),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_nested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
