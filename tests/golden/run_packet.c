/* run_packet.c - reads a capture with the packet gate's core and prints what it would have recorded, a line of JSON
 * for each kind of event, in the order of bytes.
 *
 * usage: run_packet POLICY.image CAPTURE.pcap     (classic pcap of packets from their IP header on, DLT_RAW) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "source/file.h"
#include "tests/gate_packet/scene.h"

enum { FILE_MAX = 16 << 20, LINES_MAX = 256, RECORD_SIZE = 16, HEADER_SIZE = 24, LINK_RAW = 101 };

struct lines {
	char *text[LINES_MAX];
	size_t count;
	struct arena arena;
	void *context; /* the policy */
};

static const char *text_of(const struct policy *p, uint32_t text)
{
	return text ? policy_text(p, text) : "";
}

static void resolve(void *context, const struct event_record *e, struct arena *arena,
                    struct event_texts *ret)
{
	const struct policy *p = context;
	const struct image_identifier *id = policy_identifier(p, e->identifier);
	const struct image_obligation *o = policy_obligation(p, e->obligation);
	const struct image_unit *u = policy_unit(p, e->unit);
	(void)arena;
	ret->identifier = id ? text_of(p, id->id) : "";
	ret->order = o ? text_of(p, policy_order(p, o->order)->id) : "";
	ret->unit = u ? text_of(p, u->id) : "";
}

static const char *no_subject(void *context, const struct event_record *e, struct arena *arena)
{
	(void)context, (void)e, (void)arena;
	return NULL;
}

static void print_event(struct lines *l, const struct event_record *record, struct buffer *out)
{
	struct json_writer j = {.out = out};
	struct event_names names = {resolve, no_subject, l->context};
	struct event e;
	event_resolve(record, 1, record->time_us, &names, &l->arena, &e);
	json_object_begin(&j, NULL);
	json_text(&j, "destination", e.destination ? e.destination : "");
	json_text(&j, "identifier", e.identifier);
	json_text(&j, "name", e.name ? e.name : "");
	json_text(&j, "order", e.order);
	json_int(&j, "port", e.port);
	json_text(&j, "transport", e.transport ? e.transport : "");
	json_text(&j, "unit", e.unit);
	json_text(&j, "verdict", e.verdict);
	json_object_end(&j);
}

static void on_event(void *context, const struct event_record *event, const struct flow_key *key,
                     const struct flow_claim *claim)
{
	struct lines *l = context;
	struct buffer out = {0};
	(void)key, (void)claim;
	if (event->is_more)
		return;
	print_event(l, event, &out);
	char *text = buffer_take(&out);
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->text[i], text) == 0) {
			free(text);
			return;
		}
	}
	if (l->count == LINES_MAX)
		abort();
	l->text[l->count++] = text;
}

static uint32_t number_at(const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof(value));
	return value;
}

static int take_capture(struct packet_core *core, struct view file)
{
	struct packet_decision decision;
	if (file.size < HEADER_SIZE || number_at(file.bytes) != 0xa1b2c3d4 ||
	    number_at(file.bytes + 20) != LINK_RAW)
		return ERR_MALFORMED;
	file = view_skip(file, HEADER_SIZE);
	while (file.size >= RECORD_SIZE) {
		int64_t us = (int64_t)number_at(file.bytes) * SECOND_US + number_at(file.bytes + 4);
		size_t size = number_at(file.bytes + 8);
		struct packet_now now = {.wall_us = us, .steady_us = us};
		file = view_skip(file, RECORD_SIZE);
		if (size > file.size)
			return ERR_TRUNCATED;
		struct flow_packet p = {.bytes = view_of(file.bytes, size), .now_us = us};
		packet_core_take(core, &p, &now, &decision);
		packet_core_tick(core, &now);
		file = view_skip(file, size);
	}
	return file.size ? ERR_TRUNCATED : OK;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int run(const struct policy *policy, struct view capture, struct lines *lines)
{
	struct arena arena;
	struct packet_options options;
	struct dns_options dns;
	struct packet_stats stats = {0};
	struct watched *watched;
	cleanup(packet_core) struct packet_core *core = NULL;
	arena_init(&arena, 0);
	scene_options("mode: routed\n", &arena, &options);
	fixture_options("", &arena, &dns);
	if (watched_new(1, &watched) < 0)
		abort();
	struct packet_core_setup setup = {.options = &options,
	                                  .block = &dns.block,
	                                  .cores = 1,
	                                  .policy = policy,
	                                  .stats = &stats,
	                                  .watched = watched,
	                                  .on_event = on_event,
	                                  .context = lines,
	                                  .seed = 7};
	int code = packet_core_new(&setup, &core);
	if (code == OK)
		code = take_capture(core, capture);
	watched_free(watched);
	arena_done(&arena);
	return code;
}

int main(int argc, char **argv)
{
	struct buffer image = {0}, capture = {0};
	struct policy policy;
	struct lines lines = {.context = &policy};
	arena_init(&lines.arena, 0);
	if (argc != 3) {
		fprintf(stderr, "usage: %s POLICY.image CAPTURE.pcap\n", argv[0]);
		return EXIT_FAILURE;
	}
	int code = file_read(argv[1], FILE_MAX, &image);
	code = code < 0 ? code : file_read(argv[2], FILE_MAX, &capture);
	code = code < 0 ? code : policy_open(buffer_view(&image), &policy);
	code = code < 0 ? code : run(&policy, buffer_view(&capture), &lines);
	qsort(lines.text, lines.count, sizeof(*lines.text), compare);
	for (size_t i = 0; i < lines.count; i++) {
		puts(lines.text[i]);
		free(lines.text[i]);
	}
	arena_done(&lines.arena);
	buffer_done(&image);
	buffer_done(&capture);
	if (code < 0)
		fprintf(stderr, "%s: %s\n", argv[2], err_text(code));
	return code < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
