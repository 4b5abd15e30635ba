/* cmd/cmd.c - the first word: a verb, a file to profile, or a question about wirediet itself. */
#include "cmd/cmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "config.h"
#include "cmd/options.h"

static void print_help(FILE *out)
{
    fputs("usage: wirediet VERB [OPTION...] [FILE...]\n"
          "       wirediet CAPTURE            the same as wirediet profile CAPTURE\n\n"
          "Puts real-time systems on a data diet: what each field of each message costs,\n"
          "how often it changes, who reads it, whether it is personal; and what to remove.\n\n", out);
    for (size_t i = 0; wd_verbs[i]; i++)
        fprintf(out, "  %-8s  %s\n", wd_verbs[i]->name, wd_verbs[i]->summary);
    fputs("\nwirediet VERB --help tells a verb's options. Start with:\n\n"
          "  wirediet capture.pcapng\n"
          "  wirediet audit -s schema.yaml -p capture.pcapng -u usage.yaml\n", out);
}

static const struct wd_verb *find_verb(const char *word)
{
    for (size_t i = 0; wd_verbs[i]; i++)
        if (strcmp(wd_verbs[i]->name, word) == 0)
            return wd_verbs[i];
    return NULL;
}

static int unknown_word(const char *word)
{
    struct wd_nearest nearest = { .name = wd_bytes_of(word) };
    struct wd_shown shown;
    for (size_t i = 0; wd_verbs[i]; i++)
        wd_nearest_try(&nearest, wd_bytes_of(wd_verbs[i]->name));
    fprintf(stderr, "wirediet: '%s' is neither a verb nor a file; ", wd_show(&shown, wd_bytes_of(word)));
    if (nearest.best.len)
        fprintf(stderr, "did you mean 'wirediet %s'?\n", wd_show(&shown, nearest.best));
    else
        fputs("wirediet --help lists the verbs\n", stderr);
    return 2;
}

int wd_flush(int status)
{
    struct wd_err err = { 0 };
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    wd_fail_errno(&err, NULL, "standard output cannot be written");
    fprintf(stderr, "wirediet: %s\n", err.text);
    return 4;
}

/* A closed standard stream would give its number to the next file opened, and what is meant for the terminal
 * would end there. Something that takes no bytes keeps the place. */
static void keep_standard_streams(void)
{
    static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
            _exit(4);
}

static int run_verb(const struct wd_verb *verb, int argc, char **argv)
{
    char name[32];
    snprintf(name, sizeof name, "wirediet %s", verb->name);
    argv[0] = name;
    return wd_flush(verb->run(argc, argv));
}

/* `wirediet FILE ...` is `wirediet profile FILE ...`. */
static int profile_file(int argc, char **argv)
{
    return run_verb(find_verb("profile"), argc, argv);
}

static int about(const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts("wirediet " PACKAGE_VERSION);
        return 0;
    }
    return -1;
}

int wd_main(int argc, char **argv)
{
    keep_standard_streams();
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    const char *word = argv[1];
    int status = about(word);
    if (status >= 0)
        return wd_flush(status);
    const struct wd_verb *verb = find_verb(word);
    if (verb)
        return run_verb(verb, argc - 1, argv + 1);
    if (word[0] == '-' || access(word, F_OK) == 0 || strchr(word, '.') || strchr(word, '/'))
        return profile_file(argc, argv);
    return unknown_word(word);
}
