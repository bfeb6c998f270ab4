#include "source/policy_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "policy/organisation_schema.h"
#include "source/file.h"
#include "source/zones.h"

enum { ORGANISATION_SIZE_MAX = 64 << 20 };

/* The texts of the lists, mapped: they can be hundreds of megabytes. */
struct lists {
	struct view *texts;
	char **files;
	size_t count;
};

static int map_file(const char *path, struct view *ret)
{
	struct stat st;
	cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size == 0)
		return OK;
	void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	*ret = view_of(bytes, (size_t)st.st_size);
	return OK;
}

static void lists_done(struct lists *l)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->texts[i].size)
			(void)munmap((void *)(uintptr_t)l->texts[i].bytes, l->texts[i].size);
		free(l->files[i]);
	}
	free(l->texts);
	free(l->files);
}

static void check_pin(const struct list_product *list, struct view text, struct problems *p)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof(hash) + 1];
	if (!list->sha256)
		return;
	crypto_hash_sha256(hash, text.bytes, text.size);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	if (strcasecmp(hex, list->sha256) == 0)
		return;
	struct config_place at = config_place_of(&list_product_schema, list, "sha256");
	problem_add(p, at.file, at.line, at.column,
	            "list \"%s\" has SHA-256 %s, expected the pinned one", list->id, hex);
}

static int lists_load(const char *organisation_file, const struct organisation *o,
                      struct lists *ret, struct problems *p)
{
	const struct list_product *all = o->lists.items;
	ret->texts = calloc(o->lists.count + 1, sizeof(*ret->texts));
	ret->files = calloc(o->lists.count + 1, sizeof(*ret->files));
	if (!ret->texts || !ret->files)
		return -ENOMEM;
	for (size_t i = 0; i < o->lists.count; i++, ret->count++) {
		ret->files[i] = file_beside(organisation_file, all[i].file);
		int r = ret->files[i] ? map_file(ret->files[i], &ret->texts[i]) : -ENOMEM;
		struct config_place at = config_place_of(&list_product_schema, &all[i], "file");
		if (r < 0)
			problem_add(p, at.file, at.line, at.column,
			            "cannot read list %s: %s, expected a file", all[i].file,
			            err_text(r));
		else
			check_pin(&all[i], ret->texts[i], p);
	}
	return OK;
}

static int read_organisation(const char *path, struct arena *a, struct problems *p,
                             struct organisation *ret)
{
	struct buffer text = {0};
	int r = file_read(path, ORGANISATION_SIZE_MAX, &text);
	if (r < 0) {
		problem_add(p, path, 0, 0, "cannot read the file: %s", err_text(r));
		return ERR_INVALID;
	}
	r = organisation_read(path, buffer_view(&text), a, p, ret);
	buffer_done(&text);
	return r;
}

static int compile(const struct catalogue *c, const char *file, const struct organisation *o,
                   struct buffer *ret, struct policy_counts *ret_counts, struct problems *warnings,
                   struct problems *p)
{
	struct lists lists = {0};
	struct zones zones = {0};
	size_t before = p->count;
	int r = lists_load(file, o, &lists, p);
	if (r == OK)
		r = zones_load(o, &zones, p);
	if (r == OK && p->count != before)
		r = ERR_INVALID;
	struct policy_sources from = {
		.products = c->products,
		.product_count = c->product_count,
		.orders = c->orders,
		.order_count = c->order_count,
		.organisation = o,
		.lists = lists.texts,
		.list_files = (const char *const *)lists.files,
		.zones = zones.files,
	};
	if (r == OK)
		r = policy_compile(&from, ret, ret_counts, warnings, p);
	zones_done(&zones);
	lists_done(&lists);
	return r;
}

int policy_source_compile(const struct policy_source *s, struct buffer *ret,
                          struct policy_counts *ret_counts, struct problems *warnings,
                          struct problems *p)
{
	struct catalogue c = {0};
	struct organisation o;
	struct arena arena;
	arena_init(&arena, 0);
	int loaded = catalogue_load(s->catalogue, &c, p);
	int r = read_organisation(s->organisation, &arena, p, &o);
	if (loaded < 0)
		r = loaded;
	if (r == OK)
		r = compile(&c, s->organisation, &o, ret, ret_counts, warnings, p);
	if (loaded == OK)
		catalogue_done(&c);
	arena_done(&arena);
	return r;
}
