/* package.json: what is installed in a node_modules, and what a project asks for. */
#include "scan/find.h"
#include "scan/json.h"
#include "scan/meet.h"

static const char *const dependencies[] = {"dependencies", "devDependencies",
                                           "optionalDependencies", "peerDependencies", NULL};

void find_node(struct scan *s, struct scan_file *f)
{
	const char *name;
	json_t *version;
	cleanup(scan_json) json_t *root = scan_json_read(s, f, false);
	/* a plug-in of an editor is find_editor.c's */
	if (!json_is_object(root) || json_object_get(json_object_get(root, "engines"), "vscode"))
		return;
	(void)scan_meet_package(s, f, "npm", scan_json_text(root, "name"),
	                        scan_json_text(root, "version"));
	for (size_t i = 0; dependencies[i]; i++) {
		json_object_foreach(json_object_get(root, dependencies[i]), name, version)(void)
			scan_meet_package(s, f, "npm", view_text(name), (struct view){0});
	}
}
