/* Plug-ins of VS Code and its forks, told by content: a package.json that names a publisher and the editor as engine,
 * and the list that an editor keeps of them. */
#include <stdio.h>

#include "scan/find.h"
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

void find_editor(struct scan *s, struct scan_file *f)
{
	cleanup(scan_json) json_t *root = scan_json_read(s, f, false);
	if (json_is_array(root))
		read_list(s, f, root);
	else if (json_is_object(root))
		read_plug_in(s, f, root);
}
