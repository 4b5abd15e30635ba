/* The ways for a stranger's string to reach an output: each form is shown and not obeyed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "hostile.h"
#include "output/escapes.h"

typedef void put_fn(struct wd_buf *out, struct wd_bytes s);

static void check(put_fn *put, const char *in, const char *expected)
{
    struct wd_buf out = { 0 };
    put(&out, wd_bytes_of(in));
    assert_string_equal(wd_buf_cstr(&out), expected);
    wd_buf_free(&out);
}

static void names_give_no_command_to_a_runner(void **state)
{
    (void)state;
    check(wd_put_name, "::error::x", "\\x3a:error::x");
    check(wd_put_name, "  ::error::x", "  \\x3a:error::x");
    check(wd_put_name, "a ::b", "a \\x3a:b");
    check(wd_put_name, "std::vector", "std::vector");
    check(wd_put_name, "x##[group]y", "x\\x23#[group]y");
    check(wd_put_name, "##vso[task]", "\\x23#vso[task]");
    check(wd_put_name, "\x1b[1m", "\\x1b[1m");
}

static void markdown_code_stays_code(void **state)
{
    (void)state;
    check(wd_put_markdown_code, "cpu.load", "`cpu.load`");
    check(wd_put_markdown_code, "", "");
    check(wd_put_markdown_code, "a`b", "``a`b``");
    check(wd_put_markdown_code, "``", "``` `` ```");
    check(wd_put_markdown_code, "a|b", "`a\\u007cb`");
    check(wd_put_markdown_code, "a\\|b", "`a\\\\u007cb`");
    check(wd_put_markdown_code, "<b>", "`\\u003cb\\u003e`");
    check(wd_put_markdown_code, "a\nb", "`a\\nb`");
    check(wd_put_markdown_code, "@user #1", "`@user #1`");
}

static void markdown_prose_is_only_words(void **state)
{
    (void)state;
    check(wd_put_markdown_text, "no consumer reads cpu.load, 1.5 % of it",
          "no consumer reads `cpu.load`, 1.5 % of it");
    check(wd_put_markdown_text, "ask @octocat about #12 (GH-3)", "ask `@octocat` about `#12` (`GH-3`)");
    check(wd_put_markdown_text, "see http://x.example/", "see `http://x.example/`");
    check(wd_put_markdown_text, "commit 0123abcd4", "commit `0123abcd4`");
    check(wd_put_markdown_text, "every ~30 s", "every \\~30 s");
    check(wd_put_markdown_text, "<b> a_b_c *d*", "`\\u003cb\\u003e` `a_b_c` `*d*`");
    check(wd_put_markdown_text, "1,004 messages don't", "1,004 messages don't");
    check(wd_put_markdown_text, "![x](y)", "`![x](y`)");
}

static void csv_cells_compute_nothing(void **state)
{
    (void)state;
    check(wd_put_csv, "plain", "\"plain\"");
    check(wd_put_csv, "say \"hi\", then", "\"say \"\"hi\"\", then\"");
    check(wd_put_csv, "=1+1", "\"'=1+1\"");
    check(wd_put_csv, "+1", "\"'+1\"");
    check(wd_put_csv, "-1", "\"'-1\"");
    check(wd_put_csv, "@x", "\"'@x\"");
    check(wd_put_csv, " =1", "\"' =1\"");
    check(wd_put_csv, "\tx", "\"'\\tx\"");
    check(wd_put_csv, "\rx", "\"'\\rx\"");
    check(wd_put_csv, "a\nb", "\"a\\nb\"");
    check(wd_put_csv, "\xef\xbc\x8b" "1", "\"'\xef\xbc\x8b" "1\"");
}

static void uris_are_relative_and_encoded(void **state)
{
    (void)state;
    check(wd_put_uri, "schemas/a b.yaml", "schemas/a%20b.yaml");
    check(wd_put_uri, "/home/me/x.yaml", "x.yaml");
    check(wd_put_uri, ".//evil.example/x", "evil.example/x");
    check(wd_put_uri, "javascript:alert(1)", "javascript%3Aalert%281%29");
    check(wd_put_uri, "a?b#c%d", "a%3Fb%23c%25d");
    check(wd_put_uri, "\xc3\xa9.yaml", "%C3%A9.yaml");
}

static void check_shell(const char *word, const char *wanted)
{
    struct wd_buf out = { 0 };
    wd_put_shell(&out, wd_bytes_of(word), "FILE");
    assert_string_equal(wd_buf_cstr(&out), wanted);
    wd_buf_free(&out);
}

static void a_shell_takes_a_word_for_one(void **state)
{
    (void)state;
    check_shell("schemas/a.yaml", "schemas/a.yaml");
    check_shell("my own.yaml", "'my own.yaml'");
    check_shell("it's", "'it'\\''s'");
    check_shell("$(reboot)", "'$(reboot)'");
    check_shell("~x", "'~x'");
    check_shell("a;b", "'a;b'");
    check_shell("", "FILE");
    check_shell("-", "FILE");
    check_shell("--in-place", "FILE");
    check_shell("a\nb", "FILE");
    check_shell("\x1b[0m", "FILE");
    check_shell("\xe2\x80\xaexyz", "FILE");
}

static void sarif_text_has_no_link_and_no_placeholder(void **state)
{
    (void)state;
    check(wd_put_sarif_text, "items[].price", "\"items[].price\"");
    check(wd_put_sarif_text, "[a](b)", "\"\\\\[a\\\\](b)\"");
    check(wd_put_sarif_text, "{0} of {}", "\"{{0} of {}\"");
    check(wd_put_sarif_text, "\x1b[0m", "\"\\\\x1b[0m\"");
}

/* No form lets through a control, a line break or a character that turns text around; text that was escaped
 * once is not obeyed when it is shown again. */
static void no_form_lets_a_control_through(void **state)
{
    (void)state;
    static put_fn *const forms[] = { wd_put_name, wd_put_markdown_code, wd_put_markdown_text,
                                     wd_put_csv,  wd_put_uri,           wd_put_sarif_text };
    for (size_t f = 0; f < WD_COUNT(forms); f++) {
        for (size_t n = 0; n < WD_COUNT(hostile_names); n++) {
            struct wd_buf out = { 0 }, again = { 0 };
            forms[f](&out, wd_bytes_of(hostile_names[n]));
            wd_put_terminal(&again, wd_buf_bytes(&out));
            assert_true(wd_bytes_eq(wd_buf_bytes(&out), wd_buf_bytes(&again)));
            assert_null(strstr(wd_buf_cstr(&out), "##["));
            wd_buf_free(&out);
            wd_buf_free(&again);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_give_no_command_to_a_runner),
        cmocka_unit_test(markdown_code_stays_code),
        cmocka_unit_test(markdown_prose_is_only_words),
        cmocka_unit_test(csv_cells_compute_nothing),
        cmocka_unit_test(uris_are_relative_and_encoded),
        cmocka_unit_test(a_shell_takes_a_word_for_one),
        cmocka_unit_test(sarif_text_has_no_link_and_no_placeholder),
        cmocka_unit_test(no_form_lets_a_control_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
