/* The examples of RFC 8949, who owns which byte, what is malformed and what is bid on. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "walk.h"

/* RFC 8949 appendix A, in its order; but for containers, see below. */
static const struct walk_scalar examples[] = {
    { "00", "integer=0" },
    { "01", "integer=1" },
    { "0a", "integer=10" },
    { "17", "integer=23" },
    { "1818", "integer=24" },
    { "1819", "integer=25" },
    { "1864", "integer=100" },
    { "1903e8", "integer=1000" },
    { "1a000f4240", "integer=1000000" },
    { "1b000000e8d4a51000", "integer=1000000000000" },
    { "1bffffffffffffffff", "integer=18446744073709551615" },
    { "c249010000000000000000", "bytes=010000000000000000" },   /* 2^64 */
    { "3bffffffffffffffff", "integer=-1.8446744073709552e+19" },
    { "c349010000000000000000", "bytes=010000000000000000" },
    { "20", "integer=-1" },
    { "29", "integer=-10" },
    { "3863", "integer=-100" },
    { "3903e7", "integer=-1000" },
    { "f90000", "integer=0" },
    { "f98000", "integer=0" },
    { "f93c00", "integer=1" },
    { "fb3ff199999999999a", "number=1.1" },
    { "f93e00", "number=1.5" },
    { "f97bff", "integer=65504" },
    { "fa47c35000", "integer=100000" },
    { "fa7f7fffff", "integer=3.4028234663852886e+38" },
    { "fb7e37e43c8800759c", "integer=1e+300" },
    { "f90001", "number=5.9604644775390625e-08" },
    { "f90400", "number=6.103515625e-05" },
    { "f9c400", "integer=-4" },
    { "fbc010666666666666", "number=-4.1" },
    { "f97c00", "number=inf" },
    { "f97e00", "number=nan" },
    { "f9fc00", "number=-inf" },
    { "fa7f800000", "number=inf" },
    { "fa7fc00000", "number=nan" },
    { "faff800000", "number=-inf" },
    { "fb7ff0000000000000", "number=inf" },
    { "fb7ff8000000000000", "number=nan" },
    { "fbfff0000000000000", "number=-inf" },
    { "f4", "boolean=false" },
    { "f5", "boolean=true" },
    { "f6", "null=null!" },
    { "f7", "null=null!" },                                     /* undefined */
    { "f0", "bytes=f0" },                                       /* simple(16) */
    { "f8ff", "bytes=ff" },                                     /* simple(255) */
    { "c074323031332d30332d32315432303a30343a30305a", "string=2013-03-21T20:04:00Z" },
    { "c11a514b67b0", "integer=1363896240" },
    { "c1fb41d452d9ec200000", "number=1363896240.5" },
    { "d74401020304", "bytes=01020304" },
    { "d818456449455446", "string=IETF" },                      /* encoded CBOR, walked */
    { "d82076687474703a2f2f7777772e6578616d706c652e636f6d", "string=http://www.example.com" },
    { "40", "bytes=!" },
    { "4401020304", "bytes=01020304" },
    { "60", "string=!" },
    { "6161", "string=a" },
    { "6449455446", "string=IETF" },
    { "62225c", "string=\"\\" },
    { "62c3bc", "string=\xc3\xbc" },
    { "63e6b0b4", "string=\xe6\xb0\xb4" },
    { "64f0908591", "string=\xf0\x90\x85\x91" },
    { "5f42010243030405ff", "bytes=0102030405" },
    { "7f657374726561646d696e67ff", "string=streaming" },
    /* and more */
    { "5fff", "bytes=!" },
    { "7fff", "string=!" },
    { "7f6060ff", "string=!" },
    { "7f7803616263ff", "string=abc" },
    { "c240", "integer=0" },
    { "c2480000000000000064", "integer=100" },
    { "c24a00ffffffffffffffffff", "bytes=00ffffffffffffffffff" },
    { "c34100", "integer=-1" },
    { "c348ffffffffffffffff", "integer=-1.8446744073709552e+19" },
    { "c25f4164ff", "bytes=64" },
    { "c48221196ab3", "number=273.15" },                        /* RFC 8949 section 3.4.4 */
    { "c48221196aa4", "integer=273" },                         /* 27300 hundredths */
    { "c482021864", "integer=10000" },
    { "c4822920", "number=-0.0000000001" },
    { "c482381d01", "number=0.000000000000000000000000000001" },
    { "d9d9f7f5", "boolean=true" },
    { "d9d9f7d9d9f700", "integer=0" },
};

static void test_examples(void **state)
{
    (void)state;
    assert_says(&wd_codec_cbor, examples, WD_COUNT(examples));
}

static const struct walk_vector vectors[] = {
    /* the containers of appendix A */
    { "80", ". 0+0+1 array!;", NULL },
    { "83010203", ". 0+0+1 array;[] 0+1+0 integer=1;[] 0+1+0 integer=2;[] 0+1+0 integer=3;", NULL },
    { "8301820203820405",
      ". 0+0+1 array;[] 0+1+0 integer=1;[] 0+0+1 array;[][] 0+1+0 integer=2;[][] 0+1+0 integer=3;[] 0+0+1 array;[][] 0+1+0 integer=4;"
      "[][] 0+1+0 integer=5;", NULL },
    { "a0", ". 0+0+1 object!;", NULL },
    { "a201020304", ". 0+0+1 object;\"1\" 1+1+0 integer=2;\"3\" 1+1+0 integer=4;", NULL },
    { "a26161016162820203", ". 0+0+1 object;a 2+1+0 integer=1;b 2+0+1 array;b[] 0+1+0 integer=2;b[] 0+1+0 integer=3;", NULL },
    { "826161a161626163", ". 0+0+1 array;[] 0+2+0 string=a;[] 0+0+1 object;[].b 2+2+0 string=c;", NULL },
    { "9fff", ". 0+0+2 array!;", NULL },
    { "9f018202039f0405ffff",
      ". 0+0+2 array;[] 0+1+0 integer=1;[] 0+0+1 array;[][] 0+1+0 integer=2;[][] 0+1+0 integer=3;[] 0+0+2 array;[][] 0+1+0 integer=4;"
      "[][] 0+1+0 integer=5;", NULL },
    { "83018202039f0405ff",
      ". 0+0+1 array;[] 0+1+0 integer=1;[] 0+0+1 array;[][] 0+1+0 integer=2;[][] 0+1+0 integer=3;[] 0+0+2 array;[][] 0+1+0 integer=4;"
      "[][] 0+1+0 integer=5;", NULL },
    { "bf61610161629f0203ffff", ". 0+0+2 object;a 2+1+0 integer=1;b 2+0+2 array;b[] 0+1+0 integer=2;b[] 0+1+0 integer=3;", NULL },
    { "826161bf61626163ff", ". 0+0+1 array;[] 0+2+0 string=a;[] 0+0+2 object;[].b 2+2+0 string=c;", NULL },
    { "bf6346756ef563416d7421ff", ". 0+0+2 object;Fun 4+1+0 boolean=true;Amt 4+1+0 integer=-2;", NULL },
    { "98020102", ". 0+0+2 array;[] 0+1+0 integer=1;[] 0+1+0 integer=2;", NULL },
    { "bb0000000000000001616101", ". 0+0+9 object;a 2+1+0 integer=1;", NULL },
    /* tags stand in front of what they are about */
    { "d9d9f7a1616101", ". 0+0+4 object;a 2+1+0 integer=1;", NULL },
    { "a26174c11a514b67b06162d8208101", ". 0+0+1 object;t 2+5+1 integer=1363896240;b 2+0+3 array;b[] 0+1+0 integer=1;", NULL },
    { "a16164d81844a1616101", ". 0+0+1 object;d 2+0+4 object;d.a 2+1+0 integer=1;", NULL },
    { "d81846d81843820102", ". 0+0+7 array;[] 0+1+0 integer=1;[] 0+1+0 integer=2;", NULL },
    { "a16164d81843a16161", ". 0+0+1 object;d 2+4+2 bytes=a16161;", NULL },     /* not one value */
    { "a16164d818420102", ". 0+0+1 object;d 2+3+2 bytes=0102;", NULL },         /* two */
    { "a16164c48201c24102", ". 0+0+1 object;d 2+0+2 array;d[] 0+1+0 integer=1;d[] 0+2+1 integer=2;", NULL },
    { "c482190fff01", ". 0+0+2 array;[] 0+3+0 integer=4095;[] 0+1+0 integer=1;", NULL },  /* no sane exponent */
    { "c4830102f6", ". 0+0+2 array;[] 0+1+0 integer=1;[] 0+1+0 integer=2;[] 0+1+0 null=null!;", NULL },
    { "826161c17f6161ff", ". 0+0+1 array;[] 0+2+0 string=a;[] 0+4+1 string=a;", NULL },
    /* keys: text in any form, integers; identifiers fold; of the rest the encoding */
    { "a3616101780162027f6163ff03", ". 0+0+1 object;a 2+1+0 integer=1;b 3+1+0 integer=2;c 4+1+0 integer=3;", NULL },
    { "a2416101c1616202", ". 0+0+1 object;a 2+1+0 integer=1;b 3+1+0 integer=2;", NULL },
    { "a32001193039023a0001e23f03", ". 0+0+1 object;\"-1\" 1+1+0 integer=1;{} 3+1+0 integer=2;\"-123456\" 5+1+0 integer=3;", NULL },
    { "a13bffffffffffffffff01", ". 0+0+1 object;\"-18446744073709551616\" 9+1+0 integer=1;", NULL },
    { "a3f501f93c0002810103", ". 0+0+1 object;f5 1+1+0 integer=1;f93c00 3+1+0 integer=2;{} 2+1+0 integer=3;", NULL },
    { "a141ff01", ". 0+0+1 object;\"41ff\" 2+1+0 integer=1;", NULL },
    /* malformed: RFC 8949 appendix F, and what is behind the end */
    { "", "", "ends where a value should be" },
    { "18", "(malformed) 0+1+0 bytes;", "ends inside the head of a value" },
    { "1b0000", NULL, "ends inside the head of a value" },
    { "f8", NULL, "ends inside the head of a value" },
    { "41", "(malformed) 0+1+0 bytes;", "ends inside a string" },
    { "5affffffff00", NULL, "ends inside a string" },
    { "7bffffffffffffffff010203", NULL, "ends inside a string" },
    { "81", ". 0+0+1 array;", "ends where a value should be" },
    { "818181", NULL, "ends where a value should be" },
    { "9affffffff0102", ". 0+0+5 array;[] 0+1+0 integer=1;[] 0+1+0 integer=2;", "ends where a value should be" },
    { "bbffffffffffffffff0102", NULL, "ends where a value should be" },
    { "a101", NULL, "ends where a value should be" },
    { "c0", "(malformed) 0+1+0 bytes;", "ends where a value should be" },
    { "5f4100", NULL, "ends where a value should be" },
    { "7f6100", NULL, "ends where a value should be" },
    { "9f", ". 0+0+1 array;", "ends where a value should be" },
    { "9f0102", NULL, "ends where a value should be" },
    { "bf", NULL, "ends where a value should be" },
    { "bf01020102", NULL, "ends where a value should be" },
    { "1c", NULL, "a byte that no value begins with" },
    { "3d", NULL, "a byte that no value begins with" },
    { "5e", NULL, "a byte that no value begins with" },
    { "7c", NULL, "a byte that no value begins with" },
    { "9d", NULL, "a byte that no value begins with" },
    { "be", NULL, "a byte that no value begins with" },
    { "dc", NULL, "a byte that no value begins with" },
    { "fd", NULL, "a byte that no value begins with" },
    { "1f", NULL, "a byte that no value begins with" },
    { "3f", NULL, "a byte that no value begins with" },
    { "df", NULL, "a byte that no value begins with" },
    { "f800", NULL, "a simple value below 32 in two bytes" },
    { "f81f", NULL, "a simple value below 32 in two bytes" },
    { "5f00ff", NULL, "a chunk of another kind than its string" },
    { "5f6100ff", NULL, "a chunk of another kind than its string" },
    { "7f4100ff", NULL, "a chunk of another kind than its string" },
    { "5f5f4100ffff", NULL, "a chunk of another kind than its string" },
    { "5fc14100ff", NULL, "a chunk of another kind than its string" },
    { "ff", "(malformed) 0+1+0 bytes;", "a break where a value should be" },
    { "81ff", ". 0+0+1 array;(malformed) 0+1+0 bytes;", "a break where a value should be" },
    { "8200ff", NULL, "a break where a value should be" },
    { "a1ff", NULL, "a break where a value should be" },
    { "a1ff00", NULL, "a break where a value should be" },
    { "a100ff", NULL, "a break where a value should be" },
    { "9f81ff", NULL, "a break where a value should be" },
    { "9fc1ff", NULL, "a break where a value should be" },
    { "bf00ff", ". 0+0+1 object;(malformed) 0+2+0 bytes;", "a break where a value should be" },
    { "bf000000ff", NULL, "a break where a value should be" },
    { "bfc1ff00ff", NULL, "a break where a value should be" },
    { "0000", ". 0+1+0 integer=0;(malformed) 0+1+0 bytes;", "bytes after the end of the value" },
    { "62c328", "(malformed) 0+3+0 bytes;", "a string is not valid UTF-8" },
    { "a162c32801", NULL, "a string is not valid UTF-8" },
    { "7f61c361bcff", NULL, "a string is not valid UTF-8" },   /* a character is not spread between chunks */
};

static void test_vectors(void **state)
{
    (void)state;
    assert_walks(&wd_codec_cbor, vectors, WD_COUNT(vectors));
}

static void test_depth_limit(void **state)
{
    (void)state;
    assert_depth(&wd_codec_cbor, 0x81, "nested too deeply");
    assert_depth(&wd_codec_cbor, 0x9f, "nested too deeply");
    assert_depth(&wd_codec_cbor, 0xa1, "nested too deeply");   /* each map is the key of the one around it */
    assert_depth(&wd_codec_cbor, 0xc1, "ends where a value should be");
}

/* What a first message is taken for. */
static const struct walk_first firsts[] = {
    { "a1 6161 01", "cbor" },
    { "bf 6161 01 ff", "cbor" },
    { "82 646a6f696e a0", "cbor" },
    { "a2 00 6474656d70 01 05", "cbor" },
    { "81 a2 21 6775726e3a646576 02 16", "cbor" },
    { "d9d9f7 83 01 02 03", "cbor" },     /* it says so itself */
    { "d9d9f7 83 01 02", "opaque" },
    { "c0 74 323031332d30332d32315432303a30343a30305a", "cbor" },
    { "a1 6161", "opaque" },              /* not whole */
    { "a1 6161 01 00", "opaque" },        /* and more */
    { "83 01 02 03", "opaque" },          /* numbers alone */
    { "a0", "opaque" },
    { "a1 f5 6474656d70", "opaque" },     /* a key that nobody writes */
    { "6474656d70", "opaque" },           /* neither a map nor an array */
    /* both can read these: who finds more text in it, fewer integers as keys */
    { "82 a1616301 00", "cbor" },         /* [{"c": 1}, 0] or {"a": 99, 1: 0} */
    { "82 41a1 626262", "cbor" },         /* [h'a1', "bb"] or {65: "b", 98: 98} */
    { "82 6141 a16000", "cbor" },         /* ["A", {"": 0}] or {97: 65, "`": 0} */
};

static void test_bid(void **state)
{
    (void)state;
    assert_taken(firsts, WD_COUNT(firsts));
    assert_ptr_equal(wd_codec_choose(wd_bytes_of("application/cbor"), NULL, wd_bytes_of("x"), false), &wd_codec_cbor);
    assert_ptr_equal(wd_codec_choose(wd_bytes_of("application/senml+cbor"), NULL, wd_bytes_of("x"), false), &wd_codec_cbor);
    assert_ptr_not_equal(wd_codec_choose(wd_bytes_of("application/cbor-seq"), NULL, wd_bytes_of("\x01\x02"), false), &wd_codec_cbor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_vectors), cmocka_unit_test(test_depth_limit), cmocka_unit_test(test_bid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
