/* Plug-ins of VS Code and its forks, told by content wherever an editor was told to keep them: a package.json that names a
 * publisher and the editor as engine, one in a package that is installed from (.vsix), and the list that an editor keeps. */
#include <stdio.h>

#include "scan/find.h"
#include "scan/find_archive.h"
#include "scan/json.h"
#include "scan/meet.h"

static void put(struct scan *s, const struct scan_file *f, struct view id, struct view version)
{
	if (!scan_meet_app(s, f, "editor plug-in", id, version))
		(void)scan_meet_package(s, f, "vscode", id, version);
}

static void read_plug_in(struct scan *s, const struct scan_file *f, const json_t *root)
{
	char id[SCAN_TEXT_MAX];
	struct view publisher = scan_json_text(root, "publisher"),
		    name = scan_json_text(root, "name");
	if (!json_object_get(json_object_get(root, "engines"), "vscode") || !publisher.size ||
	    publisher.size > 128 || name.size > 128)
		return;
	(void)snprintf(id, sizeof(id), VIEW_FMT "." VIEW_FMT, VIEW_ARG(publisher), VIEW_ARG(name));
	put(s, f, view_text(id), scan_json_text(root, "version"));
}

/* extensions.json: [{"identifier": {"id": "publisher.name"}, "version": ...}] */
static void read_list(struct scan *s, const struct scan_file *f, const json_t *root)
{
	size_t i;
	json_t *item;
	json_array_foreach(root, i, item)
		put(s, f, scan_json_text(json_object_get(item, "identifier"), "id"),
	            scan_json_text(item, "version"));
}

/* Most package.json are of Node.js alone, and read by find_node.c. */
static bool may_be_plug_in(const struct scan_file *f)
{
	static const char engine[] = "\"vscode\"";
	return strcmp(f->name, "package.json") != 0 ||
	       (f->bytes.size && memmem(f->bytes.bytes, f->bytes.size, engine, strlen(engine)));
}

void find_editor(struct scan *s, struct scan_file *f)
{
	cleanup(scan_json) json_t *root = may_be_plug_in(f) ? scan_json_read(s, f, false) : NULL;
	if (json_is_array(root))
		read_list(s, f, root);
	else if (json_is_object(root))
		read_plug_in(s, f, root);
}

void find_vsix(struct scan *s, struct scan_file *f)
{
	struct buffer bytes = {0};
	if (find_archive_member(s, f, "extension/package.json", &bytes)) {
		struct scan_file member = *f;
		member.bytes = buffer_view(&bytes);
		cleanup(scan_json) json_t *root = scan_json_read(s, &member, false);
		if (json_is_object(root))
			read_plug_in(s, f, root);
	}
	archive_member_done(&bytes);
}
