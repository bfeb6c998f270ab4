#include <stdio.h>
#include <string.h>

#include "scan/collected_meet.h"

/* What stands in a path before a part of somebody's home, and how identifiers write it. The next part is whose home
 * it is. */
static const struct home {
	const char *begin, *stands_for;
} homes[] = {
	{":\\Users\\", "~\\"}, {":/Users/", "~\\"},  {"/Users/", "~/"},
	{"/home/", "~/"},      {"/var/home/", "~/"},
};
static const struct {
	const char *begin, *stands_for;
} folders[] = {
	{"~\\AppData\\Local\\", "%LOCALAPPDATA%\\"},
	{"~\\AppData\\Roaming\\", "%APPDATA%\\"},
};

/* Behind the begin of one of homes[] and the name after it; NULL when it is none. */
static const char *behind_home(const char *path, const struct home *h)
{
	size_t drive = h->begin[0] == ':' && *path ? 1 : 0, size = strlen(h->begin);
	if (strncasecmp(path + drive, h->begin, size) != 0)
		return NULL;
	const char *name = path + drive + size;
	size_t end = strcspn(name, "/\\");
	return end && name[end] ? name + end + 1 : NULL;
}

bool collected_home_path(struct view path, char ret[static COLLECTED_PATH_SIZE])
{
	char own[COLLECTED_PATH_SIZE], home[COLLECTED_PATH_SIZE];
	if (path.size >= sizeof(own) - 16 ||
	    memchr(path.bytes ? path.bytes : (const uint8_t *)"", 0, path.size))
		return false;
	(void)snprintf(own, sizeof(own), VIEW_FMT, VIEW_ARG(path));
	const char *rest = strncmp(own, "/root/", 6) == 0 ? own + 6 : NULL, *stands_for = "~/";
	for (size_t i = 0; !rest && i < sizeof(homes) / sizeof(*homes); i++) {
		rest = behind_home(own, &homes[i]);
		stands_for = homes[i].stands_for;
	}
	if (!rest)
		return false;
	(void)snprintf(home, sizeof(home), "%s%.*s", stands_for, COLLECTED_PATH_SIZE - 8, rest);
	for (char *c = home; stands_for[1] == '\\' && *c; c++)
		*c = *c == '/' ? '\\' : *c;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		size_t size = strlen(folders[i].begin);
		if (strncasecmp(home, folders[i].begin, size) == 0) {
			(void)snprintf(ret, COLLECTED_PATH_SIZE, "%s%.*s", folders[i].stands_for,
			               COLLECTED_PATH_SIZE - 24, home + size);
			return true;
		}
	}
	(void)snprintf(ret, COLLECTED_PATH_SIZE, "%s", home);
	return true;
}
