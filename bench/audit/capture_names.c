/* capture_names - every name that the flows of a capture ask for: what compare.py puts beside tshark's.
 *
 * usage: capture_names [-q] FILE...
 * Prints a line for each: FILE protocol tcp|udp client port server port name. -q: only how many, and packets. Writ
 * itself never tells what is allowed, so this is a program of the benches. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/capture_file.h"
#include "base/cleanup.h"
#include "flow/flow.h"

#ifndef BLOCK
#	define BLOCK (256 * 1024)
#endif

struct listener {
	const char *path;
	bool is_quiet;
	uint64_t claims, names;
};

static void hear(void *context, const struct flow_key *key, const struct flow_claim *claim,
                 uint64_t packet)
{
	struct listener *l = context;
	char client[ADDRESS_TEXT_SIZE], server[ADDRESS_TEXT_SIZE];
	l->claims++;
	if (claim->name.size == 0)
		return;
	l->names++;
	if (l->is_quiet)
		return;
	printf("%s\t%s\t%s\t%s\t%u\t%s\t%u\t" VIEW_FMT "\t%llu\n", l->path,
	       flow_protocol_names[claim->protocol], key->protocol == FLOW_TCP ? "tcp" : "udp",
	       address_print(&key->client, client), key->client_port,
	       address_print(&key->server, server), key->server_port, VIEW_ARG(claim->name),
	       (unsigned long long)packet);
}

static int read_blocks(int fd, const struct audit_format *format, void *reader, uint8_t *room,
                       size_t size)
{
	int r = format->read(reader, view_of(room, size));
	while (r == OK) {
		ssize_t count = read(fd, room, BLOCK);
		if (count <= 0)
			return count < 0 ? -errno : OK;
		r = format->read(reader, view_of(room, (size_t)count));
	}
	return r;
}

static int read_capture(int fd, uint8_t *room, struct listener *l)
{
	char example[FINDING_EXAMPLE_SIZE];
	struct findings_source coverage = {.first_us = TIME_MIN, .last_us = TIME_MIN};
	const struct audit_context context = {.coverage = &coverage, .example = example};
	ssize_t size = read(fd, room, BLOCK);
	struct view first = view_of(room, size > 0 ? (size_t)size : 0);
	const struct audit_format *format = audit_format_find(first);
	void *reader = NULL;
	if (!format || format->read != capture_file_read)
		return ERR_MISSING;
	int r = format->open(&context, first, &reader);
	if (r < 0)
		return r;
	capture_listen(capture_file_capture(reader), hear, l);
	r = read_blocks(fd, format, reader, room, first.size);
	int last = format->finish(reader);
	format->close(reader);
	fprintf(stderr,
	        "%s: %s: %llu packets, %llu not understood, %llu claims, %llu names" VIEW_FMT "\n",
	        l->path, format->name, (unsigned long long)coverage.items,
	        (unsigned long long)coverage.not_understood, (unsigned long long)l->claims,
	        (unsigned long long)l->names, VIEW_ARG(coverage.problem));
	return r < 0 ? r : last;
}

static int read_file(const char *path, bool is_quiet)
{
	struct listener l = {.path = path, .is_quiet = is_quiet};
	cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	cleanup(free) uint8_t *room = malloc(BLOCK);
	if (fd < 0 || !room)
		return -errno;
	return read_capture(fd, room, &l);
}

int main(int argc, char **argv)
{
	bool is_quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
	int status = EXIT_SUCCESS;
	for (int i = is_quiet ? 2 : 1; i < argc; i++) {
		int r = read_file(argv[i], is_quiet);
		if (r < 0) {
			fprintf(stderr, "%s: %s\n", argv[i], err_text(r));
			status = EXIT_FAILURE;
		}
	}
	return status;
}
