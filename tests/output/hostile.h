/* Names that an input could carry and that some reader of an output would obey. */
#ifndef WD_TESTS_OUTPUT_HOSTILE_H
#define WD_TESTS_OUTPUT_HOSTILE_H

static const char *const hostile_names[] = {
    "\x1b[31mred\x1b]0;title\x07\x1b[2J",
    "\x9b"
    "31m\xc2\x9b"
    "31m",
    "line\nbreak\r\ttab",
    "::error file=a.c,line=1::pwned",
    "  ::add-mask::x",
    "a\n::set-output name=x::y",
    "##[error]pwned ##vso[task.setvariable variable=x]y",
    "\xe2\x80\xaegnp.exe \xe2\x80\x8bhidden\xe2\x81\xa6",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "`code` ``more`` |pipe| \\| \\`",
    "` | evil | `",
    "![image](http://evil.example/x.png) [link](javascript:alert(1))",
    "@everyone @octocat #123 GH-123 octo/repo#7 0123abcdef0123abcdef",
    "http://evil.example/ www.evil.example mail@evil.example",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\xef\xbc\x9d"
    "1+1",
    "{0} {1} %s %n %1$s $(reboot) `reboot` ; rm -rf / #",
    "../../../etc/passwd",
    "/home/someone/secret/schema.yaml",
    "C:\\Users\\someone\\a b.yaml?x#y",
    "\xff\xfe not utf-8 \xc3\x28",
    "\xe5\xae\xbd\xe5\xad\x97\xe7\xac\xa6\xe5\xae\xbd\xe5\xad\x97\xe7\xac\xa6\xe5\xae\xbd\xe5\xad\x97\xe7\xac"
    "\xa6\xe5\xae\xbd\xe5\xad\x97",
    "a-name-that-never-ends-a-name-that-never-ends-a-name-that-never-ends-a-name-that-never-ends-a-name-that-"
    "never-ends",
    "</code></pre>--><!--",
    "~~struck~~ **bold** _it_ > quote\n# heading\n- list\n```\nfence",
    "",
    " ",
    ".",
};

#endif
