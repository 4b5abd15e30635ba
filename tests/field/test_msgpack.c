/* The formats of the MessagePack specification, who owns which byte, what is malformed and what is bid on. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "walk.h"

/* MessagePack specification, "Formats", in its order. */
static const struct walk_scalar formats[] = {
    { "c0", "null=null!" },
    { "c2", "boolean=false" },
    { "c3", "boolean=true" },
    { "00", "integer=0" },
    { "7f", "integer=127" },
    { "e0", "integer=-32" },
    { "ff", "integer=-1" },
    { "cc ff", "integer=255" },
    { "cd 0100", "integer=256" },
    { "ce ffffffff", "integer=4294967295" },
    { "cf ffffffffffffffff", "integer=18446744073709551615" },
    { "d0 80", "integer=-128" },
    { "d0 7f", "integer=127" },
    { "d1 8000", "integer=-32768" },
    { "d2 80000000", "integer=-2147483648" },
    { "d3 8000000000000000", "integer=-9223372036854775808" },
    { "d3 0000000000000064", "integer=100" },
    { "ca 3fc00000", "number=1.5" },
    { "ca 40400000", "integer=3" },
    { "ca 7f800000", "number=inf" },
    { "cb bff199999999999a", "number=-1.1" },
    { "cb 8000000000000000", "integer=0" },
    { "cb 7e37e43c8800759c", "integer=1e+300" },
    { "cb 7ff8000000000001", "number=nan" },
    { "a0", "string=!" },
    { "a3 616263", "string=abc" },
    { "a2 c3bc", "string=\xc3\xbc" },
    { "d9 03 616263", "string=abc" },
    { "da 0003 616263", "string=abc" },
    { "db 00000003 616263", "string=abc" },
    { "a2 c328", "bytes=c328" },                        /* from before bin */
    { "c4 00", "bytes=!" },
    { "c4 02 00ff", "bytes=00ff" },
    { "c5 0002 00ff", "bytes=00ff" },
    { "c6 00000002 00ff", "bytes=00ff" },
    { "d4 05 aa", "bytes=aa" },
    { "d5 05 aabb", "bytes=aabb" },
    { "d6 05 aabbccdd", "bytes=aabbccdd" },
    { "d7 05 0011223344556677", "bytes=0011223344556677" },
    { "d8 05 00112233445566778899aabbccddeeff", "bytes=00112233445566778899aabbccddeeff" },
    { "c7 03 05 aabbcc", "bytes=aabbcc" },
    { "c7 00 05", "bytes=!" },
    { "c8 0003 05 aabbcc", "bytes=aabbcc" },
    { "c9 00000003 05 aabbcc", "bytes=aabbcc" },
    /* timestamps */
    { "d6 ff 65531100", "integer=1699942656" },
    { "d7 ff 7735940065531100", "number=1699942656.5" },
    { "d7 ff 0000000465531100", "number=1699942656.000000001" },
    { "d7 ff fffffffc00000001", "bytes=fffffffc00000001" },  /* more nanoseconds than a second has */
    { "c7 0c ff 00000000 ffffffffffffffff", "integer=-1" },
    { "c7 0c ff 1dcd6500 ffffffffffffffff", "number=-0.5" },
    { "c7 0c ff 00000000 8000000000000000", "integer=-9223372036854775808" },
    { "c7 05 ff 0000000001", "bytes=0000000001" },
    { "d4 ff 01", "bytes=01" },
};

static void test_formats(void **state)
{
    (void)state;
    assert_says(&wd_codec_msgpack, formats, WD_COUNT(formats));
}

static const struct walk_vector vectors[] = {
    { "80", ". 0+0+1 object!;", NULL },
    { "90", ". 0+0+1 array!;", NULL },
    { "82 a3637075 81 a46c6f6164 cb3fe0000000000000 a27570 c3",
      ". 0+0+1 object;cpu 4+0+1 object;cpu.load 5+9+0 number=0.5;up 3+1+0 boolean=true;", NULL },
    { "93 01 c0 92 02 a178", ". 0+0+1 array;[] 0+1+0 integer=1;[] 0+1+0 null=null!;[] 0+0+1 array;[][] 0+1+0 integer=2;[][] 0+2+0 string=x;", NULL },
    { "dc0001 01", ". 0+0+3 array;[] 0+1+0 integer=1;", NULL },
    { "dd00000001 01", ". 0+0+5 array;[] 0+1+0 integer=1;", NULL },
    { "de0001 a161 80", ". 0+0+3 object;a 2+0+1 object!;", NULL },
    { "df00000001 a161 90", ". 0+0+5 object;a 2+0+1 array!;", NULL },
    /* keys: text in any format, integers; identifiers fold; of the rest the encoding */
    { "83 a161 01 d90162 02 c40163 03", ". 0+0+1 object;a 2+1+0 integer=1;b 3+1+0 integer=2;c 3+1+0 integer=3;", NULL },
    { "82 05 01 ff 02", ". 0+0+1 object;\"5\" 1+1+0 integer=1;\"-1\" 1+1+0 integer=2;", NULL },
    { "82 cd3039 01 ce00010000 02", ". 0+0+1 object;{} 3+1+0 integer=1;{} 5+1+0 integer=2;", NULL },
    { "83 c3 01 a2c328 02 9101 03", ". 0+0+1 object;c3 1+1+0 integer=1;a2c328 3+1+0 integer=2;{} 2+1+0 integer=3;", NULL },
    { "82 cb3ff8000000000000 01 81a16101 02", ". 0+0+1 object;{} 9+1+0 integer=1;{} 4+1+0 integer=2;", NULL },
    { "82 a161 01 a161 02", ". 0+0+1 object;a 2+1+0 integer=1;a 2+1+0 integer=2;", NULL },
    /* malformed: what was read counts, the rest is one piece */
    { "", "", "ends where a value should be" },
    { "c1", "(malformed) 0+1+0 bytes;", "a byte that no value begins with" },
    { "82 a161 01 a162 c1 00", ". 0+0+1 object;a 2+1+0 integer=1;(malformed) 0+4+0 bytes;", "a byte that no value begins with" },
    { "81 c1 00", ". 0+0+1 object;(malformed) 0+2+0 bytes;", "a byte that no value begins with" },
    { "82 a161 01", ". 0+0+1 object;a 2+1+0 integer=1;", "ends where a value should be" },
    { "81 a161", ". 0+0+1 object;(malformed) 0+2+0 bytes;", "ends where a value should be" },
    { "81 a361", ". 0+0+1 object;(malformed) 0+2+0 bytes;", "ends inside a string" },
    { "92 01 cd00", ". 0+0+1 array;[] 0+1+0 integer=1;(malformed) 0+2+0 bytes;", "ends inside the head of a value" },
    { "01 02", ". 0+1+0 integer=1;(malformed) 0+1+0 bytes;", "bytes after the end of the value" },
    { "80 00", ". 0+0+1 object!;(malformed) 0+1+0 bytes;", "bytes after the end of the value" },
    { "ddffffffff 01 02", ". 0+0+5 array;[] 0+1+0 integer=1;[] 0+1+0 integer=2;", "ends where a value should be" },
    { "dfffffffff a161 02", ". 0+0+5 object;a 2+1+0 integer=2;", "ends where a value should be" },
    { "dbffffffff 61", "(malformed) 0+6+0 bytes;", "ends inside a string" },
    { "c6ffffffff 61", "(malformed) 0+6+0 bytes;", "ends inside a string" },
    { "c9ffffffff ff 61", "(malformed) 0+7+0 bytes;", "ends inside a string" },
    { "d6", "(malformed) 0+1+0 bytes;", "ends inside the head of a value" },
    { "d6 ff 000000", "(malformed) 0+5+0 bytes;", "ends inside a string" },
};

static void test_vectors(void **state)
{
    (void)state;
    assert_walks(&wd_codec_msgpack, vectors, WD_COUNT(vectors));
}

static void test_depth_limit(void **state)
{
    (void)state;
    assert_depth(&wd_codec_msgpack, 0x91, "nested too deeply");
    assert_depth(&wd_codec_msgpack, 0x81, "nested too deeply");   /* each map is the key of the one around it */
}

/* What a first message is taken for. */
static const struct walk_first firsts[] = {
    { "81 a161 01", "msgpack" },
    { "92 a46a6f696e 80", "msgpack" },
    { "82 00 a474656d70 01 05", "msgpack" },
    { "81 a161", "opaque" },              /* not whole */
    { "81 a161 01 00", "opaque" },        /* and more */
    { "93 01 02 03", "opaque" },          /* numbers alone */
    { "80", "opaque" },
    { "81 c3 a474656d70", "opaque" },     /* a key that nobody writes */
    { "81 a101 a474656d70", "opaque" },
    { "a474656d70", "opaque" },           /* neither a map nor an array */
    { "7b 22 61 22 3a 31 7d", "json" },
};

static void test_bid(void **state)
{
    (void)state;
    assert_taken(firsts, WD_COUNT(firsts));
    assert_ptr_equal(wd_codec_choose(wd_bytes_of("application/vnd.msgpack"), NULL, wd_bytes_of("x"), false), &wd_codec_msgpack);
    assert_ptr_equal(wd_codec_choose(wd_bytes_of("application/desk+msgpack"), NULL, wd_bytes_of("x"), false), &wd_codec_msgpack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats), cmocka_unit_test(test_vectors), cmocka_unit_test(test_depth_limit), cmocka_unit_test(test_bid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
