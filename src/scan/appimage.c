#include "scan/appimage.h"

#include <elf.h>
#include <string.h>

enum { MAGIC_AT = 8, MAGIC_SIZE = 3 };

/* What both forms of an ELF file say alike. */
struct sections {
	uint64_t at;
	uint32_t count, size;
	bool is_wide;
};

enum appimage_type appimage_type_of(struct view first)
{
	if (first.size < MAGIC_AT + MAGIC_SIZE || memcmp(first.bytes, ELFMAG, SELFMAG) != 0)
		return APPIMAGE_NONE;
	if (first.bytes[MAGIC_AT] != 'A' || first.bytes[MAGIC_AT + 1] != 'I')
		return APPIMAGE_PROGRAM;
	uint8_t type = first.bytes[MAGIC_AT + 2];
	return type == APPIMAGE_ISO || type == APPIMAGE_IMAGE ? type : APPIMAGE_PROGRAM;
}

/* No bytes where some should be: it breaks its format. */
static int read_at(const struct byte_source *b, uint64_t at, void *to, size_t size)
{
	int code = byte_source_read(b, at, to, size);
	return code == ERR_TRUNCATED ? ERR_MALFORMED : code;
}

static int read_head(const struct byte_source *b, struct sections *ret)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf32_Ehdr narrow;
		Elf64_Ehdr wide;
	} head = {0};
	int code = byte_source_read(b, 0, head.ident, sizeof(head.ident));
	if (code == ERR_TRUNCATED || (code == OK && memcmp(head.ident, ELFMAG, SELFMAG) != 0) ||
	    (code == OK && head.ident[EI_DATA] != ELFDATA2LSB))
		return ERR_MISSING;
	bool is_wide = head.ident[EI_CLASS] == ELFCLASS64;
	if (code == OK)
		code = read_at(b, 0, &head, is_wide ? sizeof(head.wide) : sizeof(head.narrow));
	if (code < 0)
		return code;
	*ret = is_wide ? (struct sections){head.wide.e_shoff, head.wide.e_shnum,
	                                   head.wide.e_shentsize, true}
	               : (struct sections){head.narrow.e_shoff, head.narrow.e_shnum,
	                                   head.narrow.e_shentsize, false};
	return OK;
}

/* Where the last section ends; it may be that of a signature, behind the table. */
static int read_last(const struct byte_source *b, const struct sections *s, uint64_t *ret)
{
	Elf32_Shdr narrow = {0};
	Elf64_Shdr wide = {0};
	size_t size = s->is_wide ? sizeof(wide) : sizeof(narrow);
	if (s->count == 0 || s->size != size)
		return ERR_MALFORMED;
	int code = read_at(b, s->at + (uint64_t)(s->count - 1) * size,
	                   s->is_wide ? (void *)&wide : &narrow, size);
	if (code < 0)
		return code;
	uint64_t at = s->is_wide ? wide.sh_offset : narrow.sh_offset;
	uint64_t length = s->is_wide ? wide.sh_size : narrow.sh_size;
	if (at > b->size || length > b->size - at)
		return ERR_MALFORMED;
	*ret = at + length;
	return OK;
}

int appimage_find(const struct byte_source *b, uint64_t *ret_at)
{
	struct sections s;
	uint64_t last = 0;
	int code = read_head(b, &s);
	if (code == OK && s.at > b->size)
		code = ERR_MALFORMED;
	if (code == OK)
		code = read_last(b, &s, &last);
	if (code < 0)
		return code;
	uint64_t end = s.at + (uint64_t)s.count * s.size;
	*ret_at = end > last ? end : last;
	return OK;
}
