/* Copies of repositories: where git and pip keep that they came from. */
#include <stdio.h>

#include "scan/find.h"
#include "scan/json.h"
#include "scan/meet.h"
#include "scan/text.h"
#include "scan/url.h"

enum { ADDRESS_SIZE = 512 };

static struct view without_ending(struct view v, const char *ending)
{
	size_t size = strlen(ending);
	if (v.size > size && view_is(view_of(v.bytes + v.size - size, size), ending))
		v.size -= size;
	return v;
}

/* `https://user:token@HOST:443/PATH.git`, `git@HOST:PATH.git`. False: a folder of this machine. */
static bool split_address(struct view address, struct view *ret_host, struct view *ret_path)
{
	if (address.size == 0)
		return false;
	bool has_scheme = memmem(address.bytes, address.size, "://", 3);
	struct view rest = address, host = scan_url_read(address).host;
	const uint8_t *at = memchr(address.bytes, '@', address.size);
	if (has_scheme && host.size) {
		rest = view_skip(rest, (size_t)(host.bytes - rest.bytes) + host.size);
		(void)view_split(&rest, '/');
	} else if (!has_scheme && at) {
		rest = view_skip(rest, (size_t)(at - rest.bytes) + 1);
		host = view_split(&rest, ':');
	} else {
		return false;
	}
	while (rest.size && rest.bytes[0] == '/')
		rest = view_skip(rest, 1);
	while (rest.size && rest.bytes[rest.size - 1] == '/')
		rest.size--;
	*ret_host = host;
	*ret_path = without_ending(rest, ".git");
	return host.size && rest.size;
}

static bool is_store_of_models(struct view host)
{
	static const char *const hosts[] = {"huggingface.co", "hf.co", "hf-mirror.com",
	                                    "modelscope.cn", "www.modelscope.cn"};
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		if (view_is_nocase(host, hosts[i]))
			return true;
	}
	return false;
}

/* What follows ? or # may be a key, and says nothing of the repository. */
static struct view without_query(struct view v)
{
	size_t size = 0;
	while (size < v.size && v.bytes[size] != '?' && v.bytes[size] != '#')
		size++;
	return view_of(v.bytes, size);
}

static void put_address(struct scan *s, const struct scan_file *f, struct view address)
{
	char repository[ADDRESS_SIZE];
	struct view host, path;
	address = without_query(address);
	if (!split_address(address, &host, &path) || host.size + path.size + 2 > ADDRESS_SIZE)
		return;
	size_t size = (size_t)snprintf(repository, sizeof(repository), VIEW_FMT "/" VIEW_FMT,
	                               VIEW_ARG(host), VIEW_ARG(path));
	if (is_store_of_models(host))
		(void)scan_meet_model(s, f, path, SCAN_MODEL_NAMED);
	else
		(void)scan_meet_package(s, f, "git", view_of(repository, size), (struct view){0});
}

/* [remote "origin"]
 *         url = ADDRESS */
static void read_settings(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		struct view value = line, key = view_trim(view_split(&value, '='));
		if (view_is(key, "url"))
			put_address(s, f, view_trim(value));
	}
}

/* {"url": ADDRESS, "vcs_info": {...}} beside an installed package of Python */
static void read_direct_url(struct scan *s, struct scan_file *f)
{
	cleanup(scan_json) json_t *root = scan_json_read(s, f, false);
	if (json_object_get(root, "vcs_info"))
		put_address(s, f, scan_json_text(root, "url"));
}

void find_git(struct scan *s, struct scan_file *f)
{
	if (strcmp(f->name, "direct_url.json") == 0)
		read_direct_url(s, f);
	else
		read_settings(s, f);
}
