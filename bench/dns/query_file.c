#include "query_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { LABEL_MAX = 63, TEXT_MAX = 253 };

struct growing {
	struct query_file file;
	size_t used, room, rows_room;
};

static int type_of(const char *text)
{
	static const struct {
		const char *text;
		int type;
	} types[] = {{"A", 1}, {"AAAA", 28}, {"HTTPS", 65}};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(text, types[i].text) == 0)
			return types[i].type;
	}
	return -1;
}

/* Returns the packet's size, or 0 when the name is none. */
static size_t write_packet(const char *name, int type, uint8_t packet[static QUERY_PACKET_MAX])
{
	static const uint8_t header[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
	static const uint8_t opt[] = {0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, 0, 0, 0, 0};
	size_t at = sizeof(header);
	memcpy(packet, header, sizeof(header));
	if (strlen(name) > TEXT_MAX)
		return 0;
	for (const char *label = name; *label;) {
		size_t size = strcspn(label, ".");
		if (size == 0 || size > LABEL_MAX)
			return 0;
		packet[at++] = (uint8_t)size;
		memcpy(packet + at, label, size);
		at += size;
		label += size + (label[size] == '.');
	}
	const uint8_t rest[] = {0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1};
	memcpy(packet + at, rest, sizeof(rest));
	memcpy(packet + at + sizeof(rest), opt, sizeof(opt));
	return at + sizeof(rest) + sizeof(opt);
}

static int grow(void *array_slot, size_t needed, size_t size, size_t *room)
{
	if (needed <= *room)
		return OK;
	void **array = array_slot;
	size_t next = needed * 2 + 65536;
	void *bigger = realloc(*array, next * size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*room = next;
	return OK;
}

static int add_line(struct growing *g, const char *line)
{
	char name[TEXT_MAX + 3], type[16], demand[16];
	uint8_t packet[QUERY_PACKET_MAX];
	if (sscanf(line, "%255s %15s %15s", name, type, demand) != 3 || type_of(type) < 0)
		return ERR_MALFORMED;
	size_t size = write_packet(name, type_of(type), packet);
	if (size == 0)
		return ERR_MALFORMED;
	int r = grow(&g->file.packets, g->used + size, 1, &g->room);
	if (r == OK)
		r = grow(&g->file.rows, g->file.count + 1, sizeof(g->file.rows[0]), &g->rows_room);
	if (r < 0)
		return r;
	memcpy(g->file.packets + g->used, packet, size);
	g->file.rows[g->file.count++] =
		(struct query_row){(uint32_t)g->used, (uint16_t)size, strcmp(demand, "block") == 0};
	g->used += size;
	return OK;
}

int query_file_read(const char *path, struct query_file *ret)
{
	cleanup(file) FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	struct growing g = {0};
	char line[512];
	int r = OK;
	while (r == OK && fgets(line, sizeof(line), file))
		r = add_line(&g, line);
	if (r == OK && (ferror(file) || g.file.count == 0))
		r = ERR_MALFORMED;
	if (r < 0) {
		query_file_done(&g.file);
		return r;
	}
	*ret = g.file;
	return OK;
}

void query_file_done(struct query_file *f)
{
	free(f->packets);
	free(f->rows);
}
