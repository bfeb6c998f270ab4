/* Plug-ins of JetBrains' editors: META-INF/plugin.xml in a jar has the id. */
#include <unistd.h>

#include "scan/find.h"
#include "scan/find_archive.h"
#include "scan/meet.h"

bool find_archive_member(struct scan *s, struct scan_file *f, const char *member,
                         struct buffer *ret)
{
	cleanup(fd) int fd = scan_open(s, f);
	int code = fd < 0 ? ERR_MISSING : archive_member_read(fd, member, ret);
	if (code == ERR_DENIED)
		scan_unread(s, f->path, "there is no libarchive to open it");
	else if (code < 0 && code != ERR_MISSING)
		scan_unread(s, f->path, err_text(code));
	return code == OK;
}

/* The text of the first element of that name. */
static struct view element(struct view xml, const char *open)
{
	const uint8_t *at = xml.size ? memmem(xml.bytes, xml.size, open, strlen(open)) : NULL;
	if (!at)
		return (struct view){0};
	struct view rest = view_skip(xml, (size_t)(at - xml.bytes) + strlen(open));
	return view_trim(view_split(&rest, '<'));
}

void find_jetbrains(struct scan *s, struct scan_file *f)
{
	struct buffer xml = {0};
	if (find_archive_member(s, f, "META-INF/plugin.xml", &xml)) {
		struct view bytes = buffer_view(&xml), id = element(bytes, "<id>"),
			    name = element(bytes, "<name>");
		if (!scan_meet_app(s, f, "editor plug-in", id, element(bytes, "<version>")) &&
		    !scan_meet_package(s, f, "jetbrains", id, element(bytes, "<version>")))
			(void)scan_meet_package(s, f, "jetbrains", name, (struct view){0});
	}
	archive_member_done(&xml);
}
