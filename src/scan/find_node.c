/* package.json and deno.json: what is installed in a node_modules, and what a project asks for. */
#include "scan/find.h"
#include "scan/json.h"
#include "scan/meet.h"
#include "scan/npm_spec.h"

static const char *const dependencies[] = {"dependencies", "devDependencies",
                                           "optionalDependencies", "peerDependencies", NULL};

/* What is asked for by another name is what that stands for. */
static void read_dependencies(struct scan *s, const struct scan_file *f, const json_t *table)
{
	const char *name;
	json_t *version;
	json_object_foreach((json_t *)(uintptr_t)table, name, version)
	{
		struct npm_spec spec = {.name = view_text(name)};
		(void)npm_spec_parse_alias(view_text(json_string_value(version)), &spec);
		(void)scan_meet_package(s, f, "npm", spec.name, (struct view){0});
	}
}

/* Deno: "imports": {NAME: "npm:NAME@RANGE"}, also in a file of its own. */
static void read_imports(struct scan *s, const struct scan_file *f, const json_t *imports)
{
	const char *name;
	json_t *value;
	struct npm_spec spec;
	json_object_foreach((json_t *)(uintptr_t)imports, name, value)
	{
		if (npm_spec_parse_alias(view_text(json_string_value(value)), &spec))
			(void)scan_meet_package(s, f, "npm", spec.name, (struct view){0});
	}
}

void find_node(struct scan *s, struct scan_file *f)
{
	bool is_deno = strcmp(f->name, "package.json") != 0;
	cleanup(scan_json) json_t *root = scan_json_read(s, f, is_deno);
	/* a plug-in of an editor is find_editor.c's */
	if (!json_is_object(root) || json_object_get(json_object_get(root, "engines"), "vscode"))
		return;
	read_imports(s, f, json_object_get(root, "imports"));
	if (is_deno)
		return;
	(void)scan_meet_package(s, f, "npm", scan_json_text(root, "name"),
	                        scan_json_text(root, "version"));
	for (size_t i = 0; dependencies[i]; i++)
		read_dependencies(s, f, json_object_get(root, dependencies[i]));
}
