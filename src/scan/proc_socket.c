#include "scan/proc_socket.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/decimal.h"

enum { FIELD_LOCAL = 1, FIELD_REMOTE = 2, FIELD_STATE = 3, FIELD_INODE = 9, FIELDS = 10 };

static int hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	                              : -1;
}

static bool hex(struct view text, size_t digits, uint32_t *ret)
{
	uint32_t value = 0;
	if (text.size != digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		int digit = hex_digit(text.bytes[i]);
		if (digit < 0)
			return false;
		value = value << 4 | (uint32_t)digit;
	}
	*ret = value;
	return true;
}

/* Words of 32 bits, each printed as the machine has it: in memory they are in the network's order. */
static bool endpoint(struct view text, bool is_ip6, struct address *ret, uint16_t *ret_port)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	uint8_t bytes[16];
	uint32_t port = 0, word = 0;
	size_t words = is_ip6 ? 4 : 1;
	struct view rest = text, digits = view_split(&rest, ':');
	if (!hex(rest, 4, &port) || digits.size != words * 8)
		return false;
	for (size_t i = 0; i < words; i++) {
		if (!hex(view_of(digits.bytes + i * 8, 8), 8, &word))
			return false;
		memcpy(bytes + i * 4, &word, sizeof(word));
	}
	bool is_mapped = is_ip6 && memcmp(bytes, mapped, sizeof(mapped)) == 0;
	*ret = is_mapped ? address_from_bytes(bytes + 12, 4) : address_from_bytes(bytes, words * 4);
	*ret_port = (uint16_t)port;
	return true;
}

static struct view next_field(struct view *rest)
{
	*rest = view_trim(*rest);
	size_t size = 0;
	while (size < rest->size && !view_is_space(rest->bytes[size]))
		size++;
	struct view field = view_of(rest->bytes, size);
	*rest = view_skip(*rest, size);
	return field;
}

int proc_socket_parse(struct view line, bool is_ip6, struct proc_socket *ret)
{
	struct view fields[FIELDS];
	struct proc_socket s = {0};
	uint32_t state = 0;
	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = next_field(&line);
	if (!endpoint(fields[FIELD_LOCAL], is_ip6, &s.local, &s.local_port) ||
	    !endpoint(fields[FIELD_REMOTE], is_ip6, &s.remote, &s.remote_port) ||
	    !hex(fields[FIELD_STATE], 2, &state) ||
	    decimal_parse(fields[FIELD_INODE], DECIMAL_DIGITS_MAX, &s.inode) < 0)
		return ERR_MALFORMED;
	s.state = (uint8_t)state;
	*ret = s;
	return OK;
}

static int add(struct proc_sockets *sockets, const struct proc_socket *row)
{
	if (sockets->count == PROC_SOCKETS_MAX) {
		sockets->dropped++;
		return OK;
	}
	if (sockets->count == sockets->capacity) {
		size_t capacity = sockets->capacity ? 2 * sockets->capacity : 64;
		struct proc_socket *rows = reallocarray(sockets->rows, capacity, sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		sockets->rows = rows;
		sockets->capacity = capacity;
	}
	sockets->rows[sockets->count++] = *row;
	return OK;
}

static int read_table(struct proc_sockets *sockets, const char *path, bool is_ip6)
{
	char line[512];
	struct proc_socket row;
	int code = OK;
	cleanup(file) FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	while (code == OK && fgets(line, sizeof(line), file)) {
		if (proc_socket_parse(view_text(line), is_ip6, &row) == OK)
			code = add(sockets, &row);
	}
	return code;
}

static int compare(const void *left, const void *right)
{
	const struct proc_socket *a = left, *b = right;
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

int proc_sockets_read(struct proc_sockets *sockets, const char *proc, const char *process)
{
	static const struct {
		const char *name;
		bool is_ip6;
	} tables[] = {{"tcp", false}, {"tcp6", true}, {"udp", false}, {"udp6", true}};
	char path[128];
	int code = OK;
	for (size_t i = 0; code == OK && i < sizeof(tables) / sizeof(*tables); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s/net/%s", proc, process, tables[i].name);
		code = read_table(sockets, path, tables[i].is_ip6);
		/* a kernel without IPv6 has no such table */
		if (code == -ENOENT && tables[i].is_ip6)
			code = OK;
	}
	if (sockets->count)
		qsort(sockets->rows, sockets->count, sizeof(*sockets->rows), compare);
	return code;
}

const struct proc_socket *proc_sockets_find(const struct proc_sockets *sockets, uint64_t inode)
{
	struct proc_socket key = {.inode = inode};
	return sockets->count && inode
	               ? bsearch(&key, sockets->rows, sockets->count, sizeof(key), compare)
	               : NULL;
}

/* "socket:[N]"; NULL for another file. */
static const struct proc_socket *socket_of(const struct proc_sockets *sockets, int folder,
                                           const char *name)
{
	char target[64];
	unsigned long long inode = 0;
	ssize_t size = readlinkat(folder, name, target, sizeof(target) - 1);
	target[size > 0 ? size : 0] = '\0';
	return sscanf(target, "socket:[%llu]", &inode) == 1 ? proc_sockets_find(sockets, inode)
	                                                    : NULL;
}

int proc_sockets_each(const struct proc_sockets *sockets, const char *proc, const char *process,
                      proc_socket_on *on, void *context)
{
	char path[128];
	const struct dirent *e;
	size_t count = 0;
	(void)snprintf(path, sizeof(path), "%s/%s/fd", proc, process);
	DIR *folder = opendir(path);
	if (!folder)
		return -errno;
	while (count <= PROC_FDS_MAX && (e = readdir(folder))) {
		if (e->d_name[0] == '.' || ++count > PROC_FDS_MAX)
			continue;
		const struct proc_socket *s = socket_of(sockets, dirfd(folder), e->d_name);
		if (s)
			on(context, s);
	}
	closedir(folder);
	return count > PROC_FDS_MAX ? ERR_LIMIT : OK;
}

void proc_sockets_done(struct proc_sockets *sockets)
{
	free(sockets->rows);
	*sockets = (struct proc_sockets){0};
}
