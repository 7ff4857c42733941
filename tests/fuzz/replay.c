/*
 * replay RUNS SEEDS: gives a target each file of a directory of seeds, and RUNS
 * more inputs made of them, always the same ones.  In place of libFuzzer,
 * which only clang has.
 *
 * Prints TAP.  An input that ends the process stays in the file that is named
 * like the program, with ".input" behind it; SEEDS may be that file.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEEDS_MAX	128
#define INPUT_MAX_BYTES 8192
#define CHANGES_MAX	8

struct seed {
	size_t  size;
	uint8_t data[INPUT_MAX_BYTES];
};

struct replay {
	struct seed *seeds[SEEDS_MAX];
	size_t       count;
	uint64_t     random; /* xorshift64 (Marsaglia 2003) */
	char         path[4096]; /* where the input in hand is kept */
	int          kept;
};

static size_t
pick(struct replay *replay, size_t below)
{
	replay->random ^= replay->random << 13;
	replay->random ^= replay->random >> 7;
	replay->random ^= replay->random << 17;
	return below == 0 ? 0 : (size_t)(replay->random % below);
}

static bool
read_seed(struct replay *replay, const char *path)
{
	struct seed *seed = calloc(1, sizeof(*seed));
	FILE *file = fopen(path, "r");

	if (seed == NULL || file == NULL || replay->count == SEEDS_MAX) {
		fprintf(stderr, "%s: cannot be read, or one seed too many\n", path);
		free(seed);
		if (file != NULL)
			fclose(file);
		return false;
	}
	seed->size = fread(seed->data, 1, sizeof(seed->data), file);
	replay->seeds[replay->count++] = seed;
	fclose(file);
	return true;
}

/* In the order of their names, so that every run is the same. */
static bool
read_seeds(struct replay *replay, const char *path)
{
	struct dirent **names = NULL;
	struct stat status;
	bool read = true;
	int count = 0;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
		return read_seed(replay, path);
	count = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char file[8192];

		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			read = read_seed(replay, file) && read;
		free(names[i]);
	}
	free(names);
	return read && replay->count > 0;
}

static void
run(struct replay *replay, const uint8_t *data, size_t size)
{
	if (ftruncate(replay->kept, 0) != 0 || pwrite(replay->kept, data, size, 0) != (ssize_t)size)
		perror(replay->path);
	LLVMFuzzerTestOneInput(data, size);
}

/* Puts length bytes, of which there are so many, in the place of taken ones at a position. */
static void
put(struct seed *input, size_t at, size_t taken, const uint8_t *bytes, size_t length)
{
	size_t behind = input->size - at - taken;

	if (at + length + behind > sizeof(input->data))
		return;
	memmove(input->data + at + length, input->data + at + taken, behind);
	memcpy(input->data + at, bytes, length);
	input->size = at + length + behind;
}

static void
change(struct replay *replay, struct seed *input)
{
	static const char *const words[] = { "\"", "\\u0000", "{", "}", "[", "]", "&", "=", "%", "%00", ":", ",", "\n",
		"\n---\n", "true", "false", "null", "-1", "9223372036854775808", "\xff", "\xc2\x85", "approved",
		"HTTP_" };
	const struct seed *other = replay->seeds[pick(replay, replay->count)];
	size_t at = pick(replay, input->size + 1), left = input->size - at;
	size_t from = pick(replay, other->size + 1), length = pick(replay, other->size - from + 1);
	const char *word = words[pick(replay, sizeof(words) / sizeof(words[0]))];
	uint8_t byte = (uint8_t)pick(replay, 256);

	switch (pick(replay, 5)) {
	case 0:
		put(input, at, left > 0, &byte, 1);
		break;
	case 1:
		put(input, at, pick(replay, left + 1), &byte, 0);
		break;
	case 2:
		put(input, at, pick(replay, 2) * (left > 0), (const uint8_t *)word, strlen(word));
		break;
	case 3:
		put(input, at, 0, other->data + from, length);
		break;
	case 4:
		put(input, at, left < length ? left : length, other->data + from, length);
		break;
	}
}

static void
run_changed(struct replay *replay, struct seed *input)
{
	memcpy(input, replay->seeds[pick(replay, replay->count)], sizeof(*input));
	for (size_t changes = 1 + pick(replay, CHANGES_MAX); changes > 0; changes--)
		change(replay, input);
	run(replay, input->data, input->size);
}

int
main(int argc, char **argv)
{
	struct replay replay = { .random = UINT64_C(0x9e3779b97f4a7c15) };
	struct seed *input = calloc(1, sizeof(*input));
	long runs = argc == 3 ? strtol(argv[1], NULL, 10) : 0;

	if (argc != 3 || input == NULL || !read_seeds(&replay, argv[2])) {
		fprintf(stderr, "usage: %s RUNS SEEDS\n", argv[0]);
		free(input);
		return 2;
	}
	snprintf(replay.path, sizeof(replay.path), "%s.input", argv[0]);
	replay.kept = open(replay.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	printf("1..2\n");
	for (size_t i = 0; i < replay.count; i++)
		run(&replay, replay.seeds[i]->data, replay.seeds[i]->size);
	printf("ok 1 - what must hold does for each of %zu seeds\n", replay.count);
	for (long i = 0; i < runs; i++)
		run_changed(&replay, input);
	printf("ok 2 - and for each of %ld inputs made of them\n", runs);
	close(replay.kept);
	unlink(replay.path);
	for (size_t i = 0; i < replay.count; i++)
		free(replay.seeds[i]);
	free(input);
	return 0;
}
