#include "daemon/places.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "daemon/protocol.h"

enum { FILE_SIZE_MAX = 1 << 30, TEXT_MAX = 120 };

const char *const places_kind_names[PLACES_KINDS] = {
	[PLACES_COUNTRY] = "database of countries", [PLACES_NETWORK] = "database of networks"};

/* Where databases of different makers keep the same thing; the first that is there counts. */
enum { PATHS_MAX = 4, PATH_SIZE = 3 };
static const char *const countries[PATHS_MAX][PATH_SIZE] = {
	{"country", "iso_code"}, {"country_code"}, {"registered_country", "iso_code"}, {"country"}};
static const char *const numbers[PATHS_MAX][PATH_SIZE] = {{"autonomous_system_number"}, {"asn"}};
static const char *const names[PATHS_MAX][PATH_SIZE] = {
	{"autonomous_system_organization"}, {"as_name"}, {"as_org"}, {"name"}};

struct places_files places_files_none(void)
{
	struct places_files f;
	for (int i = 0; i < PLACES_KINDS; i++)
		f.databases[i] = MEMORY_NONE;
	return f;
}

/* The kernel's name of the memory: what is behind the descriptor needs no path that is visible. */
static int open_database(const struct memory *memory, MMDB_s *ret)
{
	char path[32];
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", memory->fd);
	switch (MMDB_open(path, MMDB_MODE_MMAP, ret)) {
	case MMDB_SUCCESS: return OK;
	case MMDB_OUT_OF_MEMORY_ERROR: return -ENOMEM;
	case MMDB_FILE_OPEN_ERROR: return -EACCES;
	default: return ERR_MALFORMED;
	}
}

static int read_file(const char *path, struct memory *ret)
{
	MMDB_s database;
	cleanup(memory) struct memory memory = MEMORY_NONE;
	int code = memory_read_file("writ-places", path, FILE_SIZE_MAX, &memory);
	if (code == OK)
		code = open_database(&memory, &database);
	if (code < 0)
		return code;
	MMDB_close(&database);
	*ret = memory;
	memory = MEMORY_NONE;
	return OK;
}

int places_files_read(const struct packet_places_options *o, struct places_files *ret,
                      const char **ret_bad)
{
	const char *const paths[PLACES_KINDS] = {
		[PLACES_COUNTRY] = o->country, [PLACES_NETWORK] = o->network};
	struct places_files files = places_files_none();
	for (int i = 0; i < PLACES_KINDS; i++) {
		int code = paths[i] ? read_file(paths[i], &files.databases[i]) : OK;
		if (code < 0) {
			places_files_done(&files);
			*ret_bad = paths[i];
			return code;
		}
	}
	*ret = files;
	return OK;
}

int places_files_send(const struct places_files *f, int fd)
{
	int code = OK;
	for (int i = 0; code == OK && i < PLACES_KINDS; i++) {
		if (f->databases[i].bytes)
			code = protocol_send_places(fd, (uint8_t)i, f->databases[i].fd);
	}
	return code;
}

void places_files_done(struct places_files *f)
{
	for (int i = 0; i < PLACES_KINDS; i++)
		memory_close(&f->databases[i]);
}

struct places places_none(void)
{
	struct places p = {0};
	for (int i = 0; i < PLACES_KINDS; i++)
		p.databases[i].memory = MEMORY_NONE;
	return p;
}

static void close_database(struct places_database *d)
{
	if (d->is_open)
		MMDB_close(&d->database);
	d->is_open = false;
	memory_close(&d->memory);
}

int places_use(struct places *p, enum places_kind kind, struct memory *memory)
{
	MMDB_s database;
	int code = open_database(memory, &database);
	if (code < 0) {
		memory_close(memory);
		return code;
	}
	close_database(&p->databases[kind]);
	p->databases[kind] =
		(struct places_database){.is_open = true, .database = database, .memory = *memory};
	*memory = MEMORY_NONE;
	return OK;
}

void places_done(struct places *p)
{
	for (int i = 0; i < PLACES_KINDS; i++)
		close_database(&p->databases[i]);
}

static bool look_up(const MMDB_s *d, const struct address *address, MMDB_entry_s *ret)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	memcpy(&in.sin_addr, address->bytes, sizeof(in.sin_addr));
	memcpy(&in6.sin6_addr, address->bytes, sizeof(in6.sin6_addr));
	const void *at = address->size == 4 ? (const void *)&in : (const void *)&in6;
	int error;
	MMDB_lookup_result_s result = MMDB_lookup_sockaddr(d, at, &error);
	if (error != MMDB_SUCCESS || !result.found_entry)
		return false;
	*ret = result.entry;
	return true;
}

/* The first of the paths that leads to a text or a number. */
static bool get(MMDB_entry_s *entry, const char *const paths[PATHS_MAX][PATH_SIZE],
                MMDB_entry_data_s *ret)
{
	for (int i = 0; i < PATHS_MAX && paths[i][0]; i++) {
		const char *path[PATH_SIZE + 1] = {paths[i][0], paths[i][1], paths[i][2], NULL};
		if (MMDB_aget_value(entry, ret, path) == MMDB_SUCCESS && ret->has_data &&
		    (ret->type == MMDB_DATA_TYPE_UTF8_STRING || ret->type == MMDB_DATA_TYPE_UINT32))
			return true;
	}
	return false;
}

/* A maker may write anything: what is no plain text becomes '?'. */
static const char *text_of(const MMDB_entry_data_s *data, struct arena *arena)
{
	size_t size = data->data_size < TEXT_MAX ? data->data_size : TEXT_MAX;
	char text[TEXT_MAX];
	for (size_t i = 0; i < size; i++) {
		char c = data->utf8_string[i];
		text[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	return size ? arena_text(arena, view_of(text, size)) : NULL;
}

static const char *network_text(MMDB_entry_s *entry, struct arena *arena)
{
	MMDB_entry_data_s number, name;
	const char *called = get(entry, names, &name) && name.type == MMDB_DATA_TYPE_UTF8_STRING
	                             ? text_of(&name, arena)
	                             : NULL;
	if (!get(entry, numbers, &number))
		return called;
	if (number.type == MMDB_DATA_TYPE_UTF8_STRING) { /* "AS64500" */
		const char *as = text_of(&number, arena);
		return as && called ? arena_printf(arena, "%s %s", as, called) : as;
	}
	return arena_printf(arena, called ? "AS%u %s" : "AS%u", number.uint32, called);
}

const char *places_text(const struct places *p, enum places_kind kind,
                        const struct address *address, struct arena *arena)
{
	const struct places_database *d = &p->databases[kind];
	MMDB_entry_s entry;
	MMDB_entry_data_s country;
	if (!d->is_open || !look_up(&d->database, address, &entry))
		return NULL;
	if (kind == PLACES_NETWORK)
		return network_text(&entry, arena);
	return get(&entry, countries, &country) && country.type == MMDB_DATA_TYPE_UTF8_STRING
	               ? text_of(&country, arena)
	               : NULL;
}
