/* bench_policy.c - how fast the name index and the address index are made and asked.
 *
 * usage: bench_policy [NAMES]...        default: 1000 100000 1000000 10000000
 *
 * The names are made here and are the same in every run. README.md says what the columns mean. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "policy/address_index.h"
#include "policy/name_index.h"
#include "policy/name_list.h"
#include "tests/random.h"

enum { QUERIES = 100000, REPEATS = 40, BATCH = 64, VALUE = 1234 };

static char *write_label(char *at, uint64_t *state, unsigned size_min, unsigned size_max)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	uint64_t bits = random_u64(state);
	unsigned size = size_min + (unsigned)(bits % (size_max - size_min + 1));
	for (unsigned i = 0; i < size; i++) {
		bits = random_u64(state);
		*at++ = letters[bits % (i == 0 || i + 1 == size ? 26 : 37)];
	}
	return at;
}

/* Two to four labels: a registered name of 4 to 16 letters under one of 32 top-level domains, half of
 * them with one or two labels before it. */
static size_t write_name(char text[static 128], uint64_t *state)
{
	static const char *const tops[32] = {
		"com", "com",  "com",  "com",  "com", "com", "com", "com", "net", "net",   "org",
		"org", "info", "de",   "ru",   "cn",  "uk",  "xyz", "top", "io",  "fr",    "nl",
		"br",  "pl",   "shop", "site", "it",  "eu",  "jp",  "in",  "app", "online"};
	char *at = text;
	for (uint64_t more = random_u64(state) % 4; more > 1; more--) {
		at = write_label(at, state, 1, 8);
		*at++ = '.';
	}
	at = write_label(at, state, 4, 16);
	return (size_t)(at - text) + (size_t)sprintf(at, ".%s", tops[random_u64(state) % 32]);
}

static void make_list(size_t names, uint64_t seed, struct buffer *ret)
{
	char text[128];
	for (size_t i = 0; i < names; i++) {
		size_t size = write_name(text, &seed);
		text[size] = '\n';
		buffer_add(ret, text, size + 1);
	}
}

static double seconds_since(int64_t begin_us)
{
	return (double)(clock_monotonic_us() - begin_us) / 1e6;
}

static void die(const char *what, int code)
{
	fprintf(stderr, "%s: %s\n", what, err_text(code));
	exit(EXIT_FAILURE);
}

/* Parses the list and builds the index, as a policy's compilation does. */
static double build(struct view list, struct buffer *ret)
{
	struct problems problems = {0};
	struct name_list_counts counts;
	struct name_index_builder builder;
	struct name_list_source source = {
		.file = "bench", .text = list, .value = VALUE, .exception = VALUE};
	int64_t begin_us = clock_monotonic_us();
	name_index_builder_init(&builder, 42, 100000000);
	int r = name_list_add(&source, &builder, &problems, &counts);
	if (r == OK)
		r = name_index_builder_finish(&builder, ret);
	double seconds = seconds_since(begin_us);
	if (r < 0 || counts.problems)
		die("build", r < 0 ? r : ERR_INVALID);
	name_index_builder_done(&builder);
	return seconds;
}

/* The image as a process of its own meets it: a mapped file. */
static struct view map_block(struct view block)
{
	char path[] = "/tmp/bench_policy_XXXXXX";
	cleanup(fd) int fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0 || unlink(path) < 0)
		die(path, -errno);
	for (size_t at = 0; at < block.size;) {
		ssize_t written = write(fd, block.bytes + at, block.size - at);
		if (written < 0)
			die(path, -errno);
		at += (size_t)written;
	}
	void *bytes = mmap(NULL, block.size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		die("mmap", -errno);
	return view_of(bytes, block.size);
}

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Nanoseconds for one pass over all queries. They are asked in batches that are copied into the cache
 * first, outside the measured time: a gate has just read the name that it asks for. */
static int64_t measure_pass(const struct name_index *index, const struct dname *queries,
                            size_t count, size_t *ret_found)
{
	struct dname batch[BATCH];
	struct name_match match[8];
	int64_t spent_ns = 0;
	size_t found = 0;
	for (size_t at = 0; at < count; at += BATCH) {
		size_t size = count - at < BATCH ? count - at : BATCH;
		memcpy(batch, queries + at, size * sizeof(*batch));
		int64_t begin_ns = now_ns();
		for (size_t i = 0; i < size; i++)
			found += name_index_find(index, &batch[i], match, 8) != 0;
		spent_ns += now_ns() - begin_ns;
	}
	*ret_found = found;
	return spent_ns;
}

/* Best of REPEATS, in nanoseconds a look-up; `ret_found` is how many names matched in one pass. */
static double measure(const struct name_index *index, const struct dname *queries, size_t count,
                      size_t *ret_found)
{
	double best = 1e9;
	for (int repeat = 0; repeat < REPEATS; repeat++) {
		double ns = (double)measure_pass(index, queries, count, ret_found) / (double)count;
		best = ns < best ? ns : best;
	}
	return best;
}

static struct dname *make_queries(uint64_t seed, size_t count)
{
	char text[128];
	struct dname *queries = calloc(count, sizeof(*queries));
	for (size_t i = 0; queries && i < count; i++) {
		size_t size = write_name(text, &seed);
		if (dname_parse_text(view_of(text, size), &queries[i]) < 0)
			die(text, ERR_MALFORMED);
	}
	if (!queries)
		die("queries", -ENOMEM);
	return queries;
}

/* Names of the list, from all over it. */
static struct dname *pick_queries(struct view list, size_t names, size_t count)
{
	struct dname *queries = calloc(count, sizeof(*queries));
	size_t step = names / count, taken = 0;
	for (size_t line = 0; queries && taken < count; line++) {
		struct view name = view_split(&list, '\n');
		if (line % step == 0 && dname_parse_text(name, &queries[taken++]) < 0)
			die("list", ERR_MALFORMED);
	}
	if (!queries)
		die("queries", -ENOMEM);
	/* the list's order must not help */
	for (size_t i = count - 1; i; i--) {
		uint64_t state = i;
		size_t j = random_u64(&state) % (i + 1);
		struct dname swapped = queries[i];
		queries[i] = queries[j];
		queries[j] = swapped;
	}
	return queries;
}

static void run_names(size_t names)
{
	struct buffer list = {0}, image = {0};
	make_list(names, 1, &list);
	if (list.failed)
		die("list", -ENOMEM);
	double build_s = build(buffer_view(&list), &image);
	struct view block = map_block(buffer_view(&image));
	struct name_index index;
	int64_t begin_us = clock_monotonic_us();
	int r = name_index_open(block, &index);
	double open_us = seconds_since(begin_us) * 1e6;
	begin_us = clock_monotonic_us();
	uint64_t checksum = hash_view(block, 0);
	double checksum_ms = seconds_since(begin_us) * 1e3;
	if (r < 0)
		die("open", r);
	/* text without line ends; each value as the four bytes that a caller passes */
	double own = (double)(list.size - names) + 4.0 * (double)index.values;
	size_t count = names < QUERIES ? names : QUERIES, false_found, true_found;
	cleanup(free) struct dname *absent = make_queries(1000003, QUERIES);
	cleanup(free) struct dname *present = pick_queries(buffer_view(&list), names, count);
	double absent_ns = measure(&index, absent, QUERIES, &false_found);
	double present_ns = measure(&index, present, count, &true_found);
	printf("%9zu %8.3f %10zu %7.2f %7.2f %7.0f %7.2f %9.1f %6zu %8.1f %7zu\n", names, build_s,
	       block.size, ((double)block.size - own) / (double)index.names,
	       ((double)block.size - (double)(list.size - names)) / (double)index.names, open_us,
	       checksum_ms, absent_ns, false_found, present_ns, true_found);
	if (true_found != count || checksum == 0)
		die("look-ups", ERR_INVALID);
	munmap((void *)(uintptr_t)block.bytes, block.size);
	buffer_done(&list);
	buffer_done(&image);
}

/* Half the prefixes are IPv4 of 8 to 32 bits, half IPv6 of 20 to 64 within 2000::/3. */
static unsigned make_address(uint64_t *state, bool is_ipv4, uint8_t ret[static 16])
{
	for (unsigned i = 0; i < 16; i++)
		ret[i] = (uint8_t)random_u64(state);
	ret[0] = is_ipv4 ? ret[0] : 0x20 | (ret[0] & 0x1f);
	return is_ipv4 ? 8 + (unsigned)(random_u64(state) % 25)
	               : 20 + (unsigned)(random_u64(state) % 45);
}

static double build_addresses(size_t prefixes, struct buffer *ret)
{
	struct address_index_builder b;
	uint8_t address[16];
	uint64_t state = 7;
	int64_t begin_us = clock_monotonic_us();
	address_index_builder_init(&b, prefixes);
	for (size_t i = 0; i < prefixes; i++) {
		unsigned bits = make_address(&state, i % 2, address);
		if (address_index_builder_add(&b, address, i % 2 ? 4 : 16, bits, VALUE) < 0)
			die("prefix", -ENOMEM);
	}
	int r = address_index_builder_finish(&b, ret);
	if (r < 0)
		die("prefixes", r);
	return seconds_since(begin_us);
}

static double measure_addresses(const struct address_index *index, size_t size, size_t *ret_found)
{
	uint64_t state = 1000003;
	cleanup(free) uint8_t(*queries)[16] = calloc(QUERIES, sizeof(*queries));
	if (!queries)
		die("queries", -ENOMEM);
	for (size_t i = 0; i < QUERIES; i++)
		make_address(&state, size == 4, queries[i]);
	double best = 1e9;
	for (int repeat = 0; repeat < REPEATS; repeat++) {
		struct address_match match[8];
		*ret_found = 0;
		int64_t begin_us = clock_monotonic_us();
		for (size_t i = 0; i < QUERIES; i++)
			*ret_found += address_index_find(index, queries[i], size, match, 8) != 0;
		double ns = seconds_since(begin_us) * 1e9 / QUERIES;
		best = ns < best ? ns : best;
	}
	return best;
}

static void run_addresses(size_t prefixes)
{
	struct buffer image = {0};
	struct address_index index;
	size_t found4, found6;
	double build_s = build_addresses(prefixes, &image);
	int r = address_index_open(buffer_view(&image), &index);
	if (r < 0)
		die("open", r);
	double ns4 = measure_addresses(&index, 4, &found4);
	double ns6 = measure_addresses(&index, 16, &found6);
	printf("%9zu %8.3f %10zu %8.1f %6zu %8.1f %6zu\n", prefixes, build_s, image.size, ns4,
	       found4, ns6, found6);
	buffer_done(&image);
}

int main(int argc, char **argv)
{
	static const size_t names[] = {1000, 100000, 1000000, 10000000};
	static const size_t prefixes[] = {1000, 10000, 100000, 1000000};
	printf("%9s %8s %10s %7s %7s %7s %7s %9s %6s %8s %7s\n", "names", "build_s", "bytes",
	       "B/name", "+value", "open_us", "sum_ms", "absent_ns", "found", "match_ns", "found");
	for (int i = 1; i < argc; i++)
		run_names(strtoul(argv[i], NULL, 10));
	for (size_t i = 0; argc == 1 && i < sizeof(names) / sizeof(*names); i++)
		run_names(names[i]);
	printf("\n%9s %8s %10s %8s %6s %8s %6s\n", "prefixes", "build_s", "bytes", "ipv4_ns",
	       "found", "ipv6_ns", "found");
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		run_addresses(prefixes[i]);
	return EXIT_SUCCESS;
}
