/* cmd/parse.c - argp with our own --help, and one line for each mistake.
 *
 * argp's built-in switches would take --usage away from the usage files, and it complains in two lines. So it
 * is kept silent, and what it would not take is looked up with getopt_long, which argp itself is made of. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/nearest.h"
#include "cmd/cmd.h"
#include "cmd/options.h"

enum { OPTIONS_MAX = 64 };

/* The options of a verb as getopt_long wants them. */
struct flat {
    const struct argp_option *at[OPTIONS_MAX];
    struct option longs[OPTIONS_MAX + 1];
    char shorts[3 * OPTIONS_MAX + 2];
    int count;
};

static int argument_of(const struct argp_option *o)
{
    return !o->arg ? no_argument : o->flags & OPTION_ARG_OPTIONAL ? optional_argument : required_argument;
}

static void add_options(struct flat *flat, const struct argp_option *o)
{
    static const char *const colons[] = { "", ":", "::" };
    for (; o && o->name && flat->count < OPTIONS_MAX; o++) {
        flat->at[flat->count] = o;
        flat->longs[flat->count++] = (struct option){ o->name, argument_of(o), NULL, o->key };
        if (o->key < 256) {
            char word[4] = { (char)o->key };
            strcat(strcat(flat->shorts, word), colons[argument_of(o)]);
        }
    }
}

static void flatten(const struct argp *argp, struct flat *flat)
{
    *flat = (struct flat){ .shorts = ":" };  /* getopt then tells a missing argument from an unknown option */
    add_options(flat, argp->options);
    for (const struct argp_child *child = argp->children; child && child->argp; child++)
        add_options(flat, child->argp->options);
}

static const struct argp_option *find_key(const struct flat *flat, int key)
{
    for (int i = 0; i < flat->count; i++)
        if (flat->at[i]->key == key)
            return flat->at[i];
    return NULL;
}

static void complain_of_long(const struct flat *flat, const char *verb, const char *word)
{
    struct wd_bytes name = wd_bytes_at(word + 2, strcspn(word + 2, "="));
    struct wd_nearest nearest = { .name = name };
    struct wd_shown shown;
    int prefixes = 0;
    for (int i = 0; i < flat->count; i++) {
        wd_nearest_try(&nearest, wd_bytes_of(flat->at[i]->name));
        prefixes += strncmp(flat->at[i]->name, (const char *)name.at, name.len) == 0;
    }
    fprintf(stderr, "wirediet: --%s: ", wd_show(&shown, name));
    if (prefixes > 1)
        fprintf(stderr, "could be several options; write it out as %s --help does\n", verb);
    else if (nearest.best.len)
        fprintf(stderr, "no such option; did you mean --%s?\n", wd_show(&shown, nearest.best));
    else
        fprintf(stderr, "no such option; %s --help lists them\n", verb);
}

/* Prints what is wrong with the first word that getopt refuses; false: it refuses none. */
static bool complain_of_option(const struct argp *argp, int argc, char **argv)
{
    struct flat flat;
    flatten(argp, &flat);
    int key;
    optind = 0;
    opterr = 0;
    do
        key = getopt_long(argc, argv, flat.shorts, flat.longs, NULL);
    while (key >= 0 && key != '?' && key != ':');
    if (key < 0)
        return false;
    const struct argp_option *o = optopt ? find_key(&flat, optopt) : NULL;
    char letter[2] = { (char)optopt };
    struct wd_shown shown;
    if (!optopt)
        complain_of_long(&flat, argv[0], argv[optind - 1]);
    else if (!o)
        fprintf(stderr, "wirediet: -%s: no such option; %s --help lists them\n",
                wd_show(&shown, wd_bytes_of(letter)), argv[0]);
    else if (key == ':')
        fprintf(stderr, "wirediet: --%s: needs a value; write --%s=%s\n", o->name, o->name, o->arg);
    else
        fprintf(stderr, "wirediet: --%s: takes no value; leave out what follows the =\n", o->name);
    return true;
}

static void complain_of_word(int argc, char **argv)
{
    struct wd_shown shown;
    fprintf(stderr, "wirediet: '%s': %s takes no files; leave it out\n",
            wd_show(&shown, wd_bytes_of(optind < argc ? argv[optind] : "")), argv[0]);
}

/* argp's note on arguments of short options tells nobody anything. */
static char *without_note(int key, const char *text, void *input)
{
    (void)input;
    return key == ARGP_KEY_HELP_DUP_ARGS_NOTE ? NULL : (char *)(uintptr_t)text;
}

void wd_print_options(struct argp_state *state)
{
    state->flags &= ~(unsigned)ARGP_NO_ERRS; /* it silences the help, too */
    argp_state_help(state, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK);
}

void wd_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    struct argp filtered = *argp;
    filtered.help_filter = without_note;
    int rc = argp_parse(&filtered, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS, NULL, input);
    if (rc == 0)
        return;
    if (rc == ENOMEM) {
        struct wd_err err = { 0 };
        errno = rc;
        wd_fail_errno(&err, NULL, "the options cannot be read");
        fprintf(stderr, "wirediet: %s\n", err.text);
        exit(4);
    }
    if (!complain_of_option(argp, argc, argv))
        complain_of_word(argc, argv);
    exit(2);
}
