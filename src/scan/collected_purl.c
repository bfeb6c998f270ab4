#include "scan/collected_purl.h"

/* What a type of package URLs is beside a package; registries have the names that finders give them. */
static const struct type {
	const char *type, *registry;
	enum collected_kind kind;
} types[] = {
	{"huggingface", "", COLLECTED_MODEL},
	{"golang", "go", COLLECTED_PACKAGE},
	{"vscode-extension", "", COLLECTED_EXTENSION},
};

int collected_purl_read(struct view text, struct collected_purl *room, struct collected_item *item)
{
	int code = purl_parse(text, &room->purl);
	if (code < 0)
		return code;
	item->kind = COLLECTED_PACKAGE;
	item->registry = view_text(room->purl.type);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(room->purl.type, types[i].type) == 0) {
			item->kind = types[i].kind;
			item->registry = view_text(types[i].registry);
		}
	}
	/* publisher/name is written publisher.name where extensions are listed */
	char *slash = item->kind == COLLECTED_EXTENSION ? strchr(room->purl.name, '/') : NULL;
	if (slash)
		*slash = '.';
	item->id = view_text(room->purl.name);
	item->version = view_text(room->purl.version);
	return OK;
}
